"""Proposals of the leads one actor may see, their links, and who opened them."""

from datetime import datetime
from typing import Protocol

from sales.openings import Visit
from sales.proposals import Link, Proposal


class Proposals(Protocol):
    """To be changed only with the lead held (``Leads.get``). Links and visits go with the
    proposal: they are out of reach where it is."""

    def add(self, proposal: Proposal) -> Proposal:
        """Raises LeadNotFound for a lead the actor may not see."""

    def get(self, proposal_id: int) -> Proposal:
        """Raises ProposalNotFound."""

    def save(self, proposal: Proposal) -> Proposal:
        """Raises Conflict when somebody saved it in between."""

    def of_lead(self, lead_id: int) -> list[Proposal]:
        """Newest first."""

    def add_link(self, link: Link) -> Link: ...

    def link(self, token_hash: str) -> Link | None: ...

    def links(self, proposal_id: int) -> list[Link]:
        """Those for the customer, newest first."""

    def close_previews(self, lead_id: int, now: datetime) -> None:
        """Links of a lead's proposals that were made for colleagues show nothing from now on."""

    def close_links(self, proposal_id: int, now: datetime) -> None:
        """All that lead to it lead nowhere from now on."""

    def see(self, visit: Visit) -> bool:
        """Keep a visit, or how long one that is kept has lasted by now; False when it was
        kept before."""

    def visits(self, lead_id: int) -> list[Visit]:
        """Of all proposals of a lead, oldest first."""
