"""Delivers the outbox to the platforms: in order and at each conversation's pace.

A message goes out once, or repeatedly until it certainly arrived. A lane of the outbox is one
conversation. A worker leases it, composes and sends its first message, and returns the lane; any
number of processes do this side by side. Knows no wording and no platform by name.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.delivery_holds import Holds
from bot.platforms import Platform
from bot.sending import (
    AskWhoReads,
    Compose,
    DeliveryPolicy,
    Sender,
    SendingLimits,
    at_once,
    nobody_knows,
)
from bot.supervisor import OutageLog, Supervisor, backoff
from sales.channel_privacy import Readers, Told
from sales.errors import StorageUnavailable
from storage.database.engine import Database
from storage.outbox.lanes import Lanes, Leased
from storage.outbox.refusals import Refusals
from storage.unit_of_work import UnitOfWorkFactory

log = structlog.get_logger(__name__)
PATIENCE: Final = 10.0
"""Seconds for posted messages; people who wait for an answer get less."""
_BLINK: Final = 0.05
"""The shortest time between two polls that find nothing, however often something is new: a
poll takes the database's time from people who wait for an answer."""

_TASK: Final = "delivery"
_LONGEST_REST: Final = 10.0
"""Seconds between two attempts while the database does not take a lease."""


class Audience:
    """Asks a platform who reads a channel; returns "unknown" if that cannot be found out."""

    def __init__(self, platforms: Mapping[str, Platform], new_uow: UnitOfWorkFactory) -> None:
        self._platforms = platforms
        self._new_uow = new_uow

    async def __call__(self, name: str, channel: str, within: float = PATIENCE) -> Readers:
        """The readers of a channel. Raises StorageUnavailable and nothing else."""
        platform = self._platforms.get(name)
        if platform is None:
            return Readers(Told.FAILED)
        accounts = await asyncio.to_thread(self._accounts, name)
        try:
            async with asyncio.timeout(within):
                return await platform.readers(channel, accounts)
        except Exception as error:  # noqa: BLE001 - whatever it is, names stay hidden
            log.warning("audience.unknown", platform=name, reason=type(error).__name__)
            return Readers(Told.FAILED)

    def _accounts(self, name: str) -> frozenset[str]:
        with self._new_uow(read_only=True) as uow:
            return frozenset(account for account, _ in uow.people.accounts(name))


class Delivery:
    """One process's share of the delivery. ``wake`` may be called from any thread."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        compose: Compose,
        clock: Clock,
        *,
        hold: DeliveryPolicy = at_once,
        limits: SendingLimits | None = None,
        who_reads: AskWhoReads = nobody_knows,
        supervisor: Supervisor | None = None,
    ) -> None:
        self._supervisor = supervisor or Supervisor()
        bounds = limits or SendingLimits()
        self._lanes = Lanes(database, timedelta(seconds=bounds.lease))
        holds = Holds(Refusals(database), clock)
        self._sender = Sender(
            self._lanes,
            platforms,
            compose,
            clock,
            bounds,
            holds=holds,
            hold=hold,
            who_reads=who_reads,
        )
        self._clock = clock
        self._free = asyncio.Semaphore(bounds.senders)
        self._poll = bounds.poll
        self._woken = asyncio.Event()
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._outages = OutageLog()

    async def start(self) -> None:
        """Start sending; returns at once."""
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        self._supervisor.start(_TASK, self._run)

    async def take_over(self) -> None:
        """Release the leases of a killed process instead of waiting for them to expire.

        Called before ``start``, where no other process shares the database.
        """
        await asyncio.to_thread(self._lanes.take_over)

    async def stop(self) -> None:
        """Send nothing new, and wait for sends under way (bounded by the time of a send)."""
        self._stopping = True
        self._woken.set()
        await self._supervisor.finish(_TASK)
        if self._sending:
            await asyncio.wait(self._sending)

    def wake(self) -> None:
        """Report something new in the outbox, so that it is sent before the next poll."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def drain(self) -> int:
        """Send everything that is ready now, one by one; returns the number of attempts."""
        attempts = 0
        try:
            while (leased := await self._lease()) is not None:
                await self._sender.deliver(leased, self._clock.monotonic())
                attempts += 1
        except StorageUnavailable as error:
            self._outages.met(_TASK, error)
        return attempts

    async def _run(self) -> None:
        await self._recount()
        failures = 0
        while not self._stopping:
            self._woken.clear()
            await self._free.acquire()
            began = self._clock.monotonic()
            try:
                leased = await self._lease()
            except StorageUnavailable as error:
                self._free.release()
                self._outages.met(_TASK, error)
                await self._wait(backoff(failures, longest=_LONGEST_REST))
                failures += 1
                continue
            except BaseException:
                self._free.release()
                raise
            failures = 0
            if leased is None:
                self._free.release()
                await asyncio.sleep(_BLINK)
                await self._pause()
                continue
            task = asyncio.create_task(self._sender.deliver(leased, began))
            self._sending.add(task)
            task.add_done_callback(self._sent)

    async def _recount(self) -> None:
        """Find messages that their conversation does not count, and that nobody would send."""
        try:
            if lanes := await asyncio.to_thread(self._lanes.recount):
                log.warning("delivery.recounted", lanes=lanes)
        except StorageUnavailable as error:
            self._outages.met(_TASK, error)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._free.release()
        self._woken.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("delivery.broke", exc_info=error)

    async def _pause(self) -> None:
        """Wait until something is new, a lane becomes ready, or the next poll is due."""
        try:
            ready_at = await asyncio.to_thread(self._lanes.next_ready_at, self._clock.now())
        except StorageUnavailable:
            ready_at = None
        wait = self._poll
        if ready_at is not None:
            wait = max(0.0, min(wait, (ready_at - self._clock.now()).total_seconds()))
        await self._wait(wait)

    async def _wait(self, seconds: float) -> None:
        """Wait that long, or until something is new."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _lease(self) -> Leased | None:
        leased = await asyncio.to_thread(self._lanes.lease, self._clock.now())
        self._outages.over(_TASK)
        return leased
