"""Times of day as people say them: ``10:30``, ``下午三点半``, ``3pm``. Knows no day and no zone."""

import re
from collections.abc import Mapping
from datetime import time

from sales.patterns import lazy_pattern

_MORNING = (
    "凌晨", "清晨", "清早", "大清早", "大早上", "早上", "早晨", "上午", "上晌", "一大早", "一早",
    "早(?!一点)", "晨",
)  # fmt: skip
_NOON = ("中午", "正午", "晌午", "午间")
_LATER = (
    "下午",
    "午后",
    "下晌",
    "傍晚",
    "黄昏",
    "晚上",
    "晚间",
    "夜里",
    "夜间",
    "深夜",
    "晚(?!一点)",
    "夜",
)
_PART = "|".join(sorted((*_MORNING, *_NOON, *_LATER), key=len, reverse=True))
_NO_PART = "(?<![很太最更较还再尽趁迟早昼每])"
_HAN_NUMERALS = (
    "零", *"一二三四五六七八九十", *(f"十{one}" for one in "一二三四五六七八九"), "二十",
    *(f"二十{one}" for one in "一二三四"),
)  # fmt: skip
_HAN_HOURS: Mapping[str, int] = {word: hour for hour, word in enumerate(_HAN_NUMERALS)} | {"两": 2}
_HAN_HOUR = "|".join(sorted(_HAN_HOURS, key=len, reverse=True))
_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}
_HAN_MINUTE = "[二三四五]?十[一二三四五六七八九]?|[零〇][一二三四五六七八九]"
_NO_HOURS = (
    r"(?:建议|意见|要求|想法|问题|原因|需求|好处|理由|顾虑|疑问|反馈|内容|多钟?头|[赞击评餐心])"
)
_CLOCK = (
    rf"(?:{_NO_PART}(?P<part>{_PART})\s{{0,4}})?(?<![\d.,/])(?P<hour>\d{{1,2}})[:：]"
    r"(?P<minute>[0-5]\d)(?!\d)"
)
_OTHER_HOUR = r"(?:[-~到至、]\d{1,2}|[一二三四五六七八九])?"
"""``三四点``, ``3-5点``: what is planned is due at the first of them."""
_HAN = (
    rf"(?:{_NO_PART}(?P<part_zh>{_PART})\s{{0,4}}"
    r"|(?<![早晚快慢多少好有差第宜高低大小长短远近贵\d.]))"
    rf"(?P<hour_zh>\d{{1,2}}|{_HAN_HOUR}){_OTHER_HOUR}"
    r"\s{0,4}(?:点|(?<=\d)时(?![间代段候]))(?:钟|整)?"
    rf"(?P<minute_zh>半|一刻|三刻|[0-5]?\d分?|(?:{_HAN_MINUTE})分?)?(?!\d)(?!{_NO_HOURS})"
)
_EN = (
    r"\b(?P<hour_en>\d{1,2})(?:[:.](?P<minute_en>[0-5]\d))?(?:\s?(?:-|to\b|and\b)\s?\d{1,2}(?:[:.][0-5]\d)?)?"
    r"\s{0,4}(?P<half>[ap])\.?m\b\.?"
)
_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip
_IN_WORDS = (
    rf"\b(?P<past>half|quarter)\s(?P<way>past|to)\s(?P<hour_word>{'|'.join(_WORDS)}|1[0-2]|[1-9])\b"
    r"|\b(?P<clock>1[0-2]|[1-9])\so'?clock\b"
)
_ANY = lazy_pattern(rf"{_EN}|{_CLOCK}|{_HAN}|{_IN_WORDS}", re.IGNORECASE)
_AT_HOUR = lazy_pattern(
    r"(?:at|@)\s{0,4}(?P<bare>1\d|2[0-3]|[1-9])"
    r"(?![.,:]?\d|[/%-]|\s?(?:[a-z]{1,20}s\b|%|percent|k\b))",
    re.IGNORECASE,
)
"""``Friday at 3``: a number alone is a time only directly beside a day."""
_PARTS: Mapping[str, time] = {
    "凌晨": time(5), "清晨": time(8), "早晨": time(9), "一大早": time(9), "一早": time(9),
    "上午": time(9), "早上": time(9), "中午": time(12), "正午": time(12), "下午": time(14),
    "午后": time(14), "傍晚": time(17, 30), "晚上": time(19), "晚间": time(19), "夜里": time(21),
    "夜间": time(21), "深夜": time(22), "清早": time(9), "大清早": time(9), "大早上": time(9),
    "上晌": time(9), "一上班": time(9), "晌午": time(12), "午间": time(12), "下晌": time(14),
    "黄昏": time(17, 30), "擦黑": time(17, 30),
    "first thing in the morning": time(9), "first thing": time(9), "morning": time(9),
    "noon": time(12), "midday": time(12), "lunchtime": time(12), "afternoon": time(14),
    "am": time(9), "a.m.": time(9), "pm": time(14), "p.m.": time(14),
    "evening": time(19), "night": time(19), "midnight": time(23, 59), "arvo": time(14),
    "lunch time": time(12), "over lunch": time(12), "last thing": time(17, 30),
    **dict.fromkeys(("mid-morning", "mid morning", "midmorning"), time(10)),
    **dict.fromkeys(("mid-afternoon", "mid afternoon"), time(15)),
    **dict.fromkeys(("start of business", "start of play", "start of the day"), time(9)),
}  # fmt: skip
_PART_WORDS = "|".join(map(re.escape, sorted(_PARTS, key=len, reverse=True)))
_SHORT_PARTS: Mapping[str, time] = {
    "lunch": time(12),
    "早": time(9),
    "晨": time(9),
    "晚": time(19),
    "夜": time(21),
}
_PART_ALONE = lazy_pattern(
    rf"(?:in the\s{1, 4})?(?P<alone>{_PART_WORDS}|(?<=\bat\s)lunch"
    r"|[早晚晨夜](?!一?[报餐饭会点间期些]))(?![a-z])",
    re.IGNORECASE,
)
_PART_BEFORE = lazy_pattern(
    r"(?<![\w-])(?:(?:in|on)\sthe\s|at\s(?:the\s)?)?(?P<alone>first\sthing|last\sthing|mid[-\s]?morning"
    r"|mid[-\s]afternoon|start\sof\s(?:business|play|the\sday)|morning|afternoon|arvo|evening|noon"
    r"|midday|lunch\s?time)(?:\s(?:on|of))?,?\s{1,4}$",
    re.IGNORECASE,
)
_UNTIL = lazy_pattern(
    rf"\s?(?:-|–|~|到|至|to|till|until)\s?(?:{_EN}|{_CLOCK}|{_HAN})".replace("?P<", "?P<until_"),
    re.IGNORECASE,
)
"""The end of a time: it belongs to it, but what is planned is due at its beginning."""
_BEFORE = (
    r"(?:\s|的|[,，@(（]|(?<=\d)T(?=\d)"
    r"|\b(?:at|around|about|by|before|from|between|early|late)\b|大约|大概|约){0,12}+"
)
_AFTER = r"(?:\s|[,，]|\b(?:on|of)\b|左右)*+"
_NEAR = 60
"""Characters before a day in which its time is searched: a long text may name many days."""
_LEADS = lazy_pattern(_BEFORE, re.IGNORECASE)
_TRAILS = lazy_pattern(rf"{_AFTER}$", re.IGNORECASE)
_AT_END = re.compile(r"(?:^|\s)(?:at|around|by)\s{0,4}$", re.IGNORECASE)
_SPACE = " \t,，;；。.、:：-"
Found = tuple[time, tuple[int, int]]


def time_after(text: str, start: int) -> Found | None:
    """The time directly after a position in a text, with its end there."""
    lead = _LEADS.match(text, start)
    place = lead.end() if lead else start
    if (match := _ANY.match(text, place)) and (at := _time(match)) is not None:
        until = _UNTIL.match(text, match.end())
        return at, (start, (until or match).end())
    if alone := _PART_ALONE.match(text, place):
        word = alone["alone"].lower()
        part = _PARTS.get(word) or _SHORT_PARTS[word]
        if bare := _AT_HOUR.match(text, alone.end() + len(_blank(text, alone.end()))):
            return _bare(bare, later=part.hour >= 12), (start, bare.end())
        return part, (start, alone.end())
    first = start + len(_blank(text, start))
    if bare := _AT_HOUR.match(text, first):
        return _bare(bare), (start, bare.end())
    return None


def time_before(text: str, end: int) -> Found | None:
    """The time directly before a position in a text, with where it begins."""
    first = max(0, end - _NEAR)
    near = text[first:end]
    trail = _TRAILS.search(near)
    place = trail.start() if trail else len(near)
    for match in _ANY.finditer(near[:place]):
        if match.end() == place and (at := _time(match)) is not None:
            return at, (first + match.start(), end)
    if part := _PART_BEFORE.search(near):
        return _PARTS[" ".join(part["alone"].lower().split())], (first + part.start(), end)
    for match in _AT_HOUR.finditer(near[:place]):
        if match.end() == place:
            return _bare(match), (first + match.start(), end)
    return None


def _blank(text: str, start: int) -> str:
    """The few blanks and commas from a position on."""
    near = text[start : start + 4]
    return near[: len(near) - len(near.lstrip(" ,"))]


def _bare(match: re.Match[str], *, later: bool | None = None) -> time:
    hour = int(match["bare"])
    if later is None:
        return time(_of_day(hour, "", guess=True))
    return time(hour + 12 if later and hour < 12 else hour)


class NotATime(ValueError):
    """The text names no time of day."""


def parse_time(text: str) -> time:
    """The time of day that a whole text names; raises NotATime."""
    whole = text.strip()
    found = time_after(f"{whole} ", 0) if len(whole) <= _NEAR else None
    if found and found[1][1] >= len(whole):
        return found[0]
    raise NotATime(text)


def times_in(text: str) -> tuple[tuple[int, int], ...]:
    """Where exact times of day stand in a text."""
    return tuple(match.span() for match in _ANY.finditer(text) if _time(match) is not None)


def split_time(text: str) -> tuple[str, time | None]:
    """Split a step from the time that is named in it.

    At its beginning or end the time is cut off, since it is shown beside the day; in between the
    words stay as they are.
    """
    for match in _ANY.finditer(text):
        at = _time(match)
        if at is None:
            continue
        before, after = text[: match.start()], text[match.end() :]
        if not before.strip(_SPACE) and after.strip(_SPACE):
            return after.strip(_SPACE), at
        if not after.strip(_SPACE) and before.strip(_SPACE):
            return _AT_END.sub("", before).strip(_SPACE) or text, at
        return text, at
    return text, None


def _time(match: re.Match[str]) -> time | None:
    """The matched time; None for an hour that no day has."""
    part = match.groupdict()
    if part["half"]:
        hour, later = int(part["hour_en"]), part["half"].lower() == "p"
        if not 1 <= hour <= 12:
            return None
        return time(hour % 12 + 12 * later, int(part["minute_en"] or 0))
    if part["past"] or part["clock"]:
        return _in_words(match)
    typed = part["hour"] or part["hour_zh"]
    hour = _HAN_HOURS[typed] if typed in _HAN_HOURS else int(typed)
    minutes = _minutes(part["minute"] or part["minute_zh"] or "0")
    hour = _of_day(hour, part["part"] or part["part_zh"] or "", guess=not typed.startswith("0"))
    return time(hour, minutes) if hour < 24 else None


def _in_words(part: re.Match[str]) -> time:
    """``half past three``, ``quarter to four``, ``3 o'clock``."""
    if part["clock"]:
        return time(_of_day(int(part["clock"]), "", guess=True))
    word = part["hour_word"].lower()
    hour = _WORDS.index(word) + 1 if word in _WORDS else int(word)
    minutes = 30 if part["past"].lower() == "half" else 15
    hour = _of_day(hour, "", guess=True)
    return time(hour, minutes) if part["way"].lower() == "past" else time(hour - 1, 60 - minutes)


def _minutes(text: str) -> int:
    if text in _MINUTES:
        return _MINUTES[text]
    text = text.rstrip("分")
    if text.isdigit():
        return int(text)
    tens, ten, units = text.rpartition("十")
    digits = "零一二三四五六七八九"
    count = digits.index(tens) if tens else bool(ten)
    return 10 * count + digits.index(units.strip("零〇") or "零")


def _of_day(hour: int, part: str, *, guess: bool) -> int:
    """The hour of 24. Three o'clock without a word is in the afternoon: nobody works at night."""
    if part in (*_MORNING, "早"):
        return hour
    if part in _NOON:
        return hour + 12 if hour < 3 else hour
    later = part in (*_LATER, "晚")
    if later and hour == 12 and part not in ("下午", "午后", "下晌"):
        return 24
    return hour + 12 if (later and hour < 12) or (not part and guess and 1 <= hour <= 6) else hour
