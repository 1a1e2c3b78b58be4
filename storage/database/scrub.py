"""Wipes clear text left in the database files after it was replaced by sealed values.

A database keeps old rows in free space until it needs that space. The revisions of earlier versions
asked for tables to be wiped by a row of ``memory`` each.
"""

from collections.abc import Sequence
from typing import Final

import structlog
from sqlalchemy import delete, select, text
from sqlalchemy.exc import SQLAlchemyError

from storage.database.engine import Database
from storage.tables import memory

log = structlog.get_logger(__name__)
_KEY: Final = "storage.database.scrub"
_PAGES: Final = 200
_MOST_MERGES: Final = 10_000
_CHANGES: Final = text("SELECT total_changes()")
_MERGE: Final = text("INSERT INTO lead_text(lead_text, rank) VALUES ('merge', :pages)")
_HERE: Final = memory.c.key.startswith(f"{_KEY}:", autoescape=True)


def scrub(database: Database) -> None:
    """Wipe the scheduled tables; failures are logged and retried at the next start.

    Needs as much free disk as the tables take. Raises StorageUnavailable when nothing can be read.
    """
    with database.read() as connection:
        keys = list(connection.scalars(select(memory.c.key).where(_HERE)))
    if not keys:
        return
    tables = [key.partition(":")[2] for key in keys]
    try:
        wiped = _vacuum_sqlite(database) if database.path else _vacuum_postgresql(database, tables)
    except SQLAlchemyError as error:
        log.warning("scrub.failed", problem=type(error).__name__)
        return
    except Exception as error:
        if not database.path:
            raise
        # SQLite's own error, from below SQLAlchemy.
        log.warning("scrub.failed", problem=str(error))
        return
    if wiped:
        with database.write() as connection:
            connection.execute(delete(memory).where(memory.c.key.in_(keys)))
        log.info("scrub.done", tables=tables)


def forget_words(database: Database) -> None:
    """Have pieces of words that no lead holds any more taken out of SQLite's text index at once, in
    short transactions; by itself it does so when it has grown."""
    if not database.path:
        return
    pages = -_PAGES  # The first call marks everything for merging.
    for _ in range(_MOST_MERGES):
        with database.write() as connection:
            before = connection.scalar(_CHANGES)
            connection.execute(_MERGE, {"pages": pages})
            after = connection.scalar(_CHANGES)
        # As SQLite's documentation says: fewer than two changes, and there was nothing to merge.
        if after - before < 2:
            return
        pages = _PAGES


def empty_journal(database: Database) -> bool:
    """Have SQLite's journal copied into the file and emptied, as it holds what pages were before;
    returns whether it is. With PostgreSQL there is nothing to do."""
    if not database.path:
        return True
    link = database.writer.raw_connection()
    try:
        busy, _, _ = link.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    finally:
        link.close()


def _vacuum_sqlite(database: Database) -> bool:
    link = database.writer.raw_connection()
    try:
        cursor = link.cursor()
        cursor.execute("VACUUM")
        # Otherwise the previous journal still holds what was written then.
        busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    finally:
        link.close()


def _vacuum_postgresql(database: Database, tables: Sequence[str]) -> bool:
    with database.writer.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in tables:
            connection.execute(text(f'VACUUM FULL "{table}"'))
    return True
