"""The condition of each number whose records can be opened, by what the digest or report counts.

A number and the records behind it share one condition, so that they cannot disagree. How a lead
went along is decided here as by ``sales.reports.conversion`` and ``sales.reports.response``, from
the same stored facts.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    exists,
    func,
    not_,
    or_,
    select,
    union_all,
)

from sales.leads import OPEN_STAGES, PIPELINE, Grade, Stage
from sales.reports import BUCKET_LIMITS, DigestPeriod, Number, ResponseBucket
from sales.reports.review_findings import GAPS
from storage.reports.conditions import (
    FILED_AT,
    LOST,
    WON,
    Condition,
    at_risk,
    came_in,
    closed,
    coming,
    created_in,
    filed_at,
    followed_up,
    grade_rank,
    in_stage,
    is_open,
    last_activity,
    microseconds_between,
    nurtured,
    overdue_at,
    precedes,
    screened_before,
    stuck,
    unowned,
    with_breached_clock,
    worked_on,
)
from storage.reports.gaps import MISSING
from storage.scoping import found_by
from storage.tables import clock, followup, import_job, imported, lead, stage_interval, team

_MICROSECOND: Final = timedelta(microseconds=1)


def counted(number: Number, period: DigestPeriod, person_id: int | None) -> Condition:
    """The condition shared by the leads behind a number, for one person or for all."""
    condition = _CONDITIONS[number.family](number, period)
    match number, person_id:
        case _, None:
            return condition
        case Number.FOLLOWED_UP, int():
            return followed_up(period, followup.c.person_id == person_id)
        case Number.BREACHED, int():
            return with_breached_clock(period, clock.c.owner_id == person_id)
        case _:
            return and_(condition, lead.c.owner_id == person_id)


def pressing_first(number: Number) -> tuple[ColumnElement[Any], ...]:
    """The order in which the records behind a number are listed."""
    match number:
        case Number.WON:
            return (lead.c.amount.desc().nulls_last(),)
        case Number.OVERDUE | Number.COMING:
            return (lead.c.next_at.asc().nulls_last(),)
        case Number.AT_RISK:
            return (grade_rank(), last_activity())
        case _:
            return (grade_rank(), lead.c.created_at.desc())


def _entered(number: Number, period: DigestPeriod) -> Condition:
    first = stage_interval.alias("first")
    return found_by(lead.c.id, _first_entries(number, period, first))


def _passed(number: Number, period: DigestPeriod) -> Condition:
    first = stage_interval.alias("first")
    return found_by(
        lead.c.id,
        _first_entries(number, period, first).where(_went_beyond(_stage_of(number), first)),
    )


def _dropped(number: Number, period: DigestPeriod) -> Condition:
    first = stage_interval.alias("first")
    stayed = not_(_went_beyond(_stage_of(number), first))
    entered = _first_entries(number, period, first).where(stayed)
    return and_(lead.c.stage.not_in(OPEN_STAGES), found_by(lead.c.id, entered))


def _stage_of(number: Number) -> Stage:
    if number.stage is None:
        raise ValueError(f"{number} is of no stage")
    return number.stage


def _first_entries(number: Number, period: DigestPeriod, first: FromClause) -> Select[Any]:
    """The stays, in the window, with which leads first entered a stage or passed it."""
    stage = _stage_of(number)
    there, beyond = _from(stage), _from(stage)[1:]
    earlier = stage_interval.alias("earlier")

    def came_before(stages: tuple[Stage, ...], *more: Condition) -> Condition:
        return exists().where(
            earlier.c.lead_id == first.c.lead_id,
            precedes(earlier, first),
            earlier.c.stage.in_(stages),
            *more,
        )

    directly = first.c.stage == stage
    skipped = and_(first.c.stage != stage, ~_is_from_file(first))
    # A file says nothing of the stages before the one in which a lead came.
    later = and_(directly, ~came_before((stage,)), came_before(beyond, _is_from_file(earlier)))
    return select(first.c.lead_id).where(
        first.c.stage.in_(there),
        first.c.entered_at >= period.start,
        first.c.entered_at < period.end,
        or_(and_(or_(directly, skipped), ~came_before(there)), later),
    )


def _went_beyond(stage: Stage, first: FromClause) -> Condition:
    later = stage_interval.alias("later")
    return or_(
        first.c.stage != stage,
        exists().where(
            later.c.lead_id == first.c.lead_id,
            precedes(first, later),
            later.c.stage.in_(_from(stage)[1:]),
        ),
    )


def _from(stage: Stage) -> tuple[Stage, ...]:
    return PIPELINE[PIPELINE.index(stage) :]


def _is_from_file(stay: FromClause) -> Condition:
    """The condition that a stay is one of those that its lead's file speaks of."""
    before = stage_interval.alias("before")
    earlier = exists().where(before.c.lead_id == stay.c.lead_id, precedes(before, stay))
    is_first = ~earlier.correlate(stay)
    return exists().where(
        imported.c.lead_id == stay.c.lead_id,
        import_job.c.id == imported.c.job_id,
        or_(stay.c.entered_at <= FILED_AT, is_first),
    )


def _answered(number: Number, period: DigestPeriod) -> Condition:
    """Of the leads that came in the window and could be answered."""
    start, end = period.start, period.end
    other = lead.alias("other")
    came = union_all(
        # All teams are named, since the index has the team first.
        select(other.c.id).where(
            other.c.team_id.in_(select(team.c.id)),
            other.c.created_at >= start,
            other.c.created_at < end,
        ),
        came_in(start, end),
    )
    return and_(
        found_by(lead.c.id, came),
        _arrived_at() >= start,
        _arrived_at() < end,
        _could_be_answered(),
        _in_bucket(number),
    )


def _arrived_at() -> ColumnElement[Any]:
    """When a lead came here: when it was created, or with its file, if that was later."""
    came = func.coalesce(filed_at(), lead.c.created_at)
    return case((came > lead.c.created_at, came), else_=lead.c.created_at)


def _could_be_answered() -> Condition:
    """The condition that a lead did not come closed from a file."""
    stay = stage_interval.alias("closed")
    return ~exists().where(
        stay.c.lead_id == lead.c.id, stay.c.stage.not_in(OPEN_STAGES), _is_from_file(stay)
    )


def _in_bucket(number: Number) -> Condition:
    contact = (
        select(func.min(followup.c.at))
        .where(followup.c.lead_id == lead.c.id)
        .correlate(lead)
        .scalar_subquery()
    )
    if number.bucket is ResponseBucket.NEVER:
        return contact.is_(None)
    wait = microseconds_between(_arrived_at(), contact)
    limits = [limit // _MICROSECOND for limit in BUCKET_LIMITS.values()]
    place = list(ResponseBucket).index(number.bucket or ResponseBucket.NEVER)
    above = [wait > limits[place - 1]] if place else []
    below = [wait <= limits[place]] if place < len(limits) else []
    return and_(contact.is_not(None), *above, *below)


def _decided(number: Number, period: DigestPeriod) -> Condition:
    start, end = period.start, period.end
    lost = and_(closed(LOST, start, end), screened_before(end))
    decided = or_(closed(WON, start, end), lost)
    if number.bucket is None:
        return decided
    return and_(decided, _could_be_answered(), _in_bucket(number))


def _open(_: Number, period: DigestPeriod) -> Condition:
    return or_(*(in_stage(stage, period.end) for stage in OPEN_STAGES))


def _with_gap(number: Number, _: DigestPeriod) -> Condition:
    return and_(worked_on(), MISSING[GAPS[number]])


_CONDITIONS: Final[Mapping[str, Callable[[Number, DigestPeriod], Condition]]] = {
    "new": lambda _, period: created_in(period.team_id, period.start, period.end),
    "high_value": lambda _, period: and_(
        created_in(period.team_id, period.start, period.end), lead.c.grade == Grade.HIGH
    ),
    "followed_up": lambda _, period: followed_up(period),
    "discovery": lambda _, period: in_stage(Stage.DISCOVERY, period.end),
    "proposal": lambda _, period: in_stage(Stage.PROPOSAL, period.end),
    "won": lambda _, period: closed(WON, period.start, period.end),
    "lost": lambda _, period: closed(LOST, period.start, period.end),
    "overdue": lambda _, period: overdue_at(period.end),
    "unassigned": lambda *_: and_(is_open(), unowned()),
    "at_risk": lambda _, period: and_(is_open(), at_risk(period)),
    "coming": lambda _, period: and_(is_open(), coming(period)),
    "breached": lambda _, period: with_breached_clock(period),
    "nurtured": lambda _, period: found_by(
        lead.c.id,
        select(stage_interval.c.lead_id).where(nurtured(stage_interval, period.start, period.end)),
    ),
    "in_nurture": lambda _, period: in_stage(Stage.NURTURE, period.end),
    "stuck": lambda _, period: stuck(
        period.team_id, period.now, period.idle_since, period.entered_before()
    ),
    "open": _open,
    "entered": _entered,
    "passed": _passed,
    "dropped": _dropped,
    "answered": _answered,
    "decided": _decided,
    **{number.value: _with_gap for number in GAPS},
}
"""The condition of each family of numbers."""
