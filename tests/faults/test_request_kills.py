"""The product is killed while it takes what people write on Slack and DingTalk.

What was acknowledged is there. What was not is delivered again, as both platforms do, and is then
there once.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest

from bot.app import Storage
from bot.clock import SystemClock
from sales.leads import Lead
from sales.people import SYSTEM, Role
from storage.database.encryption import Fields
from storage.database.engine import open_database
from storage.database.keyring import new_key, parse_keyring
from tests.clock import MovableClock
from tests.conversations.stages import settings_for
from tests.databases import Databases, Kind
from tests.doubles.dingtalk import DingTalkServer
from tests.doubles.slack import LocalSlack
from tests.doubles.slack.acts import Acts
from tests.faults import replicas, roles
from tests.faults.campaign import NewTally, Tally, rounds
from tests.faults.points import Point
from tests.world import TestSettings, World

WHOLE = 8
POINTS = {
    "before the work": "handlers.router:Router.dispatch",
    "before the commit": "handlers.router:Router._handle",
    "after the commit, before the answer": "handlers.router:Router.dispatch",
    "after the acknowledgement": "",
}
NEVER = Point("handlers.router:Router.dispatch", about="nobody writes this")


class Side(Protocol):
    """A platform that delivers a line until it is acknowledged."""

    settings: dict[str, Any]

    async def write(self, line: str) -> None:
        """Deliver a line; fails when it is not acknowledged."""

    async def again(self) -> None:
        """Deliver once more what was not acknowledged."""

    @property
    def connected(self) -> bool: ...


@dataclass
class SlackSide:
    server: LocalSlack
    settings: dict[str, Any]
    _event: dict[str, Any] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def write(self, line: str) -> None:
        room = self.server.space.direct("ROBIN")
        said = {"type": "message", "channel_type": "im", "user": "ROBIN", "text": line}
        said |= {"ts": self.server.space.stamp(), "channel": room.id}
        self._event = {"event": said, "event_id": f"EvKILL{next(self._numbers)}"}
        await Acts(self.server, "ROBIN").event(**self._event)

    async def again(self) -> None:
        await Acts(self.server, "ROBIN").event(**self._event, retry_attempt=1)

    @property
    def connected(self) -> bool:
        return bool(self.server.wire.sockets)


@dataclass
class DingTalkSide:
    server: DingTalkServer
    settings: dict[str, Any]

    async def write(self, line: str) -> None:
        frame = await self.server.write("robin", line)
        await self.server.gateway.ack_of(frame)

    async def again(self) -> None:
        gateway = self.server.gateway
        [frame] = gateway.unacked
        await gateway.redeliver()
        await gateway.ack_of(frame)

    @property
    def connected(self) -> bool:
        return bool(self.server.gateway.sockets)


@asynccontextmanager
async def slack_side() -> AsyncIterator[Side]:
    server = LocalSlack()
    await server.start()
    server.add_user("ROBIN", "Robin Sample", "zh-CN")
    tokens = {"slack_bot_token": server.bot_token, "slack_app_token": server.app_token}
    yield SlackSide(server, tokens | {"slack_api_url": server.api_url})
    await server.stop()


@asynccontextmanager
async def dingtalk_side() -> AsyncIterator[Side]:
    async with DingTalkServer() as server:
        server.staff["robin"] = "Robin Sample"
        yield DingTalkSide(server, dict(settings_for(server)))


SIDES = {"slack": (slack_side, "ROBIN"), "dingtalk": (dingtalk_side, "robin")}


@dataclass
class Ground:
    """A database with Robin and a lead of theirs, and where replicas find it."""

    world: World
    url: str
    keys: str
    data: Path

    def followups(self) -> Counter[str]:
        """How often the history of the lead has each text."""
        with self.world.new_uow(read_only=True) as uow:
            return Counter(one.summary for one in uow.followups(SYSTEM).of_lead(1, 1000))


@pytest.fixture
def ground(databases: Databases, database_kind: Kind, tmp_path: Path) -> Iterator[Ground]:
    url, keys = databases.new(database_kind), new_key("test")
    database = open_database(url, tmp_path)
    now = SystemClock().now()
    storage = Storage(database, Fields(parse_keyring(keys)))
    settings = TestSettings.of(genjin_web_chat="off", genjin_backup_to="off")
    world = World(settings, storage, MovableClock(now))
    yield Ground(world, url, keys, tmp_path)
    world._threads.shutdown()
    database.dispose()


def found(ground: Ground, platform: str, account: str) -> None:
    ground.world.hire(platform, {account: ("Robin Sample", Role.REP)}, "zh_CN")
    now = ground.world.clock.now()
    with ground.world.new_uow() as uow:
        [robin] = uow.people.everyone()
        uow.leads(SYSTEM).add(
            Lead(source="ads", customer="Acme Sample Ltd", owner_id=robin.id,
                 team_id=robin.team_id, created_at=now, created_by=robin.id, stage_since=now)
        )  # fmt: skip
        uow.commit()


@contextmanager
def product(ground: Ground, side: Side, point: Point) -> Iterator[tuple[Any, Any]]:
    """The product, which waits at a point; gives what waits until it is open, and until it is
    there and killed."""
    heard, said = replicas.forks.Pipe(duplex=False)
    settings = side.settings | {"genjin_data_dir": ground.data, "genjin_backup_to": "off"}
    held: AbstractContextManager[Any] = replicas.held_at(
        point, roles.serve, ground.url, ground.keys, settings, said
    )
    with held as reached:
        said.close()
        yield lambda: heard.poll(replicas.PATIENCE) and heard.recv(), reached
    heard.close()


def line_of(number: int) -> str:
    return f"跟进 LX001 电话 第{number}次谈话"


async def play(ground: Ground, side: Side, where: str, numbers: range, count: Tally) -> None:
    """Each round's product takes what the one before was killed over."""
    unanswered = False
    for number in (*numbers, None):
        text = "" if number is None else f"第{number}次"
        after = where.startswith("after")
        point = Point(POINTS[where], after=after, about=text) if POINTS[where] and text else NEVER
        with product(ground, side, point) as (opened, reached):
            if unanswered:
                with count.recovering():
                    assert await asyncio.to_thread(opened)
                    await side.again()
                count.accepted += 1
            else:
                assert await asyncio.to_thread(opened)
            if number is None:
                break
            if point is NEVER:
                await side.write(line_of(number))
                count.accepted += 1
                count.runs += 1
                continue
            writing = asyncio.create_task(side.write(line_of(number)))
            assert await asyncio.to_thread(reached)
            unanswered = True
            writing.cancel()
            await asyncio.wait({writing})
            await gone(side)


async def gone(side: Side) -> None:
    async with asyncio.timeout(10):
        while side.connected:  # noqa: ASYNC110 - the far side has no event for it
            await asyncio.sleep(0.01)


@pytest.fixture
def count(where: str, platform: str, database_kind: Kind, tally: NewTally) -> Tally:
    return tally(f"a line on {platform}: {where}", database_kind)


@pytest.mark.slow
@pytest.mark.campaign
@pytest.mark.in_turn
@pytest.mark.parametrize("platform", SIDES)
@pytest.mark.parametrize("where", POINTS)
async def test_killed_while_taking_a_line(
    platform: str, where: str, ground: Ground, count: Tally
) -> None:
    open_side, account = SIDES[platform]
    found(ground, platform, account)
    async with open_side() as side:
        await play(ground, side, where, range(len(rounds(WHOLE))), count)
    there = ground.followups()
    for number in rounds(WHOLE):
        times = sum(n for text, n in there.items() if f"第{number}次" in text)
        count.lost += times == 0
        count.once_twice += times > 1
    count.check(len(rounds(WHOLE)))
