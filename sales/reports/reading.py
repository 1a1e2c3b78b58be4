"""Read which report a line asks for: ``上月 按来源``, ``Q3 by product vs Q2``, ``月报 华东``.

The words for periods, sources, regions and people are those of lists (``sales.lead_lists``), so
that a line means the same there. What no report can show is returned as not understood; nothing is
left out silently.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from sales.lead_lists.lexicon import Kind, ListItem, ListNames
from sales.lead_lists.moments import days_of
from sales.lead_lists.query import LeadQuery, Period, QueryField, Status
from sales.lead_lists.reading import ReadItems
from sales.lead_lists.words import Chunk, UnreadWords, split_line
from sales.patterns import lazy_pattern
from sales.reports.periods import PeriodKind, ReportPeriod
from sales.reports.phrases import Said, Says, phrases_at
from sales.reports.queries import (
    EVERY_LEAD,
    Dimension,
    Focus,
    ReportQuery,
    dimension_of,
    only_filters,
    period_of_days,
    steps_of,
    usual_period,
    year_before,
)

LONGEST: Final = 300
"""Characters of a line that are read, as of lists."""
_DAY: Final = timedelta(days=1)
_WITH: Final = ("和", "跟", "与", "同")
"""Before the period that another is compared with: 和上月比."""
_DASH: Final = lazy_pattern(r"[-–—~～]")
_OWN: Final = lazy_pattern(r"my own|mine|my leads|自己的|我自己的|我负责的|我名下的|我名下")
_LENGTHS: Final = frozenset({Kind.LAST_DAYS, Kind.WITHIN_DAYS, Kind.LENGTH, Kind.FOR_DAYS})
_FOR_LISTS: Final = frozenset(
    {Kind.NOBODY, Kind.BOUNDS, Kind.NEGATES, Kind.LEAVES_OUT, Kind.JOINS, Kind.FILLER}
)
_ONLY_IN_REPORTS: Final = frozenset(
    {Focus.AMOUNT, Focus.WIN_RATE, Focus.CONVERSION, Focus.RESPONSE, Focus.CLOCKS}
)
"""Figures that no list shows, so that their names alone ask for a report."""
_FOCUS_OF_STATUS: Final = {
    Status.WON: Focus.WON,
    Status.LOST: Focus.LOST,
    Status.CLOSED: Focus.WIN_RATE,
    Status.OPEN: Focus.PIPELINE,
    Status.WORKED: Focus.PIPELINE,
}
_GRANULARITY: Final = {
    "daily": Dimension.DAY,
    "weekly": Dimension.WEEK,
    "monthly": Dimension.MONTH,
    "quarterly": Dimension.QUARTER,
}
_FIELDS_FIRST: Final = (
    QueryField.SOURCE, QueryField.REGION, QueryField.PRODUCT, QueryField.INDUSTRY,
    QueryField.GRADE, QueryField.OWNER, QueryField.TEAM,
)  # fmt: skip
"""Which field is meant of values that several have, such as teams called as regions are."""


@dataclass(frozen=True, slots=True)
class ParsedReport:
    """What a line asks for. ``is_named``: it names the period; otherwise that is the usual one.

    ``kind`` is of a report that is called by its name (*weekly report*), ``is_own``: about what the
    reader owns. ``says_something``: anything of the line was understood. ``asks_for_report``: the
    line asks for a report without its command, by a name (*monthly report*), a breakdown, a
    comparison, a question (*how are we doing*), a period that has begun, or a figure that only
    reports have.
    """

    query: ReportQuery
    is_named: bool = False
    kind: PeriodKind | None = None
    is_own: bool = False
    says_something: bool = False
    asks_for_report: bool = False
    unread: tuple[UnreadWords, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether nothing but a report, or one of some kind, was asked for."""
        query = self.query
        return not (self.is_named or query.by or query.focus or query.leads != EVERY_LEAD)


def parse_report(line: str, names: ListNames, today: date) -> ParsedReport:
    """Read a line; ``today`` is the company's day. Never fails."""
    chunks, plain = split_line(
        line, names, today, lambda words, place: phrases_at(words, place, today)
    )
    read = _ReportReader([_part(chunk, today) for chunk in chunks], plain, line, today)
    spans = read.unread
    if line[LONGEST:].strip():
        spans = [*spans, (LONGEST, len(line))]
    unread = tuple(UnreadWords(line[start:end].strip(), start, end) for start, end in spans)
    return replace(read.parsed(), unread=unread)


@dataclass(frozen=True, slots=True)
class _ReportPart:
    """A chunk with what it says to reports; nothing where it is for the filters of lists."""

    chunk: Chunk
    said: tuple[Said, ...] = ()

    def value(self, says: Says) -> Any:
        return next((one.value for one in self.said if one.says is says), None)

    def says(self, says: Says) -> bool:
        return any(one.says is says for one in self.said)

    @property
    def kind(self) -> Kind | None:
        return self.chunk.item.kind if self.chunk.item else None


def _part(chunk: Chunk, today: date) -> _ReportPart:
    item = chunk.item
    if item is None:
        return _ReportPart(chunk)
    if item.kind is Kind.OTHER:
        return _ReportPart(chunk, item.value)
    if item.kind in _LENGTHS or item.kind in (Kind.PERIOD, Kind.DAYS):
        period = _period(item, today)
        return _ReportPart(chunk, (Said(Says.PERIOD, period),) if period else ())
    focus = _focus(item)
    if item.kind is Kind.STATUS and item.value is Status.ALL:
        return _ReportPart(chunk, (Said(Says.FILLER),))
    return _ReportPart(chunk, (Said(Says.FOCUS, focus),) if focus else ())


def _focus(item: ListItem) -> Focus | None:
    if item.kind is Kind.STATUS:
        return _FOCUS_OF_STATUS.get(item.value)
    if item.kind is Kind.VALUE and item.value == ((QueryField.STEP, "overdue"),):
        return Focus.DISCIPLINE
    return Focus.NEW if item.kind is Kind.CREATED else None


def _period(item: ListItem, today: date) -> ReportPeriod | None:
    """The period of a list's phrase; None for one that lies ahead, or is too long."""
    try:
        if item.kind in _LENGTHS:
            return ReportPeriod.days(today - (item.value - 1) * _DAY, today)
        window = item.value if item.kind is Kind.DAYS else Period(item.value)
        days = days_of(window, today)
        return period_of_days(days.first, days.last)
    except (ValueError, OverflowError):
        return None


def _span(first: ReportPeriod, last: ReportPeriod) -> ReportPeriod | None:
    """From one period to another; without years, the one before the other."""
    if last.first < first.first:
        first = year_before(first)
    try:
        return period_of_days(first.first, last.last)
    except ValueError:
        return None


class _ReportReader:
    """Reads the parts of one line. ``unread`` are the spans that were not understood."""

    def __init__(self, parts: Sequence[_ReportPart], plain: str, typed: str, today: date) -> None:
        self._plain, self._typed, self._today = plain, typed, today
        self.unread: list[tuple[int, int]] = []
        self._by: Dimension | None = None
        self._focus: Focus | None = None
        self._kind: PeriodKind | None = None
        self._granularity: Dimension | None = None
        self._is_called = False
        self._periods: list[tuple[ReportPeriod, bool]] = []
        self._other: Says | None = None
        self._contrasts = False
        self._behind_contrast = False
        self._own = self._trend = self._asks = False
        self._parts = list(self._ranges(parts))
        places = [at for at, part in enumerate(self._parts) if not self._took(at, part)]
        self._leads = self._filters([self._parts[at].chunk for at in places])
        self.unread.sort()

    def parsed(self) -> ParsedReport:
        """The report, with the usual period where none is named."""
        main, against = self._main_and_other()
        is_named, kind = main is not None, self._kind
        if main is None:
            plain = not (self._by or self._focus or self._leads != EVERY_LEAD)
            usual = PeriodKind.WEEK if plain else PeriodKind.MONTH
            main = usual_period(kind or usual, self._today)
        elif self._granularity and self._by is None:
            self._by, kind = self._granularity, None
        if self._trend and self._by is None:
            self._by = steps_of(main)
        if self._other is Says.YEAR_BEFORE:
            against = year_before(main)
        elif self._other is Says.BEFORE:
            against = main.previous
        query = ReportQuery(
            period=main, against=against, by=self._by, focus=self._focus, leads=self._leads
        )
        parsed = ParsedReport(query, is_named, kind, self._own)
        parsed = replace(parsed, asks_for_report=self._asks_for_report(parsed))
        said = self._is_called or not parsed.is_plain or bool(self._other or self._own)
        return replace(parsed, says_something=said)

    def _asks_for_report(self, parsed: ParsedReport) -> bool:
        query = parsed.query
        if parsed.kind is not None or self._asks or query.by or query.against:
            return True
        if query.focus in _ONLY_IN_REPORTS:
            return True
        if not parsed.is_named:
            return False
        is_day = query.period.first == query.period.last
        is_ahead = query.period.first > self._today
        return query.focus is not None or self._is_called or not (is_day or is_ahead)

    # Periods

    def _main_and_other(self) -> tuple[ReportPeriod | None, ReportPeriod | None]:
        """The period, and the one that it is compared with: the first and the second of two that
        are contrasted; of any others the later comes first."""
        periods = [period for period, _ in self._periods]
        if not periods:
            return None, None
        if len(periods) == 2:
            main, other = periods
            if not self._contrasts and main.first < other.first:
                main, other = other, main
        elif self._contrasts and self._periods[0][1]:
            main, other = ReportPeriod.around(periods[0].kind, self._today), periods[0]
        else:
            return periods[0], None
        of_last_year = other.kind is PeriodKind.YEAR and main.kind is not PeriodKind.YEAR
        if of_last_year and other.first.year == main.first.year - 1:
            other = year_before(main)
        return main, None if other == main else other

    def _ranges(self, parts: Sequence[_ReportPart]) -> Iterator[_ReportPart]:
        """The parts with ``September to October`` and ``since October`` as one period each."""
        at = 0
        while at < len(parts):
            end, part = self._range(parts, at)
            at = end + 1
            if at < len(parts) and parts[at].says(Says.UNTIL_NOW) and part.says(Says.PERIOD):
                part = self._joined(part, parts[at], self._until_today(part.value(Says.PERIOD)))
                at += 1
            yield part

    def _range(self, parts: Sequence[_ReportPart], at: int) -> tuple[int, _ReportPart]:
        """What begins at a place, and the place of its last part."""
        part = parts[at]
        if part.says(Says.SINCE) and (period := self._period_at(parts, at + 1)):
            return at + 1, self._joined(part, parts[at + 1], self._until_today(period))
        if part.says(Says.BETWEEN) and (span := self._both(parts, at + 1)):
            return at + 3, self._joined(part, parts[at + 3], span)
        period = self._period_at(parts, at)
        if period is None or at + 1 >= len(parts):
            return at, part
        gap = self._typed[part.chunk.end : parts[at + 1].chunk.start]
        if _DASH.search(gap) and (last := self._period_at(parts, at + 1)):
            return at + 1, self._joined(part, parts[at + 1], _span(period, last))
        contrasts = at and parts[at - 1].says(Says.AGAINST)
        if (
            not contrasts
            and parts[at + 1].says(Says.TO)
            and (last := self._period_at(parts, at + 2))
        ):
            return at + 2, self._joined(part, parts[at + 2], _span(period, last))
        return at, part

    def _both(self, parts: Sequence[_ReportPart], at: int) -> ReportPeriod | None:
        """The span of ``Nov 1 and Nov 15``."""
        first, last = self._period_at(parts, at), self._period_at(parts, at + 2)
        return _span(first, last) if first and last else None

    @staticmethod
    def _period_at(parts: Sequence[_ReportPart], at: int) -> ReportPeriod | None:
        period: ReportPeriod | None = parts[at].value(Says.PERIOD) if at < len(parts) else None
        return period

    @staticmethod
    def _joined(first: _ReportPart, last: _ReportPart, period: ReportPeriod | None) -> _ReportPart:
        item = ListItem(Kind.OTHER if period else Kind.UNREADABLE)
        chunk = Chunk(first.chunk.start, last.chunk.end, item)
        return _ReportPart(chunk, (Said(Says.PERIOD, period),) if period else ())

    def _until_today(self, period: ReportPeriod) -> ReportPeriod | None:
        """From a period's first day until today; the period where it is the present one."""
        if period.first <= self._today <= period.last:
            return period
        try:
            return period_of_days(period.first, self._today)
        except ValueError:
            return None

    # What else is said

    def _took(self, at: int, part: _ReportPart) -> bool:
        """Take a part, or note it as not understood; False for one that filters leads."""
        if part.says(Says.TO) and self._negates(at):
            self._parts[at] = _ReportPart(replace(part.chunk, item=ListItem(Kind.NEGATES)))
            return False
        if part.said:
            if not any(self._take(one, part.chunk) for one in part.said):
                self._leave(part.chunk)
            return True
        match part.kind:
            case None:
                return False
            case Kind.MINE:
                words = self._plain[part.chunk.start : part.chunk.end]
                self._own = self._own or bool(_OWN.fullmatch(words))
                return True
            case Kind.VALUE:
                self._behind_contrast = False
                return self._is_no_filter(part)
            case Kind.NAMES_FIELD:
                return self._took_field(at, part)
            case kind if kind in _FOR_LISTS:
                return False
            case _:
                self._leave(part.chunk)
                return True

    def _negates(self, at: int) -> bool:
        """Whether a dash leaves out what follows: ``last month -ads``."""
        chunk = self._parts[at].chunk
        dashed = self._plain[chunk.start : chunk.end] == "-"
        return dashed and at + 1 < len(self._parts) and self._parts[at + 1].kind is Kind.VALUE

    def _is_no_filter(self, part: _ReportPart) -> bool:
        item = part.chunk.item
        if item and any(dimension_of(name) for name, _ in item.value):
            return False
        self._leave(part.chunk)
        return True

    def _took_field(self, at: int, part: _ReportPart) -> bool:
        """A field without a value beside it is what the report is broken down by."""
        field: QueryField = part.chunk.item.value if part.chunk.item else QueryField.STEP
        dimension = Dimension.STAGE if field is QueryField.STAGE else dimension_of(field)
        if dimension is None:
            self._leave(part.chunk)
            return True
        if self._begins_a_name(at) or any(
            self._has_value(other, field) for other in (at - 1, at + 1)
        ):
            return False
        if not self._take(Said(Says.BY, dimension), part.chunk):
            self._leave(part.chunk)
        return True

    def _begins_a_name(self, at: int) -> bool:
        """Whether words follow directly that nothing has: ``team Mars``."""
        if at + 1 >= len(self._parts) or self._parts[at + 1].kind is not None:
            return False
        end, start = self._parts[at].chunk.end, self._parts[at + 1].chunk.start
        return not self._plain[end:start].strip()

    def _has_value(self, at: int, field: QueryField) -> bool:
        """Whether a value of the field is there; fillers between do not matter."""
        step = -1 if at < 0 else 1
        if not 0 <= at < len(self._parts):
            return False
        item = self._parts[at].chunk.item
        while item is not None and item.kind is Kind.FILLER and 0 <= at + step < len(self._parts):
            at += step
            item = self._parts[at].chunk.item
        if item is None or item.kind is not Kind.VALUE:
            return False
        return any(name is field for name, _ in item.value)

    def _take(self, said: Said, chunk: Chunk) -> bool:
        """Take one meaning of a phrase; False where it does not fit."""
        value = said.value
        match said.says:
            case Says.NAME:
                words = self._plain[chunk.start : chunk.end]
                self._is_called = True
                self._kind = self._kind or value
                self._granularity = self._granularity or _GRANULARITY.get(words)
            case Says.BY | Says.MAYBE_BY:
                if self._by not in (None, value):
                    return False
                self._by = value
            case Says.FOCUS:
                self._focus = self._focus or value
            case Says.TREND:
                self._trend = True
            case Says.ASKS:
                self._asks = True
            case Says.FILLER | Says.TO | Says.UNTIL_NOW:
                pass
            case _:
                return self._take_time(said, chunk)
        return True

    def _take_time(self, said: Said, chunk: Chunk) -> bool:
        """Take a period, or with which one it is compared."""
        match said.says:
            case Says.PERIOD if len(self._periods) < 2:
                beside = self._plain[: chunk.start].rstrip().endswith(_WITH)
                self._periods.append((said.value, self._behind_contrast or beside))
                self._behind_contrast = False
            case Says.AGAINST:
                self._contrasts = self._behind_contrast = True
            case Says.BEFORE | Says.YEAR_BEFORE:
                self._other = said.says
            case Says.PREVIOUS if self._periods or self._contrasts:
                self._other = Says.BEFORE
            case _:
                return False
        return True

    def _leave(self, chunk: Chunk) -> None:
        self.unread.append((chunk.start, chunk.end))

    # Filters

    def _filters(self, chunks: Sequence[Chunk]) -> LeadQuery:
        """The filters of lists in what is left, contrasted values as what is compared."""
        if self._contrasts and (field := _common_field(chunks)):
            chunks = [_only(chunk, field) for chunk in chunks]
            self._by = self._by or dimension_of(field)
        items = ReadItems(chunks, self._plain, self._today)
        self.unread += [*items.left, *items.unread]
        return only_filters(items.query(""))


def _values(chunk: Chunk) -> tuple[tuple[QueryField, str], ...]:
    item = chunk.item
    pairs: tuple[tuple[QueryField, str], ...] = ()
    return item.value if item is not None and item.kind is Kind.VALUE else pairs


def _common_field(chunks: Sequence[Chunk]) -> QueryField | None:
    """The field that two or more values have in common; None without."""
    fields = [{name for name, _ in pairs} for chunk in chunks if (pairs := _values(chunk))]
    if len(fields) < 2:
        return None
    common = set.intersection(*fields)
    return next((name for name in _FIELDS_FIRST if name in common), None)


def _only(chunk: Chunk, field: QueryField) -> Chunk:
    """The chunk with a value of this field alone."""
    pairs = tuple((name, value) for name, value in _values(chunk) if name is field)
    return replace(chunk, item=ListItem(Kind.VALUE, pairs)) if pairs else chunk
