"""Requests for access to a colleague's customer, and the colleague's answer [P8].

People who ask learn nothing of the lead until its owner or a leader shares it or hands it over.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

LONGEST = 300
"""Maximum number of characters of a reason or of a note with the answer."""


class AccessState(StrEnum):
    OPEN = "open"
    SHARED = "shared"
    HANDED = "handed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """A request for access to a lead.

    ``why`` is the reason given; ``word`` the note that came with the answer.
    """

    id: int = 0
    lead_id: int
    asker_id: int
    asked_at: datetime
    why: str
    state: AccessState = AccessState.OPEN
    answered_by: int | None = None
    answered_at: datetime | None = None
    word: str = ""

    @property
    def subject(self) -> str:
        """The subject under which posted cards of this request are kept up to date."""
        return f"access:{self.id}"

    @property
    def is_open(self) -> bool:
        return self.state is AccessState.OPEN

    def answer(self, state: AccessState, by: int, now: datetime, word: str = "") -> "AccessRequest":
        return replace(self, state=state, answered_by=by, answered_at=now, word=word)
