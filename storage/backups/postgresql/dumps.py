"""A PostgreSQL database as the archive of ``pg_dump``, which works wherever one may log in.

The archive and the counts beside it are of one moment: both read the same exported snapshot. It is
proved by ``pg_restore`` into a scratch database of the same server, which is dropped afterwards.
"""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from psycopg import ClientCursor, Error, connect
from psycopg.sql import SQL, Identifier
from sqlalchemy.engine import URL

from storage.backups.manifests import Contents, Manifest
from storage.backups.postgresql.contents import check_database, one, read_contents
from storage.backups.postgresql.tools import (
    DumpFailed,
    conninfo,
    first_line,
    read_from,
    tool,
    write_to,
)
from storage.backups.sealing import BackupDamaged
from storage.database.keyring import Keyring

_SCRATCH: Final = "genjin_backup_check_"


@dataclass(frozen=True, slots=True)
class Dump:
    """An archive that is being written, and what is in the database at that moment."""

    parts: Iterable[bytes]
    contents: Contents
    engine: str


@contextmanager
def dump_database(url: URL) -> Iterator[Dump]:
    """Begin an archive of a database; it is read while the block lasts. Raises DumpFailed."""
    try:
        with connect(conninfo(url), cursor_factory=ClientCursor) as link:
            link.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            snapshot = one(link, "SELECT pg_export_snapshot()")
            contents = read_contents(link)
            engine = str(one(link, "SHOW server_version"))
            yield Dump(_dumped(url, str(snapshot), major_of_server(link)), contents, engine)
    except Error as error:
        raise DumpFailed(first_line(str(error))) from error


def check_dump(url: URL, manifest: Manifest, parts: Iterable[bytes], keys: Keyring) -> int:
    """Restore an archive into a scratch database, compare it, and open sealed values.

    Returns how many were opened. Raises BackupDamaged, BackupKeyMissing and AuditTampered, and
    DumpFailed where the account may not create databases.
    """
    scratch = _SCRATCH + secrets.token_hex(4)
    try:
        with connect(conninfo(url), autocommit=True) as link:
            _drop_abandoned(link)
            try:
                load(url, scratch, manifest.id, parts)
                return check_database(url.set(database=scratch), manifest, keys)
            finally:
                link.execute(_drop(scratch, force=True))
    except Error as error:
        raise DumpFailed(first_line(str(error))) from error


def load(url: URL, database: str, name: str, parts: Iterable[bytes]) -> None:
    """Create a database on the server of ``url``, and restore an archive into it.

    Raises BackupDamaged, naming ``name``, and DumpFailed; a database that is incomplete stays.
    """
    try:
        with connect(conninfo(url), autocommit=True) as link:
            new = SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(database))
            link.execute(new)
            command = [
                tool("pg_restore", major_of_server(link)),
                "--exit-on-error",
                "--no-owner",
                "--no-privileges",
                f"--dbname={conninfo(url.set(database=database), secret=False)}",
            ]
    except Error as error:
        raise DumpFailed(first_line(str(error))) from error
    if problem := write_to(command, url, parts):
        raise BackupDamaged(name, problem)


def dumped(url: URL) -> Iterator[bytes]:
    """Write an archive of a database that nobody changes. Raises DumpFailed."""
    try:
        with connect(conninfo(url)) as link:
            major = major_of_server(link)
    except Error as error:
        raise DumpFailed(first_line(str(error))) from error
    yield from _dumped(url, "", major)


def drop(url: URL, database: str) -> None:
    """Drop a database that was only begun. Raises DumpFailed."""
    try:
        with connect(conninfo(url), autocommit=True) as link:
            link.execute(_drop(database, force=True))
    except Error as error:
        raise DumpFailed(first_line(str(error))) from error


def major_of_server(link: Any) -> int:
    return int(link.info.server_version) // 10_000


def _dumped(url: URL, snapshot: str, major: int) -> Iterator[bytes]:
    """Run ``pg_dump`` and pass on its output. The tool's own compression would only cost time."""
    command = [
        tool("pg_dump", major),
        "--format=custom",
        "--compress=0",
        "--no-owner",
        "--no-privileges",
        f"--dbname={conninfo(url, secret=False)}",
        *([f"--snapshot={snapshot}"] if snapshot else []),
    ]
    yield from read_from(command, url)


def _drop_abandoned(link: Any) -> None:
    """Drop scratch databases that a killed process left, and that nobody uses."""
    query = (
        "SELECT datname FROM pg_database d WHERE datname LIKE %s "
        "AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)"
    )
    for (name,) in link.execute(query, (_SCRATCH.replace("_", r"\_") + "%",)).fetchall():
        link.execute(_drop(name, force=False))


def _drop(database: str, *, force: bool) -> Any:
    command = SQL("DROP DATABASE IF EXISTS {}" + (" WITH (FORCE)" if force else ""))
    return command.format(Identifier(database))
