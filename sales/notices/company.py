"""The week's messages to a channel."""

from dataclasses import dataclass
from typing import ClassVar

from sales.notices.base import Batch, Notice


@dataclass(frozen=True, slots=True)
class DigestReady(Notice):
    """A team's week is over. ``week`` is ISO (``2026-W47``)."""

    kind: ClassVar[str] = "digest_ready"
    once: ClassVar[bool] = True
    names_customers: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    team_id: int
    week: str


@dataclass(frozen=True, slots=True)
class SyncDue(Notice):
    """The departments meet: a team's deals that are stuck. ``week`` is ISO."""

    kind: ClassVar[str] = "sync_due"
    once: ClassVar[bool] = True
    names_customers: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    team_id: int
    week: str


@dataclass(frozen=True, slots=True)
class ChannelRefused(Notice):
    """A team's channel takes no messages any more; its leaders get them meanwhile."""

    kind: ClassVar[str] = "channel_refused"
    by_mail: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    platform: str
    conversation: str
