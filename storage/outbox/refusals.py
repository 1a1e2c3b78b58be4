"""Records what platforms refuse until somebody fixes it: one row per address or platform.

While a row exists, delivery only occasionally tries one of the messages it holds back; the row is
deleted with the first message that arrives.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    bindparam,
    exists,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.sql.dml import ReturningInsert

from sales.jobs import HandleRefusal, Job
from sales.refusals import Reason, Refusal, RefusalKind, keys_over
from storage.database.among import among
from storage.database.clock_skew import LONGEST_WAIT
from storage.database.engine import Database
from storage.database.rows import RowMapper
from storage.database.types import Instant
from storage.database.upsert import insert_into
from storage.jobs import JobRepository
from storage.tables import identity, lane
from storage.tables import refusal as table

_REFUSALS = RowMapper(Refusal)
_FIRST_PAUSE: Final[Mapping[str, timedelta]] = {
    "platform": timedelta(minutes=1),
    "direct": timedelta(minutes=1),
    "person": timedelta(minutes=10),
    "channel": timedelta(minutes=10),
}
_LONGEST_PAUSE: Final[Mapping[str, timedelta]] = {
    "platform": timedelta(minutes=30),
    "direct": timedelta(minutes=30),
    "person": timedelta(hours=24),
    "channel": timedelta(hours=24),
}
_DIFFER: Final = timedelta(minutes=5)
"""How far the clocks of two machines may differ."""

# SQLite uses the partial index only for the literal predicate.
_HAS_MESSAGES: Final = text("pending > 0")
_CLAIM: Final = (
    table.update()
    .where(
        table.c.id == bindparam("known"),
        or_(
            table.c.retry_at <= bindparam("at", type_=Instant),
            table.c.retry_at > bindparam("farthest", type_=Instant),
        ),
    )
    .values(attempts=table.c.attempts + 1, retry_at=bindparam("next", type_=Instant))
)
_ALL: Final = select(table)
_NEXT: Final = select(table).order_by(table.c.kind.desc(), table.c.id).limit(1)
_BY_ID: Final = _NEXT.where(table.c.id == bindparam("wanted"))
_OVER_LANE: Final = _NEXT.where(among(table.c.key, "wanted"))


def pause_after(kind: RefusalKind, attempts: int, *, unknown: bool = False) -> timedelta:
    """Return the pause after a number of refusals in a row.

    It doubles each time, up to half an hour for a platform, and a day for an address. A refusal of
    kind ``unknown`` may pass by itself, and is treated as a platform's.
    """
    pace: RefusalKind = "platform" if unknown else kind
    doubled: timedelta = _FIRST_PAUSE[pace] * 2.0 ** min(attempts - 1, 16)
    return min(doubled, _LONGEST_PAUSE[pace])


def is_held(refusal: Refusal, now: datetime) -> bool:
    """Tell whether it is too early to retry."""
    return now < refusal.retry_at <= _farthest(refusal, now)


def _farthest(refusal: Refusal, now: datetime) -> datetime:
    """The latest retry time that is meant: a later one was written before the clock was set
    back."""
    pace: RefusalKind = "platform" if refusal.reason is Reason.UNKNOWN else refusal.kind
    return now + _LONGEST_PAUSE[pace] + _DIFFER


class Refusals:
    """Refusals, for delivery. Every call is a transaction of its own; several processes may call at
    once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, Refusal]:
        """Return all refusals by key."""
        with self._database.read() as connection:
            rows = connection.execute(_ALL).mappings()
            return {row["key"]: _REFUSALS.read(row) for row in rows}

    def record(
        self,
        key: str,
        kind: RefusalKind,
        reason: Reason,
        *,
        code: str,
        detail: str,
        now: datetime,
    ) -> Refusal:
        """Record a refusal. Several messages refused at once count as one.

        The follow-up action is scheduled as a job: for a channel with every message.
        """
        platform, _, rest = key.partition(":")
        address = rest.partition(":")[2]
        fresh = {
            "key": key,
            "platform": platform,
            "kind": kind,
            "address": address,
            "reason": reason.value,
            "code": code[:80],
            "detail": detail[:200],
            "since": now,
            "retry_at": now + pause_after(kind, 1, unknown=reason is Reason.UNKNOWN),
            "attempts": 1,
        }
        with self._database.write() as connection:
            is_new = connection.execute(_if_new(connection.dialect.name), fresh).first() is not None
            stored = _one(connection, table.c.key == key)
            values = {name: fresh[name] for name in ("reason", "code", "detail")}
            if not is_new and (kind == "channel" or not is_held(stored, now)):
                unknown = reason is Reason.UNKNOWN
                pause = pause_after(kind, stored.attempts + 1, unknown=unknown)
                values |= {"attempts": stored.attempts + 1, "retry_at": now + pause}
            connection.execute(table.update().where(table.c.id == stored.id).values(values))
            stored = _one(connection, table.c.id == stored.id)
            if is_new or kind == "channel":
                work_key = f"refusal:{stored.id}:{stored.since.timestamp():.0f}:{stored.attempts}"
                JobRepository(connection).add(Job(HandleRefusal(stored.id), now, work_key))
            return stored

    def claim(self, refusal: Refusal, now: datetime) -> bool:
        """Claim the right to try one message despite the refusal; of several callers one gets
        it."""
        with self._database.write() as connection:
            return _claimed(connection, refusal, now)

    def push_back(self, refusal: Refusal, now: datetime) -> None:
        """Postpone everything on a platform until its refusal is retried."""
        if refusal.kind not in ("platform", "direct"):
            return
        until = min(refusal.retry_at, now + LONGEST_WAIT)
        with self._database.write() as connection:
            _set_ready(connection, [refusal.key], until)

    def clear(self, keys: Collection[str], now: datetime) -> None:
        """Delete refusals that are over: messages held back are tried now."""
        with self._database.write() as connection:
            connection.execute(table.delete().where(table.c.key.in_(keys)))
            _set_ready(connection, keys, now)


class RefusalRepository:
    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def find(self, refusal_id: int) -> Refusal | None:
        """Find a refusal; None when it is over."""
        return self._first(_BY_ID, wanted=refusal_id)

    def of_lane(self, lane_key: str) -> Refusal | None:
        """Find what holds back a conversation (``platform:person|channel:id``)."""
        return self._first(_OVER_LANE, wanted=keys_over(lane_key))

    def end(self, lane_key: str) -> None:
        """End a conversation's refusal: it can be reached again, and waiting messages are sent."""
        self._connection.execute(table.delete().where(table.c.key == lane_key))
        _set_ready(self._connection, [lane_key], self._now)

    def _first(self, query: Select[Any], **params: Any) -> Refusal | None:
        row = self._connection.execute(query, params).mappings().one_or_none()
        return None if row is None else _REFUSALS.read(row)


def account_lane(platform: ColumnElement[str], account: ColumnElement[str]) -> ColumnElement[str]:
    """``Identity.lane`` in SQL."""
    return platform + literal(":person:") + account


def is_refused_account() -> ColumnElement[bool]:
    """The condition, for queries of ``identity``, that no message reaches the person by that
    account."""
    lane_key = account_lane(identity.c.platform, identity.c.external_id)
    return exists().where(table.c.key == lane_key, table.c.reason != Reason.UNKNOWN.value)


def unreachable_people() -> ScalarSelect[Any]:
    """Select the ids of people who cannot be reached by any account.

    It is nearly always empty, which one look into the table of refusals shows.
    """
    other = identity.alias("reachable")
    other_lane = account_lane(other.c.platform, other.c.external_id)
    refused = exists().where(table.c.key == other_lane, table.c.reason != Reason.UNKNOWN.value)
    reachable = exists().where(other.c.person_id == identity.c.person_id, ~refused)
    return (
        select(identity.c.person_id)
        .join(
            table,
            (identity.c.platform == table.c.platform) & (identity.c.external_id == table.c.address),
        )
        .where(table.c.kind == "person", table.c.reason != Reason.UNKNOWN.value, ~reachable)
        .scalar_subquery()
    )


def _one(connection: Connection, condition: ColumnElement[bool]) -> Refusal:
    return _REFUSALS.read(connection.execute(select(table).where(condition)).mappings().one())


def _claimed(connection: Connection, refusal: Refusal, now: datetime) -> bool:
    unknown = refusal.reason is Reason.UNKNOWN
    pause = pause_after(refusal.kind, refusal.attempts + 1, unknown=unknown)
    farthest = _farthest(refusal, now)
    params = {"known": refusal.id, "at": now, "farthest": farthest, "next": now + pause}
    return connection.execute(_CLAIM, params).rowcount > 0


def _set_ready(connection: Connection, keys: Collection[str], at: datetime) -> None:
    """Set when lanes are ready. Locks them in the order of their keys, as the outbox does."""
    under = (
        lane.c.key == key
        if key.count(":") > 1
        else lane.c.key.startswith(f"{key}:", autoescape=True)
        for key in keys
    )
    query = (
        select(lane.c.key)
        .where(_HAS_MESSAGES, lane.c.leased_until.is_(None), or_(*under))
        .order_by(lane.c.key)
        .with_for_update()
    )
    locked = list(connection.scalars(query))
    if locked:
        connection.execute(lane.update().where(lane.c.key.in_(locked)).values(ready_at=at))


@cache
def _if_new(dialect: str) -> ReturningInsert[Any]:
    insert = insert_into(table, dialect).on_conflict_do_nothing(index_elements=["key"])
    return insert.returning(table.c.id)
