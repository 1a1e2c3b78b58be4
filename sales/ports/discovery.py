"""What is written down of customers' needs, for the leads one actor may see."""

from typing import Protocol

from sales.discovery import Discovery


class Discoveries(Protocol):
    """To be changed only with the lead held (``Leads.get``), so that versions follow each
    other without a gap."""

    def add(self, discovery: Discovery) -> Discovery:
        """Store one more version. Raises LeadNotFound for a lead the actor may not see."""

    def latest(self, lead_id: int) -> Discovery | None: ...

    def versions(self, lead_id: int, limit: int) -> list[Discovery]:
        """Newest first."""
