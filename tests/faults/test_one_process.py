"""One process per SQLite directory, whose files only its account can read."""

import asyncio
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sales.errors import StorageUnavailable
from storage.database.engine import open_database
from storage.database.private_files import exposed, make_private
from storage.database.process_lock import DatabaseInUse, ProcessLock
from tests.faults.test_kill_process import ROOT, running


def genjin(data: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "GENJIN_DATA_DIR": str(data), "WEB_PORT": "0"}
    return subprocess.run(
        [sys.executable, "-m", "bot", *command],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.slow
class TestTwoProcesses:
    async def test_the_first_starts_where_nothing_is(self, tmp_path: Path) -> None:
        data = tmp_path / "not" / "there"
        async with running(data) as (_, process):
            assert process.returncode is None
        assert mode(data) == 0o700

    async def test_the_second_is_refused_until_the_first_is_killed(self, tmp_path: Path) -> None:
        data = tmp_path / "data"
        data.mkdir(mode=0o755)
        async with running(data) as (_, process):
            second = await asyncio.to_thread(genjin, data, "run")
            assert second.returncode == 4
            assert re.search(rf"\b{process.pid}\b.*DATABASE_URL", second.stderr)
            for command in (["undelivered"], ["reseal"]):
                beside = await asyncio.to_thread(genjin, data, *command)
                assert beside.returncode == 0, beside.stderr
            files = [path for path in data.iterdir() if path.is_file()]
            assert {path.name for path in files} >= {"demo.db", "demo.db-wal", "secret.keys"}
            assert {oct(mode(path)) for path in files} == {"0o600"}
            assert mode(data) == 0o700
            process.kill()
            await process.wait()
        async with running(data) as (_, process):
            assert process.returncode is None


class TestProcessLock:
    def test_is_held_by_one(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path)
        lock, other = (
            ProcessLock(open_database(f"sqlite:///{folder}/a.db", tmp_path))
            for folder in (tmp_path, tmp_path / "link")
        )
        with lock, pytest.raises(DatabaseInUse) as caught:
            other.acquire()
        assert str(os.getpid()) in caught.value.params["process"]
        with other:
            assert other.is_held

    def test_of_another_database_in_the_directory_is_another(self, tmp_path: Path) -> None:
        first, second = (
            ProcessLock(open_database(f"sqlite:///{tmp_path}/{name}.db", tmp_path))
            for name in ("a", "b")
        )
        with first, second:
            assert first.is_held
            assert second.is_held

    def test_needs_a_file(self, tmp_path: Path) -> None:
        database = open_database(f"sqlite:///{tmp_path}/a.db", tmp_path)
        (tmp_path / "a.db.lock").mkdir()
        with pytest.raises(StorageUnavailable):
            ProcessLock(database).acquire()

    def test_is_always_to_be_had_on_a_server(self, tmp_path: Path) -> None:
        database = open_database("postgresql:///nowhere", tmp_path)
        with ProcessLock(database), ProcessLock(database) as lock:
            assert lock.is_held


class TestMakePrivate:
    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        data = tmp_path / "data"
        data.mkdir(mode=0o755)
        for name in ("genjin.db", "genjin.db-wal", "genjin.db-shm", "secret.keys", "note.txt"):
            (data / name).touch(mode=0o644)
        return data

    def test_tightens_what_was_there(self, data: Path) -> None:
        database = data / "genjin.db"
        assert len(exposed(data, database)) == 5
        make_private(data, database)
        assert exposed(data, database) == []
        assert mode(data) == 0o700
        assert mode(database) == 0o600
        assert mode(data / "note.txt") == 0o644, "not ours"

    def test_leaves_a_directory_that_holds_more_than_data(self, data: Path) -> None:
        (data / "lib").mkdir()
        make_private(data, data / "genjin.db")
        assert mode(data) == 0o755
        assert exposed(data, data / "genjin.db") == [data]

    def test_leaves_a_directory_that_is_everybodys(self, data: Path) -> None:
        data.chmod(0o1777)
        make_private(data, None)
        assert mode(data) == 0o1777

    def test_follows_no_link(self, data: Path, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(data)
        (data / "secret.keys").unlink()
        (data / "secret.keys").symlink_to(data / "note.txt")
        make_private(tmp_path / "link", None)
        assert (mode(data), mode(data / "note.txt")) == (0o755, 0o644)

    def test_does_nothing_where_nothing_is(self, tmp_path: Path) -> None:
        make_private(tmp_path / "none", tmp_path / "none" / "genjin.db")
        assert exposed(tmp_path / "none", None) == []
