"""How leads get from stage to stage: conversion, cohorts, and deals that are won or lost.

Nothing is decided by a lead's first stay alone: it may come back, skip stages, be reopened. What a
file says of a lead before it came is not how it was worked on here, and credits no stage that it
skipped.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeVar

from sales.leads import OPEN_STAGES, PIPELINE, Stage
from sales.reports.journeys import WON_STAGES, Journey, Stay
from sales.reports.measures import Rate

K = TypeVar("K", bound=Hashable)

CONVERTING: Final = PIPELINE[: PIPELINE.index(Stage.WON)]
"""The stages from which a lead goes on to the next."""
_SCREENED: Final = PIPELINE[PIPELINE.index(Stage.SCREENED) :]
_PLACE: Final = {stage: place for place, stage in enumerate(PIPELINE)}


def entries(journey: Journey) -> Mapping[Stage, datetime]:
    """When a lead first entered each stage.

    A stage of the pipeline that it skipped counts as entered when it was passed; not where that
    happened before the lead came from a file.
    """
    first: dict[Stage, datetime] = {}
    for stay, passed in _with_passed(journey):
        for stage in passed:
            first.setdefault(stage, stay.entered_at)
        first.setdefault(stay.stage, stay.entered_at)
    return first


def _with_passed(journey: Journey) -> Iterator[tuple[Stay, tuple[Stage, ...]]]:
    """Each stay with the stages that were skipped on the way to it."""
    farthest = -1
    for number, stay in enumerate(journey.stays):
        place = _PLACE.get(stay.stage, -1)
        first = farthest + 1
        if journey.imported and is_from_file(journey, number):
            # Nothing comes after a sale without one.
            first = _PLACE[Stage.WON]
        yield stay, PIPELINE[first:place] if place > first else ()
        farthest = max(farthest, place)


def is_from_file(journey: Journey, number: int) -> bool:
    """Whether a stay is one of those that the lead's file speaks of."""
    if not journey.imported:
        return False
    came = journey.imported_at
    return number == 0 or (came is not None and journey.stays[number].entered_at <= came)


def went_beyond(journey: Journey, stage: Stage) -> bool:
    """Whether the lead, after it first entered the stage, reached a later one of the pipeline."""
    entered = False
    for stay, passed in _with_passed(journey):
        if entered or stage in passed:
            if _PLACE.get(stay.stage, -1) > _PLACE[stage]:
                return True
            entered = True
        entered = entered or stay.stage is stage
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class StageConversion:
    """What became, until now, of the leads that first entered a stage in a period.

    Each of ``entered`` is one of ``converted`` (reached a later stage, whatever came then),
    ``lost`` and ``still_open`` (nurtured ones included).
    """

    stage: Stage
    entered: int
    converted: int
    lost: int
    still_open: int

    @property
    def rate(self) -> Rate:
        """Stage conversion: later reached the next stage or one beyond ÷ all first entering it."""
        return Rate(self.converted, self.entered)

    @property
    def open_rate(self) -> Rate:
        return Rate(self.still_open, self.entered)

    @property
    def loss_rate(self) -> Rate:
        """The share that was lost in this stage or an earlier one that it fell back to."""
        return Rate(self.lost, self.entered)


def stage_conversion(
    journeys: Iterable[Journey], start: datetime, end: datetime
) -> tuple[StageConversion, ...]:
    """The conversion of each stage from captured to negotiation, by the leads that first entered it
    in ``[start, end)``.

    A lead counts once, however often it comes back; lost ones stay in the denominator; a skipped
    stage counts as entered and passed.
    """
    counts = {stage: [0, 0, 0, 0] for stage in CONVERTING}
    for journey in journeys:
        for stage, at in entries(journey).items():
            if stage in counts and start <= at < end:
                count = counts[stage]
                count[0] += 1
                count[_outcome(journey, stage)] += 1
    return tuple(
        StageConversion(stage=stage, entered=n, converted=converted, lost=lost, still_open=open_)
        for stage, (n, converted, lost, open_) in counts.items()
    )


def _outcome(journey: Journey, stage: Stage) -> int:
    if went_beyond(journey, stage):
        return 1
    return 3 if journey.is_open else 2


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many leads of a cohort reached a stage; ``rate`` is of the whole cohort."""

    stage: Stage
    rate: Rate

    def __add__(self, other: "FunnelStep") -> "FunnelStep":
        return FunnelStep(self.stage, self.rate + other.rate)


def cohort_funnel(
    journeys: Iterable[Journey],
    start: datetime,
    end: datetime,
    *,
    until: datetime | None = None,
) -> tuple[FunnelStep, ...]:
    """How far the leads created in ``[start, end)`` got, from captured to won.

    ``until`` None counts what they reached before the end of the window, so that an older cohort,
    which had more time since, can be compared with a newer one. Reached is a stage that was entered
    or skipped. Leads without a day of their own, from files, are in no cohort.
    """
    seen = until or end
    cohort = [entries(journey) for journey in journeys if is_new(journey, start, end)]
    return tuple(
        FunnelStep(
            stage,
            Rate(sum(stage in one and one[stage] < seen for one in cohort), len(cohort)),
        )
        for stage in (*CONVERTING, Stage.WON)
    )


def added_up(funnels: Iterable[tuple[FunnelStep, ...]]) -> tuple[FunnelStep, ...]:
    """Several cohorts as one, such as those of the trailing three months."""
    total: tuple[FunnelStep, ...] = ()
    for funnel in funnels:
        pairs = zip(total, funnel, strict=True)
        total = tuple(one + other for one, other in pairs) if total else funnel
    return total


def is_new(journey: Journey, start: datetime, end: datetime) -> bool:
    """Whether the lead was created in ``[start, end)``; one of which a file gives no day is new in
    no period."""
    return journey.dated and start <= journey.created_at < end


def closed_in(
    journey: Journey, stages: tuple[Stage, ...], start: datetime, end: datetime
) -> datetime | None:
    """When the lead came to one of the stages in ``[start, end)`` and stayed there until its end.

    From won to after-sales does not count as won again; what was reopened before the end does not
    count; of several times the last one counts.
    """
    # Most leads of a report come to none of them in the window, and a review asks a million times.
    for stay in journey.stays:
        if stay.stage in stages and start <= stay.entered_at < end:
            break
    else:
        return None
    at: datetime | None = None
    for number, stay in enumerate(journey.stays):
        if stay.entered_at >= end:
            break
        if stay.stage not in stages:
            at = None
        elif start <= stay.entered_at and not _came_from(journey.stays[:number], stay, stages):
            at = stay.entered_at
    return at


def _came_from(before: tuple[Stay, ...], stay: Stay, stages: tuple[Stage, ...]) -> bool:
    """Whether the lead was in one of the stages until then, and in no other since."""
    for one in reversed(before):
        if one.stage not in stages:
            return False
        if one.left_at == stay.entered_at:
            return True
    return False


def won_in(journey: Journey, start: datetime, end: datetime) -> datetime | None:
    """When the deal was won, if in ``[start, end)`` and still so at its end."""
    return closed_in(journey, WON_STAGES, start, end)


def lost_in(journey: Journey, start: datetime, end: datetime) -> datetime | None:
    """When the lead was lost, if in ``[start, end)`` and still so at its end."""
    return closed_in(journey, (Stage.LOST,), start, end)


def was_screened(journey: Journey, end: datetime) -> bool:
    """Whether the lead had been screened, or gone further, before the moment.

    One that came closed from a file, without any stage before, counts as such.
    """
    if any(stay.stage in _SCREENED and stay.entered_at < end for stay in journey.stays):
        return True
    return not any(stay.stage in OPEN_STAGES for stay in journey.stays)


def decided_in(journey: Journey, start: datetime, end: datetime) -> bool | None:
    """Whether a deal that was closed in the window was won; None for one that was not closed in it,
    and for a lead that was lost before it was screened."""
    if won_in(journey, start, end) is not None:
        return True
    if lost_in(journey, start, end) is not None and was_screened(journey, end):
        return False
    return None


def win_rate_by(
    journeys: Iterable[Journey], key: Callable[[Journey], K], start: datetime, end: datetime
) -> dict[K, Rate]:
    """Win rate = won ÷ (won + lost) by close date, of deals that had been screened, by any key."""
    rates: dict[K, Rate] = {}
    for journey in journeys:
        won = decided_in(journey, start, end)
        if won is not None:
            of = key(journey)
            rates[of] = rates.get(of, Rate(0, 0)) + Rate(int(won), 1)
    return rates


def win_rate_in(journeys: Iterable[Journey], start: datetime, end: datetime) -> Rate:
    """The win rate of a period."""
    return win_rate_by(journeys, lambda _: "", start, end).get("", Rate(0, 0))


@dataclass(frozen=True, slots=True)
class ValueRate:
    """The value that was won of the value of ``n`` decided deals, whose value is known."""

    won: Decimal
    decided: Decimal
    n: int

    @property
    def share(self) -> float:
        """The share; 0 of nothing."""
        return float(self.won / self.decided) if self.decided else 0.0


def win_rate_by_value(journeys: Iterable[Journey], start: datetime, end: datetime) -> ValueRate:
    """Won value ÷ (won + lost value) by close date, from screened on.

    A won deal is worth its amount, a lost one the best that was known of it
    (``sales.sync_meeting.worth``); those of unknown value are left out.
    """
    won, decided, n = Decimal(0), Decimal(0), 0
    for journey in journeys:
        is_won = decided_in(journey, start, end)
        value = journey.amount if is_won else journey.worth
        if is_won is None or value is None:
            continue
        won += value if is_won else 0
        decided += value
        n += 1
    return ValueRate(won, decided, n)
