"""Phrases of the one-line language of lists that hold numbers: days, dates and amounts.

Every pattern is anchored where it is tried and bounded in length, so that reading takes linear
time.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

from sales.amounts import AmountStyle, NotAnAmount, parse_amount, parse_budget
from sales.days.words import number_en, number_zh
from sales.lead_lists.lexicon import Kind, ListItem
from sales.lead_lists.moments import month_around
from sales.lead_lists.query import DAYS_MOST, HALF_YEAR, DayRange
from sales.patterns import lazy_pattern

_ZH_COUNT: Final = r"\d{1,4}|[一二两三四五六七八九十百]{1,5}|半"
_ZH_UNIT: Final = r"(?:个?工作)?(?:天|日)|个?星期|个?礼拜|周|个?月|年"
_ZH: Final = rf"(?:{_ZH_COUNT}) ?(?:{_ZH_UNIT})"
_EN_COUNT: Final = (
    r"\d{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|fifteen|twenty"
    r"|thirty|sixty|ninety"
)
_EN_UNIT: Final = r"days?|d|weeks?|wks?|months?|years?|yrs?"
_EN: Final = rf"(?!and\b)(?:{_EN_COUNT})[ ]?(?:{_EN_UNIT})(?![a-z0-9])"
_LENGTH: Final = lazy_pattern(
    rf"(?P<zh>{_ZH_COUNT}) ?(?P<zh_unit>{_ZH_UNIT})|(?P<en>{_EN_COUNT})[ ]?(?P<en_unit>{_EN_UNIT})"
    r"(?![a-z0-9])"
)
_DAYS_IN: Final = {
    "天": 1, "日": 1, "期": 7, "拜": 7, "周": 7, "月": 30, "年": 365,
    "d": 1, "w": 7, "m": 30, "y": 365,
}  # fmt: skip
_NO_CONTACT: Final = (
    r"(?:都|还|一直)?(?:没有?|未)(?:再|有)?(?:联系|跟进|沟通|接触|回访|动静|动过|动|联络)"
)
_NOT_CONTACTED: Final = (
    r"(?:i |we )?(?:have |has |had )?(?:not|ha(?:ve|s|d)n['’]?t) (?:been )?"
    r"(?:contacted|touched|called|followed up(?: on| with)?|spoken (?:to|with)|talked to)"
    r"|(?:no|without(?: any)?) (?:contact|activity|follow ?ups?)|quiet|silent|untouched"
)
_MORE: Final = r"(?:more than |over |at least |longer than )?"

_AMOUNT: Final = (
    r"(?:[¥$€£₹] ?|rmb ?|cny ?|usd ?|eur ?)?"
    r"(?:\d{1,3}(?:[.,]\d{3}){1,4}(?:[.,]\d{1,2})?|\d{1,12}(?:[.,]\d{1,3})?"
    r"|[一二两三四五六七八九十百千]{1,6}(?=[万亿]))(?!\d|[.,]\d)"
    r"[ ]?(?:百万|千万|万元?|千元?|亿元?|元|k|w|mn|million|m|thousand)?"
    r"(?:[ ]?(?:rmb|cny|usd|eur|元))?"
    r"(?![a-z0-9])(?! ?(?:个?工作)?[天日周月年])(?! ?个?(?:星期|礼拜|月))"
    r"(?![ ](?:days?|weeks?|months?|years?)(?![a-z]))"
)
_WORTH: Final = (
    r"(?:(?:value|amount|budget|worth|deal size)[ ]?(?:is |of )?|(?:成交|合同|订单)?金?额|预算|价值"
    r"|报价)?[ ]?"
)
_UP: Final = (
    r"(?:>=?|≥|大于等于|大于|超过|高于|不低于|不少于|至少|多于|over|above|more than|at least"
    r"|greater than|exceeding|from|min\.?|minimum)[ ]?"
)
_DOWN: Final = (
    r"(?:<=?|≤|小于等于|小于|低于|不到|不超过|不高于|不足|少于|最多|至多|under|below|less than"
    r"|up to|at most|no more than|max\.?|maximum)[ ]?"
)
_ABOVE: Final = r"(?:及?以上|起|\+|[ ]or more|[ ]and (?:up|above|more)|[ ]or above)"
_BELOW: Final = r"(?:及?以下|以内|之内|[ ]or less|[ ]or below|[ ]at most)"
_TO: Final = r"[ ]?(?:-|–|—|~|～|到|至|to|and)[ ]?"
_ROUGHLY: Final = (
    r"(?:around|about|roughly|approximately|approx\.?|circa|nearly|almost|close to|大概|大约|差不多"
    r"|约莫?|将近|接近|近|~)[ ]?"
)
_OR_SO: Final = r"(?:[ ]?(?:左右|上下|出头)|[ ]or so)"
_JUST_UNDER: Final = lazy_pattern(r".{0,20}?(?:nearly|almost|将近|接近|近)")
_JUST_OVER: Final = lazy_pattern(r"出头$")
_FIFTH: Final = 5
"""What *around* an amount means: a fifth of it less or more."""
_UNIT: Final = lazy_pattern(r"[¥$€£₹kwm万千亿元]|rmb|cny|usd|eur|million|thousand")

_ISO: Final = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)"
_MONTH_DAY: Final = r"(?:\d{4}年)?\d{1,2}月\d{1,2}[日号]?(?!\d)"
_NUMBERS: Final = lazy_pattern(r"\d{1,4}")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH_NAME: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_EN_DAY: Final = rf"(?:{_MONTH_NAME}|may) \d{{1,2}}(?:st|nd|rd|th)?(?![\d:%]|[.,]\d)(?:,? 20\d\d)?"
_DATE: Final = rf"(?:{_ISO}|{_MONTH_DAY}|{_EN_DAY})"

Reading: TypeAlias = Callable[["re.Match[str]", date, AmountStyle], ListItem]


def _length(text: str) -> int:
    """The days in a length of time; raises ValueError for none or too many."""
    match = _LENGTH.search(text)
    if match is None:
        raise ValueError(text)
    if match["zh"]:
        per_unit = _DAYS_IN[match["zh_unit"][-1]]
        if match["zh"] == "半":
            days = {30: 15, 365: 182}.get(per_unit, per_unit)
        else:
            days = (number_zh(match["zh"]) or 0) * per_unit
    else:
        count = 1 if match["en"] in ("a", "an") else number_en(match["en"]) or 0
        days = count * _DAYS_IN[match["en_unit"][0]]
    if not 0 < days <= DAYS_MOST:
        raise ValueError(text)
    return days


def _of_days(kind: Kind) -> Reading:
    return lambda match, _today, _style: ListItem(kind, _length(match["length"]))


def _at_least(match: "re.Match[str]", _today: date, style: AmountStyle) -> ListItem:
    return ListItem(Kind.BOUNDS, (parse_amount(match["amount"], 1, style), None))


def _at_most(match: "re.Match[str]", _today: date, style: AmountStyle) -> ListItem:
    return ListItem(Kind.BOUNDS, (None, parse_amount(match["amount"], 1, style)))


def _about(match: "re.Match[str]", _today: date, style: AmountStyle) -> ListItem:
    """Around an amount: a fifth less to a fifth more; less or more alone where the words say so."""
    if not _UNIT.search(match["amount"]) and not match["worth"]:
        raise ValueError(match[0])
    amount = parse_amount(match["amount"], 1, style)
    low = amount if _JUST_OVER.search(match[0]) else amount - amount / _FIFTH
    high = amount if _JUST_UNDER.match(match[0]) else amount + amount / _FIFTH
    return ListItem(Kind.BOUNDS, (low, high))


def _between(match: "re.Match[str]", _today: date, style: AmountStyle) -> ListItem:
    low, high = match["low"].strip(), match["high"].strip()
    if not _UNIT.search(low + high) and not match["worth"]:
        raise ValueError(match[0])
    bounds: tuple[Decimal, Decimal] = parse_budget(f"{low}-{high}", 1, style)
    return ListItem(Kind.BOUNDS, bounds)


def _range(match: "re.Match[str]", today: date, _style: AmountStyle) -> ListItem:
    first = _day(match["first"], today)
    last = _day(match["last"], today) if match["last"] else first
    if last < first:
        # One without a year is the last such day, but may be still to come.
        later = last.replace(year=last.year + 1)
        last = later if later - first <= HALF_YEAR else last
    return ListItem(Kind.DAYS, DayRange(min(first, last), max(first, last)))


def _since(match: "re.Match[str]", today: date, _style: AmountStyle) -> ListItem:
    first = _day(match["first"], today)
    return ListItem(Kind.DAYS, DayRange(min(first, today), max(first, today)))


def _months(first: int, count: int, year: int | None, today: date) -> ListItem:
    """A quarter or a half of a year; without a year the last one that has begun."""
    if year is None:
        year = today.year if first <= today.month else today.year - 1
    last = month_around(date(year, first + count - 1, 1)).last
    return ListItem(Kind.DAYS, DayRange(date(year, first, 1), last))


def _year(text: str | None, today: date) -> int | None:
    if not text:
        return None
    numbers = _NUMBERS.findall(text)
    return int(numbers[0]) if numbers else today.year - ("去" in text)


def _quarter(match: "re.Match[str]", today: date, _style: AmountStyle) -> ListItem:
    number = int(match["en"]) if match["en"] else number_zh(match["zh"]) or 0
    year = _year(match["year"] or match["after"], today)
    return _months(3 * number - 2, 3, year, today)


def _half(match: "re.Match[str]", today: date, _style: AmountStyle) -> ListItem:
    return _months(1 if match["half"] == "上" else 7, 6, _year(match["year"], today), today)


def _whole_year(match: "re.Match[str]", today: date, _style: AmountStyle) -> ListItem:
    return _months(1, 12, int(match["year"]), today)


def _day(text: str, today: date) -> date:
    """A day; one without a year is the last such day, today included."""
    numbers = [int(number) for number in _NUMBERS.findall(text)]
    if text[:1].isalpha():
        numbers = [*numbers[1:], _month_named(text), numbers[0]]
    if len(numbers) == 3:
        return date(*numbers)
    month, day = numbers
    this_year = date(today.year, month, day)
    return this_year if this_year <= today else date(today.year - 1, month, day)


def _zh_month(match: "re.Match[str]", today: date, _style: AmountStyle) -> ListItem:
    year = int(match["year"]) if match["year"] else None
    return _month(int(match["month"]), year, today)


def _numeral_month(match: "re.Match[str]", today: date, _style: AmountStyle) -> ListItem:
    return _month(number_zh(match["month"]) or 0, None, today)


def _unreadable(_match: "re.Match[str]", _today: date, _style: AmountStyle) -> ListItem:
    """What no filter means: how many to show, or a calendar's week without contact."""
    return ListItem(Kind.UNREADABLE)


def _en_month(match: "re.Match[str]", today: date, _style: AmountStyle) -> ListItem:
    return _month(
        _month_named(match["month"]), int(match["year"]) if match["year"] else None, today
    )


def _month_named(text: str) -> int:
    return next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(text[:3]))


def _month(number: int, year: int | None, today: date) -> ListItem:
    if year is None:
        year = today.year if number <= today.month else today.year - 1
    return ListItem(Kind.DAYS, month_around(date(year, number, 1)))


def _rule(pattern: str, read: Reading) -> tuple[re.Pattern[str], Reading]:
    pattern = pattern.replace("LENGTH", rf"(?P<length>{_ZH}|{_EN})")
    pattern = pattern.replace("AMOUNT", rf"(?P<amount>{_AMOUNT})")
    return lazy_pattern(pattern), read


_RULES: Final = (
    _rule(
        rf"(?:超过|已经|已|连续|最近|近)?LENGTH(?:以上)?{_NO_CONTACT}(?:过|了)?",
        _of_days(Kind.QUIET),
    ),
    _rule(
        r"(?:没有?|未)(?:联系|跟进|沟通)(?:过|了)?(?:超过|已经?)?LENGTH(?:以上)?",
        _of_days(Kind.QUIET),
    ),
    _rule(
        rf"(?:{_NOT_CONTACTED})(?: for| in| since)?(?: the)?(?: last| past)? {_MORE}LENGTH",
        _of_days(Kind.QUIET),
    ),
    _rule(r"LENGTH (?:of )?(?:no|without) contact", _of_days(Kind.QUIET)),
    _rule(rf"last contact(?:ed)? {_MORE}LENGTH ago(?![a-z])", _of_days(Kind.QUIET)),
    _rule(
        rf"(?:{_NOT_CONTACTED})(?: since| in| during)? (?:(?:this|last) (?:week|month|quarter|year)"
        rf"|today|yesterday|{_MONTH_NAME})(?![a-z])",
        _unreadable,
    ),
    _rule(
        r"(?:最近|今天|昨天|[本这上]个?(?:周|月|星期|季度)|今年|去年)(?:里|内)?"
        rf"{_NO_CONTACT}(?:过|了)?",
        _unreadable,
    ),
    _rule(r"(?:已经?)?逾期(?:超过|了)?LENGTH(?:以上)?", _of_days(Kind.LATE)),
    _rule(rf"(?:overdue|late)(?: by| for)? {_MORE}LENGTH", _of_days(Kind.LATE)),
    _rule(rf"{_MORE}LENGTH (?:overdue|late)", _of_days(Kind.LATE)),
    _rule(r"(?:已经?)?(?:停留|停滞|停|卡)了?(?:超过)?LENGTH(?:以上)?", _of_days(Kind.IN_STAGE)),
    _rule(
        r"(?:stuck|stalled|in (?:this |the |their )?stage|in the same stage)(?: for)? "
        rf"{_MORE}LENGTH",
        _of_days(Kind.IN_STAGE),
    ),
    _rule(rf"for {_MORE}LENGTH", _of_days(Kind.FOR_DAYS)),
    _rule(r"(?:more than|over|at least|longer than) LENGTH", _of_days(Kind.FOR_DAYS)),
    _rule(
        rf"(?P<length>(?:{_ZH_COUNT}) ?(?:天|个?星期|个?礼拜|周|个月|年))(?![以之])",
        _of_days(Kind.LENGTH),
    ),
    _rule(r"(?:最近|近|过去|这)LENGTH(?:内|以内|以来|里)?", _of_days(Kind.LAST_DAYS)),
    _rule(r"(?:in |within |over )?(?:the )?(?:last|past) LENGTH", _of_days(Kind.LAST_DAYS)),
    _rule(r"LENGTH(?:之内|以内|内)", _of_days(Kind.WITHIN_DAYS)),
    _rule(r"(?:in|within) LENGTH", _of_days(Kind.WITHIN_DAYS)),
    _rule(r"(?:未来|接下来|今后|以后)LENGTH(?:内|以内|里)?", _of_days(Kind.COMING_DAYS)),
    _rule(r"(?:in |within )?(?:the )?next LENGTH", _of_days(Kind.COMING_DAYS)),
    _rule(r"超过LENGTH(?:前|以上)?", _of_days(Kind.OLDER)),
    _rule(r"LENGTH(?:以上|以前|之前|前)", _of_days(Kind.OLDER)),
    _rule(r"older than LENGTH", _of_days(Kind.OLDER)),
    _rule(r"(?:more than|over) LENGTH (?:ago|old)(?![a-z])", _of_days(Kind.OLDER)),
    _rule(rf"{_WORTH}{_UP}AMOUNT", _at_least),
    _rule(rf"{_WORTH}AMOUNT{_ABOVE}", _at_least),
    _rule(rf"{_WORTH}{_DOWN}AMOUNT", _at_most),
    _rule(rf"{_WORTH}AMOUNT{_BELOW}", _at_most),
    _rule(rf"(?P<worth>{_WORTH}){_ROUGHLY}AMOUNT(?:{_OR_SO})?", _about),
    _rule(rf"(?P<worth>{_WORTH})AMOUNT{_OR_SO}", _about),
    _rule(
        rf"(?:between )?(?P<worth>{_WORTH})(?:between )?(?P<low>{_AMOUNT}){_TO}(?P<high>{_AMOUNT})"
        r"(?:之间)?",
        _between,
    ),
    _rule(
        rf"(?:since|from|after|自从?|从)[ ]?(?P<first>{_DATE})(?:以来|起|开始|之后|以后)?", _since
    ),
    _rule(rf"(?P<first>{_DATE})(?:以来|起|开始|之后|以后)", _since),
    _rule(
        r"(?P<year>(?:20\d\d|今|去|本)年?[ ]?)?"
        r"(?:第?(?P<zh>[一二三四1-4])季度|q(?P<en>[1-4])(?!\w))(?:[ ](?P<after>20\d\d))?",
        _quarter,
    ),
    _rule(r"(?P<year>(?:20\d\d|今|去|本)年?)?(?P<half>[上下])半年", _half),
    _rule(r"(?:in )?(?P<year>20\d\d)(?:年|(?!\d)(?![-/.]\d))", _whole_year),
    _rule(rf"(?P<first>{_DATE})(?:[ ]?(?:到|至|-|–|~|to|until)[ ]?(?P<last>{_DATE}))?", _range),
    _rule(r"(?:(?P<year>\d{4})年)?(?P<month>1[0-2]|[1-9])月份?(?!\d)", _zh_month),
    _rule(r"(?P<month>十[一二]?|[一二三四五六七八九])月份?(?!\d)", _numeral_month),
    _rule(r"(?:前|头|top |first |last )?\d{1,4} ?[个条家笔](?![月星礼工])", _unreadable),
    _rule(r"top \d{1,4}(?!\w)", _unreadable),
    _rule(rf"(?:in )?(?P<month>{_MONTH_NAME})(?: (?P<year>20\d\d))?(?![a-z0-9])", _en_month),
    _rule(r"in (?P<month>may)(?: (?P<year>20\d\d))?(?![a-z0-9])", _en_month),
)


def measured(
    plain: str, place: int, today: date, style: AmountStyle
) -> Iterator[tuple[int, ListItem]]:
    """Yield where each phrase that begins at the place ends, and what it stands for.

    One whose number cannot be read is ``UNREADABLE``.
    """
    for pattern, read in _RULES:
        if (match := pattern.match(plain, place)) is None:
            continue
        try:
            item = read(match, today, style)
        except NotAnAmount:
            item = ListItem(Kind.UNREADABLE)
        except ValueError:
            continue
        yield match.end(), item
