"""Backups of SQLite in a repository: taken in full or as changed pages, verified, and restored.

A database is stored in full once a week, and on other days as the pages that differ from the last
full backup. A restore writes a new file; what puts it in a database's place is ``replacement``.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from storage.backups.audit_chain import check_chain_of_file
from storage.backups.manifests import DATA, PAGES, Kind, Manifest, Proof, new_id
from storage.backups.repository import FULL_EVERY, BackupRepository
from storage.backups.sealing import BackupDamaged, BackupKeyMissing
from storage.backups.sqlite.contents import check_integrity, contents_of, open_some
from storage.backups.sqlite.pages import (
    apply_changes,
    changed_pages,
    page_hashes,
    page_size_of,
    pages_of,
    read_changes,
    sum_of,
    write_file,
)
from storage.backups.stores import FileMissing, StoredFile
from storage.backups.streams import Step, counted, silent
from storage.database.engine import sqlite_module


def take_file(
    repository: BackupRepository,
    copy: Path,
    now: datetime,
    *,
    full: bool = False,
    ledger: Sequence[str] = (),
    step: Step = silent,
) -> Manifest:
    """Store a consistent copy of an SQLite database, and the lines of its ledger of erasures.

    Stores its changes since the last full backup, or everything: if ``full``, once a week, and
    when more than half has changed. Raises BackupDamaged for a copy that is no database.
    """
    page_size = page_size_of(copy)
    hashes = page_hashes(copy, page_size)
    base = None if full else _base(repository, page_size, now)
    numbers = changed_pages(_hashes_of(repository, base), hashes) if base else []
    kind: Kind = "changes"
    if base is None or len(numbers) * 2 * page_size > copy.stat().st_size:
        base, numbers, kind = None, [], "full"
    name = new_id(kind, now)
    if base:
        content, total = read_changes(copy, page_size, numbers), len(numbers) * (page_size + 4)
    else:
        content, total = pages_of(copy, page_size), copy.stat().st_size
    files = {DATA: repository.put(name, DATA, counted(content, "store", total, step))}
    if not base:
        files[PAGES] = repository.put(name, PAGES, [hashes])
    files |= repository.put_ledger(name, ledger)
    return _describe(repository, copy, name, kind, now, files, page_size, base, len(numbers))


def verify_file(
    repository: BackupRepository,
    manifest: Manifest,
    scratch: Path,
    now: datetime,
    *,
    step: Step = silent,
) -> Proof:
    """Prove a backup: restore it into the directory ``scratch`` and compare everything.

    All stored files are read; the database's integrity, schema, rows and audit are checked, and
    sealed values opened. Records the proof. Raises BackupDamaged and BackupKeyMissing.
    """
    target = scratch / f"{manifest.id}.db"
    try:
        restore_file(repository, manifest, target, step=step)
        opened = check_file(repository, manifest, target, step=step)
    finally:
        target.unlink(missing_ok=True)
    return repository.prove(manifest, now, opened)


def restore_file(
    repository: BackupRepository, manifest: Manifest, target: Path, *, step: Step = silent
) -> None:
    """Write the database of a backup to a new file, compared with its SHA-256.

    Raises BackupDamaged and BackupKeyMissing; an incomplete file is removed.
    """
    try:
        _restore(repository, manifest, target, step)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def check_file(
    repository: BackupRepository, manifest: Manifest, restored: Path, *, step: Step = silent
) -> int:
    """Compare a restored database with its manifest, and open some of its sealed values.

    Returns how many were opened. Raises BackupDamaged, BackupKeyMissing and AuditTampered.
    """
    step("check", 0, 1)
    _check_pages(repository, manifest, restored)
    repository.ledger_of(manifest)
    check_integrity(restored, manifest.id)
    if contents_of(restored) != manifest.contents:
        raise BackupDamaged(manifest.id, "schema, rows or audit differ")
    if manifest.contents.chain:
        check_chain_of_file(restored, manifest.id, manifest.contents.chain, repository.keyring)
    opened = open_some(restored, manifest.id, repository.keyring)
    step("check", 1, 1)
    return opened


def _describe(  # noqa: PLR0917 - what is in a manifest
    repository: BackupRepository,
    copy: Path,
    name: str,
    kind: Kind,
    now: datetime,
    files: dict[str, StoredFile],
    page_size: int,
    base: Manifest | None,
    changed: int,
) -> Manifest:
    whole = sum_of(copy)
    return repository.describe(
        Manifest(
            id=name,
            kind=kind,
            taken_at=now,
            version=repository.version,
            dialect="sqlite",
            engine=sqlite_module().sqlite_version,
            contents=contents_of(copy),
            files=files,
            size=whole.size,
            sha256=whole.sha256,
            base=base.id if base else "",
            page_size=page_size,
            changed_pages=changed,
        )
    )


def _base(repository: BackupRepository, page_size: int, now: datetime) -> Manifest | None:
    """The newest full backup, if changes may still be stored against it."""
    for name in reversed(repository.ids()):
        if "-full-" not in name:
            continue
        try:
            manifest = repository.manifest(name)
        except (BackupDamaged, BackupKeyMissing, FileMissing):
            return None
        recent = timedelta() <= now - manifest.taken_at < FULL_EVERY
        # After a rotation nothing new should need the old key.
        current = repository.is_current(manifest)
        return manifest if recent and current and manifest.page_size == page_size else None
    return None


def _hashes_of(repository: BackupRepository, base: Manifest) -> bytes:
    """The page hashes of a full backup; empty if they are damaged, so that all pages differ."""
    try:
        return b"".join(repository.read(base, PAGES))
    except (BackupDamaged, BackupKeyMissing, FileMissing):
        return b""


def _restore(repository: BackupRepository, manifest: Manifest, target: Path, step: Step) -> None:
    content = repository.read(manifest, DATA)
    if manifest.base:
        _restore(repository, repository.needed(manifest), target, step)
        total = manifest.changed_pages * (manifest.page_size + 4)
        apply_changes(
            target,
            f"{manifest.id}/{DATA}",
            counted(content, "apply", total, step),
            page_size=manifest.page_size,
            size=manifest.size,
        )
    else:
        write_file(target, counted(content, "restore", manifest.size, step))
    whole = sum_of(target)
    if (whole.size, whole.sha256) != (manifest.size, manifest.sha256):
        raise BackupDamaged(manifest.id, "the restored database differs")


def _check_pages(repository: BackupRepository, manifest: Manifest, target: Path) -> None:
    """Compare the stored hashes of a full backup's pages with those of the restored ones."""
    if PAGES not in manifest.files:
        return
    if b"".join(repository.read(manifest, PAGES)) != page_hashes(target, manifest.page_size):
        raise BackupDamaged(f"{manifest.id}/{PAGES}", "hashes of other pages")
