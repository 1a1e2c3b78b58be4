"""Remarks, about the leads an actor may see and no others."""

from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, select

from sales.discussion import Remark
from sales.errors import LeadNotFound
from sales.leads import lead_number
from sales.permissions import Reach, Scope
from storage.leads.repository import whose, within
from storage.tables import lead
from storage.tables import remark as table

_COLUMNS = tuple(field.name for field in fields_of(Remark))


class DiscussionRepository:
    """Limited to what one actor may see."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope
        self._seen = _seen(scope.reach)

    def add(self, remark: Remark) -> Remark:
        """Raises LeadNotFound for a lead the actor may not see."""
        theirs = select(lead.c.id).where(lead.c.id == remark.lead_id, within(self._scope.reach))
        if self._connection.scalar(theirs, whose(self._scope)) is None:
            raise LeadNotFound(number=lead_number(remark.lead_id))
        row = {name: getattr(remark, name) for name in _COLUMNS if name != "id"}
        added = self._connection.execute(table.insert().returning(table.c.id), row)
        return replace(remark, id=added.scalar_one())

    def find(self, remark_id: int) -> Remark | None:
        found = self._all(self._seen.where(table.c.id == remark_id))
        return found[0] if found else None

    def take_back(self, remark: Remark) -> None:
        """It was never said."""
        self._connection.execute(table.delete().where(table.c.id == remark.id))

    def latest(self, lead_id: int, limit: int) -> list[Remark]:
        """Newest first."""
        newest = _newest(self._scope.reach).limit(limit)
        rows = self._connection.execute(newest, {"wanted": lead_id} | whose(self._scope))
        return [_remark(row) for row in rows.mappings()]

    def between(self, lead_id: int, start: datetime, end: datetime) -> list[Remark]:
        """Said in ``[start, end)``, oldest first."""
        then = (table.c.lead_id == lead_id, table.c.at >= start, table.c.at < end)
        return self._all(self._seen.where(*then).order_by(table.c.at, table.c.id))

    def speakers(self, lead_id: int) -> frozenset[int]:
        """The ids of all who said anything."""
        spoke = self._seen.with_only_columns(table.c.person_id).distinct()
        found = self._connection.execute(
            spoke.where(table.c.lead_id == lead_id), whose(self._scope)
        )
        return frozenset(found.scalars())

    def _all(self, query: Select[Any]) -> list[Remark]:
        rows = self._connection.execute(query, whose(self._scope)).mappings()
        return [_remark(row) for row in rows]


@cache
def _seen(reach: Reach) -> Select[Any]:
    return select(table).join(lead, lead.c.id == table.c.lead_id).where(within(reach))


@cache
def _newest(reach: Reach) -> Select[Any]:
    of_lead = _seen(reach).where(table.c.lead_id == bindparam("wanted"))
    return of_lead.order_by(table.c.at.desc(), table.c.id.desc())


def _remark(row: RowMapping) -> Remark:
    return Remark(**{name: row[name] for name in _COLUMNS})
