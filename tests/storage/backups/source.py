"""A small SQLite database that is changed at random, and its backups."""

import random
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.backups.manifests import Manifest
from storage.backups.repository import BackupRepository
from storage.backups.sealing import BackupDamaged, BackupKeyMissing
from storage.backups.sqlite.pages import copy_database
from storage.backups.sqlite.service import restore_file, take_file, verify_file
from storage.backups.stores import BackupStore, DirectoryStore
from storage.database.engine import sqlite_module
from storage.database.keyring import Keyring, new_key, parse_keyring
from tests.clock import MONDAY

KEYS = parse_keyring(new_key("k1"))


class Source:
    """A small database in WAL mode, changed at random, and its backups."""

    def __init__(self, directory: Path, store: BackupStore | None = None, seed: int = 5) -> None:
        self.path = directory / "live.db"
        self.scratch = directory / "scratch"
        self.scratch.mkdir()
        self.store = store or DirectoryStore(directory / "backups")
        self.random = random.Random(seed)  # noqa: S311 - reproducible
        self.link: Any = sqlite_module().connect(self.path, isolation_level=None)
        self.link.execute("PRAGMA journal_mode = WAL")
        self.link.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, words BLOB)")
        self.change(200)

    def repository(self, keys: Keyring = KEYS) -> BackupRepository:
        return BackupRepository(self.store, keys, version="1.0")

    def change(self, rows: int) -> None:
        self.link.execute("BEGIN")
        for _ in range(rows):
            words = self.random.randbytes(self.random.randint(1, 900))
            some = self.random.randint(1, 400)
            if self.random.random() < 0.2:
                self.link.execute("DELETE FROM note WHERE id = ?", (some,))
            else:
                self.link.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (some, words))
        self.link.execute("COMMIT")

    def rows(self, path: Path | None = None) -> list[Any]:
        link = sqlite_module().connect(path or self.path)
        rows: list[Any] = link.execute("SELECT * FROM note ORDER BY id").fetchall()
        link.close()
        return rows

    def take(self, at: datetime, *, full: bool = False) -> Manifest:
        copy = self.scratch / "copy.db"
        copy_database(self.path, copy)
        try:
            return take_file(self.repository(), copy, at, full=full)
        finally:
            copy.unlink()

    def restored(self, manifest: Manifest) -> list[Any]:
        target = self.scratch / "restored.db"
        restore_file(self.repository(), manifest, target)
        try:
            return self.rows(target)
        finally:
            for ending in ("", "-wal", "-shm"):
                Path(f"{target}{ending}").unlink(missing_ok=True)


def is_sound(source: Source, newest: Manifest) -> bool:
    """Whether all backups can be listed, and this one and its base be verified."""
    repository = source.repository()
    if any(one.problem for one in repository.backups()):
        return False
    try:
        for manifest in filter(None, (one.manifest for one in repository.backups())):
            verify_file(repository, manifest, source.scratch, MONDAY)
    except (BackupDamaged, BackupKeyMissing):
        return False
    return True
