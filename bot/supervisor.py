"""Supervises every task that runs as long as the process: none may end silently.

A task that fails is logged, shown as a condition, and restarted after a pause. A failure that no
pause can fix ends the process, with a reason.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, Final, TypeAlias

import structlog

from bot.health import Condition
from sales.errors import StorageUnavailable

log = structlog.get_logger(__name__)

Job: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
"""Starts the task afresh with each call; returns when there is nothing more to do."""

_SETTLED: Final = 20.0
"""Seconds that a task has to run until it counts as recovered."""


class CannotGoOn(Exception):
    """The process has to end. ``key`` names the text (``stop.<key>``), filled with ``params``."""

    def __init__(self, key: str, **params: str) -> None:
        super().__init__(key)
        self.key = key
        self.params: Mapping[str, str] = params


def backoff(
    failures: int,
    *,
    first: float = 0.5,
    longest: float = 30.0,
    spread: float = 0.25,
    jitter: Callable[[], float] = random.random,
) -> float:
    """Seconds before the next attempt.

    ``first`` before any failure, doubled after each failure in a row, up to ``longest``; reduced by
    up to ``spread`` of it, so that many processes do not retry at the same time.
    """
    pause: float = min(longest, first * 2.0 ** min(failures, 20))
    return pause * (1 - spread * jitter())


class OutageLog:
    """Logs when the database stops answering a task and when it answers again: two lines however
    often it is tried in between."""

    def __init__(self) -> None:
        self._met: dict[str, int] = {}

    def met(self, task: str, error: StorageUnavailable) -> None:
        """Note a failed attempt; the first one is logged."""
        if task not in self._met:
            log.warning("storage.unavailable", task=task, cause=_cause(error))
        self._met[task] = self._met.get(task, 0) + 1

    def over(self, task: str) -> None:
        """Note an attempt that worked."""
        if attempts := self._met.pop(task, 0):
            log.info("storage.back", task=task, attempts=attempts)


class Supervisor:
    """The tasks of one process, by name. ``pause`` gives the seconds before the n-th attempt."""

    def __init__(self, *, pause: Callable[[int], float] = backoff) -> None:
        self._pause = pause
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failing: dict[str, str] = {}
        self._mending: dict[str, asyncio.TimerHandle] = {}
        self._pausing: set[str] = set()
        self._end: CannotGoOn | None = None
        self._ended = asyncio.Event()
        self._outages = OutageLog()

    def start(self, name: str, work: Job) -> None:
        """Run ``work`` until it returns or is stopped; restart it whenever it fails."""
        if name in self._tasks:
            raise ValueError(f"{name} runs already")
        task = asyncio.get_running_loop().create_task(self._keep(name, work), name=name)
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def stop(self, *names: str) -> None:
        """Cancel tasks and wait for their end; all of them if none is named."""
        stopped = [self._tasks[name] for name in names or tuple(self._tasks) if name in self._tasks]
        for task in stopped:
            task.cancel()
        if stopped:
            await asyncio.wait(stopped)
        for name in names or tuple(self._failing):
            self.recovered(name)

    async def finish(self, name: str) -> None:
        """Let a task finish by itself; one that is waiting to be restarted ends now."""
        task = self._tasks.get(name)
        if task is None:
            return
        if name in self._pausing:
            task.cancel()
        await asyncio.wait({task})

    async def cannot_go_on(self) -> CannotGoOn:
        """Wait for the reason why the process has to end."""
        await self._ended.wait()
        if self._end is None:
            raise AssertionError("ended for no reason")
        return self._end

    def failed(self, name: str, error: Exception) -> None:
        """Record a failure under this name, until ``recovered``."""
        self._failing[name] = type(error).__name__
        if timer := self._mending.pop(name, None):
            timer.cancel()

    def recovered(self, name: str) -> None:
        self._failing.pop(name, None)
        if timer := self._mending.pop(name, None):
            timer.cancel()

    def conditions(self) -> Iterable[Condition]:
        """The failing tasks; a ``bot.health.ConditionSource``."""
        return [
            Condition("task_failed", name, {"task": name, "error": error})
            for name, error in tuple(self._failing.items())
        ]

    async def _keep(self, name: str, work: Job) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            began = loop.time()
            if failures:
                self._mending[name] = loop.call_later(_SETTLED, self.recovered, name)
            try:
                await work()
            except CannotGoOn as reason:
                log.critical("process.cannot_go_on", task=name, reason=reason.key, **reason.params)
                self._end = reason
                self._ended.set()
                return
            except StorageUnavailable as error:
                # Reported by the database's own conditions.
                self._outages.met(name, error)
            except Exception as error:
                log.exception("task.failed", task=name)
                self.failed(name, error)
            else:
                self.recovered(name)
                return
            if loop.time() - began > _SETTLED:
                failures = 0
                self._outages.over(name)
            failures += 1
            self._pausing.add(name)
            try:
                await asyncio.sleep(self._pause(failures))
            finally:
                self._pausing.discard(name)


def _cause(error: StorageUnavailable) -> str:
    return type(error.__cause__).__name__ if error.__cause__ else type(error).__name__
