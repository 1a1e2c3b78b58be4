"""Far sides that throttle everything, and a database that takes no writes: tried, but not often."""

import asyncio
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery import Delivery
from bot.jobs import Jobs
from bot.platforms import Suspended, Throttled, Unavailable
from sales.errors import StorageUnavailable
from sales.notices import LeadOffered
from sales.refusals import Reason
from storage.outbox.lanes import Lanes
from tests.delivery.conftest import Post
from tests.delivery.test_jobs import Doing, plan, reminder

HALF_AN_HOUR = timedelta(minutes=30)


async def weather(post: Post, failure: Exception) -> int:
    """How often a message is tried in half an hour in which every attempt fails so."""
    delivery = post.delivery()
    tried = 0
    for _ in range(int(HALF_AN_HOUR.total_seconds())):
        post.platform.failures = [failure] * 20
        await delivery.drain()
        tried += 20 - len(post.platform.failures)
        post.clock.advance(1)
    post.platform.failures.clear()
    return tried


class TestThrottled:
    @pytest.mark.parametrize("named", [0.0, 1.0])
    async def test_again_and_again_is_tried_less_often_and_never_lost(
        self, post: Post, named: float
    ) -> None:
        post.put(LeadOffered(1), LeadOffered(2))
        assert 20 < await weather(post, Throttled(named)) < 60
        post.clock.advance(60)
        await post.delivery().drain()
        assert post.titles == ["lead_offered 1", "lead_offered 2"]

    async def test_as_long_as_it_says_if_that_is_longer(self, post: Post) -> None:
        post.put(LeadOffered(1))
        assert await weather(post, Throttled(300.0)) == 6

    async def test_for_a_day_waits_a_quarter_of_an_hour_at_a_time(self, post: Post) -> None:
        post.put(LeadOffered(1))
        assert await weather(post, Throttled(86_400.0)) == 2

    async def test_unavailable_is_not_tried_often_either(self, post: Post) -> None:
        post.put(LeadOffered(1))
        assert await weather(post, Unavailable("down")) < 25


class NoWrites:
    """A database from which can be read, and which takes no writes: a full or read-only disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tried = 0
        monkeypatch.setattr(Lanes, "lease", self._lease)

    def _lease(self, *_: object) -> None:
        self.tried += 1
        raise StorageUnavailable from OSError("disk full")


class TestADatabaseThatTakesNoWrites:
    async def test_is_not_asked_all_the_time_and_logged_once(
        self,
        post: Post,
        monkeypatch: pytest.MonkeyPatch,
        logs: list[MutableMapping[str, Any]],
    ) -> None:
        post.put(LeadOffered(1))
        delivery: Delivery = post.delivery(poll=0.01)
        with monkeypatch.context() as patch:
            full = NoWrites(patch)
            await delivery.start()
            await asyncio.sleep(2)
            assert 2 <= full.tried <= 4
        async with asyncio.timeout(10):
            while not post.titles:  # noqa: ASYNC110 - a thread makes it happen
                await asyncio.sleep(0.05)
        await delivery.stop()
        events = [one["event"] for one in logs if "storage" in one["event"]]
        assert events == ["storage.unavailable", "storage.back"]

    async def test_logs_a_failing_tick_once(
        self,
        post: Post,
        monkeypatch: pytest.MonkeyPatch,
        logs: list[MutableMapping[str, Any]],
    ) -> None:
        doing = Doing(post.company.robin.id)
        plan(post, reminder(1))
        jobs = Jobs(post.units, doing, post.clock, due_every=0.05)

        def no_room(*_: object) -> bool:
            raise StorageUnavailable from OSError("disk full")

        with monkeypatch.context() as patch:
            patch.setattr(Jobs, "_do_next", no_room)
            await jobs.start()
            await asyncio.sleep(0.5)
        async with asyncio.timeout(10):
            while doing.keys != ["reminder:1"]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await jobs.stop()
        events = [one["event"] for one in logs if "storage" in one["event"]]
        assert events == ["storage.unavailable", "storage.back"]


class TestAClockSetBackWhileAPlatformRefuses:
    @pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-1)])
    async def test_does_not_wait_for_the_clock_to_catch_up(
        self, post: Post, jump: timedelta
    ) -> None:
        post.put(LeadOffered(1), LeadOffered(2))
        revoked = Suspended("token_revoked", reason=Reason.CREDENTIALS)
        post.platform.failures = [revoked]
        await post.delivery().drain()
        post.clock.set_wall(post.clock.now() + jump)
        for _ in range(40):
            post.clock.advance(60)
            await post.delivery().drain()
        assert post.titles == ["lead_offered 1", "lead_offered 2"]
