"""A whole PostgreSQL server as ``pg_basebackup`` streams it, and what changed since (17 and newer).

The files are those of no single moment: they are made consistent by the log that comes with them,
up to the moment at which the copy ended. How many rows there are is therefore known between two
numbers, before and after (``Meanwhile``).
"""

import secrets
import sys
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from psycopg import ClientCursor, Error, connect
from sqlalchemy.engine import URL

from storage.backups.manifests import Contents, Meanwhile
from storage.backups.postgresql.contents import changed_meanwhile, ids_of, one, read_contents
from storage.backups.postgresql.dumps import major_of_server
from storage.backups.postgresql.tools import DumpFailed, conninfo, find_tools, first_line, read_from

FIRST: Final = 17
"""The first version with incremental backups."""
_BLOCK: Final = 512
_FILES: Final = "backup_manifest"
_MOST: Final = 256 * 1_048_576
"""A list of files beyond this is not one: it has about 150 bytes a file."""

DumpReason = Literal["", "version", "windows", "role", "connection", "summaries", "tools", "places"]
"""Why a server is only dumped: too old; the account may not replicate, or not from here; WAL is not
summarized; programs are missing; there are several tablespaces. Empty: it is copied whole."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server: its version, its identity, and why it is only dumped."""

    major: int
    identity: str
    reason: DumpReason
    tools: Path | None = None


@dataclass(slots=True)
class ServerCopy:
    """A copy that is being written.

    ``files`` and ``meanwhile`` are there once all ``parts`` were read.
    """

    parts: Iterable[bytes]
    contents: Contents
    engine: str
    files: bytes = b""
    meanwhile: Meanwhile | None = None


def look_at(url: URL) -> Server:
    """Find out how a server can be backed up. Raises DumpFailed when it does not answer."""
    try:
        with connect(conninfo(url), autocommit=True) as link:
            major = major_of_server(link)
            identity = str(one(link, "SELECT system_identifier FROM pg_control_system()"))
            reason = _reason(link, major)
    except Error as error:
        raise DumpFailed(first_line(str(error))) from error
    if reason:
        return Server(major, identity, reason)
    try:
        connect(conninfo(url), replication="true", autocommit=True).close()
    except Error:
        return Server(major, identity, "connection")
    tools = find_tools(major)
    return Server(major, identity, "" if tools else "tools", tools)


def _reason(link: Any, major: int) -> DumpReason:
    if major < FIRST:
        return "version"
    if sys.platform == "win32":
        return "windows"
    may = "SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user"
    if not one(link, may):
        return "role"
    if one(link, "SHOW summarize_wal") != "on":
        return "summaries"
    places = "SELECT count(*) FROM pg_tablespace WHERE spcname NOT LIKE 'pg\\_%'"
    return "places" if one(link, places) else ""


@contextmanager
def copy_server(url: URL, server: Server, since: Path | None) -> Iterator[ServerCopy]:
    """Begin to copy a server; the copy is read while the block lasts.

    ``since`` is a file with the ``files`` of an earlier copy: only what changed since is copied.
    Raises DumpFailed.
    """
    try:
        with connect(conninfo(url), autocommit=True, cursor_factory=ClientCursor) as link:
            # The log of a long copy must still be there at its end.
            with suppress(Error):
                slot = f"genjin_backup_{secrets.token_hex(4)}"
                link.execute(
                    "SELECT pg_create_physical_replication_slot(%s, true, true)", (slot,)
                ).fetchone()
            ids, contents = _look(link)
            copy = ServerCopy((), contents, str(one(link, "SHOW server_version")))
            copy.parts = _copied(url, server, since, copy, lambda: _meanwhile(link, ids))
            yield copy
    except Error as error:
        raise DumpFailed(first_line(str(error))) from error


def _look(link: Any) -> tuple[dict[str, int], Contents]:
    with link.transaction():
        link.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        contents = read_contents(link)
        # After the rows: what is added meanwhile is rather counted twice than not at all.
        return dict(ids_of(link)), contents


def _meanwhile(link: Any, before: dict[str, int]) -> Meanwhile:
    after, contents = _look(link)
    return changed_meanwhile(before, after, contents)


def _copied(
    url: URL,
    server: Server,
    since: Path | None,
    copy: ServerCopy,
    meanwhile: Callable[[], Meanwhile],
) -> Iterator[bytes]:
    if server.tools is None:
        raise DumpFailed("pg_basebackup")
    command = [
        str(server.tools / "pg_basebackup"),
        f"--dbname={conninfo(url, secret=False)}",
        "--pgdata=-",
        "--format=tar",
        "--wal-method=fetch",
        "--checkpoint=fast",
        "--no-password",
        "--label=genjin",
        *([f"--incremental={since}"] if since else []),
    ]
    watch = _TarWatch()
    for part in read_from(command, url):
        watch.see(part)
        yield part
    if not watch.found:
        raise DumpFailed("pg_basebackup: no list of files")
    copy.files = bytes(watch.found)
    copy.meanwhile = meanwhile()


class _TarWatch:
    """Picks the server's list of files out of an archive that passes by."""

    def __init__(self) -> None:
        self.found = bytearray()
        self._header = bytearray()
        self._left = 0
        """Bytes of the present file that are still to come."""
        self._padding = 0
        self._wanted = False

    def see(self, part: bytes) -> None:
        view = memoryview(part)
        while view:
            if self._left:
                here, view = view[: self._left], view[self._left :]
                self._left -= len(here)
                if self._wanted and len(self.found) < _MOST:
                    self.found += here
            elif self._padding:
                passed = min(self._padding, len(view))
                view, self._padding = view[passed:], self._padding - passed
            else:
                missing = _BLOCK - len(self._header)
                self._header += view[:missing]
                view = view[missing:]
                if len(self._header) == _BLOCK:
                    self._begin(bytes(self._header))
                    self._header.clear()

    def _begin(self, header: bytes) -> None:
        if not any(header):
            return  # The end of the archive.
        try:
            member = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
        except tarfile.TarError as error:
            raise DumpFailed("pg_basebackup: not an archive") from error
        self._left = member.size
        self._padding = -member.size % _BLOCK
        self._wanted = member.name == _FILES
