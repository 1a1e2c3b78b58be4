"""The ledger of reminders: when each was due and sent, whether it was seen, and its outcome."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.platforms import Address, Unavailable
from bot.read_receipts import ReadReceipts
from handlers.core.ui import Card, Table
from sales.reminders import Reminder, ReminderOutcome, ReminderTally, summed
from tests.furnished import Offices
from tests.office import PLATFORM, SHANGHAI, Office, button_of, words_of
from tests.platforms.memory import KeptMemory

MONDAY = datetime(2024, 3, 4, 10, tzinfo=SHANGHAI)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(MONDAY, after=a_step_on_friday) as office:
        yield office


def a_step_on_friday(office: Office) -> None:
    """Robin has a step due on Friday, of which the reminder comes on Thursday."""
    plan(office, "robin", "8")


def plan(office: Office, account: str, day: str) -> None:
    customer = "Sample Ltd" if account == "robin" else "Quite Another Co"
    lead = office.log_lead(account, customer=customer, phone="", email="", owner="keep")
    office.ask(account, "followup.open", text=f"{lead.number} call said so by 3/{day} send it")


def entries(office: Office) -> list[dict[str, Any]]:
    marks = ("sent_at", "seen_at", "acted_at", "missed_at")
    return [
        {mark: row[mark] is not None for mark in marks} | {"late": row["late"]}
        for row in office.rows("reminder")
    ]


def entry(*marks: str) -> dict[str, bool]:
    known = ("sent_at", "seen_at", "acted_at", "missed_at", "late")
    return {mark: mark in marks for mark in known}


def ledger(office: Office, account: str) -> Card:
    card = office.ask(account, "reminder.list").card
    assert card is not None
    return card


def table_of(card: Card, heading: str) -> Table:
    [table] = [part.table for part in card.sections if part.heading == heading]
    assert table is not None
    return table


class TestWhatIsWrittenDown:
    async def test_sent_on_time_then_seen_then_acted_on(self, office: Office) -> None:
        assert entries(office) == []
        await office.travel(2024, 3, 7, 9)
        assert entries(office) == [entry("sent_at")]
        for account in ("max", "dana"):
            office.ask(account, "lead.show", pressed="LX001")
        assert entries(office) == [entry("sent_at")]
        assert office.ask("robin", "lead.show", pressed="LX001").card
        assert entries(office) == [entry("sent_at", "seen_at")]
        office.press("robin", office.inbox("robin")[-1], "button.done")
        assert entries(office) == [entry("sent_at", "seen_at", "acted_at")]
        await office.travel(2024, 3, 12, 9)
        assert entries(office) == [entry("sent_at", "seen_at", "acted_at")]

    async def test_late_after_downtime_and_missed_past_due(self, office: Office) -> None:
        office.world.clock.set_wall(datetime(2024, 3, 7, 12, tzinfo=SHANGHAI))
        await office.settle()
        assert entries(office) == [entry("sent_at", "late")]
        await office.travel(2024, 3, 8, 17)
        assert entries(office) == [entry("sent_at", "late")]
        await office.travel(2024, 3, 11, 9)
        assert entries(office) == [entry("sent_at", "late", "missed_at")]
        office.ask("robin", "followup.open", text="LX001 call after all by 3/29 see")
        assert entries(office) == [entry("sent_at", "late", "missed_at", "acted_at")]

    @pytest.mark.parametrize("way", ["followup", "move", "lost"])
    async def test_every_way_to_act_counts(self, office: Office, way: str) -> None:
        await office.travel(2024, 3, 7, 9)
        version = str(office.lead(1).version)
        asked: dict[str, dict[str, Any]] = {
            "followup": {"action": "followup.open", "text": "LX001 call yes by 3/29 see"},
            "move": {"action": "reminder.move", "pressed": "1", "values": {"next_on": "3/12"}},
            "lost": {
                "action": "stage.move",
                "state": {"lead": "LX001", "to": "lost", "version": version},
                "values": {"lost": "price"},
            },
        }
        reply = office.ask("robin", **asked[way])
        assert not reply.errors, reply.errors
        assert entries(office) == [entry("sent_at", "acted_at")]

    async def test_a_snooze_is_seen_and_comes_again_as_another(self, office: Office) -> None:
        await office.travel(2024, 3, 7, 9)
        office.ask("robin", "reminder.later", pressed="1", values={"until": "hour"})
        await office.travel(2024, 3, 7, 10)
        assert entries(office) == [entry("sent_at", "seen_at"), entry("sent_at")]

    async def test_one_that_was_kept_is_sent_in_the_morning(self, office: Office) -> None:
        """It was snoozed into the night."""
        await office.travel(2024, 3, 7, 20, 30)
        office.ask("robin", "reminder.later", pressed="1", values={"until": "hour"})
        await office.travel(2024, 3, 7, 22)
        assert entries(office)[1] == entry()
        await office.travel(2024, 3, 8, 8)
        assert entries(office)[1] == entry("sent_at", "late")


class Reader:
    """A platform that tells whether a message was read."""

    def __init__(self, read: bool | Exception) -> None:
        self._read = read
        self.asked: list[str] = []

    async def was_read(self, to: Address, ref: str) -> bool:
        self.asked.append(to.id)
        if isinstance(self._read, Exception):
            raise self._read
        return self._read


class TestWhatThePlatformTells:
    @pytest.mark.parametrize("read", [True, False, Unavailable("away")])
    async def test_is_asked_once_shortly_before_the_step_is_escalated(
        self, office: Office, read: bool | Exception
    ) -> None:
        await office.travel(2024, 3, 7, 9)
        [first, _] = sorted(
            one["due_at"] for one in office.rows("work") if one["kind"] == "overdue"
        )
        reader, memory, clock = Reader(read), KeptMemory(), [first - timedelta(hours=1)]
        platforms: Any = {PLATFORM: reader}
        receipts = ReadReceipts(platforms, office.world.new_uow, memory, lambda: clock[0])
        await receipts.look()
        assert reader.asked == []
        clock[0] = first - timedelta(minutes=6)
        await receipts.look()
        await receipts.look()
        assert reader.asked == ["robin"]
        seen = ("seen_at",) if read is True else ()
        assert entries(office) == [entry("sent_at", *seen)]

    async def test_one_that_was_seen_is_not_asked_about(self, office: Office) -> None:
        await office.travel(2024, 3, 7, 9)
        [first, _] = sorted(
            one["due_at"] for one in office.rows("work") if one["kind"] == "overdue"
        )
        office.ask("robin", "lead.show", pressed="LX001")
        with office.world.new_uow(read_only=True) as uow:
            assert uow.reminders.unread(first - timedelta(minutes=6), first) == []


class TestWhoSeesIt:
    async def test_the_own_on_board_and_card(self, office: Office) -> None:
        assert office.say("ledger.none") == ledger(office, "robin").body
        await office.travel(2024, 3, 7, 9)
        board = office.ask("robin", "board.open").card
        assert board is not None
        assert "1 sent, 0 seen, 0 acted on (0%), 0 missed" in words_of(board)
        button = button_of(board, office.say("button.ledger"))
        assert button.action == "reminder.list"
        [row] = table_of(ledger(office, "robin"), office.say("ledger.mine")).rows
        assert row == ("LX001 · Sample Ltd", "Mar 7, Thu 09:00", "Mar 7, Thu 09:00", "sent")
        assert "sent," not in words_of(office.ask("dana", "board.open"))
        assert "Sample Ltd" not in words_of(ledger(office, "dana"))

    async def test_the_teams_by_person_for_its_leaders(self, office: Office) -> None:
        plan(office, "kim", "8")
        await office.travel(2024, 3, 7, 9)
        await office.travel(2024, 3, 11, 9)
        [row] = table_of(ledger(office, "max"), "East").rows
        assert row == ("Robin Sample", "1", "1", "0", "0", "0", "1")
        assert "Kim" not in words_of(ledger(office, "max"))
        assert [part.heading for part in ledger(office, "ada").sections] == ["East", "West"]

    async def test_one_line_for_admins_about_each_team(self, office: Office) -> None:
        office.ask("max", "channel.bind", channel="C1")
        await office.travel(2024, 3, 7, 9)
        await office.travel(2024, 3, 11, 14)
        [told] = [card for card in office.inbox("ada") if card.title.startswith("What I sent")]
        lines = {part.heading: part.lines for part in told.sections}
        assert lines["East"][-1] == "Reminders: 1 sent, 0 seen, 0 acted on (0%), 1 missed"
        assert "missed" not in words_of(office.inbox("C1"))

    async def test_a_lead_that_went_to_somebody_else_is_not_named(self, office: Office) -> None:
        await office.travel(2024, 3, 7, 9)
        form = office.ask("max", "lead.reassign", pressed="LX001").form
        assert form is not None
        office.submit("max", form, person=str(office.people["dana"].id))
        assert "Sample Ltd" not in words_of(ledger(office, "robin"))


class TestFate:
    def test_the_latest_that_is_known(self) -> None:
        reminder: dict[str, Any] = {"followup_id": 1, "person_id": 1, "due_at": MONDAY}
        at = {"sent_at": MONDAY, "seen_at": MONDAY, "acted_at": MONDAY, "missed_at": MONDAY}
        known: dict[str, Any] = {}
        fates = [Reminder(**reminder, **known).fate]
        for name, moment in at.items():
            known[name] = moment
            fates.append(Reminder(**reminder, **known).fate)
        assert fates == [
            ReminderOutcome.PLANNED,
            ReminderOutcome.SENT,
            ReminderOutcome.SEEN,
            ReminderOutcome.ACTED,
            ReminderOutcome.MISSED,
        ]

    def test_sums(self) -> None:
        both = summed([ReminderTally(due=2, sent=2, acted=1), ReminderTally(due=1, sent=2)])
        assert both == ReminderTally(due=3, sent=4, acted=1)
        assert both.share == 0.25
        assert summed([]).share is None
