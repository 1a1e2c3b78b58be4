"""Forgets what nobody needs any more."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from storage.engine import Database
from storage.outbox import OPENED, TOLD
from storage.tables import import_job, import_page, inbound, memory, merge, message

KEEP_REQUESTS: Final = timedelta(days=7)
"""Longer than any platform delivers a request again."""
KEEP_MESSAGES: Final = timedelta(days=90)


def purge(database: Database, now: datetime) -> int:
    """Delete what is past its time; gives the number of rows. Undelivered messages stay, and
    so does done work: its key must never be done twice."""
    stale = select(import_job.c.id).where(import_job.c.forget_at <= now)
    over = (
        inbound.delete().where(inbound.c.at < now - KEEP_REQUESTS),
        memory.delete().where(memory.c.forget_at <= now),
        message.delete().where(
            message.c.state.in_(("sent", "moot", TOLD, OPENED)),
            message.c.created_at < now - KEEP_MESSAGES,
        ),
        import_page.delete().where(import_page.c.job_id.in_(stale)),
    )
    too_late = merge.update().where(merge.c.undo_until <= now, merge.c.kept.is_not(None))
    with database.write() as connection:
        connection.execute(too_late.values(kept=None))
    deleted = 0
    for statement in over:
        with database.write() as connection:
            deleted += connection.execute(statement).rowcount
    return deleted
