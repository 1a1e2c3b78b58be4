"""A PostgreSQL database as the archive of ``pg_dump``, which works wherever one may log in.

The archive and the counts beside it are of one moment: both read the same exported snapshot. It is
proved by ``pg_restore`` into a scratch database of the same server, which is dropped afterwards.
"""

import hashlib
import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Final

from psycopg import ClientCursor, Error, connect
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL

from storage.backups.manifests import Contents
from storage.backups.sealing import BackupDamaged
from storage.database.encryption import Fields, Unreadable
from storage.database.keyring import Keyring
from storage.database.types import sealed_columns
from storage.tables import metadata

_PART: Final = 1_048_576
_OPENED: Final = 10
_SCRATCH: Final = "genjin_backup_check_"
_SAID: Final = 300


class DumpFailed(Exception):
    """``pg_dump``, ``pg_restore`` or the server refused; ``reason`` is what they said."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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
        with connect(_conninfo(url), cursor_factory=ClientCursor) as link:
            link.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            snapshot = _one(link, "SELECT pg_export_snapshot()")
            contents = _contents(link)
            engine = str(_one(link, "SHOW server_version"))
            yield Dump(_dumped(url, str(snapshot)), contents, engine)
    except Error as error:
        raise DumpFailed(_first_line(str(error))) from error


def check_dump(
    url: URL, name: str, parts: Iterable[bytes], expected: Contents, keys: Keyring
) -> int:
    """Restore an archive into a scratch database, compare it, and open sealed values.

    Returns how many were opened. Raises BackupDamaged, and DumpFailed where the account may not
    create databases.
    """
    scratch = _SCRATCH + secrets.token_hex(4)
    try:
        with connect(_conninfo(url), autocommit=True) as link:
            _drop_abandoned(link)
            link.execute(f'CREATE DATABASE "{scratch}" TEMPLATE template0')
            try:
                _restore(url.set(database=scratch), name, parts)
                return _compare(url.set(database=scratch), name, expected, keys)
            finally:
                link.execute(f'DROP DATABASE IF EXISTS "{scratch}" WITH (FORCE)')
    except Error as error:
        raise DumpFailed(_first_line(str(error))) from error


def _dumped(url: URL, snapshot: str) -> Iterator[bytes]:
    """Run ``pg_dump`` and pass on its output. The tool's own compression would only cost time."""
    command = [
        "pg_dump",
        "--format=custom",
        "--compress=0",
        "--no-owner",
        "--no-privileges",
        f"--snapshot={snapshot}",
        f"--dbname={_conninfo(url, secret=False)}",
    ]
    with tempfile.TemporaryFile() as said, _running(command, url, said) as process:
        if process.stdout is None:
            raise AssertionError("a pipe was asked for")
        while part := process.stdout.read(_PART):
            yield part
        if process.wait():
            raise DumpFailed(_said(said))


def _restore(url: URL, name: str, parts: Iterable[bytes]) -> None:
    command = [
        "pg_restore",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        f"--dbname={_conninfo(url, secret=False)}",
    ]
    with tempfile.TemporaryFile() as said, _running(command, url, said) as process:
        if process.stdin is None:
            raise AssertionError("a pipe was asked for")
        try:
            for part in parts:
                process.stdin.write(part)
            process.stdin.close()
        except BrokenPipeError:
            pass  # Its status says why.
        if process.wait():
            raise BackupDamaged(name, _said(said))


@contextmanager
def _running(command: list[str], url: URL, said: IO[bytes]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a tool of PostgreSQL; it ends with the block. Raises DumpFailed where it is missing."""
    environment = {**os.environ, "PGPASSWORD": url.password or os.environ.get("PGPASSWORD", "")}
    try:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdin=subprocess.PIPE if command[0] == "pg_restore" else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env=environment,
        )
    except OSError as error:
        raise DumpFailed(f"{command[0]}: {error.strerror}") from error
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        process.wait()


def _compare(url: URL, name: str, expected: Contents, keys: Keyring) -> int:
    with connect(_conninfo(url), cursor_factory=ClientCursor) as link:
        if _contents(link) != expected:
            raise BackupDamaged(name, "schema, rows or audit differ")
        fields, tried, opened = Fields(keys), 0, 0
        for sealed, place in _samples(link):
            tried += 1
            try:
                fields.open(sealed, place)
            except Unreadable:
                continue
            opened += 1
    if tried and not opened:
        raise BackupDamaged(name, "the secret keys open nothing in it")
    return opened


def _contents(link: Any) -> Contents:
    names = [
        row[0]
        for row in link.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        )
    ]
    counts = {name: _one(link, f'SELECT count(*) FROM "{name}"') for name in names}  # noqa: S608
    version = "SELECT version_num FROM alembic_version"
    revision = str(_one(link, version) or "") if "alembic_version" in names else ""
    return Contents(revision, counts, _audit_head(link) if "audit" in names else "")


def _audit_head(link: Any) -> str:
    link.execute("SET LOCAL TimeZone = 'UTC'")
    row = link.execute("SELECT id, audit::text FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    return f"{row[0]}:{hashlib.sha256(row[1].encode()).hexdigest()}" if row else ""


def _samples(link: Any) -> Iterator[tuple[bytes, str]]:
    columns = {
        (row[0], row[1])
        for row in link.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND data_type = 'bytea'"
        )
    }
    left, sealed = _OPENED, list(sealed_columns(metadata))
    secrets.SystemRandom().shuffle(sealed)
    for column, place in sealed:
        if not left or (column.table.name, column.name) not in columns:
            continue
        value = _one(
            link,
            f'SELECT v FROM (SELECT "{column.name}" AS v FROM "{column.table.name}" '  # noqa: S608
            f'WHERE octet_length("{column.name}") > 14 LIMIT 1000) AS sample '
            "ORDER BY random() LIMIT 1",
        )
        if value is not None:
            left -= 1
            yield bytes(value), place


def _drop_abandoned(link: Any) -> None:
    """Drop scratch databases that a killed process left, and that nobody uses."""
    query = (
        "SELECT datname FROM pg_database d WHERE datname LIKE %s "
        "AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)"
    )
    for (name,) in link.execute(query, (_SCRATCH.replace("_", r"\_") + "%",)).fetchall():
        link.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _one(link: Any, query: str) -> Any:
    row = link.execute(query).fetchone()
    return row[0] if row else None


def _conninfo(url: URL, *, secret: bool = True) -> str:
    """The connection of libpq; without the password where others can read it, as in ``ps``."""
    options: Mapping[str, Any] = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password if secret else None,
        "dbname": url.database,
        **url.query,
    }
    return make_conninfo(**{name: value for name, value in options.items() if value is not None})


def _said(file: IO[bytes]) -> str:
    file.seek(0)
    return " ".join(file.read(4000).decode("utf-8", "replace").split())[:_SAID]


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:_SAID]
