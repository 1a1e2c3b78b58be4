"""Leads that came to somebody, changed hands or were merged, and what is said about them."""

from dataclasses import dataclass
from typing import ClassVar

from sales.notices.base import Batch, Notice, Topic


@dataclass(frozen=True, slots=True)
class LeadOffered(Notice):
    kind: ClassVar[str] = "lead_offered"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = Batch.OFFERS
    offer_id: int


@dataclass(frozen=True, slots=True)
class LeadUnclaimed(Notice):
    """Nobody took the lead; the manager must decide."""

    kind: ClassVar[str] = "lead_unclaimed"
    urgent: ClassVar[bool] = True
    lead_id: int


@dataclass(frozen=True, slots=True)
class LeadsMerged(Notice):
    """Two leads of one customer became one."""

    kind: ClassVar[str] = "leads_merged"
    merge_id: int


@dataclass(frozen=True, slots=True)
class AccessAsked(Notice):
    """A colleague asks for a lead that they may not see."""

    kind: ClassVar[str] = "access_asked"
    request_id: int


@dataclass(frozen=True, slots=True)
class SharingEnded(Notice):
    """To who worked on a lead beside its owner: it is not that owner's any more."""

    kind: ClassVar[str] = "sharing_ended"
    lead_id: int


@dataclass(frozen=True, slots=True)
class AccessAnswered(Notice):
    """The owner or a leader shared the lead, or declined."""

    kind: ClassVar[str] = "access_answered"
    batch: ClassVar[Batch | None] = None
    request_id: int


@dataclass(frozen=True, slots=True)
class RemarksMade(Notice):
    """Colleagues said something about a lead between two instants (in seconds of Unix time)."""

    kind: ClassVar[str] = "remarks_made"
    topic: ClassVar[Topic | None] = Topic.TALK
    lead_id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AutomationActed(Notice):
    """A rule did something with a lead that somebody should know of."""

    kind: ClassVar[str] = "automation_acted"
    run_id: int


@dataclass(frozen=True, slots=True)
class WorkHandedOver(Notice):
    """Somebody has got, in one go, what a colleague who left had."""

    kind: ClassVar[str] = "work_handed_over"
    transfer_id: int
