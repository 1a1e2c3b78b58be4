"""Backups of SQLite: every point restored is what was there, and damage is always noticed."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.backups.manifests import Manifest
from storage.backups.repository import BackupRepository, NothingToRestore
from storage.backups.sealing import BackupDamaged, BackupKeyMissing
from storage.backups.sqlite_pages import copy_database
from storage.backups.stores import DirectoryStore
from storage.database.engine import sqlite_module
from storage.database.keyring import Keyring, new_key, parse_keyring

MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)
KEYS = parse_keyring(new_key("k1"))


class Source:
    """A small database in WAL mode, changed at random, and its backups."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "live.db"
        self.scratch = directory / "scratch"
        self.scratch.mkdir()
        self.store = DirectoryStore(directory / "backups")
        self.random = random.Random(5)  # noqa: S311 - reproducible
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
            return self.repository().take(copy, at, full=full)
        finally:
            copy.unlink()

    def restored(self, manifest: Manifest) -> list[Any]:
        target = self.scratch / "restored.db"
        self.repository().restore(manifest, target)
        try:
            return self.rows(target)
        finally:
            for ending in ("", "-wal", "-shm"):
                Path(f"{target}{ending}").unlink(missing_ok=True)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    source = Source(tmp_path)
    yield source
    source.link.close()


class TestRestoring:
    def test_gives_every_point_that_was_taken(self, source: Source) -> None:
        points = []
        for day in range(100):
            source.change(source.random.choice((0, 1, 3, 20, 300)))
            if day == 12:
                source.link.execute("VACUUM")
            points.append((source.take(MONDAY + timedelta(days=day)), source.rows()))
        kinds = [manifest.kind for manifest, _ in points]
        assert kinds[0] == "full"
        assert {"full", "changes"} <= set(kinds)
        for manifest, rows in points:
            assert source.restored(manifest) == rows

    def test_finds_the_newest_not_after_a_time(self, source: Source) -> None:
        first, second = source.take(MONDAY), source.take(MONDAY + timedelta(days=1))
        repository = source.repository()
        assert repository.find().id == second.id
        assert repository.find(MONDAY + timedelta(hours=23)).id == first.id
        assert repository.find(backup_id=first.id) == first
        with pytest.raises(NothingToRestore):
            repository.find(MONDAY - timedelta(hours=1))

    def test_leaves_nothing_behind_when_it_fails(self, source: Source) -> None:
        manifest = source.take(MONDAY)
        source.store.delete(f"{manifest.id}/data")
        target = source.scratch / "restored.db"
        with pytest.raises(BackupDamaged):
            source.repository().restore(manifest, target)
        assert list(source.scratch.iterdir()) == []


class TestTaking:
    def test_stores_only_changes_within_a_week(self, source: Source) -> None:
        full = source.take(MONDAY)
        source.change(1)
        changes = source.take(MONDAY + timedelta(days=6))
        assert (changes.kind, changes.base) == ("changes", full.id)
        assert changes.stored < full.stored / 2
        assert source.take(MONDAY + timedelta(days=7)).kind == "full"

    def test_copies_one_moment_while_others_write(self, source: Source) -> None:
        other = sqlite_module().connect(source.path, isolation_level=None)

        def write(_done: int, _all: int) -> None:
            other.execute("INSERT INTO note (words) VALUES (randomblob(500))")

        rows = source.rows()
        copy_database(source.path, source.scratch / "copy.db", write)
        other.close()
        assert source.rows(source.scratch / "copy.db") == rows
        assert source.rows() != rows

    def test_can_be_read_with_the_right_key_only(self, source: Source) -> None:
        source.take(MONDAY)
        content = b"".join(part for name in source.store.names() for part in source.store.get(name))
        assert b"SQLite format" not in content
        [listed] = source.repository(parse_keyring(new_key("k2"))).backups()
        assert (listed.problem, listed.key_id) == ("no_key", "k1")
        [listed] = source.repository(parse_keyring(new_key("k1"))).backups()
        assert listed.problem == "damaged"


class TestVerifying:
    def test_records_a_proof(self, source: Source) -> None:
        manifest = source.take(MONDAY)
        repository = source.repository()
        assert [one.proof for one in repository.backups()] == [None]
        repository.verify(manifest, source.scratch, MONDAY)
        [listed] = repository.backups()
        assert listed.proof is not None
        assert listed.proof.verified_at == MONDAY
        assert list(source.scratch.iterdir()) == []

    def test_notices_every_damaged_byte(self, source: Source) -> None:
        source.take(MONDAY)
        source.change(3)
        newest = source.take(MONDAY + timedelta(days=1))
        root, picks = Path(source.store.where), random.Random(7)  # noqa: S311
        files = [root / name for name in source.store.names()]
        for _ in range(1000):
            file = picks.choice(files)
            whole = file.read_bytes()
            place = picks.randrange(len(whole))
            file.write_bytes(
                whole[:place] + bytes((whole[place] ^ picks.randint(1, 255),)) + whole[place + 1 :]
            )
            assert not is_sound(source, newest), (file.name, place)
            file.write_bytes(whole)
        assert is_sound(source, newest)

    @pytest.mark.parametrize("how", ["cut", "longer", "empty", "swapped"])
    def test_notices_a_file_that_is_not_the_one(self, source: Source, how: str) -> None:
        first, second = source.take(MONDAY, full=True), source.take(MONDAY, full=True)
        file = Path(source.store.where) / first.id / "data"
        whole = file.read_bytes()
        file.write_bytes(
            {
                "cut": whole[:-1],
                "longer": whole + b"\0",
                "empty": b"",
                "swapped": (Path(source.store.where) / second.id / "data").read_bytes(),
            }[how]
        )
        assert not is_sound(source, first)

    def test_needs_a_database_that_is_sound_itself(self, source: Source) -> None:
        source.link.execute("PRAGMA writable_schema = ON")
        source.link.execute("CREATE INDEX by_words ON note (words)")
        root = source.link.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'by_words'"
        ).fetchone()[0]
        source.link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = source.link.execute("PRAGMA page_size").fetchone()[0]
        with source.path.open("r+b") as file:
            file.seek((root - 1) * size)
            file.write(b"\xff" * size)
        manifest = source.take(MONDAY)
        with pytest.raises(BackupDamaged):
            source.repository().verify(manifest, source.scratch, MONDAY)


def is_sound(source: Source, newest: Manifest) -> bool:
    """Whether all backups can be listed, and this one and its base be verified."""
    repository = source.repository()
    if any(one.problem for one in repository.backups()):
        return False
    try:
        for manifest in filter(None, (one.manifest for one in repository.backups())):
            repository.verify(manifest, source.scratch, MONDAY)
    except (BackupDamaged, BackupKeyMissing):
        return False
    return True
