"""Asks platforms whether reminders were read, for the ledger of reminders.

Calls are counted by the month, so that each reminder is asked about once: shortly before its step
is escalated, and only if nobody is known to have seen it. What cannot be found out stays unseen.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.platforms import DeliveryError, Memory, Platform, TellsWhatWasRead
from bot.sending import address_of
from storage.reminders import UnreadReminder
from storage.unit_of_work import UnitOfWorkFactory

log = structlog.get_logger(__name__)

ASKS_EVERY: Final = 300.0
"""Seconds between two looks."""
_AHEAD: Final = timedelta(seconds=2 * ASKS_EVERY)
_ASKED_KEPT: Final = timedelta(days=1)


class ReadReceipts:
    """``memory`` is shared by all replicas: one of them asks."""

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        new_uow: UnitOfWorkFactory,
        memory: Memory,
        now: Callable[[], datetime],
    ) -> None:
        self._platforms = platforms
        self._new_uow = new_uow
        self._memory = memory
        self._now = now

    async def look(self) -> None:
        """Mark the reminders that were read as seen. Raises StorageUnavailable."""
        if not any(isinstance(one, TellsWhatWasRead) for one in self._platforms.values()):
            return
        for unread in await asyncio.to_thread(self._unread):
            if await self._was_read(unread):
                await asyncio.to_thread(self._mark_seen, unread)

    async def _was_read(self, unread: UnreadReminder) -> bool:
        to = address_of(unread.lane)
        platform = self._platforms.get(to.platform)
        if not isinstance(platform, TellsWhatWasRead):
            return False
        asked = f"{to.platform}:read:{unread.message_id}"
        if await self._memory.count(asked, keep=_ASKED_KEPT) > 1:
            return False
        try:
            return await platform.was_read(to, unread.ref)
        except DeliveryError as error:
            log.info("read_receipt.not_told", platform=to.platform, reason=str(error))
            return False

    def _unread(self) -> list[UnreadReminder]:
        now = self._now()
        with self._new_uow(read_only=True) as uow:
            return uow.reminders.unread(now, now + _AHEAD)

    def _mark_seen(self, unread: UnreadReminder) -> None:
        to = address_of(unread.lane)
        with self._new_uow() as uow:
            person = uow.people.find(to.platform, to.id)
            if person is not None:
                uow.reminders.seen(person.id, f"followup:{unread.followup_id}", self._now())
                uow.commit()
