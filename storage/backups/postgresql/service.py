"""Backups of PostgreSQL in a repository: taken, verified, and restored as a database or a server.

A server that lets us is copied whole once a week, and its changes every day (``base_backups``); any
other is dumped every day (``dumps``). Both are restored into a new database of the server, never
over one that is there.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from psycopg import Error, connect
from sqlalchemy.engine import URL

from storage.backups.manifests import DATA, SERVER_FILES, Kind, Manifest, Proof, new_id
from storage.backups.postgresql.base_backups import Server, ServerCopy, copy_server, look_at
from storage.backups.postgresql.contents import check_database
from storage.backups.postgresql.dumps import check_dump, drop, dump_database, dumped, load
from storage.backups.postgresql.scratch_server import combine, make_way, room, started, unpack
from storage.backups.postgresql.tools import DumpFailed, conninfo, find_tools, first_line
from storage.backups.repository import FULL_EVERY, BackupRepository
from storage.backups.sealing import BackupDamaged, BackupKeyMissing
from storage.backups.sqlite.pages import write_file
from storage.backups.stores import FileMissing, StoredFile
from storage.backups.streams import Step, counted, silent

_AMCHECK: Final = (
    "SELECT bt_index_check(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'btree' AND i.indisready AND i.indisvalid "
    "AND c.relnamespace = current_schema()::regnamespace AND c.relpersistence = 'p'"
)
_HEAPS: Final = (
    "SELECT count(*) FROM pg_class c, LATERAL verify_heapam(c.oid) WHERE c.relkind = 'r' "
    "AND c.relnamespace = current_schema()::regnamespace AND c.relpersistence = 'p'"
)


def take_server(
    repository: BackupRepository,
    url: URL,
    scratch: Path,
    now: Callable[[], datetime],
    *,
    full: bool = False,
    ledger: Sequence[str] = (),
    step: Step = silent,
) -> Manifest:
    """Store a backup of a server, and the lines of its ledger of erasures.

    A whole copy: if ``full``, once a week, and where the server cannot tell what changed since the
    last one. Raises DumpFailed.
    """
    server = look_at(url)
    if server.reason:
        return _take_dump(repository, url, now(), server, ledger=ledger, step=step)
    base = None if full else _base(repository, server, now())
    if base:
        try:
            return _take_copy(
                repository, url, server, scratch, now(), ledger=ledger, step=step, base=base
            )
        except DumpFailed:
            pass  # As when the summaries since then are gone, or the server went back in time.
    return _take_copy(repository, url, server, scratch, now(), ledger=ledger, step=step)


def verify_server(
    repository: BackupRepository,
    manifest: Manifest,
    url: URL,
    scratch: Path,
    now: Callable[[], datetime],
    *,
    step: Step = silent,
) -> Proof:
    """Prove a backup: restore it into a scratch database or server, and compare everything.

    Records the proof. Raises BackupDamaged, BackupKeyMissing, AuditTampered and DumpFailed.
    """
    repository.ledger_of(manifest)
    if manifest.kind == "dump":
        parts = counted(repository.read(manifest, DATA), "restore", manifest.size, step)
        opened = check_dump(url, manifest, parts, repository.keyring)
    else:
        if not manifest.base:
            _files_of(repository, manifest)
        with (
            room(scratch) as place,
            _running(repository, manifest, url, place / "data", place, step=step) as there,
        ):
            opened = check_server(there, manifest, repository, step)
    return repository.prove(manifest, now(), opened)


def restore_database(
    repository: BackupRepository,
    manifest: Manifest,
    url: URL,
    database: str,
    scratch: Path,
    *,
    step: Step = silent,
) -> URL:
    """Restore a backup as a new database of the server; returns its URL.

    Nothing that is there is changed. Raises as ``verify_server``; then the new one is dropped.
    """
    there = url.set(database=database)
    try:
        if manifest.kind == "dump":
            parts = counted(repository.read(manifest, DATA), "restore", manifest.size, step)
            load(url, database, manifest.id, parts)
        else:
            with (
                room(scratch) as place,
                _running(repository, manifest, url, place / "data", place, step=step) as copy,
            ):
                load(url, database, manifest.id, dumped(copy))
        check_server(there, manifest, repository, step)
    except BaseException:
        drop(url, database)
        raise
    return there


@contextmanager
def restored_server(
    repository: BackupRepository, manifest: Manifest, url: URL, target: Path, *, step: Step = silent
) -> Iterator[URL]:
    """Restore a whole copy as a server's directory, and run the server while the block lasts.

    ``target`` must not exist. Raises as ``verify_server``.
    """
    make_way(target.parent)
    with (
        TemporaryDirectory(prefix=".genjin-", dir=target.parent) as place,
        _running(repository, manifest, url, target, Path(place), step=step, lasting=True) as there,
    ):
        check_server(there, manifest, repository, step)
        yield there


def write_archive(
    repository: BackupRepository, manifest: Manifest, target: Path, *, step: Step = silent
) -> None:
    """Write the archive of a dump to a new file, for ``pg_restore``. Raises BackupDamaged."""
    parts = counted(repository.read(manifest, DATA), "restore", manifest.size, step)
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        write_file(part, parts)
        part.rename(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def check_server(
    url: URL, manifest: Manifest, repository: BackupRepository, step: Step = silent
) -> int:
    """Check a restored database: its pages and indexes, its rows, audit and sealed values.

    Returns how many sealed values were opened. Raises as ``verify_server``.
    """
    step("check", 0, 1)
    try:
        if manifest.kind != "dump":
            _check_files(url, manifest.id)
        opened = check_database(url, manifest, repository.keyring)
    except Error as error:
        # A page that cannot be read ends here.
        raise BackupDamaged(manifest.id, first_line(str(error))) from error
    step("check", 1, 1)
    return opened


def _check_files(url: URL, name: str) -> None:
    """Check tables and indexes with PostgreSQL's amcheck, where its server has it.

    A database that was loaded from a dump was written anew, and needs no such check.
    """
    with connect(conninfo(url), autocommit=True) as link:
        powerful = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        row = link.execute(powerful).fetchone()
        if not row or not row[0]:
            query = "SELECT rolname FROM pg_roles WHERE rolsuper AND rolcanlogin LIMIT 1"
            found = link.execute(query).fetchone()
            if found is None:
                return
            url = url.set(username=found[0])
    with connect(conninfo(url)) as link:
        available = "SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'"
        if link.execute(available).fetchone() is None:
            return
        link.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
        row = link.execute(_HEAPS).fetchone()
        if row and row[0]:
            raise BackupDamaged(name, "the database in it is damaged")
        link.execute(_AMCHECK).fetchall()
        link.rollback()


def _take_dump(
    repository: BackupRepository,
    url: URL,
    now: datetime,
    server: Server,
    *,
    ledger: Sequence[str],
    step: Step,
) -> Manifest:
    name = new_id("dump", now)
    with dump_database(url) as dump:
        whole = _Sum(step)
        files = {DATA: repository.put(name, DATA, whole.of(dump.parts))}
    return repository.describe(
        Manifest(
            id=name,
            kind="dump",
            taken_at=now,
            version=repository.version,
            dialect="postgresql",
            engine=dump.engine,
            contents=dump.contents,
            files={**files, **repository.put_ledger(name, ledger)},
            size=whole.size,
            sha256=whole.sha256,
            notes={"reason": server.reason},
        )
    )


def _take_copy(
    repository: BackupRepository,
    url: URL,
    server: Server,
    scratch: Path,
    now: datetime,
    *,
    ledger: Sequence[str],
    step: Step,
    base: Manifest | None = None,
) -> Manifest:
    kind: Kind = "increment" if base else "base"
    name, whole, since = new_id(kind, now), _Sum(step), None
    if base:
        since = scratch / "files-of-base"
        since.unlink(missing_ok=True)
        write_file(since, [_files_of(repository, base)])
    with copy_server(url, server, since) as copy:
        files = {DATA: repository.put(name, DATA, whole.of(copy.parts))}
    if not base:
        files |= _put_files(repository, name, copy)
    return repository.describe(
        Manifest(
            id=name,
            kind=kind,
            taken_at=now,
            version=repository.version,
            dialect="postgresql",
            engine=copy.engine,
            contents=copy.contents,
            files={**files, **repository.put_ledger(name, ledger)},
            size=whole.size,
            sha256=whole.sha256,
            base=base.id if base else "",
            notes={"server": server.identity, "major": str(server.major)},
            meanwhile=copy.meanwhile,
        )
    )


def _put_files(repository: BackupRepository, name: str, copy: ServerCopy) -> dict[str, StoredFile]:
    return {SERVER_FILES: repository.put(name, SERVER_FILES, [copy.files])}


def _files_of(repository: BackupRepository, manifest: Manifest) -> bytes:
    return b"".join(repository.read(manifest, SERVER_FILES))


def _base(repository: BackupRepository, server: Server, now: datetime) -> Manifest | None:
    """The newest whole copy, if changes may still be stored against it."""
    for one in reversed(repository.backups()):
        if "-base-" not in one.id:
            continue
        manifest = one.manifest if one.proof else None
        if manifest is None or manifest.notes.get("server") != server.identity:
            return None
        recent = timedelta() <= now - manifest.taken_at < FULL_EVERY
        if not recent or manifest.notes.get("major") != str(server.major):
            return None
        try:
            _files_of(repository, manifest)
        except (BackupDamaged, BackupKeyMissing, FileMissing):
            return None
        # After a rotation nothing new should need the old key.
        return manifest if repository.is_current(manifest) else None
    return None


@contextmanager
def _running(
    repository: BackupRepository,
    manifest: Manifest,
    url: URL,
    target: Path,
    place: Path,
    *,
    step: Step,
    lasting: bool = False,
) -> Iterator[URL]:
    """Make the server of a copy in ``target``, with parts in ``place``, and run it."""
    major = int(manifest.notes.get("major", "0"))
    tools = find_tools(major)
    if tools is None:
        raise DumpFailed(f"postgres {major}: not installed")
    if manifest.base:
        base, increment = place / "base", place / "increment"
        for one, directory in ((repository.needed(manifest), base), (manifest, increment)):
            content = counted(repository.read(one, DATA), "restore", one.size, step)
            unpack(content, directory, one.id)
        combine(tools, major, base, increment, target)
    else:
        content = counted(repository.read(manifest, DATA), "restore", manifest.size, step)
        unpack(content, target, manifest.id)
    with started(tools, target, url, lasting=lasting) as there:
        yield there


class _Sum:
    """The size and SHA-256 of what is passed on."""

    def __init__(self, step: Step) -> None:
        self.size = 0
        self._digest = hashlib.sha256()
        self._step = step

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def of(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        for part in parts:
            self.size += len(part)
            self._digest.update(part)
            self._step("store", self.size, 0)
            yield part
