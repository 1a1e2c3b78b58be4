"""What the weekly digest shows beside a week's facts: weeks in a row, stages, and teams [P19].

Storage counts; what the counts mean is decided here. No words, no charts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from sales.leads import Stage
from sales.reports import Compared, Rate
from sales.reports.measures import shown

TREND_WEEKS: Final = 8
"""Number of weeks in the trend, the digest's own included."""

FUNNEL_WEEKS: Final = 12
"""Number of weeks whose leads tell how many go on from a stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendWeek:
    """A week ``[start, end)`` of a team or the company, counted as ``WeekFacts`` counts it."""

    start: datetime
    end: datetime
    new_leads: int = 0
    won: int = 0
    lost: int = 0


def weeks_since(began: datetime | None, weeks: Sequence[TrendWeek]) -> tuple[TrendWeek, ...]:
    """The weeks, oldest first, without those before the first lead: they would lower averages.

    ``began`` is when the first lead was created, None when there is none.
    """
    return tuple(week for week in weeks if began is not None and began < week.end)


def compared_with(
    figure: Callable[[TrendWeek], int], weeks: Sequence[TrendWeek], most: int
) -> Compared:
    """The last week's figure beside the week before, and the average of at most ``most`` before.

    ``weeks`` are oldest first. Raises IndexError without any.
    """
    *earlier, last = [figure(week) for week in weeks]
    values = [Decimal(value) for value in earlier[-most:]]
    if not values:
        return Compared(Decimal(last))
    return Compared(Decimal(last), values[-1], sum(values, Decimal(0)) / len(values), len(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFlow:
    """A stage of the pipeline as it is now, and how many went on from it lately.

    ``open`` counts the leads that are worked on in the stage now. Of the ``entered`` leads that
    first came as far as the stage in the last weeks (those that skipped it included), ``went_on``
    came to the next one or beyond since; lost ones did not.
    """

    stage: Stage
    open: int = 0
    entered: int = 0
    went_on: int = 0

    @property
    def rate(self) -> Rate | None:
        """The share that went on; None for fewer than five."""
        return shown(Rate(self.went_on, self.entered))


def weakest(flows: Sequence[StageFlow]) -> StageFlow | None:
    """The stage from which the smallest share goes on; the first of equals, None without any."""
    rated = [(flow.rate.share, at) for at, flow in enumerate(flows) if flow.rate]
    return flows[min(rated)[1]] if rated else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamWeek:
    """One team's part of the company's week, counted as ``WeekFacts`` counts it.

    ``open`` counts the leads that are worked on now.
    """

    team_id: int
    new_leads: int = 0
    won: int = 0
    won_amount: Decimal = Decimal(0)
    lost: int = 0
    open: int = 0
    overdue: int = 0
