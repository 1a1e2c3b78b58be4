"""Next steps: near, overdue, or to be thought of again."""

from dataclasses import dataclass
from typing import ClassVar

from sales.notices.base import Batch, Notice


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
