"""Describe a query in words: the inverse of ``words``.

Typed again, the words give the same query.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias

from sales.amounts import written_amount
from sales.lead_lists.lexicon import ListNames, folded, lexicon_of
from sales.lead_lists.query import (
    HALF_YEAR,
    CloseDate,
    DayRange,
    LastDays,
    LeadQuery,
    LeadSort,
    NextStep,
    QueryField,
    Status,
    Window,
    status_of,
)
from sales.leads import Grade, Stage


@dataclass(frozen=True, slots=True)
class DescribedFilter:
    """One filter in words; ``name`` is its field in ``LeadQuery``, or ``sort``."""

    name: str
    words: str


_Both = tuple[str, str]
"""English and Chinese."""
_STAGES: Final[Mapping[Stage, _Both]] = {
    Stage.CAPTURED: ("Captured", "线索获取"),
    Stage.SCREENED: ("Screened", "线索筛选"),
    Stage.DISCOVERY: ("Discovery", "需求挖掘"),
    Stage.PROPOSAL: ("Proposal", "方案呈现"),
    Stage.NEGOTIATION: ("Negotiation", "商务谈判"),
    Stage.WON: ("Won", "成交签约"),
    Stage.AFTERSALES: ("After sales", "售后跟进"),
    Stage.NURTURE: ("Nurture", "培育"),
    Stage.LOST: ("Lost", "流失"),
}
_STATUSES: Final[Mapping[Status, _Both]] = {
    Status.OPEN: ("open", "未结束"),
    Status.WORKED: ("in progress", "进行中"),
    Status.NURTURE: ("in nurture", "培育中"),
    Status.POOL: ("in the pool", "公海"),
    Status.WON: ("won", "成交"),
    Status.LOST: ("lost", "输单"),
    Status.CLOSED: ("closed", "已结束"),
    Status.ALL: ("all", "全部"),
}
_GRADES: Final[Mapping[Grade, _Both]] = {
    Grade.HIGH: ("high value", "高价值"),
    Grade.MEDIUM: ("medium value", "中等价值"),
    Grade.LOW: ("low value", "低价值"),
}
_STEPS: Final[Mapping[NextStep, _Both]] = {
    NextStep.NONE: ("no next step", "没有下一步"),
    NextStep.SET: ("with next step", "有下一步"),
    NextStep.OVERDUE: ("overdue", "逾期"),
    NextStep.TODAY: ("due today", "今天到期"),
    NextStep.TOMORROW: ("due tomorrow", "明天到期"),
    NextStep.THIS_WEEK: ("due this week", "本周到期"),
    NextStep.NEXT_WEEK: ("due next week", "下周到期"),
    NextStep.THIS_MONTH: ("due this month", "本月到期"),
    NextStep.NEXT_MONTH: ("due next month", "下个月到期"),
    NextStep.BEHIND: ("overdue or late to respond", "逾期或超时未响应"),
    NextStep.WAITING: ("a customer is waiting", "客户在等回复"),
    NextStep.FOR_TODAY: ("for today", "今天要处理"),
    NextStep.AHEAD: ("the week ahead", "未来一周要跟进"),
}
_CLOSES: Final[Mapping[CloseDate, _Both]] = {
    CloseDate.NONE: ("no close date", "没有预计成交日期"),
    CloseDate.SET: ("with close date", "有预计成交日期"),
    CloseDate.OVERDUE: ("past close date", "预计成交已过期"),
    CloseDate.THIS_WEEK: ("closing this week", "预计本周成交"),
    CloseDate.NEXT_WEEK: ("closing next week", "预计下周成交"),
    CloseDate.THIS_MONTH: ("closing this month", "预计本月成交"),
    CloseDate.NEXT_MONTH: ("closing next month", "预计下个月成交"),
    CloseDate.THIS_QUARTER: ("closing this quarter", "预计本季度成交"),
    CloseDate.NEXT_QUARTER: ("closing next quarter", "预计下季度成交"),
}
_PERIODS: Final[Mapping[str, _Both]] = {
    "today": ("today", "今天"),
    "yesterday": ("yesterday", "昨天"),
    "this_week": ("this week", "本周"),
    "last_week": ("last week", "上周"),
    "this_month": ("this month", "本月"),
    "last_month": ("last month", "上个月"),
    "this_quarter": ("this quarter", "本季度"),
    "last_quarter": ("last quarter", "上季度"),
    "this_year": ("this year", "今年"),
    "last_year": ("last year", "去年"),
}
_SORTS: Final[Mapping[LeadSort, _Both]] = {
    LeadSort.PRESSING: ("most pressing first", "最紧急的在前"),
    LeadSort.NEWEST: ("newest first", "最新的在前"),
    LeadSort.OLDEST: ("oldest first", "最早的在前"),
    LeadSort.VALUE: ("largest value first", "金额从高到低"),
    LeadSort.QUIET: ("longest quiet first", "最久没联系的在前"),
    LeadSort.STAGE_AGE: ("longest in stage first", "停留最久的在前"),
    LeadSort.STAGE: ("sort by stage", "按阶段排序"),
    LeadSort.CUSTOMER: ("sort by customer", "按客户排序"),
}
_FIELDS: Final[Mapping[QueryField, _Both]] = {
    QueryField.STAGE: ("stage", "阶段"),
    QueryField.SOURCE: ("source", "来源"),
    QueryField.REGION: ("region", "区域"),
    QueryField.INDUSTRY: ("industry", "行业"),
    QueryField.PRODUCT: ("product", "产品"),
    QueryField.OWNER: ("owner", "负责人"),
    QueryField.TEAM: ("team", "团队"),
}
_DAY_COUNTS: Final[Mapping[str, _Both]] = {
    "newer": ("created in the last {n}", "最近{n}新增"),
    "older": ("created more than {n} ago", "创建超过{n}"),
    "quiet": ("no contact for {n}", "{n}没联系"),
    "in_stage": ("in stage for {n}", "停留超过{n}"),
    "late": ("overdue by {n}", "逾期超过{n}"),
    "due_within": ("due within {n}", "{n}内到期"),
}
_LISTS: Final[Mapping[QueryField, str]] = {
    QueryField.GRADE: "grades",
    QueryField.STAGE: "stages",
    QueryField.SOURCE: "sources",
    QueryField.REGION: "regions",
    QueryField.INDUSTRY: "industries",
    QueryField.PRODUCT: "products",
    QueryField.OWNER: "owners",
    QueryField.TEAM: "teams",
    QueryField.STEP: "steps",
    QueryField.CLOSE: "closes",
}
_TERMS: Final = frozenset(("sources", "regions", "industries", "products"))
_STATUS_LIKE: Final = frozenset({Stage.WON, Stage.LOST, Stage.NURTURE})
"""Stages whose bare names are statuses."""


def describe(
    query: LeadQuery,
    names: ListNames,
    locale: str,
    sort: LeadSort | None = None,
    today: date | None = None,
) -> tuple[DescribedFilter, ...]:
    """The filters of a query in words of the reader's language, and the order where one is given.

    The default says nothing. Days of the year of ``today`` are said without it. What a digest's
    number counts (``query.figure``) is for the caller to say.
    """
    return tuple(_Describer(names, locale, today).filters(query, sort))


def label_of_status(status: Status, locale: str) -> str:
    """A status in the words of the language of lists."""
    return _said(_STATUSES[status], locale)


def label_of_step(step: NextStep, locale: str) -> str:
    """A filter of the next step in the words of the language of lists."""
    return _said(_STEPS[step], locale)


def label_of_close(close: CloseDate, locale: str) -> str:
    """A filter of the expected close in the words of the language of lists."""
    return _said(_CLOSES[close], locale)


def label_of_sort(sort: LeadSort, locale: str) -> str:
    """An order in the words of the language of lists."""
    return _said(_SORTS[sort], locale)


def label_of_period(period: str, locale: str) -> str:
    """A moving period in the words of the language of lists."""
    return _said(_PERIODS[period], locale)


def _said(words: _Both, locale: str) -> str:
    return words[locale == "zh_CN"]


class _Describer:
    """Puts the filters of one query into words."""

    def __init__(self, names: ListNames, locale: str, today: date | None) -> None:
        self._names = names
        self._today = today
        self._zh = locale == "zh_CN"
        self._locale = locale
        self._phrases = lexicon_of(names).phrases

    def filters(self, query: LeadQuery, sort: LeadSort | None) -> Iterator[DescribedFilter]:
        if query.mine:
            yield DescribedFilter("mine", self._of(("my leads", "我的线索")))
        if query.nobody:
            yield DescribedFilter("nobody", self._of(("unassigned", "没人负责")))
        if query.status is not status_of(query.stages):
            yield DescribedFilter("status", self._of(_STATUSES[query.status]))
        if query.closed is not None:
            yield DescribedFilter("closed", self._window(query.closed))
        for field, name in _LISTS.items():
            if values := getattr(query, name):
                yield DescribedFilter(name, self._values(field, values))
        yield from self._measures(query)
        if query.uncontacted:
            yield DescribedFilter("uncontacted", self._of(("never contacted", "从未联系")))
        if query.hot:
            yield DescribedFilter("hot", self._of(("hot", "高意向")))
        if query.excluded:
            yield DescribedFilter("excluded", " ".join(self._excluded(query)))
        if query.text:
            yield DescribedFilter("text", _quoted(query.text))
        if sort is not None:
            yield DescribedFilter("sort", self._of(_SORTS[sort]))

    def _measures(self, query: LeadQuery) -> Iterator[DescribedFilter]:
        if query.low is not None or query.high is not None:
            name = "low" if query.low is not None else "high"
            yield DescribedFilter(name, self._bounds(query.low, query.high))
        for name, words in _DAY_COUNTS.items():
            if (days := getattr(query, name)) is not None:
                yield DescribedFilter(name, self._of(words).format(n=self._days(days)))
        if query.created is not None:
            window = self._window(query.created)
            yield DescribedFilter("created", f"{window}新增" if self._zh else f"created {window}")
        if query.due is not None:
            window = self._window(query.due, _is_near)
            yield DescribedFilter("due", f"{window}到期" if self._zh else f"due {window}")
        if query.closing is not None:
            window = self._window(query.closing, _is_ahead)
            said = f"预计成交{window}" if self._zh else f"closing {window}"
            yield DescribedFilter("closing", said)

    def _of(self, words: _Both) -> str:
        return words[self._zh]

    def _joined(self, words: Iterable[str]) -> str:
        return ("、" if self._zh else " or ").join(words)

    def _days(self, days: int) -> str:
        return f"{days}天" if self._zh else f"{days} day{'s' * (days != 1)}"

    def _values(self, field: QueryField, values: Iterable[Any]) -> str:
        words = [self._value(field, str(value)) for value in values]
        if all(self._is_plain(field, word) for word in words) and not (
            field is QueryField.STAGE and _STATUS_LIKE & set(values)
        ):
            return self._joined(words)
        apart = "：" if self._zh else ": "
        return f"{self._of(_FIELDS[field])}{apart}{self._joined(words)}"

    def _is_plain(self, field: QueryField, word: str) -> bool:
        """Whether the word alone means a value of this field."""
        if field not in _FIELDS:
            return True
        item = self._phrases.get(folded(word))
        pairs: Any = item.value if item is not None and isinstance(item.value, tuple) else ()
        return {name for name, _ in pairs} == {field}

    def _value(self, field: QueryField, value: str) -> str:
        match field:
            case QueryField.STAGE:
                return self._of(_STAGES[Stage(value)])
            case QueryField.GRADE:
                return self._of(_GRADES[Grade(value)])
            case QueryField.STEP:
                return self._of(_STEPS[NextStep(value)])
            case QueryField.CLOSE:
                return self._of(_CLOSES[CloseDate(value)])
            case QueryField.OWNER:
                return dict(self._names.people).get(int(value), f"#{value}")
            case QueryField.TEAM:
                return dict(self._names.teams).get(int(value), f"#{value}")
            case _:
                terms = getattr(self._names.vocabulary, _LISTS[field])
                labels = (term.label(self._locale) for term in terms if term.key == value)
                return next(labels, value)

    def _excluded(self, query: LeadQuery) -> Iterator[str]:
        for field in _LISTS:
            values = [one.value for one in query.excluded if one.field is field]
            if field is QueryField.STEP and self._zh:
                yield from (f"没有{self._value(field, value)}" for value in values)
            elif values:
                said = self._values(field, _typed(field, values))
                yield f"除了{said}" if self._zh else f"not {said}"

    def _bounds(self, low: Decimal | None, high: Decimal | None) -> str:
        first, last = (self._money(end) if end is not None else "" for end in (low, high))
        if first and last:
            return f"金额{first}到{last}" if self._zh else f"value {first} to {last}"
        if first:
            return f"金额{first}以上" if self._zh else f"value at least {first}"
        return f"金额{last}以下" if self._zh else f"value up to {last}"

    def _money(self, amount: Decimal) -> str:
        return written_amount(amount.quantize(Decimal("0.01")), self._locale, self._names.style)

    def _day(self, day: date, short: bool) -> str:
        if self._zh:
            return f"{'' if short else f'{day.year}年'}{day.month}月{day.day}日"
        return f"{_MONTHS[day.month - 1]} {day.day}" + ("" if short else f", {day.year}")

    def _window(self, window: Window, plainly: "_Plainly | None" = None) -> str:
        """``plainly``: whether a day is meant where it is said without its year; by default, when
        it is over."""
        match window:
            case LastDays(days):
                return f"最近{days}天" if self._zh else f"in the last {self._days(days)}"
            case DayRange(first, last):
                ends = (first,) if first == last else (first, last)
                short = self._today is not None and all(
                    day.year == self._today.year and (plainly or _is_over)(day, self._today)
                    for day in ends
                )
                return ("到" if self._zh else " to ").join(self._day(day, short) for day in ends)
            case _:
                return self._of(_PERIODS[window])


_Plainly: TypeAlias = Callable[[date, date], bool]
_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


def _is_over(day: date, today: date) -> bool:
    return day <= today


def _is_ahead(day: date, today: date) -> bool:
    return day >= today


def _is_near(day: date, today: date) -> bool:
    return abs(today - day) <= HALF_YEAR


def _typed(field: QueryField, values: Iterable[str]) -> list[Any]:
    kinds: dict[QueryField, Callable[[str], Any]] = {QueryField.STAGE: Stage}
    return [kinds.get(field, str)(value) for value in values]


def _quoted(text: str) -> str:
    return f'"{text}"' if "”" in text else f"“{text}”"
