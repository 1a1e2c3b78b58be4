"""Follow-ups; limited to leads the actor may see."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from sales.errors import FollowUpNotFound
from sales.followups import FollowUp
from sales.leads import Lead
from sales.permissions import Reach
from storage.database.rows import RowMapper
from storage.database.types import Instant
from storage.lead_scoped import EditableLeadScoped
from storage.tables import followup as table
from storage.tables import import_job, imported, lead


class FollowUpRepository(EditableLeadScoped[FollowUp]):
    """Follow-ups; a lead's newest comes first."""

    table = table
    rows = RowMapper(FollowUp)
    order = (table.c.at.desc(), table.c.id.desc())
    not_found = FollowUpNotFound

    def waiting_on(self, lead_id: int) -> FollowUp | None:
        """Find the follow-up whose next step is open."""
        return self._first(_waiting(self._scope.reach), lead_id)

    def planned_for(self, owner_id: int, after: datetime, limit: int) -> list[FollowUp]:
        """The open next steps of a person's leads that are due after a moment, the next first."""
        query = _planned(self._scope.reach).limit(limit)
        params = {"owner": owner_id, "after": after} | self._with(0)
        rows = self._connection.execute(query, params).mappings()
        return [self.rows.read(row) for row in rows]

    def began(self, lead: Lead) -> datetime | None:
        """Since when contact with a lead's customer can have been logged.

        None: not known, for a lead imported from a file that does not say when it was created.
        """
        imported_at = self._connection.execute(_IMPORTED, {"wanted": lead.id}).scalar()
        return None if imported_at and imported_at <= lead.created_at else lead.created_at


_IMPORTED = (
    select(import_job.c.created_at)
    .join(imported, imported.c.job_id == import_job.c.id)
    .where(imported.c.lead_id == bindparam("wanted"))
)


@cache
def _planned(reach: Reach) -> Select[Any]:
    is_open = (table.c.next_at > bindparam("after", type_=Instant), table.c.closed_at.is_(None))
    theirs = lead.c.owner_id == bindparam("owner")
    visible = FollowUpRepository.visible(reach).where(theirs, *is_open)
    return visible.order_by(table.c.next_at, table.c.id)


@cache
def _waiting(reach: Reach) -> Select[Any]:
    is_open = (table.c.next_at.is_not(None), table.c.closed_at.is_(None))
    return FollowUpRepository.all_of_lead(reach).where(*is_open).limit(1)
