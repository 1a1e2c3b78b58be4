"""Deal events that a rule announces in the team's channel."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest

from handlers.core.ui import Card
from sales.channel_privacy import Readers, Told
from sales.leads import Grade, Stage
from sales.playbook import Act, Automation, Automations, Conditions, Details, Trigger
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.office import SHANGHAI, Office, open_office, words_of

FRIDAY = datetime(2024, 3, 1, 10, 0, tzinfo=SHANGHAI)
CUSTOMER = "Canary Works"
BIG_MOVED = Automation(
    key="big_moved",
    trigger=Trigger.MOVED,
    do=(Act.ANNOUNCE,),
    words="Who can help?",
    only=Conditions(to_stage=(Stage.PROPOSAL, Stage.WON), amount_from=Decimal(100_000)),
)
HIGH_WAITS = Automation(
    key="high_waits",
    trigger=Trigger.SILENT,
    do=(Act.ANNOUNCE,),
    only=Conditions(grade=(Grade.HIGH,)),
    details=Details(silent_days=3),
)


@pytest.fixture
def office(database: Database, fields: Fields) -> Iterator[Office]:
    with open_office(database, fields, FRIDAY) as opened:
        opened.rules(automations=Automations(rules=(BIG_MOVED, HIGH_WAITS)))
        opened.ask("max", "channel.bind", channel="C1")
        yield opened


def move(office: Office, to: str, **typed: str) -> None:
    state = {"lead": "LX001", "to": to, "version": str(office.lead().version)}
    values = {"reason": "so it is", **typed}
    assert not office.ask("robin", "stage.move", state=state, values=values).errors


async def announced(office: Office) -> list[Card]:
    await office.settle()
    return [card for card in office.inbox("C1") if card.subject.startswith("announcement:")]


async def test_a_big_deal_that_moves_with_the_rules_words(office: Office) -> None:
    office.log_lead("robin", owner="keep", customer=CUSTOMER, budget="15-20万")
    move(office, "proposal")
    (card,) = await announced(office)
    assert CUSTOMER in card.title
    assert BIG_MOVED.words in card.body
    assert "13812345678" not in words_of(card)


async def test_a_small_one_does_not(office: Office) -> None:
    office.log_lead("robin", owner="keep", customer=CUSTOMER, budget="1万")
    move(office, "proposal")
    assert await announced(office) == []


async def test_the_customer_is_told_to_people_who_may_know_alone(office: Office) -> None:
    office.desk.members["C1"] = Readers(Told.ALL, frozenset({"max", "robin"}))
    office.log_lead("robin", owner="keep", customer=CUSTOMER, budget="15-20万")
    move(office, "proposal")
    (card,) = await announced(office)
    assert CUSTOMER not in words_of(card)
    assert "Robin Sample" in card.title


async def test_a_win_is_announced_once_beside_the_teams_own_choice(office: Office) -> None:
    office.log_lead("robin", owner="keep", customer=CUSTOMER, budget="15-20万")
    move(office, "won", amount="12万", criteria="signed")
    assert len(await announced(office)) == 1


async def test_a_valuable_lead_that_waits(office: Office) -> None:
    office.log_lead("robin", owner="keep", customer=CUSTOMER, authority="decider")
    assert office.lead().grade is Grade.HIGH
    for day in (2, 4, 5, 6):
        await office.travel(2024, 3, day, 18)
    (card,) = await announced(office)
    assert CUSTOMER in card.title


class TestBigDeals:
    """Announced when they move on, from an amount that the form of announcements sets."""

    @pytest.fixture
    def office(self, office: Office) -> Office:
        office.rules()
        office.log_lead("robin", owner="keep", customer=CUSTOMER, budget="15-20万")
        return office

    @staticmethod
    def choose(office: Office, big: str) -> Card:
        form = office.ask("max", "announcement.settings", channel="C1", pressed="").form
        assert form
        reply = office.submit("max", form, big=big)
        assert reply.card, reply.errors
        return reply.card

    @pytest.mark.parametrize(("big", "n"), [("", 0), ("20万", 1), ("21万", 0)])
    async def test_from_the_amount_on(self, office: Office, big: str, n: int) -> None:
        self.choose(office, big)
        move(office, "discovery")
        assert len(await announced(office)) == n

    async def test_when_they_move_on_and_not_back(self, office: Office) -> None:
        card = self.choose(office, "100,000")
        amount = office.language.money(Decimal(100_000))
        assert office.say("announce.is_big", amount=amount) in words_of(card)
        move(office, "screened")
        assert await announced(office) == []
        move(office, "proposal")
        (card,) = await announced(office)
        stage = office.say("stage.proposal")
        assert card.title == office.say("announce.big_customer", customer=CUSTOMER, stage=stage)
        assert "13812345678" not in words_of(card)
        move(office, "discovery")
        assert len(await announced(office)) == 1
        form = office.ask("max", "announcement.settings", channel="C1", pressed="").form
        assert form
        assert {one.name: getattr(one, "value", "") for one in form.fields}["big"]

    async def test_a_rule_about_the_same_move_adds_nothing(self, office: Office) -> None:
        office.rules(automations=Automations(rules=(BIG_MOVED,)))
        self.choose(office, "10万")
        move(office, "proposal")
        assert len(await announced(office)) == 1

    def test_an_amount_that_is_none_is_asked_again(self, office: Office) -> None:
        form = office.ask("max", "announcement.settings", channel="C1", pressed="").form
        assert form
        assert set(office.submit("max", form, big="a lot").errors) == {"big"}
