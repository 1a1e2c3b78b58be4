"""Scheduled work: rows with a key that is unique for ever, and the claim of what is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Connection, Row, Select, and_, func, or_, select, text

from sales.ports import Work, WorkKind
from storage.clocks import LONGEST_WAIT, reached
from storage.inserts import insert_into
from storage.tables import work as table

_FIRST_WAIT: Final = timedelta(seconds=10)
# SQLite uses the partial index only for the literal predicate.
_WAITING = text("done_at IS NULL")


@dataclass(frozen=True, slots=True)
class ClaimedWork:
    """Due work that nobody else does while this unit of work lasts."""

    id: int
    work: Work
    attempts: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """Work that is due now: how much, how much of it failed before, and since when."""

    due: int
    failing: int
    oldest_due_at: datetime | None


class ScheduleRows:
    """``sales.ports.Schedule``, and the claims of ``bot.jobs``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, work: Work) -> bool:
        insert = insert_into(self._connection, table).values(
            key=work.key, kind=work.kind, subject=work.subject, due_at=work.due_at
        )
        added = self._connection.execute(
            insert.on_conflict_do_nothing(index_elements=["key"]).returning(table.c.id)
        )
        return added.first() is not None

    def cancel(self, kind: WorkKind, subject: str) -> None:
        """What another process is doing right now is left to it: to wait for it could block
        both, and it looks at its subject anew anyway."""
        waiting = (
            select(table.c.id)
            .where(table.c.kind == kind, table.c.subject == subject, table.c.done_at.is_(None))
            .with_for_update(skip_locked=True)
        )
        self._connection.execute(table.delete().where(table.c.id.in_(waiting)))

    def is_due(self, now: datetime) -> bool:
        """Whether ``claim`` may find something; needs no writing unit of work."""
        return self._connection.execute(_due(now)).first() is not None

    def claim(self, now: datetime) -> ClaimedWork | None:
        """The earliest due work that nobody else has claimed."""
        query = _due(now).with_for_update(skip_locked=True)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _claimed(row)

    def done(self, claimed: ClaimedWork, now: datetime) -> None:
        update = table.update().where(table.c.id == claimed.id)
        self._connection.execute(update.values(done_at=now))

    def failed(self, claimed: ClaimedWork, now: datetime) -> None:
        """Try again later: after 10 s, then twice as long each time, up to 15 minutes."""
        wait = min(_FIRST_WAIT * 2 ** min(claimed.attempts, 10), LONGEST_WAIT)
        update = table.update().where(table.c.id == claimed.id, table.c.done_at.is_(None))
        self._connection.execute(
            update.values(attempts=table.c.attempts + 1, not_before=now + wait)
        )

    def backlog(self, now: datetime) -> Backlog:
        due = and_(_WAITING, table.c.due_at <= now)
        row = self._connection.execute(
            select(
                func.count(),
                func.count().filter(table.c.attempts > 0),
                func.min(table.c.due_at),
            ).where(due)
        ).one()
        return Backlog(*row)


def _due(now: datetime) -> Select[Any]:
    ready = or_(table.c.not_before.is_(None), reached(table.c.not_before, now))
    query = select(table).where(_WAITING, table.c.due_at <= now, ready)
    return query.order_by(table.c.due_at, table.c.id).limit(1)


def _claimed(row: Row[tuple[object, ...]]) -> ClaimedWork:
    kind = cast("WorkKind", row.kind)
    return ClaimedWork(row.id, Work(row.key, kind, row.subject, row.due_at), row.attempts)
