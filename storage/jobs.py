"""Stores scheduled jobs under permanently unique keys, and claims those that are due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, text
from sqlalchemy.sql.dml import ReturningInsert

from sales.jobs import JOBS, Job, JobArgs, subject_of
from storage.database.clock_skew import LONGEST_WAIT, instants, reached
from storage.database.types import Instant
from storage.database.upsert import insert_into
from storage.tables import work as table

_FIRST_WAIT: Final = timedelta(seconds=10)
# SQLite uses the partial index only for the literal predicate.
_WAITING = text("done_at IS NULL")
_KNOWN = table.c.kind.concat("").in_(sorted(JOBS))
"""During an upgrade a newer version may have scheduled what this one cannot do. Joined with
nothing, so that SQLite does not look the kinds up one by one instead of what is due."""
_DUE = (
    select(table)
    .where(
        _WAITING,
        _KNOWN,
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
    """A due job as stored, which nobody else runs while this unit of work lasts."""

    id: int
    kind: str
    args: Any
    due_at: datetime
    unique_key: str
    attempts: int

    @property
    def job(self) -> Job[JobArgs]:
        """The parsed job. Raises ValueError for arguments this version does not know."""
        args = _json_of(self.kind).validate_python(self.args)
        return Job(args, self.due_at, self.unique_key, self.attempts)


@dataclass(frozen=True, slots=True)
class Backlog:
    """The jobs due now that this version knows: how many, how many failed before, since when."""

    due: int
    failing: int
    oldest_due_at: datetime | None


class JobRepository:
    """Schedules jobs, and claims due ones for ``bot.jobs``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, job: Job[JobArgs]) -> bool:
        """Schedule a job; False when its key exists already, done or not."""
        args = job.args
        added = self._connection.execute(
            _if_new(self._connection.dialect.name),
            {
                "key": job.unique_key,
                "kind": args.kind,
                "subject": args.subject,
                "args": _json_of(args.kind).dump_python(args, mode="json"),
                "due_at": job.due_at,
            },
        )
        return added.first() is not None

    def planned(self, kind: type[JobArgs], *subject: int) -> datetime | None:
        """Return when the subject's next job of this kind is due; None without an open one."""
        return self._connection.execute(_PLANNED, _those(kind, subject)).scalar_one_or_none()

    def cancel(self, kind: type[JobArgs], *subject: int) -> None:
        """Cancel the subject's open jobs of this kind.

        One that another process is running is left to it: waiting for it could block both, and it
        re-reads its subject anyway.
        """
        self._connection.execute(_CANCEL, _those(kind, subject))

    def is_due(self, now: datetime) -> bool:
        """Tell whether ``claim`` may find a job; needs no writing unit of work."""
        return self._connection.execute(_DUE, instants(now)).first() is not None

    def claim(self, now: datetime) -> ClaimedJob | None:
        """Claim the earliest due job that nobody else has claimed."""
        row = self._connection.execute(_CLAIM, instants(now)).one_or_none()
        return None if row is None else _claimed(row)

    def done(self, claimed: ClaimedJob, now: datetime) -> None:
        update = table.update().where(table.c.id == claimed.id)
        self._connection.execute(update.values(done_at=now))

    def failed(self, claimed: ClaimedJob, now: datetime) -> None:
        """Retry the job later: after 10 s, then twice as long each time, up to 15 minutes."""
        wait = min(_FIRST_WAIT * 2 ** min(claimed.attempts, 10), LONGEST_WAIT)
        update = table.update().where(table.c.id == claimed.id, table.c.done_at.is_(None))
        self._connection.execute(
            update.values(attempts=table.c.attempts + 1, not_before=now + wait)
        )

    def backlog(self, now: datetime) -> Backlog:
        due = and_(_WAITING, _KNOWN, table.c.due_at <= now)
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


@cache
def _json_of(kind: str) -> TypeAdapter[JobArgs]:
    return TypeAdapter(JOBS[kind])


def _those(kind: type[JobArgs], subject: tuple[int, ...]) -> dict[str, str]:
    return {"of_kind": kind.kind, "of_subject": subject_of(*subject)}


def _claimed(row: Row[tuple[Any, ...]]) -> ClaimedJob:
    return ClaimedJob(row.id, row.kind, row.args, row.due_at, row.key, row.attempts)
