"""What is in a database file: schema, rows, audit, sealed values. Compared after a restore.

Reads plain files with the driver itself: a restored database is not the product's yet, and may be
of an earlier schema than this version's tables.
"""

import hashlib
import random
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from storage.backups.manifests import Contents
from storage.backups.sealing import BackupDamaged, BackupKeyMissing
from storage.backups.sqlite.pages import open_copy
from storage.database.encryption import Fields, Unreadable
from storage.database.engine import sqlite_module
from storage.database.keyring import Keyring
from storage.database.types import sealed_columns
from storage.tables import metadata

OPENED: Final = 10
"""Sealed values that are opened to prove that the keys fit, from as many columns as there are."""
_INTERNAL: Final = ("sqlite_stat", "sqlite_sequence")


def contents_of(path: Path) -> Contents:
    """Describe an SQLite file. Raises BackupDamaged for what cannot be read as a database."""
    try:
        with closing(open_copy(path)) as link:
            return Contents(_revision(link), _counts(link), _audit_head(link), _chain(link))
    except sqlite_module().DatabaseError as error:
        raise BackupDamaged(path.name, "not a readable database") from error


def check_integrity(path: Path, name: str) -> None:
    """Check all pages, indexes and references of an SQLite file. Raises BackupDamaged."""
    try:
        with closing(open_copy(path)) as link:
            (result,) = link.execute("PRAGMA integrity_check(1)").fetchone()
            dangling = link.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite_module().DatabaseError as error:
        raise BackupDamaged(name, "not a readable database") from error
    if result != "ok" or dangling:
        raise BackupDamaged(name, "the database in it is damaged")


def open_some(path: Path, name: str, keyring: Keyring) -> int:
    """Decrypt some sealed values; returns how many. Raises BackupDamaged, BackupKeyMissing."""
    with closing(open_copy(path)) as link:
        return open_all(_samples(link), name, keyring)


def open_all(samples: Iterable[tuple[bytes, str]], name: str, keyring: Keyring) -> int:
    """Decrypt sealed values, each with its place; returns how many.

    Raises BackupKeyMissing, and BackupDamaged for a value that its own key does not open.
    """
    fields, opened = Fields(keyring), 0
    for sealed, place in samples:
        try:
            key_id = fields.key_id(sealed)
            if key_id not in keyring.ids:
                raise BackupKeyMissing(key_id)
            fields.open(sealed, place)
        except Unreadable as error:
            raise BackupDamaged(name, f"a sealed value of {place} does not open") from error
        opened += 1
    return opened


def _revision(link: Any) -> str:
    if not _has_table(link, "alembic_version"):
        return ""
    row = link.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def _counts(link: Any) -> dict[str, int]:
    """Count the rows of all tables, of those too in which SQLite keeps its search index."""
    tables = link.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL %'"
    ).fetchall()
    return {
        name: link.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - own names
        for (name,) in sorted(tables)
        if not name.startswith(_INTERNAL)
    }


def _audit_head(link: Any) -> str:
    """Identify the newest entry of the audit: its id and the hash of its values."""
    if not _has_table(link, "audit"):
        return ""
    row = link.execute("SELECT * FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    if row is None:
        return ""
    return f"{row[0]}:{hashlib.sha256(repr(row).encode()).hexdigest()}"


def _chain(link: Any) -> str:
    """The head of the audit's hash chain; empty before there was one."""
    if not _has_table(link, "audit_head"):
        return ""
    row = link.execute("SELECT number, head FROM audit_head").fetchone()
    return f"{row[0]}:{bytes(row[1]).hex()}" if row else ""


def _has_table(link: Any, name: str) -> bool:
    query = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
    return link.execute(query, (name,)).fetchone() is not None


def _samples(link: Any) -> Iterator[tuple[bytes, str]]:
    """Yield sealed values of random columns and rows, at most ``OPENED``."""
    columns = list(sealed_columns(metadata))
    random.shuffle(columns)
    left = OPENED
    for column, place in columns:
        table, name = column.table.name, column.name
        there = link.execute(
            "SELECT 1 FROM pragma_table_info(?) WHERE name = ?", (table, name)
        ).fetchone()
        if not left or not there:
            continue
        value = _random_value(link, table, name)
        # Text from a version that did not seal this column is in clear.
        if isinstance(value, bytes):
            left -= 1
            yield value, place


def _random_value(link: Any, table: str, column: str) -> object:
    (newest,) = link.execute(f'SELECT max(rowid) FROM "{table}"').fetchone()  # noqa: S608 - as above
    if newest is None:
        return None
    start = random.randint(0, newest)  # noqa: S311 - any row will do
    for order in (f"rowid >= {start} ORDER BY rowid", f"rowid < {start} ORDER BY rowid DESC"):
        row = link.execute(
            f'SELECT "{column}" FROM "{table}" '  # noqa: S608 - as above
            f'WHERE length("{column}") > 14 AND {order} LIMIT 1'
        ).fetchone()
        if row:
            return row[0]
    return None
