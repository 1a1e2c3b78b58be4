"""Processes killed in the middle of an act on several leads: each lead is done once, and all are.

The points are those between two writes: before and after a lead is changed, before what became of
it is stored, before the next one is planned, before the commit, and at the end.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

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
from tests.faults.campaign import NewTally, Tally, dice, rounds
from tests.faults.points import Point
from tests.handlers.test_hostile import assert_sound
from tests.office import Office, open_office

NOW = SystemClock().now()
"""The replicas go by the real time."""
COUNT = 6
WHOLE = 4
DOING = {
    "before a lead is changed": Point("handlers.bulk_acts.service:_carry_out"),
    "after a lead is changed": Point("handlers.bulk_acts.service:changes_between"),
    "before what became of it is stored": Point("storage.bulk_acts:BulkActRepository.save_lead"),
    "before the next one is planned": Point("handlers.bulk_acts.jobs:plan_lead"),
    "before the commit": Point("storage.unit_of_work:UnitOfWork.commit"),
    "at the end": Point("handlers.bulk_acts.jobs:_finish"),
}
UNDOING = {
    **DOING,
    "before a lead is changed": Point("handlers.bulk_acts.service:_restore"),
    "after a lead is changed": Point("handlers.bulk_acts.service:show_new_owner"),
}

WRITTEN = {
    "bulk.confirm": 1, "bulk.act": COUNT, "bulk.done": 1, "bulk.undo": COUNT, "bulk.undone": 1
}  # fmt: skip
"""The entries of the audit log that an act and its undoing leave."""


@dataclass(frozen=True)
class Begun:
    """An office in which an act on several leads was confirmed, and where replicas find it."""

    office: Office
    url: str
    keys: str

    def begin(self) -> None:
        """Confirm an act that gives Robin's leads to Dana."""
        office = self.office
        state = {"query": "", "kind": "person", "leads": ""}
        to = str(office.people["dana"].id)
        preview = office.ask("max", "bulk.preview", state=state, values={"person": to}).card
        assert preview
        assert office.press("max", preview, "bulk.confirm", n=COUNT).update

    def killed_at(self, point: Point, chance: Random) -> None:
        last = "_finish" in point.function
        count = 1 if last else chance.randint(2, COUNT - 1)
        point = replace(point, count=count)
        assert replicas.kill_at(point, importer.work, self.url, self.keys), point

    def go_on(self) -> None:
        replicas.wait_until_gone(self.office.world.database)
        self.office.world.clock.set_wall(SystemClock().now())
        while self.office.world.jobs._do_next():
            pass


@pytest.fixture
def begun(databases: Databases, database_kind: Kind, tmp_path: Path) -> Iterator[Begun]:
    url, keys = databases.new(database_kind), new_key("test")
    database = open_database(url, tmp_path)
    with open_office(database, Fields(parse_keyring(keys)), NOW) as office:
        leads_of_robins(office)
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
@pytest.mark.campaign
@pytest.mark.in_turn
@pytest.mark.parametrize("where", DOING)
def test_killed(begun: Begun, where: str, database_kind: Kind, tally: NewTally) -> None:
    office = begun.office
    count = tally(f"an act on several leads: {where}", database_kind)
    for number in rounds(WHOLE):
        chance = dice(count.place, database_kind, number)
        begun.begin()
        play(begun, DOING[where], chance, count, "dana")
        [*_, act] = office.rows("bulk_act")
        assert office.ask("max", "bulk.undo", pressed=str(act["id"])).update
        play(begun, UNDOING[where], chance, count, "robin")
        times = number + 1
        done = acts(office)
        for name, each in WRITTEN.items():
            count.lost += max(0, each * times - done[name])
            count.once_twice += max(0, done[name] - each * times)
        assert told(office) == {"dana": 2 * times, "robin": 2 * times}
        [*_, act] = office.rows("bulk_act")
        assert (act["state"], act["done"]) == ("undone", COUNT)
    count.check(2 * len(rounds(WHOLE)))


def play(begun: Begun, point: Point, chance: Random, count: Tally, owner: str) -> None:
    """Kill what is under way, let another go on; every lead is then ``owner``'s."""
    begun.killed_at(point, chance)
    with count.recovering():
        begun.go_on()
    owners = Counter(begun.office.owner(lead.id) for lead in begun.office.leads())
    count.accepted += COUNT
    count.lost += COUNT - owners[owner]
    assert_sound(begun.office)


def acts(office: Office) -> Counter[str]:
    return Counter(row["act"] for row in office.rows("audit") if row["act"].startswith("bulk."))


def told(office: Office) -> Counter[str]:
    names = {person.id: account for account, person in office.people.items()}
    rows = [row for row in office.rows("message") if row["kind"] == "bulk_act_told"]
    return Counter(names[row["person_id"]] for row in rows)
