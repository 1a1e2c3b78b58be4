"""Remembers handled requests, so that a redelivered one has no second effect."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.sql.dml import ReturningInsert

from storage.database.upsert import insert_into
from storage.tables import inbound as table


class SeenRequestRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_new(self, request_id: str, now: datetime) -> bool:
        """Record the request; False when it was recorded before. Rolled back with the unit of
        work."""
        insert = _if_new(self._connection.dialect.name)
        added = self._connection.execute(insert, {"id": request_id, "at": now})
        return added.first() is not None

    def knows(self, request_id: str) -> bool:
        """Whether the request was recorded, without recording it."""
        found = select(table.c.id).where(table.c.id == request_id)
        return self._connection.execute(found).first() is not None


@cache
def _if_new(dialect: str) -> ReturningInsert[Any]:
    insert = insert_into(table, dialect).on_conflict_do_nothing(index_elements=["id"])
    return insert.returning(table.c.id)
