"""Response clocks; limited to leads the actor may see."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, select, text

from sales.clocks import Clock, ClockKind
from sales.permissions import Reach
from storage.database.rows import RowMapper
from storage.lead_scoped import EditableLeadScoped
from storage.leads.repository import whose
from storage.tables import clock as table

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
