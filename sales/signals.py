"""Signals: what a customer does by themselves, and what that makes of their lead [P11] [P15].

A signal is never contact: no person spoke to anybody. Knows when a signal matters; asks nobody
for time, and tells nobody.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sales.leads import Lead


class SignalKind(StrEnum):
    """What the customer did, or what the calendar says of them."""

    PROPOSAL_OPENED = "proposal_opened"
    PRICING_VIEWED = "pricing_viewed"
    EMAIL_OPENED = "email_opened"
    PRODUCT_USED = "product_used"
    USAGE_UP = "usage_up"
    EDITION_MONTHS = "edition_months"
    RENEWAL_DUE = "renewal_due"


FIGURES = frozenset({SignalKind.USAGE_UP, SignalKind.EDITION_MONTHS, SignalKind.RENEWAL_DUE})
"""The kinds to which a figure belongs."""


class Effect(StrEnum):
    """What a signal does: makes the lead hot (the owner hears, too), tells the owner, is only
    counted, or becomes an opportunity for repeat business."""

    HOT = "hot"
    TELL = "tell"
    COUNT = "count"
    OPPORTUNITY = "opportunity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """``event`` is the same for every repetition of this signal and for nothing else. ``value``
    is the figure that belongs to the kind, if any: months on the edition, days until the
    renewal, percent of more usage. ``effect`` is what it did."""

    id: int = 0
    lead_id: int
    kind: SignalKind
    at: datetime
    event: str
    value: int | None = None
    effect: Effect = Effect.COUNT


@dataclass(frozen=True, slots=True)
class Recent:
    """The signals of one kind in a stretch of time: how many, and whether any did something."""

    times: int
    acted: bool


@dataclass(frozen=True, slots=True)
class SignalTally:
    """How often a kind came for a lead, and when last."""

    kind: SignalKind
    times: int
    last_at: datetime


def effect_on(lead: Lead, wanted: Effect, times: int, recent: Recent) -> Effect:
    """What one more signal does to a lead when its rule wants ``wanted`` after so many ``times``;
    ``recent`` are those of its kind before it, as far back as the rule looks.

    What did something lately does nothing again, also when a person overruled it. A lead that
    is hot already is not made so again, and only an open one can be hot: of a lost one the
    owner hears. Repeat business is with customers only, and a customer who signed does not
    open a proposal to buy.
    """
    if recent.acted or recent.times + 1 < times:
        return Effect.COUNT
    match wanted:
        case Effect.HOT if lead.hot_since is not None or lead.is_customer:
            return Effect.COUNT
        case Effect.HOT if not lead.is_open:
            return Effect.TELL
        case Effect.OPPORTUNITY if not lead.is_customer:
            return Effect.COUNT
        case _:
            return wanted


def heated(lead: Lead, now: datetime) -> Lead:
    return replace(lead, hot_since=now)


def cooled(lead: Lead) -> Lead:
    return replace(lead, hot_since=None)


def cools_at(lead: Lead, days: int) -> datetime | None:
    """When a hot lead is no longer so; None for one that is not."""
    return lead.hot_since and lead.hot_since + timedelta(days=days)
