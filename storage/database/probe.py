"""Tries whether the database still takes and gives what is asked of it."""

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
    """Write one small row to the disk; the same one each time. Raises StorageUnavailable."""
    what = {"value": None, "total": 0, "forget_at": now + _KEPT}
    with database.write() as connection:
        insert = insert_into(memory, connection.dialect.name).values(key=_KEY, **what)
        connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=what))


def is_damaged(database: Database) -> bool:
    """Whether an SQLite file has pages that make no sense; reads all of it. PostgreSQL tells of
    its own by itself, when it meets one. Raises StorageUnavailable for anything else."""
    if database.dialect != "sqlite":
        return False
    try:
        with database.reader.connect() as connection:
            found: str = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
    except DBAPIError as error:
        if trouble_of(error) == "damaged":
            return True
        with database.answering(read_only=True):
            raise
    return found != "ok"


def room_left(database: Database) -> int | None:
    """Bytes that are free on an SQLite database's disk; None where that cannot be told."""
    if database.path is None:
        return None
    try:
        return shutil.disk_usage(database.path.parent).free
    except OSError:
        return None
