"""Days in figures: ``2026-11-27``, ``12/8``, ``05.12.2026``; and figures that are none: ``24/7``.

Patterns are matched on folded text, see ``words.fold``.
"""

import re
from dataclasses import replace
from typing import Final

from sales.days.reckoning import Base, DayReading, NotADay, calendar_day, month, yearless
from sales.days.rules import GAP, Rule, Skip, nothing, rule
from sales.patterns import lazy_pattern

_START = r"(?<![\d/:+%#&=])(?<![\d\w][.-])(?<![A-Za-z$€£¥])"
_STOP = r"(?!\d|[/.-]\d|\s?(?:万|千|元|[%％]|[wk](?![a-z])))"
_COUNTED = (
    r"(?!\s?(?:[万千元%人套个台月位名家份折倍成页章级票的星集期分]|[wk](?![a-z])|小时)"
    r"|\s(?:of|done|complete[d]?|people|persons?|users?|stars?|points?|portions?|pages?|steps?|inch|\"|full|paid"
    r"|units?|items?|stores?|sites?|employees|customers|clients|deals|calls|hours|hrs|days|weeks|months|majority|share|time|price)\b)"
)
"""What follows a fraction or a score, and not a date."""
_COUNTING: Final = lazy_pattern(
    r"(?:page|part|step|score[sd]?|rated|rating|ratio|version|slide|phase|round|batch|lot|room|unit|suite"
    r"|no\.?|about|only|item|task|ticket|issue|line|row|case|table|fig(?:ure)?|chapter|question|top|[~#第约评得打分页步])\s?[:：]?\s?$",
    re.IGNORECASE,
)
_MEASURED: Final = lazy_pattern(
    r"(?:版本?|率|分|价格?|金额|预算|折|[降升涨跌]到|\bv|version)\s?$", re.IGNORECASE
)
"""What stands before a decimal number, and not before a date."""
_FRACTIONS: Final = {(1, 2), (1, 3), (2, 3), (1, 4), (3, 4)}
_SHARE_BEFORE: Final = lazy_pattern(
    r"\b(?:paid?|pays|up|down|rose|risen|fell|dropped|cut|grew|grown|increased|decreased|lost|gained"
    r"|used|finished|another|other|nearly|almost|roughly|around|than|least|most)(?:\sby)?\s$",
    re.IGNORECASE,
)
_SHARE_AFTER: Final = lazy_pattern(
    r"\s?(?:客户|用户|员工|门店|以上|以下|左右|预付|首付|定金|尾款|货款|都|percent|upfront|up front"
    r"|down payment|deposit)",
    re.IGNORECASE,
)
"""What stands around a share of something: paid 1/2 upfront, 1/3客户已付."""
_DATED_BEFORE: Final = lazy_pattern(
    r"(?:\b(?:on|by|until|till|before|from|since|after|for|due|deadline|am|bis)\s|(?<![降升涨减缩增达])[在于到至约定改，。；,;]\s?|^\s{0,4})$",
    re.IGNORECASE,
)
_DATED_AFTER: Final = lazy_pattern(
    r"\s{0,2}(?:$|[前后之以号日上下早晚中，。,;；（(]|at\b|\d{1,2}[:：点]|\d{1,2}\s?[ap]m\b)",
    re.IGNORECASE,
)
_NEAR: Final = 14
"""Characters around figures in which a word decides what they are."""


def _full(match: re.Match[str], _base: Base) -> DayReading:
    year, month, day = (int(match[name]) for name in ("year", "month", "day"))
    return DayReading(calendar_day(year, month, day), dated=True)


def _month(match: re.Match[str], base: Base) -> DayReading:
    """``2026-12``."""
    return month(calendar_day(int(match["year"]), int(match["month"]), 1), "", base)


def _compact(match: re.Match[str], _base: Base) -> DayReading | None:
    """``20261130``: eight digits are a day only when the calendar has it."""
    try:
        return _full(match, _base)
    except NotADay:
        return None


def _in_order(first: int, second: int, base: Base) -> tuple[int, int]:
    """Month and day of ``5/12``; only one order is possible when a number is above twelve."""
    swapped = base.order == "dmy"
    if first > 12 or second > 12:
        swapped = first > 12
    return (second, first) if swapped else (first, second)


def _with_year(match: re.Match[str], base: Base) -> DayReading:
    month, day = _in_order(int(match["one"]), int(match["two"]), base)
    if "." in match[0]:
        month, day = int(match["two"]), int(match["one"])
    return DayReading(calendar_day(int(match["year"]), month, day), dated=True)


def _slashed(match: re.Match[str], base: Base) -> DayReading | Skip | None:
    """``12/8``, unless it is a share or a score."""
    before = match.string[max(0, match.start() - _NEAR) : match.start()]
    after = match.string[match.end() : match.end() + _NEAR]
    one, two = int(match["one"]), int(match["two"])
    if _COUNTING.search(before):
        return Skip.NOTHING
    dated = _DATED_BEFORE.search(before) and _DATED_AFTER.match(after)
    share = (one, two) in _FRACTIONS and (
        re.search(r"[\u4e00-\u9fff]$", before)
        or _SHARE_BEFORE.search(before)
        or _SHARE_AFTER.match(after)
    )
    if (share and (not dated or _SHARE_AFTER.match(after))) or (
        one == two and one > 12 and not dated
    ):
        return Skip.NOTHING
    of_year, day = _in_order(one, two, base)
    try:
        swapped = yearless(day, of_year, base.today).day
    except NotADay:
        swapped = None
    return replace(yearless(of_year, day, base.today), swapped=swapped)


def _dashed(match: re.Match[str], base: Base) -> DayReading | None:
    """``12-08``: only in two digits with a zero, or where nothing else stands; 3-5 is a range."""
    one, two = match["one"], match["two"]
    alone = not match.string.replace(match[0], "", 1).strip()
    if not alone and not (len(one) == len(two) == 2 and "0" in (one[0], two[0])):
        return None
    return yearless(*_in_order(int(one), int(two), base), base.today)


def _dotted(match: re.Match[str], base: Base) -> DayReading | None:
    """``5.12.`` as in Europe: the day first, with a dot behind the month."""
    before = match.string[max(0, match.start() - _NEAR) : match.start()]
    after = match.string[match.end() : match.end() + _NEAR]
    at_end = not re.match(r"\s?[a-z0-9(,;]", after)
    if at_end and base.order != "dmy" and not _DATED_BEFORE.search(before):
        return None
    if re.search(
        r"(?:version|release|\bv|\bto|\bthan|\bis|\bof|costs?|rev\.?|build|chapter|section)\s?$",
        before,
        re.IGNORECASE,
    ):
        return None
    try:
        return yearless(int(match["two"]), int(match["one"]), base.today)
    except NotADay:
        return None


def _before_dotted(match: re.Match[str], base: Base) -> DayReading | None:
    """``12.5前`` in Chinese: the month first."""
    if _MEASURED.search(match.string[max(0, match.start() - _NEAR) : match.start()]):
        return None
    try:
        return yearless(int(match["one"]), int(match["two"]), base.today)
    except NotADay:
        return None


RULES: Final[tuple[Rule, ...]] = (
    rule(
        rf"{_START}(?P<year>[12]\d{{3}}){GAP}(?P<by>[-/.]){GAP}(?P<month>\d{{1,2}}){GAP}(?P=by){GAP}"
        rf"(?P<day>\d{{1,2}})(?:[日号]|(?=T\d))?{_STOP}",
        _full,
    ),
    rule(
        r"(?<![A-Za-z0-9_.-])(?P<year>20\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?![A-Za-z0-9_-])",
        _compact,
    ),
    rule(rf"{_START}(?P<year>20\d\d)[-/](?P<month>0[1-9]|1[0-2])(?![\d/.-])", _month),
    rule(
        rf"{_START}(?P<one>\d{{1,2}})(?P<by>[/.-])\s?(?P<two>\d{{1,2}})(?P=by)\s?(?P<year>20\d\d|\d\d){_STOP}",
        _with_year,
    ),
    rule(rf"{_START}(?P<one>\d{{1,2}})\s?/\s?(?P<two>\d{{1,2}}){_STOP}{_COUNTED}[日号]?", _slashed),
    rule(rf"{_START}(?P<one>\d{{1,2}})-(?P<two>\d{{1,2}}){_STOP}{_COUNTED}", _dashed),
    rule(rf"{_START}(?P<one>\d{{1,2}})\.\s?(?P<two>\d{{1,2}})\.(?!\d|\s\d{{4}})", _dotted),
    rule(
        rf"{_START}(?P<one>1[0-2]|0?[1-9])\.(?P<two>[0-3]?\d)(?=[之以]?前(?![端台]))",
        _before_dotted,
    ),
    nothing(
        r"\b24/7\b", r"\b7/24\b", r"\b24/365\b", r"\b50/50\b", r"\b9/11\b", r"\b9-5\b",
        r"https?://[^\s，。]{1,200}", r"\bwww\.[^\s，。]{1,200}", r"[\w.+-]{1,64}@[\w.-]{1,100}",
    ),
)  # fmt: skip
