"""The SQL conditions and orders of a list of leads. Knows no actor."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Numeric,
    and_,
    case,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    text,
)
from sqlalchemy.types import TypeEngine

from sales.lead_lists import (
    CloseDate,
    DayRange,
    Exclusion,
    LeadQuery,
    LeadSort,
    Moments,
    NextStep,
    QueryField,
    Status,
)
from sales.lead_lists.moments import month_around, week_around
from sales.leads import OPEN_STAGES, PIPELINE, Stage
from storage.database.encryption import Fields
from storage.database.types import Instant
from storage.leads.search import lead_matches
from storage.reports.conditions import grade_rank, of_team, step_past
from storage.reports.numbers import counted
from storage.scoping import IS_OPEN
from storage.tables import clock, lead
from storage.tables.leads import CLOSED_LEADS, CLOSED_WHEN, LAST_CONTACT, WON_LEADS, WORTH

Condition = ColumnElement[bool]


# In literal SQL, as in the indexes.
IS_CLOSED: Final = text(f"lead.{CLOSED_LEADS}")
IS_WON: Final = text(f"lead.{WON_LEADS}")
WAITS: Final = text("clock.met_at IS NULL AND clock.stopped_at IS NULL")
_OPEN: Final = IS_OPEN
_HOT: Final = text("lead.hot_since IS NOT NULL")
_POOLED: Final = text("lead.pooled_at IS NOT NULL")

_WON: Final = (Stage.WON, Stage.AFTERSALES)
_CLOSED: Final = (*_WON, Stage.LOST)


def conditions_of(
    query: LeadQuery, moments: Moments, *, mine: int, fields: Fields, is_text_indexed: bool = False
) -> list[Condition]:
    """The conditions of a query; ``mine`` is the id of whoever reads the list. ``is_text_indexed``:
    a text is looked up in the index of all leads, rather than looked for in each."""
    return [
        *_of_status(query.status),
        *_of_values(query, mine),
        *_of_worth(query),
        *_of_time(query, moments),
        *_of_steps(query, moments),
        *_of_closes(query, moments),
        *(_excluded(one, moments) for one in query.excluded),
        *([_HOT] if query.hot else []),
        *([lead_matches(query.text, fields, indexed=is_text_indexed)] if query.text else []),
        *_of_figure(query, moments),
    ]


def worth() -> ColumnElement[Decimal]:
    """A lead's value, as ``sales.sync_meeting.worth``; NULL when unknown."""
    return func.coalesce(
        func.nullif(lead.c.amount, 0), func.nullif(lead.c.budget_high, 0), lead.c.budget_low
    )


def _not_pooled() -> Condition:
    return or_(lead.c.pooled_at.is_(None), lead.c.owner_id.is_not(None))


def _of_status(status: Status) -> Iterator[Any]:
    match status:
        case Status.OPEN:
            yield from (_OPEN, _not_pooled())
        case Status.WORKED:
            yield from (_OPEN, lead.c.stage != Stage.NURTURE, _not_pooled())
        case Status.NURTURE:
            yield from (_OPEN, lead.c.stage == Stage.NURTURE, _not_pooled())
        case Status.POOL:
            worked = lead.c.stage != Stage.NURTURE
            yield from (_OPEN, _POOLED, worked, lead.c.owner_id.is_(None))
        case Status.WON:
            yield lead.c.stage.in_(_WON)
        case Status.LOST:
            yield lead.c.stage == Stage.LOST
        case Status.CLOSED:
            yield lead.c.stage.in_(_CLOSED)
        case Status.ALL:
            pass


_COLUMNS: Final = {
    QueryField.STAGE: (lead.c.stage, "stages"),
    QueryField.GRADE: (lead.c.grade, "grades"),
    QueryField.SOURCE: (lead.c.source_key, "sources"),
    QueryField.REGION: (lead.c.region, "regions"),
    QueryField.INDUSTRY: (lead.c.industry, "industries"),
    QueryField.PRODUCT: (lead.c.product, "products"),
    QueryField.TEAM: (lead.c.team_id, "teams"),
}


def _of_values(query: LeadQuery, mine: int) -> Iterator[Condition]:
    for column, name in _COLUMNS.values():
        if values := getattr(query, name):
            yield column.in_(values)
    owners = (*query.owners, *([mine] if query.mine else ()))
    whose = [lead.c.owner_id.in_(owners)] if owners else []
    if query.nobody:
        whose.append(lead.c.owner_id.is_(None))
    if whose:
        yield or_(*whose)


def _of_worth(query: LeadQuery) -> Iterator[Condition]:
    if query.low is not None:
        yield worth() >= query.low
    if query.high is not None:
        yield worth() <= query.high


def last_contact() -> ColumnElement[Any]:
    """When somebody was last in contact; the creation when nobody was."""
    return _in_sql(LAST_CONTACT, Instant())


def _of_time(query: LeadQuery, moments: Moments) -> Iterator[Condition]:
    if query.newer is not None:
        yield lead.c.created_at >= moments.in_days(-query.newer)
    if query.older is not None:
        yield lead.c.created_at < moments.in_days(1 - query.older)
    if query.quiet is not None:
        yield last_contact() <= moments.ago(query.quiet)
    if query.uncontacted:
        yield lead.c.last_contact_at.is_(None)
    if query.in_stage is not None:
        yield lead.c.stage_since <= moments.ago(query.in_stage)
    if query.created is not None:
        start, end = moments.span(query.created)
        yield and_(lead.c.created_at >= start, lead.c.created_at < end)
    if query.closed is not None:
        start, end = moments.span(query.closed)
        closed = lead.c.stage.in_(_CLOSED)
        yield and_(closed, closed_when() >= start, closed_when() < end)


def _of_steps(query: LeadQuery, moments: Moments) -> Iterator[Condition]:
    if query.steps:
        yield or_(*(_step(one, moments) for one in query.steps))
    if query.late is not None:
        yield and_(_OPEN, step_past(moments.ago(query.late)))
    if query.due is not None:
        yield _due(*moments.span(query.due), _OPEN)
    if query.due_within is not None:
        yield and_(_planned(), lead.c.next_at < moments.in_days(query.due_within + 1))


def _planned() -> Condition:
    return and_(_OPEN, lead.c.next_at.is_not(None))


def _step(step: NextStep, moments: Moments) -> Condition:
    match step:
        case NextStep.NONE:
            return lead.c.next_at.is_(None)
        case NextStep.SET:
            return lead.c.next_at.is_not(None)
        case NextStep.OVERDUE:
            return and_(_OPEN, step_past(moments.now))
        case NextStep.BEHIND:
            return _behind(moments)
        case NextStep.FOR_TODAY:
            return and_(_for_today(moments), not_(_behind(moments)))
        case NextStep.AHEAD:
            ahead = _due(moments.in_days(1), moments.in_days(8), _at_work())
            return and_(ahead, not_(_for_today(moments)), not_(_behind(moments)))
        case NextStep.WAITING:
            return and_(_waits(), not_(_behind(moments)))
        case _:
            return _due(*_days_of(step, moments), _OPEN)


def _days_of(step: NextStep, moments: Moments) -> tuple[Any, Any]:
    today = moments.today
    match step:
        case NextStep.TODAY:
            return moments.in_days(0), moments.in_days(1)
        case NextStep.TOMORROW:
            return moments.in_days(1), moments.in_days(2)
        case NextStep.THIS_WEEK:
            return moments.span(week_around(today))
        case NextStep.NEXT_WEEK:
            start, end = moments.week_after()
            return start, end
        case NextStep.THIS_MONTH:
            return moments.span(month_around(today))
        case _:
            return moments.month_after()


def _due(start: Any, end: Any, among: Any) -> Condition:
    return and_(among, lead.c.next_at >= start, lead.c.next_at < end)


def _at_work() -> Condition:
    return and_(_OPEN, _not_pooled())


def _waits(*due: Condition) -> Condition:
    """The condition that a response clock of the lead is due then."""
    return lead.c.id.in_(select(clock.c.lead_id).where(WAITS, *due))


def _behind(moments: Moments) -> Condition:
    step = and_(lead.c.next_at.is_not(None), _at_work(), step_past(moments.now))
    return or_(func.coalesce(step, false()), _waits(clock.c.due_at <= moments.now))


def _for_today(moments: Moments) -> Condition:
    tomorrow = moments.in_days(1)
    step = and_(lead.c.next_at.is_not(None), _at_work(), lead.c.next_at < tomorrow)
    return or_(func.coalesce(step, false()), _waits(clock.c.due_at < tomorrow))


def _of_closes(query: LeadQuery, moments: Moments) -> Iterator[Condition]:
    if query.closes:
        yield or_(*(_close(one, moments) for one in query.closes))
    if query.closing is not None:
        yield _expected(query.closing)


def _close(close: CloseDate, moments: Moments) -> Condition:
    match close:
        case CloseDate.NONE:
            return lead.c.expected_close.is_(None)
        case CloseDate.SET:
            return lead.c.expected_close.is_not(None)
        case CloseDate.OVERDUE:
            # As sales.leads.Lead.is_close_overdue has it.
            at_work = and_(_at_work(), lead.c.stage != Stage.NURTURE)
            return and_(at_work, lead.c.expected_close < moments.today)
        case _:
            return _expected(moments.closing(close))


def _expected(days: DayRange) -> Condition:
    return and_(lead.c.expected_close >= days.first, lead.c.expected_close <= days.last)


def _excluded(one: Exclusion, moments: Moments) -> Condition:
    match one.field:
        case QueryField.OWNER:
            return or_(lead.c.owner_id.is_(None), lead.c.owner_id != int(one.value))
        case QueryField.TEAM:
            return lead.c.team_id != int(one.value)
        case QueryField.STEP:
            return not_(func.coalesce(_step(NextStep(one.value), moments), false()))
        case QueryField.CLOSE:
            return not_(func.coalesce(_close(CloseDate(one.value), moments), false()))
        case _:
            column, _ = _COLUMNS[one.field]
            return column != one.value


def _of_figure(query: LeadQuery, moments: Moments) -> Iterator[Condition]:
    if (figure := query.figure) is None:
        return
    period = moments.period
    if period is None or (period.team_id, period.week) != (figure.team_id, figure.period):
        raise ValueError(f"a list of {figure.period} needs that period")
    yield of_team(figure.team_id)
    yield counted(figure.number, period, figure.person_id)


OrderKey = tuple[ColumnElement[Any], bool]
"""What a list is sorted by, and whether the largest comes first."""


def order_of(
    sort: LeadSort, status: Status, moments: Moments, steps: tuple[NextStep, ...] = ()
) -> tuple[OrderKey, ...]:
    """The order of a list, or of a part of one with this status; equals by their number. In a list
    of waiting customers alone (``steps``), the answer that is due first is the most pressing."""
    keys: dict[LeadSort, tuple[OrderKey, ...]] = {
        LeadSort.PRESSING: _pressing(status, moments),
        LeadSort.NEWEST: ((lead.c.created_at, True),),
        LeadSort.OLDEST: ((lead.c.created_at, False),),
        LeadSort.VALUE: ((_in_sql(WORTH, Numeric(14, 2)), True),),
        LeadSort.QUIET: ((last_contact(), False),),
        LeadSort.STAGE_AGE: ((lead.c.stage_since, False),),
        LeadSort.STAGE: ((_stage_rank(), False), (lead.c.stage_since, False)),
        LeadSort.CUSTOMER: ((lead.c.customer_order, False),),
    }
    is_of_waiting = sort is LeadSort.PRESSING and steps == (NextStep.WAITING,)
    first = ((_answer_due(), False),) if is_of_waiting else ()
    return (*first, *keys[sort], (lead.c.id, sort in _LARGEST_FIRST))


def _answer_due() -> ColumnElement[Any]:
    due = select(func.min(clock.c.due_at)).where(clock.c.lead_id == lead.c.id, WAITS)
    return due.correlate(lead).scalar_subquery()


def sorted_by(keys: Iterable[OrderKey]) -> list[ColumnElement[Any]]:
    """The keys as SQL sorts by them."""
    return [key.desc() if largest_first else key.asc() for key, largest_first in keys]


def closed_when() -> ColumnElement[Any]:
    """When a lead was closed; when it came into its stage where that is not known."""
    return _in_sql(CLOSED_WHEN, Instant())


def _pressing(status: Status, moments: Moments) -> tuple[OrderKey, ...]:
    latest_closed: OrderKey = (closed_when(), True)
    if status in (Status.WON, Status.LOST, Status.CLOSED):
        return (latest_closed,)
    is_open = lead.c.stage.in_(OPEN_STAGES)
    overdue = and_(is_open, step_past(moments.now))
    has_step = and_(is_open, lead.c.next_at.is_not(None))
    rank = case((overdue, 0), (has_step, 1), (is_open, 2), else_=3)
    # Of open leads one has no such day, of closed ones no such step.
    step = case((is_open, lead.c.next_at))
    closed = case((not_(is_open), closed_when()))
    return (
        (rank, False),
        (func.coalesce(step, moments.now), False),
        (func.coalesce(closed, moments.now), True),
        (grade_rank(), False),
    )


def _stage_rank() -> ColumnElement[int]:
    order = (*reversed(PIPELINE), Stage.NURTURE, Stage.LOST)
    return case({stage: place for place, stage in enumerate(order)}, value=lead.c.stage)


def _in_sql(expression: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """An expression as the indexes have it, of the lead's columns."""
    named = re.sub(
        r"(?<![a-z_])(?=(?:amount|budget_\w+|\w+_at|stage_since)\b)", "lead.", expression
    )
    return literal_column(named, kind)


_LARGEST_FIRST: Final = frozenset({LeadSort.PRESSING, LeadSort.NEWEST, LeadSort.VALUE})
