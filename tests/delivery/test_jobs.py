"""Due jobs on both databases: once, in time, caught up, and never stopped by one that fails."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from sqlalchemy import func, select

from bot.clock import SystemClock
from bot.jobs import Jobs
from sales.jobs import Job, JobArgs, RemindOwner
from sales.notices import LeadOffered
from sales.playbook.retention import Retention
from storage.database.purge import purge
from storage.database.retention import count_old, purge_old
from storage.platform_memory import MemoryStore
from storage.tables import inbound, memory, message, work
from storage.unit_of_work import UnitOfWork
from tests.clock import MONDAY
from tests.delivery.conftest import Post

HOUR = timedelta(hours=1)


def reminder(number: int, due_at: datetime = MONDAY) -> Job[RemindOwner]:
    return Job(RemindOwner(number), due_at, f"reminder:{number}")


class Doing:
    """Performs work by noting it and by putting a notice into the outbox."""

    def __init__(self, to: int) -> None:
        self.done: list[tuple[str, timedelta]] = []
        self.broken: set[str] = set()
        self._to = to

    def __call__(self, job: Job[JobArgs], uow: UnitOfWork, now: datetime) -> None:
        uow.outbox.add(LeadOffered(1), self._to)
        if job.unique_key in self.broken:
            raise ZeroDivisionError
        self.done.append((job.unique_key, now - job.due_at))

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self.done]


@pytest.fixture
def doing(post: Post) -> Doing:
    return Doing(post.company.robin.id)


def plan(post: Post, *planned: Job[JobArgs]) -> None:
    with post.units() as uow:
        for job in planned:
            uow.jobs.add(job)
        uow.commit()


class TestTick:
    async def test_does_what_is_due_earliest_first_and_once(self, post: Post, doing: Doing) -> None:
        plan(post, reminder(1), reminder(2, MONDAY - HOUR), reminder(3, MONDAY + HOUR))
        jobs = Jobs(post.units, doing, post.clock)
        assert await jobs.tick() == 2
        assert await jobs.tick() == 0
        assert doing.keys == ["reminder:2", "reminder:1"]
        assert post.letters.tally().waiting == 2

    async def test_catches_up_after_downtime_and_knows_how_late_it_is(
        self, post: Post, doing: Doing
    ) -> None:
        plan(post, reminder(1), reminder(2, MONDAY + HOUR))
        post.clock.advance(2 * HOUR)
        await Jobs(post.units, doing, post.clock).tick()
        assert doing.done == [("reminder:1", 2 * HOUR), ("reminder:2", HOUR)]

    async def test_what_fails_is_undone_tried_again_and_stops_nothing(
        self, post: Post, doing: Doing
    ) -> None:
        plan(post, reminder(1), reminder(2))
        doing.broken = {"reminder:1"}
        jobs = Jobs(post.units, doing, post.clock)
        await jobs.tick()
        assert doing.keys == ["reminder:2"]
        assert post.letters.tally().waiting == 1
        backlog = jobs.backlog()
        assert (backlog.due, backlog.failing, backlog.oldest_due_at) == (1, 1, MONDAY)
        assert await jobs.tick() == 0
        doing.broken = set()
        post.clock.advance(11)
        await jobs.tick()
        assert doing.keys == ["reminder:2", "reminder:1"]
        assert jobs.backlog().due == 0

    async def test_leaves_what_only_a_newer_version_knows_to_it(
        self, post: Post, doing: Doing
    ) -> None:
        plan(post, reminder(1, MONDAY - HOUR), reminder(2))
        first = work.c.key == "reminder:1"
        with post.units.database.write() as connection:
            connection.execute(work.update().where(first).values(kind="of_tomorrow"))
        jobs = Jobs(post.units, doing, post.clock)
        assert await jobs.tick() == 1
        assert doing.keys == ["reminder:2"]
        assert jobs.backlog().due == 0
        with post.units.database.write() as connection:  # a newer version knows it
            connection.execute(work.update().where(first).values(kind="reminder"))
        await jobs.tick()
        assert doing.done[-1] == ("reminder:1", HOUR)

    async def test_waits_longer_each_time_but_never_gives_up(
        self, post: Post, doing: Doing
    ) -> None:
        plan(post, reminder(1))
        doing.broken = {"reminder:1"}
        jobs = Jobs(post.units, doing, post.clock)
        tried_at = []
        for minute in range(100):
            if await jobs.tick():
                tried_at.append(minute)
            post.clock.advance(60)
        waits = [after - before for before, after in pairwise(tried_at)]
        assert waits == sorted(waits)
        assert waits[-3:] == [15, 15, 15]

    async def test_a_clock_set_back_does_not_hold_up_what_failed(
        self, post: Post, doing: Doing
    ) -> None:
        plan(post, reminder(1, MONDAY - 2 * HOUR))
        doing.broken = {"reminder:1"}
        jobs = Jobs(post.units, doing, post.clock)
        await jobs.tick()
        doing.broken = set()
        post.clock.set_wall(MONDAY - HOUR)
        await jobs.tick()
        assert doing.keys == ["reminder:1"]


class TestRunning:
    async def test_begins_with_what_fell_due_while_it_was_down(
        self, post: Post, doing: Doing
    ) -> None:
        plan(post, reminder(1))
        jobs = Jobs(post.units, doing, post.clock, due_every=3600)
        await jobs.start()
        await until(lambda: doing.keys == ["reminder:1"])
        await jobs.stop()

    async def test_goes_on_ticking_when_the_clock_is_set_back_an_hour(
        self, post: Post, doing: Doing
    ) -> None:
        clock = SystemClock()
        jobs = Jobs(post.units, doing, clock, due_every=0.05)
        await jobs.start()
        now = clock.now()
        plan(post, reminder(1, now))
        await until(lambda: doing.keys == ["reminder:1"])
        with time_machine.travel(now - HOUR, tick=True):
            plan(post, reminder(2, now - HOUR))
            await until(lambda: doing.keys == ["reminder:1", "reminder:2"])
            plan(post, reminder(3, now - HOUR))
            await until(lambda: doing.keys[2:] == ["reminder:3"])
        await jobs.stop()

    async def test_stops_after_the_piece_under_way(self, post: Post, doing: Doing) -> None:
        plan(post, reminder(1), reminder(2))
        jobs = Jobs(post.units, doing, post.clock, due_every=3600)
        begun, go_on = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def slowly(job: Job[JobArgs], uow: UnitOfWork, now: datetime) -> None:
            loop.call_soon_threadsafe(begun.set)
            asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(5)
            doing(job, uow, now)

        jobs = Jobs(post.units, slowly, post.clock, due_every=3600)
        await jobs.start()
        await begun.wait()
        stopping = asyncio.create_task(jobs.stop())
        await asyncio.sleep(0)
        go_on.set()
        await stopping
        assert doing.keys == ["reminder:1"]
        assert jobs.backlog().due == 1


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not happened():  # noqa: ASYNC110 - a thread makes it happen
            await asyncio.sleep(0.01)


class TestPurge:
    async def test_forgets_what_is_past_its_time_and_keeps_the_rest(self, post: Post) -> None:
        kept = MemoryStore(post.units.database, post.units.fields)
        kept.put("old", {}, MONDAY)
        kept.put("new", {}, MONDAY + timedelta(days=91))
        with post.units() as uow:
            uow.seen_requests.is_new("slack:old", MONDAY)
            uow.seen_requests.is_new("slack:new", MONDAY + timedelta(days=90))
            uow.outbox.add(LeadOffered(1), post.company.robin.id)
            uow.outbox.add(LeadOffered(2), post.company.kim.id)  # Unreachable: stays listed.
            uow.commit()
        await post.delivery().drain()
        later, keep = MONDAY + timedelta(days=90, hours=1), Retention()
        assert purge(post.units.database, later) == 2
        assert count_old(post.units.database, keep, later)["message"] == 1
        assert purge_old(post.units.database, keep, later)["message"] == 1
        with post.units.database.read() as connection:
            left = {
                table.name: connection.scalar(select(func.count()).select_from(table))
                for table in (inbound, memory, message)
            }
        assert left == {"inbound": 1, "memory": 1, "message": 1}
        assert [letter.problem for letter in post.letters.listed(5)] == ["no_address"]
