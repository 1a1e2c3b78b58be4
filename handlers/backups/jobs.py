"""Due work: every night a backup is due.

The job only records that, in its transaction; taking a backup takes minutes, and is done by
``bot/backups/runner.py`` in a process of its own. Whether it is a full one depends on what is
there.
"""

from datetime import date, timedelta
from typing import Final

from handlers.core.context import Context
from sales.jobs import Job, TakeBackup

_AFTER_MIDNIGHT: Final = timedelta(hours=2, minutes=30)


def ensure_backups(context: Context) -> None:
    """Schedule the next backup; the very first one is due at once. Idempotent."""
    if context.uow.backup_runs.is_empty():
        context.uow.backup_runs.ask(context.today, context.now)
    today = context.midnight(context.today) + _AFTER_MIDNIGHT
    _schedule(context.today if context.now < today else _day_after(context.today), context)


def ask(job: Job[TakeBackup], context: Context) -> None:
    """Job: ask for the day's backup. After downtime only that of today is asked for."""
    context.uow.backup_runs.ask(context.today, context.now)
    _schedule(_day_after(max(job.args.day, context.today)), context)


def _schedule(day: date, context: Context) -> None:
    due_at = context.midnight(day) + _AFTER_MIDNIGHT
    context.uow.jobs.add(Job(TakeBackup(day), due_at, f"backup:{day}"))


def _day_after(day: date) -> date:
    return day + timedelta(days=1)
