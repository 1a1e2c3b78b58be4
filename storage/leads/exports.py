"""Reads leads for export, without phones and e-mails.

Only leads that the actor decides on: a lead shared with them belongs to a colleague, who may export
it.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, func, select

from sales.exports import ExportedLead, LeadFilter
from sales.permissions import Scope
from storage.database.rows import RowMapper
from storage.leads.repository import decided, whose
from storage.tables import lead as table
from storage.tables import person, team

_EXPORTED = RowMapper(ExportedLead)
_JOINED = {"owner": func.coalesce(person.c.name, ""), "team": func.coalesce(team.c.name, "")}
_COLUMNS = [
    (_JOINED[name] if name in _JOINED else table.c[name]).label(name) for name in _EXPORTED.names
]
_FROM = table.outerjoin(person, person.c.id == table.c.owner_id).outerjoin(
    team, team.c.id == table.c.team_id
)
_BATCH = 1000


class ExportRepository:
    """Leads to export, limited to what one actor may see."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def count(self, wanted: LeadFilter) -> int:
        query = select(func.count()).select_from(table).where(*self._conditions(wanted))
        return self._connection.execute(query, whose(self._scope)).scalar_one()

    def leads(self, wanted: LeadFilter) -> Iterator[ExportedLead]:
        """Yield the matching leads, oldest first."""
        after = 0
        page = select(*_COLUMNS).select_from(_FROM).where(*self._conditions(wanted))
        while True:
            query = page.where(table.c.id > after).order_by(table.c.id).limit(_BATCH)
            rows = self._connection.execute(query, whose(self._scope)).mappings().all()
            yield from (_EXPORTED.read(row) for row in rows)
            if len(rows) < _BATCH:
                return
            after = rows[-1]["id"]

    def some(self, ids: Sequence[int]) -> Iterator[ExportedLead]:
        """Yield those of the leads that may be exported, in the order of their ``ids``."""
        page = select(*_COLUMNS).select_from(_FROM).where(decided(self._scope.reach))
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            query = page.where(table.c.id.in_(batch))
            rows = self._connection.execute(query, whose(self._scope)).mappings()
            found = {row["id"]: _EXPORTED.read(row) for row in rows}
            yield from (found[lead_id] for lead_id in batch if lead_id in found)

    def _conditions(self, lead_filter: LeadFilter) -> list[ColumnElement[bool]]:
        conditions = [decided(self._scope.reach)]
        if lead_filter.stages:
            conditions.append(table.c.stage.in_([stage.value for stage in lead_filter.stages]))
        if lead_filter.start:
            conditions.append(table.c.created_at >= lead_filter.start)
        if lead_filter.end:
            conditions.append(table.c.created_at < lead_filter.end)
        return conditions
