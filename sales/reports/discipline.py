"""Whether promises are kept: response clocks, dated next steps, and how late they are done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sales.next_steps import is_past
from sales.reports.journeys import Journey
from sales.reports.measures import Rate, Spread, spread_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFact:
    """A response clock that was due in a period; ``owner_id`` is the owner whom it ran for."""

    lead_id: int
    team_id: int
    owner_id: int
    due_at: datetime
    met_at: datetime | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None

    @property
    def is_met(self) -> bool:
        return self.met_at is not None and self.breached_at is None

    def is_breached(self, now: datetime) -> bool:
        """Whether it was breached; one that still runs is once it is past due."""
        runs = self.met_at is None and self.stopped_at is None
        return self.breached_at is not None or (runs and self.due_at < now)


def attainment(clocks: Iterable[ClockFact], now: datetime) -> Rate:
    """Clock attainment = met ÷ (met + breached) among those due in the window; open past due =
    breached. Neither: those that were stopped in time, and those that still run."""
    met = breached = 0
    for clock in clocks:
        met += clock.is_met
        breached += clock.is_breached(now)
    return Rate(met, met + breached)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discipline:
    """Follow-up discipline of open leads: ``planned`` have a dated next step in the future."""

    planned: Rate
    overdue: int
    late: Spread
    """How long the overdue steps have been so."""


def discipline(open_now: Iterable[Journey], now: datetime) -> Discipline:
    """Follow-up discipline = share of open leads with a dated next step that is not overdue, the
    number of overdue ones, and their median lateness.

    Leads in the public pool, whose step nobody can plan, are left out; nurtured ones count.
    """
    planned, n = 0, 0
    late: list[timedelta] = []
    for journey in open_now:
        if not journey.is_open or journey.pooled:
            continue
        n += 1
        if is_past(journey.next_at, journey.next_until, now):
            overdue_after = journey.next_until or journey.next_at or now
            late.append(now - overdue_after)
        elif journey.next_at is not None:
            planned += 1
    return Discipline(planned=Rate(planned, n), overdue=len(late), late=spread_of(late))
