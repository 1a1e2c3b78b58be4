"""A rep's weekly report [P18]: what it holds, who owes one, and until when it can be corrected.

The bot fills in the figures, the person writes the focus of the next week. Knows no clock and no
database: moments, the calendar and the facts are arguments.
"""

from dataclasses import dataclass
from datetime import datetime

from sales.reports import RepWeek

LONGEST_FOCUS = 500
"""Characters of a focus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyReport:
    """A submitted report of an ISO week (``2026-W47``).

    ``figures`` are those at submission. ``late``: submitted after the week's digest.
    """

    person_id: int
    week: str
    figures: RepWeek
    focus: str
    submitted_at: datetime
    corrected_at: datetime | None = None
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedReport:
    """That a person was asked for a week's report, and what became of it.

    ``reminded_at``: by the bot; ``nudged_at``: by the leader ``nudged_by``. ``asked_at`` is None
    when somebody reported without being asked.
    """

    person_id: int
    week: str
    asked_at: datetime | None = None
    reminded_at: datetime | None = None
    nudged_at: datetime | None = None
    nudged_by: int | None = None
    submitted_at: datetime | None = None

    @property
    def is_owed(self) -> bool:
        return self.asked_at is not None and self.submitted_at is None

    @property
    def is_missing(self) -> bool:
        """Whether it is named as missing: the person was asked and reminded."""
        return self.is_owed and self.reminded_at is not None
