"""The scheduler: runs jobs at their time without anybody asking.

APScheduler only ticks. Due work is rows in the database, one transaction each, so that any number
of processes tick side by side, a process that was down catches up, and a job that fails is retried
without stopping the rest.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock
from bot.supervisor import OutageLog, Supervisor
from sales.errors import StorageUnavailable
from sales.jobs import Job, JobArgs
from storage.audit.seals import ChainBroken, seal_entries
from storage.database.purge import purge
from storage.database.retention import purge_old
from storage.jobs import Backlog
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory

log = structlog.get_logger(__name__)

Perform: TypeAlias = Callable[[Job[JobArgs], UnitOfWork, datetime], None]
"""Runs one due job; its work is committed together with the mark that it is done."""

_PURGE_EVERY: Final = 3600.0
_RETENTION_EVERY: Final = 86_400.0
_SEAL_EVERY: Final = 60.0
_MISSED: Final = 3
"""A tick that is late by this many of its intervals is started by the watchdog."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Runs ``run`` at a fixed interval in seconds; runs never overlap."""

    name: str
    every: float
    run: Callable[[], Awaitable[object]]


class Jobs:
    """One process's share of the due work. ``due_every``: seconds between two polls; ``also``: what
    others have done at intervals."""

    def __init__(
        self,
        new_uow: UnitOfWorkFactory,
        perform: Perform,
        clock: Clock,
        *,
        due_every: float = 1.0,
        supervisor: Supervisor | None = None,
        also: Sequence[Tick] = (),
    ) -> None:
        self._supervisor = supervisor or Supervisor()
        self._new_uow = new_uow
        self._perform = perform
        self._clock = clock
        self._watch_every = due_every
        self._stopping = False
        self._scheduler: AsyncIOScheduler | None = None
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._last_began: dict[str, float] = {}
        self._outages = OutageLog()
        self._ticks = (
            Tick("due", due_every, self.tick),
            Tick("purge", _PURGE_EVERY, self._purge),
            Tick("retention", _RETENTION_EVERY, self._purge_old),
            Tick("audit", _SEAL_EVERY, self._seal_audit),
            *also,
        )

    async def start(self) -> None:
        """Start ticking, beginning with work that fell due meanwhile; returns at once."""
        self._stopping = False
        scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for tick in self._ticks:
            scheduler.add_job(self._begin, _trigger(tick), args=[tick], id=tick.name)
        scheduler.start()
        self._scheduler = scheduler
        for tick in self._ticks:
            await self._begin(tick)
        self._supervisor.start("watchdog", lambda: self._watch(scheduler))

    async def stop(self) -> None:
        """Start nothing new, and wait for the job under way."""
        self._stopping = True
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None
        await self._supervisor.stop("watchdog")
        await asyncio.gather(*self._busy.values())

    async def tick(self) -> int:
        """Do all work that is due now; returns how many jobs were tried."""
        tried = 0
        while not self._stopping and await asyncio.to_thread(self._do_next):
            tried += 1
        return tried

    def backlog(self) -> Backlog:
        """Work that is due and not done; blocks for a query. Raises StorageUnavailable."""
        with self._new_uow(read_only=True) as uow:
            return uow.jobs.backlog(self._clock.now())

    def _do_next(self) -> bool:
        """Run one job in one transaction; False if nothing is due."""
        now = self._clock.now()
        with self._new_uow(read_only=True) as uow:
            if not uow.jobs.is_due(now):
                return False
        claimed = None
        try:
            with self._new_uow() as uow:
                claimed = uow.jobs.claim(now)
                if claimed is None:
                    return False
                self._perform(claimed.job, uow, now)
                uow.jobs.done(claimed, now)
                uow.commit()
        except StorageUnavailable:
            raise
        except Exception:
            if claimed is None:
                raise
            log.exception("work.failed", key=claimed.unique_key, attempt=claimed.attempts + 1)
            with self._new_uow() as uow:
                uow.jobs.failed(claimed, now)
                uow.commit()
        return True

    async def _purge(self) -> int:
        return await asyncio.to_thread(purge, self._new_uow.database, self._clock.now())

    async def _purge_old(self) -> None:
        gone = await asyncio.to_thread(self._retained)
        if any(gone.values()):
            log.info("retention.rows_deleted", **{name: n for name, n in gone.items() if n})

    def _retained(self) -> Mapping[str, int]:
        with self._new_uow(read_only=True) as uow:
            keep = uow.playbooks.current().retention
        return purge_old(self._new_uow.database, keep, self._clock.now())

    async def _seal_audit(self) -> None:
        try:
            await asyncio.to_thread(seal_entries, self._new_uow.database, self._clock.now())
        except ChainBroken as error:
            # The check of the audit log tells the admins.
            log.warning("audit.not_sealed", reason=str(error))

    async def _begin(self, tick: Tick) -> None:
        """Start the tick unless it is still running; returns at once."""
        if self._stopping or tick.name in self._busy:
            return
        self._last_began[tick.name] = self._clock.monotonic()
        task = asyncio.create_task(self._guarded(tick), name=tick.name)
        self._busy[tick.name] = task
        task.add_done_callback(lambda _: self._busy.pop(tick.name))

    async def _guarded(self, tick: Tick) -> None:
        try:
            await tick.run()
        except StorageUnavailable as error:
            self._outages.met(tick.name, error)
        except Exception as error:
            log.exception("tick.failed", tick=tick.name)
            self._supervisor.failed(tick.name, error)
        else:
            self._outages.over(tick.name)
            self._supervisor.recovered(tick.name)

    async def _watch(self, scheduler: AsyncIOScheduler) -> None:
        """Watch the scheduler by monotonic time and reschedule a tick that it missed.

        APScheduler goes by the wall clock: set back by an hour, it would not tick for an hour.
        """
        while True:
            await asyncio.sleep(self._watch_every)
            for tick in self._ticks:
                silent = self._clock.monotonic() - self._last_began[tick.name]
                if silent > _MISSED * tick.every and tick.name not in self._busy:
                    log.warning("tick.missed", tick=tick.name, seconds=round(silent, 1))
                    scheduler.reschedule_job(tick.name, trigger=_trigger(tick))
                    await self._begin(tick)


def _trigger(tick: Tick) -> IntervalTrigger:
    return IntervalTrigger(seconds=tick.every, timezone="UTC")
