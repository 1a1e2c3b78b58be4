"""Processes killed in the middle of an act on several leads: each lead is done once, and all are.

The points are those between two writes: before and after a lead is changed, before what became of
it is stored, before the next one is planned, before the commit, and at the end.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.clock import SystemClock
from sales.assignments import Offer, OfferState, Why
from sales.leads import Lead
from sales.people import SYSTEM
from storage.database.encryption import Fields
from storage.database.engine import open_database
from storage.database.keyring import new_key, parse_keyring
from tests.databases import Databases, Kind
from tests.faults import importer, replicas
from tests.handlers.test_hostile import assert_sound
from tests.office import Office, open_office

NOW = SystemClock().now()
"""The replicas go by the real time."""
COUNT = 6
DOING = {
    "before a lead is changed": ("handlers.bulk_acts.service:_carry_out", 3),
    "after a lead is changed": ("handlers.bulk_acts.service:changes_between", 3),
    "before what became of it is stored": ("storage.bulk_acts:BulkActRepository.save_lead", 3),
    "before the next one is planned": ("handlers.bulk_acts.jobs:plan_lead", 3),
    "before the commit": ("storage.unit_of_work:UnitOfWork.commit", 4),
    "at the end": ("handlers.bulk_acts.jobs:_finish", 1),
}
UNDOING = {
    **DOING,
    "before a lead is changed": ("handlers.bulk_acts.service:_restore", 3),
    "after a lead is changed": ("handlers.bulk_acts.service:show_new_owner", 3),
}


@dataclass(frozen=True)
class Begun:
    """An office in which an act on several leads was confirmed, and where replicas find it."""

    office: Office
    url: str
    keys: str

    def killed_at(self, point: str, count: int) -> None:
        heard, said = replicas.forks.Pipe(duplex=False)
        replica = replicas.start(importer.stop_at, self.url, self.keys, said, point, count)
        said.close()
        while heard.recv() != point:
            pass
        replicas.kill(replica)

    def go_on(self) -> None:
        self.office.world.clock.set_wall(SystemClock().now())
        while self.office.world.jobs._do_next():
            pass


@pytest.fixture
def begun(databases: Databases, database_kind: Kind, tmp_path: Path) -> Iterator[Begun]:
    url, keys = databases.new(database_kind), new_key("test")
    database = open_database(url, tmp_path)
    with open_office(database, Fields(parse_keyring(keys)), NOW) as office:
        leads_of_robins(office)
        state = {"query": "", "kind": "person", "leads": ""}
        to = str(office.people["dana"].id)
        assert office.ask("max", "bulk.preview", state=state, values={"person": to}).card
        assert office.ask("max", "bulk.confirm", pressed="1").update
        yield Begun(office, url, keys)
    database.dispose()


def leads_of_robins(office: Office) -> None:
    robin = office.people["robin"]
    with office.world.new_uow() as uow:
        for number in range(COUNT):
            lead = uow.leads(SYSTEM).add(
                Lead(source="ads", customer=f"Customer {number}", owner_id=robin.id,
                     team_id=robin.team_id, created_at=NOW, created_by=1, stage_since=NOW)
            )  # fmt: skip
            uow.offers.add(
                Offer(lead_id=lead.id, person_id=robin.id, why=Why("only"), offered_at=NOW,
                      state=OfferState.ACCEPTED, answered_at=NOW)
            )  # fmt: skip
        uow.commit()


@pytest.mark.slow
@pytest.mark.parametrize("where", DOING)
def test_killed(begun: Begun, where: str) -> None:
    office = begun.office
    begun.killed_at(*DOING[where])
    begun.go_on()
    assert Counter(office.owner(lead.id) for lead in office.leads()) == {"dana": COUNT}
    assert acts(office) == {"bulk.confirm": 1, "bulk.act": COUNT, "bulk.done": 1}
    assert told(office) == {"dana": 1, "robin": 1}
    assert_sound(office)
    assert office.ask("max", "bulk.undo", pressed="1").update
    begun.killed_at(*UNDOING[where])
    begun.go_on()
    assert Counter(office.owner(lead.id) for lead in office.leads()) == {"robin": COUNT}
    assert acts(office)["bulk.undo"] == COUNT
    assert acts(office)["bulk.undone"] == 1
    assert told(office) == {"dana": 2, "robin": 2}
    [act] = office.rows("bulk_act")
    assert (act["state"], act["done"]) == ("undone", COUNT)
    assert_sound(office)


def acts(office: Office) -> Counter[str]:
    return Counter(row["act"] for row in office.rows("audit") if row["act"].startswith("bulk."))


def told(office: Office) -> Counter[str]:
    names = {person.id: account for account, person in office.people.items()}
    rows = [row for row in office.rows("message") if row["kind"] == "bulk_act_told"]
    return Counter(names[row["person_id"]] for row in rows)
