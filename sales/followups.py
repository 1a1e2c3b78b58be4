"""A follow-up: what was said with a customer, and what comes next by when [P16]."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


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
    is due. A lead has at most one open next step: a new one replaces the one before, and a
    follow-up without any leaves that open. ``summary`` holds the words as they were typed;
    ``next_step`` may repeat a part of them.
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

    def close(self, now: datetime) -> "FollowUp":
        return replace(self, closed_at=now)

    def reschedule(self, next_at: datetime) -> "FollowUp":
        return replace(self, next_at=next_at, closed_at=None)
