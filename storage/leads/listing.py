"""Lists of leads: pages, counts, ids and sums of a query; limited to what the actor may see.

What a query means is in ``sales.lead_lists``; a list, its count and its sums share one condition.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)

from sales.lead_lists import LeadQuery, LeadSort, Moments
from sales.leads import Lead, Stage
from sales.permissions import Reach, Scope
from storage.database.encryption import Fields
from storage.database.types import Instant
from storage.leads.list_conditions import conditions_of, order_of, worth
from storage.leads.repository import lead_from_row, whose, within
from storage.tables import lead

MOST_COUNTED: Final = 10_000
"""Leads that a list counts one by one; ``count`` returns one more when there are more."""


@dataclass(frozen=True, slots=True)
class StageSum:
    """Leads of a list in one stage: how many, and the sum of the known values."""

    count: int = 0
    value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Beginning:
    """The length of a list and its first ids."""

    count: int
    ids: tuple[int, ...]


class LeadListing:
    """Lists of leads, limited to what one actor may see; for reading only."""

    def __init__(self, connection: Connection, fields: Fields, scope: Scope) -> None:
        self._connection = connection
        self._fields = fields
        self._scope = scope

    def page(
        self,
        query: LeadQuery,
        moments: Moments,
        sort: LeadSort = LeadSort.PRESSING,
        *,
        offset: int = 0,
        limit: int,
    ) -> tuple[Lead, ...]:
        """Return the leads from the ``offset``-th on, at most ``limit``."""
        rows = select(lead).where(*self._conditions(query, moments))
        rows = rows.order_by(*order_of(sort, query, moments)).offset(offset).limit(limit)
        found = self._execute(rows).mappings()
        return tuple(lead_from_row(row, self._fields) for row in found)

    def count(self, query: LeadQuery, moments: Moments) -> int:
        """Count the leads; ``MOST_COUNTED`` + 1 for more than that."""
        some = select(lead.c.id).where(*self._conditions(query, moments))
        counted = select(func.count()).select_from(some.limit(MOST_COUNTED + 1).subquery())
        return int(self._execute(counted).scalar_one())

    def beginnings(
        self, parts: tuple[tuple[LeadQuery, int], ...], moments: Moments
    ) -> tuple[Beginning, ...]:
        """Begin several lists in one statement: each one's count, and its first ids in the
        ``PRESSING`` order, as many as the query's number says.

        For queries whose only moments are now and the beginnings of days: a statement is built
        once for all actors of a reach.
        """
        days = {f"day_{days}": moments.in_days(days) for days in _DAYS}
        found = self._connection.execute(
            _begun(self._scope.reach, parts), whose(self._scope) | days | {"now": moments.now}
        )
        totals = [0] * len(parts)
        ids: list[list[int]] = [[] for _ in parts]
        for part, lead_id, total, _place in sorted(found, key=lambda row: row.place):
            totals[part] = total
            ids[part].append(lead_id)
        return tuple(Beginning(total, tuple(some)) for total, some in zip(totals, ids, strict=True))

    def ids(
        self,
        query: LeadQuery,
        moments: Moments,
        sort: LeadSort = LeadSort.PRESSING,
        *,
        limit: int,
    ) -> tuple[int, ...]:
        """Return the leads' ids in the list's order, at most ``limit``."""
        rows = select(lead.c.id).where(*self._conditions(query, moments))
        ordered = rows.order_by(*order_of(sort, query, moments)).limit(limit)
        return tuple(self._execute(ordered).scalars())

    def sums(self, query: LeadQuery, moments: Moments) -> Mapping[Stage, StageSum]:
        """Count the leads and sum their values by stage; stages without any are left out.

        Reads every lead of the list: meant for open ones, and for lists that ``count`` can count.
        """
        sums = select(lead.c.stage, func.count(), func.sum(worth()))
        sums = sums.where(*self._conditions(query, moments)).group_by(lead.c.stage)
        found = {
            Stage(stage): StageSum(count, Decimal(value or 0))
            for stage, count, value in self._execute(sums)
        }
        return {stage: found[stage] for stage in Stage if stage in found}

    def _conditions(self, query: LeadQuery, moments: Moments) -> Sequence[ColumnElement[bool]]:
        mine = self._scope.person_id
        return (
            within(self._scope.reach),
            *conditions_of(query, moments, mine=mine, fields=self._fields),
        )

    def _execute(self, query: Select[Any]) -> Any:
        return self._connection.execute(query, whose(self._scope))


_DAYS: Final = (1, 8)


class _LaterMoments(Moments):
    """Moments that a statement gets with its parameters."""

    @property
    def today(self) -> date:
        raise NotImplementedError

    def in_days(self, days: int) -> Any:
        if days not in _DAYS:
            raise NotImplementedError(days)
        return bindparam(f"day_{days}", type_=Instant)


@cache
def _begun(reach: Reach, parts: tuple[tuple[LeadQuery, int], ...]) -> CompoundSelect[Any]:
    now: Any = bindparam("now", type_=Instant)
    moments = _LaterMoments(now=now, timezone=UTC)
    return union_all(
        *(_first(reach, number, *part, moments=moments) for number, part in enumerate(parts))
    )


def _first(
    reach: Reach, number: int, query: LeadQuery, most: int, *, moments: Moments
) -> Select[Any]:
    """The first of a list, numbered; what is the reader's own or searched is not for here."""
    if query.mine or query.text or query.figure:
        raise NotImplementedError(query)
    place = func.row_number().over(order_by=order_of(LeadSort.PRESSING, query, moments))
    conditions = conditions_of(query, moments, mine=0, fields=Fields())
    numbered = select(lead.c.id, func.count().over().label("total"), place.label("place"))
    rows = numbered.where(within(reach), *conditions).subquery(f"part_{number}")
    part = literal_column(str(number)).label("part")
    return select(part, rows.c.id, rows.c.total, rows.c.place).where(rows.c.place <= most)
