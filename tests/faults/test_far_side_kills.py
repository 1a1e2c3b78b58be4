"""Replicas that deliver to Slack, DingTalk and mail are killed again and again.

Meanwhile the far sides refuse, break off and throttle. After each kill, what we say was sent is
compared with what is on the far sides: their journals decide, not our rows.
"""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from sales.notices import DigestReady, LeadOffered
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.tables import message
from storage.unit_of_work import UnitOfWorkFactory
from tests.doubles.dingtalk import DingTalkServer
from tests.doubles.dingtalk.server import APP, ROBOT, SECRET
from tests.doubles.slack import Fault, LocalSlack
from tests.faults import far_sides, replicas
from tests.faults.far_sides import FarSides, FastClock
from tests.platforms.mail.conftest import Postbox, Server, free_port

MESSAGES, CONVERSATIONS, KILLS, REPLICAS = 180, 6, 6, 2
ONCE_EVERY = 5
PATIENCE = 120
"""Seconds for a busy machine; it takes ten."""
PLATFORMS = ("slack", "dingtalk", "email")


def is_once(number: int) -> bool:
    return number % ONCE_EVERY == 0


@dataclass
class Far:
    """The three servers, and what stands on them by number of the message."""

    slack: LocalSlack
    dingtalk: DingTalkServer
    mail: Server

    def posts(self) -> Counter[int]:
        words = [one.text for one in self.slack.space.messages]
        words += [one.text for chat in self.dingtalk.world.chats.values() for one in chat]
        words += [str(one["Subject"]) for one in self.mail.box.got]
        numbers = (re.search(r"number (\d+)", text) for text in words)
        return Counter(int(number[1]) for number in numbers if number)

    def trouble(self, round_number: int) -> None:
        """Make the next calls fail, unless earlier planned failures are still to come.

        In every third round nothing is accepted until it is fixed.
        """
        if not self.slack.faults["chat.postMessage"]:
            passing = (Fault(lost=True), Fault(retry_after=1), Fault(status=503))
            refusing = (Fault("token_revoked"),) if round_number % 3 == 0 else ()
            self.slack.fault("chat.postMessage", *refusing, *passing)
        world = self.dingtalk.world
        if not world.faults.get("send"):
            if round_number % 3 == 0:
                world.fail_next("send", 403, {"code": "Forbidden.AccessDenied.ApiCountLimitForOrg"})
            world.fail_next("send", 200, {}, drop=True, done_first=True)
            world.fail_next("send", 500, {"code": "system.busy"})
        self.mail.box.at_stage["mail"] = ["553 not yours"] if round_number % 3 == 0 else []
        self.mail.box.hang_up = True


@asynccontextmanager
async def far_side() -> AsyncIterator[Far]:
    slack = LocalSlack()
    await slack.start()
    for number in range(CONVERSATIONS):
        slack.add_channel(f"C{number}", f"room-{number}")
    mail = Server(Postbox(), hostname="localhost", port=free_port())
    mail.start()
    async with DingTalkServer() as dingtalk:
        yield Far(slack, dingtalk, mail)
    mail.stop(no_assert=True)
    await slack.stop()


def put(database: Database, fields: Fields, clock: FastClock) -> None:
    units = UnitOfWorkFactory(database, fields, now=clock.now)
    with units() as uow:
        for number in range(MESSAGES):
            conversation = number // len(PLATFORMS) % CONVERSATIONS
            platform = PLATFORMS[number % len(PLATFORMS)]
            where = f"C{conversation}" if platform == "slack" else str(conversation)
            notice = DigestReady(number, "2026-W47") if is_once(number) else LeadOffered(number)
            uow.outbox.add(notice, (platform, where))
        uow.commit()


def states(database: Database) -> dict[int, str]:
    """What we say of each message, by its number."""
    with database.read() as connection:
        rows = connection.execute(select(message.c.fields, message.c.state)).all()
    return {int(row.fields.get("team_id", row.fields.get("offer_id"))): row.state for row in rows}


def compare(far: Far, said: dict[int, str]) -> Counter[int]:
    """What is said to be sent stands there, and nothing that may come once stands there twice."""
    posts = far.posts()
    unfounded = [number for number, state in said.items() if state == "sent" and not posts[number]]
    assert unfounded == [], "said to be sent, and not on the far side"
    twice = [number for number in said if is_once(number) and posts[number] > 1]
    assert twice == [], "at most once, and twice on the far side"
    return posts


@pytest.mark.slow
@pytest.mark.campaign(cases=1)
class TestKillNine:
    async def test_the_far_sides_agree_after_every_kill(
        self, database: Database, database_url: str, fields: Fields
    ) -> None:
        began = time.time()  # noqa: TID251 - the replicas count from it
        clock = FastClock(began)
        put(database, fields, clock)
        async with far_side() as far:
            given = FarSides(
                far.slack.api_url, far.slack.bot_token, far.dingtalk.url, APP, SECRET, ROBOT,
                far.mail.port, began,
            )  # fmt: skip
            with replicas.running(REPLICAS, far_sides.main, database_url, given) as running:
                for round_number in range(KILLS):
                    far.trouble(round_number)
                    goal = (round_number + 1) * MESSAGES // (KILLS + 2)
                    await until(lambda goal=goal: len(far.posts()) >= goal)  # type: ignore[misc]
                    await asyncio.sleep(random.uniform(0, 0.02))  # noqa: S311 - in the middle
                    await asyncio.to_thread(replicas.kill, running[round_number % REPLICAS])
                    compare(far, await asyncio.to_thread(states, database))
                    again = replicas.start(far_sides.main, database_url, given)
                    running[round_number % REPLICAS] = again
                await until(lambda: not {"waiting", "sending"} & set(states(database).values()))
            said = states(database)
            posts = compare(far, said)
        missing = [number for number in said if not posts[number]]
        assert all(is_once(number) for number in missing)
        assert all(said[number] == "unknown" for number in missing)
        repeated = sum(count - 1 for count in posts.values())
        print(
            f"\n{database.dialect}: {MESSAGES} messages to three far sides, {KILLS} kill -9 in "
            f"{time.time() - began:.1f} s: 0 lost, {repeated} repeated, "  # noqa: TID251
            f"{len(missing)} of {MESSAGES // ONCE_EVERY} at most once did not arrive and are "
            f"shown as unknown"
        )


async def until(so: Callable[[], bool]) -> None:
    """Look until it is so: three servers, one of them a thread, and a database tell nobody."""
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(so):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
