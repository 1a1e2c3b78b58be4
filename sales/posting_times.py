"""When a saved view is posted: days of the week at an hour, and how people say it in a line.

Pure: the moment and the calendar are arguments. Knows no view and no database.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from unicodedata import normalize

from sales.calendar import WorkCalendar
from sales.patterns import lazy_pattern
from sales.playbook import WEEKDAYS
from sales.times import parse_time, time_after, time_before

_DAY = timedelta(days=1)
_FARTHEST = 400
"""Days looked ahead: a posting on working days only may fall on none for a long holiday."""
MORNING = time(9)
"""When a posting is due for which no hour was named."""
LATE_AFTER = timedelta(hours=1)
"""A list posted later than this after it was due says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingTimes:
    """``weekdays`` are keys of ``WEEKDAYS`` in order, at least one. ``at`` is local to the reader,
    or to the company in a channel. ``workdays_only``: not on days off, but on made-up ones."""

    weekdays: tuple[str, ...]
    at: time = MORNING
    workdays_only: bool = False

    def falls_on(self, day: date, calendar: WorkCalendar) -> bool:
        return WEEKDAYS[day.weekday()] in self.weekdays and (
            not self.workdays_only or calendar.is_workday(day)
        )

    def due_on(self, day: date, calendar: WorkCalendar) -> datetime:
        """The instant on a local day, in UTC.

        A local time within a daylight-saving gap is read with the offset before it, and one that
        exists twice as the first (RFC 5545).
        """
        return datetime.combine(day, self.at, calendar.timezone).astimezone(UTC)

    def after(self, moment: datetime, calendar: WorkCalendar) -> Iterator[tuple[date, datetime]]:
        """The days after a moment, each with when it is due, for as far as anybody looks ahead."""
        first = calendar.day_of(moment)
        for ahead in range(_FARTHEST):
            day = first + ahead * _DAY
            if self.falls_on(day, calendar) and (due := self.due_on(day, calendar)) > moment:
                yield day, due


EVERY_DAY: tuple[str, ...] = tuple(WEEKDAYS)
WEEK: tuple[str, ...] = tuple(WEEKDAYS[:5])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPosting:
    """A line that asks for a list again and again.

    ``rest`` are the words about the list. ``times`` None: asked for a rhythm that there is none of,
    which ``unread`` quotes. ``to_channel``: the words name the channel as the place. ``within``:
    the rhythm stands between other words, as in a sentence. ``is_word``: it is one word, as it may
    stand in a name (``Daily Foods``).
    """

    times: PostingTimes | None
    rest: str
    unread: str = ""
    to_channel: bool = False
    within: bool = False
    is_word: bool = False


_HAN_DAYS = {day: WEEKDAYS[place] for place, day in enumerate("一二三四五六日")} | {
    "天": "sun",
    "1": "mon",
    "2": "tue",
    "3": "wed",
    "4": "thu",
    "5": "fri",
    "6": "sat",
    "7": "sun",
}
_EN_DAYS = {
    name: key
    for key, names in zip(
        WEEKDAYS,
        (
            "monday monday mon",
            "tuesday tues tue",
            "wednesday weds wed",
            "thursday thurs thur thu",
            "friday fri",
            "saturday sat",
            "sunday sun",
        ),
        strict=True,
    )
    for name in names.split()
}
_DAY_EN = rf"(?:{'|'.join(sorted(_EN_DAYS, key=len, reverse=True))})s?\b"
_DAYS_EN = (
    rf"{_DAY_EN}(?:\s?(?:-|–|to|through|till)\s?{_DAY_EN}"
    rf"|(?:(?:\s?[,&+/]\s?|\s)(?:and\s)?{_DAY_EN}){{0,6}})"
)
_DAY_ZH = r"(?:[一二三四五六日天](?![点时个])|[1-7](?![\d点时个:]))"
_WEEK_ZH = r"(?:周|星期|礼拜)"
_DAYS_ZH = (
    rf"{_WEEK_ZH}{_DAY_ZH}(?:(?:到|至|-|–|~){_WEEK_ZH}?{_DAY_ZH}"
    rf"|(?:[、,和及]?{_WEEK_ZH}?{_DAY_ZH}){{0,6}})"
)
_UNSUPPORTED = (
    r"(?P<never>每(?:隔|两|二|2|三|3|半)[^\s,]{0,6}?(?:天|周|星期|月|小时)|每(?:个)?(?:月|季度|季|年|小时|半小时)"
    r"(?:\d{1,2}[号日]|[一二三四五六七八九十]{1,3}[号日]|初|底|末)?|隔天|隔周|双周"
    r"|\b(?:every|each)\s(?:other|second|third|two|three|2|3|1st|first|last)\s\w{1,12}"
    r"|\b(?:every|each)\s(?:month|quarter|year|hour)\b|\b(?:monthly|hourly|quarterly|biweekly"
    r"|fortnightly|yearly)\b)"
)
_RHYTHM = lazy_pattern(
    rf"{_UNSUPPORTED}"
    r"|(?P<work>每(?:个|一)?工作日|工作日(?=\s{0,2}[\d一二三四五六七八九十早上下晚每])"
    r"|\b(?:(?:every|each)\s(?:working\s?day|work\s?day|business\sday|week\s?day)s?"
    r"|on\s(?:working\sdays|workdays|weekdays)|weekdays|workdays)\b)"
    rf"|(?P<days>每(?:个|一)?{_DAYS_ZH}|(?<![\w]){_WEEK_ZH}{_DAY_ZH}(?:到|至|-|–|~){_WEEK_ZH}?{_DAY_ZH}"
    rf"|\b(?:(?:every|each|on)\s)(?:week\son\s)?{_DAYS_EN})"
    r"|(?P<weekend>每(?:个|一)?周末|\b(?:every|each)\sweekend\b)"
    r"|(?P<weekly>每(?:个|一)?(?:周|星期|礼拜)(?![一二三四五六日天末\d])|\b(?:every|each)\sweek\b"
    r"|\bweekly\b(?!\s(?:report|digest|plan)))"
    r"|(?P<daily>每一?[天日](?![均报])|天天"
    r"|\b(?:(?:every|each)\s(?:single\s)?day|daily)\b"
    r"|\b(?:every|each)\s(?=(?:morning|afternoon|evening|noon)\b))",
    re.IGNORECASE,
)
_EACH_PART = lazy_pattern(r"每个?(?=早|晚|清晨|上午|下午|中午)")
"""``每早8点``: a part of the day alone stands for every day."""
_RANGE = lazy_pattern(r"到|至|-|–|~|\b(?:to|through|till)\b")
_EN_DAY = lazy_pattern(_DAY_EN)
_CHANNEL = lazy_pattern(
    r"(?:发到|发给|发在|推送到|推到|贴到|到|在)?(?:本|这个|我们?的?|团队)?(?:群聊?|频道)(?:里|中|上)?"
    r"|\b(?:(?:post|send|share)?\s?(?:to|in|into)\s(?:the|this|our)\s(?:team\s)?(?:channel|group)"
    r"|here)\b",
    re.IGNORECASE,
)
_ASKING = lazy_pattern(
    r"^[\s,:;]{0,8}(?:(?:请|麻烦|帮我|给我|发给我|发我|推送给?我?|推给我|提醒我|告诉我|显示|列出|看一?下?"
    r"|发送?|的|：|:|please|send me|post me|post|show me|show|tell me|remind me of|give me|list|me"
    r"|of|with|the)"
    r"[\s,:;]{0,8}){0,4}",
    re.IGNORECASE,
)
_CLOCK = lazy_pattern(r"(?P<hour>[01]?\d|2[0-3])(?::(?P<minute>[0-5]\d))?", re.ASCII)
_CLOCK_AFTER = lazy_pattern(
    r"[\s,]{0,3}(?:at\s{1,3})?(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?![\d:])",
    re.ASCII | re.IGNORECASE,
)
_EDGE = " \t\n,，.。:：;；、"
_LONGEST = 400


def read_posting(line: str) -> ReadPosting | None:
    """Read ``每天9点 我的逾期``, ``every monday 9:00 team overdue``; None for any other line.

    The hour is directly beside the days, or else it is ``MORNING``.
    """
    text = _EACH_PART.sub("每天", normalize("NFKC", line[:_LONGEST]))
    match = _RHYTHM.search(text)
    if match is None:
        return None
    start, end, at = _with_time(text, match)
    before, after = text[:start], text[end:]
    channel = _CHANNEL.search(before) or _CHANNEL.search(after)
    parts = [part for part in (_bare(before), _bare(after)) if part]
    rest, within = " ".join(parts), len(parts) > 1
    if match["never"]:
        unread = match[0].strip()
        is_word = unread.isalpha() and unread.isascii()
        return ReadPosting(times=None, rest=rest, unread=unread, within=within, is_word=is_word)
    weekdays, only = _weekdays(match)
    times = PostingTimes(weekdays=weekdays, at=at or MORNING, workdays_only=only)
    to_channel = channel is not None
    return ReadPosting(
        times=times,
        rest=rest,
        to_channel=to_channel,
        within=within,
        is_word=at is None and match[0].isalpha() and match[0].isascii(),
    )


def parse_hour(typed: str) -> time:
    """The hour in a form: ``9``, ``6:30`` in the morning, ``18:30``, ``5pm``, ``下午5点``.

    Raises ValueError for anything else.
    """
    text = normalize("NFKC", typed[:_LONGEST]).strip()
    if clock := _CLOCK.fullmatch(text):
        return time(int(clock["hour"]), int(clock["minute"] or 0))
    return parse_time(text)


def _with_time(text: str, match: re.Match[str]) -> tuple[int, int, time | None]:
    """The span of the days with the hour beside them."""
    if found := time_after(text, match.end()):
        at, (_, end) = found
        if exact := _CLOCK_AFTER.match(text, end):
            # every morning at 8:30
            hour = int(exact["hour"]) + (12 if at.hour >= 14 and int(exact["hour"]) < 12 else 0)
            return match.start(), exact.end(), time(hour, int(exact["minute"]))
        return match.start(), end, at
    if found := time_before(text, match.start()):
        return found[1][0], match.end(), found[0]
    return match.start(), match.end(), None


def _weekdays(match: re.Match[str]) -> tuple[tuple[str, ...], bool]:
    """The days that the words name, and whether only working days are meant."""
    if match["work"]:
        return EVERY_DAY, True
    if match["days"]:
        return _named(match["days"].lower()), False
    if match["weekend"]:
        return ("sat", "sun"), False
    return (("mon",) if match["weekly"] else EVERY_DAY), False


def _named(words: str) -> tuple[str, ...]:
    ranged = _RANGE.search(words)
    if words.isascii() or _EN_DAY.search(words):
        keys = [_EN_DAYS[day if day in _EN_DAYS else day[:-1]] for day in _EN_DAY.findall(words)]
    else:
        bare = re.sub(r"每|个|周|星期|礼拜|一(?=周|星期|礼拜)", "", words)
        keys = [_HAN_DAYS[char] for char in bare if char in _HAN_DAYS]
    places = [WEEKDAYS.index(key) for key in keys]
    if ranged and len(places) >= 2:
        first, last = places[0], places[1]
        places = [place % 7 for place in range(first, last + (7 if last < first else 0) + 1)]
    return tuple(WEEKDAYS[place] for place in sorted(set(places)))


def _bare(words: str) -> str:
    """The words about the list, without what asks for it and the place it goes to."""
    words = _CHANNEL.sub(" ", words, count=1)
    return _ASKING.sub("", words, count=1).strip(_EDGE)
