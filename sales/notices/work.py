"""What is somebody's to do, or was done for them."""

from dataclasses import dataclass
from typing import ClassVar

from sales.notices.base import Batch, Notice, Topic


@dataclass(frozen=True, slots=True)
class TaskGiven(Notice):
    """A task is somebody's now."""

    kind: ClassVar[str] = "task_given"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    task_id: int


@dataclass(frozen=True, slots=True)
class TaskOverdue(Notice):
    """A task was not done in time. ``level`` 1 speaks to the assignee, 2 to the leaders."""

    kind: ClassVar[str] = "task_overdue"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    task_id: int
    level: int
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class TaskAnswered(Notice):
    """A task is done, and its result is news to who asked or has to act on it."""

    kind: ClassVar[str] = "task_answered"
    task_id: int


@dataclass(frozen=True, slots=True)
class ReminderDue(Notice):
    """A next step is near. ``late_minutes`` > 0 when it should have been sent earlier."""

    kind: ClassVar[str] = "reminder_due"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    followup_id: int
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class FollowUpOverdue(Notice):
    """A next step was not done. ``level`` 1 speaks to the owner, 2 to the manager."""

    kind: ClassVar[str] = "followup_overdue"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    followup_id: int
    level: int
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class LookAgain(Notice):
    """A lead that was lost or put into nurture is to be looked at again."""

    kind: ClassVar[str] = "look_again"
    by_mail: ClassVar[bool] = True
    lead_id: int


@dataclass(frozen=True, slots=True)
class ItemProposed(Notice):
    """Something was written for the library and waits for a decision."""

    kind: ClassVar[str] = "item_proposed"
    item_id: int


@dataclass(frozen=True, slots=True)
class ItemDecided(Notice):
    """What somebody wrote for the library was approved, returned or taken out of use."""

    kind: ClassVar[str] = "item_decided"
    topic: ClassVar[Topic | None] = Topic.LIBRARY
    item_id: int


@dataclass(frozen=True, slots=True)
class SharingAnnounced(Notice):
    """The quarter's sharing session (``2024-Q1``) has its day."""

    kind: ClassVar[str] = "sharing_announced"
    once: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    topic: ClassVar[Topic | None] = Topic.SHARING
    quarter: str
