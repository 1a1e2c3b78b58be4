"""Follow-ups; limited to leads the actor may see."""

from functools import cache
from typing import Any

from sqlalchemy import Select

from sales.errors import FollowUpNotFound
from sales.followups import FollowUp
from sales.permissions import Reach
from storage.database.rows import RowMapper
from storage.lead_scoped import EditableLeadScoped
from storage.tables import followup as table


class FollowUpRepository(EditableLeadScoped[FollowUp]):
    """Follow-ups; a lead's newest comes first."""

    table = table
    rows = RowMapper(FollowUp)
    order = (table.c.at.desc(), table.c.id.desc())
    not_found = FollowUpNotFound

    def waiting_on(self, lead_id: int) -> FollowUp | None:
        """Find the follow-up whose next step is open."""
        return self._first(_waiting(self._scope.reach), lead_id)


@cache
def _waiting(reach: Reach) -> Select[Any]:
    is_open = (table.c.next_at.is_not(None), table.c.closed_at.is_(None))
    return FollowUpRepository.all_of_lead(reach).where(*is_open).limit(1)
