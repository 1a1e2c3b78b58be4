"""Not news but the delivery's own: what stands there is drawn anew, what waited is told."""

from dataclasses import dataclass
from typing import ClassVar

from sales.notices.base import Notice


@dataclass(frozen=True, slots=True)
class KeptNotices(Notice):
    """What came to one person in their quiet hours, told together when these are over."""

    kind: ClassVar[str] = "kept_notices"
    message_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CardChanged(Notice):
    """A living card's subject changed: the posted card ``posting_id`` is drawn anew."""

    kind: ClassVar[str] = "card_changed"
    posting_id: int
