"""The memory of adapters under concurrent access, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from bot.connections import StoredMemory
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.clock import MovableClock

HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def memory(database: Database, fields: Fields, clock: MovableClock) -> StoredMemory:
    return StoredMemory(database, fields, clock)


@pytest.mark.every_way
class TestStoredMemory:
    async def test_remembers_for_as_long_as_asked(
        self, memory: StoredMemory, clock: MovableClock
    ) -> None:
        await memory.put("slack:form:1", {"phone": "+8613800005678"}, keep=HOUR)
        clock.advance(HOUR - timedelta(seconds=1))
        assert await memory.get("slack:form:1") == {"phone": "+8613800005678"}
        clock.advance(2)
        assert await memory.get("slack:form:1") is None

    async def test_of_ten_who_take_one_gets_it(self, memory: StoredMemory) -> None:
        await memory.put("k", {"a": 1}, keep=HOUR)
        taken = await asyncio.gather(*(memory.take("k") for _ in range(10)))
        assert sorted(map(str, taken)) == ["None"] * 9 + ["{'a': 1}"]

    async def test_counts_what_all_of_them_counted(self, memory: StoredMemory) -> None:
        totals = await asyncio.gather(*(memory.count("n", keep=HOUR) for _ in range(20)))
        assert sorted(totals) == list(range(1, 21))
