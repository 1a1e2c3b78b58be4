"""Finding the days that a text names: the grammar of both languages applied to it.

Every rule is tried everywhere, and of matches that overlap the first and longest one counts. What
stands beside a day and belongs to it (its weekday, its time, the other end of a range) is joined to
it. Work grows linearly with the length of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final, Protocol

from sales import times
from sales.days import chinese, chinese_spans, english, english_spans, hours, numeric
from sales.days.reckoning import (
    DAY,
    Base,
    DayReading,
    NotADay,
    Order,
    add_days,
    monday,
    nth_workday,
    span,
)
from sales.days.rules import Rule, Skip
from sales.days.words import NUMBER_ZH, fold, number_zh
from sales.patterns import lazy_pattern

FARTHEST: Final = timedelta(days=3653)
"""A next step further ahead than this is taken for a typing mistake."""
_RULES = (
    (re.compile(r"[\u4e00-\u9fff]"), (*chinese.RULES, *chinese_spans.RULES, *hours.CHINESE)),
    (re.compile(r"[A-Za-z]"), (*english.RULES, *english_spans.RULES, *hours.ENGLISH)),
    (re.compile(r"[0-9]"), numeric.RULES),
)
"""The rules, each behind a character without which none of them matches."""
_SEARCHED = 3000
"""Number of characters that are searched: no field of a follow-up holds more."""
_LONGEST = 60
"""Maximum number of characters of a day typed alone; a longer text is none."""
_PASSED = timedelta(days=92)
"""A date without a year that passed at most so long ago is rather that one than next year's."""
_JOINT = re.compile(r"[\s,，(（的]{0,3}")
_CLOSE = re.compile(r"\s?[)）]")
_TO = lazy_pattern(
    r"\s{0,2}(?:-|~|到|至|或者?|、|/|to\b|or\b|through\b|till\b|until\b)\s{0,2}", re.IGNORECASE
)
_AND = re.compile(r"\s{1,4}and\s{1,4}", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s{1,4}$", re.IGNORECASE)
_MOVED = lazy_pattern(
    r"(?:\b(?:mov|postpon|reschedul|push|shift|chang)[a-z]{0,8}\b.{0,30}\bfrom\s{1,2}|(?:原定|从|由))$",
    re.IGNORECASE,
)
_COUNTED_FROM = lazy_pattern(
    rf"(?:(?P<way>[之以]?[前后])|(?<=[前后]))的?(?P<nth>第)?(?P<count>{NUMBER_ZH})个?(?P<unit>工作日|天|周|星期)"
)
_ABOUT = re.compile(r"\s?(?:前后|左右|上下)")
_AROUND = lazy_pattern(
    r"(?:\b(?:around|about|circa|approximately|roughly)\s{1,4}|大概|大约|约莫)$", re.IGNORECASE
)
_LATER_THAN = re.compile(r"\s{0,2}(?:之后|以后|后(?![天台端勤续面来悔期半者]))")
_AFTER = re.compile(r"\bafter\s{1,4}$", re.IGNORECASE)
_WEEK_OF = lazy_pattern(
    r"\b(?:week\s(?:of|commencing|beginning|starting)|w/c)\s{1,4}(?:on\s|the\s)?$", re.IGNORECASE
)
_THAT_WEEK = re.compile(r"\s?(?:那|当|所在)(?:一)?(?:周|星期)")
_OF_DAY = re.compile(r"(?:\s(?:on|of|this))?,?\s{0,3}(?:by\s)?", re.IGNORECASE)
_NEAR = 60
"""Characters before a day that are looked at."""
_CLOSING = time(18)
_LEFT_OVER = lazy_pattern(
    rf"[下上]{{1,9}}个?{chinese.WEEK_ZH}|{chinese.WEEK_ZH}(?:{chinese.WEEKDAY_ZH}|末)|[大昨今明后前]{{2,6}}天|[今明]天|[下上]{{1,9}}个?月"
    r"|[月年季]底|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:tomorrow|yesterday|tonight)\b"
    r"|\b(?:next|last)\s(?:week|month|quarter)\b",
    re.IGNORECASE,
)
"""Words that are about time wherever they stand."""


class Workdays(Protocol):
    """The part of a working calendar that days need; ``WorkCalendar`` is one."""

    timezone: tzinfo

    def is_workday(self, day: date) -> bool: ...

    def closing(self, day: date) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day that a text names: ``text[start:end]`` names it, with its time ``at`` if there is one.

    Words that leave open whether they mean the past or what is to come (``周五``, ``3月15日``) have
    two readings: ``day`` is the next such day from today on, and ``past_reading`` the last one
    before; None where the words leave nothing open. ``day`` is before today where the words say so
    (``昨天``, ``last Friday``).

    ``vague``: a span or an approximate day was named (``下周``, ``月底``, ``春节后``). ``day`` is
    then the day by which what is planned would be due: the last working day of a span, the 15th
    for the middle of a month, the last day for its end, the first working day after a holiday.
    """

    day: date
    at: time | None
    start: int
    end: int
    vague: bool = False
    past_reading: date | None = None
    dated: bool = False
    """A day of the month was named: its other reading is a year or a month away."""

    def likely(self, today: date) -> date:
        """The more probable reading where nothing else decides: a date that passed lately is that
        one rather than the next, many months ahead; a weekday is the coming one."""
        past = self.past_reading
        far = self.day > today + 2 * _PASSED
        return past if past and far and past >= today - _PASSED else self.day


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    what: DayReading | Skip


@dataclass(frozen=True, slots=True)
class _Day:
    reading: DayReading
    start: int
    end: int


def named_days(
    text: str,
    today: date,
    calendar: Workdays | None = None,
    *,
    order: Order = "mdy",
    clock: time | None = None,
) -> tuple[NamedDay, ...]:
    """The days that a text names, past and to come, in the order in which they stand.

    ``calendar`` says which days are worked, by default Monday to Friday; ``order`` which of the two
    numbers of ``5/12`` is the month. From ``clock``, the present time of day, hours are counted;
    without it ``in 2 hours`` names only a day. Never fails.
    """
    plain = fold(text[:_SEARCHED])
    base = _base(today, calendar, order, clock)
    return tuple(_named(plain, _found(plain, base), base))


def unread_times(
    text: str, today: date, calendar: Workdays | None = None, *, order: Order = "mdy"
) -> tuple[str, ...]:
    """The words that speak of time, but of which no day could be read, as they were typed."""
    plain, base = fold(text[:_SEARCHED]), _base(today, calendar, order)
    found = _found(plain, base)
    taken = bytearray(len(plain))
    for named in _named(plain, found, base):
        taken[named.start : named.end] = b"\1" * (named.end - named.start)
    spans = [
        (one.start, one.end)
        for one in found
        if one.what is Skip.UNREAD and not any(taken[one.start : one.end])
    ]
    for one in found:
        taken[one.start : one.end] = b"\1" * (one.end - one.start)
    spans += [
        match.span()
        for match in _LEFT_OVER.finditer(plain)
        if not any(taken[match.start() : match.end()])
    ]
    return tuple(dict.fromkeys(text[start:end].strip() for start, end in sorted(spans)))


def parse_day(
    text: str,
    today: date,
    calendar: Workdays | None = None,
    *,
    order: Order = "mdy",
    past: bool = False,
) -> date:
    """The day that a whole text names, as seen from ``today``; raises NotADay.

    Where the words leave it open, the next such day, or with ``past`` the last one.
    """
    named = parse_moment(text, today, calendar, order=order)
    return (named.past_reading if past else None) or named.day


def parse_moment(
    text: str,
    today: date,
    calendar: Workdays | None = None,
    *,
    order: Order = "mdy",
    clock: time | None = None,
) -> NamedDay:
    """The day, with its time, that a whole text names; raises NotADay."""
    whole = text.strip()
    if len(whole) > _LONGEST:
        raise NotADay(text)
    days = named_days(whole, today, calendar, order=order, clock=clock)
    if len(days) != 1 or _without_words_of_place(whole, days[0]):
        raise NotADay(text)
    return days[0]


def _without_words_of_place(whole: str, named: NamedDay) -> str:
    """What is left of a text beside its day; ``by`` and ``前`` belong to it."""
    before, after = whole[: named.start].strip(), whole[named.end :].strip(" .。,，")
    before = (
        "" if before.lower() in ("by", "on", "until", "before", "at", "due", "在", "于") else before
    )
    return before + ("" if after in ("前", "之前", "以前", "左右") else after)


def _weekdays(day: date) -> bool:
    return day.weekday() < 5


def _base(today: date, calendar: Workdays | None, order: Order, clock: time | None = None) -> Base:
    if calendar is None:
        return Base(today, _weekdays, order, clock=clock)

    def closes(day: date) -> time:
        closing = calendar.closing(day)
        return closing.astimezone(calendar.timezone).time() if closing else _CLOSING

    return Base(today, calendar.is_workday, order, closes, clock)


def _found(plain: str, base: Base) -> list[_Found]:
    """What the rules match, in order and without overlaps: the longest match has precedence."""
    rules = [rule for needed, some in _RULES if needed.search(plain) for rule in some]
    matches = [found for rule in rules for found in _matches(rule, plain, base)]
    # Of two readings of the same words, the one that says they are no day is there for a reason.
    matches.sort(key=lambda one: (one.start - one.end, one.start, isinstance(one.what, DayReading)))
    taken = bytearray(len(plain))
    kept = []
    for one in matches:
        if not any(taken[one.start : one.end]):
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _matches(rule: Rule, plain: str, base: Base) -> Iterator[_Found]:
    for match in rule.pattern.finditer(plain):
        if match.end() == match.start():
            continue
        try:
            what = rule.read(match, base)
        except ValueError:
            # No calendar has the day: it was named, and is not read.
            what = Skip.UNREAD
        if what is not None:
            group = "span" if "span" in match.re.groupindex else 0
            yield _Found(*match.span(group), what)


def _named(plain: str, found: list[_Found], base: Base) -> Iterator[NamedDay]:
    """The days among what was found, with what stands beside them."""
    joined = _joined(plain, [_Day(one.what, one.start, one.end) for one in found
                             if isinstance(one.what, DayReading)], base)  # fmt: skip
    end = 0
    timed = []
    for place, day in enumerate(joined):
        limit = joined[place + 1].start if place + 1 < len(joined) else len(plain)
        timed.append(_with_time(plain, day, end, limit, base))
        end = timed[-1].end
    for day in _ranges(plain, timed):
        reading = day.reading
        yield NamedDay(
            reading.day, reading.at, day.start, day.end, reading.vague, reading.past, reading.dated
        )


def _joined(plain: str, days: list[_Day], base: Base) -> list[_Day]:
    """Neighbours that name the same day become one."""
    joined: list[_Day] = []
    for day in days:
        one = _one_day(plain, joined[-1], day, base) if joined else None
        if one is None:
            joined.append(day)
        else:
            joined[-1] = one
    return joined


def _one_day(plain: str, first: _Day, second: _Day, base: Base) -> _Day | None:
    """``周五（12月4日）``, ``tomorrow, Sunday``, ``EOD Friday`` as one; None for two days."""
    between = plain[first.end : second.start]
    one, other = first.reading, second.reading
    if one.closing != other.closing and _OF_DAY.fullmatch(between):
        named = other if one.closing else one
        return _Day(replace(named, at=base.closes(named.day)), first.start, second.end)
    if not _JOINT.fullmatch(between):
        return None
    reading = _same(one, other, base.today)
    if reading is None:
        return None
    end = second.end
    if "(" in between or "（" in between:
        close = _CLOSE.match(plain, end)
        end = close.end() if close else end
    return _Day(reading, first.start, end)


def _same(one: DayReading, other: DayReading, today: date) -> DayReading | None:
    """The day that two readings share; a date beside another weekday counts, but as vague."""
    shared = [day for day in (one.day, one.past) if day and day in (other.day, other.past)]
    exact, open_one = (other, one) if one.weekday else (one, other)
    if shared:
        at = one.at or other.at
        both = one.past is not None and other.past is not None and len(shared) > 1
        past = shared[1] if both else None
        return replace(exact, day=shared[0], past=past, at=at, vague=exact.vague)
    if exact.dated and open_one.weekday:
        weekday, past = open_one.day.weekday(), exact.past
        if exact.day.weekday() == weekday:
            return exact
        if past and past.weekday() == weekday and past > today - _PASSED:
            return replace(exact, day=past, past=None)
        if exact.swapped and exact.swapped.weekday() == weekday:
            return replace(exact, day=exact.swapped, past=None)
        return replace(exact, vague=True)
    return None


def _with_time(plain: str, day: _Day, first: int, limit: int, base: Base) -> _Day:
    """The day with the time beside it, and moved on when something is to be after it."""
    before, reading = plain[max(first, day.start - _NEAR) : day.start], day.reading
    if reading.counted:
        return day
    if _AROUND.search(before):
        reading = replace(reading, vague=True)
        day = replace(day, reading=reading)
    if found := times.time_after(plain[:limit], day.end):
        at = _in_the_evening(found[0], reading.at, plain[day.end : found[1][1]])
        return _Day(replace(reading, at=at), day.start, found[1][1])
    if (found := times.time_before(plain[first:], day.start - first)) and not reading.at:
        return _Day(replace(reading, at=found[0]), first + found[1][0], day.end)
    that = _THAT_WEEK.match(plain[:limit], day.end)
    if that or _WEEK_OF.search(before):
        return _whole_week(day, that.end() if that else day.end, base)
    if about := _ABOUT.match(plain[:limit], day.end):
        return _Day(replace(reading, vague=True), day.start, about.end())
    if counted := _COUNTED_FROM.match(plain[:limit], day.end):
        return _Day(_counted(reading, counted, plain[day.end - 1], base), day.start, counted.end())
    later, after = _LATER_THAN.match(plain[:limit], day.end), _AFTER.search(before)
    if later or after:
        moved = base.workday(reading.day + DAY, DAY)
        start = day.start - len(after[0]) if after else day.start
        end = later.end() if later else day.end
        return _Day(replace(reading, day=moved, past=None, vague=True), start, end)
    return day


def _counted(reading: DayReading, match: re.Match[str], ending: str, base: Base) -> DayReading:
    """``月底前三天``, ``春节前一周``, ``国庆后第一周``: so many days from the day named."""
    back = (match["way"] or ending).endswith("前")
    count, unit = number_zh(match["count"]) or 1, match["unit"]
    if match["nth"]:
        # The first day after a holiday is the one that was read already.
        friday = monday(reading.day) + (7 * count - 3) * DAY
        day = base.workday(friday, -DAY) if unit != "天" else nth_workday(reading.day, count, base)
    elif unit == "工作日":
        day = replace(base, today=reading.day).workdays(-count if back else count)
    else:
        days = count if unit == "天" else 7 * count
        day = add_days(reading.day, -days if back else days)
    return replace(reading, day=day, past=None, vague=True)


def _whole_week(day: _Day, end: int, base: Base) -> _Day:
    """``week of Nov 30``: by the last working day of that week."""
    start = monday(day.reading.day)
    reading = replace(span(start, start + 6 * DAY, base), past=day.reading.past)
    return _Day(reading, day.start, end)


def _in_the_evening(at: time, named: time | None, words: str) -> time:
    """``tonight at 8`` is not in the morning."""
    later = (
        named and named.hour >= 14 and at.hour < 12 and "a" not in words.lower().replace("at", "")
    )
    return at.replace(hour=at.hour + 12) if later else at


def _ranges(plain: str, days: list[_Day]) -> list[_Day]:
    """``周一到周三``, ``Thursday or Friday``: due by the later day."""
    joined: list[_Day] = []
    for day in days:
        one = _range(plain, joined[-1], day) if joined else None
        if one is None:
            joined.append(day)
        else:
            joined[-1] = one
    return joined


def _range(plain: str, first: _Day, second: _Day) -> _Day | None:
    between = plain[first.end : second.start]
    before = plain[max(0, first.start - _NEAR) : first.start]
    if not _TO.fullmatch(between) and not (_AND.fullmatch(between) and _BETWEEN.search(before)):
        return None
    one, other = first.reading, second.reading
    last = other.day
    if last < one.day and other.weekday and one.weekday:
        last += 7 * DAY
    if last < one.day or _MOVED.search(before):
        return None
    past = other.past if one.past else None
    reading = replace(other, day=last, past=past, at=one.at or other.at, vague=True)
    return _Day(reading, first.start, second.end)
