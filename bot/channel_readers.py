"""Asks a platform who reads a channel. What cannot be found out is said to be unknown."""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog

from bot.platforms import Platform
from sales.channel_privacy import Readers, Told
from storage.unit_of_work import UnitOfWorkFactory

log = structlog.get_logger(__name__)
PATIENCE: Final = 10.0
"""Seconds for what is posted; who waits for an answer gets less."""


class Audience:
    def __init__(self, platforms: Mapping[str, Platform], new_uow: UnitOfWorkFactory) -> None:
        self._platforms = platforms
        self._new_uow = new_uow

    async def __call__(self, name: str, channel: str, within: float = PATIENCE) -> Readers:
        """The readers of a channel. Raises StorageUnavailable, and nothing else."""
        platform = self._platforms.get(name)
        if platform is None:
            return Readers(Told.FAILED)
        known = await asyncio.to_thread(self._accounts, name)
        try:
            async with asyncio.timeout(within):
                return await platform.readers(channel, known)
        except Exception as error:  # noqa: BLE001 - whatever it is, names are not shown
            log.warning("audience.unknown", platform=name, reason=type(error).__name__)
            return Readers(Told.FAILED)

    def _accounts(self, name: str) -> frozenset[str]:
        with self._new_uow(read_only=True) as uow:
            return frozenset(account for account, _ in uow.people.accounts(name))
