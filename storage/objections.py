"""Objections, of the leads an actor may see and of no others."""

from dataclasses import fields as fields_of
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, case, select

from sales.errors import Conflict, ObjectionNotFound
from sales.leads import lead_number
from sales.objections import Objection, ObjectionState
from sales.permissions import Reach, Scope
from storage.database.types import keep_unreadable
from storage.leads.repository import whose, within
from storage.tables import lead
from storage.tables import objection as table

_PLAIN = tuple(field.name for field in fields_of(Objection) if field.name not in ("id", "state"))
_SAVE = table.update().where(
    table.c.id == bindparam("wanted"), table.c.version == bindparam("known_version")
)
_SETTLED_LAST = case((table.c.state == ObjectionState.ACCEPTED.value, 1), else_=0)


class ObjectionRepository:
    """Limited to what one actor may see."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def add(self, objection: Objection) -> Objection:
        insert = table.insert().returning(table.c.id)
        added = self._connection.execute(insert, _row(objection))
        return replace(objection, id=added.scalar_one())

    def get(self, objection_id: int) -> Objection:
        """Raises ObjectionNotFound."""
        found = self._all(_one(self._scope.reach), objection_id)
        if not found:
            raise ObjectionNotFound
        return found[0]

    def save(self, objection: Objection) -> Objection:
        """Raises Conflict when somebody saved it in between."""
        before = self.get(objection.id)
        saved = replace(objection, version=objection.version + 1)
        known = {"wanted": objection.id, "known_version": objection.version}
        row = keep_unreadable(_row(saved), _row(before))
        if self._connection.execute(_SAVE, row | known).rowcount == 0:
            raise Conflict(number=lead_number(objection.lead_id))
        return saved

    def of_lead(self, lead_id: int) -> list[Objection]:
        """Those that stand first, then by age."""
        return self._all(_of_lead(self._scope.reach), lead_id)

    def _all(self, query: Select[Any], wanted: int) -> list[Objection]:
        rows = self._connection.execute(query, {"wanted": wanted} | whose(self._scope))
        return [_objection(row) for row in rows.mappings()]


@cache
def _seen(reach: Reach) -> Select[Any]:
    return select(table).join(lead, lead.c.id == table.c.lead_id).where(within(reach))


@cache
def _one(reach: Reach) -> Select[Any]:
    return _seen(reach).where(table.c.id == bindparam("wanted"))


@cache
def _of_lead(reach: Reach) -> Select[Any]:
    of_lead = _seen(reach).where(table.c.lead_id == bindparam("wanted"))
    return of_lead.order_by(_SETTLED_LAST, table.c.id)


def _objection(row: RowMapping) -> Objection:
    known: dict[str, Any] = {name: row[name] for name in _PLAIN}
    return Objection(id=row["id"], state=ObjectionState(row["state"]), **known)


def _row(objection: Objection) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(objection, name) for name in _PLAIN}
    return row | {"state": objection.state.value}
