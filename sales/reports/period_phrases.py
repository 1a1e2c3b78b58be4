"""The periods that a line about reports names: ``Q3``, 十月上旬, ``week of Nov 16``, ``H1 2026``.

Every pattern is anchored where it is tried and bounded in length, so that reading takes linear
time. What no report can have (``week 60``, ``Nov 31``) is read as well, and refused.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final

from sales.days.words import number_en, number_zh
from sales.patterns import lazy_pattern
from sales.reports.periods import PeriodKind, ReportPeriod
from sales.reports.queries import in_reach, period_of_days

_DAY: Final = timedelta(days=1)
_ZH_NUMBER: Final = r"\d{1,2}|[一二两三四五六七八九十]{1,3}"
_YEAR_ZH: Final = r"(?P<year>20\d\d年?|\d\d年|今年|本年|去年|前年)[ ]?的?"
_MONTH_NAMES: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_MONTH_EN: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY_EN: Final = r"\d{1,2}(?:st|nd|rd|th)?(?![\d:])"
_TO: Final = r"[ ]?(?:-|–|—|~|～|\.\.|到|至|to|until|till|through)[ ]?"
_END: Final = r"(?![a-z0-9])"
_ENGLISH_DAY: Final = (
    rf"(?P<@_m>{_MONTH_EN})\.?[ ](?P<@_d>{_DAY_EN})(?:,?[ ](?P<@_y>20\d\d){_END})?"
)
_DAY_ENGLISH: Final = (
    rf"(?P<@_d>{_DAY_EN})[ ]?(?:of )?(?P<@_m>{_MONTH_EN})(?:,?[ ](?P<@_y>20\d\d){_END})?{_END}"
)
_ISO_DAY: Final = r"(?P<@_y>20\d\d)[-/.](?P<@_m>\d{1,2})[-/.](?P<@_d>\d{1,2})(?!\d)"
_HAN_DAY: Final = (
    rf"(?:(?P<@_y>20\d\d年|\d\d年|今年|去年|前年)[ ]?)?(?P<@_m>{_ZH_NUMBER})月"
    r"(?P<@_d>\d{1,2}[日号]?|[一二三四五六七八九十]{1,3}[日号])(?!\d)"
)
_SHORT_DAY: Final = r"(?P<@_1>\d{1,2})[/.](?P<@_2>\d{1,2})(?:/(?P<@_y>20\d\d))?(?![\d/.])"
_LONG_DAYS: Final = (_ISO_DAY, _HAN_DAY, _ENGLISH_DAY, _DAY_ENGLISH)
_Reading = Callable[["re.Match[str]", date], ReportPeriod]


_YEAR_NUMBER: Final = re.compile(r"(?:20)?\d\d")


def _year_of(text: str | None, today: date) -> int | None:
    """The year of a phrase; None without one."""
    if not text:
        return None
    if digits := _YEAR_NUMBER.search(text):
        return 2000 + int(digits[0][-2:])
    return today.year - {"去": 1, "前": 2}.get(text[0], 0)


def _month_number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    if text[:3] in _MONTH_NAMES:
        return _MONTH_NAMES.index(text[:3]) + 1
    return number_zh(text) or 0


def _last_month(number: int, today: date) -> date:
    """The first day of the last such month that has begun."""
    return date(today.year - (number > today.month), number, 1)


def _one_month(match: "re.Match[str]", today: date) -> ReportPeriod:
    number, year = _month_number(match["month"]), _year_of(match["year"], today)
    return ReportPeriod.month_of(date(year, number, 1) if year else _last_month(number, today))


def _months(match: "re.Match[str]", today: date) -> ReportPeriod:
    """``1-3月``: the last such months that have begun."""
    first, last = _month_number(match["first"]), _month_number(match["last"])
    year = _year_of(match["year"], today)
    begin = date(year, first, 1) if year else _last_month(first, today)
    end = date(begin.year + (last < first), last, 1)
    return period_of_days(begin, ReportPeriod.month_of(end).last)


def _half(match: "re.Match[str]", today: date) -> ReportPeriod:
    second = match["half"] in ("2", "second", "下")
    year = _year_of(match["year"] or match["after"], today)
    if year is None:
        year = today.year - (second and today.month < 7)
    return period_of_days(
        date(year, 7 if second else 1, 1), date(year, 12 if second else 6, 31 if second else 30)
    )


def _quarter(match: "re.Match[str]", today: date) -> ReportPeriod:
    names = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
    said = match["number"]
    number = names.get(said) or (int(said) if said.isdecimal() else number_zh(said) or 0)
    year = _year_of(match["year"] or match["after"], today)
    first = 3 * number - 2
    if year is None:
        year = today.year - (first > today.month)
    return ReportPeriod.quarter_of(date(year, first, 1))


def _week(match: "re.Match[str]", today: date) -> ReportPeriod:
    said = match["week"]
    number = int(said) if said.isdecimal() else number_zh(said) or 0
    year = _year_of(match["year"] or match["after"], today)
    if year is None:
        this_year, this_week, _ = today.isocalendar()
        year = this_year - (number > this_week)
    return ReportPeriod.week_of(date.fromisocalendar(year, number, 1))


def _whole_year(match: "re.Match[str]", today: date) -> ReportPeriod:
    year = _year_of(match["year"], today)
    return ReportPeriod.year_of(date(year or today.year, 1, 1))


_UNITS: Final = {
    "d": PeriodKind.DAYS, "天": PeriodKind.DAYS, "日": PeriodKind.DAYS, "w": PeriodKind.WEEK,
    "周": PeriodKind.WEEK, "星": PeriodKind.WEEK, "礼": PeriodKind.WEEK, "m": PeriodKind.MONTH,
    "月": PeriodKind.MONTH, "q": PeriodKind.QUARTER, "季": PeriodKind.QUARTER,
    "y": PeriodKind.YEAR, "年": PeriodKind.YEAR,
}  # fmt: skip
_UNIT_EN: Final = r"days?|weeks?|months?|quarters?|years?"
_UNIT_ZH: Final = r"天|日|周|星期|礼拜|月|季度|年"


def _count(text: str) -> int:
    return int(text) if text.isdecimal() else number_zh(text) or number_en(text) or 0


def _back(kind: PeriodKind, count: int, today: date) -> ReportPeriod:
    if not 0 < count < 100:
        raise ValueError(count)
    if kind is PeriodKind.DAYS:
        return ReportPeriod.around(kind, today - count * _DAY)
    period = ReportPeriod.around(kind, today)
    for _ in range(count):
        period = period.previous
    return period


def _ago(match: "re.Match[str]", today: date) -> ReportPeriod:
    return _back(_UNITS[match["unit"][0]], _count(match["count"]), today)


def _before_last(match: "re.Match[str]", today: date) -> ReportPeriod:
    return _back(_UNITS[match["unit"][0]], 2, today)


def _last_quarters(match: "re.Match[str]", today: date) -> ReportPeriod:
    """The last complete ones."""
    this = ReportPeriod.around(PeriodKind.QUARTER, today)
    first = _back(PeriodKind.QUARTER, _count(match["count"]), today)
    return period_of_days(first.first, this.first - _DAY)


def _so_far(match: "re.Match[str]", today: date) -> ReportPeriod:
    return ReportPeriod.around(_UNITS[match["unit"][0]], today)


def _day_of(match: "re.Match[str]", which: str, today: date, after: date | None = None) -> date:
    """A day of a pattern; without a year the last such day, or the first on or after another."""
    groups = match.groupdict()
    said, month = groups[f"{which}_d"], groups.get(f"{which}_m")
    digits = _DIGITS.match(said)
    day = int(digits[0]) if digits else number_zh(said.rstrip("日号")) or 0
    if month is None:
        return (after or today).replace(day=day)
    number = _month_number(month.strip("."))
    return _dated(_year_of(groups.get(f"{which}_y"), today), number, day, today, after)


def _dated(year: int | None, month: int, day: int, today: date, after: date | None) -> date:
    if year is not None:
        return date(year, month, day)
    if after is not None:
        return _first_from(after, month, day)
    in_this_year = date(today.year, month, day)
    return in_this_year if in_this_year <= today else date(today.year - 1, month, day)


def _first_from(after: date, month: int, day: int) -> date:
    same = date(after.year, month, day)
    return same if same >= after else date(after.year + 1, month, day)


_DIGITS: Final = re.compile(r"\d{1,2}")


def _short_days(match: "re.Match[str]", today: date) -> ReportPeriod:
    """``11/1-11/15``: the month first, as reports are written in China, unless no such day is."""
    ones, twos = (int(match["a_1"]), int(match["b_1"])), (int(match["a_2"]), int(match["b_2"]))
    months, days = (ones, twos) if max(ones) <= 12 else (twos, ones)
    first = _dated(_year_of(match["a_y"], today), months[0], days[0], today, None)
    last = _dated(_year_of(match["b_y"], today), months[1], days[1], today, first)
    return period_of_days(first, last)


def _week_with(match: "re.Match[str]", today: date) -> ReportPeriod:
    return ReportPeriod.week_of(_day_of(match, "a", today))


def _third(match: "re.Match[str]", today: date) -> ReportPeriod:
    """``10月上旬``: the first ten days of a month, the second, or the rest."""
    if said := match["month"]:
        number, year = _month_number(said), _year_of(match["year"], today)
        month = ReportPeriod.month_of(date(year, number, 1) if year else _last_month(number, today))
    else:
        month = ReportPeriod.month_of(today)
        month = month.previous if match["which"].startswith("上") else month
    begin = {"上": 1, "中": 11, "下": 21}[match["third"]]
    end = month.last if begin == 21 else month.first.replace(day=begin + 9)
    return ReportPeriod.days(month.first.replace(day=begin), end)


def this_or_last(match: "re.Match[str]", today: date) -> ReportPeriod:
    period = ReportPeriod.around(_UNITS[match["unit"][0]], today)
    return period.previous if match["which"][0] in "lpu上" else period


def _one_day(match: "re.Match[str]", today: date) -> ReportPeriod:
    day = _day_of(match, "a", today)
    return ReportPeriod.days(day, day)


def _days(match: "re.Match[str]", today: date) -> ReportPeriod:
    first = _day_of(match, "a", today)
    return period_of_days(first, _day_of(match, "b", today, first))


def _first(day: str) -> str:
    """The pattern of a day as that of the first of two."""
    return day.replace("@", "a")


_PATTERNS: Final[tuple[tuple["re.Pattern[str]", _Reading], ...]] = tuple(
    (lazy_pattern(pattern), read)
    for pattern, read in (
        *((_first(one) + _TO + one.replace("@", "b"), _days) for one in _LONG_DAYS),
        (_first(_SHORT_DAY) + _TO + _SHORT_DAY.replace("@", "b"), _short_days),
        *(
            (
                rf"(?:the )?week (?:of|from|starting|beginning|commencing) (?:the )?{_first(one)}",
                _week_with,
            )
            for one in (_ISO_DAY, _ENGLISH_DAY, _DAY_ENGLISH)
        ),
        *(
            (rf"{_first(one)}(?:那|所在的?|这)一?[周个]星?期?", _week_with)
            for one in (_ISO_DAY, _HAN_DAY)
        ),
        (
            rf"(?:{_YEAR_ZH})?(?:(?P<month>{_ZH_NUMBER})月份?|(?P<which>本|这个?|上个?)月)(?P<third>[上中下])旬",
            _third,
        ),
        (
            r"(?:the )?(?P<which>this|last|current|past) "
            r"(?P<unit>wk|mth|month|qtr|quarter|yr|week|year)" + _END,
            this_or_last,
        ),
        (r"(?P<which>这一?个?|本|上一?个?|当前?)(?P<unit>周|星期|礼拜|月|季度?)", this_or_last),
        (rf"(?:fy|fiscal|fiscal year|calendar year|year)[ ]?(?P<year>20\d\d){_END}", _whole_year),
        (rf"{_first(_ENGLISH_DAY)}{_TO}(?P<b_d>{_DAY_EN})(?![ ]?(?:{_MONTH_EN}|[./]))", _days),
        (rf"{_first(_HAN_DAY)}{_TO}(?P<b_d>\d{{1,2}})[日号]?(?![\d月])", _days),
        (
            (
                rf"(?P<a_d>{_DAY_EN}){_TO}(?P<b_d>{_DAY_EN})[ ](?P<a_m>{_MONTH_EN})"
                rf"(?:[ ](?P<a_y>20\d\d))?{_END}"
            ),
            _days,
        ),
        (_first(_ENGLISH_DAY), _one_day),
        (_first(_DAY_ENGLISH), _one_day),
        (_first(_HAN_DAY), _one_day),
        (_first(_ISO_DAY), _one_day),
        (rf"(?:{_YEAR_ZH})?第(?P<week>{_ZH_NUMBER})个?(?:周|星期)(?P<after>)", _week),
        (
            r"(?P<year>)(?:week|wk|cw|kw|w)[ .#]?(?P<week>\d{1,2})"
            r"(?:,?[ ](?:of |in )?(?P<after>20\d\d))?" + _END,
            _week,
        ),
        (rf"(?P<year>20\d\d)[- ]?w(?P<week>\d{{1,2}})(?P<after>){_END}", _week),
        (r"(?P<year>20\d\d)[-/.](?P<month>\d{1,2})(?![-/.]?\d)", _one_month),
        (r"(?P<month>\d{1,2})/(?P<year>20\d\d)(?!\d)", _one_month),
        (rf"{_YEAR_ZH}(?P<month>{_ZH_NUMBER})月份?(?!\d)", _one_month),
        (
            (
                rf"(?P<month>{_MONTH_EN})(?:,?[ ](?:of )?(?P<year>20\d\d|['’]\d\d))?{_END}"
                r"(?! (?:i|we|you)(?![a-z]))"
            ),
            _one_month,
        ),
        (
            rf"(?:{_YEAR_ZH})?(?P<first>{_ZH_NUMBER})(?:月份?)?{_TO}(?P<last>{_ZH_NUMBER})月份?(?!\d)",
            _months,
        ),
        (r"(?P<year>20\d\d )?h(?P<half>[12])(?: (?P<after>20\d\d))?" + _END, _half),
        (
            r"(?P<year>)(?:the )?(?P<half>first|second) half(?: of)?(?: the year)?"
            r"(?: (?P<after>20\d\d))?" + _END,
            _half,
        ),
        (rf"(?:{_YEAR_ZH})?(?P<half>[上下])半年(?P<after>)", _half),
        (
            r"(?P<year>)(?:the )?(?P<number>first|second|third|fourth) quarter(?: of)?"
            r"(?: (?P<after>20\d\d))?" + _END,
            _quarter,
        ),
        (
            r"(?P<year>20\d\d[- ]?)?q(?P<number>\d)(?:[ ]?(?:of )?(?P<after>20\d\d|['’]\d\d))?"
            + _END,
            _quarter,
        ),
        (rf"(?:{_YEAR_ZH})?第?(?P<number>[一二三四五六七八九\d])(?:个)?季度(?P<after>)", _quarter),
        (r"(?P<year>前年|20\d\d年)(?:全年|整年)?(?!\d)", _whole_year),
        (r"(?P<year>去年|今年|本年)(?:全年|整年|度)", _whole_year),
        (
            (
                rf"(?P<count>\d{{1,2}}|an?|one|two|three|four|five|six|seven|eight|nine|ten) "
                rf"(?P<unit>{_UNIT_EN}) ago{_END}"
            ),
            _ago,
        ),
        (rf"(?P<count>{_ZH_NUMBER})个?(?P<unit>{_UNIT_ZH})(?:以|之)?前", _ago),
        (
            rf"(?:the )?(?P<unit>week|month|quarter|year|day) before (?:last|yesterday){_END}",
            _before_last,
        ),
        (
            r"上上个?(?P<unit>周|星期|礼拜|月|季度)|(?P<day>前天)",
            lambda m, t: _back(PeriodKind.DAYS, 2, t) if m["day"] else _before_last(m, t),
        ),
        (
            r"(?:the )?(?:last|past|previous) (?P<count>\d|two|three|four|five|six"
            r"|eight) quarters" + _END,
            _last_quarters,
        ),
        (rf"(?:最近|过去|近|前)(?P<count>{_ZH_NUMBER})个?季度", _last_quarters),
        (
            rf"(?P<unit>day|week|month|quarter|year) to date{_END}|(?P<short>[wmqy])td{_END}",
            lambda m, t: ReportPeriod.around(_UNITS[(m["unit"] or m["short"])[0]], t),
        ),
        (r"(?P<unit>周|月|季|年)(?:度)?初(?:至今|到现在|以来)", _so_far),
    )
)


def periods_at(plain: str, place: int, today: date) -> Iterator[tuple[int, ReportPeriod | None]]:
    """Yield where each name of a period that begins at the place ends, and the period; None for one
    that there is not, or that is out of reach."""
    for pattern, read in _PATTERNS:
        if match := pattern.match(plain, place):
            try:
                period = in_reach(read(match, today))
            except (ValueError, OverflowError):
                period = None
            yield match.end(), period
