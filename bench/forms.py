"""Measures forms submitted end to end: Slack's signed payload, work, commit, acknowledgement.

Genjin beside a bare slack-bolt app that does one raw insert, each as a process of its own over
HTTP, at 1, 10, 20 and 100 submissions at once, on SQLite and PostgreSQL, in the same run; then two
processes of Genjin on one PostgreSQL, which share the load. Run with ``python -m bench.forms``. The
load comes from this process, on the same machine.
"""

import asyncio
import base64
import itertools
import os
import secrets
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.slack import SECRET, TOKEN, OkSlack, Sender
from tests.databases import Databases, Kind

LEVELS, SECONDS = (1, 10, 20, 100), 6.0
GOAL_SHARE, GOAL_P99_MS = 0.5, 300.0
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Result:
    """The figures of one level of load.

    Submissions per second; milliseconds until the acknowledgement; milliseconds of processor time
    the bot spent on each, including its answers and notices, but not the database.
    """

    rate: float
    p50: float
    p99: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.rate:>9.0f}{self.p50:>8.1f}{self.p99:>8.1f}{self.cpu:>8.2f}"


async def main() -> int:
    with tempfile.TemporaryDirectory(prefix="genjin-bench-") as name:
        databases = Databases(Path(name))
        try:
            return await compare(databases, Path(name))
        finally:
            databases.stop()


async def compare(databases: Databases, folder: Path) -> int:
    """Print the table; return 1 if a goal is missed."""
    one_of = f"{'/s':>9}{'p50':>8}{'p99':>8}{'CPU':>8}"
    print(f"{'database':<26}{'at once':>8}{one_of}{one_of}{'share':>7}   (bare, then Genjin; ms)")
    missed = False
    kinds: tuple[Kind, ...] = ("sqlite", "postgresql")
    for kind in kinds:
        bare = await measure([bare_process(databases.empty(kind))])
        alone = await measure([genjin_process(databases.new(kind), folder / kind)])
        missed |= show(kind, bare, alone)
    both = genjin_process(databases.new("postgresql"), folder / "both")
    missed |= show("postgresql, 2 processes", bare, await measure([both, both]))
    print(f"\ngoals: at least {GOAL_SHARE:.0%} of bare, p99 < {GOAL_P99_MS:g} ms at 100")
    return int(missed)


def show(name: str, bare: dict[int, Result], ours: dict[int, Result]) -> bool:
    """Print the rows of one database; returns whether a goal was missed."""
    missed = False
    for level in LEVELS:
        share = ours[level].rate / bare[level].rate
        missed |= share < GOAL_SHARE or (level == LEVELS[-1] and ours[level].p99 > GOAL_P99_MS)
        print(f"{name:<26}{level:>8}{bare[level]}{ours[level]}{share:>7.2f}", flush=True)
    return missed


@dataclass(frozen=True)
class Process:
    """A bot to start: its arguments, and its environment beyond the common part."""

    arguments: tuple[str, ...]
    environment: dict[str, str]


def bare_process(url: str) -> Process:
    factory = ("-m", "uvicorn", "--factory", "bench.bare:build", "--log-level", "warning")
    return Process((*factory, "--port", "{port}"), {"DATABASE_URL": url})


def genjin_process(url: str, data: Path) -> Process:
    keys = "bench:" + base64.b64encode(secrets.token_bytes(32)).decode()
    return Process(
        ("-m", "bot", "run"),
        {
            "DATABASE_URL": url,
            "GENJIN_SECRET_KEYS": keys,
            "GENJIN_DATA_DIR": str(data),
            "WEB_PORT": "{port}",
        },
    )


async def measure(processes: Sequence[Process]) -> dict[int, Result]:
    """Start the processes, which share one database, and load them at every level."""
    slack = OkSlack()
    await slack.start()
    numbers = itertools.count(1)
    async with AsyncExitStack() as stack:
        connector = aiohttp.TCPConnector(limit=0)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        started = [
            await stack.enter_async_context(running(process, slack.url, session))
            for process in processes
        ]
        senders = [Sender(session, bot.url, numbers) for bot in started]
        if code := await admin_code(processes[0]):
            await senders[0].command("/genjin", f"admin {code}")
        await senders[0].command("/lead")
        async with asyncio.timeout(10):
            while not slack.form:  # noqa: ASYNC110 - the far side of another process
                await asyncio.sleep(0.01)
        pids = [bot.pid for bot in started]
        await load(senders, pids, slack.form, 10, 1.0)
        results = {level: await load(senders, pids, slack.form, level, SECONDS) for level in LEVELS}
    await slack.stop()
    return results


async def admin_code(process: Process) -> str:
    """The code that lets the first person into the bot; "" for the bare app, which asks nobody."""
    if process.arguments[:2] != ("-m", "bot"):
        return ""
    environment = {
        "PATH": os.environ["PATH"],
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        **process.environment,
        "WEB_PORT": "8700",
    }
    asked = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "admin"),
        env=environment,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    words, _ = await asked.communicate()
    return words.decode().partition("/genjin admin ")[2].split()[0]


async def load(
    senders: Sequence[Sender], pids: Sequence[int], form: dict[str, Any], level: int, seconds: float
) -> Result:
    """Keep ``level`` submissions under way for the given seconds, each process taking its share."""
    took: list[float] = []
    worked, began = sum(map(cpu_seconds, pids)), time.perf_counter()

    async def one_after_another(sender: Sender) -> None:
        while time.perf_counter() - began < seconds:
            elapsed, answer = await sender.submit(form, answers(next(sender.numbers)))
            if "errors" in answer:
                raise RuntimeError(answer[:300])
            took.append(elapsed)

    turns = itertools.cycle(senders)
    await asyncio.gather(*(one_after_another(next(turns)) for _ in range(level)))
    spent, worked = time.perf_counter() - began, sum(map(cpu_seconds, pids)) - worked
    took.sort()
    p99 = took[min(len(took) - 1, int(len(took) * 0.99))]
    return Result(
        len(took) / spent, took[len(took) // 2] * 1000, p99 * 1000, worked / len(took) * 1000
    )


def cpu_seconds(pid: int) -> float:
    """Processor time of a process since it started, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def answers(number: int) -> dict[str, str]:
    """A lead nobody has yet, with everything that scoring asks for."""
    return {
        "customer": f"Sample Customer {number}", "source": "ads", "source_detail": "SEM",
        "contact": "Zoe Sample", "title": "Manager", "phone": f"138{number:08d}",
        "email": f"zoe{number}@sample{number}.example", "need": "A tool to keep track",
        "industry": "it", "region": "east", "budget": "15-20万", "authority": "manager",
        "clarity": "clear", "timeframe": "month",
    }  # fmt: skip


@dataclass(frozen=True)
class Running:
    """A bot that answers at its address."""

    url: str
    pid: int


@asynccontextmanager
async def running(
    process: Process, slack_url: str, session: aiohttp.ClientSession
) -> AsyncIterator[Running]:
    """The process, once it responds."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = {
        "PATH": os.environ["PATH"],
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": slack_url,
        **{name: value.replace("{port}", port) for name, value in process.environment.items()},
    }
    arguments = [argument.replace("{port}", port) for argument in process.arguments]
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env=environment,
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(20):
            while not await answers_health(session, url):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        yield Running(url, child.pid)
    finally:
        child.send_signal(signal.SIGTERM)
        await child.wait()


async def answers_health(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/health") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
