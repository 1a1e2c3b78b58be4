"""What customers did by themselves, and what became of their contracts."""

from datetime import datetime
from typing import Protocol

from sales.signals import Recent, Signal, SignalKind, SignalTally
from sales.signing import Signing


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
