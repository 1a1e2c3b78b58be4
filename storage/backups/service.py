"""Takes, verifies and prunes backups in every place of a deployment, and restores one.

What fails in one place is an outcome and does not keep the others from getting theirs.
"""

import errno
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from storage.backups.dumps import DumpFailed, dump_database
from storage.backups.manifests import Manifest, Proof
from storage.backups.replacing import finish_replacing, replace_database
from storage.backups.repository import BackupRepository, Step, silent
from storage.backups.scratch import BackupUnderWay, scratch_directory
from storage.backups.sealing import BackupDamaged, BackupKeyMissing
from storage.backups.settling import settle
from storage.backups.sqlite_pages import copy_database
from storage.backups.stores import StoreUnavailable
from storage.database.engine import Database, sqlite_module

log = structlog.get_logger(__name__)
EXPECTED: Final = (
    DumpFailed,
    BackupDamaged,
    BackupKeyMissing,
    BackupUnderWay,
    StoreUnavailable,
    OSError,
    sqlite_module().DatabaseError,
)


@dataclass(frozen=True, slots=True)
class BackupOutcome:
    """What became of a backup in one place.

    ``problem`` completes the catalogue key ``backup.problem_<problem>``, filled with ``reason``;
    empty when all went well. With a ``proof`` the backup counts, whatever happened afterwards.
    """

    where: str
    manifest: Manifest | None = None
    proof: Proof | None = None
    deleted: int = 0
    problem: str = ""
    reason: str = ""


def back_up(
    database: Database,
    repositories: Sequence[BackupRepository],
    data_dir: Path,
    now: Callable[[], datetime],
    *,
    full: bool = False,
    step: Step = silent,
) -> list[BackupOutcome]:
    """Back up a database to every place, verify each backup, and delete what is not kept.

    SQLite needs free disk of the database's size. Raises BackupUnderWay.
    """
    if database.dialect == "postgresql":
        return [_dumped(database, repository, now, step) for repository in repositories]
    try:
        with scratch_directory(data_dir) as scratch:
            taken_at, copy = now(), scratch / "copy.db"
            copy_database(_path(database), copy, lambda done, left: step("copy", done, left))
            taken = [_take(one, copy, taken_at, full=full, step=step) for one in repositories]
            copy.unlink()
            return [
                _verified(repository, outcome, scratch, now, step)
                for repository, outcome in zip(repositories, taken, strict=True)
            ]
    except BackupUnderWay:
        raise
    except EXPECTED as error:
        return [_failed(one.where, error) for one in repositories]


def verify(
    database: Database,
    repository: BackupRepository,
    manifests: Sequence[Manifest],
    data_dir: Path,
    now: Callable[[], datetime],
    *,
    step: Step = silent,
) -> list[BackupOutcome]:
    """Verify backups of one place, one after the other. Raises BackupUnderWay."""
    outcomes = []
    with scratch_directory(data_dir) as scratch:
        for manifest in manifests:
            try:
                if manifest.kind == "dump":
                    proof = repository.verify_dump(manifest, database.url, now(), step=step)
                else:
                    proof = repository.verify(manifest, scratch, now(), step=step)
                outcomes.append(BackupOutcome(repository.where, manifest, proof))
            except EXPECTED as error:
                outcomes.append(_failed(repository.where, error, manifest))
    return outcomes


def restore_to(
    repository: BackupRepository,
    manifest: Manifest,
    database: Path,
    now: datetime,
    *,
    step: Step = silent,
) -> Path | None:
    """Restore a backup as the database file, keeping a copy of one that is there.

    What it would post a second time is settled (``storage.backups.settling``).

    The caller holds the database's ``ProcessLock``. Returns where the former one is kept. Raises
    BackupDamaged, BackupKeyMissing, StoreUnavailable and OSError; until the last moment nothing is
    changed.
    """
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    finish_replacing(database)
    restored = database.with_name(f"{database.name}.restored")
    restored.unlink(missing_ok=True)
    repository.restore(manifest, restored, step=step)
    try:
        repository.check(manifest, restored, step=step)
        settle(restored, now)
    except BaseException:
        restored.unlink(missing_ok=True)
        raise
    return replace_database(database, restored, now)


def _dumped(
    database: Database, repository: BackupRepository, now: Callable[[], datetime], step: Step
) -> BackupOutcome:
    """Take an archive of PostgreSQL, prove it, and delete what is not kept."""
    manifest = proof = None
    try:
        with dump_database(database.url) as dump:
            manifest = repository.take_dump(dump, now(), step=step)
        proof = repository.verify_dump(manifest, database.url, now(), step=step)
        deleted = len(repository.prune(now()))
    except EXPECTED as error:
        return _failed(repository.where, error, manifest, proof)
    return BackupOutcome(repository.where, manifest, proof, deleted)


def _take(
    repository: BackupRepository, copy: Path, at: datetime, *, full: bool, step: Step
) -> BackupOutcome:
    try:
        return BackupOutcome(repository.where, repository.take(copy, at, full=full, step=step))
    except EXPECTED as error:
        return _failed(repository.where, error)


def _verified(
    repository: BackupRepository,
    outcome: BackupOutcome,
    scratch: Path,
    now: Callable[[], datetime],
    step: Step,
) -> BackupOutcome:
    manifest, proof = outcome.manifest, None
    if manifest is None:
        return outcome
    try:
        proof = repository.verify(manifest, scratch, now(), step=step)
        deleted = len(repository.prune(now()))
    except EXPECTED as error:
        return _failed(repository.where, error, manifest, proof)
    return BackupOutcome(repository.where, manifest, proof, deleted)


def _failed(
    where: str,
    error: BaseException,
    manifest: Manifest | None = None,
    proof: Proof | None = None,
) -> BackupOutcome:
    problem, reason = problem_of(error)
    log.error("backup.failed", where=where, problem=problem, reason=reason)
    return BackupOutcome(where, manifest, proof, problem=problem, reason=reason)


def problem_of(error: BaseException) -> tuple[str, str]:
    """Name a problem by the end of its catalogue key, and say what the text needs."""
    match error:
        case BackupDamaged():
            return "damaged", str(error)
        case BackupKeyMissing():
            return "key", error.key_id
        case StoreUnavailable():
            return f"store_{error.failure}".rstrip("_"), error.reason
        case DumpFailed():
            return "database", error.reason
        case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EFBIG):
            return "no_room", ""
        case PermissionError():
            return "denied", str(error.filename or "")
        case OSError():
            return "system", error.strerror or type(error).__name__
    code = getattr(error, "sqlite_errorcode", 0) or 0
    if code & 0xFF == sqlite3.SQLITE_FULL:
        return "no_room", ""
    return "database", str(error)


def _path(database: Database) -> Path:
    if database.path is None:
        raise ValueError("not an SQLite database")
    return database.path
