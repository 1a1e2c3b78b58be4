"""What is somebody's to do, or was done for them."""

from dataclasses import dataclass
from typing import ClassVar

from sales.notices.base import Notice


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
