"""What customers did by themselves, what became of their contracts, what they may buy next."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from sales.opportunities import Opportunity
from sales.signals import Recent, Signal, SignalKind, SignalTally
from sales.signing import Signing
from sales.targets import Holder, Quarter


class Signals(Protocol):
    """Signals of the leads one actor may see. To be added only with the lead held."""

    def add(self, signal: Signal) -> Signal | None:
        """None when the same event is there already."""

    def get(self, signal_id: int) -> Signal:
        """Raises LeadNotFound."""

    def since(self, moment: datetime, lead_id: int, kind: SignalKind) -> Recent: ...

    def tallies(self, lead_id: int) -> list[SignalTally]:
        """Each kind that came for a lead, in no order."""


class Signings(Protocol):
    """What became of contracts of the leads one actor may see. To be changed only with the lead
    held."""

    def add(self, signing: Signing) -> Signing: ...

    def get(self, signing_id: int) -> Signing:
        """Raises LeadNotFound."""

    def save(self, signing: Signing) -> Signing: ...


@dataclass(frozen=True, slots=True)
class KnownOpportunity:
    """One that waits for an answer, and the kind of signal it came of."""

    id: int
    kind: SignalKind


class Opportunities(Protocol):
    """Repeat business with the customers one actor may see. To be changed only with the
    customer's lead held."""

    def add(self, opportunity: Opportunity) -> Opportunity: ...

    def get(self, opportunity_id: int) -> Opportunity:
        """Raises LeadNotFound."""

    def save(self, opportunity: Opportunity) -> Opportunity: ...

    def open_of(self, lead_id: int) -> list[KnownOpportunity]:
        """Those of a customer that wait for an answer."""

    def waiting(self, limit: int) -> list[Opportunity]:
        """Those that wait for an answer, the newest first."""

    def expected(self, quarter: Quarter, holder: Holder) -> tuple[int, Decimal]:
        """How many are expected to be bought in the quarter, and for how much: what waits for an
        answer, and what became a lead that is open."""
