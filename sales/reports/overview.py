"""What a report says of some leads in a period, and of each group or step of it.

Pure: journeys and clocks are given, and what they count is defined where each figure is. What
matters most of it is decided in ``sales.reports.changes``.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final

from sales.calendar import WorkCalendar
from sales.lead_lists.query import Exclusion, LeadQuery, QueryField
from sales.reports.conversion import StageConversion, lost_in, stage_conversion
from sales.reports.discipline import ClockFact, Discipline, attainment, discipline
from sales.reports.journeys import Journey, JourneyFilter
from sales.reports.measures import Rate, Spread
from sales.reports.periods import PeriodKind, ReportPeriod
from sales.reports.queries import Dimension, Focus, period_of_days
from sales.reports.response import response_spread
from sales.reports.totals import PeriodTotals, totals
from sales.reports.weekly import most_first

GroupKey = int | str | None
"""A person's or team's id, a term's key, a grade, a reason; None: nobody's."""
MOST_STEPS: Final = 20
"""Steps that a chart shows; more are shown as longer ones."""
_DAY: Final = timedelta(days=1)


def journey_filter(leads: LeadQuery) -> JourneyFilter:
    """What storage can filter by; ``matches`` decides the rest."""
    alone = not leads.nobody
    return JourneyFilter(
        team_ids=frozenset(leads.teams),
        owner_ids=frozenset(leads.owners if alone else ()),
        sources=frozenset(leads.sources),
        products=frozenset(leads.products),
        regions=frozenset(leads.regions),
    )


def is_whole(leads: LeadQuery) -> bool:
    """Whether ``journey_filter`` says all: then clocks can be told apart as well."""
    return not (
        leads.industries
        or leads.grades
        or leads.nobody
        or leads.excluded
        or leads.low is not None
        or leads.high is not None
    )


def matches(leads: LeadQuery, journey: Journey) -> bool:
    """Whether a report with these filters counts the lead, as a list with them shows it. ``mine``
    is to be replaced by the reader's id among the owners."""
    chosen = (
        (leads.teams, journey.team_id),
        (leads.sources, journey.source),
        (leads.products, journey.product),
        (leads.regions, journey.region),
        (leads.industries, journey.industry),
        (leads.grades, journey.grade),
    )
    if any(values and value not in values for values, value in chosen):
        return False
    if (leads.owners or leads.nobody) and not _is_owned(leads, journey):
        return False
    worth = journey.worth
    if leads.low is not None and (worth is None or worth < leads.low):
        return False
    if leads.high is not None and (worth is None or worth > leads.high):
        return False
    return not any(_is_excluded(one, journey) for one in leads.excluded)


def _is_owned(leads: LeadQuery, journey: Journey) -> bool:
    return journey.owner_id in leads.owners or (leads.nobody and journey.owner_id is None)


def _is_excluded(one: Exclusion, journey: Journey) -> bool:
    read = _VALUES.get(one.field)
    value = read(journey) if read else None
    return value is not None and str(value) == one.value


_VALUES: Final[Mapping[QueryField, Callable[[Journey], GroupKey]]] = {
    QueryField.SOURCE: lambda journey: journey.source,
    QueryField.REGION: lambda journey: journey.region,
    QueryField.INDUSTRY: lambda journey: journey.industry,
    QueryField.PRODUCT: lambda journey: journey.product,
    QueryField.GRADE: lambda journey: journey.grade.value,
    QueryField.OWNER: lambda journey: journey.owner_id,
    QueryField.TEAM: lambda journey: journey.team_id,
    QueryField.STAGE: lambda journey: journey.stage.value,
}
_GROUPED: Final[Mapping[Dimension, Callable[[Journey], GroupKey]]] = {
    Dimension.PERSON: _VALUES[QueryField.OWNER],
    Dimension.TEAM: _VALUES[QueryField.TEAM],
    Dimension.SOURCE: _VALUES[QueryField.SOURCE],
    Dimension.PRODUCT: _VALUES[QueryField.PRODUCT],
    Dimension.REGION: _VALUES[QueryField.REGION],
    Dimension.INDUSTRY: _VALUES[QueryField.INDUSTRY],
    Dimension.GRADE: _VALUES[QueryField.GRADE],
}


@dataclass(frozen=True)
class Figures:
    """What happened to some leads in ``[start, end)``, each figure computed when it is asked for.

    ``clocks`` is None where the clocks of these leads are not known apart.
    """

    journeys: tuple[Journey, ...]
    start: datetime
    end: datetime
    clocks: Rate | None = None

    @cached_property
    def totals(self) -> PeriodTotals:
        return totals(self.journeys, self.start, self.end)

    @cached_property
    def conversion(self) -> tuple[StageConversion, ...]:
        return stage_conversion(self.journeys, self.start, self.end)

    @cached_property
    def response(self) -> Spread:
        """From when a lead came to the first contact."""
        return response_spread(self.journeys, self.start, self.end)

    @cached_property
    def lost_worth_by_reason(self) -> Mapping[str, Decimal]:
        sums: dict[str, Decimal] = {}
        for journey in self.journeys:
            if lost_in(journey, self.start, self.end):
                worth = journey.worth or Decimal(0)
                sums[journey.lost_reason] = sums.get(journey.lost_reason, Decimal(0)) + worth
        return sums


@dataclass(frozen=True)
class OpenNow:
    """Leads that are open at present. ``worked`` are in progress, ``worth`` is theirs."""

    journeys: tuple[Journey, ...]
    now: datetime

    @cached_property
    def worked(self) -> int:
        return sum(journey.is_worked_on for journey in self.journeys)

    @cached_property
    def worth(self) -> Decimal:
        known = (journey.worth for journey in self.journeys if journey.is_worked_on)
        return sum((worth for worth in known if worth), Decimal(0))

    @cached_property
    def discipline(self) -> Discipline:
        return discipline(self.journeys, self.now)


@dataclass(frozen=True, slots=True)
class Group:
    """One row of a comparison: of a person, a source, …"""

    key: GroupKey
    figures: Figures
    earlier: Figures
    open_now: OpenNow

    def value(self, focus: Focus) -> float:
        """What rows are ordered by, the largest first."""
        return value_of(focus, self.figures, self.open_now)


@dataclass(frozen=True, slots=True)
class ReportStep:
    """A part of the period, such as one of its weeks."""

    period: ReportPeriod
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A report's figures: of all its leads, of the period that it is compared with, of each group,
    and step by step."""

    period: ReportPeriod
    before: ReportPeriod
    figures: Figures
    earlier: Figures
    open_now: OpenNow
    groups: tuple[Group, ...] = ()
    steps: tuple[ReportStep, ...] = ()
    step: Dimension = Dimension.DAY


def value_of(focus: Focus, figures: Figures, open_now: OpenNow) -> float:
    """A figure as a number, for an order or a bar; below 0 where it is not known or not shown."""
    sums = figures.totals
    match focus:
        case Focus.NEW:
            return sums.new
        case Focus.WON:
            return sums.won
        case Focus.AMOUNT:
            return float(sums.won_amount)
        case Focus.LOST:
            return sums.lost
        case Focus.WIN_RATE:
            return sums.win_rate.share if sums.win_rate.is_shown else -1.0
        case Focus.CONVERSION:
            first = figures.conversion[0].rate
            return first.share if first.is_shown else -1.0
        case Focus.RESPONSE:
            shown = figures.response.is_shown
            return figures.response.median.total_seconds() if shown else -1.0
        case Focus.CLOCKS:
            known = figures.clocks is not None and figures.clocks.is_shown
            return figures.clocks.share if known and figures.clocks else -1.0
        case Focus.DISCIPLINE:
            return open_now.discipline.overdue
        case Focus.PIPELINE:
            return float(open_now.worth)


def usual_focus(figures: Figures) -> Focus:
    """What a comparison is ordered by when nobody says: won amount, or deals, or new leads."""
    if figures.totals.won_amount:
        return Focus.AMOUNT
    return Focus.WON if figures.totals.won else Focus.NEW


def groups_of(
    dimension: Dimension,
    figures: Figures,
    earlier: Figures,
    open_now: OpenNow,
    *,
    clocks: Mapping[GroupKey, Rate],
    focus: Focus,
) -> tuple[Group, ...]:
    """The groups of a dimension, the largest first; those without anything to show are left out."""
    key = _GROUPED[dimension]
    parts = [_grouped(some, key) for some in (figures.journeys, earlier.journeys)]
    waiting = _grouped(open_now.journeys, key)
    groups = [
        Group(
            one,
            Figures(tuple(parts[0].get(one, ())), figures.start, figures.end, clocks.get(one)),
            Figures(tuple(parts[1].get(one, ())), earlier.start, earlier.end),
            OpenNow(tuple(waiting.get(one, ())), open_now.now),
        )
        for one in {*parts[0], *parts[1], *waiting}
    ]
    some = [group for group in groups if _says_something(group)]
    return tuple(sorted(some, key=lambda one: _rank(one, focus)))


def _rank(group: Group, focus: Focus) -> tuple[float, int, str]:
    return -group.value(focus), -group.figures.totals.new, str(group.key)


def _grouped(
    journeys: Iterable[Journey], key: Callable[[Journey], GroupKey]
) -> dict[GroupKey, list[Journey]]:
    groups: dict[GroupKey, list[Journey]] = {}
    for journey in journeys:
        groups.setdefault(key(journey), []).append(journey)
    return groups


def _says_something(group: Group) -> bool:
    sums, before = group.figures.totals, group.earlier.totals
    return bool(
        sums.new or sums.won or sums.lost or before.won or before.new or group.open_now.worked
    )


def clock_rates(
    clocks: Iterable[ClockFact], dimension: Dimension | None, now: datetime
) -> dict[GroupKey, Rate]:
    """Clock attainment by owner or team, which are all that clocks know."""
    groups: dict[GroupKey, list[ClockFact]] = {}
    for clock in clocks:
        match dimension:
            case Dimension.PERSON:
                groups.setdefault(clock.owner_id, []).append(clock)
            case Dimension.TEAM:
                groups.setdefault(clock.team_id, []).append(clock)
    return {key: attainment(some, now) for key, some in groups.items()}


_KINDS: Final = {
    Dimension.DAY: PeriodKind.DAYS,
    Dimension.WEEK: PeriodKind.WEEK,
    Dimension.MONTH: PeriodKind.MONTH,
    Dimension.QUARTER: PeriodKind.QUARTER,
}
_COARSER: Final = {
    Dimension.DAY: Dimension.WEEK,
    Dimension.WEEK: Dimension.MONTH,
    Dimension.MONTH: Dimension.QUARTER,
}


def steps_in(period: ReportPeriod, step: Dimension) -> tuple[Dimension, tuple[ReportPeriod, ...]]:
    """The days, weeks, months or quarters of a period, as far as it has gone, cut at its ends; of
    more than ``MOST_STEPS`` the next longer ones."""
    last = min(period.last, period.until)
    steps: list[ReportPeriod] = []
    day = period.first
    while day <= last and len(steps) <= MOST_STEPS:
        whole = ReportPeriod.around(_KINDS[step], day)
        end = min(whole.last, last)
        cut = (whole.first, whole.last) != (day, end)
        steps.append(period_of_days(day, end) if cut else whole)
        day = end + _DAY
    if len(steps) > MOST_STEPS and step in _COARSER:
        return steps_in(period, _COARSER[step])
    return step, tuple(steps)


def figures_by_step(
    journeys: Iterable[Journey], steps: Iterable[ReportPeriod], calendar: WorkCalendar
) -> tuple[ReportStep, ...]:
    """The figures of each step of one period, from the journeys of all of it."""
    windows = [(one, *one.window(calendar)) for one in steps]
    ends = [end for _, _, end in windows]
    parts: list[list[Journey]] = [[] for _ in windows]
    for journey in journeys:
        moments = (
            journey.created_at,
            journey.arrived_at,
            *(one.entered_at for one in journey.stays),
        )
        # Whatever happens to a lead, it enters a stage; in other steps it counts for nothing.
        for place in {bisect_right(ends, at) for at in moments}:
            if place < len(parts):
                parts[place].append(journey)
    return tuple(
        ReportStep(one, Figures(tuple(some), start, end))
        for (one, start, end), some in zip(windows, parts, strict=True)
    )


def lost_reasons(figures: Figures) -> dict[str, int]:
    """Losses by reason, the most frequent first."""
    return most_first(figures.totals.lost_by_reason)
