"""The weekly figures on both databases, against weeks counted by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, event, insert

from sales.calendar import WorkCalendar
from sales.followups import Method
from sales.leads import Grade, Lead, Stage
from sales.people import Role
from sales.playbook import WorkingHours
from sales.reports import (
    Behind,
    DigestPeriod,
    Number,
    Outlook,
    RepWeek,
    WeekFacts,
    clock_attainment,
    period_of,
)
from storage import tables
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.reports.figures import FigureRepository

SHANGHAI = ZoneInfo("Asia/Shanghai")
EAST, WEST = 1, 2
WEEK = "2024-W10"
Path = list[tuple[Stage, datetime]]


def march(day: int, hour: int = 10, minute: int = 0) -> datetime:
    """A moment of March 2024 in Shanghai; the 4th is a Monday."""
    return datetime(2024, 3, day, hour, minute, tzinfo=SHANGHAI)


BEFORE = march(1)
"""Friday of the week before."""
NOW = march(11, 9)


@dataclass
class Story:
    """Writes rows as the repositories would, and asks for the figures."""

    connection: Connection
    figures: FigureRepository
    period: DigestPeriod

    def person(self, name: str, *, team_id: int = EAST, **changes: Any) -> int:
        row = {"name": name, "role": Role.REP, "team_id": team_id, "locale": "", "active": True}
        return self._insert(tables.person, row | {"weight": 1, "hours": ""} | changes)

    def lead(self, owner_id: int | None, path: Path, *, team_id: int = EAST, **changes: Any) -> int:
        """A lead that went through the stages of ``path``, created with the first."""
        stage, since = path[-1]
        lead = Lead(
            source="ads-SEM", customer="Sample Co", stage=stage, stage_since=since,
            owner_id=owner_id, team_id=team_id, created_at=path[0][1], created_by=0,
        )  # fmt: skip
        sealed = {"phone", "email", "wechat", "others"}
        absent = {"id", *sealed, "answers_read", "answers_refused"}
        row = {name: getattr(lead, name) for name in Lead.__slots__ if name not in absent}
        lead_id = self._insert(tables.lead, row | changes)
        leaving = [at for _, at in path[1:]]
        for (one, entered), left in zip(path, [*leaving, None], strict=True):
            interval = {"lead_id": lead_id, "stage": one, "entered_at": entered, "left_at": left}
            self._insert(tables.stage_interval, interval)
        return lead_id

    def contact(
        self,
        lead_id: int,
        person_id: int,
        at: datetime,
        *,
        next_at: datetime | None = None,
        closed_at: datetime | None = None,
    ) -> None:
        words = {"summary": "Called", "feedback": "", "next_step": "", "version": 0}
        row = {"lead_id": lead_id, "person_id": person_id, "at": at, "method": Method.CALL}
        self._insert(tables.followup, row | words | {"next_at": next_at, "closed_at": closed_at})
        if closed_at is None:
            self.change(lead_id, next_at=next_at, last_contact_at=at)

    def change(self, lead_id: int, **changes: Any) -> None:
        lead = tables.lead
        self.connection.execute(lead.update().where(lead.c.id == lead_id).values(**changes))

    def week(self, weeks_ago: int = 0) -> WeekFacts:
        back = timedelta(days=7 * weeks_ago)
        return self.figures.week(EAST, self.period.start - back, self.period.end - back)

    def rep(self, person_id: int) -> RepWeek:
        return next(rep for rep in self.week().reps if rep.person_id == person_id)

    def outlook(self) -> Outlook:
        return self.figures.outlook(self.period)

    def behind(self, number: Number, person_id: int | None = None, limit: int = 20) -> Behind:
        return self.figures.behind(number, self.period, person_id=person_id, limit=limit)

    def _insert(self, table: Any, row: dict[str, Any]) -> int:
        result = self.connection.execute(insert(table).values(**row))
        assert result.inserted_primary_key is not None
        return int(result.inserted_primary_key[0])


@pytest.fixture
def story(database: Database, fields: Fields) -> Iterator[Story]:
    calendar = WorkCalendar(WorkingHours(), SHANGHAI)
    with database.write() as connection:
        connection.execute(
            insert(tables.team), [{"id": EAST, "name": "East"}, {"id": WEST, "name": "West"}]
        )
        figures = FigureRepository(connection, fields)
        yield Story(connection, figures, period_of(EAST, WEEK, calendar, NOW, 7))


@pytest.fixture
def robin(story: Story) -> int:
    return story.person("Robin Sample")


@pytest.fixture
def kim(story: Story) -> int:
    return story.person("Kim Sample")


class TestTheExampleOfTheProcess:
    """[P18]: 2024.3.4–3.10 · 15 · 3 · 8 · 5 · 3 · 2 · 12.5万."""

    def test_comes_out_as_written(self, story: Story, robin: int) -> None:
        new = [
            story.lead(robin, [(Stage.CAPTURED, march(4 + n % 7))],
                       grade=Grade.HIGH if n < 3 else Grade.MEDIUM)
            for n in range(15)
        ]  # fmt: skip
        for n in range(5):
            story.lead(robin, [(Stage.CAPTURED, BEFORE), (Stage.DISCOVERY, march(5 + n % 3))])
        for n in range(3):
            story.lead(robin, [(Stage.DISCOVERY, BEFORE), (Stage.PROPOSAL, march(6 + n))])
        for amount, day in ((80_000, 7), (45_000, 8)):
            story.lead(robin, [(Stage.NEGOTIATION, BEFORE), (Stage.WON, march(day))],
                       amount=Decimal(amount), closed_at=march(day))  # fmt: skip
        for n in range(8):
            story.contact(new[n], robin, march(5))
            story.contact(new[n], robin, march(6))

        facts = story.week()

        assert facts.start == datetime(2024, 3, 3, 16, tzinfo=UTC)
        assert facts.end == datetime(2024, 3, 10, 16, tzinfo=UTC)
        assert facts.reps == (
            RepWeek(
                person_id=robin, name="Robin Sample", new_leads=15, high_value=3, followed_up=8,
                in_discovery=5, in_proposal=3, won=2, won_amount=Decimal(125_000),
            ),
        )  # fmt: skip
        assert (facts.won, facts.won_amount) == (2, Decimal(125_000))


class TestWindow:
    def test_is_half_open_in_the_companys_timezone(self, story: Story, robin: int) -> None:
        for at in (
            march(4, 0) - timedelta(seconds=1),  # Sunday night: last week
            march(4, 0),
            march(10, 23, 59),
            march(11, 0),  # Monday: next week
        ):
            story.lead(robin, [(Stage.CAPTURED, at)])
        assert story.week().new_leads == 2
        assert story.week(weeks_ago=1).new_leads == 1

    def test_closing_and_contact_too(self, story: Story, robin: int) -> None:
        for at in (march(4, 0) - timedelta(seconds=1), march(4, 0), march(11, 0)):
            won = story.lead(robin, [(Stage.NEGOTIATION, BEFORE), (Stage.WON, at)])
            story.contact(won, robin, at)
        rep = story.rep(robin)
        assert (rep.won, rep.followed_up) == (1, 1)
        assert story.week(weeks_ago=1).won == 1

    @pytest.mark.parametrize(("week", "hours"), [("2026-W10", 167), ("2026-W44", 169)])
    def test_follows_daylight_saving(self, story: Story, robin: int, week: str, hours: int) -> None:
        new_york = ZoneInfo("America/New_York")
        calendar = WorkCalendar(WorkingHours(), new_york)
        start, end = calendar.week(week)
        assert end - start == timedelta(hours=hours)
        inside = (start, end - timedelta(seconds=1))
        for at in (start - timedelta(seconds=1), *inside, end):
            story.lead(robin, [(Stage.CAPTURED, at)])
        story.period = period_of(EAST, week, calendar, end, 7)
        assert story.week().new_leads == len(inside)
        assert story.behind(Number.NEW).total == len(inside)


class TestOwners:
    def test_a_reassigned_lead_counts_for_its_owner_contact_for_who_made_it(
        self, story: Story, robin: int, kim: int
    ) -> None:
        lead = story.lead(robin, [(Stage.CAPTURED, march(5))], grade=Grade.HIGH)
        story.contact(lead, robin, march(5))
        story.change(lead, owner_id=kim)
        assert story.rep(robin) == RepWeek(person_id=robin, name="Robin Sample", followed_up=1)
        assert story.rep(kim) == RepWeek(
            person_id=kim, name="Kim Sample", new_leads=1, high_value=1
        )

    def test_a_lead_of_nobody_counts_for_the_team(self, story: Story, robin: int) -> None:
        story.lead(None, [(Stage.CAPTURED, march(5))])
        assert story.week().new_leads == 1
        assert story.rep(robin).new_leads == 0

    def test_lists_active_reps_and_others_only_with_figures(self, story: Story, robin: int) -> None:
        gone = story.person("Ash Left", active=False)
        story.person("Bo Gone", active=False)
        story.person("Mo Manager", role=Role.MANAGER)
        story.person("Wes West", team_id=WEST)
        story.lead(gone, [(Stage.NEGOTIATION, BEFORE), (Stage.WON, march(5))])
        assert [rep.name for rep in story.week().reps] == ["Ash Left", "Robin Sample"]

    def test_another_teams_leads_are_not_counted(self, story: Story, robin: int) -> None:
        west = story.lead(robin, [(Stage.CAPTURED, march(4)), (Stage.WON, march(5))], team_id=WEST)
        story.contact(west, robin, march(4), next_at=march(5))
        assert story.week().is_empty
        assert story.rep(robin) == RepWeek(person_id=robin, name="Robin Sample")
        assert all(story.behind(number).total == 0 for number in Number)


class TestContact:
    def test_counts_customers_of_each_person_not_follow_ups(
        self, story: Story, robin: int, kim: int
    ) -> None:
        lead = story.lead(robin, [(Stage.CAPTURED, BEFORE)])
        for person, day in ((robin, 4), (robin, 5), (kim, 6), (robin, 11)):
            story.contact(lead, person, march(day))
        assert (story.rep(robin).followed_up, story.rep(kim).followed_up) == (1, 1)
        assert story.behind(Number.FOLLOWED_UP).total == 1
        assert story.behind(Number.FOLLOWED_UP, kim).lead_ids == (lead,)


class TestBridge:
    def bridge(self, story: Story, weeks_ago: int = 0) -> tuple[int, int, int, int, int]:
        facts = story.week(weeks_ago)
        return facts.open_at_start, facts.entered, facts.won, facts.lost, facts.open_at_end

    def test_a_lead_that_moves_twice_in_a_week_counts_once(self, story: Story, robin: int) -> None:
        story.lead(
            robin,
            [(Stage.CAPTURED, march(4)), (Stage.DISCOVERY, march(5)), (Stage.PROPOSAL, march(6)),
             (Stage.DISCOVERY, march(7))],
        )  # fmt: skip
        rep = story.rep(robin)
        assert (rep.in_discovery, rep.in_proposal) == (1, 0)
        assert self.bridge(story) == (0, 1, 0, 0, 1)

    def test_won_lost_new_and_staying(self, story: Story, robin: int) -> None:
        open_before = [(Stage.SCREENED, BEFORE)]
        story.lead(robin, open_before)
        story.lead(robin, [*open_before, (Stage.WON, march(5))])
        story.lead(robin, [*open_before, (Stage.LOST, march(5))])
        story.lead(robin, [*open_before, (Stage.NURTURE, march(5))])
        story.lead(robin, [(Stage.CAPTURED, march(5))])
        story.lead(robin, [(Stage.CAPTURED, march(5)), (Stage.WON, march(6))])
        assert self.bridge(story) == (4, 2, 2, 1, 3)

    def test_a_reopened_lead_enters_again(self, story: Story, robin: int) -> None:
        story.lead(
            robin,
            [(Stage.CAPTURED, march(1, 9)), (Stage.LOST, march(1)), (Stage.DISCOVERY, march(6))],
        )
        assert self.bridge(story) == (0, 1, 0, 0, 1)

    def test_the_week_of_a_loss_stays_as_it_was_when_it_is_reopened(
        self, story: Story, robin: int
    ) -> None:
        path = [(Stage.CAPTURED, march(1, 9)), (Stage.LOST, march(1))]
        story.lead(robin, [*path, (Stage.DISCOVERY, march(6))])
        assert self.bridge(story, weeks_ago=1) == (0, 1, 0, 1, 0)

    def test_lost_and_reopened_in_one_week_is_neither(self, story: Story, robin: int) -> None:
        story.lead(
            robin, [(Stage.SCREENED, BEFORE), (Stage.LOST, march(5)), (Stage.SCREENED, march(6))]
        )
        assert self.bridge(story) == (1, 0, 0, 0, 1)

    def test_won_reopened_and_won_again_in_one_week_is_won_once(
        self, story: Story, robin: int
    ) -> None:
        story.lead(
            robin,
            [(Stage.SCREENED, BEFORE), (Stage.WON, march(5)), (Stage.NEGOTIATION, march(6)),
             (Stage.WON, march(7))],
            amount=Decimal(10),
        )  # fmt: skip
        assert self.bridge(story) == (1, 0, 1, 0, 0)
        assert story.week().won_amount == 10

    def test_won_again_in_a_later_week_entered_and_won(self, story: Story, robin: int) -> None:
        path = [(Stage.SCREENED, march(1, 9)), (Stage.WON, march(1))]
        story.lead(robin, [*path, (Stage.NEGOTIATION, march(6)), (Stage.WON, march(7))])
        assert self.bridge(story) == (0, 1, 1, 0, 0)
        assert self.bridge(story, weeks_ago=1) == (0, 1, 1, 0, 0)

    def test_after_sales_is_not_won_again(self, story: Story, robin: int) -> None:
        won = [(Stage.NEGOTIATION, march(1, 9)), (Stage.WON, march(1))]
        story.lead(robin, [*won, (Stage.AFTERSALES, march(5))])
        story.lead(robin, [(Stage.SCREENED, BEFORE), (Stage.WON, march(6)),
                           (Stage.AFTERSALES, march(6))])  # fmt: skip
        assert self.bridge(story) == (1, 0, 1, 0, 0)

    def test_a_skipped_won_is_credited(self, story: Story, robin: int) -> None:
        story.lead(robin, [(Stage.NEGOTIATION, BEFORE), (Stage.AFTERSALES, march(5))])
        assert self.bridge(story) == (1, 0, 1, 0, 0)

    def test_from_lost_straight_to_won(self, story: Story, robin: int) -> None:
        path = [(Stage.SCREENED, march(1, 9)), (Stage.LOST, march(1)), (Stage.WON, march(6))]
        story.lead(robin, path)
        assert self.bridge(story) == (0, 1, 1, 0, 0)

    def test_one_weeks_end_is_the_nexts_start(self, story: Story, robin: int) -> None:
        story.lead(robin, [(Stage.CAPTURED, BEFORE), (Stage.WON, march(4, 0))])
        story.lead(robin, [(Stage.CAPTURED, march(4, 0))])
        assert story.week(weeks_ago=1).open_at_end == story.week().open_at_start == 1
        assert self.bridge(story) == (1, 1, 1, 0, 1)


class TestLosses:
    def test_by_reason_and_from_screened_on(self, story: Story, robin: int) -> None:
        captured, screened = (Stage.CAPTURED, BEFORE), (Stage.SCREENED, march(2))
        lost = (Stage.LOST, march(5))
        story.lead(robin, [captured, lost], lost_reason="No budget")
        story.lead(robin, [captured, screened, lost], lost_reason="No budget")
        story.lead(robin, [captured, screened, (Stage.NURTURE, march(3)), lost],
                   lost_reason="Price")  # fmt: skip
        facts = story.week()
        assert facts.lost_by_reason == {"No budget": 2, "Price": 1}
        assert (facts.lost, facts.lost_screened) == (3, 2)

    def test_what_came_closed_from_a_file_counts_as_screened(
        self, story: Story, robin: int
    ) -> None:
        for stage in (Stage.LOST, Stage.WON):
            story.lead(robin, [(stage, march(5))])
        facts = story.week()
        assert (facts.won, facts.lost, facts.lost_screened) == (1, 1, 1)


class TestOverdue:
    def test_counts_steps_due_and_not_done_by_the_weeks_end(self, story: Story, robin: int) -> None:
        def step(next_at: datetime, closed_at: datetime | None = None) -> int:
            lead = story.lead(robin, [(Stage.SCREENED, BEFORE)])
            story.contact(lead, robin, BEFORE, next_at=next_at, closed_at=closed_at)
            return lead

        late = step(march(6))
        done_on_monday = step(march(8), closed_at=march(11, 8))
        step(march(6), closed_at=march(10))
        step(march(11, 0))
        assert story.rep(robin).overdue == 2
        assert set(story.behind(Number.OVERDUE, robin).lead_ids) == {late, done_on_monday}

    def test_leaves_out_closed_leads(self, story: Story, robin: int) -> None:
        lead = story.lead(robin, [(Stage.SCREENED, BEFORE), (Stage.LOST, march(9))])
        story.contact(lead, robin, BEFORE, next_at=march(6))
        assert story.rep(robin).overdue == 0


class TestClocks:
    """Attainment is of the clocks due in the week."""

    def clock(self, story: Story, owner_id: int, due: datetime, **ended: datetime) -> None:
        lead_id = story.lead(owner_id, [(Stage.CAPTURED, BEFORE)])
        row = {"lead_id": lead_id, "owner_id": owner_id, "kind": "call", "started_at": BEFORE}
        row |= {"for_feedback": False}
        story._insert(tables.clock, row | {"due_at": due} | ended)

    def test_counts_met_breached_and_what_is_past_due_and_open(
        self, story: Story, robin: int, kim: int
    ) -> None:
        due = march(5)
        self.clock(story, robin, due, met_at=march(4))
        self.clock(story, robin, due, met_at=march(6), breached_at=due)
        self.clock(story, robin, due, stopped_at=march(6), breached_at=due)
        self.clock(story, kim, due)
        self.clock(story, robin, due, stopped_at=march(4))
        self.clock(story, robin, story.period.end, met_at=march(6))
        self.clock(story, robin, story.period.start - timedelta(seconds=1))
        facts = story.week()
        assert (facts.clocks_met, facts.clocks_breached) == (1, 3)
        assert clock_attainment(facts) is None
        assert story.behind(Number.BREACHED).total == 3
        assert story.behind(Number.BREACHED, robin).total == 2

    def test_a_share_needs_five(self) -> None:
        facts = WeekFacts(start=march(4), end=march(11), clocks_met=4, clocks_breached=1)
        rate = clock_attainment(facts)
        assert rate is not None
        assert rate.share == 0.8


class TestSources:
    def test_counts_every_source_over_all_owners(self, story: Story, robin: int) -> None:
        for owner, source in ((robin, "ads-SEM"), (None, "ads-SEM"), (robin, "exhibition-教育展")):
            story.lead(owner, [(Stage.CAPTURED, march(5))], source=source)
        assert story.week().new_by_source == {"ads-SEM": 2, "exhibition-教育展": 1}


class TestOutlook:
    def test_counts_the_unassigned_open_ones(self, story: Story, robin: int) -> None:
        story.lead(None, [(Stage.CAPTURED, march(9))])
        story.lead(None, [(Stage.CAPTURED, march(8)), (Stage.LOST, march(9))])
        story.lead(robin, [(Stage.CAPTURED, march(9))])
        assert story.outlook().unassigned == 1
        assert story.behind(Number.UNASSIGNED).total == 1

    def test_is_zero_for_a_team_without_leads(self, story: Story) -> None:
        assert story.outlook() == Outlook()

    def test_brings_the_worst_of_either_kind(self, story: Story, robin: int) -> None:
        fresh = story.lead(robin, [(Stage.CAPTURED, march(10))])
        idle = story.lead(robin, [(Stage.SCREENED, march(2))])
        resting = story.lead(robin, [(Stage.NURTURE, march(2))])
        moved = story.lead(robin, [(Stage.CAPTURED, march(1)), (Stage.SCREENED, march(6))])
        overdue = story.lead(robin, [(Stage.NURTURE, march(2))], next_at=march(9))
        outlook = story.outlook()
        assert {lead.id for lead in outlook.at_risk} == {idle, overdue}
        assert outlook.at_risk_count == 2
        assert set(story.behind(Number.AT_RISK).lead_ids) == {idle, overdue}
        assert not {fresh, resting, moved} & set(story.behind(Number.AT_RISK).lead_ids)

    def test_brings_no_more_than_it_can_show(self, story: Story, robin: int) -> None:
        for day in range(1, 9):
            story.lead(robin, [(Stage.CAPTURED, march(1))], next_at=march(10, day))
        outlook = story.outlook()
        assert outlook.at_risk_count == 8
        assert [lead.next_at for lead in outlook.at_risk][:5] == [
            march(10, hour) for hour in range(1, 6)
        ]

    def test_next_weeks_steps_come_best_grade_first_and_in_order_of_time(
        self, story: Story, robin: int
    ) -> None:
        def due(at: datetime, grade: Grade) -> int:
            return story.lead(robin, [(Stage.SCREENED, march(9))], next_at=at, grade=grade)

        for hour in range(9, 14):
            due(march(11, hour), Grade.LOW)
        friday, wednesday = due(march(15), Grade.HIGH), due(march(13), Grade.HIGH)
        due(march(18, 0), Grade.HIGH)
        coming = story.outlook().coming
        assert [lead.next_at for lead in coming] == [
            march(11, 9), march(11, 10), march(11, 11), march(13), march(15),
        ]  # fmt: skip
        assert [lead.id for lead in coming][3:] == [wednesday, friday]
        assert story.outlook().coming_count == 7

    def test_the_phone_is_readable(self, story: Story, robin: int, fields: Fields) -> None:
        sealed = fields.seal("+8613800005678", "lead.phone")
        story.lead(robin, [(Stage.CAPTURED, march(1))], next_at=march(9), phone=sealed)
        assert story.outlook().at_risk[0].phone == "+8613800005678"


class TestBehind:
    """Every number opens exactly the records that it counts."""

    def test_agrees_with_the_week(self, story: Story, robin: int, kim: int) -> None:
        for owner in (robin, robin, kim):
            story.lead(owner, [(Stage.CAPTURED, march(4))], grade=Grade.HIGH)
            story.lead(owner, [(Stage.CAPTURED, BEFORE), (Stage.DISCOVERY, march(4))])
            story.lead(owner, [(Stage.CAPTURED, BEFORE), (Stage.PROPOSAL, march(4))])
            story.lead(owner, [(Stage.SCREENED, BEFORE), (Stage.WON, march(5))])
            story.lead(owner, [(Stage.SCREENED, BEFORE), (Stage.LOST, march(5))])
        facts, rep = story.week(), story.rep(robin)
        assert story.behind(Number.NEW).total == facts.new_leads == 3
        assert story.behind(Number.WON).total == facts.won == 3
        assert story.behind(Number.LOST).total == facts.lost == 3
        for number, counted in (
            (Number.NEW, rep.new_leads), (Number.HIGH_VALUE, rep.high_value),
            (Number.DISCOVERY, rep.in_discovery), (Number.PROPOSAL, rep.in_proposal),
            (Number.WON, rep.won),
        ):  # fmt: skip
            assert story.behind(number, robin).total == counted == 2
        assert (facts.nurtured, facts.nurtured_at_end) == (0, 0)

    def test_agrees_on_nurture(self, story: Story, robin: int) -> None:
        for path in (
            [(Stage.CAPTURED, BEFORE), (Stage.NURTURE, march(5))],
            [(Stage.NURTURE, BEFORE), (Stage.SCREENED, march(5)), (Stage.NURTURE, march(6))],
            [(Stage.NURTURE, BEFORE)],
            [(Stage.CAPTURED, BEFORE), (Stage.NURTURE, march(5)), (Stage.LOST, march(6))],
            [(Stage.CAPTURED, BEFORE), (Stage.NURTURE, march(12))],
        ):
            story.lead(robin, path)
        facts = story.week()
        assert (facts.nurtured, facts.nurtured_at_end) == (2, 3)
        assert story.behind(Number.NURTURED).total == 2
        assert story.behind(Number.IN_NURTURE).total == 3

    def test_gives_the_first_and_says_how_many_there_are(self, story: Story, robin: int) -> None:
        small, large = (
            story.lead(robin, [(Stage.SCREENED, BEFORE), (Stage.WON, march(5))], amount=amount)
            for amount in (Decimal(5), Decimal(70))
        )
        unknown = story.lead(robin, [(Stage.SCREENED, BEFORE), (Stage.WON, march(5))])
        assert story.behind(Number.WON, limit=2) == Behind((large, small), 3)
        assert story.behind(Number.WON) == Behind((large, small, unknown), 3)

    def test_is_empty_where_nothing_is(self, story: Story, robin: int) -> None:
        assert all(story.behind(number) == Behind() for number in Number)


class TestSpeed:
    def test_never_reads_a_whole_table_of_sqlite(self, story: Story, robin: int) -> None:
        if story.connection.dialect.name != "sqlite":
            pytest.skip("PostgreSQL chooses by the tables' sizes, which are nothing here")
        asked: list[tuple[str, Any]] = []

        @event.listens_for(story.connection, "before_cursor_execute")
        def note(_c: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
            asked.append((statement, values))

        story.week()
        story.outlook()
        for number in Number:
            story.behind(number)
        event.remove(story.connection, "before_cursor_execute", note)

        assert len(asked) == 8 + 4 + len(Number)
        for statement, values in asked:
            explained = story.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            plan = [step.detail for step in explained]
            scans = {f"SCAN {table}" for table in ("lead", "stage_interval", "followup", "clock")}
            assert not scans & set(plan), plan
