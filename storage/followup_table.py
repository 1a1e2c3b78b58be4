"""Reads follow-ups as a table with the names of customers and people [P16].

Limited to leads the actor may see, or decide on for what leaves the bot.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from sales.followups import TableFilter, TableRow
from sales.permissions import Scope
from storage.database.rows import RowMapper
from storage.leads.repository import decided, whose, within
from storage.scoping import unindexed
from storage.tables import followup as table
from storage.tables import lead, person

_ROWS = RowMapper(TableRow)
_NAMES = {"customer": lead.c.customer, "person": person.c.name}
_COLUMNS = [(_NAMES[name] if name in _NAMES else table.c[name]).label(name) for name in _ROWS.names]
# Has SQLite go through follow-ups by their time until it has enough, and not gather those of all
# leads in scope first.
_FROM = table.join(lead, lead.c.id == unindexed(table.c.lead_id)).join(
    person, person.c.id == table.c.person_id
)


class FollowUpTable:
    """The follow-up table of one actor. ``own``: only of leads that the actor decides on."""

    def __init__(self, connection: Connection, scope: Scope, *, own: bool = False) -> None:
        self._connection = connection
        self._scope = scope
        self._visible = decided(scope.reach) if own else within(scope.reach)

    def count(self, wanted: TableFilter, *, most: int | None = None) -> int:
        """Count the rows; ``most`` + 1 for more than ``most``, which spares counting years."""
        query = self._matching(select(func.count()), wanted)
        if most is not None:
            some = self._matching(select(table.c.id), wanted).limit(most + 1)
            query = select(func.count()).select_from(some.subquery())
        return int(self._connection.execute(query, whose(self._scope)).scalar_one())

    def rows(
        self, wanted: TableFilter, limit: int, offset: int = 0, *, newest_first: bool = False
    ) -> Sequence[TableRow]:
        """Return the rows by when the contact took place."""
        query = self._matching(select(*_COLUMNS), wanted)
        order = (table.c.at, table.c.id)
        query = query.order_by(*(one.desc() for one in order) if newest_first else order)
        rows = self._connection.execute(query.limit(limit).offset(offset), whose(self._scope))
        return [_ROWS.read(row) for row in rows.mappings()]

    def _matching(self, query: Select[Any], wanted: TableFilter) -> Select[Any]:
        conditions: list[ColumnElement[bool]] = [self._visible]
        if wanted.lead_id is not None:
            conditions.append(table.c.lead_id == wanted.lead_id)
        if wanted.stages:
            conditions.append(lead.c.stage.in_([stage.value for stage in wanted.stages]))
        if wanted.start:
            conditions.append(table.c.at >= wanted.start)
        if wanted.end:
            conditions.append(table.c.at < wanted.end)
        return query.select_from(_FROM).where(*conditions)
