"""The clocks that run for customers."""

from dataclasses import dataclass
from typing import ClassVar

from sales.notices.base import Batch, Notice


@dataclass(frozen=True, slots=True)
class ClockCalls(Notice):
    """A response clock reached a level of its ladder (``sales.clocks.ClockLevel``)."""

    kind: ClassVar[str] = "clock_calls"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    clock_id: int
    level: str
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class RecordCall(Notice):
    """Who looked up a number to call has not yet written down how it went."""

    kind: ClassVar[str] = "record_call"
    batch: ClassVar[Batch | None] = None
    clock_id: int
    late_minutes: int = 0
