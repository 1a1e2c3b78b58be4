"""Values that platform adapters keep across restarts and replicas; encrypted."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case, select

from sales.unreadable import UnreadableText
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.upsert import insert_into
from storage.tables import memory as table

VALUE = "memory.value"


class MemoryStore:
    """Values and counters by key, each with an expiry time.

    Every call is a transaction of its own. What has expired is no longer returned, though its row
    stays until the purge.
    """

    def __init__(self, database: Database, fields: Fields) -> None:
        self._database = database
        self._fields = fields

    def put(self, key: str, value: Mapping[str, Any], forget_at: datetime) -> None:
        sealed = self._fields.seal(json.dumps(dict(value), ensure_ascii=False), VALUE)
        what = {"value": sealed, "total": 0, "forget_at": forget_at}
        with self._database.write() as connection:
            insert = insert_into(table, connection.dialect.name).values(key=key, **what)
            connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=what))

    def get(self, key: str, now: datetime) -> dict[str, Any] | None:
        query = select(table.c.value).where(table.c.key == key, table.c.forget_at > now)
        with self._database.read() as connection:
            return self._opened(connection.scalar(query))

    def take(self, key: str, now: datetime) -> dict[str, Any] | None:
        """Read and delete a value: of several callers exactly one gets it."""
        taken = table.delete().where(table.c.key == key)
        with self._database.write() as connection:
            row = connection.execute(taken.returning(table.c.value, table.c.forget_at)).first()
        return None if row is None or row.forget_at <= now else self._opened(row.value)

    def count(self, key: str, by: int, now: datetime, forget_at: datetime) -> int:
        """Add to a counter, starting from 0 when it has expired; returns the new total."""
        with self._database.write() as connection:
            insert = insert_into(table, connection.dialect.name).values(
                key=key, value=None, total=by, forget_at=forget_at
            )
            total = case((table.c.forget_at <= now, by), else_=table.c.total + by)
            added = insert.on_conflict_do_update(
                index_elements=["key"], set_={"total": total, "forget_at": forget_at}
            )
            counted: int = connection.execute(added.returning(table.c.total)).scalar_one()
            return counted

    def _opened(self, sealed: bytes | None) -> dict[str, Any] | None:
        """Decrypt a value; one that cannot be decrypted counts as forgotten."""
        if sealed is None:
            return None
        text = self._fields.read(sealed, VALUE)
        if isinstance(text, UnreadableText):
            return None
        value: dict[str, Any] = json.loads(text)
        return value
