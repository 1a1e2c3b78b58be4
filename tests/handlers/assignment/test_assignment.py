"""Offers when nobody is free, and what counts as accepting one [P6]."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card
from sales.assignments import OfferState
from sales.people import Role
from sales.playbook import Playbook, PoolMember, RoutingRule
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.office import LEAD, SHANGHAI, Office, open_office

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
MONDAY = date(2024, 3, 4)
TO_ROBIN = RoutingRule(name="all", pool=(PoolMember(person="Robin Sample"),))


@pytest.fixture
def office(database: Database, fields: Fields) -> Iterator[Office]:
    with open_office(database, fields, FRIDAY) as office:
        office.rules(routing=(TO_ROBIN,))
        yield office


def send_away(office: Office, *accounts: str, back: date = MONDAY) -> None:
    for account in accounts:
        office.change_person(account, lambda person: replace(person, away_until=back))


def unclaimed(office: Office, account: str) -> list[Card]:
    return [card for card in office.inbox(account) if card.subject == "lead:1"]


class TestNobodyIsFree:
    async def test_the_leaders_hear_of_it_even_away(self, office: Office) -> None:
        send_away(office, *office.people)
        office.log_lead("robin", owner="rules")
        await office.settle()
        assert (office.owner(), len(unclaimed(office, "max"))) == ("", 1)
        assert unclaimed(office, "robin") == []

    async def test_the_rules_are_asked_again_every_working_morning(self, office: Office) -> None:
        send_away(office, *office.people, back=date(2024, 3, 5))
        office.log_lead("robin", owner="rules")
        await office.travel(2024, 3, 4, 9)
        assert office.owner() == ""
        await office.travel(2024, 3, 5, 8, 59)
        assert office.owner() == ""
        await office.travel(2024, 3, 5, 9)
        assert office.owner() == "robin"
        assert [offer.why.reason for offer in office.offers()] == ["rule_only"]
        await office.travel(2024, 3, 7, 9)
        assert len([row for row in office.rows("work") if row["kind"] == "unowned"]) == 2

    async def test_a_lead_that_somebody_was_given_meanwhile_is_theirs(self, office: Office) -> None:
        send_away(office, *office.people)
        office.log_lead("robin", owner="rules")
        send_away(office, "dana", "max", back=FRIDAY.date())
        form = office.ask("max", "lead.reassign", pressed="LX001").form
        assert form is not None
        office.submit("max", form, person=str(office.people["dana"].id))
        office.ask("dana", "offer.accept", pressed="LX001")
        await office.travel(2024, 3, 4, 9)
        assert office.owner() == "dana"

    async def test_an_offer_that_nobody_comes_after(self, office: Office) -> None:
        send_away(office, "max", "ada", back=date(2024, 4, 1))
        office.log_lead("robin", owner="rules")
        await office.settle()
        await office.travel(2024, 3, 1, 13)
        assert office.owner() == ""
        assert len(unclaimed(office, "max")) == 1
        [gone] = unclaimed(office, "robin")
        assert gone.title == office.say("lead.gone_title", lead="LX001")
        assert LEAD["customer"] not in repr(gone)
        # Who did not answer on Friday may do so on Monday.
        await office.travel(2024, 3, 4, 9)
        assert office.owner() == "robin"

    async def test_who_declines_last_reads_that_nobody_has_it(self, office: Office) -> None:
        send_away(office, "max", "ada", back=date(2024, 4, 1))
        office.log_lead("robin", owner="rules")
        form = office.ask("robin", "offer.decline", pressed="LX001").form
        assert form is not None
        reply = office.submit("robin", form, reason="busy")
        assert reply.toast == office.say("offer.nobody_free", lead="LX001")
        await office.travel(2024, 3, 4, 9)
        assert office.owner() == "", "who declined is not asked again"


def advance(office: Office) -> Reply:
    form = office.ask("robin", "stage.advance", pressed="LX001").form
    assert form is not None
    asked = office.submit("robin", form, to="screened").form
    assert asked is not None
    return office.submit("robin", asked, criteria=("budget", "decision", "urgency"), reason="x")


def reveal(office: Office) -> Reply:
    form = office.ask("robin", "contact.ask", pressed="LX001").form
    assert form is not None
    return office.submit("robin", form, reason="call")


def edit(office: Office) -> Reply:
    form = office.ask("robin", "lead.edit", pressed="LX001").form
    assert form is not None
    return office.submit("robin", form, need="wants two tools")


def question(office: Office) -> Reply:
    office.hire("pat", "Pat Sample", Role.PRODUCT)
    form = office.ask("robin", "support.ask", pressed="LX001").form
    assert form is not None
    person = str(office.people["pat"].id)
    return office.submit("robin", form, person=person, question="Can it?")


def objection(office: Office) -> Reply:
    form = office.ask("robin", "objection.add", pressed="LX001").form
    assert form is not None
    return office.submit("robin", form, kind="price", said="too dear")


class TestWorkingOnItIsTakingIt:
    @pytest.mark.parametrize("work", [advance, reveal, edit, question, objection])
    async def test_the_offer_does_not_time_out(
        self, office: Office, work: Callable[[Office], Reply]
    ) -> None:
        office.log_lead("max")
        reply = work(office)
        assert not reply.errors
        await office.travel(2024, 3, 4, 10)
        assert [offer.state for offer in office.offers()] == [OfferState.ACCEPTED]
        assert office.owner() == "robin"


def shared_out(office: Office, count: int, prefix: str) -> Counter[str]:
    """Who got, and accepted, each of so many leads by the rules."""
    got: Counter[str] = Counter()
    for number in range(count):
        office.log_lead("max", customer=f"{prefix} {number} Ltd", phone="", email="")
        lead = office.leads()[0]
        got[owner := office.owner(lead.id)] += 1
        office.ask(owner, "offer.accept", pressed=lead.number)
    return got


@pytest.mark.every_way
class TestANewcomersShare:
    @pytest.fixture(autouse=True)
    def _without_rules(self, office: Office) -> None:
        office.rules(routing=())

    def test_counts_from_the_day_they_came(self, office: Office) -> None:
        assert shared_out(office, 6, "Before") == {"robin": 3, "dana": 3}
        office.hire("noor", "Noor Sample", Role.REP)
        assert shared_out(office, 6, "After") == {"robin": 2, "dana": 2, "noor": 2}

    async def test_counts_anew_after_an_absence(self, office: Office) -> None:
        assert shared_out(office, 2, "Before") == {"robin": 1, "dana": 1}
        send_away(office, "dana")
        assert shared_out(office, 5, "Meanwhile") == {"robin": 5}
        await office.travel(2024, 3, 4, 9)
        assert shared_out(office, 4, "After") == {"robin": 2, "dana": 2}

    def test_counts_from_when_a_rule_names_them(self, office: Office) -> None:
        def of(*names: str) -> RoutingRule:
            return RoutingRule(name="all", pool=tuple(PoolMember(person=name) for name in names))

        office.rules(routing=(of("Robin Sample", "Dana Example"),))
        shared_out(office, 6, "Before")
        office.rules(routing=(of("Robin Sample", "Dana Example", "Kim Sample"),))
        assert shared_out(office, 6, "After") == {"robin": 2, "dana": 2, "kim": 2}

    async def test_passes_out_with_the_others(self, office: Office) -> None:
        shared_out(office, 6, "Before")
        office.hire("noor", "Noor Sample", Role.REP)
        shared_out(office, 3, "After")
        days = Playbook().assignment.fair_over
        then = (FRIDAY + timedelta(days=days + 1)).date()
        await office.travel(then.year, then.month, then.day, 10)
        assert shared_out(office, 3, "Later") == {"robin": 1, "dana": 1, "noor": 1}
