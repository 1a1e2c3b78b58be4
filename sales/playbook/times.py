"""When the company works, and when people are notified."""

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal

from holidays.registry import EntityLoader
from pydantic import Field, field_validator, model_validator

from sales.followups import Method
from sales.playbook.vocabulary import Rules, WorkTime, misfit

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Reminders(Rules):
    """Rules for reminders.

    ``before`` hours ahead of the next step [P17]; ``due_time`` is when a step that has only a date
    is due; past due, the owner is notified after ``overdue_after`` working minutes and the manager
    after ``escalate_after``.
    """

    before: Annotated[int, Field(ge=1)] = 24
    due_time: time = time(9, 0)
    overdue_after: Annotated[int, Field(ge=1), WorkTime()] = 480
    escalate_after: Annotated[int, Field(ge=1), WorkTime()] = 960
    stalled_days: Annotated[int, Field(ge=1)] = 7


class ClockRule(Rules):
    """Contact ``within`` working minutes, by one of the ``methods`` (none: any)."""

    within: Annotated[int, Field(ge=1), WorkTime()]
    methods: tuple[Method, ...] = ()


_IN_PERSON = tuple(method for method in Method if method is not Method.EMAIL)


class Clocks(Rules):
    """How soon a lead's owner contacts the customer, by grade [P7].

    The process's 24 and 48 hours are one and two working days. ``low`` is the rhythm for leads of
    low value and in nurture; ``feedback`` is how soon somebody asks what the customer says of a
    proposal [P10]. The owner is warned at ``warn_at`` percent of the time; the manager is notified
    of a breach ``escalate_after`` working minutes later; a call is recorded within
    ``record_within`` minutes.
    """

    high: ClockRule = ClockRule(within=480, methods=_IN_PERSON)
    medium: ClockRule = ClockRule(within=960)
    low: ClockRule = ClockRule(within=9600)
    feedback: ClockRule = ClockRule(within=480, methods=_IN_PERSON)
    warn_at: Annotated[int, Field(ge=1, le=99)] = 75
    escalate_after: Annotated[int, Field(ge=1), WorkTime()] = 120
    record_within: Annotated[int, Field(ge=1)] = 30


class WeeklyReporting(Rules):
    """When sellers are asked for their report of last week [P18].

    In the company's timezone; a day off moves it to the next working day. Who has not submitted is
    reminded after ``remind_after`` working minutes, and their leaders are told who is missing after
    ``tell_after``.
    """

    enabled: bool = True
    weekday: Weekday = "mon"
    at: time = time(9, 0)
    remind_after: Annotated[int, Field(ge=1), WorkTime()] = 120
    tell_after: Annotated[int, Field(ge=1), WorkTime()] = 180


class Digest(Rules):
    """When last week's digest is posted [P19].

    In the company's timezone, and after the reps' weekly reports, which it shows. A day off moves
    it to the next working day, but not from a weekday that is never worked.
    """

    weekday: Weekday = "mon"
    at: time = time(14, 0)


class Sync(Rules):
    """When the agenda of the weekly sync between departments is posted [P24].

    In the company's timezone; a day off moves it to the working day before. ``deals``: how many it
    names.
    """

    weekday: Weekday = "fri"
    at: time = time(14, 0)
    deals: Annotated[int, Field(ge=1, le=20)] = 10


class Review(Rules):
    """When the review of the month before is posted, in the company's timezone [P20].

    On ``day`` of the month; a day off moves it to the working day before, though never before the
    second, by when the month's figures are in: then to the first working day from there on.
    """

    day: Annotated[int, Field(ge=2, le=28)] = 5
    at: time = time(10, 0)


class Talk(Rules):
    """Remarks of colleagues on a lead within ``batch`` minutes are sent to the others together."""

    batch: Annotated[int, Field(ge=1, le=1440)] = 5


class Sharing(Rules):
    """The quarter's session of sharing what works [P21].

    In the quarter's ``week`` (1 holds its first day), on ``weekday`` at ``at``; a day off moves it
    to the working day before. It is announced ``lead_days`` working days ahead, at ``announce_at``,
    with at most ``agenda`` entries of each kind.
    """

    enabled: bool = True
    week: Annotated[int, Field(ge=1, le=13)] = 12
    weekday: Weekday = "thu"
    at: time = time(15, 0)
    lead_days: Annotated[int, Field(ge=0, le=30)] = 5
    announce_at: time = time(9, 30)
    agenda: Annotated[int, Field(ge=1, le=10)] = 3


class Urgent(StrEnum):
    """Kinds of notices (``sales.notices``) that a company may deliver in quiet hours.

    Of the clocks only those of leads of high value are.
    """

    CLOCK = "clock_calls"
    SIGNAL = "customer_signalled"
    OFFER = "lead_offered"
    RETURNED = "customer_returned"
    TASK = "task_given"


class Quiet(Rules):
    """Quiet hours and batching.

    Quiet from ``start`` until ``end`` (the same: at no hour) and, with ``days_off``, on days that
    are not worked. Notices of that time wait for the morning, except ``urgent`` kinds. Of what is
    not urgent the first notice goes at once; those that follow within ``batch_seconds`` (0: nothing
    waits) are delivered together when these are over.
    """

    start: time = time(21, 0)
    end: time = time(8, 0)
    days_off: bool = True
    urgent: tuple[Urgent, ...] = (Urgent.CLOCK, Urgent.SIGNAL)
    batch_seconds: Annotated[int, Field(ge=0, le=600)] = 60


class Block(Rules):
    """Working time from ``start`` to ``end`` on one day."""

    start: time
    end: time

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> "Block":
        if self.start >= self.end:
            raise misfit("block", "a block must start before it ends")
        return self


_OFFICE = (Block(start=time(9), end=time(12)), Block(start=time(13), end=time(18)))


def _office_week() -> dict[Weekday, tuple[Block, ...]]:
    return dict.fromkeys(WEEKDAYS[:5], _OFFICE)


class WorkingHours(Rules):
    """The company calendar.

    ``country`` brings public holidays and make-up days ("" for none); ``closed`` and ``open``
    override them for single days.
    """

    blocks: dict[Weekday, tuple[Block, ...]] = Field(default_factory=_office_week)
    country: str = "CN"
    closed: tuple[date, ...] = ()
    open: tuple[date, ...] = ()

    @field_validator("country")
    @classmethod
    def _a_calendar_we_have(cls, country: str) -> str:
        if country and country not in EntityLoader.get_country_codes():
            raise misfit(
                "country", f"no calendar of public holidays for {country!r}; for example CN"
            )
        return country

    @model_validator(mode="after")
    def _some_work(self) -> "WorkingHours":
        if not any(self.blocks.values()):
            raise misfit("some_work", "at least one weekday needs a block of working time")
        return self
