"""Not news but the delivery's own: what stands there is drawn anew, what waited is told."""

from dataclasses import dataclass
from typing import ClassVar

from sales.notices.base import Batch, Notice


@dataclass(frozen=True, slots=True)
class KeptNotices(Notice):
    """What waited for one person, told together: after their quiet hours (``why`` is morning),
    or after a span in which it waited for company (company); or one of these that they opened."""

    kind: ClassVar[str] = "kept_notices"
    batch: ClassVar[Batch | None] = None
    message_ids: tuple[int, ...]
    why: str = "morning"


@dataclass(frozen=True, slots=True)
class CardChanged(Notice):
    """A living card's subject changed: the posted card ``posting_id`` is drawn anew."""

    kind: ClassVar[str] = "card_changed"
    batch: ClassVar[Batch | None] = None
    posting_id: int
