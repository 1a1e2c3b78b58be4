"""What time alone says of a customer: a term that ends, an edition they have outgrown [P15]."""

from datetime import datetime

from handlers.core.context import Context
from handlers.core.due_dates import due_at
from handlers.signals.service import take_signal
from sales.jobs import Job, RaiseRepeat
from sales.leads import Lead
from sales.opportunities import coming_up
from sales.people import SYSTEM
from sales.signals import SignalKind


def plan_repeat(lead: Lead, context: Context, year: int = 1) -> None:
    """A lead was won, or is not any more; or a renewal was brought up, and the next one comes."""
    if not lead.is_customer or lead.closed_at is None:
        context.uow.jobs.cancel(RaiseRepeat, lead.id)
        return
    closed_on = lead.closed_at.astimezone(context.timezone).date()
    for one in coming_up(lead, closed_on, context.playbook.repeat, year):
        args = RaiseRepeat(lead.id, one.kind, year, one.value, _stamp(lead.closed_at))
        key = f"repeat:{lead.id}:{args.signal}:{year}:{args.value}:{args.closed_at}"
        context.uow.jobs.add(Job(args, due_at(one.on, context), key))


def come_due(job: Job[RaiseRepeat], context: Context) -> None:
    """Due work: the day has come, and the customer still is one by the same signature."""
    args = job.args
    lead = context.uow.leads(SYSTEM).get(args.lead_id)
    if not lead.is_customer or lead.closed_at is None or _stamp(lead.closed_at) != args.closed_at:
        return
    take_signal(lead, args.signal, job.unique_key, context, value=args.value)
    if args.signal is SignalKind.RENEWAL_DUE:
        plan_repeat(lead, context, args.year + 1)


def _stamp(at: datetime) -> int:
    return round(at.timestamp())
