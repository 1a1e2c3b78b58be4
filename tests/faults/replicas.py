"""Replicas that are killed: processes of their own for ``kill -9``, up in milliseconds.

Each is a fork of a server that has everything imported.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from typing import Any

from sqlalchemy import text

from storage.database.engine import Database
from tests.faults import points
from tests.faults.points import Point

PATIENCE = 60.0
"""Seconds for a busy machine."""
forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(
    [
        "tests.faults.worker",
        "tests.faults.far_sides",
        "tests.faults.importer",
        "tests.faults.points",
        "tests.faults.roles",
    ]
)


def start(replica: Callable[..., None], *given: Any) -> ForkServerProcess:
    started = forks.Process(target=replica, args=given, daemon=True)
    started.start()
    return started


def kill(replica: ForkServerProcess) -> None:
    replica.kill()
    replica.join()


def kill_at(point: Point, role: Callable[..., None], *given: Any) -> bool:
    """Start a replica and ``kill -9`` it at a point; False if it ended without coming there."""
    with held_at(point, role, *given) as reached:
        return reached()


@contextmanager
def held_at(point: Point, role: Callable[..., None], *given: Any) -> Iterator[Callable[[], bool]]:
    """A replica that waits at a point until it is killed, at the end of the block at the latest.

    Gives a function that waits until it is there; it returns False if the replica ended before.
    """
    heard, said = forks.Pipe(duplex=False)
    replica = start(points.held, point, said, role, *given)
    said.close()

    def reached() -> bool:
        try:
            assert heard.poll(PATIENCE), f"{point} was not reached in {PATIENCE} s"
            heard.recv()
        except EOFError:
            return False
        kill(replica)
        return True

    try:
        yield reached
    finally:
        kill(replica)
        heard.close()


def wait_until_gone(database: Database) -> None:
    """Wait until PostgreSQL has noticed that the replicas that were killed are gone.

    Until then due work that one had claimed is passed over; the product looks again each second.
    """
    if database.dialect == "sqlite":
        return
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with database.read() as connection:
            if not connection.scalar(_IN_TRANSACTION):
                return
        time.sleep(0.01)
    raise AssertionError("a session of a killed replica goes on")


_IN_TRANSACTION = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
)


@contextmanager
def running(
    count: int, replica: Callable[..., None], *given: Any
) -> Iterator[list[ForkServerProcess]]:
    """So many replicas. Who kills one puts another into its place in the list."""
    started = [start(replica, *given) for _ in range(count)]
    try:
        yield started
    finally:
        for one in started:
            kill(one)
