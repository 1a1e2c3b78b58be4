"""Signals: what customers do by themselves, and the effect on their lead [P11] [P15].

A signal is never contact: no person spoke to anybody. Knows when a signal matters; the time is
given, and nobody is notified here.
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
"""The kinds that have a figure."""


class Effect(StrEnum):
    """The effect of a signal.

    It makes the lead hot (and notifies the owner, too), notifies the owner, is only counted, or
    becomes an opportunity for repeat business.
    """

    HOT = "hot"
    TELL = "tell"
    COUNT = "count"
    OPPORTUNITY = "opportunity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One signal.

    ``event`` is the same for every repetition of this signal and for nothing else. ``value`` is the
    figure that belongs to the kind, if any: months on the edition, days until the renewal, percent
    of more usage. ``effect`` is what it did.
    """

    id: int = 0
    lead_id: int
    kind: SignalKind
    at: datetime
    event: str
    value: int | None = None
    effect: Effect = Effect.COUNT


@dataclass(frozen=True, slots=True)
class Recent:
    """The signals of one kind in a period: how many, and whether any had an effect."""

    times: int
    acted: bool


@dataclass(frozen=True, slots=True)
class SignalTally:
    """How often a kind came for a lead, and when last."""

    kind: SignalKind
    times: int
    last_at: datetime


def effect_on(lead: Lead, wanted: Effect, times: int, recent: Recent) -> Effect:
    """The effect of one more signal on a lead whose rule has the effect ``wanted``.

    The rule requires ``times`` signals; ``recent`` are those of its kind before it, as far back as
    the rule looks. A signal that had an effect lately has none again, also when a person overruled
    it. A lead that is hot already is not made so again, and only an open one can be hot: for a lost
    one the owner is notified. Repeat business is with customers only, and a customer who signed
    does not open a proposal to buy.
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
    """When a hot lead stops being hot; None for one that is not."""
    return lead.hot_since and lead.hot_since + timedelta(days=days)
