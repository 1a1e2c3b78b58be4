"""Repeat business: what a customer may buy next, why, for how much and when [P15].

An opportunity is offered to the customer's owner; accepted, it is worked as a lead of its own.
Knows what a signal suggests; the time is given.
"""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from sales.leads import Clarity, Lead, Timeframe
from sales.playbook.customers import Repeat
from sales.signals import Signal, SignalKind
from sales.targets import Quarter

SOURCE = "repeat"
"""The channel of leads that came from an opportunity."""


class OpportunityState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opportunity:
    """An opportunity for repeat business.

    ``lead_id`` is the customer's won lead, ``made_id`` the lead that the opportunity became.
    ``product`` is a key of the vocabulary, empty when none is recommended; ``amount`` an estimate
    in whole currency units; ``word`` is why it was dismissed.
    """

    id: int = 0
    lead_id: int
    signal_id: int
    product: str = ""
    amount: Decimal | None = None
    quarter: Quarter
    at: datetime
    state: OpportunityState = OpportunityState.OPEN
    word: str = ""
    made_id: int | None = None

    @property
    def subject(self) -> str:
        """The subject under which posted cards of this opportunity are kept up to date."""
        return f"opportunity:{self.id}"

    @property
    def is_open(self) -> bool:
        return self.state is OpportunityState.OPEN

    def accepted(self, made: Lead) -> "Opportunity":
        return replace(self, state=OpportunityState.ACCEPTED, made_id=made.id)

    def dismissed(self, word: str) -> "Opportunity":
        return replace(self, state=OpportunityState.DISMISSED, word=word)


def opportunity_of(signal: Signal, lead: Lead, rules: Repeat, today: date) -> Opportunity:
    """The opportunity that a customer's signal suggests.

    A further product, more of the same, or the renewal; expected next quarter, a renewal when it is
    due.
    """
    product, share, quarter = lead.product, rules.usage_share, Quarter.of(today).next
    match signal.kind:
        case SignalKind.EDITION_MONTHS:
            fitting = (
                recommendation
                for recommendation in rules.recommendations
                if recommendation.fits(lead.product, signal.value)
            )
            advice = next(fitting, None)
            product, share = (advice.product, advice.share) if advice else ("", 0)
        case SignalKind.RENEWAL_DUE:
            share = 100
            quarter = Quarter.of(today + timedelta(days=signal.value or rules.renewal_before))
        case _:
            pass
    amount = None
    if lead.amount is not None and share:
        amount = (lead.amount * share / 100).quantize(Decimal(1), ROUND_HALF_UP)
    return Opportunity(
        lead_id=lead.id,
        signal_id=signal.id,
        product=product,
        amount=amount,
        quarter=quarter,
        at=signal.at,
    )


def repeat_lead(opportunity: Opportunity, origin: Lead, need: str, now: datetime) -> Lead:
    """The lead that an accepted opportunity becomes.

    The contact's phone and e-mail stay with the lead that it came from.
    """
    return Lead(
        source=SOURCE,
        customer=origin.customer,
        industry=origin.industry,
        contact=origin.contact,
        title=origin.title,
        budget_low=opportunity.amount,
        budget_high=opportunity.amount,
        need=need,
        region=origin.region,
        product=opportunity.product,
        authority=origin.authority,
        clarity=Clarity.CLEAR,
        timeframe=Timeframe.QUARTER,
        origin_id=origin.id,
        team_id=origin.team_id,
        stage_since=now,
        created_at=now,
        created_by=origin.created_by,
    )


@dataclass(frozen=True, slots=True)
class ComingUp:
    """What time alone will say of a customer: the signal's kind, its day, and its figure."""

    kind: SignalKind
    on: date
    value: int


def coming_up(lead: Lead, closed_on: date, rules: Repeat, year: int = 1) -> list[ComingUp]:
    """What follows from the day of signing.

    Each recommendation that fits the edition, and the renewal of the ``year``-th term.
    """
    upcoming = [
        ComingUp(SignalKind.EDITION_MONTHS, months_after(closed_on, recommendation.after_months),
                 recommendation.after_months)
        for recommendation in rules.recommendations
        if year == 1 and recommendation.fits(lead.product, recommendation.after_months)
    ]  # fmt: skip
    if rules.renewal_months:
        due = months_after(closed_on, year * rules.renewal_months)
        ahead = due - timedelta(days=rules.renewal_before)
        upcoming.append(ComingUp(SignalKind.RENEWAL_DUE, ahead, rules.renewal_before))
    return upcoming


def months_after(day: date, months: int) -> date:
    """The same day of a later month; its last day where there is no such day."""
    years, index = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, index + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
