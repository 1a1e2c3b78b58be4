"""Past days, stages and terms as files hold them; never a guess about what is meant."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Literal, TypeAlias

from sales.imports.headings import is_mistyped, plain
from sales.imports.months import MONTHS, WEEKDAYS
from sales.leads import Stage
from sales.patterns import lazy_pattern
from sales.playbook import Term

Order: TypeAlias = Literal["dmy", "mdy"]
_CLOCK = (
    r"(?:[T ,，]{0,2} ?(?:上午|下午|am |pm )?(?P<time>\d{1,2}[:：时点]\d{0,2}"
    r"(?:[:：分]\d{0,2}(?:[.,]\d{1,9})?秒?)?)"
    r" ?(?:am|pm|a\.m\.|p\.m\.)?)? ?(?P<zone>z|utc|gmt|[+-]\d\d:?(?:\d\d)?)?"
    r"(?: ?[(（]?(?:cst|星期|周|mon|tue|wed|thu|fri|sat|sun)\w{0,8}[)）]?)?"
)
_ISO = lazy_pattern(
    r"(\d{4}) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2}) ?日?(?: ?[(（]?(?:星期|周)\w[)）]?)?"
    rf"{_CLOCK}",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_SLASHED = lazy_pattern(
    rf"(\d{{1,2}}) ?([-/.]) ?(\d{{1,2}}) ?\2 ?(\d{{4}}|(?<!-)(?<!- )\d{{2}}(?!\d)){_CLOCK}",
    re.IGNORECASE,
)
_MONTH = r"([^\W\d_]{3,10})\.?"
_WEEKDAY = rf"(?:(?:{WEEKDAYS})\.?,? {{1,2}})?"
_NAMED = lazy_pattern(
    rf"{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th|er|º)?[- /.]{{1,2}}(?:(?:of|de) )?{_MONTH}"
    rf",?[- /.]{{1,2}}(?:del? )?(\d{{4}}|\d{{2}}){_CLOCK}",
    re.IGNORECASE,
)
_MONTH_FIRST = lazy_pattern(
    rf"{_WEEKDAY}{_MONTH}[- /.]{{1,2}}(\d{{1,2}})(?:st|nd|rd|th)?,?[- /.]{{1,2}}(\d{{4}}){_CLOCK}",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"(\d{5})(?:\.\d{1,12})?")
_MILLISECONDS = re.compile(r"\d{13}")
_EPOCH: Final = date(1899, 12, 30)
"""Day 0 of spreadsheets, for all days after February 1900."""
_SERIALS: Final = range(20_000, 73_051)
"""Days from 1954 to 2099; other numbers of five digits are none."""
_LONGEST_DAY: Final = 60


class NotADate(ValueError):
    """The text is no day of the calendar."""


def parse_date(text: str, order: Order, timezone: tzinfo | None = None) -> date:
    """Parse a day as exports write it.

    ``2024-03-01``, ``2024年3月1日``, ``20240301``, ``24-Nov-26``, ``Nov 24, 2026``, a spreadsheet's
    serial day, and ``3/1/2024`` by ``order``, unless only the other one is a day. A time behind it
    is left out; with a zone (``…T23:30Z``) it is the day in ``timezone``. Raises NotADate.
    """
    typed = " ".join(text.split())
    if len(typed) > _LONGEST_DAY:
        raise NotADate(text)
    if match := _ISO.fullmatch(typed):
        return _in_zone(_day(match[1], match[2], match[3]), match, timezone)
    if match := _COMPACT.fullmatch(typed):
        return _day(match[1], match[2], match[3])
    if match := _SLASHED.fullmatch(typed):
        day, month = (match[1], match[3]) if order == "dmy" else (match[3], match[1])
        if int(month) > 12 >= int(day):
            day, month = month, day
        return _day(_full_year(match[4]), month, day)
    if match := _NAMED.fullmatch(typed):
        return _day(_full_year(match[3]), _month(match[2]), match[1])
    if match := _MONTH_FIRST.fullmatch(typed):
        return _day(match[3], _month(match[1]), match[2])
    if (match := _SERIAL.fullmatch(typed)) and int(match[1]) in _SERIALS:
        return _EPOCH + timedelta(days=int(match[1]))
    if _MILLISECONDS.fullmatch(typed):
        return datetime.fromtimestamp(int(typed) / 1000, timezone or UTC).date()
    raise NotADate(text)


def _in_zone(day: date, match: re.Match[str], timezone: tzinfo | None) -> date:
    """The day in the company's timezone of a time that names its own."""
    zone, clock = (match["zone"] or "").upper(), re.findall(r"\d{1,2}", match["time"] or "")
    if not zone or timezone is None or len(clock) < 2 or int(clock[0]) > 23 or int(clock[1]) > 59:
        return day
    offset = timedelta()
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        offset = -offset if zone[0] == "-" else offset
    moment = datetime.combine(day, time(int(clock[0]), int(clock[1])), UTC) - offset
    return moment.astimezone(timezone).date()


def _full_year(year: str) -> str:
    return year if len(year) == 4 else str(2000 + int(year) - (100 if int(year) > 69 else 0))


def _month(name: str) -> str:
    """The number of a month. Raises NotADate for another word."""
    if number := MONTHS.get(name.lower()):
        return str(number)
    raise NotADate(name)


def order_in(texts: Iterable[str]) -> Order | None:
    """The order that days written with slashes show: a number above 12 is no month.

    Where none is, dots tell of day first, as German and Russian programs write. None when they
    leave it open, or contradict each other.
    """
    first = second = dots = others = False
    for text in texts:
        if match := _SLASHED.fullmatch(text.strip()[:_LONGEST_DAY]):
            first, second = first or int(match[1]) > 12, second or int(match[3]) > 12
            dots, others = dots or match[2] == ".", others or match[2] != "."
    if first == second:
        return "dmy" if dots and not others and not first else None
    return "dmy" if first else "mdy"


def _day(year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise NotADate(f"{year}-{month}-{day}") from error


_LONGEST: Final = 200
"""Maximum number of characters of a cell; a longer one is no term."""


class TermFinder:
    """Finds terms by their key or their label in either language.

    A file repeats itself, so results are cached while it is read.
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        self._spelled = {plain(name) for term in terms for name in (term.key, term.en, term.zh)}
        self._terms = {_bare(name): term for term in terms for name in (term.key, term.en, term.zh)}
        self._words = {plain(name): term for term in terms for name in (term.en, term.zh)}
        self._found: dict[str, Term | None] = {}

    def spells(self, text: str) -> bool:
        """Whether a text is a term's own spelling, except for case and signs."""
        return plain(text) in self._spelled

    def nearest(self, text: str) -> Term | None:
        """The term that a text means: one that is equal, or nearly so.

        Nearly means that only signs or a typing mistake differ. None for no such term, and for two
        that are equally near.
        """
        if len(text) > _LONGEST:
            return None
        if text not in self._found:
            self._found[text] = self._look_up(text)
        return self._found[text]

    def key(self, text: str) -> str:
        term = self.nearest(text)
        return term.key if term else ""

    def _look_up(self, text: str) -> Term | None:
        bare = _bare(text)
        if not bare or bare in self._terms:
            return self._terms.get(bare)
        words = plain(text)
        near = {term.key: term for name, term in self._words.items() if is_mistyped(words, name)}
        return next(iter(near.values())) if len(near) == 1 else None


def _bare(text: str) -> str:
    return plain(text).replace(" ", "")


_WORDS: Final = {
    Stage.CAPTURED: "captured|new|open|unassigned|open not contacted|not contacted|"
    "prospecting|prospect|lead|"
    "new lead|subscriber|marketing qualified lead|mql|not started|assigned|incoming|inquiry|"
    "uncontacted|attempted to contact|contact in future|未处理|未分配|未联系|待联系|待处理|已分配|"
    "线索获取|未成单|新线索|新建|新增|待跟进|未跟进|初始|未成交|潜在客户|潜在|新客户",
    Stage.SCREENED: "screened|qualified|qualification|contacted|connected|working contacted|"
    "sales qualified lead|sql|pre qualified|appointment scheduled|contact made|qualified lead|"
    "attempting|sales qualified|线索筛选|已筛选|已验证|已联系|初步接触|初步接洽|验证客户|初步沟通|"
    "初访|已沟通|已确认",
    Stage.DISCOVERY: "discovery|engaging|engaged|needs analysis|working|in progress|opportunity|"
    "open deal|converted|closed converted|"
    "qualified to buy|demo scheduled|needs defined|id decision makers|"
    "value proposition|perception analysis|identify decision makers|meeting scheduled|nurtured|"
    "active|"
    "需求挖掘|需求确认|需求分析|跟进中|沟通中|联系中|已转商机|已转换|已转化|已转客户|商机|需求沟通|已拜访|意向沟通|持续跟进|"
    "跟进|已跟进",
    Stage.PROPOSAL: "proposal|quote|quoted|proposal sent|presentation|presentation scheduled|"
    "proposal price quote|proposal made|proposition|quote sent|quotation|proposal quote|"
    "decision maker bought in|demo|方案呈现|方案报价|报价|已报价|方案|方案阶段|方案提交|"
    "提案|产品演示|演示|报价中|方案制定|方案确认|报价方案",
    Stage.NEGOTIATION: "negotiation|negotiating|negotiation review|negotiations started|"
    "contract sent|contract|review|in negotiation|verbal commitment|"
    "商务谈判|谈判|谈判中|合同谈判|谈判审核|"
    "合同审批|合同签订|签约中|商务洽谈|合同阶段|招投标|待签约",
    Stage.WON: "won|closed won|close won|gewonnen|deal|signed|customer|win|deal won|"
    "closed and won|"
    "成交签约|成交|已成交|赢单|赢得|已赢得|赢单成交|签约|已签约|已赢单|成单|已成单|赢|老客户|成交客户|成功|已合作|合作中",
    Stage.AFTERSALES: "aftersales|after sales|evangelist|售后跟进|售后|已交付|售后服务",
    Stage.NURTURE: "nurture|nurturing|on hold|培育池|培育|暂缓|搁置|暂停|休眠|recycled",
    Stage.LOST: "lost|verloren|closed lost|close lost|dead|unqualified|disqualified|"
    "not qualified|junk lead|"
    "lost lead|closed lost to competition|closed not converted|closed deal lost|bad timing|loss|"
    "deal lost|cancelled|canceled|abandoned|not interested|"
    "流失|丢单|输单|已流失|无效|战败|已丢单|已输单|无效线索|已关闭|关闭|失败|输|已作废|无意向|放弃|已放弃|"
    "流失客户",
}
_STAGES: Final = {word: stage for stage, words in _WORDS.items() for word in words.split("|")}
# ``closedwon``, as databases name it.
_JOINED: Final = {word.replace(" ", ""): stage for word, stage in _STAGES.items() if " " in word}


def stage_of(text: str) -> Stage | None:
    """The stage that a word of another system means; None for one we do not know."""
    word = plain(text[:_LONGEST])
    return _STAGES.get(word) or _JOINED.get(word)
