"""Response clocks, of the leads an actor may see and of no others."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, func, or_, select, text

from sales.clocks import Clock, ClockKind
from sales.permissions import Reach
from storage.database.rows import RowMapper
from storage.database.types import Instant
from storage.lead_scoped import EditableLeadScoped
from storage.leads.repository import whose
from storage.tables import clock as table


@dataclass(frozen=True, slots=True)
class WaitingClocks:
    """The clocks of customers who wait, nearest first, and how many there are: ``running``
    and ``breached``."""

    nearest: tuple[Clock, ...] = ()
    running: int = 0
    breached: int = 0


# SQLite uses the partial index only for the literal predicate.
_WAITING = text("clock.met_at IS NULL AND clock.stopped_at IS NULL")


class _Clocks(RowMapper[Clock]):
    """``for_feedback`` is told by the kind; it stands in a column for the index."""

    def write(self, instance: Clock) -> dict[str, Any]:
        return super().write(instance) | {"for_feedback": instance.kind is ClockKind.FEEDBACK}


CLOCKS = _Clocks(Clock)


class ClockRepository(EditableLeadScoped[Clock]):
    """Limited to what one actor may see."""

    table = table
    rows = CLOCKS
    by_rules = True

    def latest(self, lead_id: int) -> Clock | None:
        """The lead's newest response clock, whatever became of it."""
        return self._first(_latest(self._scope.reach, feedback=False), lead_id)

    def feedback(self, lead_id: int) -> Clock | None:
        """The newest clock for feedback on a proposal."""
        return self._first(_latest(self._scope.reach, feedback=True), lead_id)

    def newest(self, lead_id: int) -> list[Clock]:
        """``latest`` and ``feedback``, those that there are."""
        return self._all(_newest(self._scope.reach), lead_id)

    def waiting_on(self, lead_id: int) -> list[Clock]:
        """The lead's clocks that wait: at most one of each sort."""
        return self._all(_waiting_on(self._scope.reach), lead_id)

    def waiting(self, now: datetime, limit: int) -> WaitingClocks:
        nearest = self._all(_nearest(self._scope.reach).limit(limit))
        known = whose(self._scope) | {"now": now}
        running, breached = self._connection.execute(_counts(self._scope.reach), known).one()
        return WaitingClocks(tuple(nearest), running or 0, breached or 0)


@cache
def _waiting_on(reach: Reach) -> Select[Any]:
    return ClockRepository.all_of_lead(reach).where(_WAITING).order_by(table.c.id)


@cache
def _latest(reach: Reach, *, feedback: bool) -> Select[Any]:
    of_sort = table.c.for_feedback.is_(feedback)
    query = ClockRepository.all_of_lead(reach).where(of_sort)
    return query.order_by(table.c.id.desc()).limit(1)


@cache
def _newest(reach: Reach) -> Select[Any]:
    one = table.alias("one")
    newest = select(func.max(one.c.id)).where(one.c.lead_id == bindparam("wanted"))
    of_each_sort = newest.group_by(one.c.for_feedback)
    newest_ones = ClockRepository.visible(reach).where(table.c.id.in_(of_each_sort))
    return newest_ones.order_by(table.c.for_feedback)


@cache
def _nearest(reach: Reach) -> Select[Any]:
    waiting = ClockRepository.visible(reach).where(_WAITING)
    return waiting.order_by(table.c.due_at, table.c.id)


@cache
def _counts(reach: Reach) -> Select[Any]:
    """Running and breached; one past due that due work did not get to yet is breached."""
    over = or_(table.c.breached_at.is_not(None), table.c.due_at <= bindparam("now", type_=Instant))
    running, breached = case((over, 0), else_=1), case((over, 1), else_=0)
    waiting = ClockRepository.visible(reach).where(_WAITING)
    return waiting.with_only_columns(func.sum(running), func.sum(breached))
