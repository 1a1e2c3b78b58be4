from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sales.calendar import WorkCalendar
from sales.playbook import WEEKDAYS, WorkingHours
from sales.working_hours import (
    NotHours,
    WorkSpan,
    parse_hours,
    personal_calendar,
    spoken_span,
    write_hours,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


class TestParseHours:
    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("mon-thu 9:00-12:00 13:00-17:00", "mon,tue,wed,thu 09:00-12:00 13:00-17:00"),
            ("周一至周四 9:00-12:00，13：00～17：00", "mon,tue,wed,thu 09:00-12:00 13:00-17:00"),
            ("8.30 to 17.00", "mon,tue,wed,thu,fri 08:30-17:00"),
            ("Tuesday, sat 10:00–14:00", "tue,sat 10:00-14:00"),
            ("星期天、周三 13:00-17:00 9:00-11:00", "wed,sun 09:00-11:00 13:00-17:00"),
        ],
    )
    def test_reads_what_people_write(self, text: str, written: str) -> None:
        assert write_hours(parse_hours(text)) == written

    @pytest.mark.parametrize(
        "text",
        ["", "mon-fri", "always", "9-17", "17:00-9:00", "9:00-9:00", "25:00-26:00", "9:00-24:00",
         "fri-mon 9:00-12:00", "9:00-12:00 or so", "9:61-12:00", "一 二三四五六日x 9:00-12:00",
         "9:00-10:00 " * 7],
    )  # fmt: skip
    def test_refuses_what_is_no_hours(self, text: str) -> None:
        with pytest.raises(NotHours):
            parse_hours(text)

    @settings(deadline=None)
    @given(st.text(max_size=60))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        try:
            week = parse_hours(text)
        except NotHours:
            return
        assert set(week) <= set(WEEKDAYS)
        assert parse_hours(write_hours(week)) == week
        assert len(write_hours(week)) <= 120


class TestPersonalCalendar:
    def test_counts_own_hours_in_the_own_timezone_on_the_companys_days(self) -> None:
        friday = datetime(2024, 3, 29, 18, tzinfo=ZoneInfo("Europe/London"))
        own = personal_calendar(WorkingHours(), SHANGHAI, "mon-fri 9:00-11:00", "Europe/London")
        due = own.add(friday, 60).astimezone(ZoneInfo("Europe/London"))
        assert (due.month, due.day, due.time()) == (4, 1, time(10))
        # Qingming is a holiday in the company's country.
        assert own.add(due, 60 + 120 * 2 + 30).astimezone(SHANGHAI).day == 7

    def test_without_any_it_is_the_companys(self) -> None:
        own = personal_calendar(WorkingHours(), SHANGHAI, "", "")
        almost_six = datetime(2024, 3, 1, 17, 59, tzinfo=SHANGHAI)
        assert own.next_opening(almost_six) == almost_six


class TestSpokenSpan:
    @pytest.mark.parametrize(
        ("minutes", "said"),
        [
            (0, WorkSpan()), (20, WorkSpan(0, 0, 20)), (59, WorkSpan(0, 0, 59)),
            (60, WorkSpan(0, 1)), (170, WorkSpan(0, 2, 50)), (479, WorkSpan(0, 7, 59)),
            (480, WorkSpan(1)), (481, WorkSpan(1)), (540, WorkSpan(1, 1)), (960, WorkSpan(2)),
            (9600, WorkSpan(20)), (-60, WorkSpan(0, 1)),
        ],
    )  # fmt: skip
    def test_a_day_of_work_is_not_24_hours(self, minutes: int, said: WorkSpan) -> None:
        """Four weeks of work, 160 hours, were called one week."""
        calendar = WorkCalendar(WorkingHours(), SHANGHAI)
        assert spoken_span(timedelta(minutes=minutes), calendar) == said

    @pytest.mark.parametrize(
        ("hours", "minutes", "said"),
        [
            ("9:00-13:00", 480, WorkSpan(2)),
            ("9:00-12:00 13:00-16:30", 390, WorkSpan(1)),
            ("8:00-12:00 11:00-14:00", 360, WorkSpan(1)),
            ("9:00-9:30", 90, WorkSpan(3)),
        ],
    )
    def test_days_are_as_long_as_the_calendar_has_them(
        self, hours: str, minutes: int, said: WorkSpan
    ) -> None:
        calendar = personal_calendar(WorkingHours(), SHANGHAI, hours, "")
        assert spoken_span(timedelta(minutes=minutes), calendar) == said

    def test_where_days_differ_the_mean_counts(self) -> None:
        long, short = parse_hours("mon-thu 9:00-18:00"), parse_hours("fri 9:00-13:00")
        calendar = WorkCalendar(WorkingHours(blocks={**long, **short}), SHANGHAI)
        assert calendar.day_minutes == 480
