"""What happened in a period, added up, and how the pipeline got from its start to its end."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from sales.leads import OPEN_STAGES, Grade, Stage
from sales.reports.conversion import is_new, lost_in, was_screened, won_in
from sales.reports.journeys import Journey
from sales.reports.measures import Rate
from sales.reports.weekly import most_first

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodTotals:
    """A period ``[start, end)``, as ``WeekFacts`` counts a week.

    ``open_at_start`` + ``entered`` − ``won`` − ``lost`` = ``open_at_end``; ``entered`` counts leads
    that came in or were reopened. Sources and reasons are the vocabulary's keys, the most frequent
    first; of a lead that was reopened after the period, neither the reason nor the amount is known
    any more: the reason is "".
    """

    start: datetime
    end: datetime
    new_by_source: Mapping[str, int] = field(default_factory=dict)
    high_value: int = 0
    won: int = 0
    won_amount: Decimal = Decimal(0)
    lost_by_reason: Mapping[str, int] = field(default_factory=dict)
    lost_screened: int = 0
    lost_worth: Decimal = Decimal(0)
    open_at_start: int = 0
    open_at_end: int = 0
    nurtured: int = 0
    nurtured_at_end: int = 0
    in_stage_at_end: Mapping[Stage, int] = field(default_factory=dict)

    @property
    def new(self) -> int:
        return sum(self.new_by_source.values())

    @property
    def lost(self) -> int:
        return sum(self.lost_by_reason.values())

    @property
    def entered(self) -> int:
        return self.open_at_end - self.open_at_start + self.won + self.lost

    @property
    def changes(self) -> int:
        """What came in beside the new leads: reopened ones, and those from files without a day;
        below 0 where new leads came closed from a file."""
        return self.entered - self.new

    @property
    def win_rate(self) -> Rate:
        """Won ÷ (won + lost), of the deals that had been screened."""
        return Rate(self.won, self.won + self.lost_screened)

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened and nothing existed."""
        return not (self.open_at_start or self.open_at_end or self.new or self.won or self.lost)


def totals(journeys: Iterable[Journey], start: datetime, end: datetime) -> PeriodTotals:
    """Add up a period.

    The counts of open leads need the journeys of all that were open in it
    (``JourneyRepository.open_in``); everything else those of the period.
    """
    some = tuple(journeys)
    new = [journey for journey in some if is_new(journey, start, end)]
    won = [journey for journey in some if won_in(journey, start, end) is not None]
    lost = [journey for journey in some if lost_in(journey, start, end) is not None]
    at_end = Counter(stage for journey in some if (stage := stage_at(journey, end)))
    return PeriodTotals(
        start=start,
        end=end,
        new_by_source=_counts(new, lambda journey: journey.source),
        high_value=sum(journey.grade is Grade.HIGH for journey in new),
        won=len(won),
        won_amount=sum((journey.amount or Decimal(0) for journey in won), Decimal(0)),
        lost_by_reason=_counts(lost, lambda journey: journey.lost_reason),
        lost_screened=sum(was_screened(journey, end) for journey in lost),
        lost_worth=sum((journey.worth or Decimal(0) for journey in lost), Decimal(0)),
        open_at_start=sum(stage_at(journey, start) in OPEN_STAGES for journey in some),
        open_at_end=sum(at_end[stage] for stage in OPEN_STAGES),
        nurtured=sum(was_nurtured(journey, start, end) for journey in some),
        nurtured_at_end=at_end[Stage.NURTURE],
        in_stage_at_end={stage: at_end[stage] for stage in OPEN_STAGES},
    )


def stage_at(journey: Journey, at: datetime) -> Stage | None:
    """The stage of a lead just before a moment; None before there was one."""
    stage = None
    for stay in journey.stays:
        if stay.entered_at >= at:
            break
        stage = stay.stage if stay.left_at is None or stay.left_at >= at else None
    return stage


def was_nurtured(journey: Journey, start: datetime, end: datetime) -> bool:
    """Whether the lead came into nurture in the window and was there at its end."""
    return any(
        stay.stage is Stage.NURTURE
        and start <= stay.entered_at < end
        and (stay.left_at is None or stay.left_at >= end)
        for stay in journey.stays
    )


def _counts(journeys: Iterable[Journey], key: Callable[[Journey], str]) -> dict[str, int]:
    return most_first(Counter(map(key, journeys)))
