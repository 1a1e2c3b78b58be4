"""The figures of the weekly report and digest, with their definitions [P18] [P19].

Storage provides the facts of a week; their meaning is decided here. No words, no charts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from sales.calendar import WorkCalendar
from sales.leads import WORKED_STAGES, Grade, Lead, Stage
from sales.reports.measures import RATE_FROM, Rate, quantile, shown
from sales.reports.periods import ReportPeriod

EARLIER_WEEKS = 4
"""Number of earlier weeks in the average that a week is compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepWeek:
    """One rep's week ``[start, end)``.

    ``new_leads`` and ``high_value`` count leads created in the week; ``followed_up`` counts
    customers (leads) this person was in contact with, not follow-ups; ``in_discovery`` and
    ``in_proposal`` count leads that are in the stage at the week's end; ``won`` and ``won_amount``
    go by the close date. ``overdue`` counts next steps past due at the end. Except for
    ``followed_up``, a lead counts for its present owner.
    """

    person_id: int
    name: str
    new_leads: int = 0
    high_value: int = 0
    followed_up: int = 0
    in_discovery: int = 0
    in_proposal: int = 0
    won: int = 0
    won_amount: Decimal = Decimal(0)
    overdue: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFacts:
    """A team's week ``[start, end)``, instants in UTC. A past week's facts never change.

    ``open_at_start`` + ``entered`` − ``won`` − ``lost`` = ``open_at_end`` (the bridge); ``entered``
    counts leads that came in or were reopened, ``won`` and ``lost`` those closed in the week and
    still so at its end: a lead counts once, however often it moved. ``lost_screened`` are the lost
    ones that had been screened; the win rate is of these (``win_rate_of``). ``nurtured`` counts the
    leads that came into nurture in the week and are there at its end, which is a part of
    ``nurtured_at_end``. ``overdue`` counts next
    steps past due at the end, also those of leads without an owner. ``new_by_source``
    counts leads created in the week, owned or not. ``clocks_met`` and ``clocks_breached`` count the
    response clocks that were due in the week, the latter with those that are past due and open.
    """

    start: datetime
    end: datetime
    reps: tuple[RepWeek, ...] = ()
    new_by_source: Mapping[str, int] = field(default_factory=dict)
    lost_by_reason: Mapping[str, int] = field(default_factory=dict)
    open_at_start: int = 0
    entered: int = 0
    won: int = 0
    lost: int = 0
    lost_screened: int = 0
    open_at_end: int = 0
    nurtured: int = 0
    nurtured_at_end: int = 0
    pooled_at_end: int = 0
    won_amount: Decimal = Decimal(0)
    overdue: int = 0
    clocks_met: int = 0
    clocks_breached: int = 0

    @property
    def in_progress_at_end(self) -> int:
        """What boards call in progress: open, and neither in nurture nor in the public pool."""
        return self.open_at_end - self.nurtured_at_end - self.pooled_at_end

    @property
    def new_leads(self) -> int:
        return sum(self.new_by_source.values())

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened and nothing existed: most likely before the team began."""
        return not (self.open_at_start or self.entered or self.new_leads)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPeriod:
    """The period of a digest: a team's week, the week after it, and the present moment.

    A report's may be of the company (``team_id`` None), and ``week`` the key of any
    ``ReportPeriod``. ``[start, end)`` is the week, ``[end, next_end)`` the one after. Open leads
    with no activity since ``idle_since`` are stalled, and those longer in a stage than
    ``stage_limits`` has for it (without any: however long).
    """

    team_id: int | None
    week: str
    start: datetime
    end: datetime
    next_end: datetime
    now: datetime
    idle_since: datetime
    stage_limits: Mapping[Stage, timedelta] = field(default_factory=dict)

    def entered_before(self) -> dict[Stage, datetime]:
        """For each stage, the moment before which entering it is too long ago."""
        return entered_before(self.now, self.stage_limits)


STAGE_LIMIT = timedelta(days=14)
"""How long a stage may last while too few deals were won to tell."""


def stage_limits(lasted: Mapping[Stage, Sequence[timedelta]]) -> dict[Stage, timedelta]:
    """How long each stage that is worked on may last, from the won deals' times in it."""
    return {stage: stage_limit(lasted.get(stage, ())) for stage in WORKED_STAGES}


def stage_limit(lasted: Sequence[timedelta]) -> timedelta:
    """How long a stage may last: the 75th percentile of the won deals' time in it, interpolated
    between ranks; ``STAGE_LIMIT`` for fewer than five."""
    if len(lasted) < RATE_FROM:
        return STAGE_LIMIT
    return quantile(sorted(lasted), 3, 4)


def entered_before(now: datetime, limits: Mapping[Stage, timedelta]) -> dict[Stage, datetime]:
    """For each stage with a limit, the moment before which entering it is too long ago."""
    return {stage: now - limit for stage, limit in limits.items()}


def period_of(
    team_id: int | None, key: str, calendar: WorkCalendar, now: datetime, stalled_days: int
) -> DigestPeriod:
    """The period with this key (``2026-W47``, ``2026-11``), without limits of stages, of a team or
    (None) the company; raises ValueError for no such period.

    One that is not over ends now, with what happens at this very moment.
    """
    period = ReportPeriod.of_key(key)
    start, end = period.window(calendar)
    after = now + timedelta(microseconds=1)
    return DigestPeriod(
        team_id=team_id,
        week=key,
        start=start,
        end=max(start, min(end, after)),
        next_end=period.next.window(calendar)[1],
        now=now,
        idle_since=now - timedelta(days=stalled_days),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A team's open leads as they are now.

    ``at_risk`` holds at least the worst leads of each reason (``worst_first`` orders them), with
    ``imported_at`` of those that came from a file, by id; ``coming`` the most valuable whose next
    step is due in the week after, earliest first; the counts are of all.
    """

    at_risk: tuple[Lead, ...] = ()
    at_risk_count: int = 0
    imported_at: Mapping[int, datetime] = field(default_factory=dict)
    coming: tuple[Lead, ...] = ()
    coming_count: int = 0
    unassigned: int = 0


@dataclass(frozen=True, slots=True)
class Behind:
    """The leads behind a number: the first few ids, most pressing first, and how many in all."""

    lead_ids: tuple[int, ...] = ()
    total: int = 0


class Risk(StrEnum):
    """Why a deal may be lost."""

    OVERDUE = "overdue"
    STALLED = "stalled"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A deal at risk. ``since`` is when its next step was due, the last activity, or when it
    entered its stage."""

    lead: Lead
    reason: Risk
    since: datetime
    beyond: timedelta
    """How far past the limit it is."""


def last_activity(lead: Lead) -> datetime:
    """The last contact by a person or move to another stage; without either, the creation."""
    return max(lead.last_contact_at or lead.created_at, lead.stage_since)


def risk_of(lead: Lead, period: DigestPeriod, imported_at: datetime | None = None) -> AtRisk | None:
    """Why an open lead is at risk: its next step is overdue, or it is stalled.

    ``imported_at``: when it came from a file.
    """
    if not lead.is_open:
        return None
    if lead.next_at is not None and lead.is_overdue(period.now):
        return AtRisk(lead, Risk.OVERDUE, lead.next_at, period.now - lead.next_at)
    found = stalls_of(lead, period.idle_since, period.entered_before(), imported_at)
    return max(found, key=lambda risk: risk.beyond, default=None)


def stalls_of(
    lead: Lead,
    idle_since: datetime,
    entered_before: Mapping[Stage, datetime],
    imported_at: datetime | None = None,
) -> tuple[AtRisk, ...]:
    """Why a lead is stalled: no activity for long, or longer in its stage than won deals were.

    Nurtured leads are meant to rest, and those in the public pool to be claimed: neither is ever
    stalled. What happened before a lead came from a file is nobody's neglect here: it counts from
    ``imported_at``.
    """
    if not lead.is_worked_on or lead.is_pooled:
        return ()
    active, entered = last_activity(lead), lead.stage_since
    if imported_at is not None:
        active, entered = max(active, imported_at), max(entered, imported_at)
    too_long = entered_before.get(lead.stage, entered)
    idle = AtRisk(lead, Risk.STALLED, active, idle_since - active)
    lingers = AtRisk(lead, Risk.STAGE, entered, too_long - entered)
    return tuple(risk for risk in (idle, lingers) if risk.beyond > timedelta())


_GRADES = (Grade.HIGH, Grade.MEDIUM, Grade.LOW)


def worst_first(
    leads: Iterable[Lead],
    period: DigestPeriod,
    limit: int,
    imported_at: Mapping[int, datetime] = MappingProxyType({}),
) -> tuple[AtRisk, ...]:
    """The deals at risk: the best grade first, then the longest neglected.

    ``imported_at``: when those from files came, by id.
    """
    risks = {
        lead.id: risk
        for lead in leads
        if (risk := risk_of(lead, period, imported_at.get(lead.id))) is not None
    }
    ranked = sorted(
        risks.values(),
        key=lambda risk: (_GRADES.index(risk.lead.grade), -risk.beyond, risk.lead.id),
    )
    return tuple(ranked[:limit])


def win_rate_of(won: int, lost_screened: int) -> Rate | None:
    """Won ÷ (won + lost), of the deals closed in a period that had been screened; None for fewer
    than five.

    A won deal was screened, whichever stages it skipped; a lost one was when it had reached that
    stage or a later one. An imported deal that was closed in its file counts, won or lost.
    """
    return shown(Rate(won, won + lost_screened))


def win_rate(facts: WeekFacts) -> Rate | None:
    """The win rate of a week."""
    return win_rate_of(facts.won, facts.lost_screened)


def clock_attainment(facts: WeekFacts) -> Rate | None:
    """Met ÷ (met + breached) of the clocks due in the week; None for fewer than five."""
    return shown(Rate(facts.clocks_met, facts.clocks_met + facts.clocks_breached))


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure beside the week before and the average of the ``weeks`` before.

    ``before`` and ``average`` are None when the team has no earlier week.
    """

    value: Decimal
    before: Decimal | None = None
    average: Decimal | None = None
    weeks: int = 0

    @property
    def change(self) -> Decimal | None:
        return None if self.before is None else self.value - self.before


def by_key(counted: Mapping[str, int]) -> dict[str, int]:
    """Counts by the vocabulary's key alone (``ads`` of ``ads-SEM``), the largest first."""
    counts: dict[str, int] = {}
    for term, count in counted.items():
        key = term.partition("-")[0]
        counts[key] = counts.get(key, 0) + count
    return most_first(counts)


def most_first(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts in descending order, equal ones by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
