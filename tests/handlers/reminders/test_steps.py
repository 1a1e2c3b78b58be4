"""How many presses the commonest jobs take, counted at the front door."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card
from tests.furnished import Offices
from tests.office import SHANGHAI, Office, buttons_of, words_of

THURSDAY = datetime(2024, 3, 7, 9, tzinfo=SHANGHAI)
PHONE = "+86 138 1234 5678"


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    """Robin has a step due on Friday the 8th at ten, and its reminder."""
    with offices.open(datetime(2024, 3, 4, 10, tzinfo=SHANGHAI), after=a_step) as office:
        yield office


def a_step(office: Office) -> None:
    office.log_lead("robin", owner="keep")
    line = "LX001 call likes it, 2024-03-08 10:00 send the case"
    office.ask("robin", "followup.open", text=line)


async def the_reminder(office: Office, *at: int) -> Card:
    await office.travel(*(at or (2024, 3, 7, 10)))
    return office.inbox("robin")[-1]


class TestAReminder:
    async def test_says_when_and_whom(self, office: Office) -> None:
        card = await the_reminder(office)
        when = f"{office.say('due.tomorrow')} 10:00"
        lead = "LX001 · Acme Sample Ltd"
        assert card.title == office.say("reminder.title", when=when, lead=lead)
        assert office.lead().contact in words_of(card)

    async def test_is_snoozed_at_one_press(self, office: Office) -> None:
        reply = office.press("robin", await the_reminder(office), "button.in_an_hour")
        assert done(reply)
        assert len(office.inbox("robin")) == 1
        await office.travel(2024, 3, 7, 11)
        assert len(office.inbox("robin")) == 2

    async def test_is_moved_to_monday_at_one_press(self, office: Office) -> None:
        card = await the_reminder(office)
        reply = office.press("robin", card, "button.next_monday")
        assert done(reply)
        assert office.lead().next_at == datetime(2024, 3, 11, 10, tzinfo=SHANGHAI)
        await office.settle()
        redrawn = office.inbox("robin")[-1]
        day = office.language.day(date(2024, 3, 11))
        assert f"{day} 10:00" in redrawn.title

    async def test_offers_only_later_days(self, office: Office) -> None:
        """The step is due on Friday, which on Thursday is tomorrow already."""
        card = await the_reminder(office)
        labels = [button.label for button in buttons_of(card)]
        assert office.say("button.tomorrow") not in labels
        assert len(labels) == len(set(labels))
        late = await the_reminder(office, 2024, 3, 12, 10)
        assert office.press("robin", late, "button.tomorrow").toast
        assert office.lead().next_at == datetime(2024, 3, 13, 10, tzinfo=SHANGHAI)

    async def test_calls_monday_tomorrow_on_a_sunday(self, office: Office) -> None:
        card = await the_reminder(office, 2024, 3, 10, 10)
        redrawn = office.press("robin", card, "button.in_an_hour").update
        assert redrawn
        labels = [button.label for button in buttons_of(redrawn)]
        assert office.say("button.tomorrow") in labels
        assert office.say("button.next_monday") not in labels

    async def test_shows_the_phone_at_one_press(self, office: Office) -> None:
        card = await the_reminder(office)
        reply = office.press("robin", card, "button.phone")
        assert reply.card
        assert office.lead().phone in words_of(reply.card)
        [row] = [row for row in office.rows("audit") if row["act"] == "contact.reveal"]
        assert row["detail"]["reason"] == "call"

    @pytest.mark.parametrize("value", ["1:2024-03-01", "1:9999-12-31", "1:soon", "1:", "1"])
    async def test_a_day_that_is_over_asks_for_another(self, office: Office, value: str) -> None:
        reply = office.ask("robin", "reminder.postpone", pressed=value)
        assert reply.form
        assert office.lead().next_at == datetime(2024, 3, 8, 10, tzinfo=SHANGHAI)

    @pytest.mark.parametrize("value", ["1:", "1:year", "x:hour", "2:hour"])
    async def test_no_other_pause(self, office: Office, value: str) -> None:
        before = office.rows("work")
        reply = office.ask("robin", "reminder.wait", pressed=value)
        assert reply.toast
        assert office.rows("work") == before


class TestOtherJobs:
    async def test_a_phone_takes_two_steps(self, office: Office) -> None:
        card = office.ask("robin", "lead.open", text="LX001").card
        assert card
        form = office.press("robin", card, "button.contact").form
        assert form
        reply = office.submit("robin", form)
        assert reply.card
        assert office.lead().phone in words_of(reply.card)

    async def test_my_leads_in_a_stage_take_one(self, office: Office) -> None:
        stage = office.say("stage.captured")
        card = office.ask("robin", "lead_list.open", text=stage).card
        assert card
        assert "LX001" in words_of(card)


def done(reply: Reply) -> bool:
    """Whether a press did all there was to do: it asks nothing, and its card shows the result."""
    return bool(reply.toast and reply.update and not reply.form and not reply.errors)
