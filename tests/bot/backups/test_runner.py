"""Scheduled backups: one process takes each, failures are tried again, silence is reported."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bot.backups.destinations import are_on_same_disk
from bot.backups.runner import BackupRunner, WorkerFailed, backup_conditions
from bot.settings import Settings
from storage.backups.manifests import BackupOutcome, Contents, Manifest, Proof
from storage.backups.runs import AGAIN_AFTER, LEASE, BackupRunRepository, BackupRuns
from storage.backups.scratch import BackupUnderWay
from storage.database.engine import Database
from tests.clock import MONDAY, MovableClock

DAY = date(2026, 3, 2)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def runs(database: Database) -> BackupRuns:
    return BackupRuns(database)


def ask(database: Database, day: date, clock: MovableClock) -> None:
    with database.write() as connection:
        BackupRunRepository(connection).ask(day, clock.now())


def good() -> BackupOutcome:
    manifest = Manifest(
        id="20260302T060000Z-full-00000000",
        kind="full",
        taken_at=MONDAY,
        version="1",
        dialect="sqlite",
        engine="3",
        contents=Contents("0061", {}),
        files={},
        size=1,
        sha256="",
    )
    return BackupOutcome("/mnt", manifest, Proof(MONDAY, 3))


class Worker:
    """Stands for the process that takes backups."""

    def __init__(self, *results: object) -> None:
        self.results = list(results)
        self.taken = 0

    async def __call__(self, since: datetime) -> Sequence[BackupOutcome]:
        self.taken += 1
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        outcomes = [one for one in _all(result) if isinstance(one, BackupOutcome)]
        assert len(outcomes) == len(_all(result))
        return outcomes


def _all(result: object) -> tuple[object, ...]:
    return result if isinstance(result, tuple) else (result,)


def claimed(runs: BackupRuns, clock: MovableClock) -> date | None:
    due = runs.claim(clock.now())
    return due.day if due else None


def names(runs: BackupRuns, clock: MovableClock) -> list[str]:
    return [condition.key for condition in backup_conditions(runs, clock)()]


class TestARun:
    async def test_is_taken_once(
        self, database: Database, runs: BackupRuns, clock: MovableClock
    ) -> None:
        worker = Worker(good())
        runner = BackupRunner(runs, clock, take=worker)
        assert await runner.take_next() is False
        ask(database, DAY, clock)
        assert await runner.take_next() is True
        assert await runner.take_next() is False
        assert runs.state().verified_at == clock.now()

    async def test_is_claimed_by_one_of_two(
        self, database: Database, runs: BackupRuns, clock: MovableClock
    ) -> None:
        ask(database, DAY, clock)
        assert claimed(runs, clock) == DAY
        assert claimed(runs, clock) is None
        clock.advance(LEASE)
        assert claimed(runs, clock) == DAY

    async def test_that_fails_is_told_and_tried_again(
        self, database: Database, runs: BackupRuns, clock: MovableClock
    ) -> None:
        bad = BackupOutcome("/mnt", problem="store", reason="Read-only file system")
        runner = BackupRunner(runs, clock, take=Worker(bad, WorkerFailed(), good()))
        ask(database, DAY, clock)
        await runner.take_next()
        assert names(runs, clock) == ["backup_store"]
        assert await runner.take_next() is False
        clock.advance(AGAIN_AFTER)
        await runner.take_next()
        assert names(runs, clock) == ["backup_worker"]
        clock.advance(AGAIN_AFTER)
        await runner.take_next()
        assert names(runs, clock) == []

    async def test_that_fails_in_one_place_counts_for_the_other(
        self, database: Database, runs: BackupRuns, clock: MovableClock
    ) -> None:
        bad = BackupOutcome("s3://bucket", problem="store_denied", reason="AccessDenied")
        worse = BackupOutcome("/srv", problem="store_denied", reason="Permission denied")
        runner = BackupRunner(runs, clock, take=Worker((good(), bad, worse), bad, ()))
        ask(database, DAY, clock)
        await runner.take_next()
        state = runs.state()
        assert (state.verified_at, state.place) == (clock.now(), "s3://bucket, /srv")
        assert names(runs, clock) == ["backup_store_denied"]
        clock.advance(timedelta(hours=25))
        await runner.take_next()
        assert names(runs, clock) == ["backup_store_denied"]
        clock.advance(timedelta(hours=2))
        assert names(runs, clock) == ["backup_store_denied", "backup_stale"]
        await runner.take_next()
        assert names(runs, clock) == []

    async def test_waits_for_one_under_way(
        self, database: Database, runs: BackupRuns, clock: MovableClock
    ) -> None:
        runner = BackupRunner(runs, clock, take=Worker(BackupUnderWay(), good()))
        ask(database, DAY, clock)
        await runner.take_next()
        assert names(runs, clock) == []
        clock.advance(LEASE)
        await runner.take_next()
        assert runs.state().verified_at is not None

    async def test_of_today_settles_those_missed(
        self, database: Database, runs: BackupRuns, clock: MovableClock
    ) -> None:
        for day in range(3):
            ask(database, DAY + timedelta(days=day), clock)
        worker = Worker(good())
        runner = BackupRunner(runs, clock, take=worker)
        while await runner.take_next():
            pass
        assert worker.taken == 1

    async def test_is_given_up_when_the_process_stops(
        self, database: Database, runs: BackupRuns, clock: MovableClock
    ) -> None:
        async def for_ever(_since: datetime) -> Sequence[BackupOutcome]:
            await asyncio.sleep(3600)
            return []

        ask(database, DAY, clock)
        taking = asyncio.create_task(BackupRunner(runs, clock, take=for_ever).take_next())
        await asyncio.sleep(0.2)
        taking.cancel()
        await asyncio.wait({taking})
        assert claimed(runs, clock) == DAY


class TestConditions:
    def test_say_when_nothing_was_verified_lately(
        self, database: Database, runs: BackupRuns, clock: MovableClock
    ) -> None:
        assert names(runs, clock) == []
        ask(database, DAY, clock)
        clock.advance(timedelta(hours=25))
        assert names(runs, clock) == []
        clock.advance(timedelta(hours=2))
        assert names(runs, clock) == ["backup_never"]
        runs.verified(DAY, clock.now())
        assert names(runs, clock) == []
        clock.advance(timedelta(hours=27))
        assert names(runs, clock) == ["backup_stale"]

    def test_tell_one_disk_from_two(self, database: Database, tmp_path: Path) -> None:
        def on_one(places: str) -> bool:
            settings = Settings(
                _env_file=None,  # type: ignore[call-arg]
                genjin_data_dir=tmp_path,
                genjin_web_chat="on",
                genjin_backup_to=places,
            )
            return are_on_same_disk(settings, database)

        assert on_one("off") is False
        here = database.path
        assert on_one(str(here.parent / "backups") if here else "/") is (here is not None)
        assert on_one("/proc/backups") is False
