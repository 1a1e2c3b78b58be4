"""Sales targets of teams and people, and results towards them.

Covers whole teams and does not know who asks; what the numbers count is defined in
``storage.reports.conditions``, what they mean in ``sales.targets``.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, func, or_, select

from sales.targets import Goals, Holder, Measure, Quarter, Sold
from storage.database.types import Instant
from storage.database.upsert import insert_into
from storage.reports.conditions import (
    LOST,
    WON,
    closed,
    created,
    screened_before,
    worked_on,
)
from storage.tables import lead, person
from storage.tables import target as table


class TargetRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, quarter: Quarter) -> Mapping[Holder, Goals]:
        """Return all targets set for a quarter."""
        rows = self._connection.execute(
            select(table.c.holder, table.c.measure, table.c.goal).where(
                table.c.quarter == str(quarter)
            )
        )
        goals_by_holder: dict[Holder, dict[Measure, Decimal]] = {}
        for holder, measure, goal in rows:
            goals_by_holder.setdefault(Holder.parse(holder), {})[Measure(measure)] = goal
        return goals_by_holder

    def set(self, quarter: Quarter, holder: Holder, goals: Goals) -> None:
        """Replace the holder's goals; a measure that is missing is removed."""
        key = {"quarter": str(quarter), "holder": str(holder)}
        for measure in Measure:
            if measure in goals:
                row = key | {"measure": measure.value, "goal": goals[measure]}
                insert = insert_into(table, self._connection.dialect.name).values(row)
                same = ["quarter", "holder", "measure"]
                self._connection.execute(
                    insert.on_conflict_do_update(index_elements=same, set_={"goal": goals[measure]})
                )
            else:
                self._connection.execute(
                    table.delete().where(
                        table.c.quarter == key["quarter"],
                        table.c.holder == key["holder"],
                        table.c.measure == measure.value,
                    )
                )

    def sold(
        self, team_ids: Iterable[int], start: datetime, end: datetime
    ) -> Mapping[tuple[int, int | None], Sold]:
        """Return results in ``[start, end)`` by team and owner; None for what has no owner.

        Includes what the teams' present members achieved with leads of other teams.
        """
        params = {"teams": list(team_ids), "start": start, "end": end}
        sums: dict[tuple[int, int | None], Sold] = {}
        for query, names in _queries():
            for team_id, owner_id, *numbers in self._connection.execute(query, params):
                fields: dict[str, Any] = {
                    name: number or 0 for name, number in zip(names, numbers, strict=True)
                }
                key = (team_id, owner_id)
                sums[key] = sums.get(key, Sold()) + Sold(**fields)
        return sums


@cache
def _queries() -> tuple[tuple[Select[Any], tuple[str, ...]], ...]:
    """Queries that count by team and owner, each with the fields of ``Sold`` it fills."""
    start, end = bindparam("start", type_=Instant), bindparam("end", type_=Instant)
    by_owner = select(lead.c.team_id, lead.c.owner_id).group_by(lead.c.team_id, lead.c.owner_id)
    teams: BindParameter[Any] = bindparam("teams", expanding=True)
    members = select(person.c.id).where(person.c.team_id.in_(teams))
    # Sales from before somebody joined the team stay theirs, and the other team's.
    by_owner = by_owner.where(or_(lead.c.team_id.in_(teams), lead.c.owner_id.in_(members)))
    count = func.count()
    new = by_owner.add_columns(count).where(created(start, end))
    won = by_owner.add_columns(count, func.sum(lead.c.amount)).where(closed(WON, start, end))
    lost = by_owner.add_columns(count).where(closed(LOST, start, end), screened_before(end))
    budgets = (func.sum(lead.c.budget_low), func.sum(lead.c.budget_high))
    working = by_owner.add_columns(count, *budgets).where(worked_on())
    return (
        (new, ("leads",)),
        (won, ("won", "revenue")),
        (lost, ("lost_screened",)),
        (working, ("open", "open_low", "open_high")),
    )
