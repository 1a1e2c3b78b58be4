"""Days without a year: which year the row and the column around them tell.

``3月5日`` becomes ``3月5日 (2025)`` where they do; a day that nothing tells of is left as it is.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from sales.imports.months import MONTHS, WEEKDAYS
from sales.imports.sheet import Row
from sales.imports.values import NotADate, Order, parse_date
from sales.patterns import lazy_pattern

_HANZI: Final = re.compile(r"(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]?")
_FIGURES: Final = re.compile(r"(\d{1,2}) ?([-/.]) ?(\d{1,2})\.?")
_DAY_FIRST: Final = lazy_pattern(
    rf"(?:(?:{WEEKDAYS})\.?,? )?(\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?[ -]{{0,2}}(?:(?:of|de) )?"
    r"([^\W\d_]{3,10})\.?",
    re.IGNORECASE,
)
_MONTH_FIRST: Final = lazy_pattern(
    rf"(?:(?:{WEEKDAYS})\.?,? )?([^\W\d_]{{3,10}})\.?[ -](\d{{1,2}})(?:st|nd|rd|th)?", re.IGNORECASE
)
_TOLD: Final = re.compile(r"(.{3,40}) \(((?:19|20)\d{2})\)")
_LONGEST: Final = 40
_MONTH_COMES_FIRST: Final = frozenset({"CN", "TW", "JP", "KR", "US"})
"""Countries that write a month before its day where no year is given."""


def yearless(text: str, order: Order, country: str = "") -> tuple[int, int] | None:
    """The month and the day of ``3月5日``, ``03-05``, ``5.3.``, ``5 Mar``; None for anything else.

    Figures with a dash begin with the month, as the end of ``2026-03-05``; with dots, with the day;
    with a slash as ``order`` and ``country`` write them, unless only the other one is a day.
    """
    typed = " ".join(text.split())
    if len(typed) > _LONGEST:
        return None
    if match := _HANZI.fullmatch(typed):
        return _checked(int(match[1]), int(match[2]))
    if match := _FIGURES.fullmatch(typed):
        first, second = int(match[1]), int(match[3])
        by_month = order == "mdy" or country in _MONTH_COMES_FIRST
        month_first = match[2] == "-" or (match[2] == "/" and by_month)
        pairs = [(first, second), (second, first)]
        read = [_checked(*pair) for pair in (pairs if month_first else reversed(pairs))]
        return read[0] or read[1]
    if match := _DAY_FIRST.fullmatch(typed):
        return _checked(MONTHS.get(match[2].lower(), 0), int(match[1]))
    if match := _MONTH_FIRST.fullmatch(typed):
        return _checked(MONTHS.get(match[1].lower(), 0), int(match[2]))
    return None


def told(text: str, order: Order, country: str = "") -> date | None:
    """The day of ``3月5日 (2025)``, as ``with_years`` writes it; None for anything else."""
    match = _TOLD.fullmatch(" ".join(text[: _LONGEST * 2].split()))
    found = yearless(match[1], order, country) if match else None
    return _day(int(match[2]), found) if match and found else None


def latest(month_day: tuple[int, int], today: date) -> date | None:
    """The latest such day up to today; a 29 February in the last leap year."""
    days = (_day(today.year - back, month_day) for back in range(9))
    return next((day for day in days if day and day <= today), None)


def coming(month_day: tuple[int, int], today: date) -> date | None:
    """The next such day from today on; a 29 February in the next leap year."""
    days = (_day(today.year + ahead, month_day) for ahead in range(9))
    return next((day for day in days if day and day >= today), None)


def with_years(rows: Sequence[Row], columns: Mapping[str, int], order: Order) -> tuple[Row, ...]:
    """The rows, with the year behind each day whose year the row or its column tells."""
    for field, other in (("created", "closed"), ("closed", "created")):
        if field in columns:
            place, beside = columns[field], columns.get(other)
            days = [_dated(row, place, order) for row in rows]
            if None not in days:
                continue
            sides = [None if beside is None else _dated(row, beside, order) for row in rows]
            years = _years(rows, place, days, sides, order, is_end=field == "closed")
            rows = [_noted(row, place, year) for row, year in zip(rows, years, strict=True)]
    return tuple(rows)


def _years(
    rows: Sequence[Row],
    place: int,
    days: Sequence[date | None],
    sides: Sequence[date | None],
    order: Order,
    *,
    is_end: bool,
) -> Iterable[int | None]:
    before, after = _last_known(days), _last_known(days[::-1])[::-1]
    only = {day.year for day in days if day}
    for row, day, side, *around in zip(rows, days, sides, before, after, strict=True):
        found = None if day or row.aside else yearless(_cell(row, place), order)
        year = None
        if found and side:
            year = _nearest(found, side, is_end=is_end)
        elif found:
            year = _between(found, *around) or (next(iter(only)) if len(only) == 1 else None)
        yield year


def _last_known(days: Sequence[date | None]) -> list[date | None]:
    """The last day before each place."""
    known: date | None = None
    found = []
    for day in days:
        found.append(known)
        known = day or known
    return found


def _nearest(month_day: tuple[int, int], side: date, *, is_end: bool) -> int | None:
    """The year of the first such day after the deal began, or the last before it ended."""
    years = range(side.year, side.year + 5) if is_end else range(side.year, side.year - 5, -1)
    days = filter(None, (_day(year, month_day) for year in years))
    fitting = (day.year for day in days if (day >= side if is_end else day <= side))
    return next(fitting, None)


def _between(month_day: tuple[int, int], one: date | None, other: date | None) -> int | None:
    """The only year in which the day lies between its neighbours in a sorted column."""
    if one is None or other is None:
        return None
    first, last = sorted((one, other))
    if last.year - first.year > 1:
        return None
    years = range(first.year, last.year + 1)
    days = [day for year in years if (day := _day(year, month_day)) and first <= day <= last]
    return days[0].year if len(days) == 1 else None


def _noted(row: Row, place: int, year: int | None) -> Row:
    if year is None:
        return row
    cell = f"{_cell(row, place)} ({year})"
    return replace(row, cells=(*row.cells[:place], cell, *row.cells[place + 1 :]))


def _cell(row: Row, place: int) -> str:
    return row.cells[place].strip() if place < len(row.cells) else ""


def _dated(row: Row, place: int, order: Order) -> date | None:
    try:
        return None if row.aside else parse_date(_cell(row, place), order)
    except NotADate:
        return None


def _checked(month: int, day: int) -> tuple[int, int] | None:
    return (month, day) if _day(2024, (month, day)) else None


def _day(year: int, month_day: tuple[int, int]) -> date | None:
    try:
        return date(year, *month_day)
    except ValueError:
        return None
