"""What an electronic-signature service reports of a contract, and what follows [P13].

Knows when a signature closes a deal automatically and when a person must review it; the time is
given.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sales.leads import Lead
from sales.quotes import Edition, Quote


class SigningState(StrEnum):
    SIGNED = "signed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    REVOKED = "revoked"


class SigningVerdict(StrEnum):
    """The outcome of a report.

    The lead is won by it, it is only reported, a person must say which amount is right
    (``DISAGREE``) or what it is (``ASK``), or a person has said so.
    """

    WON = "won"
    TOLD = "told"
    DISAGREE = "disagree"
    ASK = "ask"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """One report.

    ``amount`` as the service reported it, ``expected`` as we had it, both in whole currency units;
    ``reason`` in the customer's words, when it was not signed. While we had no amount, ``basic``
    and ``advanced`` are the sums of the quote that the customer has, and ``edition`` the one that
    was signed, as far as that is clear.
    """

    id: int = 0
    lead_id: int
    state: SigningState
    at: datetime
    contract: str = ""
    amount: Decimal | None = None
    expected: Decimal | None = None
    basic: Decimal | None = None
    advanced: Decimal | None = None
    edition: Edition | None = None
    reason: str = ""
    verdict: SigningVerdict = SigningVerdict.TOLD

    @property
    def waits(self) -> bool:
        """Whether the report waits for a person to settle the amount."""
        return self.verdict in (SigningVerdict.DISAGREE, SigningVerdict.ASK)

    @property
    def is_late(self) -> bool:
        """Whether a person had recorded the signature already and there is nothing to ask."""
        return self.state is SigningState.SIGNED and self.verdict is SigningVerdict.TOLD

    @property
    def worth(self) -> Decimal | None:
        """The amount, if only one is known or both agree."""
        return self.expected if self.amount is None else self.amount

    @property
    def quoted(self) -> dict[Edition, Decimal]:
        """The quoted sums by edition; empty when the quote did not matter."""
        sums = {Edition.BASIC: self.basic, Edition.ADVANCED: self.advanced}
        return {edition: amount for edition, amount in sums.items() if amount is not None}

    def settled(self) -> "Signing":
        return replace(self, verdict=SigningVerdict.SETTLED)


def compared(signing: Signing, lead: Lead, quote: Quote | None) -> Signing:
    """Compare the report with what we have.

    That is the amount of a deal that is closed, which a person set, or else the sums of the quote
    that the customer has. What is only expected confirms an amount where there is no quote, and
    never contradicts one. A contract without an amount takes the quote's when only one edition was
    offered.
    """
    settled = lead.amount if lead.is_customer else None
    if settled is None and quote is None and signing.amount == lead.amount:
        settled = lead.amount
    if settled is not None or quote is None:
        return replace(signing, expected=settled)
    sums = {edition: quote.total(edition).net for edition in quote.editions}
    meant = [e for e, net in sums.items() if signing.amount is None or net == signing.amount]
    only = meant[0] if len(meant) == 1 else None
    return replace(
        signing,
        basic=sums.get(Edition.BASIC),
        advanced=sums.get(Edition.ADVANCED),
        edition=only,
        expected=sums[only] if only else None,
    )


def judged(signing: Signing, lead: Lead, *, sure: bool = True) -> Signing:
    """Give the report its verdict.

    For a deal that a person has closed already, only a different amount is worth asking about. Not
    ``sure``: the amount counts only if it matches one of ours. No deal is won at amount zero unless
    a person confirms it.
    """
    if signing.state is not SigningState.SIGNED:
        return replace(signing, verdict=SigningVerdict.TOLD)
    ours = signing.quoted.values() if signing.expected is None else (signing.expected,)
    if signing.amount is not None and ours and signing.amount not in ours:
        return replace(signing, verdict=SigningVerdict.DISAGREE)
    if lead.is_customer:
        return replace(signing, verdict=SigningVerdict.TOLD)
    clear = bool(signing.worth) and (sure or signing.expected is not None)
    return replace(signing, verdict=SigningVerdict.WON if clear else SigningVerdict.ASK)
