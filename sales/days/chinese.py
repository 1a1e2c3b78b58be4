"""Days, weeks and months in Chinese: ``下周五``, ``十二月五日``, ``下个月5号``, ``月底``.

Patterns are matched on folded text, see ``words.fold``.
"""

import re
from dataclasses import replace
from datetime import date
from typing import Final

from sales.days.reckoning import (
    DAY,
    Base,
    DayReading,
    NotADay,
    Part,
    add_days,
    add_months,
    bare_weekday,
    calendar_day,
    either,
    month,
    month_end,
    monthless,
    nth_week,
    nth_weekday,
    nth_workday,
    of_week,
    span,
    week,
    weekend,
    yearless,
)
from sales.days.rules import GAP, Rule, rule, said
from sales.days.words import number_zh

_HAN = "零〇一二两三四五六七八九十"
_WEEKDAYS = {one: index for index, one in enumerate("一二三四五六日")} | {"天": 6, "七": 6} | {
    str(index + 1): index for index in range(7)
}  # fmt: skip
WEEK_ZH: Final = r"(?:周|星期|礼拜)"
WHICH: Final = r"(?<![上下])(?P<which>下{1,4}|上{1,4}|这|本|今)(?:一个|[一个])?"
"""``下``, ``上``, ``这``; ``下下`` is one further."""
_NO_TEN = "|十(?!.?点)"
WEEKDAY_ZH: Final = (
    r"(?P<weekday>一(?![般定共样些切旦次起直个期楼号批轮场家位百千万]|方面|汽)"
    rf"|二(?![期次手维楼代号]{_NO_TEN})"
    rf"|三(?![亚星期方轮次个天家位峡门明菱人百千万]{_NO_TEN})"
    rf"|四(?![川季海处次个天家位人平百千万大]{_NO_TEN})"
    rf"|五(?![金粮菱矿个天家位次人百千万]{_NO_TEN})"
    rf"|六(?![安盘合个天家位次人百千万福]{_NO_TEN})"
    r"|日(?![本语元程报志常立产照期化])|天(?![津猫河气府虹然数使线天])|七(?![天夕])"
    r"|[1-7](?![\d.:：点/天日月年号个周家位次台套人万千元%份条组单张件小种-]))"
)
"""A day of the week, where it does not begin another word: 下周日本客户来访."""
_PARTS: dict[str, Part] = {
    "初": "start", "月初": "start", "头": "start", "上旬": "early", "中": "mid",
    "月中": "mid", "下旬": "late", "底": "end", "末": "end", "月底": "end", "月末": "end",
    "尾": "end", "上半月": "mid", "下半月": "end",
}  # fmt: skip
_PART = r"(?P<part>月[初中底末]|[上中下]旬|[初中底末尾头])(?![国文心间])"
YEARS: Final = {"前年": -2, "去年": -1, "今年": 0, "本年": 0, "明年": 1, "来年": 1, "后年": 2}
YEAR: Final = (
    rf"(?:(?P<year>{'|'.join(YEARS)}|(?:\d{{4}}|\d{{2}}|[二〇零一三四五六七八九]{{4}}){GAP}年)"
    rf"(?:的|{GAP}))"
)
_MONTH = r"(?P<month>\d{1,2}|十[一二]?|[一二三四五六七八九])"
_NTH = r"\d{1,2}|[一二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二三四五六七八九]"
NO_DATE_BEFORE: Final = rf"(?:(?<![\d./{_HAN}个-])|(?<=[日号]-))"
_COUNTED = r"(?![\d万千百十个.:：点天家位次台套人元%份月]|小时|分钟)"
_NAMED = (
    r"(?!楼|线(?!上|下)|门|店|机(?!会)|会议|厅|馆|电[池梯机]|位|房|院|仓|库|台|柜|桌|窗|码|航站|厂"
    r"|展[位厅馆区]|文件|公告|样|产品|选手|员工|工[位厂地]|口|站|舱|井|桥|路|地块|标段|车间|令|字)"
)
"""What follows a 5号 that is no day: 5号楼."""
_NEAR = {"昨": -1, "今": 0, "明": 1}


def number(text: str) -> int:
    """A number in digits or words; raises NotADay."""
    found = number_zh(text)
    if found is None:
        raise NotADay(text)
    return found


def year_of(text: str, base: Base) -> int:
    if text in YEARS:
        return base.today.year + YEARS[text]
    year = number(text.rstrip("年 "))
    return year + 2000 if year < 100 else year


def steps(which: str) -> int:
    """``下下`` is two ahead, ``上`` one back, ``这`` none."""
    return len(which) if which[0] == "下" else -len(which) if which[0] == "上" else 0


def _near(match: re.Match[str], base: Base) -> DayReading:
    return DayReading(add_days(base.today, _NEAR[match["near"]]))


def _further(match: re.Match[str], base: Base) -> DayReading:
    """``大后天`` is one day after ``后天``, ``大前天`` one before ``前天``."""
    away = 2 + len(match["big"])
    return DayReading(add_days(base.today, away if match["way"] == "后" else -away))


def _two_days(match: re.Match[str], base: Base) -> DayReading:
    """``明后天`` is by the day after tomorrow, ``今明两天`` by tomorrow."""
    return DayReading(add_days(base.today, 2 if "后" in match[0] else 1), vague=True)


def _weekday(match: re.Match[str], base: Base) -> DayReading:
    weekday, which = _WEEKDAYS[match["weekday"]], said(match, "which")
    if not which:
        return bare_weekday(weekday, base)
    return DayReading(of_week(weekday, steps(which), base), weekday=True)


def _two_weekdays(match: re.Match[str], base: Base) -> DayReading:
    """``周二三`` is by the later of both."""
    weekday, which = _WEEKDAYS[match["weekday"][-1]], said(match, "which")
    if which:
        return DayReading(of_week(weekday, steps(which), base), vague=True)
    return replace(bare_weekday(weekday, base), vague=True)


def weekday_after(weeks: int, weekday: str, base: Base) -> DayReading:
    """``三周后的周五``."""
    return DayReading(of_week(_WEEKDAYS[weekday], weeks, base), weekday=True)


def _week(match: re.Match[str], base: Base) -> DayReading:
    parts: dict[str, Part] = {
        "初": "early", "前半": "early", "上半周": "early", "中": "mid", "后半": "late",
        "下半周": "late", "底": "end",
    }  # fmt: skip
    return week(steps(match["which"]), parts.get(said(match, "part"), ""), base)


def _weekend(match: re.Match[str], base: Base) -> DayReading:
    if which := said(match, "which"):
        return weekend(steps(which), base)
    coming = weekend(0, base)
    return DayReading(coming.day, coming.past or weekend(-1, base).day, vague=True)


def _part_of_month(start: date, part: str, base: Base) -> DayReading:
    if part == "中旬":
        return span(start.replace(day=11), start.replace(day=20), base)
    return month(start, _PARTS.get(part, ""), base)


def _month(match: re.Match[str], base: Base) -> DayReading:
    """``下个月5号``, ``下月中旬``, ``本月内``."""
    start = add_months(base.today.replace(day=1), steps(match["which"]))
    if day := said(match, "day"):
        return DayReading(calendar_day(start.year, start.month, number(day)), dated=True)
    return _part_of_month(start, said(match, "part"), base)


def _this_month(match: re.Match[str], base: Base) -> DayReading:
    """``月底``: of this month, or of the next when that is over."""
    start = base.today.replace(day=1)
    return either(
        lambda count: _part_of_month(add_months(start, count), match["part"], base), base.today
    )


def _date(match: re.Match[str], base: Base) -> DayReading:
    until = said(match, "until")
    of_year, day = number(match["month"]), number(until or match["day"])
    if year := said(match, "year"):
        named = calendar_day(year_of(year, base), of_year, day)
        return DayReading(named, vague=bool(until), dated=True)
    return replace(yearless(of_year, day, base.today), vague=bool(until))


def _named_month(match: re.Match[str], base: Base) -> DayReading:
    """``12月底``, ``明年3月``, ``12月份``."""
    of_year, part = number(match["month"]), said(match, "part")
    start = calendar_day(base.today.year, of_year, 1)
    if year := said(match, "year"):
        return _part_of_month(start.replace(year=year_of(year, base)), part, base)
    return either(
        lambda count: _part_of_month(add_months(start, 12 * count), part, base), base.today
    )


def _before_month(match: re.Match[str], base: Base) -> DayReading:
    """``6月前``: by the last working day before it begins."""
    named = calendar_day(base.today.year, number(match["month"]), 1)
    if year := said(match, "year"):
        return DayReading(
            base.workday(named.replace(year=year_of(year, base)) - DAY, -DAY), vague=True
        )
    return either(
        lambda n: DayReading(base.workday(add_months(named, 12 * n) - DAY, -DAY), vague=True),
        base.today,
    )


def _day_of_month(match: re.Match[str], base: Base) -> DayReading:
    """``5号``, ``3-5号``: the later one."""
    return replace(monthless(number(match["day"]), base.today), vague=bool(said(match, "since")))


def _nth_of_month(match: re.Match[str], base: Base) -> DayReading:
    """``下个月第一个周一``, ``本月最后一个工作日``."""
    this = base.today.replace(day=1)
    if which := said(match, "which"):
        start = add_months(this, steps(which))
    else:
        start = add_months(this, (number(match["month"]) - this.month) % 12)
    what, nth = match["what"], match["nth"].strip("第个")
    last = nth.startswith("最后")
    place = start if not last else month_end(start)
    if what in ("周", "星期", "礼拜"):
        return nth_week(start, -1 if last else number(nth), base)
    if what == "天":
        return DayReading(place + (0 if last else number(nth) - 1) * DAY)
    if what == "工作日":
        return DayReading(nth_workday(place, -1 if last else number(nth), base))
    return DayReading(nth_weekday(place, _WEEKDAYS[what[-1]], -1 if last else number(nth)))


RULES: Final[tuple[Rule, ...]] = (
    rule(
        r"(?P<near>[昨今明])(?:天(?!然|河)|日(?!头条|科技|系统)|儿(?!童|子|女)|(?=[早晚晨夜]))",
        _near,
    ),
    rule(
        r"(?<![提以之目\d日天周月年然先午饭最随])(?P<big>大{0,3})(?P<way>[后前])[天日](?![性线窗桥])",
        _further,
    ),
    rule(r"(?:明后|今明)[两2]?[天日]", _two_days),
    rule(rf"{WHICH}{WEEK_ZH}的?{WEEK_ZH}?{WEEKDAY_ZH}", _weekday),
    rule(
        rf"(?:{WHICH}|(?<![{_HAN}\d每逢第几上下这本今个])){WEEK_ZH}"
        r"(?P<weekday>一二|二三|三四|四五|五六|六日)(?![点十个家次位时月期天])",
        _two_weekdays,
    ),
    rule(rf"(?<![{_HAN}\d每逢第几上下这本今个])(?:{WEEK_ZH}){WEEKDAY_ZH}", _weekday),
    rule(
        rf"{WHICH}{WEEK_ZH}(?![期边围转刊年岁报折全密])"
        r"(?:(?P<part>初|中(?![国文心])|底|[前后]半|[上下]半周)|之内|以内|[内里])?",
        _week,
    ),
    rule(rf"{WHICH}{WEEK_ZH}末", _weekend),
    rule(rf"(?<![每逢下上这本今个一]){WEEK_ZH}末", _weekend),
    rule(
        rf"(?<![上下])(?P<which>下{{1,3}}|上{{1,3}}|这|本|当)(?:一个|[一个])?月(?![亮饼嫂刊租薪经])(?:份)?的?"
        rf"(?:(?P<day>{_NTH})(?:[号日]{_NAMED}|{_COUNTED})|{_PART}|之内|以内|[内里])?",
        _month,
    ),
    rule(
        rf"(?<![年个每\d{_HAN}下上这本当])(?P<part>月[底初末中]|[上中下]旬|[上下]半月)(?![国文心间])",
        _this_month,
    ),
    rule(
        rf"{NO_DATE_BEFORE}{YEAR}?{_MONTH}{GAP}月(?:份)?{GAP}(?P<day>{_NTH})(?!\d)"
        rf"(?:[日号]?[-~到至](?P<until>{_NTH})(?!\d|{GAP}月))?(?:{GAP}[日号]{_NAMED}|{_COUNTED})",
        _date,
    ),
    rule(rf"{NO_DATE_BEFORE}(?P<month>\d{{1,2}})\.(?P<day>\d{{1,2}})[日号]{_NAMED}", _date),
    rule(rf"{NO_DATE_BEFORE}{YEAR}{_MONTH}{GAP}月(?:份)?(?:{_PART})?(?!\d)", _named_month),
    rule(rf"{NO_DATE_BEFORE}{_MONTH}{GAP}月(?:份)?{_PART}", _named_month),
    rule(rf"{NO_DATE_BEFORE}{_MONTH}{GAP}月(?:份|(?=[再签初内]|$))", _named_month),
    rule(rf"{NO_DATE_BEFORE}{YEAR}?{_MONTH}{GAP}月份?[之以]?前(?![端期])", _before_month),
    rule(
        rf"(?<![\d{_HAN}第编型账帐卡月年./A-Za-z-])(?P<since>(?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}})[-~到至、或])?"
        rf"(?P<day>{_NTH}){GAP}号{_NAMED}",
        _day_of_month,
    ),
    rule(
        rf"(?<![\d{_HAN}第月年./A-Za-z-])(?P<day>\d{{1,2}}|[二三]?十[一二三四五六七八九]?)日"
        r"(?![内后游均期语本元常程报产间夜])",
        _day_of_month,
    ),
    rule(
        rf"(?:(?P<which>下{{1,3}}|上{{1,3}}|这|本)(?:一?个)?月|{NO_DATE_BEFORE}{_MONTH}月)的?"
        r"(?P<nth>第[一二三四]个?|最后一个?)(?P<what>工作日|天|(?:周|星期|礼拜)[一二三四五六日天]?(?!期))",
        _nth_of_month,
    ),
)  # fmt: skip
