"""Customers whom somebody has already: found, asked for and shared."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sales.access import AccessRequest
from sales.leads import Lead
from sales.merging import Merge


@dataclass(frozen=True, slots=True)
class Namesake:
    """A lead that may be of the same customer."""

    lead_id: int
    customer: str


class Duplicates(Protocol):
    """Looks over every lead, whoever asks: tells that one exists, the caller hides whose."""

    def by_contact(self, phone: str, email: str, *, but: int = 0) -> Lead | None:
        """A lead with the same phone or e-mail; ``but`` is a lead id to leave out."""

    def by_contract(self, contract: str) -> list[Lead]:
        """Leads with exactly this contract number (≤ 50, newest first)."""

    def namesakes(self, customer: str, email: str, *, but: int = 0) -> list[Namesake]:
        """Leads whose e-mail has the same company domain, or whose customer's name begins
        alike (≤ 50 of each, newest first)."""

    def refer(self, lead_id: int, asker_id: int) -> str:
        """A lead's reference for one person, who cannot tell from it which lead it is."""

    def referred(self, reference: str, asker_id: int) -> Lead:
        """Raises LeadNotFound for what was not made for this person."""


class Access(Protocol):
    """Requests for leads of others, and who works on a lead beside its owner. To be changed only
    with the lead held (``Leads.get``)."""

    def add(self, request: AccessRequest) -> AccessRequest: ...

    def get(self, request_id: int) -> AccessRequest:
        """Raises LeadNotFound."""

    def save(self, request: AccessRequest) -> AccessRequest: ...

    def latest(self, lead_id: int, asker_id: int) -> AccessRequest | None: ...

    def share(self, lead_id: int, person_id: int) -> None: ...

    def end(self, lead_id: int, person_id: int) -> None: ...

    def collaborators(self, lead_id: int) -> list[int]:
        """Who sees the lead beside its owner, by person id."""


class Merges(Protocol):
    """Two leads made one, in this order: ``begin``, what ends by it, ``move``, the winner's new
    values, ``finish``. Both leads are to be held (``Leads.get``)."""

    def begin(self, merge: Merge) -> Merge:
        """Keep both as they are, to be put back."""

    def move(self, merge: Merge) -> None:
        """All that belongs to the loser becomes the winner's, and its number leads there."""

    def finish(self, merge: Merge, joined_notes: int | None) -> None:
        """Keep how it became, to know later what was changed since. ``joined_notes`` is the
        discovery that was put together of both; it goes when the merge is undone."""

    def get(self, merge_id: int) -> Merge:
        """Raises LeadNotFound."""

    def latest(self, lead_id: int) -> Merge | None:
        """The newest of a winner that was not undone."""

    def undo(self, merge: Merge, now: datetime) -> None:
        """Both as they were, but for what was changed since. Raises Conflict when one of them
        was merged on, or its contact was given to another lead."""
