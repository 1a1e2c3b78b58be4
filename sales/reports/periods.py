"""The periods of reports: weeks, months, quarters, years, or any days. Knows no clock.

A period is one of local days; which instants it covers is decided by the company's calendar.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Self, TypeVar

from sales.calendar import WorkCalendar, iso_week, monday_of

_DAY: Final = timedelta(days=1)
_WHOLE: Final = date.max

MOST_DAYS: Final = 1_100
"""Days of the longest period: three years."""

_MONTH: Final = re.compile(r"([12]\d{3})-(\d{2})", re.ASCII)
_QUARTER: Final = re.compile(r"([12]\d{3})-Q([1-4])", re.ASCII)
_YEAR: Final = re.compile(r"([12]\d{3})", re.ASCII)
_DAYS: Final = re.compile(r"([12]\d{3}-\d\d-\d\d)\.\.([12]\d{3}-\d\d-\d\d)", re.ASCII)


class PeriodKind(StrEnum):
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    DAYS = "days"


@dataclass(frozen=True, slots=True, order=True)
class ReportPeriod:
    """The days from ``first`` to ``last``, both included, of the company's calendar.

    ``until`` is the last day that is counted where the period is not over (``so_far``); a later one
    than ``last`` means all of it.
    """

    kind: PeriodKind
    first: date
    last: date
    until: date = _WHOLE

    @classmethod
    def of_key(cls, key: str) -> Self:
        """The period with this ``key``. Raises ValueError for any other text: keys come back from
        buttons."""
        if "W" in key:
            period = cls.week_of(monday_of(key))
        elif match := _MONTH.fullmatch(key):
            period = cls.month_of(date(int(match[1]), int(match[2]), 1))
        elif match := _QUARTER.fullmatch(key):
            period = cls.quarter_of(date(int(match[1]), 3 * int(match[2]), 1))
        elif match := _YEAR.fullmatch(key):
            period = cls.year_of(date(int(match[1]), 1, 1))
        elif match := _DAYS.fullmatch(key):
            period = cls.days(date.fromisoformat(match[1]), date.fromisoformat(match[2]))
        else:
            raise ValueError(f"{key!r} is no period such as 2026-W47 or 2026-11")
        if period.key != key:
            raise ValueError(f"{key!r} is no period: {period.key} would be")
        return period

    @classmethod
    def week_of(cls, day: date) -> Self:
        """The Monday–Sunday week with the day."""
        monday = day - day.weekday() * _DAY
        return cls(PeriodKind.WEEK, monday, monday + 6 * _DAY)

    @classmethod
    def month_of(cls, day: date) -> Self:
        return cls._of_months(PeriodKind.MONTH, day, 1)

    @classmethod
    def quarter_of(cls, day: date) -> Self:
        return cls._of_months(PeriodKind.QUARTER, day, 3)

    @classmethod
    def year_of(cls, day: date) -> Self:
        return cls._of_months(PeriodKind.YEAR, day, 12)

    @classmethod
    def around(cls, kind: PeriodKind, day: date) -> Self:
        """The period of a kind with a day; of ``DAYS`` the day alone."""
        match kind:
            case PeriodKind.WEEK:
                return cls.week_of(day)
            case PeriodKind.MONTH:
                return cls.month_of(day)
            case PeriodKind.QUARTER:
                return cls.quarter_of(day)
            case PeriodKind.YEAR:
                return cls.year_of(day)
            case PeriodKind.DAYS:
                return cls.days(day, day)

    @classmethod
    def days(cls, first: date, last: date) -> Self:
        """Any days. Raises ValueError for none, and for more than ``MOST_DAYS``."""
        if not 0 <= (last - first).days < MOST_DAYS:
            raise ValueError(f"no period from {first} to {last}")
        return cls(PeriodKind.DAYS, first, last)

    @classmethod
    def _of_months(cls, kind: PeriodKind, day: date, months: int) -> Self:
        month = day.month - (day.month - 1) % months
        first = day.replace(month=month, day=1)
        years, after = divmod(month - 1 + months, 12)
        return cls(kind, first, date(day.year + years, after + 1, 1) - _DAY)

    @property
    def key(self) -> str:
        """``2026-W47``, ``2026-11``, ``2026-Q4``, ``2026``, or ``2026-11-01..2026-11-15``."""
        match self.kind:
            case PeriodKind.WEEK:
                return iso_week(self.first)
            case PeriodKind.MONTH:
                return f"{self.first:%Y-%m}"
            case PeriodKind.QUARTER:
                return f"{self.first.year}-Q{(self.first.month + 2) // 3}"
            case PeriodKind.YEAR:
                return f"{self.first.year}"
            case PeriodKind.DAYS:
                return f"{self.first.isoformat()}..{self.last.isoformat()}"

    @property
    def length(self) -> int:
        """The number of days that are counted."""
        return (min(self.last, self.until) - self.first).days + 1

    @property
    def cut(self) -> int | None:
        """How many days are counted of a period that is not over; None for all of it."""
        return None if self.until >= self.last else self.length

    @property
    def previous(self) -> Self:
        """The one before it of the same kind; of any days, as many days before.

        Of a period that is not over, only as many days are compared (fewer where the one before
        has no more).
        """
        before = self._around(self.first - _DAY, self.first - _span(self))
        if self.cut is None:
            return before
        return _counted_until(before, before.first + (self.cut - 1) * _DAY)

    @property
    def next(self) -> Self:
        """The one after it of the same kind; of any days, as many days after."""
        return self._around(self.last + _DAY, self.last + _DAY)

    def so_far(self, today: date) -> Self:
        """The same period, counted until today where it is not over."""
        return _counted_until(self, max(today, self.first - _DAY))

    def window(self, calendar: WorkCalendar) -> tuple[datetime, datetime]:
        """The instants ``[start, end)`` of the days that are counted, in UTC."""
        after = min(self.last, self.until) + _DAY
        return calendar.midnight(self.first), calendar.midnight(after)

    def _around(self, day: date, first: date) -> Self:
        """The period of this kind with ``day``; of any days, as many from ``first`` on."""
        if self.kind is PeriodKind.DAYS:
            return self.days(first, first + (self.last - self.first))
        return self.around(self.kind, day)


_P = TypeVar("_P", bound=ReportPeriod)


def _counted_until(period: _P, day: date) -> _P:
    return replace(period, until=day if day < period.last else _WHOLE)


def _span(period: ReportPeriod) -> timedelta:
    return period.last - period.first + _DAY
