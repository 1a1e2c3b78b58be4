"""Holidays that people plan around: ``春节后``, ``国庆前``, ``after Thanksgiving``.

The dates come from the ``holidays`` library, like those of the working calendar.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from holidays import country_holidays

from sales.days.reckoning import DAY, WEEK, Base, DayReading, NotADay

_Dates = Callable[[int], tuple[date, date]]
"""The first and last day of a holiday in a year."""


@lru_cache(maxsize=32)
def _chinese(year: int) -> dict[date, str]:
    days_off = country_holidays("CN", years=year, expand=False, language="en_US")
    return {day: str(name) for day, name in days_off.items()}


def _is_off(day: date) -> bool:
    return day in _chinese(day.year)


def _official(name: str) -> _Dates:
    """A Chinese holiday with the days off, and weekends, that follow it."""

    def dates(year: int) -> tuple[date, date]:
        first = min((day for day, known in _chinese(year).items() if name in known), default=None)
        if first is None:
            raise NotADay(f"{name} {year}")
        last = first
        while _is_off(last + DAY) or ((last + DAY).weekday() > 4 and _is_off(last + 2 * DAY)):
            last += DAY
        return first, last

    return dates


def _fixed(month: int, day: int, length: int = 1) -> _Dates:
    def dates(year: int) -> tuple[date, date]:
        first = date(year, month, day)
        return first, first + (length - 1) * DAY

    return dates


def _nth(month: int, weekday: int, nth: int) -> _Dates:
    """The nth weekday of a month; the last one for -1."""

    def dates(year: int) -> tuple[date, date]:
        if nth < 0:
            end = date(year, month + 1, 1) - DAY
            day = end - timedelta(days=(end.weekday() - weekday) % 7)
        else:
            first = date(year, month, 1)
            day = first + timedelta(days=(weekday - first.weekday()) % 7) + (nth - 1) * WEEK
        return day, day

    return dates


def _easter(year: int) -> tuple[date, date]:
    """Good Friday to Easter Monday, by the anonymous Gregorian computus (Meeus, 1991)."""
    century, place = divmod(year, 100)
    shift = (19 * (year % 19) + century - century // 4 - ((century - (century + 8) // 25 + 1) // 3)
             + 15) % 30  # fmt: skip
    back = (32 + 2 * (century % 4) + 2 * (place // 4) - shift - place % 4) % 7
    late = (year % 19 + 11 * shift + 22 * back) // 451
    month, day = divmod(shift + back - 7 * late + 114, 31)
    sunday = date(year, month, day + 1)
    return sunday - 2 * DAY, sunday + DAY


def new_year(year: int) -> date:
    """The first day of the Chinese year."""
    return min(day for day, name in _chinese(year).items() if "(Spring Festival)" in name)


def _spring(year: int) -> tuple[date, date]:
    """The Spring Festival with its eve, which is a day off only in some years."""
    return new_year(year) - DAY, _official("(Spring Festival)")(year)[1]


_NATIONAL = _fixed(10, 1, 7)
HOLIDAYS: Final[dict[str, _Dates]] = {
    "元旦": _official("New Year's Day"), "春节": _spring, "过年": _spring, "新年": _spring,
    "清明": _official("Tomb-Sweeping"), "五一": _official("Labor Day"),
    "劳动": _official("Labor Day"), "端午": _official("Dragon Boat"),
    "中秋": _official("Mid-Autumn"), "国庆": _NATIONAL, "十一": _NATIONAL,
    "圣诞": _fixed(12, 25), "感恩": _nth(11, 3, 4), "双十一": _fixed(11, 11),
    "双11": _fixed(11, 11), "双十二": _fixed(12, 12), "双12": _fixed(12, 12),
    "618": _fixed(6, 18),
    "christmas eve": _fixed(12, 24), "xmas eve": _fixed(12, 24),
    "christmas": _fixed(12, 25), "xmas": _fixed(12, 25),
    "boxing day": _fixed(12, 26), "new year's eve": _fixed(12, 31),
    "new year": _fixed(1, 1), "new year's": _fixed(1, 1), "new year's day": _fixed(1, 1),
    "new years": _fixed(1, 1), "thanksgiving": _nth(11, 3, 4), "easter": _easter,
    "labor day": _nth(9, 0, 1), "labour day": _fixed(5, 1), "may day": _fixed(5, 1),
    "memorial day": _nth(5, 0, -1), "independence day": _fixed(7, 4),
    "the 4th of july": _fixed(7, 4), "halloween": _fixed(10, 31),
    "valentine's day": _fixed(2, 14), "chinese new year": _spring, "cny": _spring,
    "lunar new year": _spring, "spring festival": _spring, "golden week": _NATIONAL,
    "national day": _NATIONAL, "national holiday": _NATIONAL,
    "the holidays": lambda year: (date(year, 12, 25), date(year + 1, 1, 1)),
    "the holiday season": lambda year: (date(year, 12, 25), date(year + 1, 1, 1)),
}  # fmt: skip


def before(name: str, base: Base, year: int = 0) -> DayReading:
    """The last working day before the next such holiday, or that of a year."""
    return _next(HOLIDAYS[name], lambda days: _worked(days[0] - DAY, -DAY, base), base, year)


def after(name: str, base: Base, year: int = 0) -> DayReading:
    """The first working day after the next such holiday, or that of a year."""
    return _next(HOLIDAYS[name], lambda days: _worked(days[1] + DAY, DAY, base), base, year)


def during(name: str, base: Base, year: int = 0) -> DayReading:
    """The first day of the next such holiday, or that of a year."""
    reading = _next(HOLIDAYS[name], lambda days: days[0], base, year)
    first, last = HOLIDAYS[name](reading.day.year)
    return replace(reading, vague=first != last)


def around_next_break(base: Base, *, later: bool) -> DayReading:
    """``节后`` and ``节前``: around the next Chinese public holiday."""
    names = ("元旦", "春节", "清明", "五一", "端午", "中秋", "国庆")
    read = after if later else before
    nearest = min((read(name, base) for name in names), key=lambda one: one.day)
    return DayReading(nearest.day, vague=True)


def lunar(days_after_new_year: int, base: Base) -> DayReading:
    """``初八`` is seven days after the first of the Chinese year."""
    return _next(
        lambda year: (day := new_year(year) + timedelta(days=days_after_new_year), day),
        lambda days: days[0],
        base,
    )


def _worked(day: date, step: timedelta, base: Base) -> date:
    """The nearest working day that is no Chinese day off either."""
    for ahead in range(60):
        if base.is_workday(day + ahead * step) and not _is_off(day + ahead * step):
            return day + ahead * step
    return day


def _next(
    dates: _Dates, choose: Callable[[tuple[date, date]], date], base: Base, year: int = 0
) -> DayReading:
    if year:
        return DayReading(choose(dates(year)), vague=True)
    year = base.today.year
    found = []
    for near in range(year - 1, year + 3):
        try:
            found.append(choose(dates(near)))
        except (NotADay, ValueError, OverflowError):
            # The library knows Chinese holidays of some years only.
            continue
    coming = next((day for day in found if day >= base.today), None)
    if coming is None:
        raise NotADay("a holiday of a year unknown")
    last = max((day for day in found if day < base.today), default=None)
    return DayReading(coming, last, vague=True)
