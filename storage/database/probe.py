"""Probes whether the database still writes and reads."""

import shutil
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.database.engine import Database
from storage.database.troubles import trouble_of
from storage.database.upsert import insert_into
from storage.tables import memory

_KEY: Final = "health:probe"
_KEPT: Final = timedelta(hours=1)


def write_probe(database: Database, now: datetime) -> None:
    """Write one small row, always the same one, to the disk. Raises StorageUnavailable."""
    what = {"value": None, "total": 0, "forget_at": now + _KEPT}
    with database.write() as connection:
        insert = insert_into(memory, connection.dialect.name).values(key=_KEY, **what)
        connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=what))


def is_damaged(database: Database) -> bool:
    """Check a whole SQLite file for damaged pages.

    PostgreSQL reports its own when it meets one. Raises StorageUnavailable for anything else.
    """
    if database.dialect != "sqlite":
        return False
    try:
        with database.reader.connect() as connection:
            result: str = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
    except DBAPIError as error:
        if trouble_of(error) == "damaged":
            return True
        with database.answering(read_only=True):
            raise
    return result != "ok"


def room_left(database: Database) -> int | None:
    """Return the free bytes on an SQLite database's disk; None where unknown."""
    if database.path is None:
        return None
    try:
        return shutil.disk_usage(database.path.parent).free
    except OSError:
        return None
