"""Times of day as people say them: ``10:30``, ``下午三点半``, ``3pm``. Knows no day and no zone."""

import re
from collections.abc import Mapping
from datetime import time

_MORNING = ("凌晨", "清晨", "早上", "早晨", "上午")
_LATER = ("下午", "傍晚", "晚上", "晚")
_PART = "|".join((*_MORNING, "中午", *_LATER))
_HAN_NUMERALS = ("零", *"一二三四五六七八九十", "十一", "十二")
_HAN_HOURS: Mapping[str, int] = {word: hour for hour, word in enumerate(_HAN_NUMERALS)} | {"两": 2}
_HAN_HOUR = "|".join(sorted(_HAN_HOURS, key=len, reverse=True))
_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}
_NO_HOURS = r"(?:建议|意见|要求|想法|问题|原因|需求|好处|理由|顾虑|疑问|反馈|内容)"
_CLOCK = rf"(?:(?P<part>{_PART})\s{{0,4}})?(?<!\d)(?P<hour>\d{{1,2}})[:：](?P<minute>[0-5]\d)(?!\d)"
_HAN = (
    rf"(?:(?P<part_zh>{_PART})\s{{0,4}})?(?<![早晚快慢多少好有差\d])(?P<hour_zh>\d{{1,2}}|{_HAN_HOUR})\s{{0,4}}点(?:钟|整)?"
    rf"(?P<minute_zh>半|一刻|三刻|[0-5]?\d分?)?(?!\d)(?!{_NO_HOURS})"
)
_EN = r"\b(?P<hour_en>\d{1,2})(?::(?P<minute_en>[0-5]\d))?\s{0,4}(?P<half>[ap])\.?m\b\.?"
_ANY = re.compile(rf"{_EN}|{_CLOCK}|{_HAN}", re.IGNORECASE)
_PARTS: Mapping[str, time] = {
    "上午": time(9), "早上": time(9), "中午": time(12), "下午": time(14), "傍晚": time(17, 30),
    "晚上": time(19), "morning": time(9), "noon": time(12), "afternoon": time(14),
    "evening": time(19),
}  # fmt: skip
_PART_ALONE = re.compile(rf"(?:in the\s+)?(?P<alone>{'|'.join(_PARTS)})(?![a-z])", re.IGNORECASE)
_BEFORE = r"(?:\s|的|[,，@]|\b(?:at|around|about|by)\b|大约|大概){0,12}+"
_AFTER = r"(?:\s|[,，]|\b(?:on|of)\b|左右)*+"
_NEAR = 60
"""Characters before a day in which its time is searched: a long text may name many days."""
_LEADS = re.compile(_BEFORE, re.IGNORECASE)
_TRAILS = re.compile(rf"{_AFTER}$", re.IGNORECASE)
_AT_END = re.compile(r"(?:^|\s)(?:at|around|by)\s{0,4}$", re.IGNORECASE)
_SPACE = " \t,，;；。.、:：-"
Found = tuple[time, tuple[int, int]]


def time_after(text: str, start: int) -> Found | None:
    """The time directly after a position in a text, with its end there."""
    lead = _LEADS.match(text, start)
    place = lead.end() if lead else start
    if (match := _ANY.match(text, place)) and (at := _time(match)) is not None:
        return at, (start, match.end())
    if alone := _PART_ALONE.match(text, place):
        return _PARTS[alone["alone"].lower()], (start, alone.end())
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
    return None


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
    typed = part["hour"] or part["hour_zh"]
    hour = _HAN_HOURS[typed] if typed in _HAN_HOURS else int(typed)
    minute = part["minute"] or part["minute_zh"] or "0"
    minutes = _MINUTES[minute] if minute in _MINUTES else int(minute.rstrip("分"))
    hour = _of_day(hour, part["part"] or part["part_zh"] or "", guess=not typed.startswith("0"))
    return time(hour, minutes) if hour < 24 else None


def _of_day(hour: int, part: str, *, guess: bool) -> int:
    """The hour of 24. Three o'clock without a word is in the afternoon: nobody works at night."""
    if part in _MORNING:
        return hour
    if part == "中午":
        return hour + 12 if hour < 3 else hour
    later = part in _LATER and hour < 12
    return hour + 12 if later or (not part and guess and 1 <= hour <= 6) else hour
