"""The moments by which a list's filters of time are evaluated. Knows no clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from sales.lead_lists.query import CloseDate, DayRange, LastDays, Period, Window
from sales.reports import DigestPeriod

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """The present moment and the calendar of whoever reads a list.

    ``period`` is needed for a query of a digest's number, and is that of its week.
    """

    now: datetime
    timezone: tzinfo
    period: DigestPeriod | None = None

    @property
    def today(self) -> date:
        return self.now.astimezone(self.timezone).date()

    def midnight(self, day: date) -> datetime:
        """The instant at which a day begins."""
        return datetime.combine(day, time(), self.timezone)

    def in_days(self, days: int) -> datetime:
        """The instant at which the day begins that is so many days after today."""
        return self.midnight(self.today + days * _DAY)

    def ago(self, days: int) -> datetime:
        """The same time so many days ago."""
        return self.now - days * _DAY

    def span(self, window: Window) -> tuple[datetime, datetime]:
        """The instants ``[start, end)`` of a period."""
        days = days_of(window, self.today)
        return self.midnight(days.first), self.midnight(days.last + _DAY)

    def week_after(self) -> tuple[datetime, datetime]:
        """The instants of the next week."""
        return self.span(week_around(self.today + 7 * _DAY))

    def month_after(self) -> tuple[datetime, datetime]:
        """The instants of the next month."""
        return self.span(month_around(month_around(self.today).last + _DAY))

    def closing(self, close: CloseDate) -> DayRange:
        """The days of a period in which leads are expected to be closed."""
        which, _, unit = close.value.partition("_")
        days = _unit_around(unit, self.today)
        return _unit_around(unit, days.last + _DAY) if which == "next" else days


def days_of(window: Window, today: date) -> DayRange:
    """The days of a period, seen from a day. Weeks begin on Monday."""
    match window:
        case DayRange():
            return window
        case LastDays(days):
            return DayRange(today - days * _DAY, today)
        case Period():
            return _days_of(window, today)


def _days_of(period: Period, today: date) -> DayRange:
    unit = period.value.rpartition("_")[2]
    match period:
        case Period.TODAY:
            return DayRange(today, today)
        case Period.YESTERDAY:
            return DayRange(today - _DAY, today - _DAY)
        case Period.THIS_WEEK | Period.THIS_MONTH | Period.THIS_QUARTER | Period.THIS_YEAR:
            return _unit_around(unit, today)
        case _:
            return _unit_around(unit, _unit_around(unit, today).first - _DAY)


def _unit_around(unit: str, day: date) -> DayRange:
    """The week, month, quarter or year with the day."""
    if unit == "week":
        monday = day - day.weekday() * _DAY
        return DayRange(monday, monday + 6 * _DAY)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    month = day.month - (day.month - 1) % months
    first = day.replace(month=month, day=1)
    years, after = divmod(month - 1 + months, 12)
    return DayRange(first, date(day.year + years, after + 1, 1) - _DAY)


def week_around(day: date) -> DayRange:
    """The week with the day, from Monday."""
    return _unit_around("week", day)


def month_around(day: date) -> DayRange:
    """The month with the day."""
    return _unit_around("month", day)
