"""What platform adapters remember, kept in the database; async over ``storage.platform_memory``."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.clock import Clock
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.platform_memory import MemoryStore


class StoredMemory:
    """``bot.platforms.Memory``. Every call raises StorageUnavailable when the database does
    not answer."""

    def __init__(self, database: Database, fields: Fields, clock: Clock) -> None:
        self._store = MemoryStore(database, fields)
        self._clock = clock

    async def put(self, key: str, value: Mapping[str, Any], *, keep: timedelta) -> None:
        await asyncio.to_thread(self._store.put, key, value, self._clock.now() + keep)

    async def get(self, key: str) -> dict[str, Any] | None:
        return await asyncio.to_thread(self._store.get, key, self._clock.now())

    async def take(self, key: str) -> dict[str, Any] | None:
        return await asyncio.to_thread(self._store.take, key, self._clock.now())

    async def count(self, key: str, by: int = 1, *, keep: timedelta) -> int:
        now = self._clock.now()
        return await asyncio.to_thread(self._store.count, key, by, now, now + keep)
