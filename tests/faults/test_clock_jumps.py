"""The wall clock is set forward and back, by an hour and by a day, while the product runs.

Then it is set right again. Nothing happens twice, and nothing is skipped for good. Also days on
which local time jumps by law.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import select

from bot.jobs import Jobs
from handlers.backups.jobs import ensure_backups
from handlers.forecast.jobs import ensure_forecasts
from handlers.pool.jobs import ensure_pool_days
from sales.jobs import Job, JobArgs, RemindOwner
from sales.notices import AccountLinked
from sales.people import Role
from storage.audit.check import check_audit
from storage.audit.seals import seal_entries
from storage.backups.runs import BackupRuns
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.tables import work
from storage.unit_of_work import UnitOfWork
from tests.clock import MONDAY
from tests.databases import Kind
from tests.delivery.conftest import Post, logs, post
from tests.faults.campaign import NewTally
from tests.world import TestSettings, open_world

__all__ = ["logs", "post"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS: Final = {
    "an hour ahead": HOUR,
    "an hour back": -HOUR,
    "a day ahead": DAY,
    "a day back": -DAY,
}
STEP: Final = timedelta(minutes=10)
REMINDERS: Final = 60


@pytest.mark.campaign
class TestAClockThatIsSet:
    @pytest.mark.parametrize("jump", JUMPS)
    async def test_fires_each_occurrence_once(
        self, post: Post, database_kind: Kind, tally: NewTally, jump: str
    ) -> None:
        """A reminder an hour, and two days of the wrong time in the middle of them."""
        count = tally(f"wall clock set {jump}", database_kind, kind="clock")
        done: Counter[str] = Counter()

        def remind(job: Job[JobArgs], uow: UnitOfWork, now: datetime) -> None:
            done[job.unique_key] += 1
            uow.outbox.add(AccountLinked(post.company.robin.id, "slack"), post.company.robin.id)

        with post.units() as uow:
            for number in range(REMINDERS):
                due = MONDAY + number * HOUR
                uow.jobs.add(Job(RemindOwner(number), due, f"reminder:{number}"))
            uow.commit()
        jobs = Jobs(post.units, remind, post.clock)
        off = timedelta()
        with count.recovering():
            for step in range(int(REMINDERS * HOUR / STEP) + 24):
                post.clock.advance(STEP)
                if step == 60:
                    off = JUMPS[jump]
                    post.clock.set_wall(post.clock.now() + off)
                if step == 120:
                    post.clock.set_wall(post.clock.now() - off)
                await jobs.tick()
                await post.delivery().drain()
        count.accepted = REMINDERS
        count.lost = REMINDERS - len(done)
        count.repeated = sum(done.values()) - len(done)
        assert len(post.platform.posts) == REMINDERS
        count.check(1)

    @pytest.mark.parametrize("jump", JUMPS)
    async def test_a_failed_backup_is_tried_again_within_the_hour(
        self, post: Post, jump: str
    ) -> None:
        runs = BackupRuns(post.units.database)
        with post.units() as uow:
            uow.backup_runs.ask(MONDAY.date(), MONDAY)
            uow.commit()
        assert runs.claim(MONDAY)
        runs.failed(MONDAY.date(), MONDAY, place="there", problem="space", reason="")
        later = MONDAY + JUMPS[jump]
        tries = [later + minutes * timedelta(minutes=1) for minutes in range(62)]
        assert any(runs.claim(now) for now in tries)

    @pytest.mark.parametrize("jump", JUMPS)
    def test_seals_whatever_the_clock_says(self, post: Post, jump: str) -> None:
        database = post.units.database
        seal_entries(database, MONDAY)
        with post.units() as uow:
            uow.audit.record(post.company.boss, "person.add", "person:1", {})
            uow.commit()
        seal_entries(database, MONDAY + JUMPS[jump])
        assert not check_audit(database).problems


BERLIN: Final = {
    "clocks go forward": date(2028, 3, 26),
    "clocks go back": date(2027, 10, 31),
}
"""Sundays before a Monday that is worked: in 2027 the clocks go forward at Easter."""


class TestADayOnWhichTheClocksChange:
    @pytest.mark.parametrize("edge", BERLIN)
    async def test_has_each_daily_occurrence_once(
        self, database: Database, fields: Fields, edge: str
    ) -> None:
        settings = TestSettings.of(genjin_web_chat="on", genjin_timezone="Europe/Berlin")
        began = datetime.combine(BERLIN[edge] - 2 * DAY, datetime.min.time(), UTC)
        async with open_world(settings, database, fields, began) as world:
            world.hire("web", {"max": ("Max Manager", Role.MANAGER)}, "en")
            with world.new_uow() as uow:
                context = world.context(uow)
                for ensure in (ensure_backups, ensure_pool_days, ensure_forecasts):
                    ensure(context)
                uow.commit()
            for _ in range(4 * 24 * 4):
                world.clock.advance(timedelta(minutes=15))
                await world.jobs.tick()
        query = select(work.c.kind, work.c.args).where(work.c.done_at.is_not(None))
        with database.read() as connection:
            rows = [(row.kind, row.args.get("day")) for row in connection.execute(query)]
        days = [str(BERLIN[edge] + number * DAY) for number in (-1, 0, 1)]
        assert sorted(day for kind, day in rows if kind == "backup" and day in days) == days
        # Of the others each day at most once; the last one is a Monday, when all are due.
        for kind in ("backup", "pool_day", "forecast"):
            assert rows.count((kind, days[-1])) == 1, kind
            assert all(rows.count((kind, day)) <= 1 for day in days)
