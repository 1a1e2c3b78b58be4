"""Scheduled work: rows with a key that is unique for ever, and the claim of what is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, Literal, cast

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, text
from sqlalchemy.sql.dml import ReturningInsert

from storage.database.clock_skew import LONGEST_WAIT, instants, reached
from storage.database.types import Instant
from storage.database.upsert import insert_into
from storage.tables import work as table

JobKind = Literal[
    "reminder",
    "overdue",
    "offer",
    "unowned",
    "clock",
    "record",
    "digest",
    "revival",
    "task",
    "leaver",
    "pool_day",
    "pool_lead",
    "pool_brief",
    "cool",
    "repeat",
    "sync",
    "talk",
    "sharing",
    "event",
    "silence",
    "import",
    "morning",
    "reveals",
    "probing",
    "refusal",
]


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do at a time. ``key`` is unique for ever: the same work is done once."""

    key: str
    kind: JobKind
    subject: str
    due_at: datetime


_FIRST_WAIT: Final = timedelta(seconds=10)
# SQLite uses the partial index only for the literal predicate.
_WAITING = text("done_at IS NULL")
_DUE = (
    select(table)
    .where(
        _WAITING,
        table.c.due_at <= bindparam("now", type_=Instant),
        or_(table.c.not_before.is_(None), reached(table.c.not_before)),
    )
    .order_by(table.c.due_at, table.c.id)
    .limit(1)
)
_CLAIM = _DUE.with_for_update(skip_locked=True)
_CANCEL = table.delete().where(
    table.c.id.in_(
        select(table.c.id)
        .where(
            table.c.kind == bindparam("of_kind"),
            table.c.subject == bindparam("of_subject"),
            table.c.done_at.is_(None),
        )
        .with_for_update(skip_locked=True)
    )
)

_PLANNED = (
    select(table.c.due_at)
    .where(
        table.c.kind == bindparam("of_kind"),
        table.c.subject == bindparam("of_subject"),
        table.c.done_at.is_(None),
    )
    .order_by(table.c.due_at)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """Due work that nobody else does while this unit of work lasts."""

    id: int
    work: Job
    attempts: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """Work that is due now: how much, how much of it failed before, and since when."""

    due: int
    failing: int
    oldest_due_at: datetime | None


class JobRepository:
    """Due jobs, and the claims of ``bot.jobs``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, work: Job) -> bool:
        """False when this key is there already, done or not."""
        added = self._connection.execute(
            _if_new(self._connection.dialect.name),
            {
                "key": work.key,
                "kind": work.kind,
                "subject": work.subject,
                "due_at": work.due_at,
            },
        )
        return added.first() is not None

    def planned(self, kind: JobKind, subject: str) -> datetime | None:
        """When the next of this kind for a subject is due; None when nothing is to be done."""
        known = {"of_kind": kind, "of_subject": subject}
        return self._connection.execute(_PLANNED, known).scalar_one_or_none()

    def cancel(self, kind: JobKind, subject: str) -> None:
        """What another process is doing right now is left to it: to wait for it could block
        both, and it looks at its subject anew anyway."""
        self._connection.execute(_CANCEL, {"of_kind": kind, "of_subject": subject})

    def is_due(self, now: datetime) -> bool:
        """Whether ``claim`` may find something; needs no writing unit of work."""
        return self._connection.execute(_DUE, instants(now)).first() is not None

    def claim(self, now: datetime) -> ClaimedJob | None:
        """The earliest due work that nobody else has claimed."""
        row = self._connection.execute(_CLAIM, instants(now)).one_or_none()
        return None if row is None else _claimed(row)

    def done(self, claimed: ClaimedJob, now: datetime) -> None:
        update = table.update().where(table.c.id == claimed.id)
        self._connection.execute(update.values(done_at=now))

    def failed(self, claimed: ClaimedJob, now: datetime) -> None:
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


@cache
def _if_new(dialect: str) -> ReturningInsert[Any]:
    insert = insert_into(table, dialect).on_conflict_do_nothing(index_elements=["key"])
    return insert.returning(table.c.id)


def _claimed(row: Row[tuple[object, ...]]) -> ClaimedJob:
    kind = cast("JobKind", row.kind)
    return ClaimedJob(row.id, Job(row.key, kind, row.subject, row.due_at), row.attempts)
