"""Next steps in people's own calendars: put in, moved and taken out with the step."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from handlers.core.ui import Card
from sales.notices import PermissionMissing
from tests.furnished import Offices
from tests.office import PLATFORM, SHANGHAI, Office, words_of

MONDAY = datetime(2024, 3, 4, 10, tzinfo=SHANGHAI)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(
        MONDAY, after=lambda office: office.log_lead("robin", owner="keep")
    ) as office:
        office.world.new_uow.calendars = frozenset({PLATFORM})
        office.desk.has_calendar = True
        yield office


def entries(office: Office, account: str = "robin") -> list[Card]:
    """What is in a person's calendar."""
    return [card for card in office.inbox(account) if card.appointment]


def plan(office: Office, when: str, step: str = "send the case") -> None:
    line = f"LX001 call likes it, {when} {step}"
    assert office.ask("robin", "followup.open", text=line).card


class TestASteps:
    async def test_entry_moves_and_goes_with_it(self, office: Office) -> None:
        plan(office, "2024-03-08 15:00", "call 138 1234 5678 back")
        await office.settle()
        [card] = entries(office)
        assert card.appointment
        assert card.appointment.starts_at == datetime(2024, 3, 8, 15, tzinfo=SHANGHAI)
        assert (card.appointment.zone, card.appointment.lead) == ("Asia/Shanghai", "LX001")
        assert card.title.startswith("Acme Sample Ltd")
        assert "5678" not in words_of(card)
        step = str(office.history()[0].id)
        form = office.ask("robin", "reminder.reschedule", pressed=step).form
        assert form
        office.submit("robin", form, next_on="2024-03-11", at="9:30")
        await office.settle()
        [card] = entries(office)
        assert card.appointment
        assert card.appointment.starts_at == datetime(2024, 3, 11, 9, 30, tzinfo=SHANGHAI)
        office.ask("robin", "reminder.done", pressed=step)
        await office.settle()
        assert entries(office) == []

    async def test_entry_ends_with_the_next_contact(self, office: Office) -> None:
        plan(office, "2024-03-08 15:00")
        await office.settle()
        plan(office, "2024-03-12 11:00", "visit")
        await office.settle()
        [card] = entries(office)
        assert card.title == office.say(
            "reminder.entry_step", customer="Acme Sample Ltd", step="visit"
        )

    async def test_of_a_day_is_a_to_do_only(self, office: Office) -> None:
        plan(office, "2024-03-08")
        await office.travel(2024, 3, 8, 9, 30)
        assert entries(office) == []
        assert [card.todo.lead for card in office.inbox("robin") if card.todo] == ["LX001"]

    async def test_with_a_time_is_no_to_do_before_that_has_passed(self, office: Office) -> None:
        plan(office, "2024-03-08 15:00")
        await office.travel(2024, 3, 8, 14)
        assert not [card for card in office.inbox("robin") if card.todo]

    async def test_follows_the_lead_to_its_new_owner(self, office: Office) -> None:
        plan(office, "2024-03-08 15:00")
        await office.settle()
        form = office.ask("max", "lead.reassign", pressed="LX001").form
        assert form
        office.submit("max", form, person=str(office.people["dana"].id))
        await office.settle()
        assert entries(office) == []
        assert [card.appointment.lead for card in entries(office, "dana") if card.appointment]

    async def test_names_nobody_who_was_erased(self, office: Office) -> None:
        contact = {"contact": "Quentin Probe", "phone": "139 5555 1234", "email": "q@other.example"}
        office.log_lead("robin", owner="keep", customer="Other Sample", **contact)
        plan(office, "2024-03-08 15:00", "ask whether Quentin Probe of Other Sample likes it")
        step = "call Quentin Probe"
        line = f"LX002 call likes it, 2024-03-08 16:00 {step}"
        assert office.ask("robin", "followup.open", text=line).card
        await office.settle()
        assert all("Quentin" in card.title for card in entries(office))
        form = office.ask("ada", "erasure.open").form
        assert form
        found = office.submit("ada", form, who="139 5555 1234")
        assert found.card
        office.press("ada", found.card, "erasure.erase")
        await office.settle()
        titles = [card.title for card in entries(office)]
        assert len(titles) == 2
        assert not [title for title in titles if "Probe" in title], titles

    async def test_is_left_out_for_who_wants_none(self, office: Office) -> None:
        plan(office, "2024-03-08 15:00")
        await office.settle()
        for wanted, there in (("no", 0), ("yes", 1)):
            form = office.ask("robin", "quiet.choose").form
            assert form
            office.submit("robin", form, calendar=wanted)
            await office.settle()
            assert len(entries(office)) == there

    async def test_is_filled_in_for_who_wants_one_later(self, office: Office) -> None:
        for wanted, there in (("no", 0), ("yes", 1)):
            form = office.ask("robin", "quiet.choose").form
            assert form
            office.submit("robin", form, calendar=wanted)
            if not there:
                plan(office, "2024-03-08 15:00")
            await office.settle()
            assert len(entries(office)) == there

    async def test_costs_nothing_where_nobody_has_a_calendar(self, office: Office) -> None:
        office.world.new_uow.calendars = frozenset()
        plan(office, "2024-03-08 15:00")
        assert not [row for row in office.rows("message") if row["kind"] == "step_in_calendar"]
        form = office.ask("robin", "quiet.choose").form
        assert form
        assert "calendar" not in {field.name for field in form.fields}


async def test_the_admins_read_what_is_missing(office: Office) -> None:
    with office.world.new_uow() as uow:
        for account in ("ada", "max"):
            notice = PermissionMissing("dingtalk", "calendar", "Calendar.Event.Write")
            uow.outbox.add(notice, office.people[account].id)
        uow.commit()
    await office.settle()
    [card] = [card for card in office.inbox("ada") if "Calendar.Event.Write" in words_of(card)]
    assert card.title == office.say("health.dingtalk.calendar")
    assert not [card for card in office.inbox("max") if "Calendar.Event" in words_of(card)]
