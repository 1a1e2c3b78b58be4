"""Due work and messages: what a unit of work leaves behind to be done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from sales.notices import Notice

WorkKind = Literal[
    "reminder",
    "overdue",
    "offer",
    "clock",
    "record",
    "digest",
    "revival",
    "task",
    "cool",
    "sync",
]


@dataclass(frozen=True, slots=True)
class Work:
    """Something to do at a time. ``key`` is unique for ever: the same work is done once."""

    key: str
    kind: WorkKind
    subject: str
    due_at: datetime


class Schedule(Protocol):
    def add(self, work: Work) -> bool:
        """False when this key is there already, done or not."""

    def cancel(self, kind: WorkKind, subject: str) -> None:
        """Forget all of this kind for a subject that is not done yet."""


Recipient = int | tuple[str, str]
"""A person's id, or a channel as (platform, conversation id)."""


class Outbox(Protocol):
    def add(self, notice: Notice, to: Recipient) -> None:
        """Deliver after this unit of work is committed, in order for each recipient."""

    def refresh(self, subject: str) -> None:
        """Draw every posted card of the subject anew; several calls before delivery are one."""


class Inbound(Protocol):
    def is_new(self, request_id: str, now: datetime) -> bool:
        """Record the request; False when it was recorded before. Undone with the unit of work."""
