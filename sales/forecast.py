"""The forecast of a period: what is won, what is likely to follow, and whether it is enough [P22].

Pure arithmetic over the open deals of one team, person or company, which storage adds up; knows
neither who asks nor how a sum is written. A deal's worth is ``sales.sync_meeting.worth``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from sales.calendar import WorkCalendar
from sales.leads import WORKED_STAGES, ForecastCategory, Lead, Stage, Timeframe
from sales.playbook import Forecasting

SCREENED_OPEN: Final = WORKED_STAGES[WORKED_STAGES.index(Stage.SCREENED) :]
"""The open stages that coverage counts: somebody has looked at the lead and found it real."""

_DAY: Final = timedelta(days=1)
_CENT: Final = Decimal("0.01")


class Timing(StrEnum):
    """When a deal is expected to be closed, seen from a period. ``EARLIER`` is before it began."""

    WITHIN = "within"
    LATER = "later"
    EARLIER = "earlier"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenValue:
    """Open deals of one stage, category and timing, added up.

    ``n`` deals together worth ``value`` in whole currency units; ``unvalued`` of them have no known
    worth, and ``overdue`` of them should have been closed before today.
    """

    stage: Stage
    timing: Timing
    category: ForecastCategory | None = None
    n: int = 1
    value: Decimal = Decimal(0)
    unvalued: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Deals that had reached a stage and are closed: how many won, how many lost."""

    won: int = 0
    lost: int = 0

    def __add__(self, other: "Outcomes") -> "Outcomes":
        return Outcomes(self.won + other.won, self.lost + other.lost)

    @property
    def n(self) -> int:
        return self.won + self.lost


@dataclass(frozen=True, slots=True)
class StageOdds:
    """P(win | stage): how likely a deal in an open stage is won, from 0 to 1.

    ``outcomes`` are the closed deals that each rests on; of few, most of it is the prior.
    """

    chances: Mapping[Stage, float]
    outcomes: Mapping[Stage, Outcomes] = field(default_factory=dict)

    def of(self, stage: Stage) -> float:
        return self.chances.get(stage, 0.0)

    @property
    def n(self) -> int:
        """The number of closed deals that the odds were learnt from."""
        return max((known.n for known in self.outcomes.values()), default=0)


def smoothed(outcomes: Outcomes, prior: float, weight: float) -> float:
    """The posterior mean of a Beta distribution: (won + prior × weight) ÷ (n + weight).

    The prior Beta(prior × weight, (1 − prior) × weight) counts like ``weight`` deals closed before
    (Gelman et al., *Bayesian Data Analysis*, 3rd ed., section 2.4). Without deals and weight the
    prior itself.
    """
    if not outcomes.n + weight:
        return prior
    return (outcomes.won + prior * weight) / (outcomes.n + weight)


def stage_odds(
    rules: Forecasting,
    company: Mapping[Stage, Outcomes],
    team: Mapping[Stage, Outcomes] | None = None,
) -> StageOdds:
    """The odds of each open stage: the company's outcomes drawn to the playbook's odds, the team's
    own to the company's.

    Deals that had reached a stage count for it, whichever they skipped; from ``team`` None the
    company's odds result.
    """
    chances: dict[Stage, float] = {}
    for stage in WORKED_STAGES:
        chance = smoothed(company.get(stage, Outcomes()), rules.prior(stage), rules.weight)
        if team is not None:
            chance = smoothed(team.get(stage, Outcomes()), chance, rules.weight)
        chances[stage] = chance
    return StageOdds(chances, dict(company if team is None else team))


def category_of(stage: Stage, own: ForecastCategory | None, rules: Forecasting) -> ForecastCategory:
    """The owner's own judgement of a deal, else what its stage says."""
    if own is not None:
        return own
    place = WORKED_STAGES.index(stage) if stage in WORKED_STAGES else -1
    if place >= WORKED_STAGES.index(rules.commit_from):
        return ForecastCategory.COMMIT
    if place >= WORKED_STAGES.index(rules.best_case_from):
        return ForecastCategory.BEST_CASE
    return ForecastCategory.PIPELINE


@dataclass(frozen=True, slots=True, kw_only=True)
class StageValue:
    """Money by stage: the open deals of a stage, whenever they close, and of the period.

    ``weighted`` is of those that close in the period.
    """

    stage: Stage
    n: int
    value: Decimal
    closing_n: int
    closing: Decimal
    weighted: Decimal
    odds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The forecast of a period, in whole currency units.

    ``weighted`` = won + Σ worth × P(win | stage) over the open deals expected to close in the
    period; a lost one adds 0. ``commit`` = won + the worth of those that are promised, and
    ``best_case`` = commit + that of those that are possible (cumulative, as Salesforce's rollup of
    forecast categories is), and never less than ``weighted``, which counts early deals in part:
    what is likely is possible.

    ``n`` open deals close in the period, ``unvalued`` of them of unknown worth. ``undated`` open
    deals say no day, ``overdue`` ones should have been closed before today: those of before the
    period are in no sum.
    """

    won: Decimal
    weighted: Decimal
    commit: Decimal
    best_case: Decimal
    target: Decimal | None
    screened: Decimal
    n: int
    stages: tuple[StageValue, ...] = ()
    unvalued: int = 0
    undated: int = 0
    undated_value: Decimal = Decimal(0)
    overdue: int = 0

    @property
    def missing(self) -> Decimal | None:
        """Target − won, never less than 0; None without a target."""
        return None if self.target is None else max(self.target - self.won, Decimal(0))

    @property
    def coverage(self) -> float | None:
        """Open screened value closing in the period ÷ (target − won).

        None without a target and when nothing is missing any more.
        """
        return float(self.screened / self.missing) if self.missing else None

    @property
    def open_value(self) -> Decimal:
        """The worth of all open deals, whenever they close."""
        return sum((stage.value for stage in self.stages), Decimal(0))


def forecast(
    *,
    won: Decimal,
    deals: Iterable[OpenValue],
    odds: StageOdds,
    rules: Forecasting,
    target: Decimal | None = None,
) -> Forecast:
    """The forecast of a period from what was won in it so far and what is open now."""
    deals = tuple(deals)
    within = [deal for deal in deals if deal.timing is Timing.WITHIN]
    by_category = {
        category: _value(
            deal for deal in within if category_of(deal.stage, deal.category, rules) is category
        )
        for category in ForecastCategory
    }
    stages = tuple(_stage_value(stage, deals, odds) for stage in WORKED_STAGES)
    commit = won + by_category[ForecastCategory.COMMIT]
    weighted = won + sum((stage.weighted for stage in stages), Decimal(0))
    undated = [deal for deal in deals if deal.timing is Timing.UNDATED]
    return Forecast(
        won=won,
        weighted=weighted,
        commit=commit,
        best_case=max(weighted, commit + by_category[ForecastCategory.BEST_CASE]),
        target=target,
        screened=_value(deal for deal in within if deal.stage in SCREENED_OPEN),
        n=sum(deal.n for deal in within),
        stages=tuple(stage for stage in stages if stage.n),
        unvalued=sum(deal.unvalued for deal in within),
        undated=sum(deal.n for deal in undated),
        undated_value=_value(undated),
        overdue=sum(deal.overdue for deal in deals),
    )


def _stage_value(stage: Stage, deals: Iterable[OpenValue], odds: StageOdds) -> StageValue:
    here = [deal for deal in deals if deal.stage is stage]
    closing = [deal for deal in here if deal.timing is Timing.WITHIN]
    value, chance = _value(closing), odds.of(stage)
    weighted = (value * Decimal(repr(chance))).quantize(_CENT, ROUND_HALF_UP)
    return StageValue(
        stage=stage,
        n=sum(deal.n for deal in here),
        value=_value(here),
        closing_n=sum(deal.n for deal in closing),
        closing=value,
        weighted=weighted,
        odds=chance,
    )


def _value(deals: Iterable[OpenValue]) -> Decimal:
    return sum((deal.value for deal in deals), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastSnapshot:
    """A row of a snapshot: open deals of a team's person in one stage as they were on ``day``.

    ``month`` is the first day of the month in which they were to close, None for those that say no
    day. ``odds`` is P(win | stage) as it was believed then. ``owner_id`` None: nobody's.
    """

    day: date
    team_id: int
    owner_id: int | None
    stage: Stage
    category: ForecastCategory | None
    month: date | None
    n: int
    value: Decimal
    odds: float


def forecast_then(
    rows: Iterable[ForecastSnapshot],
    *,
    won: Decimal,
    first: date,
    last: date,
    rules: Forecasting,
    target: Decimal | None = None,
) -> Forecast:
    """The forecast of a period of whole months as it was on the day of a snapshot.

    ``won`` is what had been won in the period before that day, 0 at its start.
    """
    deals = [(row, _as_open(row, first, last)) for row in rows]
    sums = forecast(
        won=won, deals=[deal for _, deal in deals], odds=StageOdds({}), rules=rules, target=target
    )
    likely = (_likely(row) for row, deal in deals if deal.timing is Timing.WITHIN)
    return replace(sums, weighted=won + sum(likely, Decimal(0)))


def _likely(row: ForecastSnapshot) -> Decimal:
    return (row.value * Decimal(repr(row.odds))).quantize(_CENT, ROUND_HALF_UP)


def _as_open(row: ForecastSnapshot, first: date, last: date) -> OpenValue:
    timing = timing_of(row.month, first.replace(day=1), last)
    return OpenValue(
        stage=row.stage, timing=timing, category=row.category, n=row.n, value=row.value
    )


def timing_of(expected: date | None, first: date, last: date) -> Timing:
    """When a deal that is expected on a day closes, seen from a period; both ends included."""
    if expected is None:
        return Timing.UNDATED
    if expected < first:
        return Timing.EARLIER
    return Timing.LATER if expected > last else Timing.WITHIN


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A forecast of before, beside what came of it; both in whole currency units."""

    forecast: Decimal
    actual: Decimal

    @property
    def error(self) -> float | None:
        """(forecast − actual) ÷ actual: positive when too much was expected. None for actual 0."""
        return float((self.forecast - self.actual) / self.actual) if self.actual else None

    @property
    def share(self) -> float | None:
        """1 − |forecast − actual| ÷ actual, never less than 0 (1 − the absolute percentage error);
        None for actual 0."""
        return None if self.error is None else max(0.0, 1.0 - abs(self.error))


@dataclass(frozen=True, slots=True)
class Slip:
    """A deal that was to close in a period and did not: its day left the period, or passed.

    ``worth`` in whole currency units as it was when the day left; ``to`` is the new day, None when
    there is none, or still the old one of a deal that was not closed in time.
    """

    lead_id: int
    team_id: int
    owner_id: int | None
    worth: Decimal
    expected: date
    to: date | None


def slipped_value(slips: Iterable[Slip]) -> Decimal:
    """Slippage: the value whose close date left the period."""
    return sum((slip.worth for slip in slips), Decimal(0))


_WITHIN: Final[Mapping[Timeframe, int]] = {
    Timeframe.MONTH: 30,
    Timeframe.QUARTER: 90,
    Timeframe.LATER: 180,
}


def likely_close(
    lead: Lead, to: Stage, today: date, calendar: WorkCalendar, lengths: Mapping[Stage, int]
) -> date:
    """A day to suggest for when a lead in stage ``to`` may be closed; always a working day.

    When the customer said when they mean to buy, that long after the lead came in, if that is
    ahead; else after the working days that the stages left usually take (``lengths``, by stage).
    """
    after = _WITHIN.get(lead.timeframe)
    said = calendar.day_of(lead.created_at) + after * _DAY if after else today
    if said <= today:
        ahead = WORKED_STAGES[WORKED_STAGES.index(to) :] if to in WORKED_STAGES else ()
        said = calendar.workday_from(today, max(1, sum(lengths.get(one, 0) for one in ahead)))
    return said if calendar.is_workday(said) else calendar.workday_from(said, 1)


def expecting(
    lead: Lead, amount: Decimal | None, close: date | None, *, by: int, now: datetime
) -> Lead:
    """The open lead with what somebody expects of it; who said it and when is of the day."""
    if close != lead.expected_close:
        lead = replace(lead, expected_close=close, expected_by=by, expected_at=now)
    return replace(lead, amount=amount)


def months_back(day: date, count: int) -> list[date]:
    """The first days of the ``count`` complete months before a day, the oldest first."""
    ends = 12 * day.year + day.month - 1
    months = [divmod(ends - back, 12) for back in range(count, 0, -1)]
    return [date(year, month + 1, 1) for year, month in months]


def month_after(first: date) -> date:
    """The first day of the month after the one that contains a day."""
    return (first.replace(day=1) + 32 * _DAY).replace(day=1)


def snapshot_day(today: date) -> date:
    """The last day at or before today of which there is a snapshot: a Monday or a month's first."""
    return max(today - today.weekday() * _DAY, today.replace(day=1))


def next_snapshot_day(day: date) -> date:
    """The first such day after a day."""
    return min(day + (7 - day.weekday()) * _DAY, month_after(day))


def summed(outcomes: Iterable[Mapping[Stage, Outcomes]]) -> dict[Stage, Outcomes]:
    """The outcomes of several months by stage."""
    total: dict[Stage, Outcomes] = {}
    for month in outcomes:
        for stage, known in month.items():
            total[stage] = total.get(stage, Outcomes()) + known
    return total
