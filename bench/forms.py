"""Forms submitted end to end: Slack's signed payload, work, commit, acknowledgement.

Genjin beside a bare slack-bolt app that does one raw insert, each as a process of its own over
HTTP, at 1, 10 and 100 submissions at once, on SQLite and PostgreSQL, in the same run. Run with
``python -m bench.forms``. The load comes from this process, on the same machine.
"""

import asyncio
import base64
import os
import secrets
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.slack import SECRET, TOKEN, OkSlack, Sender
from tests.databases import Databases, Kind

LEVELS, SECONDS = (1, 10, 100), 6.0
GOAL_SHARE, GOAL_P99_MS = 0.5, 300.0
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Result:
    """Submissions per second; milliseconds until the acknowledgement."""

    rate: float
    p50: float
    p99: float


async def main() -> int:
    with tempfile.TemporaryDirectory(prefix="genjin-bench-") as name:
        databases = Databases(Path(name))
        try:
            return await compare(databases, Path(name))
        finally:
            databases.stop()


async def compare(databases: Databases, folder: Path) -> int:
    """Print the table; 1 when a goal is missed."""
    print(f"{'database':<12}{'at once':>8}{'bare/s':>9}{'p50':>7}{'p99':>7}", end="")
    print(f"{'Genjin/s':>10}{'p50':>7}{'p99':>7}{'share':>7}   (ms)")
    missed = False
    kinds: tuple[Kind, ...] = ("sqlite", "postgresql")
    for kind in kinds:
        bare = await measure(bare_process(databases.empty(kind)))
        ours = await measure(genjin_process(databases.new(kind), folder / kind))
        for level in LEVELS:
            one, other = bare[level], ours[level]
            share = other.rate / one.rate
            missed |= share < GOAL_SHARE or (level == LEVELS[-1] and other.p99 > GOAL_P99_MS)
            print(f"{kind:<12}{level:>8}{one.rate:>9.0f}{one.p50:>7.1f}{one.p99:>7.1f}", end="")
            print(f"{other.rate:>10.0f}{other.p50:>7.1f}{other.p99:>7.1f}{share:>7.2f}")
    print(f"\ngoals: at least {GOAL_SHARE:.0%} of bare, p99 < {GOAL_P99_MS:g} ms at 100")
    return int(missed)


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


async def measure(process: Process) -> dict[int, Result]:
    """Start the process and load it at every level."""
    slack = OkSlack()
    await slack.start()
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        running(process, slack.url, session) as url,
    ):
        sender = Sender(session, url)
        await sender.command("/lead")
        async with asyncio.timeout(10):
            while not slack.form:  # noqa: ASYNC110 - the far side of another process
                await asyncio.sleep(0.01)
        await load(sender, slack.form, 10, 1.0)
        results = {level: await load(sender, slack.form, level, SECONDS) for level in LEVELS}
    await slack.stop()
    return results


async def load(sender: Sender, form: dict[str, Any], level: int, seconds: float) -> Result:
    """Keep ``level`` submissions under way for so many seconds."""
    took: list[float] = []
    began = time.perf_counter()

    async def one_after_another() -> None:
        while time.perf_counter() - began < seconds:
            elapsed, answer = await sender.submit(form, answers(next(sender.numbers)))
            if "errors" in answer:
                raise RuntimeError(answer[:300])
            took.append(elapsed)

    await asyncio.gather(*(one_after_another() for _ in range(level)))
    spent = time.perf_counter() - began
    took.sort()
    p99 = took[min(len(took) - 1, int(len(took) * 0.99))]
    return Result(len(took) / spent, took[len(took) // 2] * 1000, p99 * 1000)


def answers(number: int) -> dict[str, str]:
    """A lead nobody has yet, with all that the score asks for."""
    return {
        "customer": f"Sample Customer {number}", "source": "ads", "source_detail": "SEM",
        "contact": "Zoe Sample", "title": "Manager", "phone": f"138{number:08d}",
        "email": f"zoe{number}@sample{number}.example", "need": "A tool to keep track",
        "industry": "it", "region": "east", "budget": "15-20万", "authority": "manager",
        "clarity": "clear", "timeframe": "month",
    }  # fmt: skip


@asynccontextmanager
async def running(
    process: Process, slack_url: str, session: aiohttp.ClientSession
) -> AsyncIterator[str]:
    """The process's address, once it answers."""
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
        sys.executable, *arguments, env=environment, cwd=ROOT, stderr=asyncio.subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(20):
            while not await answers_health(session, url):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        yield url
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
