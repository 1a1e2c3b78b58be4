"""Response clocks, of the leads an actor may see and of no others."""

from dataclasses import dataclass, replace
from dataclasses import fields as fields_of
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, case, func, or_, select, text

from sales.clocks import Clock, ClockKind
from sales.errors import LeadNotFound
from sales.permissions import Reach, Scope
from storage.database.types import Instant
from storage.leads.repository import whose, within
from storage.tables import clock as table
from storage.tables import lead


@dataclass(frozen=True, slots=True)
class WaitingClocks:
    """The clocks of customers who wait, nearest first, and how many there are: ``running``
    and ``breached``."""

    nearest: tuple[Clock, ...] = ()
    running: int = 0
    breached: int = 0


_PLAIN = tuple(field.name for field in fields_of(Clock) if field.name != "kind")
# SQLite uses the partial index only for the literal predicate.
_WAITING = text("clock.met_at IS NULL AND clock.stopped_at IS NULL")
_ADD = table.insert().returning(table.c.id)
_SAVE = table.update().where(table.c.id == bindparam("wanted"))


class ClockRepository:
    """Limited to what one actor may see."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def add(self, clock: Clock) -> Clock:
        added = self._connection.execute(_ADD, _row(clock))
        return replace(clock, id=added.scalar_one())

    def get(self, clock_id: int) -> Clock:
        """Raises LeadNotFound."""
        found = self._first(_one(self._scope.reach), clock_id)
        if found is None:
            raise LeadNotFound(number="")
        return found

    def save(self, clock: Clock) -> Clock:
        self.get(clock.id)
        self._connection.execute(_SAVE, _row(clock) | {"wanted": clock.id})
        return clock

    def latest(self, lead_id: int) -> Clock | None:
        """The lead's newest response clock, whatever became of it."""
        return self._first(_latest(self._scope.reach, feedback=False), lead_id)

    def feedback(self, lead_id: int) -> Clock | None:
        """The newest clock for feedback on a proposal."""
        return self._first(_latest(self._scope.reach, feedback=True), lead_id)

    def newest(self, lead_id: int) -> list[Clock]:
        """``latest`` and ``feedback``, those that there are."""
        return self._of_lead(_newest(self._scope.reach), lead_id)

    def waiting_on(self, lead_id: int) -> list[Clock]:
        """The lead's clocks that wait: at most one of each sort."""
        return self._of_lead(_waiting_on(self._scope.reach), lead_id)

    def waiting(self, now: datetime, limit: int) -> WaitingClocks:
        known = whose(self._scope)
        rows = self._connection.execute(_nearest(self._scope.reach).limit(limit), known)
        nearest = tuple(clock_from_row(row) for row in rows.mappings())
        counted = self._connection.execute(_counts(self._scope.reach), known | {"now": now})
        running, breached = counted.one()
        return WaitingClocks(nearest, running or 0, breached or 0)

    def _of_lead(self, query: Select[Any], lead_id: int) -> list[Clock]:
        rows = self._connection.execute(query, {"wanted": lead_id} | whose(self._scope))
        return [clock_from_row(row) for row in rows.mappings()]

    def _first(self, query: Select[Any], wanted: int) -> Clock | None:
        known = {"wanted": wanted} | whose(self._scope)
        row = self._connection.execute(query, known).mappings().first()
        return None if row is None else clock_from_row(row)


@cache
def _visible(reach: Reach) -> Select[Any]:
    return select(table).join(lead, lead.c.id == table.c.lead_id).where(within(reach))


@cache
def _one(reach: Reach) -> Select[Any]:
    return _visible(reach).where(table.c.id == bindparam("wanted"))


@cache
def _waiting_on(reach: Reach) -> Select[Any]:
    query = _visible(reach).where(_WAITING, table.c.lead_id == bindparam("wanted"))
    return query.order_by(table.c.id)


@cache
def _latest(reach: Reach, *, feedback: bool) -> Select[Any]:
    of_sort = table.c.for_feedback.is_(feedback)
    query = _visible(reach).where(table.c.lead_id == bindparam("wanted"), of_sort)
    return query.order_by(table.c.id.desc()).limit(1)


@cache
def _newest(reach: Reach) -> Select[Any]:
    one = table.alias("one")
    newest = select(func.max(one.c.id)).where(one.c.lead_id == bindparam("wanted"))
    of_each_sort = newest.group_by(one.c.for_feedback)
    return _visible(reach).where(table.c.id.in_(of_each_sort)).order_by(table.c.for_feedback)


@cache
def _nearest(reach: Reach) -> Select[Any]:
    return _visible(reach).where(_WAITING).order_by(table.c.due_at, table.c.id)


@cache
def _counts(reach: Reach) -> Select[Any]:
    """Running and breached; one past due that due work did not get to yet is breached."""
    over = or_(table.c.breached_at.is_not(None), table.c.due_at <= bindparam("now", type_=Instant))
    return (
        select(func.sum(case((over, 0), else_=1)), func.sum(case((over, 1), else_=0)))
        .join(lead, lead.c.id == table.c.lead_id)
        .where(within(reach), _WAITING)
    )


def clock_from_row(row: RowMapping) -> Clock:
    known: dict[str, Any] = {name: row[name] for name in _PLAIN}
    return Clock(kind=ClockKind(row["kind"]), **known)


def _row(clock: Clock) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(clock, name) for name in _PLAIN if name != "id"}
    for_feedback = clock.kind is ClockKind.FEEDBACK
    return row | {"kind": clock.kind.value, "for_feedback": for_feedback}
