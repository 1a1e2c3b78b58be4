"""A person's own working hours: parse them as people write them, and build the calendar.

``mon-thu 9:00-12:00 13:00-17:00``, ``周一至周四 9:00-12:00``, ``8:30–17:00``: days and times in any
order, without days Monday to Friday. Public holidays stay the company's.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from sales.calendar import WorkCalendar
from sales.patterns import lazy_pattern
from sales.playbook import WEEKDAYS, Block, Weekday, WorkingHours

Week = Mapping[Weekday, tuple[Block, ...]]

_TO = r"\s*(?:-|–|—|~|～|至|到|to)\s*"
_DAY = (
    r"(?:周|星期|礼拜)?[一二三四五六日天]"
    r"|mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
)
_SPAN = lazy_pattern(rf"(\d{{1,2}})[:：.](\d{{2}}){_TO}(\d{{1,2}})[:：.](\d{{2}})", re.IGNORECASE)
_DAYS = lazy_pattern(rf"({_DAY})(?:{_TO}({_DAY}))?", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,，、;；/和+]*|and", re.IGNORECASE)
_CHINESE = "一二三四五六日"
_USUAL = WEEKDAYS[:5]
_MOST = 6
"""More spans of work in one day are taken for a typing mistake."""


LONGEST = 110
"""Maximum number of characters of a person's hours; a longer text is refused before parsing."""


class NotHours(ValueError):
    """The text names no working hours."""


def parse_hours(text: str) -> Week:
    """Parse hours: the same blocks on each of the named days; raises NotHours."""
    if len(text) > LONGEST:
        raise NotHours(text)
    spans = [_block(match) for match in _SPAN.finditer(text)]
    rest = _SPAN.sub(" ", text)
    days = [day for match in _DAYS.finditer(rest) for day in _days(match)]
    left = _DAYS.sub(" ", rest)
    if not 0 < len(spans) <= _MOST or not all(map(_BETWEEN.fullmatch, left.split())):
        raise NotHours(text)
    chosen = days or list(_USUAL)
    blocks = tuple(sorted(spans, key=lambda block: block.start))
    return {day: blocks for day in WEEKDAYS if day in chosen}


def write_hours(week: Week) -> str:
    """Format hours as ``mon,tue 09:00-12:00 13:00-17:00``, which ``parse_hours`` reads."""
    blocks = next(iter(week.values()))
    spans = " ".join(f"{block.start:%H:%M}-{block.end:%H:%M}" for block in blocks)
    return f"{','.join(week)} {spans}"


def personal_calendar(
    company: WorkingHours, timezone: tzinfo, hours: str, zone: str
) -> WorkCalendar:
    """When a person works; empty ``hours`` or ``zone`` are the company's."""
    rules = company.model_copy(update={"blocks": parse_hours(hours)}) if hours else company
    return WorkCalendar(rules, ZoneInfo(zone) if zone else timezone)


@dataclass(frozen=True, slots=True)
class WorkSpan:
    """Working time as people say it: 4 days and 3 hours, of days as long as the calendar's."""

    days: int = 0
    hours: int = 0
    minutes: int = 0


def spoken_span(worked: timedelta, calendar: WorkCalendar) -> WorkSpan:
    """Working time in days of the calendar and in hours, or in hours and minutes below a day.

    What is smaller is left out. A day of work is not 24 hours: 160 hours are four weeks.
    """
    minutes = abs(worked) // timedelta(minutes=1)
    days, rest = divmod(minutes, calendar.day_minutes)
    hours, left = divmod(rest, 60)
    return WorkSpan(days, hours) if days else WorkSpan(0, hours, left)


def _block(match: re.Match[str]) -> Block:
    first, first_minute, last, last_minute = map(int, match.groups())
    try:
        return Block(start=time(first, first_minute), end=time(last, last_minute))
    except ValueError as error:
        raise NotHours(match[0]) from error


def _days(match: re.Match[str]) -> tuple[Weekday, ...]:
    first = _weekday(match[1])
    last = _weekday(match[2]) if match[2] else first
    if last < first:
        raise NotHours(match[0])
    return WEEKDAYS[first : last + 1]


def _weekday(word: str) -> int:
    if word[-1] in "一二三四五六日天":
        return _CHINESE.index(word[-1].replace("天", "日"))
    return WEEKDAYS.index(next(day for day in WEEKDAYS if word.lower().startswith(day)))
