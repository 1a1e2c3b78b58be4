"""What a deployment's settings say about backups: where they go, and with which keys.

Knows settings and the storage; the commands are in ``bot/backups/cli.py``, the schedule in
``bot/backups/runner.py``.
"""

from collections.abc import Sequence
from pathlib import Path

from bot import VERSION
from bot.app import Storage
from bot.settings import Settings
from storage.backups.repository import BackupRepository
from storage.backups.stores import BackupStore, DirectoryStore
from storage.database.keyring import Keyring


def open_stores(settings: Settings) -> list[BackupStore]:
    """Open every place that backups go to; nothing is touched until it is used."""
    return [DirectoryStore(Path(place)) for place in settings.backup_places]


def open_repositories(settings: Settings, storage: Storage) -> list[BackupRepository]:
    """Open the backups in every place. Raises KeysUnavailable."""
    return repositories(open_stores(settings), keyring_of(storage))


def repositories(stores: Sequence[BackupStore], keyring: Keyring) -> list[BackupRepository]:
    return [BackupRepository(store, keyring, version=VERSION) for store in stores]


def keyring_of(storage: Storage) -> Keyring:
    """The keys of a deployment, also where there is no database yet. Raises KeysUnavailable."""
    if storage.keys is None:
        raise AssertionError("a deployment has keys")
    return storage.keys.keyring()


def prove_keys(storage: Storage) -> None:
    """Make sure that the keys open this database, before a backup is encrypted with them.

    Raises KeysUnavailable and StorageUnavailable.
    """
    if storage.keys:
        storage.keys.prove(make=False)
