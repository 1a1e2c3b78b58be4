"""What is in a PostgreSQL database: schema, rows, audit, sealed values. For comparing."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from psycopg import ClientCursor, connect
from sqlalchemy.engine import URL

from storage.backups.audit_chain import check_chain
from storage.backups.manifests import Contents, Manifest, Meanwhile
from storage.backups.postgresql.tools import conninfo
from storage.backups.sealing import BackupDamaged
from storage.backups.sqlite.contents import OPENED, open_all
from storage.database.engine import open_database
from storage.database.keyring import Keyring
from storage.database.types import sealed_columns
from storage.tables import metadata

_NOWHERE: Final = Path()
"""PostgreSQL has no file of its own."""
_SEQUENCES: Final = (
    "SELECT t.relname, coalesce(pg_sequence_last_value(s.oid), 0) FROM pg_class s "
    "JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid "
    "AND d.deptype IN ('a', 'i') JOIN pg_class t ON t.oid = d.refobjid "
    "WHERE s.relkind = 'S' AND t.relnamespace = current_schema()::regnamespace"
)


def read_contents(link: Any) -> Contents:
    """Describe a database, in the transaction of ``link``. Raises the driver's Error."""
    names = [
        row[0]
        for row in link.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        )
    ]
    counts = {name: one(link, f'SELECT count(*) FROM "{name}"') for name in names}  # noqa: S608
    version = "SELECT version_num FROM alembic_version"
    revision = str(one(link, version) or "") if "alembic_version" in names else ""
    chain = "SELECT number || ':' || encode(head, 'hex') FROM audit_head"
    return Contents(
        revision,
        counts,
        _audit_head(link) if "audit" in names else "",
        str(one(link, chain) or "") if "audit_head" in names else "",
    )


def ids_of(link: Any) -> Mapping[str, int]:
    """The last id that each table handed out: a bound of the rows that were added."""
    return {name: int(last) for name, last in link.execute(_SEQUENCES).fetchall()}


def changed_meanwhile(
    before: Mapping[str, int], after: Mapping[str, int], contents: Contents
) -> Meanwhile:
    """Describe what may have been added between two calls of ``ids_of``.

    A table without ids of its own is taken to have grown by no more rows than all others together.
    """
    handed = {name: max(0, last - before.get(name, 0)) for name, last in after.items()}
    total = sum(handed.values())
    return Meanwhile(contents.counts, {name: handed.get(name, total) for name in contents.counts})


def check_database(url: URL, manifest: Manifest, keys: Keyring) -> int:
    """Compare a restored database with its manifest, check its audit log, open sealed values.

    Returns how many were opened. Raises BackupDamaged, BackupKeyMissing, AuditTampered, the
    driver's Error and StorageUnavailable.
    """
    with connect(conninfo(url), cursor_factory=ClientCursor) as link:
        compare(read_contents(link), manifest)
        opened = open_all(_samples(link), manifest.id, keys)
    if manifest.contents.chain:
        database = open_database(url.render_as_string(hide_password=False), _NOWHERE)
        try:
            check_chain(database, manifest.id, manifest.contents.chain, keys)
        finally:
            database.dispose()
    return opened


def compare(here: Contents, manifest: Manifest) -> None:
    """Compare what a restored database holds with what it may hold. Raises BackupDamaged."""
    expected, meanwhile = manifest.contents, manifest.meanwhile
    if meanwhile is None:
        if here != expected:
            raise BackupDamaged(manifest.id, "schema, rows or audit differ")
        return
    if here.revision != expected.revision or set(here.counts) != set(expected.counts):
        raise BackupDamaged(manifest.id, "the schema differs")
    for name, rows in here.counts.items():
        before, after = expected.counts[name], meanwhile.counts.get(name, 0)
        added = meanwhile.added.get(name, 0)
        # Of ``added`` rows at most, some may be there already, and others be deleted again.
        if not min(before, after - added) <= rows <= max(after, before + added):
            raise BackupDamaged(manifest.id, f"{name} has {rows} rows")


def _audit_head(link: Any) -> str:
    link.execute("SET LOCAL TimeZone = 'UTC'")
    row = link.execute("SELECT id, audit::text FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    return f"{row[0]}:{hashlib.sha256(row[1].encode()).hexdigest()}" if row else ""


def _samples(link: Any) -> Iterator[tuple[bytes, str]]:
    """Yield sealed values of random columns and rows, at most ``OPENED``."""
    columns = {
        (row[0], row[1])
        for row in link.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND data_type = 'bytea'"
        )
    }
    left, sealed = OPENED, list(sealed_columns(metadata))
    secrets.SystemRandom().shuffle(sealed)
    for column, place in sealed:
        if not left or (column.table.name, column.name) not in columns:
            continue
        value = one(
            link,
            f'SELECT v FROM (SELECT "{column.name}" AS v FROM "{column.table.name}" '  # noqa: S608
            f'WHERE octet_length("{column.name}") > 14 LIMIT 1000) AS sample '
            "ORDER BY random() LIMIT 1",
        )
        if value is not None:
            left -= 1
            yield bytes(value), place


def one(link: Any, query: str) -> Any:
    """The first value of the first row; None without one."""
    row = link.execute(query).fetchone()
    return row[0] if row else None
