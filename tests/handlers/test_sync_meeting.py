"""The weekly sync between departments [P24]: what is stuck, with whom, posted once a week."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from handlers.core.ui import Card
from sales.jobs import PublishSync
from sales.leads import Lead, Stage
from sales.people import Role
from tests.furnished import Offices
from tests.office import SHANGHAI, Office, button_of, words_of

MONDAY = datetime(2024, 3, 4, 10, tzinfo=SHANGHAI)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(MONDAY, after=helpers_and_a_channel) as office:
        yield office


def helpers_and_a_channel(office: Office) -> None:
    office.hire("pat", "Pat Sample", Role.PRODUCT)
    office.hire("fay", "Fay Sample", Role.FINANCE)
    office.ask("max", "channel.bind", channel="C1")


def lead(office: Office, account: str, customer: str, budget: str) -> Lead:
    return office.log_lead(
        account, customer=customer, phone="", email="", owner="keep", budget=budget
    )


def shown(office: Office, account: str = "max", **asked: str) -> Card:
    card = office.ask(account, "sync.show", **asked).card
    assert card is not None
    return card


def deals(card: Card) -> list[str]:
    return [part.heading.split(" · ")[1] for part in card.sections[:-1]]


def listed(office: Office, card: Card) -> list[str]:
    """The customers of the list behind the agenda's count."""
    count = next(one for one in card.buttons if one.action == "lead_list.show")
    opened = office.ask("max", count.action, pressed=count.value).card
    assert opened is not None
    [table] = [part.table for part in opened.sections]
    assert table is not None
    assert count.label == office.say("button.whole_list", n=len(table.rows))
    return [row[1] for row in table.rows]


def at_stage(stage: Stage, since: datetime) -> Callable[[Lead], Lead]:
    return lambda lead: replace(lead, stage=stage, stage_since=since, last_contact_at=since)


def spoken(at: datetime) -> Callable[[Lead], Lead]:
    return lambda lead: replace(lead, last_contact_at=at)


class TestWhatIsStuck:
    async def test_each_cause_names_whom_it_waits_for(self, office: Office) -> None:
        """A clock, a question, an invoice and a step run over; the largest deal comes first."""
        lead(office, "robin", "Small Ltd", "1万")
        lead(office, "dana", "Middle Ltd", "20万")
        lead(office, "robin", "Big Ltd", "90万")
        office.ask("robin", "followup.open", text="LX001 call said so by 3/5 send it")
        asked = {"person": str(office.people["pat"].id), "question": "Can it?"}
        office.ask("dana", "support.create", state={"lead": "LX002"}, values=asked)
        office.ask("dana", "followup.open", text="LX002 call said so by 3/29 see")
        office.ask("robin", "followup.open", text="LX003 call signs by 3/29 see")
        lead_3 = office.lead(3)
        typed = {"amount": "80万", "contract": "C-1", "reason": "fast", "criteria": ("signed",)}
        state = {"lead": "LX003", "to": "won", "version": str(lead_3.version)}
        moved = office.ask("robin", "stage.move", state=state, values=typed)
        assert not moved.errors, moved.errors
        assert shown(office).body == office.say("sync.nothing")
        await office.travel(2024, 3, 8, 11)
        card = shown(office)
        assert deals(card) == ["Big Ltd", "Middle Ltd", "Small Ltd"]
        assert "¥800,000" in card.sections[0].heading
        big, middle, small = ("\n".join(part.lines) for part in card.sections[:3])
        assert "Fay Sample" in big
        assert "invoice" in big
        assert "Pat Sample" in middle
        assert "send it → Robin Sample" in small
        assert listed(office, card) == ["Big Ltd", "Middle Ltd", "Small Ltd"]
        assert "Robin Sample: 2" in "\n".join(card.sections[3].lines)

    def test_a_stage_that_lasts_longer_than_usual(self, office: Office) -> None:
        """Two weeks, while no deals were won to compare with; silence is told of before."""
        for number, day, spoke in ((1, 20, 28), (2, 18, 28), (3, 28, 25)):
            lead(office, "robin", f"Number {number}", f"{9 - number}万")
            since = datetime(2024, 2, day, 17, tzinfo=SHANGHAI)
            office.change_lead(number, at_stage(Stage.CAPTURED, since))
            contact = datetime(2024, 2, spoke, 17, tzinfo=SHANGHAI)
            office.change_lead(number, spoken(contact))
        office.change_lead(3, lambda one: replace(one, stage_since=contact))
        card = shown(office)
        assert deals(card) == ["Number 2", "Number 3"]
        assert "Feb 18" in card.sections[0].lines[-1]
        assert office.say("sync.cause_idle", since="Feb 25, Sun") in card.sections[1].lines[-1]

    def test_nobody_is_stuck_in_the_pool_or_in_nurture(self, office: Office) -> None:
        long_ago = MONDAY - timedelta(days=90)
        for number, stage in ((1, Stage.DISCOVERY), (2, Stage.NURTURE)):
            lead(office, "robin", f"Number {number}", "1万")
            office.change_lead(number, at_stage(stage, long_ago))
        office.change_lead(1, lambda one: replace(one, owner_id=None, pooled_at=long_ago))
        assert shown(office).body == office.say("sync.nothing")

    def test_no_more_than_the_playbook_wants(self, office: Office) -> None:
        office.rules(sync={"deals": 2})
        for number in range(1, 5):
            lead(office, "robin", f"Number {number}", f"{number}万")
            office.change_lead(number, at_stage(Stage.PROPOSAL, MONDAY - timedelta(days=20)))
        card = shown(office)
        assert deals(card) == ["Number 4", "Number 3"]
        assert office.say("digest.and_more", n=2) in card.sections[-1].lines
        assert listed(office, card) == ["Number 4", "Number 3", "Number 2", "Number 1"]
        text = button_of(card, office.say("button.whole_list", n=4)).value
        foreign = office.ask("wes", "lead_list.show", pressed=text).card
        assert "Number" not in words_of(foreign)


class TestWhoAsks:
    def test_leaders_and_the_own_team(self, office: Office) -> None:
        lead(office, "kim", "Kim's Ltd", "9万")
        office.change_lead(1, at_stage(Stage.PROPOSAL, MONDAY - timedelta(days=20)))
        assert "Kim's Ltd" not in words_of(shown(office))
        assert "Kim's Ltd" not in words_of(office.ask("max", "sync.show", pressed="2"))
        assert "Kim's Ltd" in words_of(shown(office, "wes"))
        own = shown(office, "ada")
        other = button_of(own, office.say("button.sync_of", team="West"))
        assert deals(shown(office, "ada", pressed=other.value)) == ["Kim's Ltd"]
        assert deals(shown(office, "ada", text="west")) == ["Kim's Ltd"]
        for account in ("robin", "pat"):
            assert office.ask(account, "sync.show").card is None

    def test_a_button_opens_a_deal_only_for_who_may_see_it(self, office: Office) -> None:
        lead(office, "robin", "Robin's Ltd", "9万")
        office.change_lead(1, at_stage(Stage.PROPOSAL, MONDAY - timedelta(days=20)))
        [button] = shown(office).sections[0].buttons
        assert office.ask("robin", button.action, pressed=button.value).card
        assert office.ask("dana", button.action, pressed=button.value).card is None


def syncs(office: Office) -> list[Card]:
    """The agendas that the channel got, without the digests."""
    return [card for card in office.inbox("C1") if "sync" in card.title]


class TestWhenItIsPosted:
    async def test_on_friday_once_a_week(self, office: Office) -> None:
        await office.travel(2024, 3, 8, 13, 59)
        assert syncs(office) == []
        await office.travel(2024, 3, 8, 14)
        [card] = syncs(office)
        assert office.say("sync.nothing") == card.body
        office.world.prepare_database()
        await office.travel(2024, 3, 10, 23)
        assert len(syncs(office)) == 1
        await office.travel(2024, 3, 15, 14)
        assert len(syncs(office)) == 2

    async def test_a_friday_off_moves_it_to_the_working_day_before(self, office: Office) -> None:
        office.rules(working_hours={"closed": ["2024-03-08", "2024-03-07"]})
        with office.world.new_uow() as uow:
            uow.jobs.cancel(PublishSync, office.teams["East"].id)
            uow.commit()
        office.world.prepare_database()
        await office.travel(2024, 3, 6, 14)
        assert len(syncs(office)) == 1

    async def test_after_downtime_the_last_missed_one_comes_late(self, office: Office) -> None:
        office.world.clock.set_wall(datetime(2024, 3, 20, 9, tzinfo=SHANGHAI))
        await office.settle()
        [card] = syncs(office)
        assert office.say("digest.late", at="Mar 15, Fri 14:00") in card.footnote
        await office.travel(2024, 3, 22, 14)
        assert len(syncs(office)) == 2
