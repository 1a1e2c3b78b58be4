"""The threads that requests run in.

On SQLite one thread runs all requests that change something: several would only queue for the one
writer, wake each other at every commit, and leave no thread to those that only read. Knows no
request.
"""

from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Final

from handlers.router import Route

WORKERS: Final = 2
"""Threads for what does not wait for SQLite's writer: one interpreter has no use for more."""
SLOW_WORKERS: Final = 2
"""Threads for reports: however many people ask for one, everything else goes on."""


class RequestThreads:
    """``one_writer``: the database is changed by one transaction at a time."""

    def __init__(self, *, one_writer: bool) -> None:
        self._others = ThreadPoolExecutor(WORKERS, thread_name_prefix="request")
        self._slow = ThreadPoolExecutor(SLOW_WORKERS, thread_name_prefix="report")
        self._writing = (
            ThreadPoolExecutor(1, thread_name_prefix="change") if one_writer else self._others
        )

    def of(self, route: Route | None) -> Executor:
        """Where to run a request with this route; None for one that has none.

        What prepares itself first is slow before it changes anything, and must not hold up the
        other changes meanwhile.
        """
        if route is not None and route.slow:
            return self._slow
        changes = route is not None and route.changes and route.prepare is None
        return self.changes if changes else self._others

    @property
    def changes(self) -> Executor:
        """Where to run what changes something."""
        return self._writing

    def shutdown(self) -> None:
        """Wait for what is under way, and end the threads."""
        self._writing.shutdown()
        self._others.shutdown()
        self._slow.shutdown()
