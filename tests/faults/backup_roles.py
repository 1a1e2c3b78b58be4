"""What a process does with backups until it is killed, or until its disk is full."""

import os
import resource
import signal
from dataclasses import dataclass
from datetime import datetime
from functools import reduce, wraps
from importlib import import_module
from pathlib import Path
from typing import Any

from storage.backups.buckets import SCHEME, Account, BucketStore
from storage.backups.manifests import BackupOutcome
from storage.backups.repository import BackupRepository
from storage.backups.service import EXPECTED, back_up, problem_of, restore_to
from storage.backups.stores import BackupStore, DirectoryStore
from storage.database.encryption import Fields
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
    # What a restore recorded is sealed first.
    database.seal_with(Fields(parse_keyring(site.keys)))
    try:
        [outcome] = back_up(database, [site.repository()], site.data_dir, lambda: now, full=full)
    finally:
        database.dispose()
    return outcome


def take_it(site: BackupSite, now: datetime, full: bool) -> None:
    """What a process does until it is killed."""
    take(site, now, full)


def restore(site: BackupSite, backup_id: str, now: datetime) -> None:
    repository = site.repository()
    restore_to(repository, repository.find(backup_id=backup_id), site.database, now)


def fill_disk_at(step: str, room: int) -> None:
    """From the call of a function on, let no file of this process grow beyond ``room`` bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    # Where the output is a file, as it is for pytest, it could not grow either.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    module, _, path = step.partition(":")
    *owners, name = path.split(".")
    owner = reduce(getattr, owners, import_module(module))
    real = getattr(owner, name)

    @wraps(real)
    def filling(*args: Any, **kwargs: Any) -> Any:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        return real(*args, **kwargs)

    setattr(owner, name, filling)


def take_on_full_disk(site: BackupSite, now: datetime, step: str, room: int) -> None:
    """Take a backup while the disk fills up; ends with status 0 if that was said, or if there was
    room enough."""
    fill_disk_at(step, room)
    outcome = take(site, now, full=True)
    if outcome.problem not in {"", "no_room", "store_full", "database"}:
        raise SystemExit(f"{step} {room}: {outcome.problem} {outcome.reason}")


def restore_on_full_disk(
    site: BackupSite, backup_id: str, now: datetime, step: str, room: int
) -> None:
    """Restore a backup while the disk fills up; ends with status 0 if that was said."""
    fill_disk_at(step, room)
    try:
        restore(site, backup_id, now)
    except EXPECTED as error:
        if problem_of(error)[0] not in {"no_room", "database"}:
            raise
