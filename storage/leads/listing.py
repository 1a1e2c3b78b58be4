"""Lists of leads: pages, counts, ids and sums of a query; limited to what the actor may see.

What a query means is in ``sales.lead_lists``; a list, its count and its sums share one condition.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, func, select

from sales.lead_lists import LeadQuery, LeadSort, Moments
from sales.leads import Lead, Stage
from sales.permissions import Scope
from storage.database.encryption import Fields
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
