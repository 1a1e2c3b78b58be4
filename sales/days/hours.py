"""Hours and minutes from now, in both languages: ``两小时后``, ``in half an hour``, ``45 min ago``.

Patterns are matched on folded text.
"""

import re
from typing import Final

from sales.days.chinese_spans import WAY
from sales.days.english import S
from sales.days.reckoning import Base, DayReading, in_minutes
from sales.days.rules import GAP, Rule, Skip, nothing, rule, said
from sales.days.words import NO_NUMBER_ZH, NUMBER_EN, NUMBER_ZH, about_zh, number_en, number_zh
from sales.patterns import lazy_pattern

_DECIMAL = r"\d{1,3}(?:\.\d{1,2})?"
_COUNT_ZH = rf"(?:{_DECIMAL}|{NUMBER_ZH})"
_SHORT_HOUR = r"(?:hours?|hrs?|h)(?![a-z])"
_SHORT_MINUTE = r"(?:minutes?|mins?)(?![a-z])"
_HOUR_ZH = rf"(?:个?半?多?(?:小时|钟头)|个半?多?钟(?!头)|{GAP}{_SHORT_HOUR})半?"
_MINUTE_ZH = rf"(?:多?分钟?(?![之部店公机享])|刻钟|{GAP}{_SHORT_MINUTE})"
_LENGTH_ZH = (
    rf"(?P<length>(?:{_COUNT_ZH}{GAP}[-~到至]{GAP})?(?:半|{_COUNT_ZH}){GAP}"
    rf"(?:{_HOUR_ZH}(?:{GAP}[零又]?{_COUNT_ZH}{GAP}{_MINUTE_ZH})?|{_MINUTE_ZH}))"
)
_ABOUT_ZH = r"(?:大约|大概|差不多|约莫|约|最多)?"
_PARTS_ZH = lazy_pattern(
    rf"(?:(?P<hours>半|{_COUNT_ZH}){GAP}(?P<hour>{_HOUR_ZH}))?{GAP}[零又]?"
    rf"(?:(?P<minutes>{_COUNT_ZH}){GAP}(?P<minute>{_MINUTE_ZH}))?$",
    re.IGNORECASE,
)
_RANGE_ZH = lazy_pattern(rf"^{_COUNT_ZH}{GAP}[-~到至]{GAP}")

_ABOUT_EN = (
    rf"(?:(?:about|around|roughly|approximately|approx\.?|another|maybe|some|just|only|like){S})?"
)
_COUNT_EN = rf"(?:{_DECIMAL}|{NUMBER_EN})"
_HOUR_EN = r"(?:hours?|hrs?|h)\b"
_MINUTE_EN = r"(?:minutes?|mins?)\b"
_LENGTH_EN = (
    rf"(?P<length>(?:(?:a{S}|three{S}|3{S})?quarters?(?:{S}of)?(?:{S}an)?{S}hour\b"
    rf"|(?:a{S})?half[\s-](?:an?(?:other)?{S})?(?:hours?|hr)\b"
    rf"|another{S}(?:hour|hr)\b|\d{{1,2}}h[0-5]\d(?:m|min)?\b"
    rf"|(?:{_COUNT_EN}\s?(?:-|to|or)\s?)?{_COUNT_EN}(?:{S}and{S}a{S}half)?[\s-]{{0,2}}{_HOUR_EN}"
    rf"(?:{S}and{S}a{S}half\b|{S}or{S}(?:two|so)\b|(?:,?{S}(?:and{S})?|\s?){_COUNT_EN}\s?(?:{_MINUTE_EN}|m\b))?"
    rf"|(?:{_COUNT_EN}\s?(?:-|to|or)\s?)?{_COUNT_EN}[\s-]{{0,2}}{_MINUTE_EN}(?:{S}or{S}so\b)?))"
)
_PARTS_EN = lazy_pattern(
    rf"(?:(?P<hours>{_COUNT_EN})(?:{S}and{S}a{S}half)?[\s-]{{0,2}}(?:hours?|hrs?|h))?"
    rf"(?:,?\s{{0,4}}(?:and{S})?(?P<minutes>{_COUNT_EN})[\s-]{{0,2}}(?:minutes?|mins?|m)?)?$",
    re.IGNORECASE,
)
_RANGE_EN = lazy_pattern(rf"^{_COUNT_EN}\s?(?:-|to|or)\s?(?=[\da-z])", re.IGNORECASE)
_WORK_LASTED = (
    r"\b(?:done|finished|completed|covered|lasted|took|delivered|answered|replied|responded|fixed"
    r"|solved|wrapped)\b"
    r"(?:\s(?!(?:will|to|call|ring|phone|meet|back|and|then|please|again)\b)[^\s,.;]{1,20}){0,4}"
)
"""What is done in two hours is not due in two hours."""
_TALKED = r"(?:聊|谈|讲|沟通|交流|等|会|演示|讨论|花|用|持续|拖|忙|走)了"
_BACK = frozenset(("ago", "back", "earlier"))


def _chinese(match: re.Match[str], base: Base) -> DayReading | Skip | None:
    """``半小时后``, ``一个半小时后``, ``过两个小时``, ``两小时二十分钟前``."""
    length = match["length"]
    # Of a range the later end counts, as for days.
    several = _RANGE_ZH.match(length)
    parts = _PARTS_ZH.match(length[several.end() :] if several else length)
    if parts is None:
        return Skip.UNREAD
    minutes = 0.0
    if hour := said(parts, "hour"):
        counted = _counted_zh(parts["hours"])
        if counted is None:
            return Skip.UNREAD
        minutes += 60 * (counted + (0.5 if "半" in hour else 0))
    if minute := said(parts, "minute"):
        counted = _counted_zh(parts["minutes"])
        if counted is None:
            return Skip.UNREAD
        minutes += counted * (15 if "刻" in minute else 1)
    back = said(match, "way").endswith("前")
    return in_minutes(round(-minutes if back else minutes), base, vague=bool(several))


def _counted_zh(word: str) -> float | None:
    if word == "半":
        return 0.5
    if "." in word:
        return float(word)
    return number_zh(word) or about_zh(word)


def _english(match: re.Match[str], base: Base) -> DayReading | None:
    """``in 2 hours``, ``in an hour and a half``, ``half an hour ago``, ``45 min later``."""
    minutes = _minutes_en(" ".join(match["length"].lower().split()))
    if minutes is None:
        return None
    back = said(match, "way").lower() in _BACK
    several = bool(_RANGE_EN.match(match["length"])) and not _PARTS_EN.match(match["length"])
    return in_minutes(round(-minutes if back else minutes), base, vague=several)


def _minutes_en(length: str) -> float | None:
    if "quarter" in length:
        return 45 if length.startswith(("three", "3")) else 15
    if length.removeprefix("a ").startswith("half"):
        return 30
    if length.endswith(" or two"):
        return 120
    if length.startswith("another"):
        return 60
    counted = length.removesuffix(" or so").removesuffix(" and a half")
    # A number in words may have a hyphen itself: twenty-five.
    parts = _PARTS_EN.match(counted) or _PARTS_EN.match(_RANGE_EN.sub("", counted))
    if parts is None:
        return None
    hours, minutes = _counted_en(said(parts, "hours")), _counted_en(said(parts, "minutes"))
    if hours is None or minutes is None:
        return None
    return 60 * hours + minutes + (30 if "and a half" in length else 0)


def _counted_en(word: str) -> float | None:
    """The number; 0 for none."""
    if not word:
        return 0
    return float(word) if "." in word else number_en(word)


def _within_the_hour(_match: re.Match[str], base: Base) -> DayReading:
    return in_minutes(60, base)


CHINESE: Final[tuple[Rule, ...]] = (
    rule(rf"(?:再?过)?{_ABOUT_ZH}{NO_NUMBER_ZH}{_LENGTH_ZH}(?:左右)?{WAY}", _chinese),
    rule(rf"再过{_ABOUT_ZH}{_LENGTH_ZH}", _chinese),
    rule(rf"(?<![再一\d越超通经不度])过{_ABOUT_ZH}{_LENGTH_ZH}", _chinese),
    rule(rf"[等隔]{_ABOUT_ZH}{_LENGTH_ZH}(?=再|打|回|联)", _chinese),
    nothing(rf"{_TALKED}{_ABOUT_ZH}{_LENGTH_ZH}(?:左右)?{WAY}"),
)
ENGLISH: Final[tuple[Rule, ...]] = (
    rule(
        rf"\b(?:with)?in{S}(?:the{S}next{S}|next{S}|under{S}|less{S}than{S})?{_ABOUT_EN}{_LENGTH_EN}"
        rf"(?!{S}(?:of|after|following|per)\b)(?:'s?)?(?:{S}(?:time|from{S}now))?",
        _english,
    ),
    rule(rf"\b(?:with)?in{S}the{S}(?:next{S})?(?:hour|hr)\b", _within_the_hour),
    rule(
        rf"\b{_ABOUT_EN}{_LENGTH_EN}{S}(?P<way>ago|from{S}now|hence|later|back|earlier)\b",
        _english,
    ),
    rule(
        r"\b(?:call|ring|phone|ping|remind|try|check|get|meet|contact|text|message|email|send|reply)"
        rf"(?:\s[a-z]{{1,15}}){{0,3}}\s(?P<span>after{S}{_ABOUT_EN}{_LENGTH_EN})(?!{S}of\b)",
        _english,
    ),
    nothing(rf"{_WORK_LASTED}\s(?:with)?in{S}{_ABOUT_EN}{_LENGTH_EN}"),
)
