"""What signals do [P11] [P15]."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from sales.playbook.terms import Rules
from sales.signals import Effect, SignalKind


class SignalRule(Rules):
    """``effect`` once the kind came ``times`` times within ``within_days`` days."""

    effect: Effect
    times: Annotated[int, Field(ge=1, le=1000)] = 1
    within_days: Annotated[int, Field(ge=1, le=365)] = 7


SHIPPED: Mapping[SignalKind, SignalRule] = {
    SignalKind.PROPOSAL_OPENED: SignalRule(effect=Effect.HOT),
    SignalKind.PRICING_VIEWED: SignalRule(effect=Effect.HOT, times=2),
    SignalKind.EMAIL_OPENED: SignalRule(effect=Effect.COUNT),
    SignalKind.PRODUCT_USED: SignalRule(effect=Effect.HOT, times=3),
    SignalKind.USAGE_UP: SignalRule(effect=Effect.OPPORTUNITY),
    SignalKind.EDITION_MONTHS: SignalRule(effect=Effect.OPPORTUNITY),
    SignalKind.RENEWAL_DUE: SignalRule(effect=Effect.OPPORTUNITY),
}


class Signals(Rules):
    """``kinds`` overrules the shipped rule of every kind that it names. A lead stays hot for
    ``hot_days`` days; ``per_minute`` limits signed events for each source."""

    kinds: dict[SignalKind, SignalRule] = Field(default_factory=lambda: dict(SHIPPED))
    hot_days: Annotated[int, Field(ge=1, le=365)] = 14
    per_minute: Annotated[int, Field(ge=1)] = 600

    def rule(self, kind: SignalKind) -> SignalRule:
        return self.kinds.get(kind, SHIPPED[kind])
