"""Replicas killed in the middle of an import: every row becomes a lead, and none becomes two."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from handlers.core.requests import Upload
from sales.imports.plan import PAGE
from storage import tables
from storage.database.encryption import Fields
from storage.database.engine import open_database
from storage.database.keyring import new_key, parse_keyring
from tests.databases import Databases, Kind
from tests.faults import importer, replicas
from tests.faults.campaign import NewTally, Tally, dice, rounds
from tests.office import SHANGHAI, Office, open_office

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
PAGES, KILLS, WHOLE = 8, 5, 5


@dataclass(frozen=True)
class Sent:
    """An office to which a file of many customers was sent, and where replicas find it."""

    office: Office
    url: str
    keys: str


@pytest.fixture
def sent(databases: Databases, database_kind: Kind, tmp_path: Path) -> Iterator[Callable[[], Sent]]:
    with ExitStack() as until_the_end:
        yield lambda: until_the_end.enter_context(send(databases, database_kind, tmp_path))


@contextmanager
def send(databases: Databases, kind: Kind, folder: Path) -> Iterator[Sent]:
    url, keys = databases.new(kind), new_key("test")
    database = open_database(url, folder)
    lines = [f"Customer {n},Robin Sample" for n in range(PAGES * PAGE)]
    upload = Upload("many.csv", "\n".join(["Customer,Owner", *lines]).encode())
    with open_office(database, Fields(parse_keyring(keys)), FRIDAY) as office:
        reply = office.ask("max", "import.take", upload=upload)
        assert reply.toast == office.say("import.put_by", name="many.csv")
        yield Sent(office, url, keys)
    database.dispose()


@pytest.mark.slow
@pytest.mark.campaign(cases=1)
async def test_killed_while_importing(
    sent: Callable[[], Sent], database_kind: Kind, tally: NewTally
) -> None:
    count = tally("an import, at random moments", database_kind)
    for number in rounds(WHOLE):
        one = sent()
        await one.office.settle()
        assert not one.office.ask("max", "import.start", pressed="1").errors
        run_and_kill(one, dice(count.place, database_kind, number), count)
        check(one.office, count)
    count.check(KILLS * len(rounds(WHOLE)))


@pytest.mark.slow
@pytest.mark.campaign(cases=1)
async def test_killed_while_reading(
    sent: Callable[[], Sent], database_kind: Kind, tally: NewTally
) -> None:
    count = tally("the reading of a file", database_kind)
    for _ in rounds(WHOLE):
        one = sent()
        heard, said = replicas.forks.Pipe(duplex=False)
        replica = replicas.start(importer.read, one.url, one.keys, said)
        assert heard.recv() == "reading"
        replicas.kill(replica)
        with count.recovering():
            await one.office.settle()
        [job] = one.office.rows("import_job")
        assert job["state"] == "checked"
        count.accepted += PAGES * PAGE
        count.lost += PAGES * PAGE - job["rows"]
    count.check(len(rounds(WHOLE)))


def run_and_kill(sent: Sent, chance: Random, count: Tally) -> None:
    """Two replicas side by side, killed after some pieces of work or in the middle of one, and
    started again, until all is done."""
    kills = 0
    running: dict[Connection, ForkServerProcess] = {}
    while True:
        while len(running) < 2:
            heard, said = replicas.forks.Pipe(duplex=False)
            running[heard] = replicas.start(importer.main, sent.url, sent.keys, said)
            said.close()
        for ready in wait(list(running), timeout=60):
            assert isinstance(ready, Connection)
            try:
                over = ready.recv() == "all"
            except EOFError:
                over = False
            if over:
                for replica in running.values():
                    replica.join(60)
                assert kills == KILLS
                count.runs += kills
                return
            if kills < KILLS and chance.random() < 0.7:
                kills += 1
                replicas.kill(running.pop(ready))


def check(office: Office, count: Tally) -> None:
    [job] = office.rows("import_job")
    whole = PAGES * PAGE
    assert (job["state"], job["done"], job["tally"]["new"]) == ("imported", whole, whole)
    with office.world.database.read() as connection:
        for table in (tables.lead, tables.imported, tables.stage_interval):
            counted = connection.scalar(select(func.count()).select_from(table)) or 0
            count.once_twice += max(0, counted - whole)
            count.lost += max(0, whole - counted)
        names = select(func.count(tables.lead.c.customer.distinct()))
        count.lost += whole - (connection.scalar(names) or 0)
    told = [row for row in office.rows("message") if row["kind"] == "leads_imported"]
    assert len(told) == 1
    count.accepted += whole
