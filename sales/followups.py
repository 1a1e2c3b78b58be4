"""A follow-up: what was said with a customer, and what comes next by when [P16]."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sales.leads import Stage
from sales.next_steps import is_past


class Method(StrEnum):
    """How the customer was contacted."""

    CALL = "call"
    EMAIL = "email"
    VISIT = "visit"
    WECHAT = "wechat"
    DEMO = "demo"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One contact with a customer, and the next step after it.

    ``at`` is when the contact took place, and with ``day_only`` only its day is known;
    ``logged_at`` is when somebody entered it, None for at once. ``next_at`` is when the next step
    is due, and ``next_until`` the last instant at which it is not overdue yet
    (``sales.next_steps``). A lead has at most one open next step: a new one replaces the one
    before, and a follow-up without any leaves that open. ``summary`` holds the words as they were
    typed; ``next_step`` may repeat a part of them.
    """

    id: int = 0
    lead_id: int
    person_id: int
    at: datetime
    logged_at: datetime | None = None
    day_only: bool = False
    method: Method
    summary: str
    feedback: str = ""
    next_step: str = ""
    next_at: datetime | None = None
    next_until: datetime | None = None
    closed_at: datetime | None = None
    version: int = 0

    @property
    def subject(self) -> str:
        """The subject under which posted cards of its next step are kept up to date."""
        return f"followup:{self.id}"

    @property
    def entered_at(self) -> datetime:
        """When somebody entered it."""
        return self.logged_at or self.at

    @property
    def is_waiting(self) -> bool:
        """Whether its next step is still to be done."""
        return self.next_at is not None and self.closed_at is None

    def is_overdue(self, now: datetime) -> bool:
        return self.is_waiting and is_past(self.next_at, self.next_until, now)

    @property
    def overdue_after(self) -> datetime | None:
        """The last instant at which the step is not overdue; None without a step."""
        return self.next_until or self.next_at

    def close(self, now: datetime) -> "FollowUp":
        return replace(self, closed_at=now)

    def reschedule(self, next_at: datetime, next_until: datetime | None = None) -> "FollowUp":
        return replace(self, next_at=next_at, next_until=next_until, closed_at=None)


TABLE_COLUMNS = (
    "customer", "time", "method", "person", "summary", "feedback", "next_step", "expected",
)  # fmt: skip
"""The columns of the follow-up table, in the order of the process."""


@dataclass(frozen=True, slots=True)
class TableFilter:
    """Which follow-ups a table holds: contacts in ``[start, end)`` (None: open end) with one lead,
    or with all those in one of the ``stages`` (none: in any)."""

    lead_id: int | None = None
    stages: tuple[Stage, ...] = ()
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A row of the follow-up table: a follow-up with its customer's and its person's name."""

    id: int
    lead_id: int
    customer: str
    at: datetime
    day_only: bool
    method: Method
    person: str
    summary: str
    feedback: str
    next_step: str
    next_at: datetime | None
    next_until: datetime | None
