"""Objections, of the leads an actor may see and of no others."""

from dataclasses import fields as fields_of
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, case, select

from sales.errors import Conflict, ObjectionNotFound
from sales.leads import lead_number
from sales.objections import Objection, ObjectionState
from sales.permissions import Scope
from storage.leads import whose, within
from storage.tables import lead
from storage.tables import objection as table

_PLAIN = tuple(field.name for field in fields_of(Objection) if field.name not in ("id", "state"))
_SAVE = table.update().where(
    table.c.id == bindparam("wanted"), table.c.version == bindparam("known_version")
)
_SETTLED_LAST = case((table.c.state == ObjectionState.ACCEPTED.value, 1), else_=0)


class ObjectionRows:
    """``sales.ports.Objections`` for one scope."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope
        joined = select(table).join(lead, lead.c.id == table.c.lead_id)
        self._seen = joined.where(within(scope.reach))

    def add(self, objection: Objection) -> Objection:
        insert = table.insert().returning(table.c.id)
        added = self._connection.execute(insert, _row(objection))
        return replace(objection, id=added.scalar_one())

    def get(self, objection_id: int) -> Objection:
        found = self._all(self._seen.where(table.c.id == objection_id))
        if not found:
            raise ObjectionNotFound
        return found[0]

    def save(self, objection: Objection) -> Objection:
        self.get(objection.id)
        saved = replace(objection, version=objection.version + 1)
        known = {"wanted": objection.id, "known_version": objection.version}
        if self._connection.execute(_SAVE, _row(saved) | known).rowcount == 0:
            raise Conflict(number=lead_number(objection.lead_id))
        return saved

    def of_lead(self, lead_id: int) -> list[Objection]:
        query = self._seen.where(table.c.lead_id == lead_id)
        return self._all(query.order_by(_SETTLED_LAST, table.c.id))

    def _all(self, query: Select[Any]) -> list[Objection]:
        rows = self._connection.execute(query, whose(self._scope)).mappings()
        return [_objection(row) for row in rows]


def _objection(row: RowMapping) -> Objection:
    known: dict[str, Any] = {name: row[name] for name in _PLAIN}
    return Objection(id=row["id"], state=ObjectionState(row["state"]), **known)


def _row(objection: Objection) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(objection, name) for name in _PLAIN}
    return row | {"state": objection.state.value}
