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
from storage.lead_scoped import EditableLeadScoped
from storage.tables import followup as table
from storage.tables import import_job, imported


class FollowUpRepository(EditableLeadScoped[FollowUp]):
    """Follow-ups; a lead's newest comes first."""

    table = table
    rows = RowMapper(FollowUp)
    order = (table.c.at.desc(), table.c.id.desc())
    not_found = FollowUpNotFound

    def waiting_on(self, lead_id: int) -> FollowUp | None:
        """Find the follow-up whose next step is open."""
        return self._first(_waiting(self._scope.reach), lead_id)

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
def _waiting(reach: Reach) -> Select[Any]:
    is_open = (table.c.next_at.is_not(None), table.c.closed_at.is_(None))
    return FollowUpRepository.all_of_lead(reach).where(*is_open).limit(1)
