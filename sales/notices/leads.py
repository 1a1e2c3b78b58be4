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


@dataclass(frozen=True, slots=True)
class CustomerReturned(Notice):
    """Somebody whom we have as a lead wrote again from outside."""

    kind: ClassVar[str] = "customer_returned"
    urgent: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    enquiry_id: int


@dataclass(frozen=True, slots=True)
class CustomerSignalled(Notice):
    """A customer did something that the owner should know at once."""

    kind: ClassVar[str] = "customer_signalled"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    signal_id: int


@dataclass(frozen=True, slots=True)
class OpportunityFound(Notice):
    """A customer may buy again."""

    kind: ClassVar[str] = "opportunity_found"
    batch: ClassVar[Batch | None] = None
    opportunity_id: int


@dataclass(frozen=True, slots=True)
class SigningReported(Notice):
    """An e-signature service told what became of a contract."""

    kind: ClassVar[str] = "signing_reported"
    urgent: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    signing_id: int


@dataclass(frozen=True, slots=True)
class PoolReturnNear(Notice):
    """A lead returns to the public pool soon, unless somebody logs contact or extends."""

    kind: ClassVar[str] = "pool_return_near"
    lead_id: int


@dataclass(frozen=True, slots=True)
class LeadPooled(Notice):
    """To its former owner: a lead went into the public pool, not by their own doing."""

    kind: ClassVar[str] = "lead_pooled"
    stay_id: int


@dataclass(frozen=True, slots=True)
class PoolBrief(Notice):
    """To a leader: what came into the pool from the team in ``[since, until)``, as seconds
    since 1970."""

    kind: ClassVar[str] = "pool_brief"
    topic: ClassVar[Topic | None] = Topic.POOL
    team_id: int
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class ImportUnderWay(Notice):
    """A long phase of an import began: its card shows how far it is."""

    kind: ClassVar[str] = "import_under_way"
    batch: ClassVar[Batch | None] = None
    import_id: int
    run: int


@dataclass(frozen=True, slots=True)
class ImportReady(Notice):
    """A phase of an import is over, and its person is to decide or to know."""

    kind: ClassVar[str] = "import_ready"
    batch: ClassVar[Batch | None] = None
    import_id: int
    run: int


@dataclass(frozen=True, slots=True)
class LeadsImported(Notice):
    """Somebody got leads by an import: one word for all of them."""

    kind: ClassVar[str] = "leads_imported"
    import_id: int


@dataclass(frozen=True, slots=True)
class LeadsPooled(Notice):
    """To a leader: an import left leads without an owner in the pool; one word for all."""

    kind: ClassVar[str] = "leads_pooled"
    import_id: int


@dataclass(frozen=True, slots=True)
class ClockCalls(Notice):
    """A response clock reached a level of its ladder (``sales.clocks.ClockLevel``)."""

    kind: ClassVar[str] = "clock_calls"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    clock_id: int
    level: str
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class RecordCall(Notice):
    """Who looked up a number to call has not yet written down how it went."""

    kind: ClassVar[str] = "record_call"
    batch: ClassVar[Batch | None] = None
    clock_id: int
    late_minutes: int = 0
