"""Backups of SQLite: every point restored is what was there, and damage is always noticed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage.backups.repository import NothingToRestore
from storage.backups.sealing import BackupDamaged
from storage.backups.sqlite.pages import copy_database
from storage.backups.sqlite.service import restore_file, verify_file
from storage.database.engine import sqlite_module
from storage.database.keyring import new_key, parse_keyring
from tests.clock import MONDAY
from tests.storage.backups.source import Source, is_sound


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    source = Source(tmp_path)
    yield source
    source.link.close()


class TestRestoring:
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
            restore_file(source.repository(), manifest, target)
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
        verify_file(repository, manifest, source.scratch, MONDAY)
        [listed] = repository.backups()
        assert listed.proof is not None
        assert listed.proof.verified_at == MONDAY
        assert list(source.scratch.iterdir()) == []

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
            verify_file(source.repository(), manifest, source.scratch, MONDAY)
