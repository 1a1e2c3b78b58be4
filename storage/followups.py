"""Follow-ups, of the leads an actor may see and of no others."""

from dataclasses import fields as fields_of
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select

from sales.errors import Conflict, FollowUpNotFound, LeadNotFound
from sales.followups import FollowUp, Method
from sales.leads import lead_number
from sales.permissions import Scope
from storage.leads import in_scope
from storage.tables import followup as table
from storage.tables import lead

_PLAIN = tuple(field.name for field in fields_of(FollowUp) if field.name != "method")


def followup_from_row(row: RowMapping) -> FollowUp:
    known: dict[str, Any] = {name: row[name] for name in _PLAIN}
    return FollowUp(method=Method(row["method"]), **known)


class FollowUpRows:
    """``sales.ports.FollowUps`` for one scope."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._mine = in_scope(scope)

    def add(self, followup: FollowUp) -> FollowUp:
        """Raises LeadNotFound for a lead the actor may not see."""
        seen = select(lead.c.id).where(lead.c.id == followup.lead_id, self._mine)
        if self._connection.scalar(seen) is None:
            raise LeadNotFound(number=lead_number(followup.lead_id))
        insert = table.insert().values(_row(followup)).returning(table.c.id)
        return replace(followup, id=self._connection.execute(insert).scalar_one())

    def get(self, followup_id: int) -> FollowUp:
        found = self._first(self._visible().where(table.c.id == followup_id))
        if found is None:
            raise FollowUpNotFound(id=followup_id)
        return found

    def save(self, followup: FollowUp) -> FollowUp:
        self.get(followup.id)
        saved = replace(followup, version=followup.version + 1)
        changed = self._connection.execute(
            table.update()
            .where(table.c.id == followup.id, table.c.version == followup.version)
            .values(_row(saved))
        )
        if changed.rowcount == 0:
            raise Conflict(number=lead_number(followup.lead_id))
        return saved

    def waiting_on(self, lead_id: int) -> FollowUp | None:
        return self._first(
            self._visible()
            .where(
                table.c.lead_id == lead_id,
                table.c.next_at.is_not(None),
                table.c.closed_at.is_(None),
            )
            .order_by(table.c.at.desc(), table.c.id.desc())
            .limit(1)
        )

    def history(self, lead_id: int, limit: int) -> list[FollowUp]:
        query = self._visible().where(table.c.lead_id == lead_id)
        rows = self._connection.execute(
            query.order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
        )
        return [followup_from_row(row) for row in rows.mappings()]

    def _visible(self) -> Select[Any]:
        return select(table).join(lead, lead.c.id == table.c.lead_id).where(self._mine)

    def _first(self, query: Select[Any]) -> FollowUp | None:
        row = self._connection.execute(query).mappings().first()
        return None if row is None else followup_from_row(row)


def _row(followup: FollowUp) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(followup, name) for name in _PLAIN if name != "id"}
    return row | {"method": followup.method.value}
