"""Every working morning: return leads to the pool and warn the owners of others.

One job reviews all leads and schedules one more job for each lead to act on; that job decides again
with the lead locked, so that contact logged in the same moment counts.
"""

from datetime import date, datetime, timedelta

from handlers.core.context import Context
from handlers.core.recipients import notify_owner_and_cover
from handlers.pool.service import GATHERED, enter_pool
from sales.jobs import BriefOnPool, Job, ReviewPool, SettleHolding
from sales.notices import PoolBrief, PoolReturnNear
from sales.people import leaders_of
from sales.playbook import Pool
from sales.pool import Holding, PoolReason, Step, Warned, next_step

LONGEST_HOLIDAY = 14


def ensure_pool_days(context: Context) -> None:
    """Schedule the next review. Harmless when repeated."""
    calendar, today = context.calendar, context.today
    this_morning = _at(today, context)
    later = context.now >= this_morning or not calendar.is_workday(today)
    day = calendar.workday_from(today, 1) if later else today
    context.uow.jobs.add(Job(ReviewPool(day), _at(day, context), f"pool_day:{day}"))


def look_over(job: Job[ReviewPool], context: Context) -> None:
    """Due work: schedule what happens to each lead today, and the next review."""
    ensure_pool_days(context)
    rules = context.playbook.pool
    if not rules.least_patience:
        return
    for holding in context.uow.holdings.idle_before(context.now - _shortest_silence(rules)):
        if _next_step(holding, context)[0] is not Step.WAIT:
            key = f"pool_lead:{holding.lead_id}:{job.args.day}"
            context.uow.jobs.add(Job(SettleHolding(holding.lead_id), context.now, key))


def settle(job: Job[SettleHolding], context: Context) -> None:
    """Due work: return one lead or warn its owner, by the present state."""
    lead = context.leads.get(job.args.lead_id)
    holding = context.uow.holdings.of(lead.id)
    if holding is None:
        return
    match _next_step(holding, context):
        case Step.RETURN, _:
            days = (context.today - context.calendar.day_of(holding.idle_since)).days
            enter_pool(lead, PoolReason.IDLE, str(days), context)
        case Step.WARN, day:
            warned = Warned(
                lead_id=lead.id, owner_id=holding.owner_id, at=context.now, returns_on=day
            )
            context.uow.holdings.warn(warned)
            notify_owner_and_cover(PoolReturnNear(lead.id), lead, context)
            context.uow.outbox.refresh(lead.subject)


def brief(job: Job[BriefOnPool], context: Context) -> None:
    """Due work: notify the team's leaders of what came into the pool in the last minutes."""
    team_id, since = job.args.team_id, job.args.since
    notice = PoolBrief(team_id, since, since + int(GATHERED.total_seconds()))
    for person in leaders_of(team_id, context.uow.people.everyone()):
        context.uow.outbox.add(notice, person.id)


def _shortest_silence(rules: Pool) -> timedelta:
    """The shortest silence to look for: nothing happens to a lead contacted more recently."""
    days = rules.least_patience - rules.warn_days
    if rules.days == "calendar":
        # The warning's working days may lie on the other side of a holiday.
        days -= LONGEST_HOLIDAY
    return timedelta(days=max(0, days))


def _next_step(holding: Holding, context: Context) -> tuple[Step, date]:
    return next_step(holding, context.playbook.pool, context.calendar, context.today)


def _at(day: date, context: Context) -> datetime:
    return datetime.combine(day, context.playbook.pool.at, context.timezone)
