"""Offering a lead to a person, and what happens when they do not accept it [P6]."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Why:
    """Why a lead went to a person.

    ``reason`` is the key of a text, ``why.<reason>``; ``rule`` the name of the rule, the person or
    the lead that the text mentions, if any; ``skipped`` the people passed over, each with the key
    of a text, ``why.skip_<reason>``.
    """

    reason: str
    rule: str = ""
    skipped: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A lead offered to one person.

    ``expires_at`` None: there is nobody to offer it to after them.
    """

    id: int = 0
    lead_id: int
    person_id: int
    why: Why
    offered_at: datetime
    expires_at: datetime | None = None
    state: OfferState = OfferState.OPEN
    answered_at: datetime | None = None
