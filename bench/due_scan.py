"""Measures how long a poll for due work takes among 100,000 pending reminders, on both databases.

For comparison, APScheduler's own SQLAlchemyJobStore with as many jobs in it. Run with ``python -m
bench.due_scan``; exits 1 if our p99 misses the goal.
"""

import gc
import pickle
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import Engine, insert, text

from storage.database.engine import Database, open_database
from storage.jobs import JobRepository
from storage.tables import work
from tests.databases import Databases, Kind

PENDING, DONE, SCANS, GOAL_MS = 100_000, 100_000, 400, 20.0
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HISTORY = timedelta(days=90)


@dataclass(frozen=True)
class Timing:
    """Milliseconds."""

    p50: float
    p99: float


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="genjin-bench-") as directory:
        worst = compare(Path(directory))
    print(f"\nworst p99 {worst:.2f} ms, goal < {GOAL_MS:g} ms")
    return 0 if worst < GOAL_MS else 1


def compare(directory: Path) -> float:
    """Print the table; returns our worst p99."""
    databases = Databases(directory)
    print(f"{PENDING:,} pending reminders, {DONE:,} done; {SCANS} looks each; milliseconds\n")
    print(
        f"{'database':<12}{'look':<26}{'Genjin p50':>11}{'p99':>8}{'APScheduler p50':>18}{'p99':>8}"
    )
    worst = 0.0
    kinds: tuple[Kind, ...] = ("sqlite", "postgresql")
    for kind in kinds:
        database = open_database(databases.new(kind), directory)
        fill(database)
        store = job_store(database)
        looks: dict[str, tuple[Callable[[int], object], Callable[[int], object]]] = {
            "finds nothing": (scan(database), scan_store(store)),
            "finds one, and it is done": (do_one(database), do_one_in_store(store)),
        }
        for name, (ours, theirs) in looks.items():
            mine, other = timed(ours), timed(theirs)
            worst = max(worst, mine.p99)
            print(
                f"{kind:<12}{name:<26}{mine.p50:>11.2f}{mine.p99:>8.2f}"
                f"{other.p50:>18.2f}{other.p99:>8.2f}"
            )
        store.shutdown()
        database.dispose()
    databases.stop()
    return worst


def timed(look: Callable[[int], object]) -> Timing:
    for number in range(20):
        look(-1 - number)
    gc.collect()
    took = []
    for number in range(SCANS):
        began = time.perf_counter()
        look(number)
        took.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(took, n=100)
    return Timing(cuts[49], cuts[98])


def fill(database: Database) -> None:
    """Insert pending work spread over the next 90 days, and as much completed in the last 90."""
    rows: list[dict[str, Any]] = [
        {
            "key": f"reminder:{number}",
            "kind": "reminder",
            "subject": str(number),
            "args": {"followup_id": number},
            "due_at": due_at(number),
            "done_at": None,
        }
        for number in range(PENDING)
    ] + [
        {
            "key": f"done:{number}",
            "kind": "reminder",
            "subject": str(number),
            "args": {"followup_id": number},
            "due_at": due_at(number) - HISTORY,
            "done_at": due_at(number) - HISTORY,
        }
        for number in range(DONE)
    ]
    with database.write() as connection:
        connection.execute(insert(work), rows)
    analyze(database.writer)


def due_at(number: int) -> datetime:
    return NOW + timedelta(minutes=1) + HISTORY * (number / PENDING)


def scan(database: Database) -> Callable[[int], object]:
    """What every tick does; usually nothing is due."""

    def look(_: int) -> None:
        with database.read() as connection:
            assert not JobRepository(connection).is_due(NOW)

    return look


def do_one(database: Database) -> Callable[[int], object]:
    """The whole transaction of one piece of work, without the work itself."""

    def look(_: int) -> None:
        with database.write() as connection:
            rows = JobRepository(connection)
            claimed = rows.claim(NOW + HISTORY)
            assert claimed is not None
            rows.done(claimed, NOW)

    return look


def nothing() -> None:
    """What the stored jobs would run."""


def job_store(database: Database) -> SQLAlchemyJobStore:
    store = SQLAlchemyJobStore(engine=database.writer)
    scheduler = BackgroundScheduler(timezone="UTC")
    store.start(scheduler, "default")
    job = Job(
        scheduler,
        id="sample",
        func=nothing,
        args=(),
        kwargs={},
        trigger=DateTrigger(NOW),
        executor="default",
        name="sample",
        misfire_grace_time=None,
        coalesce=True,
        max_instances=1,
        next_run_time=NOW,
    )
    state = job.__getstate__()
    rows = [
        {
            "id": f"reminder:{number}",
            "next_run_time": due_at(number).timestamp(),
            "job_state": pickle.dumps(
                state | {"id": f"reminder:{number}", "next_run_time": due_at(number)}
            ),
        }
        for number in range(PENDING)
    ]
    with store.engine.begin() as connection:
        connection.execute(insert(store.jobs_t), rows)
    analyze(store.engine)
    return store


def scan_store(store: SQLAlchemyJobStore) -> Callable[[int], object]:
    """What APScheduler asks its store at every wake-up."""

    def look(_: int) -> None:
        due: list[Job] = store.get_due_jobs(NOW)
        assert not due
        store.get_next_run_time()

    return look


def do_one_in_store(store: SQLAlchemyJobStore) -> Callable[[int], object]:
    """A wake-up at which one job is due, which is then finished."""
    in_order = iter(range(PENDING))

    def look(_: int) -> None:
        due: list[Job] = store.get_due_jobs(due_at(next(in_order)))
        assert len(due) == 1
        store.remove_job(due[0].id)
        store.get_next_run_time()

    return look


def analyze(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))


if __name__ == "__main__":
    sys.exit(main())
