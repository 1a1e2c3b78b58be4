"""What a file of leads holds. The phones and e-mails of leads never, not even masked: a file leaves
the bot, and many masks together tell more of people than one on a screen [P1]. Where somebody
typed one into a text it is masked, as it is on every screen."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from sales.leads import Grade, Stage

MOST_EXPORTED: Final = 100_000
"""Leads of one file; more is a matter for a backup."""


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Which leads of one's scope: in one of the ``stages`` (none: in any), created in
    ``[start, end)``; None for an open end."""

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
    amount: Decimal | None
    closed_at: datetime | None
    lost_reason: str
    contract: str
