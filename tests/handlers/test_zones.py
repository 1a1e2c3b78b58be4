"""People in other timezones: they plan and read in their own days [P17]."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.core.language import LOCALES, Language
from handlers.core.ui import Card
from handlers.notifications.preferences import ZONES
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.office import SHANGHAI, Office, open_office

NOON = datetime(2024, 3, 1, 12, tzinfo=SHANGHAI)


@pytest.fixture
def office(database: Database, fields: Fields) -> Iterator[Office]:
    with open_office(database, fields, NOON) as office:
        office.log_lead("robin", owner="keep")
        yield office


def lives_in(office: Office, zone: str) -> ZoneInfo:
    reply = office.ask("robin", "quiet.save", values={"quiet": "never", "timezone": zone})
    assert not reply.errors
    return ZoneInfo(zone)


def plan(office: Office, day: str) -> Card:
    values = {"lead": "LX001", "method": "call", "summary": "x", "next_on": day}
    reply = office.ask("robin", "followup.create", values=values)
    assert reply.card is not None, reply.errors
    return reply.card


class TestOwnTimezone:
    @pytest.mark.parametrize("zone", ["America/Los_Angeles", "Europe/London", "Asia/Tokyo"])
    def test_correcting_moves_no_day(self, office: Office, zone: str) -> None:
        here = lives_in(office, zone)
        plan(office, "2024-03-20")
        for _ in range(3):
            form = office.ask("robin", "followup.correct", pressed="1").form
            assert form is not None
            assert not office.submit("robin", form).errors
        planned = office.history()[0].next_at
        assert planned is not None
        assert planned.astimezone(here) == datetime(2024, 3, 20, 9, tzinfo=here)

    def test_today_and_tomorrow_are_those_of_the_person(self, office: Office) -> None:
        here = lives_in(office, "America/New_York")
        office.world.clock.set_wall(datetime(2024, 3, 1, 14, tzinfo=here))
        plan(office, "2024-03-01")
        office.ask("robin", "followup.open", text="LX001 call x, send it tomorrow")
        planned = office.history()[0].next_at
        assert planned is not None
        assert planned.astimezone(here) == datetime(2024, 3, 2, 9, tzinfo=here)

    def test_everything_is_read_where_the_person_is(self, office: Office) -> None:
        here = lives_in(office, "America/Los_Angeles")
        office.world.clock.set_wall(datetime(2024, 3, 4, 8, tzinfo=here))
        plan(office, "2024-03-06")
        card = office.ask("robin", "lead.show", pressed="LX001").card
        assert "Mar 6, Wed" in repr(card)
        assert "Mar 7" not in repr(card)
        # The manager in Shanghai reads the moment as it is there.
        assert "Mar 7, Thu" in repr(office.ask("max", "lead.show", pressed="LX001").card)

    def test_the_board_begins_with_the_persons_day(self, office: Office) -> None:
        here = lives_in(office, "America/Los_Angeles")
        office.world.clock.set_wall(datetime(2024, 3, 4, 8, tzinfo=here))
        plan(office, "2024-03-04")
        card = office.ask("robin", "board.open").card
        assert card is not None
        assert office.say("board.today", n=1) in [part.heading for part in card.sections]


class TestAStepForToday:
    @pytest.mark.parametrize(("hour", "due"), [(8, (9, 0)), (15, (18, 0)), (20, (23, 59))])
    async def test_is_due_while_it_is_still_today(
        self, office: Office, hour: int, due: tuple[int, int]
    ) -> None:
        office.world.clock.set_wall(datetime(2024, 3, 4, hour, tzinfo=SHANGHAI))
        card = plan(office, "2024-03-04")
        at = datetime(2024, 3, 4, *due, tzinfo=SHANGHAI)
        assert office.history()[0].next_at == at
        assert card.footnote == office.say("followup.will_remind_at", at=office.language.moment(at))

    async def test_is_reminded_of(self, office: Office) -> None:
        await office.travel(2024, 3, 4, 15)
        plan(office, "2024-03-04")
        await office.travel(2024, 3, 4, 17, 59)
        before = len(office.inbox("robin"))
        await office.travel(2024, 3, 4, 18)
        [reminder] = office.inbox("robin")[before:]
        assert reminder.title.startswith(
            office.say("reminder.title", lead="", when=office.say("due.today"))
        )


def test_a_timezone_is_called_by_its_city() -> None:
    english, chinese = (
        [Language(locale, UTC).city(zone) for zone in ZONES if zone != "UTC"] for locale in LOCALES
    )
    assert english[:2] == ["Shanghai", "Hong Kong"]
    assert not [city for city in english if re.search("[/_]", city)]
    assert not [city for city in chinese if re.search("[A-Za-z]", city)]
    assert Language("zh_CN", UTC).city("UTC") == "UTC"
