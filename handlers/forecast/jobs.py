"""Due work: on Mondays and a month's first day, count outcomes and take a snapshot of what is open.

The snapshots tell later how good a forecast was and how it changed.
"""

from datetime import date, timedelta
from typing import Final

from handlers.core.context import Context
from sales.forecast import month_after, months_back, next_snapshot_day, snapshot_day
from sales.jobs import CountOutcomes, Job, TakeForecast

_AFTER: Final = timedelta(minutes=10)
"""How long after midnight a snapshot is taken, so that the outcomes are counted before."""


def ensure_forecasts(context: Context) -> None:
    """Schedule the newest snapshot, if it was not taken, and the next one. Idempotent."""
    newest = snapshot_day(context.today)
    if context.uow.forecasts.snapshot_taken(newest) is None:
        _schedule(newest, context)
    _schedule(next_snapshot_day(context.today), context)


def take(job: Job[TakeForecast], context: Context) -> None:
    """Job: take the snapshot of a day, once, and schedule the next one.

    After downtime only the newest is taken, however late: what was open on days before is not known
    any more.
    """
    newest = snapshot_day(context.today)
    if job.args.day >= newest:
        teams = [team.id for team in context.uow.people.teams()]
        odds = context.uow.forecasts.odds(teams, context.today, context.playbook.forecasting)
        context.uow.forecasts.take_snapshot(job.args.day, context.now, odds)
    ensure_forecasts(context)


def count(job: Job[CountOutcomes], context: Context) -> None:
    """Job: count the outcomes of a month; again every week, since deals are reopened, merged and
    imported."""
    month = job.args.month
    start, end = context.midnight(month), context.midnight(month_after(month))
    context.uow.forecasts.count_outcomes(month, start, end)


def _schedule(day: date, context: Context) -> None:
    due_at = context.midnight(day)
    for month in months_back(day, context.playbook.forecasting.months):
        key = f"outcomes:{month}:{day}"
        context.uow.jobs.add(Job(CountOutcomes(month), due_at, key))
    context.uow.jobs.add(Job(TakeForecast(day), due_at + _AFTER, f"forecast:{day}"))
