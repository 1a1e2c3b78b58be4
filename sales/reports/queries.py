"""What a report shows: its period, what that is compared with, by what it is broken down, and of
which leads.

A query is a value, and is written as one short text for buttons. Knows no clock: that a period is
not over is seen when the report is made.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from sales.lead_lists.codec import LostPart, decode, encode
from sales.lead_lists.query import LeadQuery, QueryField, Status
from sales.playbook.vocabulary import Vocabulary
from sales.reports.periods import PeriodKind, ReportPeriod

_APART: Final = "|"


class Dimension(StrEnum):
    """By what a report is broken down: of whom or what the leads are, or when."""

    PERSON = "person"
    TEAM = "team"
    SOURCE = "source"
    PRODUCT = "product"
    REGION = "region"
    INDUSTRY = "industry"
    GRADE = "grade"
    STAGE = "stage"
    REASON = "reason"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"

    @property
    def is_time(self) -> bool:
        return self in _TIMES

    @property
    def is_of_people(self) -> bool:
        """Whether colleagues are compared, which only their leaders may do."""
        return self in (Dimension.PERSON, Dimension.TEAM)


_TIMES: Final = frozenset({Dimension.DAY, Dimension.WEEK, Dimension.MONTH, Dimension.QUARTER})


class Focus(StrEnum):
    """The figure that somebody asks for: tables are ordered by it, and it is the one drawn."""

    NEW = "new"
    WON = "won"
    AMOUNT = "amount"
    LOST = "lost"
    WIN_RATE = "win_rate"
    CONVERSION = "conversion"
    RESPONSE = "response"
    CLOCKS = "clocks"
    DISCIPLINE = "discipline"
    PIPELINE = "pipeline"


FILTERS: Final = (
    "sources", "regions", "industries", "products", "grades", "owners", "mine", "nobody", "teams",
    "low", "high", "excluded",
)  # fmt: skip
"""The fields of a list's query that a report can have as well."""
EVERY_LEAD: Final = LeadQuery(status=Status.ALL)
_BY_FIELD: Final = {
    QueryField.OWNER: Dimension.PERSON,
    QueryField.TEAM: Dimension.TEAM,
    QueryField.SOURCE: Dimension.SOURCE,
    QueryField.PRODUCT: Dimension.PRODUCT,
    QueryField.REGION: Dimension.REGION,
    QueryField.INDUSTRY: Dimension.INDUSTRY,
    QueryField.GRADE: Dimension.GRADE,
}


def dimension_of(name: QueryField) -> Dimension | None:
    """The dimension whose values are those of a list's filter."""
    return _BY_FIELD.get(name)


def only_filters(query: LeadQuery) -> LeadQuery:
    """All leads, with the filters of a list that reports know."""
    known: dict[str, Any] = {name: getattr(query, name) for name in FILTERS}
    return replace(EVERY_LEAD, **known)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportQuery:
    """A report. ``against`` is the period that it is compared with; None: the one before.

    ``leads`` has only the filters of ``FILTERS``.
    """

    period: ReportPeriod
    against: ReportPeriod | None = None
    by: Dimension | None = None
    focus: Focus | None = None
    leads: LeadQuery = field(default=EVERY_LEAD)

    def compared(self, today: date) -> tuple[ReportPeriod, ReportPeriod]:
        """The period until today, and the one it is compared with: of a period that is not over, as
        many days of it."""
        period = self.period.so_far(today)
        if self.against is None:
            return period, period.previous
        if period.cut is None:
            return period, self.against.so_far(today)
        last = self.against.first + (period.length - 1) * _DAY
        return period, self.against.so_far(min(last, today))

    def at(self, period: ReportPeriod) -> "ReportQuery":
        """The same report of another period, compared with the one before it."""
        return replace(self, period=period, against=None)


_DAY: Final = timedelta(days=1)


def year_before(period: ReportPeriod) -> ReportPeriod:
    """The same period of the year before: of a week the one with its number, or the year's last."""
    first = period.first
    match period.kind:
        case PeriodKind.WEEK:
            year, week, _ = first.isocalendar()
            weeks = date(year - 1, 12, 28).isocalendar().week
            return ReportPeriod.week_of(date.fromisocalendar(year - 1, min(week, weeks), 1))
        case PeriodKind.DAYS:
            return ReportPeriod.days(_year_before(first), _year_before(period.last))
        case _:
            return ReportPeriod.around(period.kind, first.replace(year=first.year - 1))


def _year_before(day: date) -> date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


_CLOSED_UNTIL: Final = {PeriodKind.MONTH: 10, PeriodKind.QUARTER: 15, PeriodKind.YEAR: 31}
"""Days of a new period in which its report is still the one of the last."""


def usual_period(kind: PeriodKind, today: date) -> ReportPeriod:
    """The period of a report that is asked for by its kind alone.

    On a Monday the last week, until the 10th of a month the last month, in the first 15 days of a
    quarter and in January the last quarter and the last year: that is what people report on then.
    Otherwise the present one so far.
    """
    period = ReportPeriod.around(kind, today)
    begun = (today - period.first).days + 1
    if kind is PeriodKind.WEEK:
        return period.previous if begun == 1 else period
    return period.previous if begun <= _CLOSED_UNTIL.get(kind, 0) else period


def period_of_days(first: date, last: date) -> ReportPeriod:
    """The period of these days: the month, quarter, year or week where they are one.

    Raises ValueError for days that no report has.
    """
    for kind in (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR, PeriodKind.WEEK):
        period = ReportPeriod.around(kind, first)
        if (period.first, period.last) == (first, last):
            return in_reach(period)
    return in_reach(ReportPeriod.days(first, last))


def period_of_key(key: str) -> ReportPeriod:
    """The period with this key. Raises ValueError for anything that no report is of."""
    return in_reach(ReportPeriod.of_key(key))


def in_reach(period: ReportPeriod) -> ReportPeriod:
    """The period; raises ValueError for one before or after this century, whose neighbours need
    not exist."""
    if not FIRST_YEAR <= period.first.year <= period.last.year <= FIRST_YEAR + 99:
        raise ValueError(f"no report is of {period.key}")
    return period


FIRST_YEAR: Final = 2000
"""The first year of reports; the last is 99 years later."""
_MOST_DAYS, _MOST_WEEKS = 14, 120
"""Days of a period that is drawn by days, and by weeks."""


def steps_of(period: ReportPeriod) -> Dimension:
    """The periods by which one is drawn: the days of a week, the weeks of a month or quarter, the
    months of a year."""
    days = (period.last - period.first).days + 1
    if days <= _MOST_DAYS:
        return Dimension.DAY
    return Dimension.WEEK if days <= _MOST_WEEKS else Dimension.MONTH


@dataclass(frozen=True, slots=True)
class DecodedReport:
    """A query that came back, and the filters of it that mean nothing any more."""

    query: ReportQuery
    lost: tuple[LostPart, ...] = ()


def write_query(query: ReportQuery) -> str:
    """``2026-11|source|won|2026-10|region=east``. Raises FilterTooLong, as lists do."""
    leads = encode(replace(query.leads, status=Status.OPEN))
    against = query.against.key if query.against else ""
    return _APART.join((query.period.key, query.by or "", query.focus or "", against, leads))


def read_query(text: str, vocabulary: Vocabulary | None = None) -> DecodedReport:
    """Read what ``write_query`` wrote. Raises ValueError for anything else; a filter whose term is
    gone is only lost."""
    parts = text.split(_APART, 4)
    period, by, focus, against, leads = (*parts, *[""] * (5 - len(parts)))
    decoded = decode(leads, vocabulary)
    query = ReportQuery(
        period=period_of_key(period),
        against=ReportPeriod.of_key(against) if against else None,
        by=Dimension(by) if by else None,
        focus=Focus(focus) if focus else None,
        leads=only_filters(decoded.query),
    )
    return DecodedReport(query, decoded.lost)
