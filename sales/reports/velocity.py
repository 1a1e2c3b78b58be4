"""How fast leads move: the time in each stage, and what the pipeline brings in a day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sales.leads import WORKED_STAGES, Stage
from sales.reports.conversion import entries, win_rate_in, won_in
from sales.reports.journeys import Journey, Stay
from sales.reports.measures import Rate, Spread, spread_of

_DAY = timedelta(days=1)


def time_in_stage(
    journeys: Iterable[Journey], start: datetime, end: datetime
) -> dict[Stage, Spread]:
    """Time in stage = median and 90th percentile of closed intervals, summed per lead.

    Of the leads that left the stage in ``[start, end)``, each with all its time in it until then.
    What a file says of the time before it came is not known to be spent in that stage. Stages that
    are worked on, in order, with those that nobody left.
    """
    sums: dict[Stage, list[timedelta]] = {stage: [] for stage in WORKED_STAGES}
    for journey in journeys:
        for stage, stays in _closed_stays(journey, end).items():
            if any(left_at >= start for _, left_at in stays):
                sums[stage].append(sum((left - entered for entered, left in stays), timedelta()))
    return {stage: spread_of(durations) for stage, durations in sums.items()}


def _closed_stays(journey: Journey, end: datetime) -> dict[Stage, list[tuple[datetime, datetime]]]:
    """The intervals that were over before ``end``, by stage."""
    found: dict[Stage, list[tuple[datetime, datetime]]] = defaultdict(list)
    for stay, entered_at in _known(journey):
        if stay.left_at is not None and stay.left_at < end and stay.stage in WORKED_STAGES:
            found[stay.stage].append((entered_at, stay.left_at))
    return found


def _known(journey: Journey) -> Iterator[tuple[Stay, datetime]]:
    """The stays with when each began as far as it is known here."""
    came = journey.arrived_at if journey.imported else None
    for stay in journey.stays:
        if came is None:
            yield stay, stay.entered_at
        elif stay.left_at is None or stay.left_at > came:
            yield stay, max(stay.entered_at, came)


@dataclass(frozen=True, slots=True, kw_only=True)
class Velocity:
    """Sales velocity, with the four levers that it is made of.

    ``open_count`` are the screened leads in progress now; ``won_value`` the mean amount of the
    deals won in the period of which it is known, and ``cycle`` from screened to won.
    """

    open_count: int
    win_rate: Rate
    won_value: Decimal
    cycle: Spread

    @property
    def per_day(self) -> Decimal | None:
        """Open screened count × win rate × mean won value ÷ median days from screened to won, in
        whole currency units a day; None where a lever is not known."""
        days = self.cycle.median / _DAY
        if not (self.win_rate.n and self.cycle.n and days > 0):
            return None
        share = Decimal(self.win_rate.hits) / self.win_rate.n
        return self.open_count * share * self.won_value / Decimal(days)

    @property
    def is_shown(self) -> bool:
        """Whether it is of enough deals."""
        return self.win_rate.is_shown and self.cycle.is_shown and self.per_day is not None


def velocity(
    open_count: int, journeys: Iterable[Journey], start: datetime, end: datetime
) -> Velocity:
    """The velocity by the deals closed in ``[start, end)``; ``open_count`` are the leads for which
    ``is_screened_and_open`` at present."""
    closed = tuple(journeys)
    won = [journey for journey in closed if won_in(journey, start, end) is not None]
    amounts = [journey.amount for journey in won if journey.amount is not None]
    return Velocity(
        open_count=open_count,
        win_rate=win_rate_in(closed, start, end),
        won_value=sum(amounts, Decimal(0)) / len(amounts) if amounts else Decimal(0),
        cycle=sales_cycle(won, start, end),
    )


def is_screened_and_open(journey: Journey) -> bool:
    """Whether the lead is in progress, at least screened: neither in nurture nor in the pool."""
    return journey.is_worked_on and journey.stage is not Stage.CAPTURED


def sales_cycle(journeys: Iterable[Journey], start: datetime, end: datetime) -> Spread:
    """Median and 90th percentile of the days from first screened to won, of the deals won in the
    window of which both days are known."""
    cycles = []
    for journey in journeys:
        won_at = won_in(journey, start, end)
        screened_at = entries(journey).get(Stage.SCREENED)
        if won_at is not None and screened_at is not None:
            cycles.append(won_at - screened_at)
    return spread_of(cycles)
