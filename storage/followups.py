"""Follow-ups, of the leads an actor may see and of no others."""

from dataclasses import fields as fields_of
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, select

from sales.errors import Conflict, FollowUpNotFound
from sales.followups import FollowUp, Method
from sales.leads import lead_number
from sales.permissions import Reach, Scope
from storage.database.types import keep_unreadable
from storage.leads.repository import require_seen, whose, within
from storage.tables import followup as table
from storage.tables import lead

_PLAIN = tuple(field.name for field in fields_of(FollowUp) if field.name != "method")

_ADD = table.insert().returning(table.c.id)


def followup_from_row(row: RowMapping) -> FollowUp:
    known: dict[str, Any] = {name: row[name] for name in _PLAIN}
    return FollowUp(method=Method(row["method"]), **known)


class FollowUpRepository:
    """Limited to what one actor may see."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def add(self, followup: FollowUp) -> FollowUp:
        """Raises LeadNotFound for a lead the actor may not see."""
        require_seen(self._connection, self._scope, followup.lead_id)
        added = self._connection.execute(_ADD, _row(followup))
        return replace(followup, id=added.scalar_one())

    def get(self, followup_id: int) -> FollowUp:
        """Raises FollowUpNotFound."""
        found = self._first(_one(self._scope.reach), followup_id)
        if found is None:
            raise FollowUpNotFound(id=followup_id)
        return found

    def save(self, followup: FollowUp) -> FollowUp:
        """Raises Conflict when somebody saved it in between."""
        before = self.get(followup.id)
        saved = replace(followup, version=followup.version + 1)
        known = {"wanted": followup.id, "known_version": followup.version}
        row = keep_unreadable(_row(saved), _row(before))
        changed = self._connection.execute(_SAVE, row | known)
        if changed.rowcount == 0:
            raise Conflict(number=lead_number(followup.lead_id))
        return saved

    def waiting_on(self, lead_id: int) -> FollowUp | None:
        """The one whose next step is open."""
        return self._first(_waiting(self._scope.reach), lead_id)

    def history(self, lead_id: int, limit: int) -> list[FollowUp]:
        """Newest first."""
        query = _of_lead(self._scope.reach).limit(limit)
        rows = self._connection.execute(query, self._with(lead_id))
        return [followup_from_row(row) for row in rows.mappings()]

    def _first(self, query: Select[Any], wanted: int) -> FollowUp | None:
        row = self._connection.execute(query, self._with(wanted)).mappings().first()
        return None if row is None else followup_from_row(row)

    def _with(self, wanted: int) -> dict[str, int]:
        return {"wanted": wanted} | whose(self._scope)


_SAVE = table.update().where(
    table.c.id == bindparam("wanted"), table.c.version == bindparam("known_version")
)


@cache
def _visible(reach: Reach) -> Select[Any]:
    return select(table).join(lead, lead.c.id == table.c.lead_id).where(within(reach))


@cache
def _one(reach: Reach) -> Select[Any]:
    return _visible(reach).where(table.c.id == bindparam("wanted"))


@cache
def _of_lead(reach: Reach) -> Select[Any]:
    query = _visible(reach).where(table.c.lead_id == bindparam("wanted"))
    return query.order_by(table.c.at.desc(), table.c.id.desc())


@cache
def _waiting(reach: Reach) -> Select[Any]:
    is_open = (table.c.next_at.is_not(None), table.c.closed_at.is_(None))
    return _of_lead(reach).where(*is_open).limit(1)


def _row(followup: FollowUp) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(followup, name) for name in _PLAIN if name != "id"}
    return row | {"method": followup.method.value}
