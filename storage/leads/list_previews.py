"""Counts and first leads of several lists in one statement, as a board previews them.

A statement is built once for all actors of a reach: moments are among its parameters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Label,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)

from sales.lead_lists import LeadQuery, LeadSort, Moments
from sales.permissions import Reach
from storage.database.encryption import Fields
from storage.database.types import Instant
from storage.leads.list_conditions import conditions_of, order_of, sorted_by
from storage.leads.repository import within
from storage.tables import lead

_DAYS: Final = (1, 8)
"""Days after today whose first instant a statement gets: tomorrow, and the first after the week
ahead."""


@dataclass(frozen=True, slots=True)
class ListPreview:
    """The number of leads in a list, and the ids of the first of them, in order."""

    count: int
    ids: tuple[int, ...]


def moment_params(moments: Moments) -> dict[str, datetime]:
    """The parameters of moments that every statement of ``select_previews`` needs."""
    return {"now": moments.now} | {f"day_{days}": moments.in_days(days) for days in _DAYS}


@cache
def select_previews(reach: Reach, parts: tuple[tuple[LeadQuery, int], ...]) -> CompoundSelect[Any]:
    """Select the part, the id, the length of the list and the place in it of the first leads of
    each query, as many as its number says."""
    now: Any = bindparam("now", type_=Instant)
    moments = _LaterMoments(now=now, timezone=UTC)
    return union_all(
        *(_first(reach, number, *part, moments=moments) for number, part in enumerate(parts))
    )


def previews_from(rows: Iterable[Any], parts: int) -> tuple[ListPreview, ...]:
    """The preview of each of ``parts`` lists, from the rows of ``select_previews``."""
    totals = [0] * parts
    ids: list[list[int]] = [[] for _ in totals]
    for row in sorted(rows, key=lambda row: row.place):
        totals[row.part] = row.total
        ids[row.part].append(row.id)
    return tuple(ListPreview(total, tuple(some)) for total, some in zip(totals, ids, strict=True))


class _LaterMoments(Moments):
    """Moments that a statement gets with its parameters."""

    @property
    def today(self) -> date:
        raise NotImplementedError

    def in_days(self, days: int) -> Any:
        if days not in _DAYS:
            raise NotImplementedError(days)
        return bindparam(f"day_{days}", type_=Instant)


def _first(
    reach: Reach, number: int, query: LeadQuery, most: int, *, moments: Moments
) -> Select[Any]:
    """The first of a list; one that depends on the reader, a text or a week is not for here."""
    if query.mine or query.text or query.figure:
        raise NotImplementedError(query)
    order = order_of(LeadSort.PRESSING, query.status, moments, query.steps)
    place = func.row_number().over(order_by=sorted_by(order)).label("place")
    conditions = conditions_of(query, moments, mine=0, fields=Fields())
    numbered = select(lead.c.id, func.count().over().label("total"), place)
    rows = numbered.where(within(reach), *conditions).subquery(f"part_{number}")
    part: Label[int] = literal_column(str(number), Integer).label("part")
    return select(part, rows.c.id, rows.c.total, rows.c.place).where(rows.c.place <= most)
