"""The periods of reports: their keys, their days, and what they are compared with."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.calendar import WorkCalendar
from sales.playbook import WorkingHours
from sales.reports import MOST_DAYS, PeriodKind, ReportPeriod

DAY = timedelta(days=1)
DAYS = st.dates(date(1998, 1, 1), date(2101, 12, 31))
KINDS = {
    PeriodKind.WEEK: ReportPeriod.week_of,
    PeriodKind.MONTH: ReportPeriod.month_of,
    PeriodKind.QUARTER: ReportPeriod.quarter_of,
    PeriodKind.YEAR: ReportPeriod.year_of,
}


@st.composite
def periods(draw: st.DrawFn) -> ReportPeriod:
    day = draw(DAYS)
    if (kind := draw(st.sampled_from(PeriodKind))) is PeriodKind.DAYS:
        return ReportPeriod.days(day, day + draw(st.integers(0, MOST_DAYS - 1)) * DAY)
    return KINDS[kind](day)


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("2026-W47", date(2026, 11, 16), date(2026, 11, 22)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("2027-W01", date(2027, 1, 4), date(2027, 1, 10)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-11-01..2026-11-15", date(2026, 11, 1), date(2026, 11, 15)),
    ],
)
def test_a_key_names_days(key: str, first: date, last: date) -> None:
    period = ReportPeriod.of_key(key)
    assert (period.first, period.last, period.key) == (first, last, key)


@pytest.mark.parametrize(
    "key",
    [
        "", "2027-W53", "2026-W00", "2026-W47 ", "2026-13", "2026-00", "2026-1", "2026-Q5", "26",
        "0026", "२०२६", "2026-11-15..2026-11-01", "2026-11-31..2026-12-01",
        "1000-01-01..2999-12-31", "2026-11-01..", "20261101..20261115", "W", "2026-11-01", "3026",
    ],
)  # fmt: skip
def test_other_keys_name_none(key: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ReportPeriod.of_key(key)


@given(periods())
def test_a_period_is_found_by_its_key(period: ReportPeriod) -> None:
    assert ReportPeriod.of_key(period.key) == period


@given(periods())
def test_periods_follow_each_other_without_a_gap(period: ReportPeriod) -> None:
    assert period.next.first == period.last + DAY
    assert period.previous.last == period.first - DAY
    assert period.next.previous == period
    assert period.cut is None
    assert period.length == (period.last - period.first).days + 1


@given(periods(), st.integers(-40, 1_200))
def test_what_is_not_over_is_compared_with_as_many_days(period: ReportPeriod, days: int) -> None:
    today = period.first + days * DAY
    so_far = period.so_far(today)
    assert (so_far.key, so_far.first, so_far.last) == (period.key, period.first, period.last)
    if today >= period.last:
        assert so_far == period
        return
    assert so_far.cut == so_far.length == max(0, days + 1)
    before = so_far.previous
    assert before.first == period.previous.first
    assert before.length == min(so_far.length, period.previous.length)


def test_a_month_cut_beyond_the_end_of_the_one_before() -> None:
    before = ReportPeriod.of_key("2026-03").so_far(date(2026, 3, 30)).previous
    assert before == ReportPeriod.of_key("2026-02")


def test_a_week_with_a_clock_change_has_an_hour_less() -> None:
    calendar = WorkCalendar(WorkingHours(), ZoneInfo("Europe/Berlin"))
    start, end = ReportPeriod.of_key("2026-W13").window(calendar)
    assert start == datetime(2026, 3, 22, 23, tzinfo=UTC)
    assert end - start == 7 * DAY - timedelta(hours=1)


def test_so_far_ends_with_today() -> None:
    calendar = WorkCalendar(WorkingHours(), ZoneInfo("Asia/Shanghai"))
    period = ReportPeriod.of_key("2026-11")
    start, end = period.so_far(date(2026, 11, 2)).window(calendar)
    assert end - start == 2 * DAY
    start, end = period.so_far(date(2026, 10, 2)).window(calendar)
    assert start == end
