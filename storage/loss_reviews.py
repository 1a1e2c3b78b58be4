"""Loss reviews; limited to leads the actor may see."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam

from sales.errors import LossReviewNotFound
from sales.leads import Stage
from sales.loss_reviews import LossReview
from sales.permissions import Reach
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

    def of_month(self, start: datetime, end: datetime) -> list[LossReview]:
        """The reviews of deals lost in ``[start, end)`` that are still lost, written or open, by
        when they were lost."""
        params = whose(self._scope) | {"start": start, "end": end}
        rows = self._connection.execute(_lost_within(self._scope.reach), params).mappings()
        return [self.rows.read(row) for row in rows]


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
