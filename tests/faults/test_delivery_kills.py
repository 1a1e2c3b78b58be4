"""Three replicas deliver while they are killed again and again.

Nothing accepted is lost, nothing is out of order or too fast, and what must not be repeated is not.
"""

import asyncio
import json
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing.context import ForkServerProcess

import pytest
from sqlalchemy import func, select, text

from bot.clock import SystemClock
from sales.notices import DigestReady, LeadOffered
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.outbox.dead_letters import DeadLetters
from storage.tables import lane
from storage.unit_of_work import UnitOfWorkFactory
from tests.faults import replicas, worker
from tests.faults.worker import SPACING

MESSAGES, CONVERSATIONS, REPLICAS, KILLS = 2000, 50, 3, 10
ONCE_EVERY = 10
"""Every so many messages of a conversation are of the class that is sent at most once."""


@dataclass
class Journal:
    """What the chat server received: for each conversation, when and which number."""

    arrivals: dict[str, list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0
    _goal: int = 0
    _reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if line := await reader.readline():
            conversation, number = json.loads(line)
            self.arrivals[conversation].append((time.monotonic(), number))
            self.count += 1
            if self.count == self._goal:
                self._reached.set()
            # Accepted; the sender may be killed before it learns of it.
            await asyncio.sleep(random.uniform(0, 0.006))  # noqa: S311
            writer.write(f"ref-{self.count}\n".encode())
        writer.close()

    async def reached(self, count: int) -> None:
        self._goal = count
        self._reached.clear()
        if self.count < count:
            async with asyncio.timeout(30):
                await self._reached.wait()

    @property
    def distinct(self) -> int:
        return sum(len({number for _, number in seen}) for seen in self.arrivals.values())


def put(units: UnitOfWorkFactory, numbers: range) -> None:
    """Message ``n`` is the ``n // CONVERSATIONS``-th of its conversation."""
    with units() as uow:
        for number in numbers:
            order, conversation = divmod(number, CONVERSATIONS)
            notice = (
                DigestReady(order, "2026-W47")
                if order % ONCE_EVERY == ONCE_EVERY - 1
                else LeadOffered(order)
            )
            uow.outbox.add(notice, ("chat", f"c{conversation}"))
        uow.commit()


def is_drained(database: Database) -> bool:
    with database.read() as connection:
        waiting = select(func.count()).select_from(lane).where(text("pending > 0"))
        return connection.scalar(waiting) == 0


@pytest.mark.slow
@pytest.mark.campaign(cases=1)
class TestKillNine:
    async def test_loses_nothing_and_keeps_order_and_pace(
        self, database: Database, database_url: str, fields: Fields
    ) -> None:
        journal = Journal()
        server = await asyncio.start_server(journal.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        # The clock of the replicas: what is days old already is not tried for long.
        units = UnitOfWorkFactory(database, fields, now=SystemClock().now)
        put(units, range(MESSAGES // 2))
        began = time.monotonic()
        with replicas.running(REPLICAS, worker.main, database_url, port) as running:
            await self.kill_and_go_on(running, journal, units, database_url, port)
            async with asyncio.timeout(60):
                while not await asyncio.to_thread(is_drained, database):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        server.close()
        repeated = journal.count - journal.distinct
        unknown = self.check_arrivals(journal, database)
        print(
            f"\n{database.dialect}: {MESSAGES} messages, {CONVERSATIONS} conversations, "
            f"{REPLICAS} replicas, {KILLS} kill -9 in {time.monotonic() - began:.1f} s: "
            f"0 lost, 0 out of order, {repeated} repeated, {unknown} unknown"
        )

    async def kill_and_go_on(
        self,
        running: list[ForkServerProcess],
        journal: Journal,
        units: UnitOfWorkFactory,
        url: str,
        port: int,
    ) -> None:
        for number in range(KILLS):
            await journal.reached((number + 1) * MESSAGES // (KILLS + 3))
            replicas.kill(running[number % REPLICAS])
            running[number % REPLICAS] = replicas.start(worker.main, url, port)
            if number == KILLS // 3:
                await asyncio.to_thread(put, units, range(MESSAGES // 2, MESSAGES))

    def check_arrivals(self, journal: Journal, database: Database) -> int:
        """The number of messages of which nobody knows whether they arrived."""
        letters = DeadLetters(database).listed(MESSAGES)
        assert {letter.state for letter in letters} <= {"unknown"}
        unsure = {(letter.lane.removeprefix("chat:channel:"), letter.id) for letter in letters}
        missing = 0
        for conversation in (f"c{number}" for number in range(CONVERSATIONS)):
            arrivals = journal.arrivals[conversation]
            numbers = [number for _, number in arrivals]
            assert numbers == sorted(numbers), f"{conversation}: {numbers}"
            lost = set(range(MESSAGES // CONVERSATIONS)) - set(numbers)
            assert all(is_once(number) for number in lost), f"{conversation} lost {lost}"
            missing += len(lost)
            for (before, one), (after, other) in pairwise(arrivals):
                assert after - before >= SPACING - 0.001, f"{conversation}: {one}, {other}"
                assert one != other or not is_once(one), f"{conversation} got {one} twice"
        assert missing <= len(unsure)
        return len(unsure)


def is_once(number: int) -> bool:
    return number % ONCE_EVERY == ONCE_EVERY - 1
