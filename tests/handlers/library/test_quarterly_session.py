"""The quarterly sharing [P21]: announced once, on a working day, with what the quarter shows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time

import pytest

from handlers.core.ui import Card
from handlers.library.quarterly_session import ensure_sharing
from sales.calendar import WorkCalendar
from sales.leads import Stage
from sales.people import Role
from sales.playbook import Sharing, Vocabulary, WorkingHours
from sales.quarterly_session import session_of
from sales.targets import Quarter
from tests.furnished import Offices
from tests.office import SHANGHAI, Office, words_of

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
CALENDAR = WorkCalendar(WorkingHours(), SHANGHAI)


@pytest.fixture
def office(locale: str, offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, locale, after=a_bound_channel) as office:
        yield office


def a_bound_channel(office: Office) -> None:
    office.hire("pat", "Pat Sample", Role.PRODUCT)
    office.ask("max", "channel.bind", channel="C1")


def told(office: Office, to: str) -> list[Card]:
    return [card for card in office.inbox(to) if card.subject.startswith("sharing:")]


class TestSession:
    def test_each_quarter_has_one_on_a_working_day_of_its_own(self) -> None:
        for week in range(1, 14):
            quarter = Quarter(2023, 1)
            for _ in range(16):
                session = session_of(quarter, Sharing(week=week), CALENDAR)
                begins = session.begins_at.astimezone(SHANGHAI)
                announced = session.announced_at.astimezone(SHANGHAI)
                assert Quarter.of(begins.date()) == quarter
                assert CALENDAR.is_workday(begins.date())
                assert CALENDAR.is_workday(announced.date())
                assert begins.time() == time(15)
                days = CALENDAR.between(session.announced_at, session.begins_at)
                assert 35 <= days.total_seconds() / 3600 <= 45
                quarter = quarter.next

    def test_the_default_is_the_thursday_of_the_twelfth_week(self) -> None:
        session = session_of(Quarter(2024, 1), Sharing(), CALENDAR)
        assert session.begins_at == datetime(2024, 3, 21, 15, tzinfo=SHANGHAI)
        assert session.announced_at == datetime(2024, 3, 14, 9, 30, tzinfo=SHANGHAI)

    def test_a_day_off_moves_it_to_the_working_day_before(self) -> None:
        closed = WorkCalendar(WorkingHours(closed=(date(2024, 3, 21),)), SHANGHAI)
        session = session_of(Quarter(2024, 1), Sharing(), closed)
        assert session.begins_at == datetime(2024, 3, 20, 15, tzinfo=SHANGHAI)


class TestAnnouncement:
    async def test_it_is_told_once_in_channels_and_to_sellers(self, office: Office) -> None:
        await office.travel(2024, 3, 14, 9, 29)
        assert told(office, "C1") == []
        await office.travel(2024, 3, 14, 9, 30)
        when = office.language.moment(datetime(2024, 3, 21, 15, tzinfo=SHANGHAI))
        for to in ("C1", "robin", "kim", "max"):
            [card] = told(office, to)
            assert card.title == office.say("sharing.title", at=when)
        assert told(office, "pat") == []
        for _ in range(3):
            with office.world.new_uow() as uow:
                ensure_sharing(office.world.context(uow))
                uow.commit()
        await office.travel(2024, 3, 31)
        assert len(told(office, "C1")) == len(told(office, "robin")) == 1
        await office.travel(2024, 6, 14)
        assert len(told(office, "C1")) == 2

    async def test_a_rule_changed_meanwhile_counts(self, office: Office) -> None:
        office.rules(sharing=Sharing(week=13, lead_days=2))
        await office.travel(2024, 3, 22)
        assert told(office, "C1") == []
        await office.travel(2024, 3, 26, 9, 30)
        assert len(told(office, "C1")) == 1

    async def test_switched_off_nobody_hears(self, office: Office) -> None:
        office.rules(sharing=Sharing(enabled=False))
        await office.travel(2024, 4, 1)
        assert told(office, "robin") == []

    async def test_the_agenda_comes_from_facts_and_volunteers_sign_up(self, office: Office) -> None:
        answer = {"title": "Too dear", "text": "Compared with what?", "objection": "price"}
        office.ask("max", "library.create", values=answer, state={"kind": "answer"})
        case = {"title": "School wins", "text": "x", "industry": "education"}
        office.ask("max", "library.create", values=case, state={"kind": "case"})
        office.log_lead("robin", owner="keep")
        typed = {"kind": "price", "said": "Twice the price"}
        office.ask("robin", "objection.create", state={"lead": "LX001"}, values=typed)
        office.ask("robin", "objection.take", pressed="1:1")
        office.change_lead(
            1, lambda lead: replace(lead, stage=Stage.LOST, closed_at=FRIDAY, stage_since=FRIDAY)
        )
        await office.travel(2024, 3, 14, 9, 30)
        [card] = told(office, "robin")
        words = words_of(card)
        assert office.say("sharing.newest", n=2) in words
        assert "School wins" in words
        day = office.language.day(FRIDAY.date())
        used = office.say(
            "library.used", n=1, people=office.say("library.colleagues", n=1), day=day
        )
        assert f"Too dear · {used}" in words
        price = Vocabulary().objections[0].label(office.locale)
        assert office.say("sharing.cost", kind=price, n=1) in words
        assert "Acme" not in words
        reply = office.press("robin", card, "button.bring")
        assert reply.toast == office.say("sharing.joined")
        await office.settle()
        assert "Robin Sample" in words_of(told(office, "C1")[0])
        office.press("robin", card, "button.bring_nothing")
        await office.settle()
        assert "Robin Sample" not in words_of(told(office, "C1")[0])
        assert office.say("button.agenda") in words_of(office.ask("kim", "library.open"))
        await office.travel(2024, 3, 21, 16)
        assert office.press("kim", card, "button.bring").toast == office.say("sharing.over")
