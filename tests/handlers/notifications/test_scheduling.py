"""Quiet hours: notices that are not urgent wait for the morning, in order, none dropped.

They arrive together.
"""

from collections.abc import Iterator
from datetime import datetime

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Form
from sales.leads import Grade
from sales.people import Role
from sales.playbook import PoolMember, RoutingRule
from tests.furnished import Offices
from tests.office import SHANGHAI, Office, button_of, buttons_of, words_of

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
TO_ROBIN = RoutingRule(name="all", pool=(PoolMember(person="Robin Sample"),))


@pytest.fixture
def office(locale: str, offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, locale, after=rules_and_pat) as office:
        yield office


def rules_and_pat(office: Office) -> None:
    office.rules(routing=(TO_ROBIN,))
    office.hire("pat", "Pat Sample", Role.PRODUCT)


def offer(office: Office, customer: str) -> None:
    office.log_lead("max", customer=customer, phone="", email="")


def question(office: Office, customer: str) -> None:
    """Pat is asked about a new lead of Robin's."""
    lead = office.log_lead("robin", customer=customer, phone="", email="", owner="keep")
    values = {"person": str(office.people["pat"].id), "question": "Can it?"}
    office.ask("robin", "support.create", state={"lead": lead.number}, values=values)


def at(office: Office, day: int, hour: int = 0, minute: int = 0) -> None:
    office.world.clock.set_wall(datetime(2024, 3, day, hour, minute, tzinfo=SHANGHAI))


def choice_form(office: Office, account: str) -> Form:
    form = office.ask(account, "quiet.choose").form
    assert form is not None
    return form


def choose(office: Office, account: str, **typed: str) -> Reply:
    return office.submit(account, choice_form(office, account), **typed)


class TestKeptForTheMorning:
    async def test_several_come_together_and_in_order(self, office: Office) -> None:
        at(office, 4, 21, 30)
        question(office, "First Ltd")
        await office.settle()
        at(office, 4, 23, 30)
        question(office, "Second Ltd")
        await office.settle()
        assert office.inbox("pat") == []
        await office.travel(2024, 3, 5, 7, 59)
        assert office.inbox("pat") == []
        await office.travel(2024, 3, 5, 8)
        [card] = office.inbox("pat")
        assert card.title == office.say("quiet.title", n=2)
        assert [part.heading.split(" · ")[2] for part in card.sections] == [
            "First Ltd",
            "Second Ltd",
        ]
        since = office.language.moment(datetime(2024, 3, 4, 21, 30, tzinfo=SHANGHAI))
        assert card.footnote == office.say("quiet.kept_several", at=since)
        label = office.language.text("button.open_notice", number=2)
        button = next(one for one in buttons_of(card) if one.label == label)
        assert office.ask("pat", button.action, pressed=button.value).toast
        await office.settle()
        found = office.inbox("pat")[-1]
        assert "Second Ltd" in found.title
        assert button_of(found, office.say("button.answer"))

    async def test_one_alone_is_the_card_itself_and_lives(self, office: Office) -> None:
        at(office, 4, 21, 30)
        question(office, "First Ltd")
        await office.settle()
        await office.travel(2024, 3, 5, 8)
        [card] = office.inbox("pat")
        since = office.language.moment(datetime(2024, 3, 4, 21, 30, tzinfo=SHANGHAI))
        assert office.say("quiet.kept_one", at=since) in card.footnote
        office.ask("max", "task.done", pressed="1", values={"note": "Yes"})
        await office.settle()
        [card] = office.inbox("pat")
        assert office.say("button.answer") not in [one.label for one in buttons_of(card)]

    async def test_what_is_settled_meanwhile_is_not_told(self, office: Office) -> None:
        at(office, 4, 21, 30)
        question(office, "First Ltd")
        await office.settle()
        office.ask("max", "task.done", pressed="1", values={"note": "Yes"})
        await office.travel(2024, 3, 5, 12)
        assert office.inbox("pat") == []

    async def test_who_wants_no_quiet_hours_any_more_hears_at_once(self, office: Office) -> None:
        at(office, 4, 22)
        question(office, "First Ltd")
        await office.settle()
        assert office.inbox("pat") == []
        choose(office, "pat", quiet="23-7")
        await office.settle()
        assert len(office.inbox("pat")) == 1

    async def test_who_is_at_work_at_night_hears_at_once(self, office: Office) -> None:
        at(office, 4, 23)
        offer(office, "First Ltd")
        await office.settle()
        assert office.inbox("robin") == []
        office.log_lead("robin", owner="rules", customer="Own Ltd", phone="", email="")
        await office.settle()
        assert [card.title for card in office.inbox("robin") if "Own Ltd" in card.title]
        at(office, 4, 23, 30)
        question(office, "Second Ltd")
        await office.settle()
        assert office.inbox("pat") == []

    async def test_who_is_at_work_at_night_gets_what_waited_for_company(
        self, office: Office
    ) -> None:
        at(office, 4, 23)
        for customer in ("First Ltd", "Second Ltd"):
            office.log_lead("robin", owner="rules", customer=customer, phone="", email="")
            await office.settle()
        await office.travel(2024, 3, 4, 23, 2)
        assert "Second Ltd" in words_of(office.inbox("robin"))

    async def test_a_day_off_is_quiet_and_the_weekend_ends_on_monday(self, office: Office) -> None:
        at(office, 2, 12)
        question(office, "Saturday Ltd")
        await office.travel(2024, 3, 3, 20)
        assert office.inbox("pat") == []
        await office.travel(2024, 3, 4, 8)
        assert len(office.inbox("pat")) == 1

    async def test_the_process_may_die_at_night(self, office: Office) -> None:
        """What was kept is told at the first look, late or not; nothing twice."""
        at(office, 4, 21, 30)
        question(office, "First Ltd")
        await office.settle()
        at(office, 5, 15)
        await office.settle()
        await office.settle()
        assert len(office.inbox("pat")) == 1

    async def test_only_the_reader_opens_what_was_kept(self, office: Office) -> None:
        at(office, 4, 21, 30)
        question(office, "First Ltd")
        question(office, "Second Ltd")
        await office.settle()
        await office.travel(2024, 3, 5, 8)
        [card] = office.inbox("pat")
        value = card.sections[0].buttons[0].value
        assert office.ask("pat", "notice.open", pressed=value).toast
        assert office.ask("pat", "notice.open", pressed=value).card
        for account in ("dana", "robin", "ada"):
            reply = office.ask(account, "notice.open", pressed=value)
            assert reply.toast == office.say("error.notice_gone")
        assert office.ask("pat", "notice.open", pressed="99").card is None


class TestUrgent:
    async def test_a_clock_of_a_high_lead_passes_at_night_another_does_not(
        self, office: Office
    ) -> None:
        """The process was down through the day: the clocks ring at night."""
        for number, timeframe in ((1, "month"), (2, "quarter")):
            typed = {"customer": f"Number {number}", "timeframe": timeframe}
            office.log_lead("robin", phone="", email="", owner="keep", **typed)
        assert [lead.grade for lead in office.leads()] == [Grade.MEDIUM, Grade.HIGH]
        await office.settle()
        at(office, 12, 22)
        await office.settle()
        titles = [card.title for card in office.inbox("robin")]
        assert office.say("clock.missed_call", lead="LX001 · Number 1") in titles
        assert office.say("clock.missed_material", lead="LX002 · Number 2") not in titles
        await office.travel(2024, 3, 13, 8)
        assert "Number 2" in words_of(office.inbox("robin")[-1])

    async def test_the_company_says_what_is_urgent(self, office: Office) -> None:
        office.rules(routing=(TO_ROBIN,), quiet={"urgent": ["lead_offered"]})
        at(office, 4, 21, 30)
        offer(office, "First Ltd")
        await office.settle()
        assert len(office.inbox("robin")) == 1


class TestReminders:
    async def test_one_for_monday_comes_on_friday(self, office: Office) -> None:
        offer(office, "First Ltd")
        office.ask("robin", "followup.open", text="LX001 call said so by 3/11 send it")
        await office.settle()
        before = len(office.inbox("robin"))
        await office.travel(2024, 3, 8, 9)
        assert len(office.inbox("robin")) == before + 1
        await office.travel(2024, 3, 10, 20)
        assert len(office.inbox("robin")) == before + 1

    async def test_one_for_a_day_off_comes_on_that_day(self, office: Office) -> None:
        offer(office, "First Ltd")
        office.ask("robin", "followup.open", text="LX001 call said so by 3/3 send it")
        await office.settle()
        before = len(office.inbox("robin"))
        at(office, 3, 9)
        await office.settle()
        assert len(office.inbox("robin")) == before + 1


class TestMyNotices:
    async def test_never_means_at_once(self, office: Office) -> None:
        reply = choose(office, "pat", quiet=office.say("quiet.never"))
        assert reply.toast == office.say("quiet.saved")
        at(office, 2, 23)
        question(office, "First Ltd")
        await office.settle()
        assert len(office.inbox("pat")) == 1
        assert choice_form(office, "pat").fields[0].value == office.say("quiet.never")

    async def test_own_hours_where_one_is(self, office: Office) -> None:
        """In New York 10:00 in Shanghai is 21:00 the evening before: kept until 7 there."""
        choose(office, "pat", quiet="20-7", timezone="America/New_York")
        at(office, 5, 10)
        question(office, "First Ltd")
        await office.settle()
        assert office.inbox("pat") == []
        await office.travel(2024, 3, 5, 20)
        assert len(office.inbox("pat")) == 1

    async def test_a_change_at_night_counts_in_the_morning(self, office: Office) -> None:
        at(office, 4, 22)
        question(office, "First Ltd")
        await office.settle()
        choose(office, "pat", quiet="21-11")
        await office.travel(2024, 3, 5, 10, 59)
        assert office.inbox("pat") == []
        await office.travel(2024, 3, 5, 11)
        assert len(office.inbox("pat")) == 1

    @pytest.mark.parametrize(
        ("field", "typed"), [("quiet", "at night"), ("quiet", "25-7"), ("timezone", "Mars/Base")]
    )
    def test_a_slip_is_shown_beside_its_field(self, office: Office, field: str, typed: str) -> None:
        reply = choose(office, "pat", **{field: typed})
        assert set(reply.errors) == {field}
        assert office.rows("notice_choice") == []

    def test_is_reached_from_the_help(self, office: Office) -> None:
        card = office.ask("pat", "help.open").card
        assert card is not None
        assert button_of(card, office.say("button.my_notices")).action == "quiet.choose"
        assert "email" not in words_of(choice_form(office, "pat").fields)
