"""Replicas killed in the middle of an import: every row becomes a lead, and none becomes two."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path

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
from tests.office import SHANGHAI, Office, open_office

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
PAGES, KILLS = 8, 5


@dataclass(frozen=True)
class Sent:
    """An office to which a file of many customers was sent, and where replicas find it."""

    office: Office
    url: str
    keys: str


@pytest.fixture
def sent(databases: Databases, database_kind: Kind, tmp_path: Path) -> Iterator[Sent]:
    url, keys = databases.new(database_kind), new_key("test")
    database = open_database(url, tmp_path)
    lines = [f"Customer {n},Robin Sample" for n in range(PAGES * PAGE)]
    upload = Upload("many.csv", "\n".join(["Customer,Owner", *lines]).encode())
    with open_office(database, Fields(parse_keyring(keys)), FRIDAY) as office:
        reply = office.ask("max", "import.take", upload=upload)
        assert reply.toast == office.say("import.put_by", name="many.csv")
        yield Sent(office, url, keys)
    database.dispose()


@pytest.mark.slow
async def test_killed_while_importing(sent: Sent) -> None:
    await sent.office.settle()
    assert not sent.office.ask("max", "import.start", pressed="1").errors
    run_and_kill(sent.url, sent.keys)
    check(sent.office)


@pytest.mark.slow
async def test_killed_while_reading(sent: Sent) -> None:
    heard, said = replicas.forks.Pipe(duplex=False)
    replica = replicas.start(importer.read, sent.url, sent.keys, said)
    assert heard.recv() == "reading"
    replicas.kill(replica)
    await sent.office.settle()
    [job] = sent.office.rows("import_job")
    assert (job["state"], job["rows"]) == ("checked", PAGES * PAGE)


def run_and_kill(url: str, keys: str) -> None:
    """Two replicas side by side, killed after some pieces of work or in the middle of one, and
    started again, until all is done."""
    dice = random.Random(7)  # noqa: S311 - chance, not a secret
    kills = 0
    running: dict[Connection, ForkServerProcess] = {}
    while True:
        while len(running) < 2:
            heard, said = replicas.forks.Pipe(duplex=False)
            running[heard] = replicas.start(importer.main, url, keys, said)
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
                return
            if kills < KILLS and dice.random() < 0.7:
                kills += 1
                replicas.kill(running.pop(ready))


def check(office: Office) -> None:
    [job] = office.rows("import_job")
    assert (job["state"], job["done"], job["tally"]["new"]) == (
        "imported",
        PAGES * PAGE,
        PAGES * PAGE,
    )
    with office.world.database.read() as connection:
        for table in (tables.lead, tables.imported, tables.stage_interval):
            counted = connection.scalar(select(func.count()).select_from(table))
            assert counted == PAGES * PAGE, table.name
        names = select(func.count(tables.lead.c.customer.distinct()))
        assert connection.scalar(names) == PAGES * PAGE
    told = [row for row in office.rows("message") if row["kind"] == "leads_imported"]
    assert len(told) == 1
