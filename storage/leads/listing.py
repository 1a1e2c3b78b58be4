"""Lists of leads: pages, counts, ids and sums of a query; limited to what the actor may see.

What a query means is in ``sales.lead_lists``; a list, its count and its sums share one condition.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select, union_all

from sales.lead_lists import LeadQuery, LeadSort, Moments
from sales.leads import Lead, Stage
from sales.permissions import Scope
from storage.database.encryption import Fields
from storage.leads.list_conditions import OrderKey, conditions_of, order_of, sorted_by, worth
from storage.leads.list_plans import ListPart, by_text, is_of_all_time, parts_of
from storage.leads.list_previews import ListPreview, moment_params, previews_from, select_previews
from storage.leads.repository import lead_from_row, whose
from storage.leads.search import is_common
from storage.tables import lead

MOST_COUNTED: Final = 10_000
"""Leads that a list counts one by one; ``count`` returns one more when there are more."""


MOST_OF_COMMON_TEXT: Final = 300
"""The same for a list of a text that very many leads contain."""


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
        self._common: dict[str, bool] = {}

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
        # Sorting whole rows takes longer than looking a page of them up by their ids.
        ids = self._ids(query, moments, sort, offset, limit)
        rows = self._execute(select(lead).where(lead.c.id.in_(ids))).mappings()
        leads = {row["id"]: lead_from_row(row, self._fields) for row in rows}
        return tuple(leads[lead_id] for lead_id in ids)

    def most_counted(self, query: LeadQuery) -> int:
        """Return up to how many leads a list may be counted while somebody waits."""
        is_common = query.text and is_of_all_time(query) and self._is_common(query.text)
        return MOST_OF_COMMON_TEXT if is_common else MOST_COUNTED

    def count(self, query: LeadQuery, moments: Moments, most: int = MOST_COUNTED) -> int:
        """Count the leads; ``most`` + 1 for more than that."""
        total = 0
        for part in self._parts(query, None):
            if total <= most:
                some = self._select(part, query, moments).limit(most + 1 - total)
                counted = select(func.count()).select_from(some.subquery())
                total += int(self._execute(counted).scalar_one())
        return total

    def previews(
        self, parts: tuple[tuple[LeadQuery, int], ...], moments: Moments
    ) -> tuple[ListPreview, ...]:
        """Preview several lists in one statement: the count and the first ids of each. A part is a
        query and how many ids to return; the most pressing come first (of waiting customers, the
        answer that is due first).

        For queries whose only moments are now and the beginnings of days.
        """
        params = whose(self._scope) | moment_params(moments)
        found = self._connection.execute(select_previews(self._scope.reach, parts), params)
        return previews_from(found, len(parts))

    def ids(
        self,
        query: LeadQuery,
        moments: Moments,
        sort: LeadSort = LeadSort.PRESSING,
        *,
        limit: int,
    ) -> tuple[int, ...]:
        """Return the leads' ids in the list's order, at most ``limit``."""
        return tuple(self._ids(query, moments, sort, 0, limit))

    def sums(self, query: LeadQuery, moments: Moments) -> Mapping[Stage, StageSum]:
        """Count the leads and sum their values by stage; stages without any are left out.

        Reads every lead of the list: meant for open ones, and for lists that ``count`` can count.
        """
        found: dict[Stage, StageSum] = {}
        for part in self._parts(query, None):
            sums = self._select(part, query, moments).with_only_columns(
                lead.c.stage, func.count(), func.sum(worth())
            )
            sums = sums.group_by(lead.c.stage)
            for stage, count, value in self._execute(sums):
                # A rep's own leads and those shared with them are parts of their own.
                other = found.get(Stage(stage), StageSum())
                found[Stage(stage)] = StageSum(other.count + count, other.value + (value or 0))
        return {stage: found[stage] for stage in Stage if stage in found}

    def _ids(
        self, query: LeadQuery, moments: Moments, sort: LeadSort, offset: int, limit: int
    ) -> list[int]:
        """The ids of a page. Parts of one rank are merged, and a later rank is read only when the
        page needs it."""
        ids: list[int] = []
        parts = self._parts(query, sort)
        ranks = sorted({part.rank for part in parts})
        for rank in ranks:
            group = [
                (self._select(part, query, moments), _order(part, sort, query, moments))
                for part in parts
                if part.rank == rank
            ]
            if len(ranks) == 1:
                return self._merged(group, offset, limit)
            if (missing := offset + limit - len(ids)) > 0:
                ids += self._merged(group, 0, missing)
        return ids[offset:]

    def _merged(
        self, group: Sequence[tuple[Select[Any], Sequence[OrderKey]]], offset: int, limit: int
    ) -> list[int]:
        """The ids of a page of parts that are sorted together."""
        if len(group) == 1:
            part, keys = group[0]
            page = part.order_by(*sorted_by(keys)).offset(offset).limit(limit)
            return list(self._execute(page).scalars())
        firsts = []
        for part, keys in group:
            columns = [key.label(f"key{n}") for n, (key, _) in enumerate(keys)]
            first = part.with_only_columns(*columns).order_by(*sorted_by(keys))
            firsts.append(select(first.limit(offset + limit).subquery()))
        every = union_all(*firsts).subquery()
        by_key = [(every.c[f"key{n}"], down) for n, (_, down) in enumerate(group[0][1])]
        page = select(by_key[-1][0]).order_by(*sorted_by(by_key)).offset(offset).limit(limit)
        return list(self._execute(page).scalars())

    def _parts(self, query: LeadQuery, sort: LeadSort | None) -> tuple[ListPart, ...]:
        owners = () if query.nobody else query.owners
        if query.mine and not query.nobody:
            owners = (*owners, self._scope.person_id)
        if query.text and is_of_all_time(query) and not self._is_common(query.text):
            return by_text(query, self._scope.reach)
        return parts_of(query, sort, self._scope.reach, owners)

    def _is_common(self, text: str) -> bool:
        """Tell whether so many leads contain a text that some are soon found among any."""
        if text not in self._common:
            self._common[text] = is_common(self._connection, text)
        return self._common[text]

    def _select(self, part: ListPart, query: LeadQuery, moments: Moments) -> Select[Any]:
        """Select the ids of a part."""
        of_part = replace(query, status=part.status)
        conditions = conditions_of(
            of_part,
            moments,
            mine=self._scope.person_id,
            fields=self._fields,
            is_text_indexed=part.is_text_indexed,
        )
        return part.select(lead.c.id).where(*conditions)

    def _execute(self, query: Select[Any]) -> Any:
        return self._connection.execute(query, whose(self._scope))


def _order(
    part: ListPart, sort: LeadSort, query: LeadQuery, moments: Moments
) -> tuple[OrderKey, ...]:
    """The order of a part; within one stage that of stages is the time in it."""
    if part.is_one_stage:
        sort = LeadSort.STAGE_AGE
    return order_of(sort, part.status, moments, query.steps)
