"""The whole process killed right after it answered: nothing that was accepted is lost."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.conversations.web import WebUser

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def running(
    data: Path, *, python: str = sys.executable, place: Path = ROOT
) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """``python -m bot run`` on a data directory, with the address it prints."""
    environment = {"PATH": os.environ["PATH"], "GENJIN_DATA_DIR": str(data), "WEB_PORT": "0"}
    process = await asyncio.create_subprocess_exec(
        python,
        "-m",
        "bot",
        "run",
        env=environment,
        cwd=place,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    async with asyncio.timeout(60):  # a busy machine is not a failure
        line = (await process.stdout.readline()).decode()
    assert "http://" in line, line
    try:
        yield line.split("Open ")[1].split(" ")[0], process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


@pytest.mark.slow
class TestKillNine:
    async def test_right_after_the_answer_loses_no_lead_and_no_notice(self, tmp_path: Path) -> None:
        lead = {"customer": "Maple Sample Mills", "source": "ads", "budget": "15-20万"}
        async with running(tmp_path) as (url, process), WebUser(url, "manager") as boss:
            await boss.type("/lead")
            await boss.submit(lead)
            process.kill()
            await process.wait()
        async with running(tmp_path) as (url, process), WebUser(url, "manager") as boss:
            await boss.type("/lead Maple")
            assert any("LX021 · Maple Sample Mills" in m.text for m in await boss.messages())
            assert "LX021" in await delivered_to_a_rep(url)

    async def test_ends_in_peace_when_asked_to(self, tmp_path: Path) -> None:
        async with running(tmp_path) as (_, process):
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                _, errors = await process.communicate()
        assert process.returncode == 0
        events = [json.loads(line) for line in errors.decode().splitlines()]
        assert [event for event in events if event["level"] in ("error", "warning")] == []


async def delivered_to_a_rep(url: str) -> str:
    """What the reps' DMs say, once the notice is there."""
    for _ in range(100):
        said = ""
        for rep in ("rep-1", "rep-2", "rep-3"):
            async with WebUser(url, rep) as user:
                said += "".join(message.text for message in await user.messages())
        if "LX021" in said:
            return said
        await asyncio.sleep(0.05)  # delivery runs in another process
    return said
