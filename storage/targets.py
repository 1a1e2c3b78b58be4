"""Sales targets of teams and people, and results towards them.

Covers whole teams and does not know who asks; what the numbers count is defined in
``storage.reports.conditions``, what they mean in ``sales.targets``.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Integer, Select, bindparam, func, select

from sales.targets import Goals, Holder, Measure, Quarter, Sold
from storage.database.types import Instant
from storage.database.upsert import insert_into
from storage.reports.conditions import (
    LOST,
    WON,
    closed,
    created,
    is_closed,
    screened_before,
    worked_on,
)
from storage.scoping import unindexed
from storage.tables import lead, person, team
from storage.tables import target as table

_OF_QUARTER: Final = select(table.c.holder, table.c.measure, table.c.goal).where(
    table.c.quarter == bindparam("wanted")
)


class TargetRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, quarter: Quarter) -> Mapping[Holder, Goals]:
        """Return all targets set for a quarter."""
        rows = self._connection.execute(_OF_QUARTER, {"wanted": str(quarter)})
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
        self,
        team_ids: Iterable[int],
        start: datetime,
        end: datetime,
        *,
        by_now: bool = False,
        owner_id: int | None = None,
        with_lost: bool = True,
        with_open: bool = True,
    ) -> Mapping[tuple[int, int | None], Sold]:
        """Return results in ``[start, end)`` by team and owner; None for what has no owner.

        Includes what the teams' present members achieved with leads of other teams. ``by_now``: the
        window is not over, so that a lead's present stage is the one at its end; that counts a
        quarter in a few milliseconds. ``owner_id`` limits all to one person's. Without
        ``with_lost``, which only conversion needs, and ``with_open`` these numbers are 0.
        """
        teams = set(team_ids)
        members = set(self._connection.scalars(_MEMBERS, {"teams": list(teams)}))
        params = {"start": start, "end": end, "owner": owner_id}
        sums: dict[tuple[int, int | None], Sold] = {}
        new, won, lost, working = _queries(by_now=by_now, of_owner=owner_id is not None)
        optional = (*((lost,) if with_lost else ()), *((working,) if with_open else ()))
        for query, names in (new, won, *optional):
            for team_id, owner, *numbers in self._connection.execute(query, params):
                # Sales from before somebody joined the team stay theirs, and the other team's.
                if team_id not in teams and owner not in members:
                    continue
                fields: dict[str, Any] = {
                    name: number or 0 for name, number in zip(names, numbers, strict=True)
                }
                sums[team_id, owner] = sums.get((team_id, owner), Sold()) + Sold(**fields)
        return sums


_MEMBERS = select(person.c.id).where(person.c.team_id.in_(bindparam("teams", expanding=True)))


@cache
def _queries(*, by_now: bool, of_owner: bool) -> tuple[tuple[Select[Any], tuple[str, ...]], ...]:
    """Queries that count what is new, won, lost and open now by team and owner, each with the
    fields of ``Sold`` it fills."""
    start, end = bindparam("start", type_=Instant), bindparam("end", type_=Instant)
    # Of every team, since each one's leads are a range of the indexes that cover this.
    by_owner = (
        select(lead.c.team_id, lead.c.owner_id)
        .where(lead.c.team_id.in_(select(team.c.id)))
        .group_by(lead.c.team_id, lead.c.owner_id)
    )
    if of_owner:
        # Not by the owner's index, which holds all their years.
        by_owner = by_owner.where(unindexed(lead.c.owner_id) == bindparam("owner", type_=Integer))
    count = func.count()
    ended = is_closed if by_now else closed
    new = by_owner.add_columns(count).where(created(start, end))
    won = by_owner.add_columns(count, func.sum(lead.c.amount)).where(ended(WON, start, end))
    lost = by_owner.add_columns(count).where(ended(LOST, start, end), screened_before(end))
    budgets = (func.sum(lead.c.budget_low), func.sum(lead.c.budget_high))
    working = by_owner.add_columns(count, *budgets).where(worked_on())
    return (
        (new, ("leads",)),
        (won, ("won", "revenue")),
        (lost, ("lost_screened",)),
        (working, ("open", "open_low", "open_high")),
    )
