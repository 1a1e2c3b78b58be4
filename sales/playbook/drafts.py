"""A change of the playbook that somebody prepares, looks at and tries before it is in force."""

from dataclasses import dataclass, replace
from datetime import datetime

from sales.playbook import Playbook
from sales.playbook.changes import document_of, merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """``base`` is the number of the version that it changes (0: the shipped one), ``playbook``
    the whole document as it would be."""

    id: int = 0
    base: int
    playbook: Playbook
    author_id: int
    created_at: datetime
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def close(self, now: datetime) -> "Draft":
        return replace(self, closed_at=now)

    def moved(self, was: Playbook, number: int, now_in_force: Playbook) -> "Draft":
        """The same change upon another version. ``was`` is the one that it changed so far.

        Raises ValidationError when the two changes do not fit together.
        """
        parts = (document_of(one) for one in (was, self.playbook, now_in_force))
        return replace(self, base=number, playbook=Playbook.model_validate(merged(*parts)))
