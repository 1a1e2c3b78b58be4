"""A date is not an instant: when a planned step is overdue."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sales.next_steps import is_past, until_when

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NINE = datetime(2026, 11, 30, 9, tzinfo=SHANGHAI)
MIDNIGHT = datetime(2026, 12, 1, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("hour", "minute", "overdue"),
    [
        (8, 59, False),
        (9, 0, False),
        (9, 1, False),
        (15, 30, False),
        (18, 1, False),
        (23, 59, False),
    ],
)
def test_on_its_own_day_no_day_is_overdue(hour: int, minute: int, overdue: bool) -> None:
    until = until_when(NINE, MIDNIGHT, has_time=False)
    assert is_past(NINE, until, NINE.replace(hour=hour, minute=minute)) is overdue


@pytest.mark.parametrize(
    ("now", "overdue"),
    [(MIDNIGHT - SECOND, False), (MIDNIGHT, True), (MIDNIGHT + timedelta(days=3), True)],
)
def test_a_day_is_overdue_once_it_is_over(now: datetime, overdue: bool) -> None:
    assert is_past(NINE, until_when(NINE, MIDNIGHT, has_time=False), now) is overdue


def test_the_day_ends_where_the_owner_works() -> None:
    over = datetime(2026, 12, 1, tzinfo=BERLIN)
    until = until_when(NINE, over, has_time=False)
    assert not is_past(NINE, until, MIDNIGHT + timedelta(hours=6))
    assert is_past(NINE, until, MIDNIGHT + timedelta(hours=7))


def test_a_day_that_is_over_before_it_is_due_still_waits_for_that() -> None:
    """Planned from far west: nine there is past midnight where the owner works."""
    assert until_when(NINE, NINE - timedelta(hours=3), has_time=False) == NINE


@pytest.mark.parametrize(("late", "overdue"), [(-60, False), (0, False), (1, True), (3600, True)])
def test_a_time_of_day_is_meant(late: int, overdue: bool) -> None:
    until = until_when(NINE, MIDNIGHT, has_time=True)
    assert is_past(NINE, until, NINE + timedelta(seconds=late)) is overdue


def test_without_a_step_nothing_is_overdue() -> None:
    assert not is_past(None, None, MIDNIGHT)
