"""Days as people say them: ``2026-11-27``, ``11月27日``, ``下周五``, ``next friday``."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6} | {
    day: index
    for index, names in enumerate(
        (
            "monday mon",
            "tuesday tue",
            "wednesday wed",
            "thursday thu",
            "friday fri",
            "saturday sat",
            "sunday sun",
        )
    )
    for day in names.split()
}
_NEAR = {
    "今天": 0, "今日": 0, "明天": 1, "明日": 1, "后天": 2, "大后天": 3,
    "昨天": -1, "昨日": -1, "前天": -2, "大前天": -3, "yesterday": -1,
    "today": 0, "tomorrow": 1, "day after tomorrow": 2,
}  # fmt: skip
_NUMERALS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "十": 10}
_WEEKDAY = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun"

# Blanks are bounded: inside a long run of them an unbounded match would take quadratic time.
_GAP = r"\s{0,4}"
_FULL = (
    rf"(?P<year>\d{{4}}){_GAP}[-/.年]{_GAP}(?P<month>\d{{1,2}}){_GAP}[-/.月]{_GAP}"
    rf"(?P<day>\d{{1,2}})(?:{_GAP}[日号])?"
)
_SHORT = rf"(?P<month2>\d{{1,2}}){_GAP}(?:月|[-/]){_GAP}(?P<day2>\d{{1,2}})(?!\d)(?:{_GAP}[日号])?"
_AMOUNT = rf"{_GAP}(?:[万千元%人套个台]|[wk](?![a-z]))"
"""What follows a range of numbers that is no date: 8-10万."""
_CHINESE_WEEK = (
    r"(?P<which>下下|下|这|本|上上|上)?(?:个)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])"
)
_ENGLISH_WEEK = rf"(?:(?P<which_en>next|last|this|on){_GAP})?\b(?P<weekday_en>{_WEEKDAY})\b"
_AHEAD = (
    rf"(?P<count>\d{{1,3}}|[一两二三四五六七十]){_GAP}(?P<unit>天|周|个?星期|个?月)(?:之?后|以后)"
)
_AHEAD_EN = r"in\s{1,4}(?P<count_en>\d{1,3}|an?)\s{1,4}(?P<unit_en>day|week|month)s?"
_WORD = "|".join(sorted(_NEAR, key=len, reverse=True))
_DAY = re.compile(
    rf"(?<!\d)(?:{_FULL}|{_SHORT})(?!\d|{_AMOUNT})|{_CHINESE_WEEK}|{_AHEAD}|{_AHEAD_EN}"
    rf"|{_ENGLISH_WEEK}|(?P<near>{_WORD})",
    re.IGNORECASE,
)


_LONGEST = 60
"""Maximum number of characters of a day; a longer text is none."""
FARTHEST = timedelta(days=3653)
"""A next step further ahead than this is taken for a typing mistake."""


_ROLLED = timedelta(days=92)


class NotADay(ValueError):
    """The text names no day of the calendar."""


def parse_day(text: str, today: date) -> date:
    """Parse the day that a whole text names, as seen from ``today``; raises NotADay.

    ``周五`` is the coming Friday (today counts), ``下周五`` the Friday of next week, as in
    ``next friday``; a date without a year is the next such date.
    """
    match = _DAY.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if not match:
        raise NotADay(text)
    return _day_of(match, today)


def find_day(text: str, today: date) -> tuple[date, tuple[int, int]] | None:
    """Find the first day named inside a text, with its span; None without one."""
    for match in _DAY.finditer(text):
        try:
            return _day_of(match, today), match.span()
        except NotADay:
            continue
    return None


def coming_days(text: str, today: date) -> Iterator[tuple[date, tuple[int, int]]]:
    """Find the future days named inside a text, with their spans.

    A date without a year that has passed this year is in the past, except around New Year: in
    December, a day of January is ahead.
    """
    for match in _DAY.finditer(text):
        try:
            day = _day_of(match, today)
        except NotADay:
            continue
        rolled = bool(match["month2"]) and day.year > today.year and not match["year"]
        farthest = _ROLLED if rolled else FARTHEST
        if today <= day <= today + farthest:
            yield day, match.span()


def _day_of(match: re.Match[str], today: date) -> date:
    part = match.groupdict()
    if part["year"]:
        return _calendar_day(int(part["year"]), int(part["month"]), int(part["day"]))
    if part["month2"]:
        return _next_date(int(part["month2"]), int(part["day2"]), today)
    if part["near"]:
        return today + timedelta(days=_NEAR[part["near"].lower()])
    if part["weekday"]:
        weeks = {"下": 1, "下下": 2, "上": -1, "上上": -2}.get(part["which"] or "", 0)
        return _weekday(_WEEKDAYS[part["weekday"]], weeks, today)
    if part["weekday_en"]:
        weeks = {"next": 1, "last": -1}.get((part["which_en"] or "").lower(), 0)
        return _weekday(_WEEKDAYS[part["weekday_en"].lower()], weeks, today)
    count, unit = part["count"] or part["count_en"], part["unit"] or part["unit_en"]
    return _ahead(_count(count), unit.lower(), today)


def _calendar_day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NotADay(f"{year}-{month}-{day}") from error


def _next_date(month: int, day: int, today: date) -> date:
    # Eight years always include a 29 February.
    for year in range(today.year, today.year + 9):
        try:
            candidate = date(year, month, day)
        except ValueError:
            continue
        if candidate >= today:
            return candidate
    raise NotADay(f"{month}-{day}")


def _weekday(weekday: int, weeks: int, today: date) -> date:
    monday = today - timedelta(days=today.weekday())
    if weeks:
        return monday + timedelta(weeks=weeks, days=weekday)
    return today + timedelta(days=(weekday - today.weekday()) % 7)


def _count(text: str) -> int:
    if text.isdigit():
        return int(text)
    return _NUMERALS.get(text, 1)


def _ahead(count: int, unit: str, today: date) -> date:
    if unit in ("天", "day"):
        return today + timedelta(days=count)
    if "月" in unit or unit == "month":
        months = today.month - 1 + count
        year, month = today.year + months // 12, months % 12 + 1
        last = 31 if month == 12 else (date(year, month + 1, 1) - timedelta(days=1)).day
        return date(year, month, min(today.day, last))
    return today + timedelta(weeks=count)
