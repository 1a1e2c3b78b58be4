"""A replica is killed at every named point of a delivery to Slack, DingTalk and mail.

What stands on the far sides after another replica went on is compared with what was put in: only
what goes out at most once may be missing, and is shown as unknown; it never stands there twice.
"""

import asyncio
import time
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from bot.delivery import Delivery
from sales.notices import DigestReady, LeadOffered
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.tables import message
from storage.unit_of_work import UnitOfWorkFactory
from tests.databases import Kind
from tests.doubles.dingtalk.server import APP, ROBOT, SECRET
from tests.faults import far_sides, replicas
from tests.faults.campaign import NewTally, Tally, dice, rounds
from tests.faults.far_sides import LIMITS, FarSides, FastClock, compose, platforms_of
from tests.faults.points import Point
from tests.faults.test_far_side_kills import PLATFORMS, Far, far_side, is_once, until

WHOLE = 10
POSTS = {
    "slack": "bot.platforms.slack.adapter:SlackPlatform.post",
    "dingtalk": "bot.platforms.dingtalk.adapter:DingTalkPlatform.post",
    "email": "bot.platforms.mail.adapter:MailPlatform.post",
}
POINTS = {
    "after the lease": Point("bot.sending:Sender.deliver"),
    "before the mark": Point("storage.outbox.lanes:Lanes.mark_sending"),
    "after the mark": Point("storage.outbox.lanes:Lanes.mark_sending", after=True),
    "before the send": None,
    "after the send": None,
    "before it is recorded": Point("storage.outbox.lanes:Lanes.settle"),
    "after it is recorded": Point("storage.outbox.lanes:Lanes.settle", after=True),
}
NEVER_REPEATS = ("after the lease", "before the mark", "after the mark", "after it is recorded")
EACH = 2
"""Messages to each platform in a round; every other one goes out at most once."""


@dataclass
class Sending:
    """Messages with running numbers, and a replica in this process that goes on after a kill."""

    database: Database
    units: UnitOfWorkFactory
    delivery: Delivery
    put: int = 0

    def add(self, conversation: int) -> range:
        new = range(self.put, self.put + EACH * len(PLATFORMS))
        with self.units() as uow:
            for number in new:
                platform = PLATFORMS[number % len(PLATFORMS)]
                where = f"C{conversation}" if platform == "slack" else str(conversation)
                once = DigestReady(number, "2026-W47")
                uow.outbox.add(once if is_once(number) else LeadOffered(number), (platform, where))
            uow.commit()
        self.put = new.stop
        return new

    async def finish(self) -> None:
        async with asyncio.timeout(60):
            while await asyncio.to_thread(self._left):
                if not await self.delivery.drain():
                    await asyncio.sleep(0.05)

    def _left(self) -> int:
        unsent = message.c.state.in_(("waiting", "sending"))
        with self.database.read() as connection:
            query = select(func.count()).select_from(message).where(unsent)
            return connection.scalar(query) or 0

    def states(self, numbers: range) -> dict[int, str]:
        with self.database.read() as connection:
            rows = connection.execute(select(message.c.fields, message.c.state)).all()
        said = {int(r.fields.get("team_id", r.fields.get("offer_id"))): r.state for r in rows}
        return {number: said[number] for number in numbers}


def point_of(where: str, platform: str) -> Point:
    return POINTS[where] or Point(POSTS[platform], after=where.startswith("after"))


def count_round(count: Tally, far: Far, states: dict[int, str]) -> None:
    posts = far.posts()
    count.accepted += len(states)
    for number, state in states.items():
        missing, more = not posts[number], max(0, posts[number] - 1)
        told = is_once(number) and state == "unknown"
        count.unknown += missing and told
        count.lost += missing and not told
        count.once_twice += more * is_once(number)
        count.repeated += more * (not is_once(number))


@pytest.fixture
def count(where: str, database_kind: Kind, tally: NewTally) -> Tally:
    return tally(f"delivery: {where}", database_kind, may_repeat=where not in NEVER_REPEATS)


@pytest.mark.slow
@pytest.mark.campaign(cases=3)
@pytest.mark.in_turn
@pytest.mark.parametrize("where", POINTS)
async def test_killed_while_delivering(
    where: str, database: Database, database_url: str, fields: Fields, count: Tally
) -> None:
    began = time.time()  # noqa: TID251 - the replicas count from it
    clock = FastClock(began)
    units = UnitOfWorkFactory(database, fields, now=clock.now)
    async with far_side() as far:
        given = FarSides(
            far.slack.api_url, far.slack.bot_token, far.dingtalk.url, APP, SECRET, ROBOT,
            far.mail.port, began,
        )  # fmt: skip
        platforms = platforms_of(given, clock)
        await platforms["slack"].start()
        sending = Sending(
            database, units, Delivery(database, platforms, compose, clock, limits=LIMITS)
        )
        for number in rounds(WHOLE):
            chance = dice(count.place, count.database, number)
            point = point_of(where, chance.choice(PLATFORMS))
            numbers = sending.add(number % 6)
            role = far_sides.one_by_one
            assert await asyncio.to_thread(replicas.kill_at, point, role, database_url, given)
            with count.recovering():
                await sending.finish()
            await until(lambda: bool(far.posts()))
            count_round(count, far, sending.states(numbers))
        await platforms["slack"].stop()
    count.check(len(rounds(WHOLE)))
