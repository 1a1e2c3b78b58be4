"""When somebody means to buy, read from their words (BANT's T).

Every expression is read as the last day it allows, seen from the day of writing: ``本月`` ends with
the month, ``within 2 to 3 weeks`` after three. Words about a call, a payment or the past are no
time to buy, and of several clauses those that speak of buying count.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Final, TypeAlias

import holidays

from sales.leads import Timeframe
from sales.patterns import lazy_pattern

_LONGEST: Final = 2000
_MONTH_DAYS, _QUARTER_DAYS, _FAR = 30, 92, 366
_DAYS_PER_WORKDAY: Final = 7 / 5
_Ends: TypeAlias = Callable[[Mapping[str, str], date], date | None]
"""From a match's groups ("" where absent) and the day of writing to the last day allowed."""
_Rules: TypeAlias = Mapping[_Ends, Sequence[str]]
"""Patterns by what reads their matches."""

_NUMERALS: Final[Mapping[str, float]] = {
    "半": 0.5, "一": 1, "两": 2, "俩": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
    "八": 8, "九": 9, "十": 10, "几": 5, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3,
    "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "thirty": 30, "sixty": 60, "ninety": 90, "couple": 2, "few": 4, "half a": 0.5,
}  # fmt: skip
_UNITS: Final[Mapping[str, float]] = {
    "天": 1, "日": 1, "day": 1, "周": 7, "星期": 7, "礼拜": 7, "week": 7, "月": 30, "month": 30,
    "季度": 91, "quarter": 91, "年": 365, "year": 365, "小时": 0, "hour": 0, "fortnight": 14,
}  # fmt: skip
_MONTHS: Final[Mapping[str, int]] = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "april": 4, "apr": 4, "may": 5,
    "june": 6, "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sept": 9,
    "sep": 9, "october": 10, "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
}  # fmt: skip
_FIXED_FESTIVALS: Final[Mapping[str, tuple[int, int]]] = {
    "元旦": (1, 1), "五一": (5, 1), "劳动": (5, 1), "国庆": (10, 1), "圣诞": (12, 25),
    "christmas": (12, 25), "xmas": (12, 25), "new year": (1, 1),
}  # fmt: skip
"""Month and day; any other festival is the Spring Festival."""
_ORDINALS: Final = ("first", "second", "third", "fourth")

_DIGITS: Final = "一两俩二三四五六七八九"
_CN_COUNT: Final = rf"(?P<count>\d{{1,3}}|[{_DIGITS}]?十[{_DIGITS}]?|[{_DIGITS}几半])"
_CN_UNIT: Final = (
    r" ?个?(?P<working>工作)?(?P<unit>天|日(?!本)|周|星期|礼拜|(?<=[个半])月|季度|年|小时)"
)
_CN_LENGTH: Final = rf"{_CN_COUNT}(?:个(?P<half>半))?{_CN_UNIT}"
_EN_COUNT: Final = (
    r"(?P<count>\d{1,3}|half a|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|thirty|"
    r"sixty|ninety|couple|few)"
)
_EN_UNIT: Final = (
    r"(?: of)?[ -](?:(?P<working>working|business) |calendar )?"
    r"(?P<unit>day|week|fortnight|month|quarter|year|hour)s?\b"
)
_RANGE: Final = r"(?:(?:\d{1,3}|one|two|three) ?(?:-|~|to|or) ?)?"
_EN_LENGTH: Final = rf"{_RANGE}(?:a )?{_EN_COUNT}{_EN_UNIT}"
_CN_YEAR: Final = r"(?:(?P<year>明年|来年|后年|今年|本年|(?<!\d)20\d\d年?)的?)?"
_EN_YEAR: Final = r"(?:,? (?:of )?(?P<year>next year|this year|20\d\d))?"
_NAME: Final = rf"(?P<name>{'|'.join(sorted(set(_MONTHS) - {'may'}, key=len, reverse=True))})"
_CN_PART: Final = r"(?P<part>初|上旬|中旬|中|下旬|底|末)?"
_EN_EARLY: Final = r"(?P<part>early|(?:the )?(?:beginning|start|middle|end) of|mid|late)"
_EN_PART: Final = rf"(?:{_EN_EARLY}[ -])?"


def _counted(part: Mapping[str, str], today: date) -> date:
    length = _number(part["count"]) * _UNITS[part["unit"]]
    if part.get("working"):
        length *= _DAYS_PER_WORKDAY
    if part.get("half"):
        length += _UNITS[part["unit"]] / 2
    return today + timedelta(days=int(length) + bool(part.get("after")))


def _number(text: str) -> float:
    if text.isdecimal():
        return int(text)
    if "十" in text and text != "十":
        tens, _, ones = text.partition("十")
        return _NUMERALS.get(tens, 1) * 10 + _NUMERALS.get(ones, 0)
    return _NUMERALS[text]


def _ahead(which: str) -> int:
    """How many weeks, months or quarters ahead: 本 and this 0, 下 and next 1, 下下 2."""
    return 2 if "after next" in which else which.count("下") + ("next" in which)


def _week(part: Mapping[str, str], today: date) -> date:
    return today + timedelta(days=6 - today.weekday(), weeks=_ahead(part.get("which", "")))


def _weekday(_part: Mapping[str, str], today: date) -> date:
    return today + timedelta(days=13 - today.weekday())


def _month_end(year: int, month: int, part: str = "") -> date:
    """The last day of a month or of its part; months run on past 12."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    if part.startswith(("初", "上", "early")) or "beginning" in part or "start" in part:
        return date(year, month, 10)
    if part.startswith(("中", "mid")) or "middle" in part:
        return date(year, month, 20)
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _this_month(part: Mapping[str, str], today: date) -> date | None:
    months = _ahead(part.get("which", ""))
    end = _month_end(today.year, today.month + months, part.get("part", ""))
    if day := part.get("day"):
        return end.replace(day=int(day)) if 1 <= int(day) <= end.day else None
    return end


def _year(text: str, today: date) -> int | None:
    words = text.removesuffix("年")
    ahead = {"明": 1, "来": 1, "后": 2, "今": 0, "本": 0, "next year": 1, "this year": 0}
    if words.isdecimal():
        return int(words)
    return today.year + ahead[words] if words in ahead else None


def _named(part: Mapping[str, str], today: date) -> date | None:
    """A month or a day of it: the coming one, unless the year is given."""
    name = part["name"]
    month = int(_number(name)) if name not in _MONTHS else _MONTHS[name]
    if not 1 <= month <= 12:
        return None
    given = _year(part.get("year", ""), today)
    year = given or today.year + (month < today.month)
    end = _month_end(year, month, part.get("part", ""))
    day = int(part.get("day") or end.day)
    if not 1 <= day <= _month_end(year, month).day:
        return None
    named = end.replace(day=day)
    if named < today and not given:
        return _month_end(year + 1, month) if day > 28 else named.replace(year=year + 1)
    return named


def _coming_day(part: Mapping[str, str], today: date) -> date | None:
    """``5号前``: the coming one."""
    days = (_this_month({**part, "which": which}, today) for which in ("", "下"))
    return next((day for day in days if day and day >= today), None)


def _quarter(part: Mapping[str, str], today: date) -> date:
    """A quarter's end; this and the next one count as within three months."""
    this = (today.month - 1) // 3
    if number := part.get("number"):
        of = _ORDINALS.index(number) + 1 if number in _ORDINALS else int(_number(number))
        year = _year(part.get("year", ""), today) or today.year + (of - 1 < this)
        ahead = (year - today.year) * 4 + of - 1 - this
    else:
        ahead = min(1, _ahead(part["which"]))
    end = _month_end(today.year, 3 * (this + ahead + 1))
    return end if ahead > 1 else min(end, today + timedelta(days=_QUARTER_DAYS))


def _half(part: Mapping[str, str], today: date) -> date:
    second = part["side"] in ("下", "h2", "second")
    year = _year(part.get("year", ""), today) or today.year + (not second and today.month > 6)
    return _month_end(year, 12 if second else 6)


def _year_end(part: Mapping[str, str], today: date) -> date:
    year = _year(part.get("year", ""), today) or today.year
    return _month_end(year, 2 if part.get("early") else 12)


@cache
def _spring_festival(year: int) -> date:
    named = holidays.country_holidays("CN", years=year, language="zh_CN").items()
    return min((day for day, name in named if "春节" in name), default=date(year, 2, 1))


def _festival(part: Mapping[str, str], today: date) -> date:
    """Before a holiday, or some weeks after it."""
    month_day = _FIXED_FESTIVALS.get(part["festival"])
    days = (
        date(year, *month_day) if month_day else _spring_festival(year)
        for year in (today.year, today.year + 1)
    )
    coming = next((day for day in days if day >= today), today + timedelta(days=_FAR))
    return coming + timedelta(days=30 * bool(part.get("after")))


def _at(days: int) -> _Ends:
    return lambda _part, today: today + timedelta(days=days)


_DAYS: Final[_Rules] = {
    _named: (
        r"(?P<year>(?<!\d)20\d\d) ?[-/.年] ?(?P<name>\d{1,2}) ?[-/.月] ?(?P<day>\d{1,2})(?!\d)",
        r"(?P<year>(?<!\d)20\d\d) ?[-/.年] ?(?P<name>\d{1,2})(?![\d./年-])",
        rf"{_CN_YEAR}(?<![\d.])(?P<name>\d{{1,2}}) ?月 ?(?P<day>\d{{1,2}}) ?[日号]?(?!\d)",
        r"(?:^|\b(?:by|on|before) |时间[ :为]{0,3})(?P<name>\d{1,2})/(?P<day>\d{1,2})(?![\d/])",
        rf"\b{_NAME} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b{_EN_YEAR}",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_NAME}\b{_EN_YEAR}",
    ),
    _coming_day: (
        r"(?<![\d月])(?P<day>[12]?\d|3[01])[号日](?:之?前|以前|左右|前后)",
        r"\b(?:by|before) (?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th)\b",
    ),
    _festival: (
        r"(?P<festival>元旦|春节|过年|年|五一|国庆|圣诞|劳动)节?[之以]?(?:前|(?P<after>后))",
        r"(?P<festival>)(?P<after>开年|开春|过完年)",
        r"\b(?:before|by) (?:the )?(?P<festival>christmas|xmas|new year)\b",
    ),
    _week: (
        r"(?P<which>本|这个?|下下个?|下个?)(?:周|星期|礼拜)(?![围转边刊])",
        r"\b(?P<which>week after next|this week|next week|end of (?:the )?week|eow)\b",
    ),
    _weekday: (
        r"(?<![每两二三四五六七八\d个上年])周内(?!年)",
        (
            r"(?<![每两二三四五六七八\d个上年])(?:周|星期|礼拜)[一二三四五六日天末]"
            r"(?=$|之?前|以前|就|要|定|上午|下午|晚上|[^\u4e00-\u9fff])"
        ),
        r"\b(?:by|before|on|this|next) (?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
    ),
}
_PERIODS: Final[_Rules] = {
    _named: (
        (
            rf"{_CN_YEAR}(?<![\d.])(?P<name>1[0-2]|0?[1-9]|十[一二]?|(?<!十)[{_DIGITS}])"
            rf"月份?{_CN_PART}(?! ?\d)"
        ),
        # A month alone may be somebody's name: Jan Visser, June Parr.
        (
            rf"\b(?:in|by|before|until|till|during|next|this|around) {_EN_PART}{_NAME}\b{_EN_YEAR}"
            r"(?! \d)"
        ),
        rf"\b{_EN_EARLY}[ -]{_NAME}\b{_EN_YEAR}(?! \d)",
        rf"\b{_NAME},? (?:of )?(?P<year>20\d\d|next year|this year)\b",
        rf"\b(?:timeline|time ?frame|timing|deadline)(?: is)?[ :]{{1,3}}{_NAME}\b{_EN_YEAR}(?! \d)",
        rf"^{_NAME}[^a-z]{{0,3}}$",
        rf"\b(?:in|by|before|until|during|next|mid|end of) (?P<name>may)\b{_EN_YEAR}",
    ),
    _this_month: (
        rf"(?P<which>本|这个?|当|下下个?|下个?)月(?:(?P<day>\d{{1,2}})[号日]|{_CN_PART})",
        rf"\b{_EN_PART}(?:the )?(?P<which>month after next|this month|next month)\b",
        r"\b(?:end of (?:the )?month|month[- ]end|eom|within the month)\b",
        r"(?<![个\d.半下本这当])月(?:底|末|内)",
    ),
    _quarter: (
        rf"{_CN_YEAR}q(?P<number>[1-4])(?!\d)",
        rf"{_CN_YEAR}第(?P<number>[一二三四1-4])个?季度?",
        rf"{_CN_YEAR}(?P<number>[一二三四1-4])季度",
        rf"\bq(?P<number>[1-4]){_EN_YEAR}\b",
        rf"\b(?P<number>first|second|third|fourth) quarter\b{_EN_YEAR}",
        r"(?P<which>本|这个?|当|下一个|下一|下个|下)季度?",
        r"\b(?P<which>this|next|current) quarter\b",
    ),
    _half: (
        rf"{_CN_YEAR}(?P<side>[上下])半年",
        rf"\b(?P<side>h[12]|(?:first|second) half){_EN_YEAR}\b",
    ),
    _year_end: (
        r"(?P<year>明年|来年|后年|今年|本年|(?<!\d)20\d\d年)(?:底|末|内|度|(?P<early>年?初))?",
        r"\b(?P<early>early|beginning of|start of) (?P<year>next year|20\d\d)\b",
        r"(?<![半\d一二两三四五明来后今本])年(?:底|末|内)",
        r"\b(?:end of )?(?P<year>next year|this year)\b",
        r"\bend of (?:the )?year\b|\beoy\b|\byear(?:'s|[ -])? ?end\b",
        r"\b(?:in|by|before|during) (?P<year>20\d\d)\b",
    ),
}
_NO_START: Final = r"(?<!\d)(?<!过去)(?<!最近)(?<!近)(?<!每)(?<!满)(?<!前)"
_LENGTHS: Final[_Rules] = {
    _counted: (
        (
            rf"{_NO_START}{_CN_LENGTH}(?:时间)? ?"
            r"(?:之内|以内|内|里|左右|(?=就?要|必须|上线|交付|搞定|到位))"
        ),
        (
            r"(?:未来|今后|接下来|不超过|最多|最迟|不晚于|大概|大约|预计|差不多|约)的?"
            rf"{_CN_LENGTH}"
        ),
        rf"{_NO_START}{_CN_LENGTH}(?P<after>之后|以后|后|以上)",
        rf"^(?:[\d{_DIGITS}]{{1,3}} ?[-~到至] ?)?{_CN_LENGTH}$",
        rf"(?:时间|周期)[ :为]{{0,3}}(?:[\d{_DIGITS}]{{1,3}} ?[-~到至] ?)?{_CN_LENGTH}$",
        (
            r"\b(?:within|in|inside|under|less than|no more than|at most|next|coming|about)"
            rf"(?: about| around| the next)? {_EN_LENGTH}(?! ago)"
        ),
        rf"\b{_EN_LENGTH} (?:from (?:now|today)|or less)\b",
        rf"\b(?P<after>after|more than|over|at least|longer than) {_EN_LENGTH}",
        rf"^[^a-z\d]{{0,3}}{_EN_LENGTH}$",
        rf"\b(?:timeline|time ?frame|timing)(?: is)?[ :]{{1,3}}{_EN_LENGTH}",
        rf"^(?P<count>\d{{1,2}})(?P<after>\+){_EN_UNIT}",
    ),
}
_WORDS: Final[_Rules] = {
    _at(0): (
        r"今天|今日|明天|后天|现在就|[这近]两天|[这近]几天|马上|立即|立刻|即刻|越快越好|尽快|尽早",
        r"从速|火速|赶紧|抓紧|^急$|急需|急用|急着|急要|紧急|[很挺蛮]急|比较急|非常急|特别急|加急",
        r"(?<!不)(?<!别)着急",
        r"\basap\b|\bas soon as possible\b|(?<!not )\burgent(?:ly)?\b|\bimmediate(?:ly)?\b",
        r"\b(?:right|straight) away\b|\bat once\b|\bright now\b|\btoday\b|\btomorrow\b",
        r"\bready to (?:buy|sign|order|purchase)\b",
    ),
    _at(_FAR): (
        r"不着?急|不太急|不是很急|没那么急|不赶|以后再说|将来|日后|远期|长期考虑|再等等|暂(?:时|缓)?不",
        r"\bno (?:rush|hurry|urgency)\b|\bnot urgent\b|\bsome ?day\b|\blong[- ]term\b",
        r"\bin the (?:distant )?future\b|\bnot (?:any ?time )?soon\b",
    ),
}
_RULES: Final = tuple(
    (ends, lazy_pattern(pattern))
    for rules in (_DAYS, _PERIODS, _LENGTHS, _WORDS)
    for ends, patterns in rules.items()
    for pattern in patterns
)

_CLAUSES: Final = re.compile(r"[,。;!?\n]|\.(?=\s|$)|\b(?:but|then)\b|但是?|然后")
_BUYS: Final = lazy_pattern(
    r"采购|购买|购入|要买|想买|买[进入断单个套]|下单|订购|订货|定下|要定|敲定|定稿|定板|决定|决策|拍板|"
    r"上线|上系统|启用|使用|用上|签约|签合同|签单|签下来|立项|启动|实施|部署|落地|到货|交付|到位|投产|"
    r"招标|开标|替换|更换|换掉|开始用|搞定|成交|"
    r"\b(?:buy|buying|purchas\w{1,4}|order|sign|go[- ]?live|going live|launch|decide|deciding|"
    r"decision|implement\w{0,5}|deploy\w{0,4}|roll(?:ing)? ?out|switch\w{0,3}|replac\w{1,4}|"
    r"in place|procur\w{1,7}|kick(?:ing)? ?off|close|deliver\w{0,3}|install\w{0,3}|"
    r"up and running|start(?:ing)? using)\b"
)
_OTHERWISE: Final = lazy_pattern(
    r"联系|回电|回复|答复|致电|来电|电话|沟通|报价|报个价|发(?:我|给|一份|份|个)|资料|演示|试用|"
    r"开会|会议|见面|拜访|面谈|聊聊|介绍|看看|了解|考察|参观|培训|合同期|有效期|"
    r"\b(?:call\w{0,4}|spoken?|phoned|rang|asked|contact|reply|respond|get back|hear back|send|"
    r"demo|quot\w{1,6}|trial|meet\w{0,3}|"
    r"visit|talk|chat|speak|information|info|brochure|training)\b"
)
_PAYS: Final = lazy_pattern(
    r"付款|账期|回款|退款|退货|结算|质保|保修|免费|到期|过期|合作了|成立|创立|"
    r"\b(?:pay\w{0,5}|net 30|refund\w{0,3}|warranty|contract ends|invoice[sd]?|expir\w{1,6}|"
    r"founded|free)\b"
)
_NEVER: Final = lazy_pattern(
    r"不会|(?<!暂)(?<!暂时)不(?:打算|考虑|买|采购)|没有?计划|没打算|无计划|定不了|来不及|"
    r"\b(?:won't|will not|not going to|no plans?|"
    r"(?:don't|do not|not) (?:plan|intend|expect)\w{0,3})\b"
)
_NOT: Final = re.compile(r"(?:不是|不在|并非|非|not|isn't|not (?:within|in|by|before)) ?$")


def read_timeframe(text: str, written: date) -> tuple[Timeframe, str]:
    """When they mean to buy, and the words that say so, in half-width lower case.

    UNKNOWN and "" where the text does not say. ``written`` is the day of writing; the first 2,000
    characters are read.
    """
    clauses = [clause for clause in _CLAUSES.split(_plain(text)) if clause.strip()]
    found = [
        (bool(_BUYS.search(clause)), *one) for clause in clauses for one in _in(clause, written)
    ]
    about_buying = [one for one in found if one[0]] or found
    if not about_buying:
        return Timeframe.UNKNOWN, ""
    _, last, words = max(about_buying, key=lambda one: one[1])
    days = (last - written).days
    if days <= _MONTH_DAYS:
        return Timeframe.MONTH, words
    return (Timeframe.QUARTER if days <= _QUARTER_DAYS else Timeframe.LATER), words


def _plain(text: str) -> str:
    """Half-width and lower case; a full stop or a comma inside a day is no end of a clause."""
    words = unicodedata.normalize("NFKC", text[:_LONGEST]).lower().replace("’", "'")
    words = re.sub(r"(?<=\d),(?= ?(?:20\d\d|next year|this year))", "", words)
    return re.sub(rf"(?<=\b)({_NAME[8:-1]})\.(?= \d)", r"\1", re.sub(r"[^\S\n]+", " ", words))


def _in(clause: str, written: date) -> Iterator[tuple[date, str]]:
    """The ends of the expressions in a clause that may say when they buy, with their words."""
    buys = _BUYS.search(clause)
    if _PAYS.search(clause) or _NEVER.search(clause) or (_OTHERWISE.search(clause) and not buys):
        return
    matches = [(match, ends) for ends, pattern in _RULES for match in pattern.finditer(clause)]
    matches.sort(key=lambda found: found[0].start() - found[0].end())
    taken: list[tuple[int, int]] = []
    for match, ends in matches:
        start, end = match.span()
        if any(start < after and before < end for before, after in taken):
            # Part of a longer expression, which is read instead.
            continue
        taken.append((start, end))
        last = ends(match.groupdict(""), written)
        if last and last >= written and not _NOT.search(clause[max(0, start - 12) : start]):
            yield last, match[0].strip()
