"""What a restored database must not do again: it does not know what was posted since its backup.

Messages that are delivered at most once, and posts that fell due meanwhile, may have been sent.
They are not sent again; the messages are listed as unclear, where an admin can send one anyway.
Whatever is delivered at least once goes out, since it may also never have been sent.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import inspect

from storage.database.engine import Database, open_database
from storage.tables import message, work

_POSTS: Final = ("digest", "honours", "review", "sharing", "sync", "view")
"""The kinds of jobs whose notices are delivered at most once; each start schedules the next."""
_PROBLEM: Final = "restored"


@dataclass(frozen=True, slots=True)
class Settled:
    """How many messages are unclear, and how many posts are left out."""

    messages: int
    posts: int


def settle(restored: Path, now: datetime) -> Settled:
    """Settle what a restored SQLite file would send a second time."""
    database = open_database(f"sqlite:///{restored}", restored.parent)
    try:
        return settle_database(database, now)
    finally:
        database.dispose()


def settle_database(database: Database, now: datetime) -> Settled:
    """Settle the same in a database that was restored and that nobody uses yet.

    Raises StorageUnavailable.
    """
    with database.read() as connection:
        inspector = inspect(connection)
        if not all(inspector.has_table(table.name) for table in (message, work)):
            return Settled(0, 0)
    unsent = message.c.state.in_(("waiting", "sending", "kept")) & message.c.once
    due = work.c.kind.in_(_POSTS) & (work.c.due_at <= now) & work.c.done_at.is_(None)
    with database.write() as connection:
        unclear = message.update().where(unsent).values(state="unknown", problem=_PROBLEM)
        messages = connection.execute(unclear).rowcount
        posts = connection.execute(work.update().where(due).values(done_at=now)).rowcount
    return Settled(messages, posts)
