"""Signals through the front door: what a customer does, who is notified, and what never happens."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from sales.leads import Stage
from sales.playbook import SignalRule, Signals
from sales.signals import Effect, SignalKind
from tests.furnished import Offices
from tests.handlers.conftest import FRIDAY
from tests.office import Office, button_of, signalled, words_of

LX001 = "LX001 · Acme Sample Ltd"
OPENED, USED = SignalKind.PROPOSAL_OPENED, SignalKind.PRODUCT_USED


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=a_lead_of_robins) as office:
        yield office


def a_lead_of_robins(office: Office) -> None:
    """LX001 is Robin's."""
    office.log_lead("robin", owner="keep")


def alarms(office: Office, account: str = "robin") -> int:
    title = office.say("signal.hot_title", lead=LX001)
    return [card.title for card in office.inbox(account)].count(title)


class TestHot:
    async def test_the_owner_hears_at_once_why_and_what_to_do(self, office: Office) -> None:
        signalled(office, OPENED)
        await office.settle()
        [card] = [card for card in office.inbox("robin") if card.subject == "lead:1"]
        assert card.title == office.say("signal.hot_title", lead=LX001)
        assert card.body == office.say("signal.next_proposal_opened")
        assert office.say("signal.why_once") in card.footnote
        assert office.say("signalkind.proposal_opened") in words_of(card.facts)
        assert office.lead().hot_since == office.world.clock.now()

    async def test_shows_on_card_board_and_lists(self, office: Office) -> None:
        office.log_lead("robin", customer="Other Sample", phone="", email="", owner="keep")
        signalled(office, OPENED)
        mark = office.say("signal.hot")
        card = office.ask("robin", "lead.open", text="LX001").card
        assert card
        assert office.say("signal.intent") in words_of(card.facts)
        assert office.say("signalkind.proposal_opened") in words_of(card.sections)
        board = office.ask("robin", "board.open").card
        assert board
        # It waits for an answer, too, and is listed once.
        rows = [row.text for part in board.sections for row in part.rows]
        [line] = [text for text in rows if text.startswith("LX001")]
        assert mark in line
        assert office.say("board.hot", n=1) in [s.heading for s in board.sections]
        found = office.ask("robin", "lead.open", text="Sample").card
        assert found
        marked = [part.heading for part in found.sections if mark in part.lines[0]]
        assert marked == [LX001]

    async def test_happens_once(self, office: Office) -> None:
        assert signalled(office, OPENED, "page:1")
        assert signalled(office, OPENED, "page:1") is None
        again = signalled(office, OPENED, "page:2")
        assert again
        assert again.effect is Effect.COUNT
        await office.settle()
        assert alarms(office) == 1
        card = office.ask("robin", "lead.open", text="LX001").card
        what = office.say("signalkind.proposal_opened")
        at = office.language.moment(office.world.clock.now())
        assert office.say("signal.tally", day=at, what=what, n=2) in words_of(card)

    async def test_needs_as_many_as_the_rule_says(self, office: Office) -> None:
        for number in range(2):
            signalled(office, USED, f"app:{number}")
        assert office.lead().hot_since is None
        await office.travel(2024, 3, 9, 10)
        signalled(office, USED, "app:2")
        assert office.lead().hot_since is None, "the first two are too long ago"
        for number in range(3, 5):
            signalled(office, USED, f"app:{number}")
        await office.settle()
        assert alarms(office) == 1

    async def test_ends_after_the_playbooks_days(self, office: Office) -> None:
        office.rules(signals=Signals(hot_days=2))
        signalled(office, OPENED)
        await office.travel(2024, 3, 3, 9)
        assert office.lead().hot_since
        await office.travel(2024, 3, 3, 10)
        assert office.lead().hot_since is None
        assert alarms(office) == 0
        assert LX001 in [card.title for card in office.inbox("robin")], "it became the lead's card"

    def test_ends_when_the_lead_is_closed(self, office: Office) -> None:
        signalled(office, OPENED)
        for stage in (Stage.LOST, Stage.NURTURE):
            form = office.ask("robin", "stage.choose", state={"lead": "LX001"},
                              values={"to": stage}).form  # fmt: skip
            assert form
            office.submit("robin", form, lost="price", reason="too dear")
            assert (office.lead().stage, office.lead().hot_since) == (stage, None)

    async def test_a_person_overrules_it(self, office: Office) -> None:
        signalled(office, OPENED)
        await office.settle()
        card = office.inbox("robin")[-1]
        reply = office.press("robin", card, "signal.not_hot")
        assert reply.toast == office.say("signal.dismissed", lead="LX001")
        signalled(office, OPENED, "page:later")
        await office.settle()
        assert alarms(office) == 0, "it is quiet for as long as the rule looks back"
        assert office.lead().hot_since is None

    async def test_leaders_hear_while_the_owner_is_away(self, office: Office) -> None:
        office.change_person("robin", lambda p: replace(p, away_until=date(2024, 3, 9)))
        signalled(office, OPENED)
        await office.settle()
        assert alarms(office, "max") == 1

    async def test_nobodys_lead_is_the_managers(self, office: Office) -> None:
        office.change_lead(1, lambda lead: replace(lead, owner_id=None))
        signalled(office, OPENED)
        await office.settle()
        assert (alarms(office, "max"), alarms(office)) == (1, 0)


class TestNeverContact:
    async def test_stops_no_clock_and_moves_nothing(self, office: Office) -> None:
        before, clocks = office.lead(), office.rows("clock")
        signalled(office, OPENED)
        after = office.lead()
        assert replace(after, hot_since=None, version=before.version) == before
        assert office.rows("clock") == clocks
        assert office.history() == []


class TestOtherEffects:
    async def test_a_lost_lead_tells_its_owner_once(self, office: Office) -> None:
        office.change_lead(1, lambda lead: replace(lead, stage=Stage.LOST))
        for number in range(3):
            signalled(office, OPENED, f"page:{number}")
        await office.settle()
        titles = [card.title for card in office.inbox("robin")]
        assert titles.count(office.say("signal.told_title", lead=LX001)) == 1
        assert office.lead().hot_since is None

    async def test_a_rule_may_only_count(self, office: Office) -> None:
        rules = Signals(kinds={OPENED: SignalRule(effect=Effect.COUNT)})
        office.rules(signals=rules)
        signalled(office, OPENED)
        await office.settle()
        assert office.lead().hot_since is None
        assert not [card for card in office.inbox("robin") if card.subject == "lead:1"]

    def test_the_lead_that_is_hot_has_no_dead_end(self, office: Office) -> None:
        signalled(office, OPENED)
        card = office.ask("robin", "lead.open", text="LX001").card
        assert card
        assert button_of(card, office.say("signal.not_hot")).value == "LX001"
