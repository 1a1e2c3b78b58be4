"""What a restored database must not do again: it does not know what was posted since its backup.

Messages that are delivered at most once, and posts that fell due meanwhile, may have been sent.
They are not sent again; the messages are listed as unclear, where an admin can send one anyway.
Whatever is delivered at least once goes out, since it may also never have been sent.
"""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from storage.database.engine import open_database, sqlite_module
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
    with closing(sqlite_module().connect(restored)) as link:
        tables = link.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    if not {(message.name,), (work.name,)} <= set(tables):
        return Settled(0, 0)
    database = open_database(f"sqlite:///{restored}", restored.parent)
    unsent = message.c.state.in_(("waiting", "sending", "kept")) & message.c.once
    due = work.c.kind.in_(_POSTS) & (work.c.due_at <= now) & work.c.done_at.is_(None)
    try:
        with database.write() as connection:
            unclear = message.update().where(unsent).values(state="unknown", problem=_PROBLEM)
            messages = connection.execute(unclear).rowcount
            posts = connection.execute(work.update().where(due).values(done_at=now)).rowcount
    finally:
        database.dispose()
    return Settled(messages, posts)
