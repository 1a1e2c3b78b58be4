"""Replicas that are killed: processes of their own for ``kill -9``, up in milliseconds.

Each is a fork of a server that has everything imported.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from typing import Any

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(
    ["tests.faults.worker", "tests.faults.far_sides", "tests.faults.importer"]
)


def start(replica: Callable[..., None], *given: Any) -> ForkServerProcess:
    started = forks.Process(target=replica, args=given, daemon=True)
    started.start()
    return started


def kill(replica: ForkServerProcess) -> None:
    replica.kill()
    replica.join()


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
