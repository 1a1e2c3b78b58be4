"""Lengths of time, quarters, years and holidays in Chinese: ``半个月后``, ``季度末``, ``春节后``.

Also the words that speak of time, but name no day. Patterns are matched on folded text.
"""

import re
from datetime import date
from typing import Final

from sales.days import festivals
from sales.days.chinese import (
    NO_DATE_BEFORE,
    WEEK_ZH,
    WEEKDAY_ZH,
    WHICH,
    YEAR,
    number,
    steps,
    weekday_after,
    year_of,
)
from sales.days.reckoning import (
    Base,
    DayReading,
    Part,
    add_days,
    add_months,
    either,
    months,
    quarter_start,
)
from sales.days.rules import GAP, Rule, Skip, nothing, rule, said, unread
from sales.days.words import NO_NUMBER_ZH, NUMBER_ZH, about_zh, number_zh

_UNIT = (
    r"(?P<unit>个?工作日|天|日(?!本)|周半?(?![岁年期边])|个?星期|个?礼拜|个半?月|月|个?季度|年半?)"
)
_COUNT = (
    rf"{NO_NUMBER_ZH}(?P<count>半|{NUMBER_ZH}){GAP}(?:[-~到至]{GAP}(?P<most>{NUMBER_ZH}){GAP})?"
)
_ABOUT = r"(?P<about>大约|大概|差不多|约|左右)?"
WAY: Final = r"(?P<way>(?:之|以)?[后内前](?![端台勤妈羿续者款景沿瞻提缀]|期(?!间))|期内)"
_COUNTABLE = r"[\d一二两三四五六七八九十]{1,3}"
_HOLIDAYS = sorted(
    (name for name in festivals.HOLIDAYS if not name.isascii() or name.isdigit()),
    key=len,
    reverse=True,
)
_ENDS: dict[str, Part] = {
    "末": "end", "底": "end", "尾": "end", "初": "early", "中": "mid", "内": "",
}  # fmt: skip
_NO_YEAR_BEFORE = r"(?<![\d一二两三四五六七八九十几多半数去今明前后成百往每全周])"


def _length(match: re.Match[str], base: Base) -> DayReading | Skip | None:
    """``三天后``, ``一周内``, ``再过三天``, ``两个半月后``, ``半年后``; ``三天前`` is past."""
    count, unit, back = match["count"], match["unit"], said(match, "way").endswith("前")
    if back and unit == "日" and count.isdigit():
        # 15日前: by the 15th.
        return None
    vague = bool(said(match, "about") or said(match, "most"))
    found = number_zh(said(match, "most") or count) if count != "半" else 0
    if found is None:
        found, vague = about_zh(count), True
    if found is None:
        return Skip.UNREAD
    halves = (count == "半") + (count != "半" and "半" in unit)
    if (unit == "天" or "周" in unit) and count == "半":
        return None
    sign = -1 if back else 1
    day = _away(unit.replace("半", "").removeprefix("个"), found * sign, halves * sign, base)
    idiom = not said(match, "way") and count in ("两", "2")
    return DayReading(day, vague=vague or idiom or (back and unit not in ("天", "日")))


def _away(unit: str, count: int, half: int, base: Base) -> date:
    """The day that is so many units away; ``half`` is -1, 0 or 1 half of a unit more."""
    match unit:
        case "工作日":
            return base.workdays(count)
        case "天" | "日":
            return add_days(base.today, count)
        case "周" | "星期" | "礼拜":
            return add_days(base.today, 7 * count + 4 * half)
        case "月":
            return add_days(add_months(base.today, count), 15 * half)
        case "季度":
            return add_months(base.today, 3 * count)
        case _:
            return add_months(base.today, 12 * count + 6 * half)


def _week_and_day(match: re.Match[str], base: Base) -> DayReading | None:
    weeks = number_zh(match["count"])
    return None if weeks is None else weekday_after(weeks, match["weekday"], base)


def _year(match: re.Match[str], base: Base) -> DayReading:
    """``年底``, ``明年年初``, ``明年上半年``."""

    def of(year: int) -> DayReading:
        part = match["part"]
        if "半年" in part:
            first = date(year, 7 if "下" in part else 1, 1)
            return months(first, 6, _ENDS.get(part[-1], ""), base)
        return months(date(year, 1, 1), 12, _ENDS[part[-1]], base)

    if year := said(match, "year"):
        return of(year_of(year, base))
    return either(lambda count: of(base.today.year + count), base.today)


def _quarter(match: re.Match[str], base: Base) -> DayReading:
    """``季度末``, ``下季度``, ``明年一季度``, ``Q1底``."""
    part, named = _ENDS.get(said(match, "part")[-1:], ""), said(match, "number")
    start = quarter_start(base.today)
    if which := said(match, "which"):
        return months(add_months(start, 3 * steps(which)), 3, part, base)
    if not named:
        return either(lambda n: months(add_months(start, 3 * n), 3, part, base), base.today)
    first = date(base.today.year, 3 * number(named) - 2, 1)
    if year := said(match, "year"):
        return months(first.replace(year=year_of(year, base)), 3, part, base)
    return either(lambda n: months(add_months(first, 12 * n), 3, part, base), base.today)


def _holiday(match: re.Match[str], base: Base) -> DayReading:
    way, name, named = match["way"], match["name"], said(match, "year")
    year = year_of(named, base) if named else 0
    if way.endswith("前"):
        return festivals.before(name, base, year)
    return (festivals.after if way.endswith("后") else festivals.during)(name, base, year)


def _over(match: re.Match[str], base: Base) -> DayReading:
    """``过完元旦``."""
    return festivals.after(match["name"], base)


def _new_year(match: re.Match[str], base: Base) -> DayReading:
    """``年前``, ``过完年``: before and after the Spring Festival."""
    return (festivals.before if match[0].endswith("前") else festivals.after)("春节", base)


def _break(match: re.Match[str], base: Base) -> DayReading:
    return festivals.around_next_break(base, later=match[0].endswith("后"))


def _lunar(match: re.Match[str], base: Base) -> DayReading:
    named = {"除夕": -1, "大年三十": -1, "年三十": -1, "元宵": 14}.get(match[0])
    return festivals.lunar(number(match["day"]) - 1 if named is None else named, base)


def _closing(_match: re.Match[str], base: Base) -> DayReading:
    """``下班前``: of today, when no day stands beside it."""
    return DayReading(base.today, at=base.closes(base.today), closing=True)


RULES: Final[tuple[Rule, ...]] = (
    rule(r"(?:临|快)?(?:下班|收工|放工|打烊)之?前|[临快]下班(?:的时候|时)", _closing),
    rule(rf"{_ABOUT}(?:再?过)?{_COUNT}{_UNIT}(?:左右)?{WAY}", _length),
    rule(rf"再过{_ABOUT}{_COUNT}{_UNIT}", _length),
    rule(rf"(?<![再一\d越超通经不度])过{_COUNT}{_UNIT}", _length),
    rule(
        rf"{NO_NUMBER_ZH}(?P<count>{NUMBER_ZH}){GAP}(?:周|个?星期|个?礼拜)[之以]?后的?"
        rf"{WEEK_ZH}{WEEKDAY_ZH}",
        _week_and_day,
    ),
    rule(rf"{YEAR}(?P<part>年?[底末尾初中内]|[上下]半年[底末]?)(?![国文心])", _year),
    rule(
        rf"{_NO_YEAR_BEFORE}(?P<part>年[底末尾中初内]|岁末|[上下]半年[底末]?)(?![国文心])", _year
    ),
    rule(rf"{WHICH}季度?(?![报节])(?:(?P<part>[初末底中])|之内|以内|内)?", _quarter),
    rule(rf"{YEAR}第?(?P<number>[一二三四1-4])季度?(?P<part>[初末底中])?", _quarter),
    rule(rf"{YEAR}Q(?P<number>[1-4])(?P<part>[初末底中])?", _quarter),
    rule(
        rf"(?:第?(?P<number>[一二三四1-4])季度?|{NO_DATE_BEFORE}季度?)(?P<part>[初末底])", _quarter
    ),
    rule(r"(?<![A-Za-z])Q(?P<number>[1-4])(?P<part>[初末底])", _quarter),
    rule(
        rf"(?<![二三四五六七八九双\d]){YEAR}?(?P<name>{'|'.join(_HOLIDAYS)}){GAP}节?(?:[小长]{{0,2}}假期?"
        r"|黄金周|放假)?(?:结束|回来|收假|上班|一?过|完)?"
        r"(?P<way>[之以]?[后前](?![台端期续])|期间|当天|那天|当日)",
        _holiday,
    ),
    rule(rf"过[完了](?P<name>{'|'.join(_HOLIDAYS)}){GAP}节?(?:假期?)?(?:[之以]?后)?", _over),
    rule(
        r"(?<![\d一二两三四五六七八九十几多半数去今明后前整百全周当青少老中成往每新元近个过])年[前后](?![期景轻者度])"
        r"|过完?年[之以]?[后前]|过[完了](?:年|春节)[之以]?后?",
        _new_year,
    ),
    rule(
        r"(?<![环细季调情章关音字小佳枝骨礼人亲童年女师庆秋午明诞恩宵动春劳阳八四六父母])节[前后]",
        _break,
    ),
    rule(r"除夕|(?:大)?年三十|元宵|(?:正月|大年|年)初(?P<day>[一二三四五六七八九十])", _lunar),
    nothing(
        r"今日头条", r"周末愉快", r"(?:周|星期)[一二三四五六日天](?:晚报|早报)", r"[明今]日之星",
        rf"提前{_COUNTABLE}[天日周]", r"24小时内?(?:在线|服务|营业|不间断)",
        rf"{_COUNTABLE}年前(?=[二两三四])", r"每年(?:年?底|年?初|年中)?", r"天天", r"今后",
        r"[以之此]后", r"[以之此]前", r"后天性", r"(?:本|上|下)周期",
    ),
    unread(
        rf"[每逢](?:个|逢)?{WEEK_ZH}(?:[一二三四五六日天末1-7](?:[、和及到至-](?:周|星期)?[一二三四五六日天])?)?",
        r"每个?月(?:[底初末中]|\d{1,2}[号日]|[一二三]?十?[一二三四五六七八九]?[号日])?",
        rf"每(?:个?[天日]|季度?末?|隔{_COUNTABLE}[天周])",
        r"这一?两天|这几天|未来几天|近几天|近两天|近[日期]|最近(?:几天|两天|一段时间)?|前几天|前两天"
        r"|前段时间|前阵子|过几(?:天|周|个月)|过一?(?:段时间|阵子?|会儿?)|一会儿|待会儿?|等会儿?",
        r"尽快|尽早|稍后|稍晚|晚点|改[天日]|回头(?![客率])|有空(?:时|的时候)?|不久(?:之?后)?|到时候?"
        r"|随时|隔天|第二天|次日|翌日|日后|择日|早日|下次|马上|立刻|立即",
        r"十?几个?(?:天|周|星期|礼拜|月|年|小时|工作日)[之以]?[后内前]",
        rf"{_COUNTABLE}[多几来]个?(?:天|周|星期|礼拜|月|年)[之以]?[后内前]",
        r"(?:验收|到货|签约|签字|收货|发货|开票|付款|交付|签订|合同|签署|回款|款到|货到)(?:之?后|起|以后)?的?"
        rf"{_COUNTABLE}个?(?:工作日|天|日|周|星期|月|小时|钟头|分钟)[之以]?[后内]",
        r"(?:农历|阴历|腊月|正月(?!初))[初正一二三四五六七八九十冬腊月廿]{0,5}",
        r"明年(?=再|上线|启动|采购|联|签|启|谈|回|$|[,，。;；\s])|后年(?=再|联|签|$)",
        r"第[一二三四五六七八九十\d]{1,3}周",
        r"(?<![十\d])(?:一二|二三|三四|四五|五六|六七|七八|八九|九十)月份?(?![\d一二三四五六七八九十])",
        r"(?:午饭|晚饭|早饭|午休|吃完饭|饭)(?:之|以)?[后前](?=再|联|约|发|签|回|打|说|谈|$|[,，。;；\s])"
        r"|(?:中午|傍晚|天黑)前",
        r"(?:[寒暑]假|开学|开春|会议?|培训|上线)(?:之|以)?[后前](?=再|联|约|发|签|$)|开春",
        r"(?<![A-Za-z0-9])Q[1-4](?=再|[启开谈看签上采])|(?:[寒暑]假|[春夏秋冬]天)(?=再)"
        r"|(?:放假|放完假|假期)(?:回来|结束|[之以]?后)|忙完(?:这(?:一?阵子?|段时间?|几天)|手头)?(?=再)",
    ),
)  # fmt: skip
