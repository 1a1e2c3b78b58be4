"""Put a lead into the pool, for other subjects."""

from dataclasses import replace
from datetime import timedelta

from handlers.assignment.service import release_lead, show_new_owner
from handlers.core.context import Context
from handlers.followups.next_step import close_step
from sales.jobs import BriefOnPool, Job, ReviveLead
from sales.leads import Lead
from sales.notices import LeadPooled
from sales.people import SYSTEM
from sales.pool import PoolReason, PoolStay


def enter_pool(lead: Lead, reason: PoolReason, detail: str, context: Context) -> Lead:
    """Put the lead into the pool: end what its owner had open, and notify owner and leaders why."""
    uow = context.uow
    release_lead(lead, context)
    if waiting := context.followups.waiting_on(lead.id):
        close_step(waiting, context)
    uow.jobs.cancel(ReviveLead, lead.id)
    pooled = uow.leads(SYSTEM).save(
        replace(
            lead, owner_id=None, pooled_at=context.now, next_at=None, next_until=None, next_step=""
        )
    )
    stay = uow.stays.enter(
        PoolStay(
            lead_id=lead.id,
            team_id=lead.team_id,
            entered_at=context.now,
            reason=reason,
            detail=detail,
            former_owner_id=lead.owner_id,
            put_by=context.actor.id or None,
        )
    )
    show_new_owner(pooled, context)
    if lead.owner_id and lead.owner_id != context.actor.id:
        uow.outbox.add(LeadPooled(stay.id), lead.owner_id)
    _plan_brief(stay, context)
    audited = {"reason": reason, "detail": detail, "owner": str(lead.owner_id or "")}
    uow.audit.record(context.actor, "pool.enter", lead.subject, audited)
    return pooled


def _plan_brief(stay: PoolStay, context: Context) -> None:
    every = int(GATHERED.total_seconds())
    since = int(context.now.timestamp()) // every * every
    key = f"pool_brief:{stay.team_id}:{since}"
    due_at = context.now + timedelta(seconds=since + every - context.now.timestamp())
    context.uow.jobs.add(Job(BriefOnPool(stay.team_id, since), due_at, key))


GATHERED = timedelta(minutes=10)
"""What comes into the pool within this time is reported to the leaders in one message."""
