"""Reads a database's files byte by byte, for tests of what must never be in them."""

from pathlib import Path
from typing import Final

from sqlalchemy import text

from storage.database.engine import Database

_CATALOGUE_CACHE: Final = "pg_internal.init"
"""PostgreSQL's cache of its own catalogue. Holds no row, and comes and goes during reading."""


def files_of(database: Database) -> list[Path]:
    """The files that hold the rows of ``database``, with all commits written to them."""
    if database.path is not None:
        return [database.path, database.path.with_name(f"{database.path.name}-wal")]
    tables = data_directory(database) / "base" / _ask(database, _MINE)
    return [path for path in tables.rglob("*") if path.is_file() and path.name != _CATALOGUE_CACHE]


def data_directory(database: Database) -> Path:
    """Where the PostgreSQL server keeps its files, after a checkpoint."""
    with database.writer.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("CHECKPOINT"))
    return Path(_ask(database, "SHOW data_directory"))


def journal_of(database: Database) -> Path:
    """The file that the PostgreSQL server currently journals into."""
    name = _ask(database, "SELECT pg_walfile_name(pg_current_wal_lsn())")
    return data_directory(database) / "pg_wal" / name


_MINE: Final = "SELECT oid FROM pg_database WHERE datname = current_database()"


def _ask(database: Database, question: str) -> str:
    with database.writer.connect() as connection:
        return str(connection.scalar(text(question)))
