"""A replica is killed while it posts the weekly digest to several channels.

In each channel of Slack and of DingTalk it stands at most once; where it is missing, the admins are
shown that nobody knows whether it was posted.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.app import Storage
from sales.people import Role
from storage.channels import BoundChannel
from storage.database.encryption import Fields
from storage.database.engine import open_database
from storage.database.keyring import new_key, parse_keyring
from storage.tables import message, work
from tests.clock import MONDAY, MovableClock
from tests.conversations.stages import settings_for
from tests.databases import Databases, Kind
from tests.doubles.dingtalk import DingTalkServer
from tests.doubles.slack import LocalSlack
from tests.faults import replicas, roles
from tests.faults.campaign import NewTally, Tally, dice, rounds
from tests.faults.points import Point
from tests.world import TestSettings, World

WHOLE = 24
CHANNELS = {"slack": ("C0", "C1", "C2"), "dingtalk": ("cid-0", "cid-1")}
COUNT = sum(map(len, CHANNELS.values()))
WEEKLY, TITLE = "digest_ready", "East: week of"
SLACK, DINGTALK = "bot.platforms.slack.adapter", "bot.platforms.dingtalk.adapter"
POINTS = (
    Point("handlers.digests.actions:post"),
    Point("handlers.digests.actions:post", after=True),
    Point("storage.outbox.lanes:Lanes.mark_sending", 2),
    Point("storage.outbox.lanes:Lanes.mark_sending", 3, after=True),
    Point(f"{SLACK}:SlackPlatform.post", 2),
    Point(f"{SLACK}:SlackPlatform.post", after=True),
    Point(f"{DINGTALK}:DingTalkPlatform.post"),
    Point(f"{DINGTALK}:DingTalkPlatform.post", after=True),
    Point("storage.outbox.lanes:Lanes.settle", 2),
    Point("storage.outbox.lanes:Lanes.settle", 3, after=True),
)


@dataclass
class Ground:
    """A company whose channels are bound, on both platforms."""

    world: World
    slack: LocalSlack
    dingtalk: DingTalkServer
    url: str
    keys: str
    settings: dict[str, Any]

    def posts(self) -> Counter[str]:
        """How many digests stand in each channel, outside its threads."""
        seen = [
            (one.channel, f"{one.text} {one.blocks}")
            for one in self.slack.space.messages
            if not one.thread
        ]
        for key, chat in self.dingtalk.world.chats.items():
            seen += [(key, one.text) for one in chat if one.author == "bot"]
        return Counter(channel for channel, text in seen if TITLE in text)

    def said(self) -> Counter[str]:
        """How the newest digest of each channel went, as we have it."""
        with self.world.database.read() as connection:
            rows = connection.execute(
                select(message.c.lane, message.c.state, message.c.problem)
                .where(message.c.kind == WEEKLY)
                .order_by(message.c.id.desc())
                .limit(COUNT)
            ).all()
        return Counter({f"{row.lane.rpartition(':')[2]} {row.state}": 1 for row in rows})

    def due(self) -> datetime:
        """When the next digest is posted."""
        digests = select(func.min(work.c.due_at)).where(
            work.c.kind == "digest", work.c.done_at.is_(None)
        )
        with self.world.database.read() as connection:
            due: datetime | None = connection.scalar(digests)
        assert due
        return due


@pytest.fixture
async def ground(
    databases: Databases, database_kind: Kind, tmp_path: Path
) -> AsyncIterator[Ground]:
    url, keys = databases.new(database_kind), new_key("test")
    async with DingTalkServer() as dingtalk, local_slack() as slack:
        settings: dict[str, Any] = {
            "slack_bot_token": slack.bot_token,
            "slack_app_token": slack.app_token,
            "slack_api_url": slack.api_url,
            "genjin_data_dir": tmp_path,
            "genjin_backup_to": "off",
            **settings_for(dingtalk),
        }
        storage = Storage(open_database(url, tmp_path), Fields(parse_keyring(keys)))
        world = World(TestSettings.of(**settings), storage, MovableClock(MONDAY))
        async with world.listening():
            bind(world)
            await roles.connected(world)
            yield Ground(world, slack, dingtalk, url, keys, settings)


@asynccontextmanager
async def local_slack() -> AsyncIterator[LocalSlack]:
    slack = LocalSlack()
    await slack.start()
    slack.add_user("MAX", "Max Manager")
    for channel in CHANNELS["slack"]:
        slack.add_channel(channel, channel.lower(), {"MAX"})
    yield slack
    await slack.stop()


def bind(world: World) -> None:
    world.hire("slack", {"MAX": ("Max Manager", Role.MANAGER)}, "en")
    with world.new_uow() as uow:
        [boss] = uow.people.everyone()
        for platform, channels in CHANNELS.items():
            for channel in channels:
                uow.channels.bind(
                    BoundChannel(platform, channel, boss.team_id, "en", boss.id, with_names=True)
                )
        uow.commit()


@pytest.fixture
def count(database_kind: Kind, tally: NewTally) -> Tally:
    return tally("a digest to five channels of Slack and DingTalk", database_kind)


@pytest.mark.slow
@pytest.mark.campaign(cases=1)
async def test_killed_while_posting(ground: Ground, count: Tally) -> None:
    world, before = ground.world, ground.posts()
    for number in rounds(WHOLE):
        chance = dice(count.place, count.database, number)
        point, due = chance.choice(POINTS), ground.due()
        world.clock.set_wall(due - timedelta(minutes=1))
        await world.settle()
        given = ground.url, ground.keys, ground.settings, due
        killed = await asyncio.to_thread(replicas.kill_at, point, roles.tick, *given)
        assert killed, point
        # The lease of the one that was killed has ended.
        world.clock.set_wall(due + timedelta(minutes=5))
        with count.recovering():
            await asyncio.to_thread(replicas.wait_until_gone, world.database)
            await world.settle()
        after, said = ground.posts(), ground.said()
        count.accepted += COUNT
        for channels in CHANNELS.values():
            for channel in channels:
                new = after[channel] - before[channel]
                count.once_twice += new > 1
                count.unknown += not new and said[f"{channel} unknown"]
                count.lost += not new and not said[f"{channel} unknown"]
        before = after
    count.check(len(rounds(WHOLE)))
