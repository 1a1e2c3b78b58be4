"""The words of the one-line language of lists, in English and Chinese.

Each phrase stands for one ``ListItem``. The company's vocabulary, its people and its teams are
added to the fixed phrases; what needs a number (days, amounts) is in ``measures``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any, Final

from sales.amounts import ANY, AmountStyle
from sales.lead_lists.query import CloseDate, LeadSort, NextStep, QueryField, Status
from sales.leads import Grade, Stage
from sales.playbook.vocabulary import Term, Vocabulary


class Kind(Enum):
    """What a phrase does in a line."""

    FILLER = auto()
    JOINS = auto()
    NEGATES = auto()
    LEAVES_OUT = auto()
    NAMES_FIELD = auto()
    VALUE = auto()
    STATUS = auto()
    MINE = auto()
    NOBODY = auto()
    HOT = auto()
    SORT = auto()
    PERIOD = auto()
    CREATED = auto()
    DUE = auto()
    CLOSES = auto()
    BOUNDS = auto()
    QUIET = auto()
    UNCONTACTED = auto()
    IN_STAGE = auto()
    STUCK = auto()
    LENGTH = auto()
    FOR_DAYS = auto()
    LATE = auto()
    OLDER = auto()
    LAST_DAYS = auto()
    COMING_DAYS = auto()
    WITHIN_DAYS = auto()
    DAYS = auto()
    DUE_DAY = auto()
    BY_DAY = auto()
    UNREADABLE = auto()
    OTHER = auto()
    """Of another language of lines, see ``split_line``; lists have no such phrase."""


@dataclass(frozen=True, slots=True)
class ListItem:
    """What a phrase stands for. ``value`` depends on the kind; see ``words``.

    ``is_surname``: a single word of a person's name that may as well be one of a customer's.
    """

    kind: Kind
    value: Any = None
    is_surname: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNames:
    """What can be named in a line: the vocabulary, and people and teams by id.

    ``people`` are those whose leads the reader may see. ``style`` is how the company writes
    amounts.
    """

    vocabulary: Vocabulary
    people: tuple[tuple[int, str], ...] = ()
    teams: tuple[tuple[int, str], ...] = ()
    style: AmountStyle = ANY


Values = tuple[tuple[QueryField, str], ...]
"""The meanings of a phrase of the kind ``VALUE``: fields with a value of each."""

STAGES: Final[Mapping[Stage, str]] = {
    Stage.CAPTURED: "captured|capture|线索获取|已获取|获取",
    Stage.SCREENED: "screened|screening|qualified|线索筛选|已筛选|筛选",
    Stage.DISCOVERY: "discovery|discovering|需求挖掘|需求沟通|需求调研|挖掘|需求",
    Stage.PROPOSAL: "proposal|proposals|proposed|quoted|quote|方案呈现|方案|提案|已报价|报价",
    Stage.NEGOTIATION: "negotiation|negotiations|negotiating|商务谈判|谈判|谈判中|商务|议价",
    Stage.AFTERSALES: "after sales|aftersales|售后跟进|售后",
}
"""The words for stages, the first and the first Chinese one as they are shown."""
STATUSES: Final[Mapping[Status, str]] = {
    Status.OPEN: "open|未结束|未关闭|在手|未成交",
    Status.WORKED: "in progress|active|进行中|跟进中|在跟|在跟进",
    Status.NURTURE: "in nurture|nurture|nurturing|nurtured|on hold|培育中|培育池|培育|搁置",
    Status.POOL: "in the pool|in pool|public pool|pool|公海池|公海里|公海",
    Status.WON: "won|closed won|win|wins|signed|赢的|赢了|赢下|拿下"
    "|已成交|成交签约|成交|已签约|签约|赢单|签单",
    Status.LOST: "lost|closed lost|losses|已流失|流失|输单|丢单|失单|输了|丢了|输掉|丢掉|输的|丢的",
    Status.CLOSED: "closed|decided|已结束|已关闭|结束",
    Status.ALL: "all|every|everything|全部|所有|open or not",
}
GRADES: Final[Mapping[Grade, str]] = {
    Grade.HIGH: "high value|high|grade a|a grade|a级|a类|高价值|高",
    Grade.MEDIUM: "medium value|medium|grade b|b grade|b级|b类|中等价值|中价值|中等|中",
    Grade.LOW: "low value|low|grade c|c grade|c级|c类|低价值|低",
}
STEPS: Final[Mapping[NextStep, str]] = {
    NextStep.OVERDUE: "overdue|past due|late|已逾期|逾期|已过期|过期|逾期了|超期|到期未跟进",
    NextStep.NONE: "no next step|without next step|without a next step|no next steps|no step"
    "|without any next step|nothing planned|no plan|没有下一步|无下一步|没下一步|未安排下一步"
    "|没有安排下一步|没安排下一步|没有下一步计划|无下一步计划|下一步为空|没有计划|没有跟进计划",
    NextStep.SET: "with next step|with a next step|has next step|next step planned|有下一步"
    "|已安排下一步|有下一步计划",
    NextStep.BEHIND: "behind|overdue or late to respond|late to respond|逾期或超时未响应|要赶的",
    NextStep.WAITING: "a customer is waiting|customer waiting|customer is waiting|customers waiting"
    "|waiting for an answer|waiting for a reply|waiting|客户在等回复|客户等回复|客户在等"
    "|在等回复|在等答复|等回复",
    NextStep.FOR_TODAY: "for today|今天要处理|今天要做",
    NextStep.AHEAD: "the week ahead|week ahead|未来一周要跟进|今后一周要跟进",
}
CLOSE_DATES: Final[Mapping[CloseDate, str]] = {
    CloseDate.NONE: "no close date|without close date|without a close date|no expected close"
    "|no expected close date|without an expected close|close: none|close none|没有预计成交日期"
    "|无预计成交日期|没有预计成交日|没填预计成交日期|未填预计成交日期|没有预计成交|无预计成交|预计成交:无"
    "|没有成交日期|无成交日期",
    CloseDate.SET: "with close date|with a close date|has close date|with expected close|close: set"
    "|有预计成交日期|有预计成交|已填预计成交日期",
    CloseDate.OVERDUE: "close overdue|close: overdue|close date overdue|overdue close"
    "|close date passed|close date has passed|past close date|past its close date|overdue to close"
    "|预计成交已过|预计成交逾期|预计成交已逾期|预计成交过期|预计成交已过期|预计成交日期已过"
    "|预计成交日期过了|成交日期已过|过了预计成交日期|已过预计成交日期|预计成交:逾期",
}
PERIODS: Final[Mapping[str, str]] = {
    "today": "today|今天|今日|当天|今儿|今儿个|今个儿",
    "yesterday": "yesterday|昨天|昨日|昨儿",
    "tomorrow": "tomorrow|明天|明日|明儿|明儿个|明个儿",
    "this_week": "this week|本周|这周|这一周|这个星期|本星期|当周",
    "last_week": "last week|上周|上一周|上星期|上个星期",
    "next_week": "next week|下周|下一周|下星期|下个星期",
    "this_month": "this month|本月|这个月|这月|当月",
    "last_month": "last month|上个月|上月|上一个月",
    "next_month": "next month|下个月|下月|下一个月",
    "this_quarter": "this quarter|本季度|这个季度|本季|当季",
    "next_quarter": "next quarter|下季度|下个季度|下季",
    "last_quarter": "last quarter|上季度|上个季度|上季",
    "this_year": "this year|今年|本年|本年度",
    "last_year": "last year|去年|上年|上一年",
}
SORTS: Final[Mapping[LeadSort, str]] = {
    LeadSort.PRESSING: "most pressing first|last closed first|最近结束的在前|pressing first"
    "|most pressing|most urgent first"
    "|urgent first|most urgent|sort by urgency|by urgency|sort by next step"
    "|by next step|sort by due date|by due date|按下次跟进时间排序"
    "|按下次跟进时间|按下一步时间排序|按下一步时间"
    "|按下一步排序|最紧急的在前|最紧急|按紧急程度排序"
    "|按紧急程度|按紧急排序|紧急的在前",
    LeadSort.NEWEST: "newest first|newest|latest first|most recent first|sort by newest"
    "|sort by date|by date|sort by created|最新的在前|最新在前|最新|按创建时间排序|按创建时间"
    "|按时间排序|按时间|新的在前",
    LeadSort.OLDEST: "oldest first|oldest|sort by oldest|sort by age|最早的在前|最早在前|最早"
    "|最老的在前|旧的在前",
    LeadSort.VALUE: "largest value first|largest first|biggest first|highest value first"
    "|highest first|most valuable first|sort by value|sort by amount|sort by size|by value"
    "|by amount|金额大的在前|金额最大的在前|按金额排序|按金额从大到小|按金额从高到低|按金额"
    "|金额从大到小|金额从高到低|金额最大|金额最大的在前|金额最高|金额最高的在前|价值最高|价值最高的在前"
    "|按价值排序|按价值|按价值从高到低|按价值从大到小|金额倒序"
    "|按金额倒序|金额降序|按金额降序"
    "|amount descending|value descending|sort amount"
    "|biggest|largest|biggest deals|largest deals|big deals|biggest customers|biggest leads"
    "|大单|大单子|大客户|最大的",
    LeadSort.QUIET: "longest quiet first|longest without contact first|quietest first"
    "|sort by last contact|by last contact|最久没联系的在前|最久没联系|最久未联系的在前"
    "|最久未联系|按联系时间排序|按联系时间|按最近联系排序|按上次联系时间排序"
    "|stale|gone quiet|neglected|not contacted for long|好久没联系|很久没联系|好久没跟进|很久没跟进"
    "|好久没跟|很久没跟|好久没动静|很久没动静|好久没动|很久没动",
    LeadSort.STAGE_AGE: "longest in stage first|longest in their stage first|longest in stage"
    "|sort by time in stage|by time in stage|停留最久的在前|停留最久|在阶段停留最久"
    "|按停留时间排序|按停留时间|stuck|stalled|卡住|卡住了|卡着|停滞|停滞不前|拖了很久|拖了好久|拖得久",
    LeadSort.STAGE: "sort by stage|by stage|按阶段排序|按阶段",
    LeadSort.CUSTOMER: "sort by customer|by customer|sort by name|by name|a z|a to z"
    "|alphabetical|alphabetically|按客户排序|按客户名称排序|按客户名排序|按客户|按名称排序"
    "|按名称",
}
_FIELDS: Final[Mapping[QueryField, str]] = {
    QueryField.STAGE: "stage|in stage|阶段",
    QueryField.GRADE: "grade|rating|等级|评级|分级",
    QueryField.SOURCE: "source|channel|came from|coming from|来源|来源渠道",
    QueryField.REGION: "region|area|区域|地区|大区",
    QueryField.INDUSTRY: "industry|sector|行业",
    QueryField.PRODUCT: "product|products|产品",
    QueryField.OWNER: "owner|owned by|assigned to|belonging to|owners|负责人|销售|跟进人",
    QueryField.TEAM: "team|团队|小组|组|部门",
    QueryField.STEP: "next step|next steps|下一步",
}
_CLOSES_IN: Final = (
    "预计{0}成交",
    "预计{0}签约",
    "预计{0}能成交",
    "预计在{0}成交",
    "{0}能成交",
    "{0}能签",
)
"""How people say in Chinese when a lead is expected to be closed, around the words of a period."""
_FIXED: Final[Mapping[Kind, str]] = {
    Kind.FILLER: "leads|lead|customers|customer|client|company|deals|deal|list|show|show me"
    "|give me|find|please|with|in"
    "|in the|from|from the|of|of the|at|the|a|an|that|which|that are|are|is|has|have|for|'s|’s"
    "|me the|our|my team"
    "|my team's|our team|our team's|the team's|team's|@|value|区|线索|客户|客户名|客户名称|公司"
    "|商机|单子|单|项目|线索列表|列表|的|来的|来自"
    "|在|里|里的|手上|手里|手头|负责|跟的|还|仍|我们|我们团队|我们组|我们部门|我的团队|我团队|本团队|本组"
    "|who has|who is|who's|who’s|who have|do i have|what do i have|what should i do|i have"
    "|are there"
    "|do we have|to me|谁|谁还|有谁|还有谁|还剩|剩下|剩"
    "|how many|which of|what's|what is|what are|anything|can you|could you"
    "|谁的|哪些|有哪些|多少|有多少|几个|了几个|了多少|了哪些"
    "|全组|全团队|整个团队|有|请|帮我|给我"
    "|帮我看看|看看|看一下|看|查|查看|查一下|显示|列出|找|业|部分|都|一下|要|是",
    Kind.JOINS: "and|or|plus|和|或|或者|及|以及|与|且|并且|而且|、|还有",
    Kind.NEGATES: "not|except|except for|excluding|exclude|without|but|but not|all but|non|no|-"
    "|除了|除|不含|不包括|不包含|不要|排除|非|不是|不在|没有|没|未|并非|不属于"
    "|haven't|hasn't|isn't|aren't|don't|didn't|haven’t|hasn’t|isn’t|aren’t|don’t|didn’t",
    Kind.MINE: "my|mine|my own|my leads|me|我的|我|自己的|我自己的|我负责的|我名下的|我名下",
    Kind.NOBODY: "unassigned|no owner|without owner|without an owner|nobody|nobody's|unowned"
    "|ownerless|没人负责|无人负责|未分配|待分配|待指派|无负责人|没有负责人|没负责人|没人跟|没分配|没人管|没有人管|无人管"
    "|with no owner|not assigned|not assigned to anyone|not assigned to anybody|nobody owns",
    Kind.HOT: "hot|high intent|高意向|意向高|热线索",
    Kind.CREATED: "created|new|added|captured in|entered|新增|新建|创建|录入|新录入|新来的|新进",
    Kind.DUE: "due|due on|follow up|follow ups|to follow up"
    "|to call|to do|to contact|to handle|to chase|to deal with|need attention"
    "|needs attention|要跟的|该跟的|得跟的"
    "|到期|要跟进|需要跟进|该跟进|要办|要处理|要联系|要打电话|要跟|要做|要回访|该联系|该跟|该处理|该打电话"
    "|该回访|得联系|得跟|得处理|要交",
    Kind.CLOSES: "closing|closes|close|to close|expected to close|expected close|close date"
    "|expected close date|closing date|closing in|closes in|close in|to close in"
    "|expected to close in"
    "|能成交|能签|能签约|能签下|要成交|要签约"
    "|预计成交|预计成交日期|预计成交日|预计签约|预计签约日期|预计成交时间|成交日期",
    Kind.LEAVES_OUT: "外|以外|之外|除外",
    Kind.STUCK: "stuck in|stuck at|stalled in|卡在|停在|停留在|停滞在",
    Kind.UNCONTACTED: "never contacted|not contacted|not yet contacted|not contacted yet"
    "|uncontacted"
    "|without any contact|without contact|no contact|no contact yet|从未联系|从未联系过|没联系过"
    "|没有联系过|未联系过|未联系|没联系|没有联系|从没联系过|没跟进过|未跟进|没有跟进过|从未跟进|没跟的|没跟过|没跟|没跟进|没打过电话"
    "|who haven't we contacted|who haven't we called|who have we not contacted"
    "|haven't we contacted|haven't we called|haven't we spoken to|haven't i called"
    "|haven't i contacted|haven’t we contacted|haven’t we called|haven’t i called"
    "|have we not contacted|have we not called|not called|not called yet",
}
_SOON: Final = "due soon|coming up soon|快到期|快到期了|即将到期|马上到期|马上要到期|快要到期"
_SOON_DAYS: Final = 7
_ALIASES: Final[Mapping[QueryField, Mapping[str, str]]] = {
    QueryField.SOURCE: {
        "form": "web form|online forms|forms|表单|网上表单",
        "exhibition": "exhibitions|trade show|trade shows|fair|expo|展览|展会上",
        "website": "web site|site|官网|网站",
        "partner": "partners|channel partners|渠道|伙伴|合作伙伴",
        "ads": "advertising|ad|advert|adverts|广告|投放|网络广告",
        "referral": "referrals|referred|转介绍|介绍|推荐",
        "repeat": "repeat customers|复购|老客户|回头客",
    },
    QueryField.REGION: {
        "southwest": "south west|south west china",
        "northwest": "north west|north west china",
        "northeast": "north east|north east china",
        "abroad": "overseas|foreign|国外|境外",
        "east": "華東",
        "north": "華北",
        "south": "華南",
        "central": "華中",
    },
    QueryField.INDUSTRY: {
        "manufacturing": "manufacturer|manufacturers|制造业",
        "health": "healthcare|medical|health",
        "finance": "financial|banking",
        "education": "schools",
    },
    QueryField.PRODUCT: {},
}
"""Other words for the terms of the shipped vocabulary, as far as a company kept their keys."""
_LISTS: Final = {
    QueryField.SOURCE: "sources",
    QueryField.REGION: "regions",
    QueryField.INDUSTRY: "industries",
    QueryField.PRODUCT: "products",
}
_MISSPELT: Final = frozenset({Kind.VALUE, Kind.STATUS, Kind.HOT, Kind.NOBODY, Kind.SORT})
_SHORTEST_MISSPELT: Final = 4
"""Letters of a word whose misspelling tells which word it was."""
_SHORTEST_KEY: Final = 3
"""Letters of a key or label that is read in any case: ``it`` is a word, ``IT`` an industry."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All phrases, folded as ``folded`` does; ``lengths`` by their first character."""

    phrases: Mapping[str, ListItem]
    lengths: Mapping[str, tuple[int, ...]]
    exact: frozenset[str]
    """Phrases that count only when typed in capitals."""


@lru_cache(maxsize=16)
def lexicon_of(names: ListNames) -> Lexicon:
    """Collect the phrases; a phrase of the product's own comes before a name that is the same."""
    phrases: dict[str, ListItem] = {}
    for phrase, item in _fixed():
        phrases.setdefault(phrase, item)
    exact: set[str] = set()
    terms: dict[str, list[tuple[QueryField, str]]] = {}
    for phrase, meaning in _terms(names.vocabulary):
        terms.setdefault(phrase, []).append(meaning)
    for phrase, meanings in terms.items():
        item = ListItem(Kind.VALUE, tuple(dict.fromkeys(meanings)))
        if len(phrase) < _SHORTEST_KEY and phrase.isascii():
            exact.add(phrase)
            phrases[phrase] = item
        elif (known := phrases.get(phrase)) is None or known.kind is Kind.FILLER:
            phrases[phrase] = item
    for phrase, item in (*_teams(names.teams), *_people(names.people)):
        _add_name(phrases, phrase, item)
    lengths: dict[str, set[int]] = {}
    for phrase in phrases:
        lengths.setdefault(phrase[0], set()).add(len(phrase))
    ordered = {first: tuple(sorted(every)) for first, every in lengths.items()}
    return Lexicon(phrases, ordered, frozenset(exact))


def nearest_phrase(text: str, names: ListNames) -> str:
    """The phrase of which a text is a misspelling by one letter; empty for none, and where it may
    be several that mean different things."""
    typed = folded(text)
    if not 2 <= len(typed) <= 30 or (typed.isascii() and len(typed) < _SHORTEST_MISSPELT):
        return ""
    near = {
        phrase: item
        for phrase, item in lexicon_of(names).phrases.items()
        if item.kind in _MISSPELT and phrase[0].isascii() == typed[0].isascii()
        if abs(len(phrase) - len(typed)) <= 1 and _is_one_letter_off(typed, phrase)
    }
    first = min(near, default="")
    return first if first and all(item == near[first] for item in near.values()) else ""


def _is_one_letter_off(typed: str, phrase: str) -> bool:
    """Whether one letter is wrong, too much or missing, or two beside each other are swapped."""
    start = 0
    while start < min(len(typed), len(phrase)) and typed[start] == phrase[start]:
        start += 1
    rest, wanted = typed[start:], phrase[start:]
    if len(rest) == len(wanted):
        swapped = len(rest) > 1 and rest[1] + rest[0] + rest[2:] == wanted
        return rest[1:] == wanted[1:] or swapped
    return rest[1:] == wanted or rest == wanted[1:]


def _add_name(phrases: dict[str, ListItem], phrase: str, item: ListItem) -> None:
    """Add a name; one that a term has as well gets both meanings."""
    known = phrases.get(phrase)
    if known is None:
        phrases[phrase] = item
    elif known.kind is Kind.VALUE:
        both = tuple(dict.fromkeys((*known.value, *item.value)))
        phrases[phrase] = ListItem(Kind.VALUE, both, known.is_surname)


def _fixed() -> Iterator[tuple[str, ListItem]]:
    for kind, phrases in _FIXED.items():
        yield from _each(phrases, ListItem(kind))
    for stage, phrases in STAGES.items():
        yield from _each(phrases, _value(QueryField.STAGE, stage.value))
    for grade, phrases in GRADES.items():
        yield from _each(phrases, _value(QueryField.GRADE, grade.value))
    for step, phrases in STEPS.items():
        yield from _each(phrases, _value(QueryField.STEP, step.value))
    yield from _each(_SOON, ListItem(Kind.COMING_DAYS, _SOON_DAYS))
    for status, phrases in STATUSES.items():
        yield from _each(phrases, ListItem(Kind.STATUS, status))
    for period, phrases in PERIODS.items():
        yield from _each(phrases, ListItem(Kind.PERIOD, period))
    for close, phrases in CLOSE_DATES.items():
        yield from _each(phrases, _value(QueryField.CLOSE, close.value))
    for close in set(CloseDate) - set(CLOSE_DATES):
        named = (word for word in PERIODS[close.value].split("|") if not word.isascii())
        item = _value(QueryField.CLOSE, close.value)
        yield from ((words.format(word), item) for word in named for words in _CLOSES_IN)
    for sort, phrases in SORTS.items():
        yield from _each(phrases, ListItem(Kind.SORT, sort))
        by = [phrase[8:] for phrase in phrases.split("|") if phrase.startswith("sort by ")]
        for verb in ("sorted", "order", "ordered"):
            yield from ((f"{verb} by {name}", ListItem(Kind.SORT, sort)) for name in by)
    for field, phrases in _FIELDS.items():
        yield from _each(phrases, ListItem(Kind.NAMES_FIELD, field))


def _each(phrases: str, item: ListItem) -> Iterator[tuple[str, ListItem]]:
    return ((phrase, item) for phrase in phrases.split("|"))


def _value(field: QueryField, value: str) -> ListItem:
    return ListItem(Kind.VALUE, ((field, value),))


def _terms(vocabulary: Vocabulary) -> Iterator[tuple[str, tuple[QueryField, str]]]:
    for field, name in _LISTS.items():
        terms: tuple[Term, ...] = getattr(vocabulary, name)
        for term in terms:
            for phrase in term_phrases(field, term):
                if phrase := folded(phrase):
                    yield phrase, (field, term.key)


def term_phrases(field: QueryField, term: Term) -> Iterator[str]:
    """The words for a term: its labels, its key, and the usual other words for it."""
    yield from (term.zh, term.en, term.key.replace("_", " "))
    if field is QueryField.REGION:
        short = term.en.lower().removesuffix(" china")
        yield from (short, f"{term.key} china")
    if field is QueryField.PRODUCT:
        yield from (term.en.lower().removesuffix(" edition"), term.zh.removesuffix("模块"))
    if aliases := _ALIASES[field].get(term.key):
        yield from aliases.split("|")


def _teams(teams: Iterable[tuple[int, str]]) -> Iterator[tuple[str, ListItem]]:
    for team_id, name in teams:
        plain = folded(name)
        if plain:
            item = _value(QueryField.TEAM, str(team_id))
            # A team may be called as a region is.
            yield from ((phrase, item) for phrase in (f"team {plain}", f"{plain} team"))
            yield from ((f"{plain}{ending}", item) for ending in ("团队", "组", "小组", "部"))
            yield from ((f"{word}{plain}", item) for word in ("团队", "团队:"))
            yield plain, item


def _people(people: Iterable[tuple[int, str]]) -> Iterator[tuple[str, ListItem]]:
    """Full names first, then single words of names; a word of several people means all of them."""
    words: dict[tuple[str, bool], list[int]] = {}
    for person_id, name in people:
        for word, is_surname in _words_of_name(folded(name)):
            words.setdefault((word, is_surname), []).append(person_id)
    for (word, is_surname), ids in words.items():
        meanings = tuple((QueryField.OWNER, str(person_id)) for person_id in ids)
        yield word, ListItem(Kind.VALUE, meanings, is_surname)


def _words_of_name(name: str) -> Iterator[tuple[str, bool]]:
    if not name:
        return
    yield name, False
    if name.isascii():
        first, *others = name.split()
        if others:
            yield first, False
        yield from ((word, True) for word in others if len(word) > 1)
    elif " " not in name and len(name) > 1:
        yield name[:1], False
        if len(name) > 2:
            yield name[1:], False


def folded(text: str) -> str:
    """Small and narrow, with single blanks; hyphens between letters are blanks."""
    return " ".join(narrow(text).split())


def narrow(text: str) -> str:
    """As ``folded``, character by character, so that places stay the same."""
    plain = "".join(_narrow(char) for char in text)
    chars = list(plain)
    for place in range(1, len(chars) - 1):
        around = chars[place - 1] + chars[place + 1]
        if chars[place] in "-_" and around.isascii() and around.isalpha():
            chars[place] = " "
    return "".join(chars)


def _narrow(char: str) -> str:
    code = ord(char)
    if 0xFF01 <= code <= 0xFF5E:
        char = chr(code - 0xFEE0)
    small = char.lower()
    small = small if len(small) == 1 else char
    return " " if small.isspace() else small
