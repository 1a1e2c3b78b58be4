"""Asking for a customer whom a colleague cares for, and what the colleague answers [P8].

Who asks learns nothing of the lead until its owner or a leader shares it or hands it over.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

LONGEST = 300
"""Characters of a reason or of a word with the answer."""


class AccessState(StrEnum):
    OPEN = "open"
    SHARED = "shared"
    HANDED = "handed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """``why`` is the asker's reason; ``word`` what was said with the answer."""

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
        """The name under which posted cards of this request are kept alive."""
        return f"access:{self.id}"

    @property
    def is_open(self) -> bool:
        return self.state is AccessState.OPEN

    def answer(self, state: AccessState, by: int, now: datetime, word: str = "") -> "AccessRequest":
        return replace(self, state=state, answered_by=by, answered_at=now, word=word)
