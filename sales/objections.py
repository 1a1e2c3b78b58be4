"""Objections: what a customer says against buying, and the agreed answer [P12].

Knows how an objection changes; knows no words of a screen.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sales.people import Person


class ObjectionState(StrEnum):
    """The state of an objection.

    ``answered``: we have an answer; ``accepted``: the customer is content with it.
    """

    OPEN = "open"
    ANSWERED = "answered"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """An objection of a customer.

    ``kind`` is a key of the vocabulary, ``said`` what the customer said, ``answer`` what we agreed
    to answer; ``item_id`` the library's item that the answer is from, None for own words.
    """

    id: int = 0
    lead_id: int
    kind: str
    said: str
    answer: str = ""
    item_id: int | None = None
    state: ObjectionState = ObjectionState.OPEN
    raised_by: int
    raised_at: datetime
    answered_by: int | None = None
    answered_at: datetime | None = None
    accepted_at: datetime | None = None
    version: int = 0

    @property
    def stands(self) -> bool:
        """Whether it is still open and stands between the customer and the contract."""
        return self.state is not ObjectionState.ACCEPTED

    def answered(self, answer: str, item_id: int | None, by: Person, now: datetime) -> "Objection":
        return replace(
            self,
            answer=answer,
            item_id=item_id,
            state=ObjectionState.ANSWERED,
            answered_by=by.id,
            answered_at=now,
            accepted_at=None,
        )

    def accept(self, now: datetime) -> "Objection":
        return replace(self, state=ObjectionState.ACCEPTED, accepted_at=now)

    def reopen(self) -> "Objection":
        """Reopen the objection: the customer is not content after all; the answer stays."""
        return replace(self, state=ObjectionState.OPEN, accepted_at=None)
