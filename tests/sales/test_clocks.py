"""Response clocks against moments worked out by hand: nights, weekends, holidays, summer time."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from sales.calendar import WorkCalendar
from sales.clocks import (
    Clock,
    ClockKind,
    ClockLevel,
    ClockState,
    kind_for,
    ladder,
    level_due,
    satisfies,
    start_clock,
)
from sales.followups import FollowUp, Method
from sales.leads import OPEN_STAGES, Grade, Stage
from sales.playbook import WEEKDAYS, Block, ClockRule, Clocks, WorkingHours
from tests.sales.leads import a_lead

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
CHINA = WorkCalendar(WorkingHours(), SHANGHAI)
RULES = Clocks()


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=SHANGHAI)


def clock(start: datetime, grade: Grade = Grade.HIGH, calendar: WorkCalendar = CHINA) -> Clock:
    started = start_clock(a_lead(owner_id=7, grade=grade), RULES, calendar, start)
    assert started is not None
    return started


def contact(when: datetime, method: Method = Method.CALL) -> FollowUp:
    return FollowUp(lead_id=1, person_id=7, at=when, method=method, summary="spoke")


class TestKind:
    @pytest.mark.parametrize(
        ("grade", "kind"),
        [
            (Grade.HIGH, ClockKind.CALL),
            (Grade.MEDIUM, ClockKind.MATERIAL),
            (Grade.LOW, ClockKind.TOUCH),
        ],
    )
    def test_goes_by_grade(self, grade: Grade, kind: ClockKind) -> None:
        assert kind_for(a_lead(owner_id=7, grade=grade)) is kind

    def test_nurture_is_touched_whatever_the_grade(self) -> None:
        lead = a_lead(owner_id=7, grade=Grade.HIGH, stage=Stage.NURTURE)
        assert kind_for(lead) is ClockKind.TOUCH

    def test_nobodys_and_closed_leads_have_none(self) -> None:
        assert kind_for(a_lead(owner_id=None, grade=Grade.HIGH)) is None
        for stage in set(Stage) - set(OPEN_STAGES):
            lead = a_lead(owner_id=7, grade=Grade.HIGH, stage=stage)
            assert kind_for(lead) is None
            assert start_clock(lead, RULES, CHINA, at(3, 1, 10)) is None


class TestDue:
    def test_on_working_days_it_is_24_and_48_hours(self) -> None:
        assert clock(at(3, 5, 10)).due_at == at(3, 6, 10)
        assert clock(at(3, 5, 10), Grade.MEDIUM).due_at == at(3, 7, 10)

    def test_a_saturday_start_begins_on_monday(self) -> None:
        assert clock(at(3, 2, 17)).due_at == at(3, 4, 18)

    def test_does_not_run_at_night(self) -> None:
        assert clock(at(3, 5, 22)).due_at == clock(at(3, 6, 3)).due_at == at(3, 6, 18)

    def test_does_not_run_over_lunch(self) -> None:
        due = clock(at(3, 5, 10)).due_at
        assert CHINA.between(at(3, 5, 12), due) == timedelta(hours=6)
        assert CHINA.between(at(3, 5, 13), due) == timedelta(hours=6)

    def test_waits_for_a_holiday_and_runs_on_its_make_up_sunday(self) -> None:
        # Qingming 2024: 4 to 6 April off, Sunday the 7th worked.
        assert clock(at(4, 3, 15)).due_at == at(4, 7, 15)

    def test_keeps_local_time_over_both_changes_of_the_clocks(self) -> None:
        shift = (Block(start=time(9), end=time(17)),)
        hours = WorkingHours(blocks=dict.fromkeys(WEEKDAYS, shift), country="")
        calendar = WorkCalendar(hours, NEW_YORK)
        for month, day, utc_hour in ((3, 7, 20), (10, 31, 21)):
            start = datetime(2026, month, day, 16, tzinfo=NEW_YORK)
            due = clock(start, calendar=calendar).due_at
            assert due.astimezone(NEW_YORK).hour == 16
            assert due.astimezone(UTC).hour == utc_hour

    def test_an_hour_that_does_not_exist_is_not_counted(self) -> None:
        day = (Block(start=time(1), end=time(9)),)
        hours = WorkingHours(blocks=dict.fromkeys(WEEKDAYS, day), country="")
        calendar = WorkCalendar(hours, NEW_YORK)
        due = clock(datetime(2026, 3, 8, 0, tzinfo=NEW_YORK), calendar=calendar).due_at
        assert due == datetime(2026, 3, 9, 2, tzinfo=NEW_YORK)

    def test_grading_anew_never_buys_time(self) -> None:
        former = clock(at(3, 5, 10))
        lead = a_lead(owner_id=7, grade=Grade.MEDIUM)
        again = start_clock(lead, RULES, CHINA, at(3, 5, 15), former)
        assert again is not None
        assert again.kind is ClockKind.MATERIAL
        assert again.due_at == former.due_at

    def test_is_the_companys_to_change(self) -> None:
        rules = Clocks(high=ClockRule(within=30))
        started = start_clock(a_lead(owner_id=7, grade=Grade.HIGH), rules, CHINA, at(3, 5, 10))
        assert started is not None
        assert started.due_at == at(3, 5, 10, 30)
        assert satisfies(contact(at(3, 5, 10, 5), Method.EMAIL), started, rules)


class TestLadder:
    def test_warns_then_breaches_then_calls_the_manager(self) -> None:
        started = clock(at(3, 1, 10))
        due = [level_due(started, level, RULES, CHINA) for level in ladder(started)]
        assert due == [at(3, 1, 17), at(3, 4, 10), at(3, 4, 12)]

    def test_a_missed_touch_stays_with_the_owner(self) -> None:
        assert ClockLevel.MANAGER not in ladder(clock(at(3, 1, 10), Grade.LOW))


class TestState:
    def test_met_in_time(self) -> None:
        met = clock(at(3, 5, 10)).meet(at(3, 6, 10))
        assert met.state is ClockState.MET
        assert not met.is_waiting

    def test_met_late_stays_breached_at_the_due_moment(self) -> None:
        met = clock(at(3, 5, 10)).meet(at(3, 8, 10))
        assert met.state is ClockState.BREACHED
        assert met.breached_at == at(3, 6, 10)
        assert not met.is_waiting

    def test_breached_waits_on_until_contact(self) -> None:
        breached = clock(at(3, 5, 10)).breach()
        assert breached.is_waiting
        assert breached.meet(at(3, 8, 10)).state is ClockState.BREACHED

    def test_stopped_in_time_is_neither_and_stopped_late_is_breached(self) -> None:
        started = clock(at(3, 5, 10))
        assert started.stop(at(3, 5, 11)).state is ClockState.STOPPED
        assert started.stop(at(3, 7, 11)).state is ClockState.BREACHED


class TestSatisfies:
    def test_an_email_is_no_call(self) -> None:
        when = at(3, 5, 11)
        for method in Method:
            counts = satisfies(contact(when, method), clock(at(3, 5, 10)), RULES)
            assert counts is (method is not Method.EMAIL)

    def test_material_goes_by_any_way(self) -> None:
        started = clock(at(3, 5, 10), Grade.MEDIUM)
        assert all(satisfies(contact(at(3, 5, 11), way), started, RULES) for way in Method)

    def test_contact_from_before_does_not_count(self) -> None:
        started = clock(at(3, 5, 10))
        assert not satisfies(contact(started.started_at - timedelta(seconds=1)), started, RULES)
