"""The phrases of the one line by which a report is asked for, beside those of lists.

Every pattern is anchored where it is tried and bounded in length, so that reading takes linear
time. What no report can have (``week 60``, ``Nov 31``) is a phrase as well, which means nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from functools import cache
from typing import Any, Final

from sales.days.words import number_en, number_zh
from sales.lead_lists.lexicon import Kind, ListItem
from sales.patterns import lazy_pattern
from sales.reports.periods import PeriodKind, ReportPeriod
from sales.reports.queries import Dimension, Focus, in_reach, period_around, period_of_days

_DAY: Final = timedelta(days=1)


class Says(Enum):
    """What a phrase of reports does in a line."""

    FILLER = auto()
    ASKS = auto()
    """A whole question that only a report answers: *how are we doing*."""
    NAME = auto()
    """A report's name; the value is the kind of its period, or None."""
    PERIOD = auto()
    BY = auto()
    MAYBE_BY = auto()
    """A dimension's name without *by*."""
    FOCUS = auto()
    TO = auto()
    SINCE = auto()
    UNTIL_NOW = auto()
    AGAINST = auto()
    PREVIOUS = auto()
    """The period before the one named, if one is."""
    BETWEEN = auto()
    TREND = auto()
    BEFORE = auto()
    YEAR_BEFORE = auto()


@dataclass(frozen=True, slots=True)
class Said:
    says: Says
    value: Any = None


_WORDS: Final[tuple[tuple[Says, Any, str], ...]] = (
    (
        Says.FILLER,
        None,
        (
            "report|reports|the|please|pls|go|going|gone|goes|how was|how is|how's|how did"
            "|how do|did|do|doing"
            "|perform|what|what happened|what changed|what has changed|overview|summary|figures"
            "|numbers|stats|statistics|dashboard|result|metrics|data"
            "|so far|top|best|sales report|me|us|we|i|want|need|get|see|view|look at|let me see"
            "|tell me|during|for the|over|of|this|cumulative|whole|entire|full|company|company's"
            "|everyone|everybody|report on|analysis|by the|calendar|average|avg|mean|median|total"
            "|totals|most|least|worst|works|work|working|has|have|had|were|with the|报告|报表"
            "|报告表|数据|统计|统计数据|汇总|总结|概况|概览|分析|情况|怎么样|如何|咋样|多少|从"
            "|自|截至目前|截止目前|截至今天|累计|整个|全公司|公司|大家|所有人|发|出|做|生成|来|想"
            "|要|想要|想看|需要|了解|帮忙|变化|有什么变化|有啥变化|变了什么|的报表|为止|当前|期间"
            "|之间|这段时间|以及|好不好|好吗|吗|呢|最好|最多|最高|最低|最差|最少|看下|看一看"
            "|看一看"
            "|瞧瞧|平均|总计|合计|总共|效果|做得|完成|了|下|呀|啊|们"
        ),
    ),
    (
        Says.FILLER,
        None,
        (
            "how are|how have|how much|how many|deals|deal|better|worse|faster|strongest"
            "|进展|近况|最近|近期|一份|最强|最厉害|做得好|好吗|多吗|快吗|高吗|几单|多少单"
        ),
    ),
    (
        Says.ASKS,
        None,
        (
            "how are we doing|how did we do|how have we done|how is it going|how were we doing"
            "|how are things|how are things going|how is business|how's business|how are sales"
            "|how are sales going|how's it going|how am i doing|how did i do"
            "|performance|results|kpi|kpis|表现|战况|业绩情况|how is the team doing"
            "|how's the team doing|做得怎么样|做得如何|干得怎么样|业绩怎么样"
            "|业绩如何|业绩好不好|情况怎么样|我们做得怎么样|我做得怎么样"
        ),
    ),
    (
        Says.NAME,
        None,
        "report|sales report|报表|业绩报表|销售报表|报告|战报|报表数据",
    ),
    (
        Says.NAME,
        PeriodKind.WEEK,
        (
            "weekly report|weekly reports|week report|weekly|weekly summary|周报|周报表|周报告"
            "|一周报告|周总结|周度报告"
        ),
    ),
    (
        Says.NAME,
        PeriodKind.MONTH,
        (
            "how's the month going|how is the month going|how is the month|monthly report"
            "|monthly reports|month report|monthly|monthly summary|monthly review"
            "|月报|月报表|月报告|月总结|月度报告|月度报表|月度总结"
        ),
    ),
    (
        Says.NAME,
        PeriodKind.QUARTER,
        (
            "how's the quarter going|how is the quarter going|how is the quarter"
            "|quarterly report|quarterly reports|quarter report|quarterly|季报|季度报告"
            "|季度报表"
            "|季度总结"
        ),
    ),
    (
        Says.NAME,
        PeriodKind.YEAR,
        (
            "annual report|yearly report|year report|annual|yearly|annual summary|年报|年度报告"
            "|年度报表|年度总结"
        ),
    ),
    (
        Says.NAME,
        PeriodKind.DAYS,
        "daily report|daily|day report|日报|日报表|每日报告",
    ),
    (
        Says.FOCUS,
        Focus.NEW,
        (
            "new leads|new lead|leads created|lead count|number of leads|inflow|incoming leads"
            "|incoming|new business|新增线索|新线索|新增|线索数|线索量|线索数量|进线|进线量|获客"
        ),
    ),
    (
        Says.FOCUS,
        Focus.WON,
        (
            "deals won|won deals|wins|deals closed|number of deals|closed deals|close|closes"
            "|签了几单|签了多少单|赢了几单|成了几单|成了多少单|成交了几单|新客户|成交数|成交单数"
            "|赢单数|签单数|成单|成单数|成交数量|新客户数"
        ),
    ),
    (
        Says.FOCUS,
        Focus.AMOUNT,
        (
            "revenue|sell|sells|sold|selling|卖得|卖得好|卖得最好|卖得最多|卖得多|卖了|卖|earn"
            "|earned|sales|turnover|bookings|won amount|amount won"
            "|money|income|sales amount|amount|sales volume|value won|won value|业绩|销售额"
            "|成交额"
            "|成交金额|营收|收入|签约额|签约金额|销售业绩|合同额|合同金额|销售收入|销量"
        ),
    ),
    (
        Says.FOCUS,
        Focus.LOST,
        (
            "losses|lose|losing|lost deals|deals lost|流失数|丢单数|输单数|丢了几单|丢了多少单"
            "|流失了多少|流失了几条|输了几单|丢了多少"
        ),
    ),
    (
        Says.FOCUS,
        Focus.WIN_RATE,
        (
            "win rate|win/loss|win loss|wins and losses|win rates|close rate|closing rate"
            "|hit rate"
            "|success rate|win ratio|winrate|赢单率|输赢|赢输|成交率|签约率|胜率|成单率"
        ),
    ),
    (
        Says.FOCUS,
        Focus.CONVERSION,
        (
            "conversion|converts|convert|conversions|conversion rate|conversion rates|funnel"
            "|stage conversion"
            "|sales funnel|转化|转化率|漏斗|阶段转化|阶段转化率|转化漏斗|销售漏斗|转换率"
        ),
    ),
    (
        Says.FOCUS,
        Focus.RESPONSE,
        (
            "how fast do we answer|how fast do we respond|how fast do we reply"
            "|how quickly do we answer|how quickly do we respond|how quickly do we reply|响应快吗"
            "|响应快不快|响应得快吗|回复快吗|回复速度|response time|response times|response"
            "|first response|response speed"
            "|time to first contact|first contact|reply time|time to contact|response rate"
            "|响应时间"
            "|响应|响应速度|首次响应|首次联系|首响|首响时间|首次跟进|首次响应时间|首次联系时间"
            "|首次跟进时间"
        ),
    ),
    (
        Says.FOCUS,
        Focus.CLOCKS,
        (
            "sla|slas|clocks|in time|on time|response clocks|breaches|breached|时效|及时率"
            "|响应及时率|按时率|超时|超时率|达标率"
        ),
    ),
    (
        Says.FOCUS,
        Focus.DISCIPLINE,
        (
            "follow up discipline|discipline|follow ups|followups|follow up|followup|overdue"
            "|overdue steps|跟进|跟进纪律|跟进质量|逾期|逾期率|跟进率"
        ),
    ),
    (
        Says.FOCUS,
        Focus.PIPELINE,
        (
            "pipeline|open leads|open pipeline|in progress|open deals|forecast|在跟金额|在跟|在途"
            "|在途金额|在手|在手商机|进行中|商机金额|在谈"
        ),
    ),
    (
        Says.TREND,
        None,
        "trend|trends|over time|development|走势|趋势|变化趋势|曲线|走向",
    ),
    (
        Says.BETWEEN,
        None,
        "between",
    ),
    (
        Says.MAYBE_BY,
        Dimension.PERSON,
        "who|whose|谁|谁的",
    ),
    (
        Says.MAYBE_BY,
        Dimension.REASON,
        "why|为什么|为啥|为何",
    ),
    (
        Says.TO,
        None,
        "to|until|till|through|thru|-|~|..|...|…|～|到|至|直到",
    ),
    (
        Says.SINCE,
        None,
        "since|starting|starting from",
    ),
    (
        Says.UNTIL_NOW,
        None,
        (
            "以来|至今|起|开始|以后|之后|到现在|到今天|until now|until today|to date|迄今|onwards"
            "|onward"
        ),
    ),
    (
        Says.AGAINST,
        None,
        (
            "better than|worse than|faster than|slower than|as good as|vs|vs.|v.s.|versus"
            "|against|compared to|compared with|compare to|compare with|compared"
            "|compare|comparing|comparison|pk|对比|相比|比较|较|比|同|与"
        ),
    ),
    (
        Says.BEFORE,
        None,
        (
            "the month before|the period before|the week before|the quarter before|the day before"
            "|the previous period|previous period|prior period|the period before that"
            "|month over month|week over week|quarter over quarter|month on month|week on week"
            "|quarter on quarter|mom|wow|qoq|环比|上期|上一期|前一期|上一周期"
        ),
    ),
    (
        Says.YEAR_BEFORE,
        None,
        (
            "yoy|year over year|year on year|same period last year|a year ago"
            "|the same period last year|same month last year|the same month last year"
            "|same week last year|the same week last year|same quarter last year"
            "|the same quarter last year|the year before|a year earlier|同比|去年同期|上年同期"
            "|去年同月|去年同季度|去年同季|去年的同期"
        ),
    ),
    (
        Says.BY,
        Dimension.PERSON,
        (
            "leaderboard|ranking|rankings|top performers|best performers|who won most|排行榜|排名"
            "|排行|龙虎榜|谁最好|英雄榜"
            "|光荣榜|荣誉榜|红榜|top seller|top sellers|best seller|best sellers|hall of fame"
            "|honours board|honors board"
        ),
    ),
    (
        Says.BY,
        Dimension.SOURCE,
        "渠道效果|来源效果|各渠道效果|各来源效果",
    ),
)
"""The fixed phrases with what they mean; of several meanings the first that fits counts."""

_NOUNS: Final[Mapping[Dimension, str]] = {
    Dimension.PERSON: (
        "sales reps|sales rep|salespeople|salesperson|sales person|sellers|seller|people"
        "|persons|person|reps|rep|owners|owner|members|member|colleagues|colleague|individuals"
        "|individual|employees|employee|agents|agent|负责人|销售人员|销售员|销售代表|业务员"
        "|业务|跟进人|销售|成员|同事|员工|个人|人员|人|顾问|代表|位"
    ),
    Dimension.TEAM: ("teams|team|groups|group|departments|department|团队|小组|部门|组|队伍"),
    Dimension.SOURCE: (
        "lead sources|lead source|sources|source|channels|channel|线索来源|来源渠道|渠道来源"
        "|来源|渠道"
    ),
    Dimension.PRODUCT: (
        "product lines|product line|products|product|editions|edition|产品线|产品|版本"
    ),
    Dimension.REGION: ("regions|region|areas|area|territories|territory|区域|地区|大区|区"),
    Dimension.INDUSTRY: ("industries|industry|sectors|sector|verticals|vertical|所属行业|行业"),
    Dimension.GRADE: ("grades|grade|ratings|rating|线索等级|客户等级|等级|评级|分级|级别"),
    Dimension.STAGE: ("pipeline stages|stages|stage|销售阶段|阶段|环节"),
    Dimension.REASON: (
        "loss reasons|loss reason|lost reasons|lost reason|reasons|reason|流失原因|输单原因"
        "|丢单原因|原因"
    ),
    Dimension.DAY: ("days|day|dates|date|天|日期|日"),
    Dimension.WEEK: ("weeks|week|周度|周|星期"),
    Dimension.MONTH: ("months|month|月份|月度|月"),
    Dimension.QUARTER: ("quarters|quarter|季度|季"),
}
_OF_NOUN: Final = {noun: one for one, nouns in _NOUNS.items() for noun in nouns.split("|")}
_BARE: Final = frozenset(
    noun
    for noun in _OF_NOUN
    if noun.endswith("s")
    or noun
    in (
        "people",
        "rep",
        "person",
        "seller",
        "salesperson",
        "原因",
        "线索来源",
        "产品线",
        "来源渠道",
    )
) - {"days", "dates", "weeks", "months", "quarters", "stages"}
"""Names of dimensions that mean one where nothing says *by*; lists know the others themselves."""
_LATIN: Final = "|".join(
    sorted((noun for noun in _OF_NOUN if noun.isascii()), key=len, reverse=True)
)
_HAN: Final = "|".join(
    sorted((noun for noun in _OF_NOUN if not noun.isascii()), key=len, reverse=True)
)
_BY_EN: Final = lazy_pattern(
    r"(?:(?:broken? down|break down|breakdown|split|split up|grouped?|ranked|sorted|compared) )?"
    r"(?:by|per|for each|for every|each|every|across all|across|among)(?: the| each| our)? "
    rf"(?P<noun>{_LATIN})(?![a-z0-9])"
)
_NOUN_EN: Final = lazy_pattern(
    rf"(?P<noun>{_LATIN}) (?:comparison|rankings?|breakdown|split|distribution|mix|leaderboard)"
    r"(?![a-z0-9])"
)
_HAN_TAIL: Final = (
    r"(?:分布|占比|构成|对比|比较|排名|排行榜?|拆分|统计|分组|分类|维度|分析|汇总|明细|来?看)"
)
_WHICH: Final = lazy_pattern(rf"which (?P<en>{_LATIN})(?![a-z0-9])|哪一?[个些位种家](?P<zh>{_HAN})")
_PREVIOUS: Final = lazy_pattern(
    r"(?:the )?(?P<which>previous|prior) (?P<unit>week|month|quarter|year)(?![a-z0-9])"
)
_STEP_BY_STEP: Final = lazy_pattern(r"(?P<noun>day|week|month|quarter) by (?P=noun)(?![a-z0-9])")
_BY_ZH: Final = lazy_pattern(
    rf"(?:按照?各?个?|分各?|各个?|每一?[个位名]?|逐[个一]?|以|依照?|根据)(?P<noun>{_HAN}){_HAN_TAIL}?"
)
_NOUN_ZH: Final = lazy_pattern(rf"(?P<noun>{_HAN}){_HAN_TAIL}")

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
        return period_around(kind, today - count * _DAY)
    period = period_around(kind, today)
    for _ in range(count):
        period = period.previous
    return period


def _ago(match: "re.Match[str]", today: date) -> ReportPeriod:
    return _back(_UNITS[match["unit"][0]], _count(match["count"]), today)


def _before_last(match: "re.Match[str]", today: date) -> ReportPeriod:
    return _back(_UNITS[match["unit"][0]], 2, today)


def _last_quarters(match: "re.Match[str]", today: date) -> ReportPeriod:
    """The last complete ones."""
    this = period_around(PeriodKind.QUARTER, today)
    first = _back(PeriodKind.QUARTER, _count(match["count"]), today)
    return period_of_days(first.first, this.first - _DAY)


def _so_far(match: "re.Match[str]", today: date) -> ReportPeriod:
    return period_around(_UNITS[match["unit"][0]], today)


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


def _this_or_last(match: "re.Match[str]", today: date) -> ReportPeriod:
    period = period_around(_UNITS[match["unit"][0]], today)
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
            _this_or_last,
        ),
        (r"(?P<which>这一?个?|本|上一?个?|当前?)(?P<unit>周|星期|礼拜|月|季度?)", _this_or_last),
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
            lambda m, t: period_around(_UNITS[(m["unit"] or m["short"])[0]], t),
        ),
        (r"(?P<unit>周|月|季|年)(?:度)?初(?:至今|到现在|以来)", _so_far),
    )
)


@cache
def _phrases() -> tuple[Mapping[str, tuple[Said, ...]], Mapping[str, tuple[int, ...]]]:
    """Every fixed phrase with its meanings, and by the first character how long they are."""
    meanings: dict[str, tuple[Said, ...]] = {}
    for says, value, phrases in _WORDS:
        for phrase in phrases.split("|"):
            meanings[phrase] = (*meanings.get(phrase, ()), Said(says, value))
    for noun in _BARE:
        meanings[noun] = (*meanings.get(noun, ()), Said(Says.MAYBE_BY, _OF_NOUN[noun]))
    lengths: dict[str, set[int]] = {}
    for phrase in meanings:
        lengths.setdefault(phrase[0], set()).add(len(phrase))
    return meanings, {first: tuple(sorted(each)) for first, each in lengths.items()}


def phrases_at(plain: str, place: int, today: date) -> Iterator[tuple[int, ListItem]]:
    """Yield where each phrase of reports that begins at the place ends, and what it stands for: a
    tuple of ``Said``, of which one may fit."""
    meanings, lengths = _phrases()
    for length in lengths.get(plain[place], ()):
        end = place + length
        said = meanings.get(plain[place:end])
        if said and not (plain[end - 1 : end].isalnum() and _goes_on(plain, end)):
            yield end, ListItem(Kind.OTHER, said)
    if match := _WHICH.match(plain, place):
        noun = match["en"] or match["zh"]
        yield match.end(), ListItem(Kind.OTHER, (Said(Says.MAYBE_BY, _OF_NOUN[noun]),))
    for pattern in (_BY_EN, _NOUN_EN, _STEP_BY_STEP, _BY_ZH, _NOUN_ZH):
        if match := pattern.match(plain, place):
            yield match.end(), ListItem(Kind.OTHER, (Said(Says.BY, _OF_NOUN[match["noun"]]),))
    if match := _PREVIOUS.match(plain, place):
        last = Said(Says.PERIOD, _this_or_last(match, today))
        yield match.end(), ListItem(Kind.OTHER, (Said(Says.PREVIOUS), last))
    for pattern, read in _PATTERNS:
        if match := pattern.match(plain, place):
            try:
                period = in_reach(read(match, today))
                item = ListItem(Kind.OTHER, (Said(Says.PERIOD, period),))
            except (ValueError, OverflowError):
                item = ListItem(Kind.UNREADABLE)
            yield match.end(), item


def _goes_on(plain: str, end: int) -> bool:
    """Whether a Latin word goes on at a place."""
    around = plain[end - 1 : end + 1]
    return len(around) == 2 and around.isascii() and around.isalnum()
