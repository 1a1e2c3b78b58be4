"""First starts of whole processes, many times: ``python -m tests.faults.starts [times [only]]``.

``only`` is a part of the rows' names. Each row is one way to start; it counts the processes that
died, and those that were not healthy in the end. ``tests/faults/test_starts.py`` does the same
inside one process, once.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import make_url, text

from bot.run import CANNOT_GO_ON
from storage.database.engine import open_database
from tests.databases import Databases
from tests.doubles.dingtalk import DingTalkServer
from tests.doubles.dingtalk.server import APP, ROBOT, SECRET
from tests.doubles.slack import LocalSlack
from tests.faults.faults import KEYS, directory, small_disk
from tests.faults.relay import Relay

ROOT = Path(__file__).parents[2]
_PATIENCE = 60.0

Start = Callable[[Path, Databases], Awaitable[str]]
"""One start in a fresh directory; returns "" if all was well, else what was not."""


class Process:
    """``python -m bot`` with nothing of this environment but the path."""

    def __init__(self, command: str, settings: dict[str, str]) -> None:
        environment = {"PATH": os.environ["PATH"], "WEB_PORT": "0", **settings}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "bot", command],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    async def ended(self) -> tuple[int, str, str]:
        """Status, stdout, and stderr."""
        out, err = await asyncio.to_thread(self._child.communicate, timeout=_PATIENCE)
        return self._child.returncode, out, err

    @property
    def is_alive(self) -> bool:
        return self._child.poll() is None

    async def stop(self) -> tuple[int, str, str]:
        if self.is_alive:
            self._child.terminate()
        return await self.ended()


async def well(port: int, process: Process, *, wanted: bool = True, within: float = 30) -> bool:
    """Whether ``/health`` became ok, or reported not ok."""
    until = time.monotonic() + within
    async with httpx.AsyncClient(timeout=15) as client:
        while time.monotonic() < until and process.is_alive:
            try:
                answer = await client.get(f"http://127.0.0.1:{port}/health")
                if answer.json()["ok"] is wanted:
                    return True
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
    return False


def free_port() -> int:
    return Relay.to_port(0).port


@asynccontextmanager
async def dingtalk(data: Path) -> AsyncIterator[dict[str, str]]:
    async with DingTalkServer() as server:
        yield {
            "GENJIN_DATA_DIR": str(data),
            "DINGTALK_CLIENT_ID": APP,
            "DINGTALK_CLIENT_SECRET": SECRET,
            "DINGTALK_ROBOT_CODE": ROBOT,
            "DINGTALK_API_URL": server.url,
            "DINGTALK_OAPI_URL": server.url,
        }


@asynccontextmanager
async def slack(data: Path) -> AsyncIterator[dict[str, str]]:
    server = LocalSlack()
    await server.start()
    yield {
        "GENJIN_DATA_DIR": str(data),
        "SLACK_BOT_TOKEN": server.bot_token,
        "SLACK_APP_TOKEN": server.app_token,
        "SLACK_API_URL": server.api_url,
    }
    await server.stop()


@asynccontextmanager
async def web(data: Path) -> AsyncIterator[dict[str, str]]:
    yield {"GENJIN_DATA_DIR": str(data)}


def _relay(databases: Databases) -> tuple[Relay, dict[str, str]]:
    place = make_url(databases.empty("postgresql"))
    relay = Relay.to_socket(f"{place.query['host']}/.s.PGSQL.5432")
    url = f"postgresql://postgres@127.0.0.1:{relay.port}/{place.database}"
    return relay, {"DATABASE_URL": url, "GENJIN_SECRET_KEYS": KEYS}


def empty_directory(far: Any) -> Start:
    async def start(place: Path, _: Databases) -> str:
        async with far(place / "data") as settings:
            port = free_port()
            process = Process("run", settings | {"WEB_PORT": str(port)})
            fine = await well(port, process)
            status, _out, err = await process.stop()
        return _verdict(fine, status, err)

    return start


async def two_replicas(place: Path, databases: Databases) -> str:
    relay, database = _relay(databases)
    await relay.open()
    async with dingtalk(place / "data") as settings:
        ports = free_port(), free_port()
        replicas = [Process("run", settings | database | {"WEB_PORT": str(port)}) for port in ports]
        fine = [await well(*pair) for pair in zip(ports, replicas, strict=True)]
        ends = [await replica.stop() for replica in replicas]
    await relay.cut()
    return next(
        (v for f, (s, _, e) in zip(fine, ends, strict=True) if (v := _verdict(f, s, e))), ""
    )


async def server_away(place: Path, databases: Databases) -> str:
    relay, database = _relay(databases)
    async with dingtalk(place / "data") as settings:
        port = free_port()
        process = Process("run", settings | database | {"WEB_PORT": str(port)})
        said = await well(port, process, wanted=False)
        await asyncio.sleep(1)
        await relay.open()
        fine = await well(port, process)
        status, out, err = await process.stop()
    await relay.cut()
    early = "ready" in out.partition("\n")[0] and "not ready" not in out
    return _verdict(said and fine and not early, status, err)


async def read_only_disk(_: Path, __: Databases) -> str:
    with small_disk() as disk:
        (disk / "data").mkdir()
        await remount(disk, "ro,size=64m")
        async with dingtalk(disk / "data") as settings:
            port = free_port()
            process = Process("run", settings | {"WEB_PORT": str(port)})
            said = await well(port, process, wanted=False)
            await asyncio.sleep(1)
            await remount(disk, "rw")
            fine = await well(port, process)
            status, _out, err = await process.stop()
    return _verdict(said and fine, status, err)


async def remount(disk: Path, how: str) -> None:
    command = await asyncio.create_subprocess_exec("mount", "-o", f"remount,{how}", str(disk))
    assert await command.wait() == 0


async def newer_schema(place: Path, databases: Databases) -> str:
    url = databases.new("sqlite")
    database = open_database(url, place)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.dispose()
    async with dingtalk(place / "data") as settings:
        status, out, err = await Process("run", settings | {"DATABASE_URL": url}).ended()
    # DingTalk alone speaks Chinese.
    says_why = any(word in err.splitlines()[-1] for word in ("newer", "更新版本"))
    fine = status == CANNOT_GO_ON and says_why and "ready" not in out
    return "" if fine else f"status {status}: {err[-200:]}"


async def doctor(place: Path, _: Databases) -> str:
    async with dingtalk(place / "data") as settings:
        status, out, err = await Process("doctor", settings).ended()
    fine = status in (0, 1) and "Traceback" not in err and "DingTalk" in out
    fine = fine and not (place / "data").exists()
    return "" if fine else f"status {status}: {err[-200:]}"


async def doctor_without_server(place: Path, databases: Databases) -> str:
    _, database = _relay(databases)
    async with dingtalk(place / "data") as settings:
        status, out, err = await Process("doctor", settings | database).ended()
    fine = status == 1 and "Traceback" not in err and ("database" in out or "数据库" in out)
    return "" if fine else f"status {status}: {err[-200:]}"


def _verdict(fine: bool, status: int, err: str) -> str:
    if status != 0:
        return f"died with status {status}: {err[-300:]}"
    return "" if fine else f"never well: {err[-300:]}"


STARTS: dict[str, Start] = {
    "DingTalk, empty directory": empty_directory(dingtalk),
    "Slack, empty directory": empty_directory(slack),
    "web chat, empty directory": empty_directory(web),
    "DingTalk, two replicas on a fresh PostgreSQL": two_replicas,
    "DingTalk, PostgreSQL away at first": server_away,
    "DingTalk, read-only disk at first": read_only_disk,
    "database of a newer schema (ends with words)": newer_schema,
    "doctor, DingTalk, empty directory": doctor,
    "doctor, DingTalk, PostgreSQL away": doctor_without_server,
}


async def _main(times: int, only: str) -> int:
    bad = 0
    with directory() as place:
        databases = Databases(place)
        try:
            for name, start in STARTS.items():
                if only not in name:
                    continue
                outcomes = []
                for number in range(times):
                    fresh = place / f"{len(name)}-{number}-{time.monotonic_ns()}"
                    fresh.mkdir()
                    outcomes.append(await start(fresh, databases))
                wrong = [outcome for outcome in outcomes if outcome]
                bad += len(wrong)
                print(f"{name:48} {times} starts, {len(wrong)} not as they should", flush=True)
                for outcome in wrong[:2]:
                    print(f"    {outcome}")
        finally:
            databases.stop()
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(
        asyncio.run(_main(int([*sys.argv, "20"][1]), sys.argv[2] if len(sys.argv) > 2 else ""))
    )
