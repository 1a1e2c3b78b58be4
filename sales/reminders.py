"""The ledger of reminders: when each was due, sent and seen, and its outcome."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum


class ReminderOutcome(StrEnum):
    """The outcome of a reminder, the latest that is known."""

    PLANNED = "planned"
    SENT = "sent"
    SEEN = "seen"
    ACTED = "acted"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One reminder of a next step to one person.

    ``sent_at`` is when the chat or the mail server accepted it, ``late`` when that was well after
    ``due_at``. ``seen_at``: the person pressed one of its buttons or opened it or its lead.
    ``acted_at``: the step was done, moved, or a follow-up was logged. ``missed_at``: the step was
    past due without that for as long as the playbook allows.
    """

    followup_id: int
    person_id: int
    due_at: datetime
    sent_at: datetime | None = None
    late: bool = False
    seen_at: datetime | None = None
    acted_at: datetime | None = None
    missed_at: datetime | None = None

    @property
    def fate(self) -> ReminderOutcome:
        """The outcome; a step that was missed stays missed, even when done afterwards."""
        if self.missed_at is not None:
            return ReminderOutcome.MISSED
        if self.acted_at is not None:
            return ReminderOutcome.ACTED
        if self.seen_at is not None:
            return ReminderOutcome.SEEN
        return ReminderOutcome.PLANNED if self.sent_at is None else ReminderOutcome.SENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderTally:
    """Counts of reminders; ``acted`` in time, ``late`` of those sent."""

    due: int = 0
    sent: int = 0
    late: int = 0
    seen: int = 0
    acted: int = 0
    missed: int = 0

    @property
    def share(self) -> float | None:
        """Acted on ÷ sent; None when nothing was sent."""
        return self.acted / self.sent if self.sent else None


def summed(tallies: Iterable[ReminderTally]) -> ReminderTally:
    listed = list(tallies)
    names = [field.name for field in fields(ReminderTally)]
    return ReminderTally(**{name: sum(getattr(tally, name) for tally in listed) for name in names})
