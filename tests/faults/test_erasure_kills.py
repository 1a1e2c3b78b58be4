"""Processes killed while a person is erased: nothing of them stays, and it is noted once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.clock import SystemClock
from sales.erasure import ErasureState
from storage.database.encryption import Fields
from storage.database.engine import open_database
from storage.database.keyring import new_key, parse_keyring
from tests.databases import Databases, Kind
from tests.faults import importer, replicas
from tests.faults.campaign import NewTally, Tally, dice, rounds
from tests.faults.points import Point
from tests.handlers.erasure.test_erasure import EMAIL, NAME, PHONE, ask, card_of, everything, talk
from tests.office import Office, open_office

WHOLE, LAST = 16, 12
POINTS = {
    "before rows are searched": Point("storage.erasure.repository:ErasureRepository.go_on"),
    "after rows were searched": Point(
        "storage.erasure.repository:ErasureRepository.go_on", after=True
    ),
    "before the commit": Point("storage.unit_of_work:UnitOfWork.commit", about=""),
    "after the commit": Point("storage.unit_of_work:UnitOfWork.commit", after=True),
}


@pytest.fixture
def keys() -> str:
    return new_key("test")


@pytest.fixture
def url(databases: Databases, database_kind: Kind) -> str:
    return databases.new(database_kind)


@pytest.fixture
def office(url: str, keys: str, tmp_path: Path) -> Iterator[Office]:
    database = open_database(url, tmp_path)
    now = SystemClock().now()
    with open_office(database, Fields(parse_keyring(keys)), now) as office:
        yield office
    database.dispose()


@pytest.fixture
def count(database_kind: Kind, tally: NewTally) -> Tally:
    return tally("an erasure", database_kind)


@pytest.mark.slow
@pytest.mark.campaign
async def test_killed_while_erasing(office: Office, url: str, keys: str, count: Tally) -> None:
    talk(office)
    await office.settle()
    for number in rounds(WHOLE):
        if number:
            again = {"contact": NAME, "phone": PHONE, "email": EMAIL}
            office.log_lead(**again, customer=f"Customer {number}", need=f"{NAME} wants more")
            await office.settle()
        assert "Probe" in everything(office)
        office.press("ada", card_of(ask(office, PHONE)), "erasure.erase")
        chance = dice(count.place, count.database, number)
        where = chance.choice([*POINTS.values()])
        point = Point(where.function, chance.randint(1, LAST), after=where.after)
        assert replicas.kill_at(point, importer.work, url, keys), point
        with count.recovering():
            replicas.wait_until_gone(office.world.database)
            office.world.clock.set_wall(SystemClock().now())
            await office.settle()
        stored = everything(office)
        with office.world.new_uow(read_only=True) as uow:
            [newest, *_] = uow.erasures.latest(1)
        assert newest.state is ErasureState.DONE
        count.accepted += 1
        count.lost += any(form in stored for form in ("Probe", "5555", "q.probe"))
        done = [row for row in office.rows("audit") if row["act"] == "erasure.done"]
        told = [row for row in office.rows("message") if row["kind"] == "person_erased"]
        count.once_twice += (len(done) != number + 1) + (len(told) != number + 1)
    count.check(len(rounds(WHOLE)))
