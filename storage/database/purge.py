"""Deletes rows that are only needed for a while."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from sales.bulk_acts import KEPT
from sales.erasure import ErasureState
from storage.bulk_acts import forget
from storage.database.engine import Database
from storage.tables import erasure, import_job, import_page, inbound, memory, merge

KEEP_REQUESTS: Final = timedelta(days=7)
"""Longer than any platform keeps redelivering a request."""

KEEP_PREVIEWS: Final = timedelta(days=1)
"""An erasure that nobody confirmed holds the person's name."""


def purge(database: Database, now: datetime) -> int:
    """Delete expired rows and return their number.

    How long other rows are kept is set in the playbook (``storage.database.retention``).
    """
    stale = select(import_job.c.id).where(import_job.c.forget_at <= now)
    unconfirmed = erasure.c.state == ErasureState.PREVIEWED.value
    over = (
        erasure.delete().where(unconfirmed, erasure.c.asked_at < now - KEEP_PREVIEWS),
        inbound.delete().where(inbound.c.at < now - KEEP_REQUESTS),
        memory.delete().where(memory.c.forget_at <= now),
        import_page.delete().where(import_page.c.job_id.in_(stale)),
    )
    too_late = merge.update().where(merge.c.undo_until <= now, merge.c.kept.is_not(None))
    named = import_job.update().where(import_job.c.id.in_(stale), import_job.c.unknown.is_not(None))
    with database.write() as connection:
        connection.execute(too_late.values(kept=None))
        connection.execute(named.values(unknown=None))
    with database.write() as connection:
        deleted = forget(connection, now, now - KEPT)
    for statement in over:
        with database.write() as connection:
            deleted += connection.execute(statement).rowcount
    return deleted
