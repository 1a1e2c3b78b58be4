"""A repository of backups in one store: takes, lists, verifies, restores and deletes them.

The files of a backup lie under its id: ``data`` (the pages, compressed), ``pages`` (the hashes of a
full one's pages), ``manifest`` (written last; without it the backup does not exist) and ``proof``
(written once it was restored and compared). All are sealed under their names
(``storage.backups.sealing``). Whatever is interrupted leaves either no backup or a whole one.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from storage.backups.audit_chain import check_chain_of_file
from storage.backups.manifests import (
    DATA,
    LEDGER,
    MANIFEST,
    PAGES,
    PROOF,
    Kind,
    Manifest,
    Proof,
    is_id,
    new_id,
    read_manifest,
    read_proof,
    taken_at,
    write_manifest,
    write_proof,
)
from storage.backups.retention import superfluous
from storage.backups.sealing import BackupDamaged, BackupKeyMissing, key_id_of, seal, unseal
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
from storage.backups.stores import BackupStore, FileMissing, StoredFile, is_probe
from storage.backups.streams import Step, counted, silent
from storage.database.engine import sqlite_module
from storage.database.keyring import Keyring

FULL_EVERY: Final = timedelta(days=7)
_ABANDONED: Final = timedelta(days=2)
"""Files without a manifest that are older than this were left by a process that was killed."""


@dataclass(frozen=True, slots=True)
class ListedBackup:
    """A backup in the store.

    Without a ``manifest``, ``problem`` says why: ``damaged``, ``no_key`` (then ``key_id`` names the
    one that is missing).
    """

    id: str
    manifest: Manifest | None
    proof: Proof | None = None
    problem: str = ""
    key_id: str = ""

    @property
    def taken_at(self) -> datetime:
        return self.manifest.taken_at if self.manifest else taken_at(self.id)


class NothingToRestore(Exception):
    """There is no backup of that time or name."""


class BackupRepository:
    """The backups in one store, sealed with ``keyring``. All methods raise StoreUnavailable."""

    def __init__(self, store: BackupStore, keyring: Keyring, *, version: str) -> None:
        self._store = store
        self._keyring = keyring
        self._version = version

    @property
    def keyring(self) -> Keyring:
        return self._keyring

    @property
    def version(self) -> str:
        """The version of Genjin that takes backups here."""
        return self._version

    @property
    def where(self) -> str:
        return self._store.where

    def take(
        self,
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
        base = None if full else self._base(page_size, now)
        numbers = changed_pages(self._hashes_of(base), hashes) if base else []
        if base is None or len(numbers) * 2 * page_size > copy.stat().st_size:
            return self._take_full(copy, hashes, page_size, now, ledger=ledger, step=step)
        name = new_id("changes", now)
        content = read_changes(copy, page_size, numbers)
        total = len(numbers) * (page_size + 4)
        files = {
            DATA: self.put(name, DATA, counted(content, "store", total, step)),
            **self.put_ledger(name, ledger),
        }
        return self._describe(
            copy,
            name=name,
            kind="changes",
            now=now,
            files=files,
            page_size=page_size,
            base=base.id,
            changed=len(numbers),
        )

    def backups(self) -> list[ListedBackup]:
        """List all backups, oldest first, those included that cannot be read."""
        names = self._names()
        return [self._listed(one, PROOF in files) for one, files in names.items()]

    def find(self, at: datetime | None = None, backup_id: str = "") -> Manifest:
        """Find the newest readable backup, not newer than ``at``, or the one of this id.

        Raises NothingToRestore; BackupDamaged and BackupKeyMissing where there is one that cannot
        be read.
        """
        if backup_id:
            if not is_id(backup_id):
                raise NothingToRestore(backup_id)
            try:
                return self.manifest(backup_id)
            except FileMissing as error:
                raise NothingToRestore(backup_id) from error
        fitting = [one for one in self.backups() if at is None or one.taken_at <= at]
        for one in reversed(fitting):
            if one.manifest:
                return one.manifest
        if fitting and (key := fitting[-1].key_id):
            raise BackupKeyMissing(key)
        if fitting:
            raise BackupDamaged(fitting[-1].id, "the manifest cannot be read")
        raise NothingToRestore(at.isoformat() if at else "")

    def restore(self, manifest: Manifest, target: Path, *, step: Step = silent) -> None:
        """Write the database of a backup, or its archive, to a new file, compared with its
        SHA-256.

        Raises BackupDamaged and BackupKeyMissing; an incomplete file is removed.
        """
        try:
            self._restore(manifest, target, step)
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    def verify(
        self, manifest: Manifest, scratch: Path, now: datetime, *, step: Step = silent
    ) -> Proof:
        """Prove a backup: restore it into the directory ``scratch`` and compare everything.

        All stored files are read; the database's integrity, schema, rows and audit are checked, and
        sealed values opened. Records the proof. Raises BackupDamaged and BackupKeyMissing.
        """
        target = scratch / f"{manifest.id}.db"
        try:
            self.restore(manifest, target, step=step)
            opened = self.check(manifest, target, step=step)
        finally:
            target.unlink(missing_ok=True)
        return self.prove(manifest, now, opened)

    def prove(self, manifest: Manifest, now: datetime, opened: int) -> Proof:
        """Record that a backup was restored and compared."""
        proof = Proof(now, opened)
        self.put(manifest.id, PROOF, [write_proof(proof)])
        return proof

    def describe(self, manifest: Manifest) -> Manifest:
        """Store a manifest, which makes the backup exist."""
        self.put(manifest.id, MANIFEST, [write_manifest(manifest)])
        return manifest

    def put_ledger(self, backup_id: str, lines: Sequence[str]) -> dict[str, StoredFile]:
        """Store the ledger of erasures with a backup, and with it what earlier ones held: a new
        machine may have none yet. Nothing, if both are empty."""
        lines = list(dict.fromkeys([*self.newest_ledger(), *lines]))
        if not lines:
            return {}
        return {LEDGER: self.put(backup_id, LEDGER, [f"{line}\n".encode() for line in lines])}

    def ledger_of(self, manifest: Manifest) -> list[str]:
        """The lines of the ledger as it was. Raises BackupDamaged and BackupKeyMissing."""
        if LEDGER not in manifest.files:
            return []
        return b"".join(self.read(manifest, LEDGER)).decode("utf-8", "replace").splitlines()

    def newest_ledger(self) -> list[str]:
        """The ledger of erasures in the newest backup whose ledger can be read.

        A ledger is only added to, so that no older one has more.
        """
        for name in reversed(self._names()):
            with suppress(BackupDamaged, BackupKeyMissing, FileMissing):
                manifest = self.manifest(name)
                if LEDGER in manifest.files:
                    return self.ledger_of(manifest)
        return []

    def check(self, manifest: Manifest, restored: Path, *, step: Step = silent) -> int:
        """Compare a restored database with its manifest, and open some of its sealed values.

        Returns how many were opened. Raises BackupDamaged and BackupKeyMissing.
        """
        step("check", 0, 1)
        self._check_pages(manifest, restored)
        self.ledger_of(manifest)
        check_integrity(restored, manifest.id)
        if contents_of(restored) != manifest.contents:
            raise BackupDamaged(manifest.id, "schema, rows or audit differ")
        if manifest.contents.chain:
            check_chain_of_file(restored, manifest.id, manifest.contents.chain, self._keyring)
        opened = open_some(restored, manifest.id, self._keyring)
        step("check", 1, 1)
        return opened

    def prune(self, now: datetime) -> list[str]:
        """Delete backups that no rule keeps, and files that interrupted ones left.

        A backup's manifest goes first, so that what is left of it is no backup. Returns their ids.
        """
        listed = self.backups()
        bases = {one.id: one.manifest.base for one in listed if one.manifest}
        verified = {one.id for one in listed if one.proof}
        gone = superfluous(bases, verified)
        for backup_id in gone:
            self._delete(backup_id)
        whole, names = {one.id for one in listed}, self._store.names()
        for backup_id in {name.partition("/")[0] for name in names} - whole:
            if is_id(backup_id) and now - taken_at(backup_id) > _ABANDONED:
                self._delete(backup_id)
        for name in filter(is_probe, names):
            self._store.delete(name)
        self._store.tidy(now - _ABANDONED)
        return gone

    def has_verified_since(self, moment: datetime) -> bool:
        """Tell whether a backup was taken at or after a moment and verified."""
        return any(one.proof and one.taken_at >= moment for one in self.backups())

    def _take_full(
        self,
        copy: Path,
        hashes: bytes,
        page_size: int,
        now: datetime,
        *,
        ledger: Sequence[str],
        step: Step,
    ) -> Manifest:
        name = new_id("full", now)
        content = counted(pages_of(copy, page_size), "store", copy.stat().st_size, step)
        files = {
            DATA: self.put(name, DATA, content),
            PAGES: self.put(name, PAGES, [hashes]),
            **self.put_ledger(name, ledger),
        }
        return self._describe(
            copy, name=name, kind="full", now=now, files=files, page_size=page_size
        )

    def _describe(
        self,
        copy: Path,
        *,
        name: str,
        kind: Kind,
        now: datetime,
        files: dict[str, StoredFile],
        page_size: int,
        base: str = "",
        changed: int = 0,
    ) -> Manifest:
        whole = sum_of(copy)
        manifest = Manifest(
            id=name,
            kind=kind,
            taken_at=now,
            version=self._version,
            dialect="sqlite",
            engine=sqlite_module().sqlite_version,
            contents=contents_of(copy),
            files=files,
            size=whole.size,
            sha256=whole.sha256,
            base=base,
            page_size=page_size,
            changed_pages=changed,
        )
        return self.describe(manifest)

    def _base(self, page_size: int, now: datetime) -> Manifest | None:
        """The newest full backup, if changes may still be stored against it."""
        for name in reversed(self._names()):
            if "-full-" not in name:
                continue
            try:
                manifest = self.manifest(name)
            except (BackupDamaged, BackupKeyMissing, FileMissing):
                return None
            recent = timedelta() <= now - manifest.taken_at < FULL_EVERY
            # After a rotation nothing new should need the old key.
            current = self.is_current(manifest)
            return manifest if recent and current and manifest.page_size == page_size else None
        return None

    def _hashes_of(self, base: Manifest) -> bytes:
        """The page hashes of a full backup; empty if they are damaged, so that all pages differ."""
        try:
            return b"".join(self.read(base, PAGES))
        except (BackupDamaged, BackupKeyMissing, FileMissing):
            return b""

    def _restore(self, manifest: Manifest, target: Path, step: Step) -> None:
        if manifest.base:
            base = self.needed(manifest)
            self._restore(base, target, step)
            total = manifest.changed_pages * (manifest.page_size + 4)
            content = counted(self.read(manifest, DATA), "apply", total, step)
            apply_changes(
                target,
                f"{manifest.id}/{DATA}",
                content,
                page_size=manifest.page_size,
                size=manifest.size,
            )
        else:
            write_file(target, counted(self.read(manifest, DATA), "restore", manifest.size, step))
        whole = sum_of(target)
        if (whole.size, whole.sha256) != (manifest.size, manifest.sha256):
            raise BackupDamaged(manifest.id, "the restored database differs")

    def needed(self, manifest: Manifest) -> Manifest:
        """The manifest of the full backup that this one needs. Raises BackupDamaged."""
        try:
            return self.manifest(manifest.base)
        except FileMissing as error:
            raise BackupDamaged(manifest.base, "missing, and needed by a later one") from error

    def _check_pages(self, manifest: Manifest, target: Path) -> None:
        """Compare the stored hashes of a full backup's pages with those of the restored ones."""
        if PAGES not in manifest.files:
            return
        if b"".join(self.read(manifest, PAGES)) != page_hashes(target, manifest.page_size):
            raise BackupDamaged(f"{manifest.id}/{PAGES}", "hashes of other pages")

    def _listed(self, backup_id: str, has_proof: bool) -> ListedBackup:
        try:
            manifest = self.manifest(backup_id)
        except BackupKeyMissing as error:
            return ListedBackup(backup_id, None, problem="no_key", key_id=error.key_id)
        except (BackupDamaged, FileMissing):
            return ListedBackup(backup_id, None, problem="damaged")
        try:
            content = unseal(self._keyring, f"{backup_id}/{PROOF}", self._file(backup_id, PROOF))
            proof = read_proof(backup_id, content) if has_proof else None
        except (BackupDamaged, BackupKeyMissing, FileMissing):
            proof = None
        return ListedBackup(backup_id, manifest, proof)

    def _names(self) -> dict[str, set[str]]:
        """The files of each backup that has a manifest, oldest first."""
        files: dict[str, set[str]] = {}
        for name in self._store.names():
            backup_id, _, file = name.partition("/")
            if is_id(backup_id):
                files.setdefault(backup_id, set()).add(file)
        return {one: files[one] for one in sorted(files) if MANIFEST in files[one]}

    def manifest(self, backup_id: str) -> Manifest:
        """Read a manifest. Raises FileMissing, BackupDamaged and BackupKeyMissing."""
        name = f"{backup_id}/{MANIFEST}"
        content = unseal(self._keyring, name, self._store.get(name))
        return read_manifest(backup_id, content)

    def is_current(self, manifest: Manifest) -> bool:
        """Tell whether a backup is encrypted with the newest key."""
        key_id = key_id_of(self._store.get(f"{manifest.id}/{MANIFEST}"))
        return key_id == self._keyring.newest

    def put(self, backup_id: str, file: str, content: Iterable[bytes]) -> StoredFile:
        """Store a file of a backup, compressed and encrypted."""
        name = f"{backup_id}/{file}"
        return self._store.put(name, seal(self._keyring, name, content))

    def read(self, manifest: Manifest, file: str) -> Iterator[bytes]:
        """Decrypt a file of a backup, and compare what is stored with the manifest's SHA-256."""
        name = f"{manifest.id}/{file}"
        expected = manifest.files.get(file)
        if expected is None:
            raise BackupDamaged(name, "missing")
        size, digest = 0, hashlib.sha256()

        def stored() -> Iterator[bytes]:
            nonlocal size
            for part in self._file(manifest.id, file):
                size += len(part)
                digest.update(part)
                yield part

        yield from unseal(self._keyring, name, stored())
        if (size, digest.hexdigest()) != (expected.size, expected.sha256):
            raise BackupDamaged(name, "not the file that was written")

    def _file(self, backup_id: str, file: str) -> Iterator[bytes]:
        name = f"{backup_id}/{file}"
        try:
            yield from self._store.get(name)
        except FileMissing as error:
            raise BackupDamaged(name, "missing") from error

    def _delete(self, backup_id: str) -> None:
        files = [name for name in self._store.names() if name.startswith(f"{backup_id}/")]
        order: Sequence[str] = sorted(files, key=lambda name: not name.endswith(f"/{MANIFEST}"))
        for name in order:
            self._store.delete(name)
