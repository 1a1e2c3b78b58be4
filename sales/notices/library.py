"""The library, and the session of sharing what works."""

from dataclasses import dataclass
from typing import ClassVar

from sales.notices.base import Batch, Notice, Topic


@dataclass(frozen=True, slots=True)
class ItemProposed(Notice):
    """Something was written for the library and waits for a decision."""

    kind: ClassVar[str] = "item_proposed"
    item_id: int


@dataclass(frozen=True, slots=True)
class ItemDecided(Notice):
    """What somebody wrote for the library was approved, returned or taken out of use."""

    kind: ClassVar[str] = "item_decided"
    topic: ClassVar[Topic | None] = Topic.LIBRARY
    item_id: int


@dataclass(frozen=True, slots=True)
class SharingAnnounced(Notice):
    """The quarter's sharing session (``2024-Q1``) has its day."""

    kind: ClassVar[str] = "sharing_announced"
    once: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    topic: ClassVar[Topic | None] = Topic.SHARING
    quarter: str
