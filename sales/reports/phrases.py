"""The phrases of the one line by which a report is asked for, beside those of lists.

Every pattern is anchored where it is tried and bounded in length, so that reading takes linear
time. What no report can have (``week 60``, ``Nov 31``) is a phrase as well, which means nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from functools import cache
from typing import Any, Final

from sales.lead_lists.lexicon import Kind, ListItem
from sales.patterns import lazy_pattern
from sales.reports.period_phrases import periods_at, this_or_last
from sales.reports.periods import PeriodKind
from sales.reports.queries import Dimension, Focus

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
        last = Said(Says.PERIOD, this_or_last(match, today))
        yield match.end(), ListItem(Kind.OTHER, (Said(Says.PREVIOUS), last))
    for end, period in periods_at(plain, place, today):
        if period is None:
            yield end, ListItem(Kind.UNREADABLE)
        else:
            yield end, ListItem(Kind.OTHER, (Said(Says.PERIOD, period),))


def _goes_on(plain: str, end: int) -> bool:
    """Whether a Latin word goes on at a place."""
    around = plain[end - 1 : end + 1]
    return len(around) == 2 and around.isascii() and around.isalnum()
