"""Stores requests for access to others' leads, and the collaborators on each lead."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from sales.collaboration import AccessRequest
from sales.errors import LeadNotFound
from storage.database.rows import RowMapper
from storage.database.upsert import insert_into
from storage.tables import access_request as table
from storage.tables import collaborator

_REQUESTS = RowMapper(AccessRequest)
_BY_ID = select(table).where(table.c.id == bindparam("request"))
_LATEST = (
    select(table)
    .where(table.c.lead_id == bindparam("lead"), table.c.asker_id == bindparam("asker"))
    .order_by(table.c.id.desc())
    .limit(1)
)
_COLLABORATORS = (
    select(collaborator.c.person_id)
    .where(collaborator.c.lead_id == bindparam("lead"))
    .order_by(collaborator.c.person_id)
)


class CollaboratorRepository:
    """Access requests and collaborators. Not limited to an actor: read the lead with the actor's
    rights."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, request: AccessRequest) -> AccessRequest:
        insert = table.insert().returning(table.c.id)
        added = self._connection.execute(insert, _REQUESTS.write(request))
        return replace(request, id=added.scalar_one())

    def get(self, request_id: int) -> AccessRequest:
        """Return a request. Raises LeadNotFound."""
        request = self._first(_BY_ID, request=request_id)
        if request is None:
            raise LeadNotFound(number="")
        return request

    def save(self, request: AccessRequest) -> AccessRequest:
        update = table.update().where(table.c.id == request.id)
        self._connection.execute(update, _REQUESTS.write(request))
        return request

    def latest(self, lead_id: int, asker_id: int) -> AccessRequest | None:
        return self._first(_LATEST, lead=lead_id, asker=asker_id)

    def share(self, lead_id: int, person_id: int) -> None:
        insert = insert_into(collaborator, self._connection.dialect.name)
        pair = {"lead_id": lead_id, "person_id": person_id}
        self._connection.execute(insert.on_conflict_do_nothing(), pair)

    def end(self, lead_id: int, person_id: int) -> None:
        theirs = (collaborator.c.lead_id == lead_id, collaborator.c.person_id == person_id)
        self._connection.execute(collaborator.delete().where(*theirs))

    def collaborators(self, lead_id: int) -> list[int]:
        """List the ids of people who see the lead beside its owner."""
        return list(self._connection.scalars(_COLLABORATORS, {"lead": lead_id}))

    def _first(self, query: Select[Any], **params: int) -> AccessRequest | None:
        row = self._connection.execute(query, params).mappings().first()
        return None if row is None else _REQUESTS.read(row)
