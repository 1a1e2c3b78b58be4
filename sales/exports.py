"""What an export file of leads contains.

Never the phones and e-mails of leads, not even masked: a file leaves the bot, and many masked
contacts together reveal more of people than one on a screen [P1]. Contacts typed into a text are
masked, as on every screen.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sales.leads import Grade, Stage

MOST_EXPORTED: Final = 100_000
"""Maximum number of leads in one file; more is a matter for a backup."""


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Filter for the leads in the actor's scope.

    In one of the ``stages`` (none: in any), created in ``[start, end)``; None for an open end.
    """

    stages: tuple[Stage, ...] = ()
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedLead:
    """A lead as a file shows it; amounts in whole currency units."""

    id: int
    customer: str
    source: str
    industry: str
    region: str
    product: str
    contact: str
    title: str
    need: str
    budget_low: Decimal | None
    budget_high: Decimal | None
    score: int
    grade: Grade
    stage: Stage
    stage_since: datetime
    owner: str
    team: str
    created_at: datetime
    last_contact_at: datetime | None
    next_at: datetime | None
    next_step: str
    expected_close: date | None
    amount: Decimal | None
    closed_at: datetime | None
    lost_reason: str
    contract: str
