"""Counts interactions of Slack that come too late on a machine with much else to do.

The bot gets a share of one core, in slices as a scheduler with that load gives them: it is stopped
and continued by signals, so that the machine itself stays idle. Late is an acknowledgement, or the
modal of a command, more than 3 seconds after the payload was sent. Run with
``python -m bench.starved``.
"""

import asyncio
import itertools
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bench.forms import admin_code, answers, genjin_process, running
from bench.slack import OkSlack, Sender
from tests.databases import Databases

INTERACTIONS, APART = 180, 0.2
TURNS = ((0.020, 0.13), (0.010, 0.13), (0.005, 0.13))
"""Seconds that the bot runs, of each so many: two cores at load 12, 24 and 48."""
SLACK_WAITS = 3.0


@dataclass
class TimedSlack(OkSlack):
    """Notes when a modal was opened, by the trigger it was opened with."""

    opened: dict[str, float] = field(default_factory=dict)

    async def _answer(self, request: web.Request) -> web.Response:
        if request.match_info["method"] == "views.open":
            trigger = str((await request.json())["trigger_id"])
            self.opened.setdefault(trigger, time.perf_counter())
        return await super()._answer(request)


async def main() -> int:
    """Print a line for each share; return 1 if anything was late."""
    print("share of a core   acks p50  longest  modals p50  longest  late")
    late = 0
    with tempfile.TemporaryDirectory(prefix="genjin-bench-") as name:
        databases = Databases(Path(name))
        try:
            for runs, of in TURNS:
                url = databases.new("sqlite")
                late += await measure(url, Path(name) / str(runs), runs, of)
        finally:
            databases.stop()
    return int(late > 0)


async def measure(url: str, data: Path, runs: float, of: float) -> int:
    """Half commands that open a form, half submitted forms; returns how many were late."""
    slack, process = TimedSlack(), genjin_process(url, data)
    await slack.start()
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
        running(process, slack.url, session) as bot,
    ):
        sender = Sender(session, bot.url, itertools.count(1))
        await sender.command("/genjin", f"admin {await admin_code(process)}")
        await sender.command("/lead")
        async with asyncio.timeout(10):
            while not slack.form:  # noqa: ASYNC110 - the far side of another process
                await asyncio.sleep(0.01)
        form = slack.form
        slack.opened.clear()
        async with starving(bot.pid, runs, of):
            acks, modals = await interact(sender, slack, form)
    await slack.stop()
    late = sum(seconds > SLACK_WAITS for seconds in (*acks, *modals))
    print(
        f"{runs / of:>15.0%}{acks[len(acks) // 2]:>11.2f}{acks[-1]:>9.2f}"
        f"{modals[len(modals) // 2]:>12.2f}{modals[-1]:>9.2f}{late:>6}",
        flush=True,
    )
    return late


async def interact(
    sender: Sender, slack: TimedSlack, form: dict[str, Any]
) -> tuple[list[float], list[float]]:
    """Seconds until each acknowledgement, and until each modal that was opened; sorted."""
    began: dict[str, float] = {}

    async def one(number: int) -> float:
        if number % 2:
            return (await sender.submit(form, answers(number)))[0]
        pressed = time.perf_counter()
        began[await sender.command("/lead")] = pressed
        return time.perf_counter() - pressed

    tasks = []
    for number in range(INTERACTIONS):
        tasks.append(asyncio.create_task(one(number)))
        await asyncio.sleep(APART)
    acks = sorted(await asyncio.gather(*tasks))
    await asyncio.sleep(SLACK_WAITS)
    # A second press while the first is being worked on opens none.
    modals = [at - began[trigger] for trigger, at in slack.opened.items()]
    return acks, sorted(modals)


@asynccontextmanager
async def starving(pid: int, runs: float, of: float) -> AsyncIterator[None]:
    """Let a process run for ``runs`` of every ``of`` seconds."""

    async def take_turns() -> None:
        while True:
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(of - runs)
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(runs)

    turns = asyncio.create_task(take_turns())
    try:
        yield
    finally:
        turns.cancel()
        os.kill(pid, signal.SIGCONT)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
