"""The SQL conditions on a lead of which the numbers of reports are made.

Windows are half-open: the state *at* a moment is the state just before it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    text,
    true,
    type_coerce,
    union,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from sales.leads import OPEN_STAGES, WORKED_STAGES, Grade, Stage
from sales.pool import PoolReason
from sales.reports import DigestPeriod
from storage.database.types import Instant
from storage.scoping import IS_OPEN, found_by, unindexed
from storage.tables import (
    clock,
    followup,
    import_job,
    imported,
    lead,
    pool_stay,
    stage_interval,
    task,
    team,
)

Condition = ColumnElement[bool]
Moment = datetime | ColumnElement[datetime]
"""A known moment, or one in the query's parameters."""

# SQLite uses the partial indexes only for these literal predicates.
OPEN_TASK = text("task.state = 'open'")
WAITING_CLOCK = text("clock.met_at IS NULL AND clock.stopped_at IS NULL")
WON = (Stage.WON, Stage.AFTERSALES)
LOST = (Stage.LOST,)
SCREENED = (Stage.SCREENED, Stage.DISCOVERY, Stage.PROPOSAL, Stage.NEGOTIATION, *WON)


def created_in(team_id: int | None, start: datetime, end: datetime) -> Condition:
    """The condition that a lead of a team, or (None) of any, was created in the window."""
    # All teams are named, since the index of leads by time has the team first.
    of_any = lead.c.team_id.in_(select(team.c.id))
    return and_(of_any if team_id is None else of_team(team_id), created(start, end))


def created(start: Moment, end: Moment) -> Condition:
    """The lead was created in the window. One imported without a day is new in none."""
    undated = exists().where(imported.c.lead_id == lead.c.id, imported.c.dated.is_(False))
    return and_(lead.c.created_at >= start, lead.c.created_at < end, ~undated)


def followed_up(period: DigestPeriod, *by: Condition) -> Condition:
    """Somebody logged contact in the week; follow-ups are always made by people."""
    return found_by(
        lead.c.id,
        select(followup.c.lead_id).where(
            followup.c.at >= period.start, followup.c.at < period.end, *by
        ),
    )


def clock_due(start: datetime, end: datetime) -> Condition:
    return and_(clock.c.due_at >= start, clock.c.due_at < end)


def clock_breached() -> Condition:
    """The condition that a clock past due was breached: recorded as such, or still open.

    One that was met late or stopped late is recorded.
    """
    open_past_due = and_(clock.c.met_at.is_(None), clock.c.stopped_at.is_(None))
    return or_(clock.c.breached_at.is_not(None), open_past_due)


def clock_met() -> Condition:
    return and_(clock.c.met_at.is_not(None), clock.c.breached_at.is_(None))


def with_breached_clock(period: DigestPeriod, *by: Condition) -> Condition:
    due = clock_due(period.start, period.end)
    return found_by(lead.c.id, select(clock.c.lead_id).where(due, clock_breached(), *by))


def standing(interval: FromClause, at: datetime) -> Condition:
    """The condition that the interval covers the moment."""
    return and_(
        interval.c.entered_at < at, or_(interval.c.left_at.is_(None), interval.c.left_at >= at)
    )


def intervals_within(stages: Sequence[Stage], start: datetime, end: datetime) -> Subquery:
    """Select the stage intervals that overlap the window, its start and end included."""
    interval = stage_interval
    touching = select(
        interval.c.lead_id, interval.c.stage, interval.c.entered_at, interval.c.left_at
    ).where(interval.c.stage.in_(stages), interval.c.entered_at < end)
    # Two selects instead of OR: SQLite then searches the index in both.
    return union_all(
        touching.where(interval.c.left_at.is_(None)), touching.where(interval.c.left_at >= start)
    ).subquery()


def in_stage(stage: Stage, at: datetime) -> Condition:
    return found_by(lead.c.id, select(intervals_within((stage,), at, at).c.lead_id))


def closed(stages: Sequence[Stage], start: Moment, end: Moment) -> Condition:
    """The condition that a lead came to one of the stages in the window and is there at its end.

    From won to after-sales does not count as won again; from lost to won and back in one week
    counts as lost.
    """
    entry = stage_interval.alias("entry")
    return found_by(
        lead.c.id,
        select(entry.c.lead_id).where(
            entry.c.entered_at >= start, entry.c.entered_at < end, came_to(entry, stages, end)
        ),
    )


def came_to(entry: FromClause, stages: Sequence[Stage], end: Moment) -> Condition:
    """The condition that a stage interval begins one of the stages, and the lead is still there at
    the end. Moving on from one of them to another begins none."""
    before, between, after = (stage_interval.alias(name) for name in ("before", "between", "after"))
    # Of several moves at one instant, all left the stage when the last was entered.
    was_elsewhere = (
        exists()
        .where(
            between.c.lead_id == entry.c.lead_id,
            precedes(before, between),
            precedes(between, entry),
            between.c.stage.not_in(stages),
        )
        .correlate(before, entry)
    )
    came_from_there = exists().where(
        before.c.lead_id == entry.c.lead_id,
        precedes(before, entry),
        before.c.left_at == entry.c.entered_at,
        before.c.stage.in_(stages),
        ~was_elsewhere,
    )
    went_elsewhere = exists().where(
        after.c.lead_id == entry.c.lead_id,
        precedes(entry, after),
        after.c.entered_at < end,
        after.c.stage.not_in(stages),
    )
    return and_(entry.c.stage.in_(stages), ~came_from_there, ~went_elsewhere)


def is_closed(stages: Sequence[Stage], start: Moment, end: Moment) -> Condition:
    """``closed`` for a window that is not over: a lead's present stage is the one at its end."""
    return and_(lead.c.stage.in_(stages), lead.c.closed_at >= start, lead.c.closed_at < end)


def precedes(one: FromClause, other: FromClause) -> Condition:
    """The order of stage intervals. Of a merged lead, later ones may have been stored earlier; of
    one that moved twice at one moment, only the order in which they were stored is known."""
    same = and_(one.c.entered_at == other.c.entered_at, one.c.id < other.c.id)
    return or_(one.c.entered_at < other.c.entered_at, same)


def nurtured(interval: FromClause, start: datetime, end: datetime) -> Condition:
    """The condition that the lead of an interval came into nurture in the window and is there at
    its end."""
    came = and_(interval.c.stage == Stage.NURTURE, interval.c.entered_at >= start)
    return and_(came, standing(interval, end))


def screened_before(end: Moment) -> Condition:
    """The condition that a lead had been screened, or gone further, before the moment.

    One that came closed from a file, without any stage before, counts as such.
    """
    passed, stayed = stage_interval.alias(), stage_interval.alias()
    screened = exists().where(
        passed.c.lead_id == lead.c.id, passed.c.stage.in_(SCREENED), passed.c.entered_at < end
    )
    was_open = exists().where(stayed.c.lead_id == lead.c.id, stayed.c.stage.in_(OPEN_STAGES))
    return or_(screened, ~was_open)


def overdue_at(at: datetime) -> Condition:
    """The condition that a lead is open and its next step was due before the moment and not done by
    then."""
    interval = stage_interval.alias()
    due = select(followup.c.lead_id).where(
        followup.c.next_at < at,
        func.coalesce(followup.c.next_until, followup.c.next_at) < at,
        # Nearly all of them were before.
        unindexed(followup.c.at) < type_coerce(at, Instant),
    )
    return and_(
        lead.c.id.in_(
            # As in intervals_within.
            union_all(
                due.where(followup.c.closed_at.is_(None)), due.where(followup.c.closed_at >= at)
            )
        ),
        # Not EXISTS: PostgreSQL would join it, and expecting many steps to be late, read the stages
        # of all leads for that.
        select(interval.c.id)
        .where(
            interval.c.lead_id == lead.c.id,
            interval.c.stage.in_(OPEN_STAGES),
            standing(interval, at),
        )
        .limit(1)
        .correlate(lead)
        .scalar_subquery()
        .is_not(None),
    )


def is_open() -> Condition:
    return and_(IS_OPEN)


def worked_on() -> Condition:
    """The condition that a lead is in the pipeline, neither set aside nor in the public pool.

    Boards count the same leads.
    """
    not_pooled = or_(lead.c.pooled_at.is_(None), lead.c.owner_id.is_not(None))
    return and_(IS_OPEN, lead.c.stage.in_(WORKED_STAGES), not_pooled)


def pooled_before(at: datetime) -> Condition:
    """The condition that a lead was in the public pool just before the moment.

    One that came into it from a file was in it all the time, whenever it was created.
    """
    stay = pool_stay
    came = or_(stay.c.entered_at < at, stay.c.reason == PoolReason.IMPORTED.value)
    return exists().where(
        stay.c.lead_id == lead.c.id, came, or_(stay.c.left_at.is_(None), stay.c.left_at >= at)
    )


def unowned() -> Condition:
    """The condition that a lead has no owner and is not in the public pool, where any seller can
    see it."""
    return and_(lead.c.owner_id.is_(None), lead.c.pooled_at.is_(None))


def step_past(now: datetime) -> Condition:
    """The condition that a lead's next step is overdue, as ``sales.next_steps.is_past`` says."""
    # The first part is in an index, and never later than the second.
    return and_(lead.c.next_at < now, func.coalesce(lead.c.next_until, lead.c.next_at) < now)


def past_due(period: DigestPeriod) -> Condition:
    return step_past(period.now)


def idle(idle_since: datetime) -> Condition:
    """The condition that nothing happened with a lead that is worked on for long, as
    ``sales.reports.stalls_of`` says."""
    return and_(worked_on(), last_activity() < idle_since)


def lingers(entered_before: Mapping[Stage, datetime]) -> Condition:
    """The condition that a lead is longer in its stage than won deals were."""
    too_long = (
        and_(lead.c.stage == stage, stage_entered() < before)
        for stage, before in entered_before.items()
    )
    return and_(worked_on(), or_(false(), *too_long))


def stalled(period: DigestPeriod) -> Condition:
    """The condition that a lead is stalled. An overdue lead counts as that, not as stalled."""
    return and_(
        or_(lead.c.next_at.is_(None), not_(past_due(period))),
        or_(idle(period.idle_since), lingers(period.entered_before())),
    )


def at_risk(period: DigestPeriod) -> Condition:
    """At risk, as ``sales.reports.risk_of`` decides, for open leads."""
    return or_(past_due(period), stalled(period))


def of_team(team_id: int | None) -> Condition:
    """The condition that a lead is one of a team, or (None) of any."""
    return true() if team_id is None else lead.c.team_id == team_id


def stuck(
    team_id: int | None,
    now: datetime,
    idle_since: datetime,
    entered_before: Mapping[Stage, datetime],
) -> Condition:
    """A lead of the team is stuck, as ``sales.sync_meeting`` decides; of closed ones for a task."""
    late_tasks = and_(OPEN_TASK, task.c.due_at < now)
    late_clocks = and_(WAITING_CLOCK, clock.c.due_at < now)
    is_stuck = or_(
        step_past(now),
        idle(idle_since),
        lingers(entered_before),
        lead.c.id.in_(select(clock.c.lead_id).where(late_clocks)),
    )
    # Two selects instead of OR: with it, both databases read every lead there ever was.
    ours = of_team(team_id)
    open_ones = select(lead.c.id).where(is_open(), ours, is_stuck)
    late_ones = select(task.c.lead_id).where(late_tasks)
    return and_(ours, lead.c.id.in_(union(open_ones, late_ones)))


def coming(period: DigestPeriod) -> Condition:
    return and_(lead.c.next_at >= period.end, lead.c.next_at < period.next_end)


def last_activity() -> ColumnElement[datetime]:
    """The time of the last activity, as ``sales.reports.stalls_of`` takes it."""
    contact = func.coalesce(lead.c.last_contact_at, lead.c.created_at)
    return _since_import(case((lead.c.stage_since > contact, lead.c.stage_since), else_=contact))


def stage_entered() -> ColumnElement[datetime]:
    """When a lead entered its stage, at the earliest when it came from a file."""
    return _since_import(lead.c.stage_since)


def imported_at() -> ColumnElement[datetime]:
    """When a lead came from a file; NULL for one that did not.

    According to its file, it may have been created years ago.
    """
    return (
        select(import_job.c.created_at)
        .join(imported, imported.c.job_id == import_job.c.id)
        .where(imported.c.lead_id == lead.c.id)
        .scalar_subquery()
    )


def came_by_import(lead_id: ColumnElement[int]) -> Condition:
    return exists().where(imported.c.lead_id == lead_id)


FILED_AT: Final = func.coalesce(
    import_job.c.finished_at, import_job.c.created_at, type_=import_job.c.created_at.type
)
"""When the leads of a file were here: a file may wait for whoever looks at it, and what it says of
a deal's end is never later."""


def filed_at() -> ColumnElement[datetime]:
    """When a lead from a file was here; NULL for one that did not come from a file."""
    return (
        select(FILED_AT)
        .join(imported, imported.c.job_id == import_job.c.id)
        .where(imported.c.lead_id == lead.c.id)
        .scalar_subquery()
    )


def came_in(start: datetime, end: datetime) -> Select[Any]:
    """The ids of the leads that came with a file in the window, whenever they were created."""
    files = select(import_job.c.id).where(start <= FILED_AT, end > FILED_AT)
    return select(imported.c.lead_id).where(imported.c.job_id.in_(files))


def _since_import(at: ColumnElement[Any]) -> ColumnElement[Any]:
    came = func.coalesce(imported_at(), at)
    return case((came > at, came), else_=at)


def grade_rank() -> ColumnElement[int]:
    """Sort key: the best grade first."""
    return case((lead.c.grade == Grade.HIGH, 0), (lead.c.grade == Grade.MEDIUM, 1), else_=2)


def count_if(condition: Condition) -> ColumnElement[int]:
    """Count the rows that meet the condition; NULL for no rows at all."""
    return func.sum(case((condition, 1), else_=0))


class seconds_between(FunctionElement[int]):  # noqa: N801 - a function in SQL
    """Whole seconds from one instant to another.

    Computed by the database: to read thousands of instants takes longer than everything else.
    """

    inherit_cache = True
    type = Integer()


@compiles(seconds_between)
def _sqlite_seconds(element: seconds_between, compiler: SQLCompiler, **options: Any) -> str:
    start, end = (compiler.process(one, **options) for one in element.clauses)
    return f"strftime('%s', {end}) - strftime('%s', {start})"


@compiles(seconds_between, "postgresql")
def _postgresql_seconds(element: seconds_between, compiler: SQLCompiler, **options: Any) -> str:
    start, end = (compiler.process(one, **options) for one in element.clauses)
    return f"extract(epoch FROM {end} - {start})"


class microseconds_between(FunctionElement[int]):  # noqa: N801 - a function in SQL
    """Microseconds from one instant to another, exactly, so that a limit is the same as in
    Python."""

    inherit_cache = True
    type = BigInteger()


@compiles(microseconds_between)
def _sqlite_microseconds(
    element: microseconds_between, compiler: SQLCompiler, **options: Any
) -> str:
    start, end = (compiler.process(one, **options) for one in element.clauses)
    # Instants are texts of one length here: 2026-11-23 02:00:00.000000.
    seconds = f"(strftime('%s', {end}) - strftime('%s', {start}))"
    return f"({seconds} * 1000000 + substr({end}, 21) - substr({start}, 21))"


@compiles(microseconds_between, "postgresql")
def _postgresql_microseconds(
    element: microseconds_between, compiler: SQLCompiler, **options: Any
) -> str:
    start, end = (compiler.process(one, **options) for one in element.clauses)
    return f"(extract(epoch FROM {end} - {start}) * 1000000)"
