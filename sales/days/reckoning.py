"""The arithmetic behind named days: weeks, months, spans and the nearest dates. Knows no words.

What is named without saying whether it is past or to come (``周五``, ``Dec 5``) has two readings:
the next such day from today on, and the last such day up to today.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
Order = Literal["mdy", "dmy"]
Part = Literal["", "start", "early", "mid", "late", "end"]
"""A part of a span: its first days, its first third, its middle, its last third, its last day."""


class NotADay(ValueError):
    """The text names no day of the calendar."""


@dataclass(frozen=True, slots=True)
class Base:
    """What days are reckoned from. ``order`` decides ``5/12``; ``clock`` is the time of day, from
    which hours are counted. None: it is not known."""

    today: date
    is_workday: Callable[[date], bool]
    order: Order = "mdy"
    closes: Callable[[date], time] = lambda _day: time(18)
    clock: time | None = None

    def workday(self, day: date, step: timedelta) -> date:
        """The next working day from ``day`` on, in the direction of ``step``.

        Some company that never works would search for ever: the search ends after some weeks.
        """
        for ahead in range(60):
            if self.is_workday(day + ahead * step):
                return day + ahead * step
        return day

    def workdays(self, count: int) -> date:
        """The day that is ``count`` working days from today; negative counts go back."""
        step, day = (DAY if count > 0 else -DAY), self.today
        for _ in range(abs(count)):
            day = self.workday(day + step, step)
        return day


@dataclass(frozen=True, slots=True)
class DayReading:
    """The day that words stand for.

    ``past`` is the other reading of words that may mean a past day, None if they cannot.
    ``vague`` when a span or an approximate day was named. ``at`` is a time that the words imply.
    ``weekday`` and ``dated`` say what the day was named by, so that ``周五（12月4日）`` is one day.
    ``swapped``: the day of figures in the other order, which the weekday beside them may demand.
    ``closing``: the end of a day's work was named, of today when no other day stands beside it.
    ``counted``: ``at`` was counted from the present minute.
    """

    day: date
    past: date | None = None
    vague: bool = False
    at: time | None = None
    weekday: bool = False
    dated: bool = False
    closing: bool = False
    swapped: date | None = None
    counted: bool = False


def calendar_day(year: int, month: int, day: int) -> date:
    """The day; ``26`` is 2026. Raises NotADay for one that no calendar has."""
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError as error:
        raise NotADay(f"{year}-{month}-{day}") from error


def yearless(month: int, day: int, today: date) -> DayReading:
    """The next and the last such date. Raises NotADay for one that no year has."""
    # Eight years always include a 29 February.
    years = range(today.year - 8, today.year + 9)
    found = [date(year, month, day) for year in years if _exists(year, month, day)]
    coming = next((one for one in found if one >= today), None)
    last = next((one for one in reversed(found) if one <= today), None)
    if coming is None:
        raise NotADay(f"{month}-{day}")
    return DayReading(coming, None if last == coming else last, dated=True)


def _exists(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def monthless(day: int, today: date) -> DayReading:
    """The next and the last ``5th``; in a month too short for it there is none."""
    if not 1 <= day <= 31:
        raise NotADay(f"day {day}")
    months = [add_months(today.replace(day=1), count) for count in range(-2, 3)]
    found = [one.replace(day=day) for one in months if _exists(one.year, one.month, day)]
    coming = next(one for one in found if one >= today)
    last = next(one for one in reversed(found) if one <= today)
    return DayReading(coming, None if last == coming else last, dated=True)


def add_months(day: date, count: int) -> date:
    """The same day ``count`` months later, or that month's last one."""
    months = day.month - 1 + count
    year, month = day.year + months // 12, months % 12 + 1
    if not 1 <= year <= 9999:
        raise NotADay(f"{count} months from {day}")
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def add_days(day: date, count: int) -> date:
    try:
        return day + timedelta(days=count)
    except OverflowError as error:
        raise NotADay(f"{count} days from {day}") from error


def in_minutes(count: int, base: Base, *, vague: bool = False) -> DayReading:
    """The minute that is ``count`` minutes from now, negative ones before; without a clock only
    its day is known."""
    if base.clock is None:
        days = int(count / 1440)
        return DayReading(add_days(base.today, days), vague=vague or not days)
    now = datetime.combine(base.today, base.clock.replace(second=0, microsecond=0))
    try:
        at = now + timedelta(minutes=count)
    except OverflowError as error:
        raise NotADay(f"{count} minutes from {now}") from error
    return DayReading(at.date(), vague=vague, at=at.time(), counted=True)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def quarter_start(day: date) -> date:
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def of_week(weekday: int, weeks: int, base: Base) -> date:
    """The weekday (0 is Monday) of the week that is ``weeks`` after this one."""
    return add_days(monday(base.today), 7 * weeks + weekday)


def bare_weekday(weekday: int, base: Base) -> DayReading:
    """``周五``: the coming one, today counting, or the last one."""
    today = base.today
    coming = add_days(today, (weekday - today.weekday()) % 7)
    last = add_days(today, -((today.weekday() - weekday) % 7))
    return DayReading(coming, None if last == coming else last, weekday=True)


def nth_weekday(day: date, weekday: int, nth: int) -> date:
    """The nth such weekday from ``day`` on; -1 is the last one up to it."""
    if nth < 0:
        return day - (day.weekday() - weekday) % 7 * DAY
    return day + ((weekday - day.weekday()) % 7 + 7 * (nth - 1)) * DAY


def nth_workday(day: date, nth: int, base: Base) -> date:
    """The nth working day from ``day`` on; -1 is the last one up to it."""
    found = base.workday(day, DAY if nth > 0 else -DAY)
    for _ in range(nth - 1):
        found = base.workday(found + DAY, DAY)
    return found


def nth_week(start: date, nth: int, base: Base) -> DayReading:
    """The nth week of a month that starts on ``start``; -1 is its last days. As in ISO 8601, a
    week belongs to the month of its Thursday."""
    last = month_end(start)
    friday = last if nth < 0 else min(nth_weekday(start, 3, nth) + DAY, last)
    return DayReading(base.workday(friday, -DAY), vague=True)


def span(first: date, last: date, base: Base) -> DayReading:
    """A span stands for the day by which what is planned in it is due: its last working day.

    Of a span that has begun, today is the earliest day left, and the last possible reading as
    a past one.
    """
    begun = first <= base.today <= last
    floor = base.today if begun else first
    day = last
    while day > floor and not base.is_workday(day):
        day -= DAY
    if not base.is_workday(day):
        day = last
    past = base.today if begun and first < base.today and day != base.today else None
    return DayReading(day, past, vague=True)


def week(weeks: int, part: Part, base: Base) -> DayReading:
    """A week, or Monday and Tuesday of it, its middle, its last two days, or its Friday."""
    start = add_days(monday(base.today), 7 * weeks)
    if part == "end":
        return DayReading(base.workday(start + 4 * DAY, -DAY), vague=True)
    begin, end = {"": (0, 6), "start": (0, 1), "early": (0, 1), "mid": (2, 2), "late": (3, 4)}[part]
    return span(start + begin * DAY, start + end * DAY, base)


def weekend(weeks: int, base: Base) -> DayReading:
    start = monday(base.today) + (7 * weeks + 5) * DAY
    return span(start, start + DAY, base)


def month(first: date, part: Part, base: Base) -> DayReading:
    """A month, its first five or ten days, its 15th, its last ten days, or its last day."""
    last = month_end(first)
    if part == "end":
        return DayReading(last, vague=True)
    if part == "mid":
        return DayReading(first.replace(day=15), vague=True)
    begin, end = {"": (first, last), "start": (first, first.replace(day=5)),
                  "early": (first, first.replace(day=10)),
                  "late": (first.replace(day=21), last)}[part]  # fmt: skip
    return span(begin, end, base)


def months(first: date, count: int, part: Part, base: Base) -> DayReading:
    """A span of whole months, such as a quarter, or its first, middle or last part."""
    last = month_end(add_months(first, count - 1))
    if part == "end":
        return DayReading(last, vague=True)
    if part in ("start", "early"):
        return span(first, month_end(first), base)
    if part == "mid":
        middle = add_months(first, (count - 1) // 2)
        return DayReading(
            month_end(middle) if count % 2 == 0 else middle.replace(day=15), vague=True
        )
    begin = add_months(first, count - 1) if part == "late" else first
    return span(begin, last, base)


def either(at: Callable[[int], DayReading], today: date) -> DayReading:
    """The first of a yearly or monthly thing that is not over, with the one before it as its
    past reading; ``at`` gives the thing of this year or month (0), the last (-1), the next (1)."""
    around = [at(count) for count in range(-2, 4)]
    place = next(index for index, one in enumerate(around) if one.day >= today)
    coming = around[place]
    past = coming.past or (around[place - 1].day if place else None)
    return DayReading(coming.day, past, vague=coming.vague, dated=coming.dated)
