"""Remarks about leads; limited to leads the actor may see."""

from datetime import datetime

from sales.discussion import Remark
from storage.database.rows import RowMapper
from storage.lead_scoped import LeadScoped
from storage.leads.repository import whose
from storage.tables import remark as table


class DiscussionRepository(LeadScoped[Remark]):
    """Remarks about leads; a lead's newest comes first."""

    table = table
    rows = RowMapper(Remark)
    order = (table.c.at.desc(), table.c.id.desc())

    def take_back(self, remark: Remark) -> None:
        """Delete a remark as if it had never been made."""
        self._connection.execute(table.delete().where(table.c.id == remark.id))

    def between(self, lead_id: int, start: datetime, end: datetime) -> list[Remark]:
        """List the remarks made in ``[start, end)``, oldest first."""
        then = (table.c.lead_id == lead_id, table.c.at >= start, table.c.at < end)
        query = self.visible(self._scope.reach).where(*then)
        return self._all(query.order_by(table.c.at, table.c.id))

    def speakers(self, lead_id: int) -> frozenset[int]:
        """Return the ids of everyone who remarked on the lead."""
        spoke = self.visible(self._scope.reach).with_only_columns(table.c.person_id).distinct()
        ids = self._connection.execute(spoke.where(table.c.lead_id == lead_id), whose(self._scope))
        return frozenset(ids.scalars())
