"""What customers did by themselves."""

from datetime import datetime
from typing import Protocol

from sales.signals import Recent, Signal, SignalKind, SignalTally


class Signals(Protocol):
    """Signals of the leads one actor may see. To be added only with the lead held."""

    def add(self, signal: Signal) -> Signal | None:
        """None when the same event is there already."""

    def get(self, signal_id: int) -> Signal:
        """Raises LeadNotFound."""

    def since(self, moment: datetime, lead_id: int, kind: SignalKind) -> Recent: ...

    def tallies(self, lead_id: int) -> list[SignalTally]:
        """Each kind that came for a lead, in no order."""
