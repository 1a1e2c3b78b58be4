"""Loss reviews; limited to leads the actor may see."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, bindparam

from sales.errors import LossReviewNotFound
from sales.leads import Stage
from sales.loss_reviews import LossReview
from sales.permissions import Reach
from sales.reports import ALL, JourneyFilter
from storage.database.rows import RowMapper
from storage.database.types import Instant
from storage.lead_scoped import EditableLeadScoped
from storage.leads.repository import whose
from storage.tables import lead
from storage.tables import loss_review as table


class LossReviewRepository(EditableLeadScoped[LossReview]):
    """Loss reviews; of a lead usually one, after a merge perhaps several, the newest first."""

    table = table
    rows = RowMapper(LossReview)
    order = (table.c.id.desc(),)
    not_found = LossReviewNotFound

    def latest(self, lead_id: int) -> LossReview | None:
        return next(iter(self.of_lead(lead_id, 1)), None)

    def of_period(
        self, start: datetime, end: datetime, only: JourneyFilter = ALL
    ) -> tuple[LossReview, ...]:
        """The written reviews of deals lost in ``[start, end)``; like ``all_of_period``."""
        return tuple(one for one in self.all_of_period(start, end, only) if one.is_written)

    def all_of_period(
        self, start: datetime, end: datetime, only: JourneyFilter = ALL
    ) -> tuple[LossReview, ...]:
        """The reviews, written or open, of deals that were lost in ``[start, end)`` and still are,
        by when they were lost; of a lead the newest."""
        params = whose(self._scope) | {"start": start, "end": end}
        query = _lost_within(self._scope.reach).where(*_matching(only))
        rows = self._connection.execute(query, params).mappings()
        newest = {row["lead_id"]: self.rows.read(row) for row in rows}
        return tuple(newest.values())


def _matching(only: JourneyFilter) -> Iterator[ColumnElement[bool]]:
    columns: Mapping[Column[Any], frozenset[Any]] = {
        lead.c.team_id: only.team_ids,
        lead.c.owner_id: only.owner_ids,
        lead.c.source_key: only.sources,
        lead.c.product: only.products,
        lead.c.region: only.regions,
    }
    for column, values in columns.items():
        if values:
            yield column.in_(values)


@cache
def _lost_within(reach: Reach) -> Select[Any]:
    return (
        LossReviewRepository.visible(reach)
        .where(
            table.c.lost_at >= bindparam("start", type_=Instant),
            table.c.lost_at < bindparam("end", type_=Instant),
            lead.c.stage == Stage.LOST.value,
        )
        .order_by(table.c.lost_at, table.c.id)
    )
