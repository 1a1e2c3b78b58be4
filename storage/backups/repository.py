"""A repository of backups in one store: lists, reads, writes, proves and deletes them.

Taking and restoring one is done by the services of ``sqlite`` and ``postgresql``. Its files lie
under its id: ``data`` (an archive, or pages), ``pages`` (the hashes of a full one's pages),
``manifest`` (written last; without it the backup does not exist) and ``proof`` (written once it was
restored and compared). All are compressed and sealed under their names
(``storage.backups.sealing``). Whatever is interrupted leaves either no backup or a whole one.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from storage.backups.manifests import (
    LEDGER,
    MANIFEST,
    PROOF,
    Manifest,
    Proof,
    is_id,
    read_manifest,
    read_proof,
    taken_at,
    write_manifest,
    write_proof,
)
from storage.backups.retention import superfluous
from storage.backups.sealing import BackupDamaged, BackupKeyMissing, key_id_of, seal, unseal
from storage.backups.stores import BackupStore, FileMissing, StoredFile, is_probe
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

    def ids(self) -> list[str]:
        """The ids of all backups, oldest first."""
        return [*self._names()]

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
        for name in reversed(self.ids()):
            with suppress(BackupDamaged, BackupKeyMissing, FileMissing):
                manifest = self.manifest(name)
                if LEDGER in manifest.files:
                    return self.ledger_of(manifest)
        return []

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

    def needed(self, manifest: Manifest) -> Manifest:
        """The manifest of the full backup that this one needs. Raises BackupDamaged."""
        try:
            return self.manifest(manifest.base)
        except FileMissing as error:
            raise BackupDamaged(manifest.base, "missing, and needed by a later one") from error

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
