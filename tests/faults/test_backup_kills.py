"""A command is killed while it backs up or restores: what was there before is never lost.

Only ``make faults`` plays it, since commands take long to start; the suite kills the same code at
named points (``test_backup_point_kills``).
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.backups.destinations import repositories
from storage.backups.sqlite.replacement import finish_restore
from storage.backups.stores import DirectoryStore
from storage.database.engine import sqlite_module
from storage.database.keyring import KeyFile
from storage.database.private_files import KEYS

pytestmark = [pytest.mark.slow, pytest.mark.campaign(cases=0)]
ROWS = 3000
KILLS = 20


def genjin(directory: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GENJIN_")},
        "PYTHONPATH": os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), *sys.path))),
        "GENJIN_DATA_DIR": str(directory / "data"),
        "GENJIN_WEB_CHAT": "on",
        "GENJIN_LOCALE": "en",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run(directory: Path, *arguments: str) -> str:
    process = genjin(directory, *arguments)
    said, problem = process.communicate(timeout=120)
    assert process.returncode == 0, problem.decode()
    return said.decode()


def kill_after(directory: Path, seconds: float, *arguments: str) -> bool:
    """Kill a command after so many seconds; False if it was done before."""
    process = genjin(directory, *arguments)
    time.sleep(seconds)
    done = process.poll() is not None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return not done


def put(directory: Path, words: str) -> None:
    link = sqlite_module().connect(directory / "data" / "genjin.db", isolation_level=None)
    link.execute("CREATE TABLE IF NOT EXISTS note (words)")
    link.execute("BEGIN")
    link.execute("DELETE FROM note")
    link.executemany(
        "INSERT INTO note VALUES (?)", ((words + os.urandom(400).hex(),) for _ in range(ROWS))
    )
    link.execute("COMMIT")
    link.close()


def words(database: Path) -> tuple[str, int]:
    link = sqlite_module().connect(database)
    try:
        assert link.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found: tuple[str, int] = link.execute(
            "SELECT substr(min(words), 1, 3), count(*) FROM note"
        ).fetchone()
        return found
    finally:
        link.close()


def took(directory: Path, *arguments: str) -> float:
    began = time.monotonic()
    run(directory, *arguments)
    return time.monotonic() - began


def test_killed_backups_leave_only_whole_ones(tmp_path: Path) -> None:
    run(tmp_path, "migrate")
    put(tmp_path, "one")
    whole, picks = took(tmp_path, "backup", "now"), random.Random(3)  # noqa: S311
    for _ in range(KILLS):
        put(tmp_path, "two")
        kill_after(tmp_path, whole * picks.uniform(0.2, 1.0), "backup", "now", "--full")
        keyring = KeyFile(tmp_path / "data" / KEYS).read()
        assert keyring is not None
        store = DirectoryStore(tmp_path / "data" / "backups")
        [backups] = repositories([store], keyring)
        assert all(one.manifest for one in backups.backups())
    assert run(tmp_path, "backup", "verify", "--all").count("✓") >= 1
    run(tmp_path, "backup", "now")


def test_killed_restores_leave_the_old_or_the_new(tmp_path: Path) -> None:
    run(tmp_path, "migrate")
    put(tmp_path, "old")
    run(tmp_path, "backup", "now")
    live, picks = tmp_path / "data" / "genjin.db", random.Random(4)  # noqa: S311
    put(tmp_path, "new")
    whole = took(tmp_path, "backup", "restore", "--to", str(tmp_path / "elsewhere"))
    for _ in range(KILLS):
        put(tmp_path, "new")
        kept = set(live.parent.glob("genjin.db.before-*Z"))
        kill_after(tmp_path, whole * picks.uniform(0.3, 1.0), "backup", "restore")
        finish_restore(live)
        more = set(live.parent.glob("genjin.db.before-*Z")) - kept
        if more:
            assert words(live) == ("old", ROWS)
            assert [words(path) for path in more] == [("new", ROWS)]
        else:
            assert words(live) == ("new", ROWS)
