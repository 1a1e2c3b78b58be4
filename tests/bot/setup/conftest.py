"""Real local platforms with a few people, and a folder to set a company up in."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.setup.place import Place
from tests.doubles.dingtalk.server import DingTalkServer
from tests.doubles.slack.server import LocalSlack


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("GENJIN_", "SLACK_", "DINGTALK_", "DATABASE_URL")):
            monkeypatch.delenv(name)


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    server = LocalSlack()
    await server.start()
    server.add_user("U1", "Zoe Sample", admin=True, email="zoe@sample.example")
    server.add_user("U2", "Kay Sample", email="kay@sample.example")
    server.add_user("U3", "Guest Sample", email="guest@other.example", guest="multi")
    server.add_user("U4", "A bot", bot=True)
    for number in range(5):
        server.add_channel(f"C{number}", f"other-{number}", bot=False)
    server.add_channel("C9", "sales-managers", ["U1"])
    server.space.groups["sales"] = {"U1", "U2", "U3", "U4"}
    yield server
    await server.stop()


@pytest.fixture
async def dingtalk() -> AsyncIterator[DingTalkServer]:
    async with DingTalkServer() as server:
        server.staff = {f"d{n}": f"Staff {n} Sample" for n in range(1, 7)}
        server.departments = {"1": "Sample Ltd", "20": "East sales", "21": "Inside sales"}
        server.below = {1: [20], 20: [21]}
        server.members = {20: ["d1", "d2", "d3"], 21: ["d3", "d4"]}
        server.directory = {"Staff 1 Sample": {"mobile": "13800000001", "state_code": "86"}}
        yield server


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)
