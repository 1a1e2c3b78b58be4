"""What time alone says of a customer: a term that ends, an edition they have outgrown [P15]."""

from datetime import datetime

from handlers.core.context import Context
from handlers.followups.next_step import due_at
from handlers.signals.service import take_signal
from sales.leads import Lead
from sales.opportunities import coming_up
from sales.people import SYSTEM
from sales.signals import SignalKind
from storage.jobs import Job


def plan_repeat(lead: Lead, context: Context, year: int = 1) -> None:
    """A lead was won, or is not any more; or a renewal was brought up, and the next one comes."""
    if not lead.is_customer or lead.closed_at is None:
        context.uow.schedule.cancel("repeat", str(lead.id))
        return
    closed_on = lead.closed_at.astimezone(context.timezone).date()
    for one in coming_up(lead, closed_on, context.playbook.repeat, year):
        key = f"repeat:{lead.id}:{one.kind}:{year}:{one.value}:{_stamp(lead.closed_at)}"
        context.uow.schedule.add(Job(key, "repeat", str(lead.id), due_at(one.on, context)))


def come_due(work: Job, context: Context) -> None:
    """Due work: the day has come, and the customer still is one by the same signature."""
    _, _, kind, year, value, stamp = work.key.split(":")
    lead = context.uow.leads(SYSTEM).get(int(work.subject))
    if not lead.is_customer or lead.closed_at is None or _stamp(lead.closed_at) != stamp:
        return
    take_signal(lead, SignalKind(kind), work.key, context, value=int(value))
    if kind == SignalKind.RENEWAL_DUE:
        plan_repeat(lead, context, int(year) + 1)


def _stamp(at: datetime) -> str:
    return f"{at.timestamp():.0f}"
