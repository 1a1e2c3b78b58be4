"""Impact: conversion, sales cycle and hand-over time before and after a day [P25].

Compares and does not explain: whatever else changed at the same time is in the figures, too. Leads
are compared by cohorts with the same time to be won, so that young ones do not count as failures:
each had at least so many days, and what came later does not count. Knows no words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Literal, Self

from sales.calendar import WorkCalendar
from sales.leads import Stage
from sales.people import Role
from sales.reports.conversion import entries, is_new, won_in
from sales.reports.intervals import Interval, median, median_change, share_difference
from sales.reports.journeys import Journey
from sales.reports.measures import Rate

_DAY: Final = timedelta(days=1)
HORIZONS: Final = (180, 90, 60, 30)
"""Days that every compared lead had to be won, the longest first."""
LENGTHS: Final = (30, 91, 365)
"""Days of creation that a cohort is of: the fewest in which it has ``PLENTY`` of leads, else the
most. More would make no figure surer that is worth waiting for."""
PLENTY: Final = 1_000
ANSWER_WITHIN: Final = 14
"""Days that every compared hand-over had to be answered."""
ENOUGH: Final = 10
"""Cases on each side from which on a comparison is made."""
DEPARTMENTS: Final = (Role.SERVICE, Role.PRODUCT, Role.FINANCE)
"""The departments that a lead's work is handed over to."""


class ImpactFinding(StrEnum):
    """What a comparison says."""

    TOO_FEW = "too_few"
    UNCLEAR = "unclear"
    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Days:
    """Whole local days from ``first`` to ``last``, both included; none where ``last`` is before."""

    first: date
    last: date

    @property
    def is_empty(self) -> bool:
        return self.last < self.first

    def window(self, calendar: WorkCalendar) -> tuple[datetime, datetime]:
        """The instants ``[start, end)``; of no days nothing."""
        start = calendar.midnight(self.first)
        return start, start if self.is_empty else calendar.midnight(self.last + _DAY)


@dataclass(frozen=True, slots=True)
class Split:
    """The days of both cohorts around the day ``on``, each with ``horizon`` days afterwards: those
    of the first cohort are over on that day, those of the second one today."""

    on: date
    horizon: int
    before: Days
    after: Days

    @classmethod
    def around(cls, on: date, today: date, horizon: int, length: int = LENGTHS[-1]) -> Self:
        """The ``length`` days on each side that are nearest to the day."""
        wait = (horizon + 1) * _DAY
        before = Days(on - wait - (length - 1) * _DAY, on - wait)
        after = Days(on, min(today - wait, on + (length - 1) * _DAY))
        return cls(on, horizon, before, after)


def usual_horizon(on: date, today: date) -> int:
    """The longest horizon that leaves at least as many days to the cohort afterwards."""
    passed = (today - on).days
    return next((days for days in HORIZONS if passed >= 2 * days), HORIZONS[-1])


Base = Literal["screened", "created"]
"""Which leads a conversion is of: those that were screened, or all, where files are among them: of
their leads only the first day and the last one are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """What became of the leads of some days within the horizon.

    ``created`` counts all of them, ``from_files`` those that an import brought. ``won`` is of the
    base; ``cycles`` are the days from creation to the win, in ascending order.
    """

    created: int
    from_files: int
    won: Rate
    cycles: tuple[float, ...]

    @property
    def cycle(self) -> float | None:
        """The median; None of none."""
        return median(self.cycles) if self.cycles else None


def base_of(journeys: Iterable[Journey]) -> Base:
    return "created" if any(journey.imported for journey in journeys) else "screened"


def cohort(
    journeys: Iterable[Journey], window: tuple[datetime, datetime], horizon: int, base: Base
) -> Cohort:
    """The cohort of the leads created in the window.

    Won is a deal that was won within ``horizon`` days of its creation and was so at their end; a
    lead counts once. One of which a file gives no first day is in no cohort.
    """
    limit = horizon * _DAY
    leads = [journey for journey in journeys if is_new(journey, *window)]
    counted = [one for one in leads if base == "created" or _screened_within(one, limit)]
    won = [(one, won_in(one, one.created_at, one.created_at + limit)) for one in counted]
    cycles = sorted((at - one.created_at) / _DAY for one, at in won if at is not None)
    return Cohort(
        created=len(leads),
        from_files=sum(one.imported for one in leads),
        won=Rate(len(cycles), len(counted)),
        cycles=tuple(cycles),
    )


def _screened_within(journey: Journey, limit: timedelta) -> bool:
    at = entries(journey).get(Stage.SCREENED)
    return at is not None and at < journey.created_at + limit


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareComparison:
    """Two shares; ``interval`` is of their difference (0.06 is 6 percentage points)."""

    before: Rate
    after: Rate
    interval: Interval | None

    @property
    def change(self) -> float:
        return self.after.share - self.before.share

    @property
    def relative(self) -> float | None:
        """The change as a share of what was before; None where that is 0."""
        return self.change / self.before.share if self.before.share else None

    @property
    def finding(self) -> ImpactFinding:
        return _finding(self.change, self.interval)


@dataclass(frozen=True, slots=True, kw_only=True)
class MedianComparison:
    """Two medians of so many values, in one unit; ``interval`` is of their difference."""

    before: float | None
    after: float | None
    before_n: int
    after_n: int
    interval: Interval | None
    relative_interval: Interval | None

    @property
    def change(self) -> float:
        return (self.after or 0.0) - (self.before or 0.0)

    @property
    def relative(self) -> float | None:
        return self.change / self.before if self.before else None

    @property
    def finding(self) -> ImpactFinding:
        return _finding(self.change, self.interval)


def _finding(change: float, interval: Interval | None) -> ImpactFinding:
    if interval is None:
        return ImpactFinding.TOO_FEW
    if interval.holds_zero:
        return ImpactFinding.UNCLEAR
    return ImpactFinding.HIGHER if change > 0 else ImpactFinding.LOWER


def compare_conversion(before: Cohort, after: Cohort) -> ShareComparison:
    enough = min(before.won.n, after.won.n) >= ENOUGH
    interval = share_difference(before.won, after.won) if enough else None
    return ShareComparison(before=before.won, after=after.won, interval=interval)


def compare_cycle(before: Cohort, after: Cohort) -> MedianComparison:
    return compare_medians(before.cycles, after.cycles)


def compare_medians(before: Sequence[float], after: Sequence[float]) -> MedianComparison:
    """Compare the medians of two samples, each in ascending order."""
    change = median_change(before, after) if min(len(before), len(after)) >= ENOUGH else None
    return MedianComparison(
        before=median(before) if before else None,
        after=median(after) if after else None,
        before_n=len(before),
        after_n=len(after),
        interval=change.absolute if change else None,
        relative_interval=change.relative if change else None,
    )


@dataclass(frozen=True, slots=True)
class HandOver:
    """Work that was handed to another department; ``answered_at`` is its first reaction."""

    created_at: datetime
    answered_at: datetime | None


def answer_times(
    hand_overs: Iterable[HandOver], window: tuple[datetime, datetime], calendar: WorkCalendar
) -> tuple[float, ...]:
    """The working hours from each hand-over in the window to the first answer, in ascending order.

    One that was not answered within ``ANSWER_WITHIN`` days counts with all of these: fewer than
    half of those leave the median as it is.
    """
    start, end = window
    limit = ANSWER_WITHIN * _DAY
    hours = []
    for one in hand_overs:
        if start <= one.created_at < end:
            latest = one.created_at + limit
            answered_at = min(one.answered_at or latest, latest)
            worked = calendar.between(one.created_at, answered_at)
            hours.append(worked / timedelta(hours=1))
    return tuple(sorted(hours))
