"""The requests seen, so that a redelivered one has no second effect."""

from datetime import datetime

from sqlalchemy import Connection

from storage.inserts import insert_into
from storage.tables import inbound as table


class InboundRows:
    """``sales.ports.Inbound``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_new(self, request_id: str, now: datetime) -> bool:
        insert = insert_into(self._connection, table).values(id=request_id, at=now)
        added = self._connection.execute(
            insert.on_conflict_do_nothing(index_elements=["id"]).returning(table.c.id)
        )
        return added.first() is not None
