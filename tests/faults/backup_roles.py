"""What a process does with backups until it is killed, or until its disk is full."""

import resource
import signal
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage.backups.buckets import SCHEME, Account, BucketStore
from storage.backups.repository import BackupRepository
from storage.backups.service import BackupOutcome, back_up, restore_to
from storage.backups.stores import BackupStore, DirectoryStore
from storage.database.engine import open_database
from storage.database.keyring import parse_keyring

PART = 20_000
"""Bytes of a part of an upload: the small database of the tests has several."""


@dataclass(frozen=True, slots=True)
class BackupSite:
    """One place of backups and the database that is backed up there."""

    database: Path
    place: str
    account: Account
    keys: str

    @property
    def data_dir(self) -> Path:
        return self.database.parent

    def store(self) -> BackupStore:
        if self.place.startswith(SCHEME):
            return BucketStore(self.place, self.account, part=PART)
        return DirectoryStore(Path(self.place))

    def repository(self) -> BackupRepository:
        return BackupRepository(self.store(), parse_keyring(self.keys), version="1.0")


def take(site: BackupSite, now: datetime, full: bool = False) -> BackupOutcome:
    """Take, verify and prune."""
    database = open_database(f"sqlite:///{site.database}", site.data_dir)
    try:
        [outcome] = back_up(database, [site.repository()], site.data_dir, lambda: now, full=full)
    finally:
        database.dispose()
    return outcome


def restore(site: BackupSite, backup_id: str, now: datetime) -> None:
    repository = site.repository()
    restore_to(repository, repository.find(backup_id=backup_id), site.database, now)


def take_on_full_disk(site: BackupSite, now: datetime, room: int) -> None:
    """Take a backup where no file may grow beyond ``room`` bytes; ends with status 0 if that
    was said."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    outcome = take(site, now, full=True)
    if outcome.problem not in {"no_room", "store_full", "database"}:
        raise SystemExit(f"{room}: {outcome.problem} {outcome.reason}")
