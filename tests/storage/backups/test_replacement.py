"""A restored file takes the place of a database, whenever the process is killed."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from storage.backups.sqlite.replacement import finish_replacing, plan_of, replace_database
from storage.database.engine import sqlite_module

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)


class Killed(BaseException):
    """Ends a process at the next thing it does to a disk."""


def database(path: Path, words: str, *, in_journal: bool = False) -> Any:
    link = sqlite_module().connect(path, isolation_level=None)
    link.execute("PRAGMA journal_mode = WAL")
    link.execute("PRAGMA wal_autocheckpoint = 0")
    link.execute("CREATE TABLE note (words)")
    if not in_journal:
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    link.execute("INSERT INTO note VALUES (?)", (words,))
    return link


def words_in(path: Path) -> str:
    link = sqlite_module().connect(path)
    try:
        return str(link.execute("SELECT words FROM note").fetchone()[0])
    finally:
        link.close()


def crashed(tmp_path: Path) -> Path:
    """A database whose newest row is only in its journal, as a killed process leaves it."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = database(elsewhere / "live.db", "old", in_journal=True)
    for ending in ("", "-wal", "-shm"):
        content = (elsewhere / f"live.db{ending}").read_bytes()
        (tmp_path / f"live.db{ending}").write_bytes(content)
    link.close()
    database(tmp_path / "restored.db", "new").close()
    return tmp_path / "live.db"


class TestReplacing:
    def test_keeps_what_was_there(self, tmp_path: Path) -> None:
        live = crashed(tmp_path)
        kept = replace_database(live, tmp_path / "restored.db", NOW)
        assert kept is not None
        assert (words_in(live), words_in(kept)) == ("new", "old")
        assert not plan_of(live).exists()
        assert finish_replacing(live) is False

    def test_needs_nothing_that_was_there(self, tmp_path: Path) -> None:
        database(tmp_path / "restored.db", "new").close()
        assert replace_database(tmp_path / "live.db", tmp_path / "restored.db", NOW) is None
        assert words_in(tmp_path / "live.db") == "new"

    @pytest.mark.parametrize("steps", range(18))
    def test_may_be_killed_at_any_step(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
    ) -> None:
        live, left = crashed(tmp_path), [steps]

        def counted(patch: pytest.MonkeyPatch, name: str, there: Any) -> None:
            original = getattr(there, name)

            def killing(*args: Any, **kwargs: Any) -> Any:
                if not left[0]:
                    raise Killed
                left[0] -= 1
                return original(*args, **kwargs)

            patch.setattr(there, name, killing)

        killed = False
        with monkeypatch.context() as patch:
            for name in ("rename", "replace", "unlink", "write_text"):
                counted(patch, name, Path)
            counted(patch, "fsync", os)
            try:
                replace_database(live, tmp_path / "restored.db", NOW)
            except Killed:
                killed = True
        begun = finish_replacing(live)
        kept = list(tmp_path.glob("live.db.before-*Z"))
        if killed and not begun and not kept:
            assert words_in(live) == "old"
        else:
            assert words_in(live) == "new"
            assert [words_in(path) for path in kept] == ["old"]
