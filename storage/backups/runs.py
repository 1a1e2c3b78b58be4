"""Scheduled backups: which are due, who takes them, and when one was last verified."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, and_, func, or_, select

from storage.database.engine import Database
from storage.database.upsert import insert_into
from storage.tables import backup_run as table

LEASE: Final = timedelta(minutes=5)
"""How long a claim holds; whoever works on it extends it."""
AGAIN_AFTER: Final = timedelta(hours=1)
"""How long after a failure it is tried again."""
_FARTHEST: Final = AGAIN_AFTER + timedelta(minutes=5)
"""A claim that holds longer was written before the clock was set back."""
_REMEMBERED: Final = timedelta(days=60)
_NOTHING: Final = {"place": "", "problem": "", "reason": ""}


@dataclass(frozen=True, slots=True)
class BackupState:
    """How backups are doing.

    ``since`` is when the first one was asked for, None before that; ``problem`` is what went wrong
    in the last attempt, at ``place``, empty if nothing did.
    """

    since: datetime | None
    verified_at: datetime | None
    place: str = ""
    problem: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DueBackup:
    """The backup of a day. Places that have one verified since ``asked_at`` need no other."""

    day: date
    asked_at: datetime


class BackupRunRepository:
    """Asks for backups, inside a unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask(self, day: date, now: datetime) -> None:
        """Ask for the backup of a day, once; forget those of long ago."""
        insert = insert_into(table, self._connection.dialect.name)
        asked = insert.values(day=day, asked_at=now, **_NOTHING)
        self._connection.execute(asked.on_conflict_do_nothing(index_elements=["day"]))
        self._connection.execute(table.delete().where(table.c.asked_at < now - _REMEMBERED))

    def state(self) -> BackupState:
        """Tell how backups are doing."""
        return _state(self._connection)

    def is_empty(self) -> bool:
        """Tell whether none was ever asked for."""
        return self._connection.execute(select(table.c.day).limit(1)).first() is None


class BackupRuns:
    """Takes over scheduled backups and records their outcome.

    Every call is a transaction of its own and raises StorageUnavailable.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, now: datetime) -> DueBackup | None:
        """Claim the newest backup that is due; exactly one process gets it.

        Older ones are settled with it: what was missed cannot be taken any more.
        """
        free = or_(
            table.c.claimed_until.is_(None),
            table.c.claimed_until <= now,
            table.c.claimed_until > now + _FARTHEST,
        )
        open_ = table.c.finished_at.is_(None)
        with self._database.read() as connection:
            newest = select(table.c.day).where(open_, free).order_by(table.c.day.desc()).limit(1)
            day: date | None = connection.execute(newest).scalar_one_or_none()
        if day is None:
            return None
        here = and_(table.c.day == day, open_, free)
        claimed = table.update().where(here).values(claimed_until=now + LEASE)
        with self._database.write() as connection:
            row = connection.execute(claimed.returning(table.c.day, table.c.asked_at)).first()
            if row is None:
                return None
            older = table.update().where(table.c.day < day, open_)
            connection.execute(older.values(finished_at=now))
        return DueBackup(row.day, row.asked_at)

    def extend(self, day: date, now: datetime) -> None:
        self._set(day, claimed_until=now + LEASE)

    def verified(self, day: date, now: datetime) -> None:
        """Record that the backups of all places were verified.

        Also for one that a command took: then nothing is due that day.
        """
        values = {"finished_at": now, "verified_at": now, "claimed_until": None, **_NOTHING}
        with self._database.write() as connection:
            insert = insert_into(table, connection.dialect.name)
            there = insert.values(day=day, asked_at=now, **values)
            connection.execute(there.on_conflict_do_update(index_elements=["day"], set_=values))

    def failed(
        self,
        day: date,
        now: datetime,
        *,
        place: str,
        problem: str,
        reason: str,
        elsewhere: bool = False,
    ) -> None:
        """Record what went wrong; it is tried again later.

        ``elsewhere``: the backup of another place was verified, which counts.
        """
        verified = {"verified_at": now} if elsewhere else {}
        self._set(
            day,
            claimed_until=now + AGAIN_AFTER,
            place=place[:400],
            problem=problem[:40],
            reason=reason[:400],
            **verified,
        )

    def release(self, day: date) -> None:
        """Give up a claim, so that any process may try at once."""
        self._set(day, claimed_until=None)

    def state(self) -> BackupState:
        with self._database.read() as connection:
            return _state(connection)

    def _set(self, day: date, **values: object) -> None:
        update = table.update().where(table.c.day == day, table.c.finished_at.is_(None))
        with self._database.write() as connection:
            connection.execute(update.values(**values))


def _state(connection: Connection) -> BackupState:
    since, verified_at = connection.execute(
        select(func.min(table.c.asked_at), func.max(table.c.verified_at))
    ).one()
    last = connection.execute(select(table).order_by(table.c.day.desc()).limit(1)).first()
    if last is None:
        return BackupState(None, None)
    return BackupState(since, verified_at, last.place, last.problem, last.reason)
