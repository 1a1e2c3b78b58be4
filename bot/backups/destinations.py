"""What a deployment's settings say about backups: where they go, and with which keys.

Knows settings and the storage; the commands are in ``bot/backups/cli.py``, the schedule in
``bot/backups/runner.py``.
"""

import contextlib
from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot import VERSION
from bot.settings import Settings
from storage.backups.buckets import SCHEME, Account, BucketStore
from storage.backups.repository import BackupRepository
from storage.backups.stores import BackupStore, DirectoryStore, StoreUnavailable, probe
from storage.database.engine import Database
from storage.database.keyring import Keyring

if TYPE_CHECKING:
    from bot.app import Storage


def open_store(place: str, settings: Settings) -> BackupStore:
    """Open a place that backups go to; nothing is touched until it is used."""
    if not place.startswith(SCHEME):
        return DirectoryStore(Path(place))
    account = Account(
        key_id=settings.aws_access_key_id,
        secret=settings.aws_secret_access_key.get_secret_value(),
        token=settings.aws_session_token.get_secret_value(),
        region=settings.aws_region,
        endpoint=settings.aws_endpoint_url,
    )
    return BucketStore(place, account)


def open_stores(settings: Settings) -> list[BackupStore]:
    """Open every place that backups go to."""
    return [open_store(place, settings) for place in settings.backup_places]


def open_repositories(settings: Settings, storage: "Storage") -> list[BackupRepository]:
    """Open the backups in every place. Raises KeysUnavailable."""
    return repositories(open_stores(settings), keyring_of(storage))


def repositories(stores: Sequence[BackupStore], keyring: Keyring) -> list[BackupRepository]:
    return [BackupRepository(store, keyring, version=VERSION) for store in stores]


def without_verified(places: Sequence[BackupRepository], since: datetime) -> list[BackupRepository]:
    """Return the places that still need a backup; one that cannot be read is among them."""
    waiting = []
    for place in places:
        with contextlib.suppress(StoreUnavailable):
            if place.has_verified_since(since):
                continue
        waiting.append(place)
    return waiting


def keyring_of(storage: "Storage") -> Keyring:
    """The keys of a deployment, also where there is no database yet. Raises KeysUnavailable."""
    if storage.keys is None:
        raise AssertionError("a deployment has keys")
    return storage.keys.keyring()


def prove_keys(storage: "Storage") -> None:
    """Make sure that the keys open this database, before a backup is encrypted with them.

    Raises KeysUnavailable and StorageUnavailable.
    """
    if storage.keys:
        storage.keys.prove(make=False)


def try_place(place: str, settings: Settings) -> None:
    """Write, list, read and delete a file in a place. Raises StoreUnavailable.

    A directory that does not exist yet is created with the first backup, and not tried before.
    """
    if place.startswith(SCHEME) or Path(place).exists():
        probe(open_store(place, settings))


def are_on_same_disk(settings: Settings, database: Database) -> bool:
    """Tell whether a broken disk would take the database and all of its backups."""
    path, places = database.path, settings.backup_places
    return (
        path is not None and bool(places) and all(_is_near(path, one, settings) for one in places)
    )


def _is_near(database: Path, place: str, settings: Settings) -> bool:
    if place.startswith(SCHEME):
        return _is_here(urlsplit(settings.aws_endpoint_url).hostname or "")
    return _same_disk(database, Path(place))


def _is_here(host: str) -> bool:
    """Whether a service of buckets runs on this machine, as in a trial."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _same_disk(database: Path, place: Path) -> bool:
    """Whether both are on one disk; a directory that is yet to be made is where its parent is."""
    with contextlib.suppress(OSError, StopIteration):
        there = next(one for one in (place, *place.absolute().parents) if one.exists())
        return database.parent.stat().st_dev == there.stat().st_dev
    return False
