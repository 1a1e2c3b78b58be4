"""One of two replicas is killed, or cut off from the database or from the platforms.

The other goes on; the one that comes back repeats nothing that must not be repeated.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from storage.database import engine
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.databases import Databases, Kind
from tests.doubles.dingtalk.server import APP, ROBOT, SECRET
from tests.faults import far_sides, replicas
from tests.faults.campaign import NewTally, Tally, dice, is_whole, rounds
from tests.faults.far_sides import FarSides, FastClock
from tests.faults.relay import Relay
from tests.faults.test_far_side_kills import Far, far_side, states, until
from tests.faults.test_postgres_stops import Posts, count_posts, is_done
from tests.storage.company import found_company

WHOLE = 12
IDLE = 60 if is_whole() else 5
"""Seconds until the database lets go of what a silent replica holds; the product's are 60."""


@dataclass
class Cluster:
    """Two replicas; the ways of the first one to the database and to the platforms can be cut."""

    url: str
    given: FarSides
    database: Relay | None
    ways: list[Relay]
    running: list[ForkServerProcess]
    url_of_first: str
    given_of_first: FarSides

    def start_first(self) -> None:
        self.running[0] = replicas.start(far_sides.main, self.url_of_first, self.given_of_first)

    async def mend(self) -> None:
        for way in filter(None, (self.database, *self.ways)):
            await way.open()
        if not self.running[0].is_alive():
            self.start_first()


Fault = Callable[[Cluster], Awaitable[None]]


async def kill(cluster: Cluster) -> None:
    await asyncio.to_thread(replicas.kill, cluster.running[0])


async def cut_database(cluster: Cluster) -> None:
    assert cluster.database
    await cluster.database.cut()


async def silence_database(cluster: Cluster) -> None:
    assert cluster.database
    await cluster.database.go_silent()


async def cut_platforms(cluster: Cluster) -> None:
    for way in cluster.ways:
        await way.cut()


async def silence_platforms(cluster: Cluster) -> None:
    for way in cluster.ways:
        await way.go_silent()


FAULTS: dict[str, Fault] = {
    "killed": kill,
    "no way to the database": cut_database,
    "the database silent": silence_database,
    "no way to the platforms": cut_platforms,
    "the platforms silent": silence_platforms,
}


@asynccontextmanager
async def cluster_of(url: str, far: Far, began: float) -> AsyncIterator[Cluster]:
    given = FarSides(
        far.slack.api_url, far.slack.bot_token, far.dingtalk.url, APP, SECRET, ROBOT,
        far.mail.port, began,
    )  # fmt: skip
    place = make_url(url)
    async with AsyncExitStack() as stack:
        ports = [int(one.url.rpartition(":")[2]) for one in (far.slack, far.dingtalk)]
        ways = [await stack.enter_async_context(Relay.to_port(port)) for port in ports]
        database, url_of_first = None, url
        if place.get_backend_name() == "postgresql":
            socket = f"{place.query['host']}/.s.PGSQL.5432"
            database = await stack.enter_async_context(Relay.to_socket(socket))
            url_of_first = f"postgresql://postgres@127.0.0.1:{database.port}/{place.database}"
        for way in filter(None, (database, *ways)):
            await way.open()
        of_first = replace(
            given, slack_url=f"{ways[0].url}/api/", dingtalk_url=ways[1].url, idle=IDLE
        )
        with replicas.running(2, far_sides.main, url, given) as running:
            replicas.kill(running[0])
            cluster = Cluster(url, given, database, ways, running, url_of_first, of_first)
            cluster.start_first()
            yield cluster


@pytest.fixture
def count(fault: str, database_kind: Kind, tally: NewTally) -> Tally:
    place = f"one of two replicas: {fault}"
    return tally(place, database_kind, kind="replica cut off", may_repeat=True)


@pytest.mark.slow
@pytest.mark.campaign
@pytest.mark.in_turn
@pytest.mark.parametrize("fault", FAULTS)
async def test_one_of_two(
    fault: str, database: Database, database_url: str, fields: Fields, count: Tally
) -> None:
    if "database" in fault and count.database == "sqlite":
        pytest.skip("a file is not reached over a network")
    began = time.time()  # noqa: TID251 - the replicas count from it
    posts = Posts(database, fields, FastClock(began))
    async with far_side() as far, cluster_of(database_url, far, began) as cluster:
        for number in rounds(WHOLE):
            chance, before = dice(count.place, count.database, number), far.posts().total()
            posts.add()
            await until(lambda: far.posts().total() > before)  # noqa: B023
            await asyncio.sleep(chance.uniform(0, 0.05))
            await FAULTS[fault](cluster)
            posts.add()
            with count.recovering():
                await until(lambda: is_done(database))
            await cluster.mend()
        # What the first one wrote when it came back.
        posts.add()
        await until(lambda: is_done(database))
        said = states(database)
        assert all(replica.is_alive() for replica in cluster.running)
    count.accepted = len(said)
    count_posts(count, far, said)
    count.check(len(rounds(WHOLE)))


async def test_a_replica_that_went_silent_locks_nobody_out(
    databases: Databases, fields: Fields, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its transaction is open on the server, which hears nothing more of it."""
    monkeypatch.setattr(engine, "_IDLE_S", 1)
    url = databases.new("postgresql")
    place = make_url(url)
    async with Relay.to_socket(f"{place.query['host']}/.s.PGSQL.5432") as relay:
        await relay.open()
        far_url = f"postgresql://postgres@127.0.0.1:{relay.port}/{place.database}"
        away, here = open_database(far_url, tmp_path), open_database(url, tmp_path)
        company = found_company(UnitOfWorkFactory(here, fields, now=lambda: MONDAY))
        rename = text("UPDATE person SET name = :name WHERE id = :id")
        params = {"id": company.robin.id}
        connection = await asyncio.to_thread(away.writer.connect)
        await asyncio.to_thread(connection.execute, rename, params | {"name": "Away"})
        await relay.go_silent()

        def change() -> None:
            with here.write() as other:
                other.execute(rename, params | {"name": "Here"})

        async with asyncio.timeout(20):
            await asyncio.to_thread(change)
        with here.read() as reader:
            name = reader.scalar(text("SELECT name FROM person WHERE id = :id"), params)
        assert name == "Here"
        await relay.cut()
        connection.invalidate()
        away.dispose()
        here.dispose()
    databases.drop(url)
