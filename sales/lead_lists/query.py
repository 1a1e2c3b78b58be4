"""What a list of leads shows: which leads, in which order.

A query is a value: it can be put into a button, saved under a name, and said in words. It names no
moment: what *overdue* or *this week* means is decided by ``Moments`` when it is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Self, TypeAlias, TypeVar

from sales.leads import OPEN_STAGES, Grade, Stage
from sales.reports import Number

TEXT_MOST: Final = 100
"""Characters of a searched text."""
HALF_YEAR: Final = timedelta(days=182)
DAYS_MOST: Final = 9_999
"""Days of an age; more is no filter that anybody means."""


class Status(StrEnum):
    """Which leads a list begins with.

    ``OPEN`` are those in an open stage, nurture included, and not in the public pool, as boards
    count them; ``WORKED`` the same without nurture. ``WON`` includes after-sales; ``CLOSED`` are
    the won and the lost.
    """

    OPEN = "open"
    WORKED = "worked"
    NURTURE = "nurture"
    POOL = "pool"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"
    ALL = "all"


class NextStep(StrEnum):
    """When a lead's next step is due, by days of the reader's calendar.

    ``OVERDUE`` is as ``sales.next_steps.is_past`` says, ``SET`` any step and ``NONE`` no step. A
    day or week includes the steps in it that are overdue already; weeks begin on Monday.

    The last four are what a board's sections count, and no lead is in two of the first three.
    ``BEHIND``: the step or a response clock is overdue. ``FOR_TODAY``: not behind, and the step or
    a response clock is due by the end of today. ``AHEAD``: neither, and the step is due in the
    seven days after. ``WAITING``: not behind, and a customer waits for an answer: a response clock
    is running, whether it is due today or later.
    """

    NONE = "none"
    SET = "set"
    OVERDUE = "overdue"
    TODAY = "today"
    TOMORROW = "tomorrow"
    THIS_WEEK = "this_week"
    NEXT_WEEK = "next_week"
    THIS_MONTH = "this_month"
    NEXT_MONTH = "next_month"
    BEHIND = "behind"
    FOR_TODAY = "for_today"
    AHEAD = "ahead"
    WAITING = "waiting"


class CloseDate(StrEnum):
    """When an open lead is expected to be closed, by days of the reader's calendar.

    ``OVERDUE``: the day is over and somebody still works on the lead; ``NONE`` and ``SET``: without
    and with a day.
    """

    NONE = "none"
    SET = "set"
    OVERDUE = "overdue"
    THIS_WEEK = "this_week"
    NEXT_WEEK = "next_week"
    THIS_MONTH = "this_month"
    NEXT_MONTH = "next_month"
    THIS_QUARTER = "this_quarter"
    NEXT_QUARTER = "next_quarter"


class Period(StrEnum):
    """A period that moves with the day on which it is asked for."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    THIS_WEEK = "this_week"
    LAST_WEEK = "last_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_QUARTER = "this_quarter"
    LAST_QUARTER = "last_quarter"
    THIS_YEAR = "this_year"
    LAST_YEAR = "last_year"


@dataclass(frozen=True, slots=True)
class DayRange:
    """The days from ``first`` to ``last``, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class LastDays:
    """From ``days`` days ago until today, both included."""

    days: int


Window: TypeAlias = Period | DayRange | LastDays


class LeadSort(StrEnum):
    """The order of a list; equals by their number, the newest first where the largest is first.

    ``PRESSING``: overdue ones first, then by the nearest step, those without a step last, by grade;
    closed leads after the open ones, the last closed first. ``VALUE``: the largest value first,
    unknown ones last. ``QUIET``: the longest without contact first, ``STAGE_AGE``: the longest in
    their stage. ``STAGE``: the farthest in the pipeline first. ``CUSTOMER``: from A to Z, Chinese
    by pinyin.
    """

    PRESSING = "pressing"
    NEWEST = "newest"
    OLDEST = "oldest"
    VALUE = "value"
    QUIET = "quiet"
    STAGE_AGE = "stage_age"
    STAGE = "stage"
    CUSTOMER = "customer"


class QueryField(StrEnum):
    """The filters that take several values, by the names that the codec uses for them."""

    STAGE = "stage"
    GRADE = "grade"
    SOURCE = "source"
    REGION = "region"
    INDUSTRY = "industry"
    PRODUCT = "product"
    OWNER = "owner"
    TEAM = "team"
    STEP = "step"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, order=True)
class Exclusion:
    """Leads that a list leaves out: those with this value in the field.

    ``value`` is as the field's own: a key of the vocabulary, an enumeration's value, a number.
    """

    field: QueryField
    value: str


@dataclass(frozen=True, slots=True)
class LeadFigure:
    """A number of a digest or report: of a team's or (None) the company's period, for one person or
    for all.

    ``period`` is the key of a ``ReportPeriod``: ``2026-W47``, ``2026-11``.
    """

    number: Number
    team_id: int | None
    period: str
    person_id: int | None = None


_V = TypeVar("_V")
CLOSED_STATUSES: Final = frozenset({Status.WON, Status.LOST, Status.CLOSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadQuery:
    """Which leads a list shows. Filters must all match; of one filter's values, any.

    ``sources`` to ``products`` are keys of the vocabulary. ``owners`` are people's ids, ``mine``
    adds whoever reads the list and ``nobody`` leads without an owner. ``low`` and ``high`` bound
    the value (``sales.sync_meeting.worth``), both included; a lead of unknown value is in no such
    list.

    Of days: created at most ``newer`` days ago, at least ``older`` days ago; without contact for
    ``quiet`` days (counted from creation when there was none), or ``uncontacted`` so far; in its
    stage for ``in_stage`` days. The next step is overdue for ``late`` days, due within
    ``due_within`` days after today (overdue ones included), or on the days of ``due``. ``created``
    and ``closed`` are periods; a list of leads closed in a period is one of closed leads.
    ``closes`` and ``closing`` are about the day on which a lead is expected to be closed.

    ``text`` is searched in number, customer, contact and need. ``figure`` is a number of a digest,
    to which all other filters are added.

    Values are kept in one order and without repetition, so that equal queries are equal values.
    """

    status: Status = Status.OPEN
    stages: tuple[Stage, ...] = ()
    grades: tuple[Grade, ...] = ()
    sources: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    owners: tuple[int, ...] = ()
    mine: bool = False
    nobody: bool = False
    teams: tuple[int, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    newer: int | None = None
    older: int | None = None
    quiet: int | None = None
    uncontacted: bool = False
    in_stage: int | None = None
    steps: tuple[NextStep, ...] = ()
    late: int | None = None
    due_within: int | None = None
    due: DayRange | None = None
    closes: tuple[CloseDate, ...] = ()
    closing: DayRange | None = None
    hot: bool = False
    created: Window | None = None
    closed: Window | None = None
    text: str = ""
    excluded: tuple[Exclusion, ...] = ()
    figure: LeadFigure | None = None

    def __post_init__(self) -> None:
        for name, order in _ORDERS.items():
            object.__setattr__(self, name, _in_order(getattr(self, name), order))
        for name in ("sources", "regions", "industries", "products", "owners", "teams", "excluded"):
            object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))
        if isinstance(self.created, LastDays):
            object.__setattr__(self, "newer", self.created.days)
            object.__setattr__(self, "created", None)
        if self.closed is not None and self.status not in CLOSED_STATUSES:
            object.__setattr__(self, "status", Status.CLOSED)
        object.__setattr__(self, "text", " ".join(self.text.split())[:TEXT_MOST].strip())

    @classmethod
    def of_figure(cls, figure: LeadFigure) -> Self:
        """All leads that a number of a digest counts, open or not."""
        return cls(status=Status.ALL, figure=figure)

    @property
    def filters(self) -> tuple[str, ...]:
        """The names of the fields that narrow the list, in the order of the class."""
        return tuple(one.name for one in fields(self) if getattr(self, one.name) != one.default)

    def without(self, name: str) -> "LeadQuery":
        """The query without one of its ``filters``."""
        default = next(one.default for one in fields(self) if one.name == name)
        changed: dict[str, Any] = {name: default}
        return replace(self, **changed)


def _in_order(values: Iterable[_V], order: tuple[_V, ...]) -> tuple[_V, ...]:
    """The values in the order of their kind, each once."""
    return tuple(sorted(set(values), key=order.index))


_ORDERS: Final[dict[str, tuple[Any, ...]]] = {
    "stages": tuple(Stage),
    "grades": tuple(Grade),
    "steps": tuple(NextStep),
    "closes": tuple(CloseDate),
}

ANYTHING: Final = LeadQuery()
"""The default: all open leads that somebody sees."""


def status_of(stages: Iterable[Stage]) -> Status:
    """The narrowest status of a list of these stages; the default for none."""
    named = frozenset(stages)
    if not named or named <= frozenset(OPEN_STAGES):
        return Status.NURTURE if named == {Stage.NURTURE} else Status.OPEN
    if named <= {Stage.WON, Stage.AFTERSALES}:
        return Status.WON
    return Status.LOST if named == {Stage.LOST} else Status.ALL
