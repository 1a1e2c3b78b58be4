"""Working time and weeks, against days and instants worked out by hand."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.calendar import WorkCalendar, iso_week, monday_of, week_after
from sales.playbook import (
    WEEKDAYS,
    Block,
    Digest,
    Sync,
    Weekday,
    WeeklyReporting,
    WorkingHours,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
WORKDAYS = WEEKDAYS[:5]

CHINA = WorkCalendar(WorkingHours(), SHANGHAI)
"""The shipped default: Monday to Friday, 9–12 and 13–18."""


def hours(*spans: tuple[time, time], days: tuple[Weekday, ...] = WORKDAYS) -> WorkingHours:
    blocks = tuple(Block(start=start, end=end) for start, end in spans)
    return WorkingHours(blocks=dict.fromkeys(days, blocks), country="")


NINE_TO_SIX = hours((time(9), time(18)))
ALL_DAYS = hours((time(9), time(18)), days=WEEKDAYS)


def shanghai(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def new_york(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=NEW_YORK)


class TestAdd:
    def test_saturday_evening_and_two_hours_is_monday_at_eleven(self) -> None:
        calendar = WorkCalendar(NINE_TO_SIX, SHANGHAI)
        assert calendar.add(shanghai(11, 21, 17), 120) == shanghai(11, 23, 11)

    def test_gives_an_instant_in_utc(self) -> None:
        assert CHINA.add(shanghai(11, 23, 9), 60).tzinfo is UTC

    def test_runs_through_the_day(self) -> None:
        assert CHINA.add(shanghai(11, 23, 9, 30), 45) == shanghai(11, 23, 10, 15)

    def test_pauses_over_lunch(self) -> None:
        assert CHINA.add(shanghai(11, 23, 11, 30), 60) == shanghai(11, 23, 13, 30)

    def test_ends_with_the_block_not_at_the_next_opening(self) -> None:
        assert CHINA.add(shanghai(11, 23, 17), 60) == shanghai(11, 23, 18)

    def test_goes_on_the_next_morning(self) -> None:
        assert CHINA.add(shanghai(11, 23, 17), 61) == shanghai(11, 24, 9, 1)

    def test_a_start_before_opening_begins_at_opening(self) -> None:
        assert CHINA.add(shanghai(11, 23, 6), 30) == shanghai(11, 23, 9, 30)

    def test_nothing_added_outside_hours_is_the_next_opening(self) -> None:
        assert CHINA.add(shanghai(11, 21, 17), 0) == shanghai(11, 23, 9)

    def test_crosses_the_year(self) -> None:
        # 2026-12-31 is a Thursday, 2027-01-01 a holiday, then a weekend.
        assert CHINA.add(shanghai(12, 31, 17, 30), 60) == datetime(
            2027, 1, 4, 9, 30, tzinfo=SHANGHAI
        )

    def test_refuses_to_go_back(self) -> None:
        with pytest.raises(ValueError, match="only runs forward"):
            CHINA.add(shanghai(11, 23), -1)

    def test_takes_blocks_in_any_order_and_overlapping(self) -> None:
        calendar = WorkCalendar(
            hours((time(13), time(18)), (time(9), time(12)), (time(11), time(14))), SHANGHAI
        )
        assert calendar.add(shanghai(11, 23, 9), 9 * 60) == shanghai(11, 23, 18)


class TestBetween:
    def test_counts_only_working_time(self) -> None:
        friday, tuesday = shanghai(11, 20, 17), shanghai(11, 24, 10)
        assert CHINA.between(friday, tuesday) == timedelta(hours=1 + 8 + 1)

    def test_is_nothing_over_a_weekend(self) -> None:
        assert CHINA.between(shanghai(11, 20, 18), shanghai(11, 23, 9)) == timedelta()

    def test_is_negative_backwards(self) -> None:
        assert CHINA.between(shanghai(11, 23, 11), shanghai(11, 23, 9)) == timedelta(hours=-2)


class TestChineseCalendar:
    """Against the notice of the State Council for 2026."""

    @pytest.mark.parametrize(
        "day",
        [(1, 2), (2, 16), (2, 17), (2, 18), (2, 19), (2, 20), (2, 23), (4, 6), (5, 1), (5, 4),
         (5, 5), (6, 19), (9, 25), (10, 1), (10, 2), (10, 5), (10, 6), (10, 7)],
    )  # fmt: skip
    def test_is_off_on(self, day: tuple[int, int]) -> None:
        assert not CHINA.is_workday(date(2026, *day))

    @pytest.mark.parametrize("day", [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)])
    def test_makes_up_on_a_weekend(self, day: tuple[int, int]) -> None:
        assert date(2026, *day).weekday() >= 5
        assert CHINA.is_workday(date(2026, *day))

    def test_ordinary_days_around_them(self) -> None:
        assert CHINA.is_workday(date(2026, 9, 30))
        assert CHINA.is_workday(date(2026, 10, 8))
        assert not CHINA.is_workday(date(2026, 10, 11))

    def test_has_248_workdays_in_2026(self) -> None:
        # 261 weekdays, 19 of them off by law or swapped, 6 weekend days made up.
        year = (date(2026, 1, 1) + timedelta(days=n) for n in range(365))
        assert sum(CHINA.is_workday(day) for day in year) == 261 - 19 + 6

    def test_golden_week_stops_the_clock(self) -> None:
        assert CHINA.add(shanghai(9, 30, 17), 120) == shanghai(10, 8, 10)

    def test_a_made_up_saturday_runs_the_clock(self) -> None:
        assert CHINA.add(shanghai(10, 9, 17), 120) == shanghai(10, 10, 10)
        assert CHINA.next_opening(shanghai(10, 10, 9)) == shanghai(10, 10, 9)

    def test_one_day_can_be_closed(self) -> None:
        calendar = WorkCalendar(WorkingHours(closed=(date(2026, 11, 23),)), SHANGHAI)
        assert calendar.next_opening(shanghai(11, 21, 17)) == shanghai(11, 24, 9)

    def test_one_day_can_be_opened_with_the_usual_hours(self) -> None:
        calendar = WorkCalendar(WorkingHours(open=(date(2026, 11, 21),)), SHANGHAI)
        assert calendar.add(shanghai(11, 21, 8), 4 * 60) == shanghai(11, 21, 14)

    def test_a_holiday_can_be_opened(self) -> None:
        calendar = WorkCalendar(WorkingHours(open=(date(2026, 10, 1),)), SHANGHAI)
        assert calendar.next_opening(shanghai(10, 1, 9)) == shanghai(10, 1, 9)

    def test_no_country_knows_no_holiday(self) -> None:
        assert WorkCalendar(NINE_TO_SIX, SHANGHAI).is_workday(date(2026, 10, 1))

    def test_another_country_has_its_own(self) -> None:
        calendar = WorkCalendar(WorkingHours(country="US"), NEW_YORK)
        assert not calendar.is_workday(date(2026, 11, 26))
        assert calendar.is_workday(date(2026, 10, 1))


class TestNextOpening:
    @pytest.mark.parametrize(
        ("hour", "minute", "working"),
        [(8, 59, False), (9, 0, True), (11, 59, True), (12, 0, False), (12, 59, False),
         (13, 0, True), (17, 59, True), (18, 0, False)],
    )  # fmt: skip
    def test_is_half_open(self, hour: int, minute: int, working: bool) -> None:
        moment = shanghai(11, 23, hour, minute)
        assert (CHINA.next_opening(moment) == moment) is working


class TestDaylightSaving:
    """New York, 2026: 03-08 02:00 → 03:00 and 11-01 02:00 → 01:00, both Sundays."""

    def test_the_short_night_is_an_hour_short(self) -> None:
        calendar = WorkCalendar(hours((time(0), time(8)), days=WEEKDAYS), NEW_YORK)
        assert calendar.between(new_york(3, 8), new_york(3, 9)) == timedelta(hours=7)
        assert calendar.add(new_york(3, 8), 7 * 60) == new_york(3, 8, 8)

    def test_the_long_night_is_an_hour_long(self) -> None:
        calendar = WorkCalendar(hours((time(0), time(8)), days=WEEKDAYS), NEW_YORK)
        assert calendar.between(new_york(11, 1), new_york(11, 2)) == timedelta(hours=9)
        assert calendar.add(new_york(11, 1), 9 * 60) == new_york(11, 1, 8)

    def test_office_hours_stay_nine_to_six_on_both_sides(self) -> None:
        calendar = WorkCalendar(ALL_DAYS, NEW_YORK)
        for day in (new_york(3, 7), new_york(3, 8), new_york(10, 31), new_york(11, 1)):
            opening = calendar.next_opening(day)
            assert opening.astimezone(NEW_YORK).hour == 9
            assert calendar.add(opening, 9 * 60).astimezone(NEW_YORK).hour == 18

    def test_a_block_inside_the_gap_is_left_out(self) -> None:
        calendar = WorkCalendar(hours((time(2, 15), time(3, 10)), days=WEEKDAYS), NEW_YORK)
        assert not calendar.between(new_york(3, 8), new_york(3, 9))
        assert calendar.between(new_york(3, 9), new_york(3, 10)) == timedelta(minutes=55)

    def test_weeks_are_an_hour_shorter_and_longer(self) -> None:
        calendar = WorkCalendar(NINE_TO_SIX, NEW_YORK)
        for day, length in ((date(2026, 3, 8), 167), (date(2026, 11, 1), 169)):
            start, end = calendar.week_of(day)
            assert end - start == timedelta(hours=length)


class TestWeeks:
    def test_runs_from_monday_to_monday_in_the_companys_timezone(self) -> None:
        start, end = CHINA.week_of(date(2026, 11, 22))
        assert start == datetime(2026, 11, 15, 16, tzinfo=UTC)
        assert end == datetime(2026, 11, 22, 16, tzinfo=UTC)
        assert CHINA.week_of(date(2026, 11, 16)) == (start, end)
        assert CHINA.week("2026-W47") == (start, end)

    def test_a_zone_without_that_midnight_begins_at_the_jump(self) -> None:
        # Beirut, Sunday 2026-03-29: 00:00 → 01:00.
        calendar = WorkCalendar(NINE_TO_SIX, ZoneInfo("Asia/Beirut"))
        assert calendar.midnight(date(2026, 3, 29)) == datetime(2026, 3, 28, 22, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("day", "week"),
        [(date(2026, 11, 22), "2026-W47"), (date(2026, 11, 23), "2026-W48"),
         (date(2026, 12, 31), "2026-W53"), (date(2027, 1, 3), "2026-W53"),
         (date(2027, 1, 4), "2027-W01"), (date(2024, 12, 30), "2025-W01")],
    )  # fmt: skip
    def test_names_iso_weeks(self, day: date, week: str) -> None:
        assert iso_week(day) == week
        assert monday_of(week) <= day < monday_of(week) + timedelta(days=7)

    @pytest.mark.parametrize(
        "text", ["", "2026-W54", "2026-W00", "2025-W53", "2026-47", "W47", "0001-W01", "9999-W52",
                 "2026-W47 "]
    )  # fmt: skip
    def test_refuses_what_is_no_week(self, text: str) -> None:
        with pytest.raises(ValueError, match="week"):
            monday_of(text)

    def test_counts_weeks_over_the_year(self) -> None:
        assert week_after("2026-W53") == "2027-W01"
        assert week_after("2027-W01", -2) == "2026-W52"


class TestNextDigest:
    MONDAY_AT_NINE = Digest(at=time(9))

    def test_is_next_monday_about_the_week_just_over(self) -> None:
        after = shanghai(11, 19, 14)
        assert CHINA.next_digest(after, self.MONDAY_AT_NINE) == (shanghai(11, 23, 9), "2026-W47")

    def test_on_the_morning_itself_it_is_still_to_come(self) -> None:
        due, week = CHINA.next_digest(shanghai(11, 23, 8, 59), self.MONDAY_AT_NINE)
        assert (due, week) == (shanghai(11, 23, 9), "2026-W47")

    def test_once_due_the_next_is_a_week_later(self) -> None:
        due, week = CHINA.next_digest(shanghai(11, 23, 9), self.MONDAY_AT_NINE)
        assert (due, week) == (shanghai(11, 30, 9), "2026-W48")

    def test_goes_by_the_companys_day_not_by_utc(self) -> None:
        # Sunday 17:00 in UTC is Monday 01:00 in Shanghai.
        after = datetime(2026, 11, 22, 17, tzinfo=UTC)
        rule = Digest(at=time(0, 30))
        assert CHINA.next_digest(after, rule) == (shanghai(11, 30, 0, 30), "2026-W48")

    def test_another_weekday_still_tells_of_the_last_complete_week(self) -> None:
        due, week = CHINA.next_digest(shanghai(11, 24), Digest(weekday="fri"))
        assert (due, week) == (shanghai(11, 27, 14), "2026-W47")

    def test_waits_for_the_first_working_day_after_a_holiday(self) -> None:
        # National Day is from Thursday, October 1, to Wednesday, October 7.
        assert CHINA.digest_due("2026-W40", Digest()) == shanghai(10, 8, 14)
        assert CHINA.next_digest(shanghai(10, 6), Digest()) == (shanghai(10, 8, 14), "2026-W40")

    def test_tells_of_both_weeks_after_the_spring_festival(self) -> None:
        # It is from Sunday, February 15, to Monday, February 23.
        both = {CHINA.digest_due(week, Digest()) for week in ("2026-W07", "2026-W08")}
        assert both == {shanghai(2, 24, 14)}
        assert CHINA.next_digest(shanghai(2, 20), Digest())[1] == "2026-W07"
        assert CHINA.next_digest(shanghai(2, 24, 14), Digest())[1] == "2026-W09"

    def test_stays_on_a_weekday_that_is_never_worked(self) -> None:
        assert CHINA.digest_due("2026-W40", Digest(weekday="sun")) == shanghai(10, 11, 14)

    def test_comes_once_on_the_night_with_two_half_past_ones(self) -> None:
        calendar = WorkCalendar(NINE_TO_SIX, NEW_YORK)
        rule = Digest(weekday="sun", at=time(1, 30))
        first, week = calendar.next_digest(new_york(10, 31, 12), rule)
        assert first == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
        second, following = calendar.next_digest(first, rule)
        assert second == datetime(2026, 11, 8, 6, 30, tzinfo=UTC)
        assert following == week_after(week)

    def test_comes_on_the_night_without_half_past_two(self) -> None:
        calendar = WorkCalendar(NINE_TO_SIX, NEW_YORK)
        due, _ = calendar.next_digest(new_york(3, 7, 12), Digest(weekday="sun", at=time(2, 30)))
        assert due == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


moments = st.integers(0, 5 * 366 * 86_400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
minutes = st.integers(0, 60 * 24 * 10)
calendars = st.sampled_from(
    [
        CHINA,
        WorkCalendar(ALL_DAYS, NEW_YORK),
        WorkCalendar(hours((time(0), time(8)), (time(22), time(23, 30)), days=WEEKDAYS), NEW_YORK),
    ]
)


class TestProperties:
    @given(calendars, moments, minutes)
    def test_what_was_added_lies_between(
        self, calendar: WorkCalendar, start: datetime, added: int
    ) -> None:
        assert calendar.between(start, calendar.add(start, added)) == timedelta(minutes=added)

    @given(calendars, moments, minutes, st.integers(0, 10_000))
    def test_a_later_start_is_never_done_earlier(
        self, calendar: WorkCalendar, start: datetime, added: int, later: int
    ) -> None:
        after = start + timedelta(minutes=later)
        assert calendar.add(start, added) <= calendar.add(after, added)

    @given(calendars, moments, minutes, st.integers(1, 1_000))
    def test_can_be_added_in_two_steps(
        self, calendar: WorkCalendar, start: datetime, first: int, second: int
    ) -> None:
        halfway = calendar.add(start, first)
        assert calendar.add(halfway, second) == calendar.add(start, first + second)

    @given(calendars, moments, st.integers(0, 50_000), st.integers(0, 50_000))
    def test_time_between_adds_up(
        self, calendar: WorkCalendar, start: datetime, first: int, second: int
    ) -> None:
        middle = start + timedelta(minutes=first)
        end = middle + timedelta(minutes=second)
        assert calendar.between(start, end) == (
            calendar.between(start, middle) + calendar.between(middle, end)
        )

    @given(calendars, moments)
    def test_opening_is_working_time(self, calendar: WorkCalendar, at: datetime) -> None:
        opening = calendar.next_opening(at)
        assert opening >= at
        assert calendar.next_opening(opening) == opening
        assert calendar.is_workday(opening.astimezone(calendar.timezone).date())

    @given(calendars, moments, st.sampled_from(WEEKDAYS), st.times())
    def test_every_week_gets_one_digest(
        self, calendar: WorkCalendar, after: datetime, weekday: Weekday, at: time
    ) -> None:
        rule = Digest(weekday=weekday, at=at.replace(second=0, microsecond=0))
        due, week = calendar.next_digest(after, rule)
        assert due > after
        assert calendar.week(week)[1] <= due
        following, then = calendar.next_digest(due, rule)
        assert following == calendar.digest_due(then, rule)
        while (week := week_after(week)) != then:
            # After holidays: the digests of several weeks are due at once.
            assert calendar.digest_due(week, rule) == due

    @given(calendars, moments, st.sampled_from(WEEKDAYS), st.times())
    def test_reports_are_asked_for_on_working_days(
        self, calendar: WorkCalendar, at: datetime, weekday: Weekday, time_of_day: time
    ) -> None:
        rule = WeeklyReporting(weekday=weekday, at=time_of_day.replace(second=0, microsecond=0))
        (due, week), (last, before) = calendar.next_report(at, rule), calendar.last_report(at, rule)
        assert last <= at < due
        assert before < week
        for moment, reported in ((due, week), (last, before)):
            assert calendar.week(reported)[1] <= moment == calendar.report_due(reported, rule)
            assert calendar.is_workday(calendar.day_of(moment))


class TestWeeklyReport:
    RULE = WeeklyReporting()

    def test_is_asked_for_on_monday_at_nine(self) -> None:
        assert CHINA.report_due("2026-W47", self.RULE) == shanghai(11, 23, 9)
        assert CHINA.next_report(shanghai(11, 23, 9), self.RULE)[1] == "2026-W48"
        assert CHINA.last_report(shanghai(11, 23, 9), self.RULE)[1] == "2026-W47"
        assert CHINA.last_report(shanghai(11, 23, 8, 59), self.RULE)[1] == "2026-W46"

    def test_a_day_off_moves_it_to_the_next_working_day(self) -> None:
        assert CHINA.report_due("2026-W40", self.RULE) == shanghai(10, 8, 9)

    def test_a_week_without_work_has_none(self) -> None:
        # The Spring Festival: the week before is reported after it, and it is not.
        assert CHINA.report_due("2026-W07", self.RULE) == shanghai(2, 24, 9)
        assert CHINA.report_due("2026-W08", self.RULE) is None
        assert CHINA.next_report(shanghai(2, 16, 9), self.RULE) == (
            shanghai(2, 24, 9), "2026-W07",
        )  # fmt: skip
        assert CHINA.next_report(shanghai(2, 24, 9), self.RULE)[1] == "2026-W09"
        assert CHINA.last_report(shanghai(2, 26), self.RULE)[1] == "2026-W07"


class TestSync:
    CALENDAR = WorkCalendar(WorkingHours(closed=(date(2024, 3, 7), date(2024, 3, 8))), SHANGHAI)

    def test_is_due_on_friday_or_the_working_day_before(self) -> None:
        at = self.CALENDAR.sync_due
        assert at("2024-W09", Sync()) == datetime(2024, 3, 1, 14, tzinfo=SHANGHAI)
        assert at("2024-W10", Sync()) == datetime(2024, 3, 6, 14, tzinfo=SHANGHAI)
        # Spring festival takes the whole week but its Sunday, which is made up.
        assert at("2024-W07", Sync()) is None

    @given(st.datetimes(datetime(2023, 12, 1), datetime(2024, 12, 1)))  # noqa: DTZ001
    def test_the_last_and_the_next_stand_around_every_moment(self, at: datetime) -> None:
        now = at.replace(tzinfo=SHANGHAI)
        last, last_week = self.CALENDAR.last_sync(now, Sync())
        following, week = self.CALENDAR.next_sync(now, Sync())
        assert last <= now < following
        assert last_week < week
        assert self.CALENDAR.next_sync(last, Sync()) == (following, week)

    @pytest.mark.parametrize(
        ("day", "count", "expected"),
        [(4, 0, 4), (4, 1, 1), (4, 2, date(2024, 2, 29)), (10, 1, 5), (10, 0, 6), (12, 3, 5)],
    )
    def test_counts_working_days_back(self, day: int, count: int, expected: int | date) -> None:
        wanted = expected if isinstance(expected, date) else date(2024, 3, expected)
        assert self.CALENDAR.workdays_before(date(2024, 3, day), count) == wanted
