"""Schedule what follows from time alone: a term that ends, an edition a customer outgrew [P15]."""

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
    """Schedule a lead's repeat business.

    Called when a lead is won or no longer won, and after a renewal was raised, for the next one.
    """
    if not lead.is_customer or lead.closed_at is None:
        context.uow.jobs.cancel(RaiseRepeat, lead.id)
        return
    closed_on = lead.closed_at.astimezone(context.timezone).date()
    for upcoming in coming_up(lead, closed_on, context.playbook.repeat, year):
        args = RaiseRepeat(lead.id, upcoming.kind, year, upcoming.value, _stamp(lead.closed_at))
        key = f"repeat:{lead.id}:{args.signal}:{year}:{args.value}:{args.closed_at}"
        context.uow.jobs.add(Job(args, due_at(upcoming.on, context), key))


def come_due(job: Job[RaiseRepeat], context: Context) -> None:
    """Due work: raise the opportunity if the customer still is one by the same signature."""
    args = job.args
    lead = context.uow.leads(SYSTEM).get(args.lead_id)
    if not lead.is_customer or lead.closed_at is None or _stamp(lead.closed_at) != args.closed_at:
        return
    take_signal(lead, args.signal, job.unique_key, context, value=args.value)
    if args.signal is SignalKind.RENEWAL_DUE:
        plan_repeat(lead, context, args.year + 1)


def _stamp(at: datetime) -> int:
    return round(at.timestamp())
