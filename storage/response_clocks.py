"""Response clocks; limited to leads the actor may see."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, case, func, or_, select, text

from sales.clocks import Clock, ClockKind
from sales.permissions import Reach
from storage.database.rows import RowMapper
from storage.database.types import Instant
from storage.lead_scoped import EditableLeadScoped
from storage.leads.repository import whose
from storage.tables import clock as table


@dataclass(frozen=True, slots=True)
class WaitingClocks:
    """Clocks of waiting customers, nearest due first, and their numbers: ``running`` and
    ``breached``."""

    nearest: tuple[Clock, ...] = ()
    running: int = 0
    breached: int = 0


# SQLite uses the partial index only for the literal predicate.
_WAITING = text("clock.met_at IS NULL AND clock.stopped_at IS NULL")


class _Clocks(RowMapper[Clock]):
    """Maps clocks. ``for_feedback`` follows from the kind; it has a column for the index."""

    def write(self, instance: Clock) -> dict[str, Any]:
        return super().write(instance) | {"for_feedback": instance.kind is ClockKind.FEEDBACK}


CLOCKS = _Clocks(Clock)


class ClockRepository(EditableLeadScoped[Clock]):
    """Clocks, limited to what one actor may see."""

    table = table
    rows = CLOCKS
    by_rules = True

    def latest(self, lead_id: int) -> Clock | None:
        """Find the lead's newest response clock, whatever its outcome."""
        return self._first(_latest(self._scope.reach, feedback=False), lead_id)

    def feedback(self, lead_id: int) -> Clock | None:
        """Find the newest clock for feedback on a proposal."""
        return self._first(_latest(self._scope.reach, feedback=True), lead_id)

    def newest(self, lead_id: int) -> list[Clock]:
        """List ``latest`` and ``feedback``, where they exist."""
        return self._all(_newest(self._scope.reach), lead_id)

    def waiting_on(self, lead_id: int) -> list[Clock]:
        """List the lead's waiting clocks: at most one of each sort."""
        return self._all(_waiting_on(self._scope.reach), lead_id)

    def earliest(self, lead_ids: Collection[int]) -> Mapping[int, Clock]:
        """Return the waiting clock that is due first of each of the leads, by lead."""
        params = whose(self._scope) | {"leads": list(lead_ids)}
        rows = self._connection.execute(_waiting_on_some(self._scope.reach), params).mappings()
        clocks = [self.rows.read(row) for row in rows]
        return {clock.lead_id: clock for clock in reversed(clocks)}

    def late(self, now: datetime) -> list[int]:
        """List the leads with a waiting clock that is past due, the longest waiting first."""
        query = _late(self._scope.reach)
        params = whose(self._scope) | {"now": now}
        return list(dict.fromkeys(self._connection.scalars(query, params)))

    def waiting(self, now: datetime, limit: int) -> WaitingClocks:
        nearest = self._all(_nearest(self._scope.reach).limit(limit))
        params = whose(self._scope) | {"now": now}
        running, breached = self._connection.execute(_counts(self._scope.reach), params).one()
        return WaitingClocks(tuple(nearest), running or 0, breached or 0)


@cache
def _waiting_on(reach: Reach) -> Select[Any]:
    return ClockRepository.all_of_lead(reach).where(_WAITING).order_by(table.c.id)


@cache
def _waiting_on_some(reach: Reach) -> Select[Any]:
    leads: BindParameter[int] = bindparam("leads", expanding=True)
    return _nearest(reach).where(table.c.lead_id.in_(leads))


@cache
def _latest(reach: Reach, *, feedback: bool) -> Select[Any]:
    of_sort = table.c.for_feedback.is_(feedback)
    query = ClockRepository.all_of_lead(reach).where(of_sort)
    return query.order_by(table.c.id.desc()).limit(1)


@cache
def _newest(reach: Reach) -> Select[Any]:
    sibling = table.alias("one")
    newest = select(func.max(sibling.c.id)).where(sibling.c.lead_id == bindparam("wanted"))
    of_each_sort = newest.group_by(sibling.c.for_feedback)
    newest_ones = ClockRepository.visible(reach).where(table.c.id.in_(of_each_sort))
    return newest_ones.order_by(table.c.for_feedback)


@cache
def _nearest(reach: Reach) -> Select[Any]:
    waiting = ClockRepository.visible(reach).where(_WAITING)
    return waiting.order_by(table.c.due_at, table.c.id)


@cache
def _late(reach: Reach) -> Select[Any]:
    past_due = table.c.due_at <= bindparam("now", type_=Instant)
    return _nearest(reach).where(past_due).with_only_columns(table.c.lead_id)


@cache
def _counts(reach: Reach) -> Select[Any]:
    """Count running and breached clocks; one past due counts as breached even before its job
    ran."""
    over = or_(table.c.breached_at.is_not(None), table.c.due_at <= bindparam("now", type_=Instant))
    running, breached = case((over, 0), else_=1), case((over, 1), else_=0)
    waiting = ClockRepository.visible(reach).where(_WAITING)
    return waiting.with_only_columns(func.sum(running), func.sum(breached))
