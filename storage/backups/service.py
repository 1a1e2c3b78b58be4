"""Takes, verifies and prunes backups in every place of a deployment, and restores one.

What fails in one place is an outcome and does not keep the others from getting theirs.
"""

import errno
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.engine import URL

from sales.errors import StorageUnavailable
from storage.backups.after_restore import settle, settle_database, withdraw_again
from storage.backups.audit_chain import AuditTampered, record_restore, seal_audit
from storage.backups.manifests import BackupOutcome, Manifest, Proof
from storage.backups.postgresql.tools import DumpFailed, first_line
from storage.backups.repository import BackupRepository
from storage.backups.scratch import BackupUnderWay, scratch_directory
from storage.backups.sealing import BackupDamaged, BackupKeyMissing
from storage.backups.sqlite.pages import copy_database
from storage.backups.sqlite.replacement import finish_replacing, replace_database
from storage.backups.sqlite.service import check_file, restore_file, take_file, verify_file
from storage.backups.stores import StoreUnavailable
from storage.backups.streams import Step, silent
from storage.database.engine import Database, open_database, sqlite_module
from storage.erasure.ledger import ledger_path, read_ledger

log = structlog.get_logger(__name__)
EXPECTED: Final = (
    AuditTampered,
    DumpFailed,
    StorageUnavailable,
    BackupDamaged,
    BackupKeyMissing,
    BackupUnderWay,
    StoreUnavailable,
    OSError,
    sqlite_module().DatabaseError,
)


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

    Each holds the ledger of erasures too. It needs free disk of the database's size; PostgreSQL,
    where the server is copied whole, of twice the server's. Raises BackupUnderWay.
    """
    try:
        with scratch_directory(data_dir) as scratch:
            seal_audit(database, now())
            ledger = read_ledger(ledger_path(data_dir, database.path))
            if database.dialect == "postgresql":
                return [
                    _server(database, one, scratch, now, full=full, ledger=ledger, step=step)
                    for one in repositories
                ]
            taken_at, copy = now(), scratch / "copy.db"
            copy_database(_path(database), copy, lambda done, left: step("copy", done, left))
            taken = [
                _take(one, copy, taken_at, full=full, ledger=ledger, step=step)
                for one in repositories
            ]
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
    # Imported here: PostgreSQL's driver is loaded only where it is used.
    from storage.backups.postgresql.service import verify_server

    outcomes = []
    with scratch_directory(data_dir) as scratch:
        for manifest in manifests:
            try:
                if manifest.dialect == "postgresql":
                    proof = verify_server(
                        repository, manifest, database.url, scratch, now, step=step
                    )
                else:
                    proof = verify_file(repository, manifest, scratch, now(), step=step)
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
    former: Path | None = None,
    step: Step = silent,
) -> Path | None:
    """Restore a backup as the database file, keeping a copy of one that is there.

    What it would post a second time is settled, and what was withdrawn in the ``former`` database,
    by default the one that is there, stays withdrawn (``storage.backups.after_restore``).

    The caller holds the database's ``ProcessLock``. Returns where the former one is kept. Raises
    BackupDamaged, BackupKeyMissing, StoreUnavailable and OSError; until the last moment nothing is
    changed.
    """
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    finish_replacing(database)
    restored = database.with_name(f"{database.name}.restored")
    restored.unlink(missing_ok=True)
    restore_file(repository, manifest, restored, step=step)
    try:
        check_file(repository, manifest, restored, step=step)
        settle(restored, now)
        _take_over(repository, manifest, restored, former or database, now)
    except BaseException:
        restored.unlink(missing_ok=True)
        raise
    return replace_database(database, restored, now)


def restore_beside(
    repository: BackupRepository,
    manifest: Manifest,
    database: Database,
    data_dir: Path,
    now: datetime,
    *,
    step: Step = silent,
) -> URL:
    """Restore a backup of PostgreSQL as a new database beside the present one; returns its URL.

    What it would post a second time is settled. Raises what is EXPECTED; then nothing is left.
    """
    # Imported here: PostgreSQL's driver is loaded only where it is used.
    from storage.backups.postgresql.service import restore_database

    name = f"{database.url.database}_restored_{now.astimezone(UTC):%Y%m%dt%H%M%S}"
    with scratch_directory(data_dir) as scratch:
        there = restore_database(repository, manifest, database.url, name, scratch, step=step)
    _settle_at(there, repository, manifest, now, database)
    return there


def restore_server(
    repository: BackupRepository,
    manifest: Manifest,
    database: Database,
    target: Path,
    now: datetime,
    *,
    then: Callable[[URL], None],
    step: Step = silent,
) -> None:
    """Restore a whole copy as the data directory of a server, and stop it cleanly.

    ``then`` is called with the URL of its database while it runs. ``target`` must not exist.
    Raises what is EXPECTED; then nothing is left.
    """
    # Imported here: PostgreSQL's driver is loaded only where it is used.
    from storage.backups.postgresql.service import restored_server

    # Under its name only once it is whole: who is killed leaves nothing that looks like a server.
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        with restored_server(repository, manifest, database.url, part, step=step) as there:
            _settle_at(there, repository, manifest, now, database)
            then(there)
        part.rename(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _take_over(
    repository: BackupRepository, manifest: Manifest, restored: Path, former: Path, now: datetime
) -> None:
    """Withdraw again what the former database has withdrawn, and record the restore."""
    here = open_database(f"sqlite:///{restored}", restored.parent)
    there = open_database(f"sqlite:///{former}", former.parent) if former.exists() else None
    try:
        if there:
            withdraw_again(there, here)
        record_restore(here, manifest.id, there, repository.keyring, now)
    finally:
        for one in filter(None, (here, there)):
            one.dispose()


def _settle_at(
    url: URL, repository: BackupRepository, manifest: Manifest, now: datetime, former: Database
) -> None:
    there = open_database(url.render_as_string(hide_password=False), Path())
    try:
        settle_database(there, now)
        withdraw_again(former, there)
        record_restore(there, manifest.id, former, repository.keyring, now)
    finally:
        there.dispose()


def _server(
    database: Database,
    repository: BackupRepository,
    scratch: Path,
    now: Callable[[], datetime],
    *,
    full: bool,
    ledger: Sequence[str],
    step: Step,
) -> BackupOutcome:
    """Take a backup of PostgreSQL, prove it, and delete what is not kept."""
    # Imported here: PostgreSQL's driver is loaded only where it is used.
    from storage.backups.postgresql.service import take_server, verify_server

    manifest = proof = None
    url = database.url
    try:
        manifest = take_server(repository, url, scratch, now, full=full, ledger=ledger, step=step)
        try:
            proof = verify_server(repository, manifest, url, scratch, now, step=step)
        except BackupDamaged:
            if not manifest.base:
                raise
            # Perhaps what it needs is: then a whole copy is better today than in a week.
            manifest = take_server(
                repository, url, scratch, now, full=True, ledger=ledger, step=step
            )
            proof = verify_server(repository, manifest, url, scratch, now, step=step)
        deleted = len(repository.prune(now()))
    except EXPECTED as error:
        return _failed(repository.where, error, manifest, proof)
    return BackupOutcome(repository.where, manifest, proof, deleted)


def _take(
    repository: BackupRepository,
    copy: Path,
    at: datetime,
    *,
    full: bool,
    ledger: Sequence[str],
    step: Step,
) -> BackupOutcome:
    try:
        manifest = take_file(repository, copy, at, full=full, ledger=ledger, step=step)
        return BackupOutcome(repository.where, manifest)
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
        proof = verify_file(repository, manifest, scratch, now(), step=step)
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
        case AuditTampered():
            return "audit", str(error.problems)
        case BackupKeyMissing():
            return "key", error.key_id
        case StoreUnavailable():
            return f"store_{error.failure}".rstrip("_"), error.reason
        case DumpFailed() | StorageUnavailable():
            said = error.reason if isinstance(error, DumpFailed) else str(error.__cause__ or "")
            return "database", first_line(said)
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
