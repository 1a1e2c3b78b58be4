from contextlib import suppress
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.scheduling import NotQuietHours, QuietHours, QuietPeriod

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NIGHT = QuietHours(time(21), time(8))
WEEKENDS = QuietPeriod(hours=NIGHT, timezone=SHANGHAI, is_workday=lambda day: day.weekday() < 5)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 1))  # noqa: DTZ001
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def march(day: int, hour: int, minute: int = 0) -> datetime:
    """The 8th is a Friday."""
    return datetime(2024, 3, day, hour, minute, tzinfo=SHANGHAI)


class TestQuietHours:
    @pytest.mark.parametrize(
        "text",
        ["21:00-08:00", "21-8", "21：00 至 8：00", "21:00 to 8", " 21 – 8:00 ", "21:00~08:00"],
    )
    def test_reads_what_people_write(self, text: str) -> None:
        assert QuietHours.parse(text) == NIGHT
        assert str(NIGHT) == "21:00-08:00"

    @pytest.mark.parametrize(
        "text", ["", "21", "25-8", "21:60-8", "8-8", "at night", "٢١-٨", "21:00-08:00-1", "9" * 50]
    )
    def test_refuses_the_rest(self, text: str) -> None:
        with pytest.raises(NotQuietHours):
            QuietHours.parse(text)

    @given(st.text(max_size=20))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        with suppress(NotQuietHours):
            assert QuietHours.parse(str(QuietHours.parse(text))) == QuietHours.parse(text)

    @given(TIMES, TIMES, TIMES)
    def test_covers_one_side_of_the_day(self, start: time, end: time, at: time) -> None:
        if start != end:
            assert (at in QuietHours(start, end)) != (at in QuietHours(end, start))


class TestPeace:
    def test_the_night_and_the_weekend_end_on_monday_morning(self) -> None:
        assert WEEKENDS.over_at(march(7, 22)) == march(8, 8)
        assert WEEKENDS.over_at(march(8, 7, 59)) == march(8, 8)
        assert WEEKENDS.over_at(march(8, 20, 59)) == march(8, 20, 59)
        assert WEEKENDS.over_at(march(8, 21)) == march(11, 8)
        assert WEEKENDS.over_at(march(9, 12)) == march(11, 8)

    def test_what_is_planned_moves_earlier(self) -> None:
        assert WEEKENDS.before(march(10, 9)) == march(8, 9)
        assert WEEKENDS.before(march(7, 23)) == march(7, 20, 30)
        assert WEEKENDS.before(march(7, 6)) == march(6, 20, 30)
        assert WEEKENDS.before(march(11, 6)) == march(8, 20, 30)
        assert WEEKENDS.before(march(7, 12)) == march(7, 12)

    def test_goes_by_where_the_person_is(self) -> None:
        there = QuietPeriod(hours=NIGHT, timezone=NEW_YORK)
        assert there.over_at(march(8, 9)) == march(8, 9)
        assert there.over_at(march(8, 12)) == march(8, 21)

    def test_a_company_closed_for_ever_hears_all_the_same(self) -> None:
        never = QuietPeriod(
            hours=None, timezone=SHANGHAI, is_workday=lambda day: day < date(2000, 1, 1)
        )
        assert never.over_at(march(8, 9)) == march(8, 9)
        assert never.before(march(8, 9)) == march(8, 9)

    @given(MOMENTS, TIMES, TIMES, st.sets(st.integers(0, 6), max_size=6), st.booleans())
    def test_is_over_at_the_first_moment_that_is_not_covered(
        self, at: datetime, start: time, end: time, off: set[int], has_hours: bool
    ) -> None:
        hours = QuietHours(start, end) if has_hours and start != end else None
        peace = QuietPeriod(
            hours=hours, timezone=NEW_YORK, is_workday=lambda day: day.weekday() not in off
        )
        now = at.replace(tzinfo=SHANGHAI)
        over = peace.over_at(now)
        assert over >= now
        assert not peace.covers(over)
        minutes = int((over - now).total_seconds() // 60)
        for step in range(1, 20):
            assert minutes == 0 or peace.covers(now + timedelta(minutes=minutes * step / 20))
        assert peace.before(now) <= now
