"""What happened that somebody must hear of.

A notice holds ids and nothing personal: its words are found when it is delivered, in the
reader's language and from the state of that moment.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Notice:
    """``kind`` names it in the outbox.

    ``once`` True means at most once: an unclear delivery is shown to the admin and never
    repeated blindly. False means at least once: it is repeated until it surely arrived.
    ``urgent`` notices stand in the conversation itself, too, and not in a lead's thread alone.
    ``by_mail``: also goes to the mailbox of who chose so.
    """

    kind: ClassVar[str]
    once: ClassVar[bool] = False
    urgent: ClassVar[bool] = False
    by_mail: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class LeadOffered(Notice):
    kind: ClassVar[str] = "lead_offered"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    offer_id: int


@dataclass(frozen=True, slots=True)
class LeadUnclaimed(Notice):
    """Nobody took the lead; the manager must decide."""

    kind: ClassVar[str] = "lead_unclaimed"
    urgent: ClassVar[bool] = True
    lead_id: int


@dataclass(frozen=True, slots=True)
class ReminderDue(Notice):
    """A next step is near. ``late_minutes`` > 0 when it should have been sent earlier."""

    kind: ClassVar[str] = "reminder_due"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    followup_id: int
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class FollowUpOverdue(Notice):
    """A next step was not done. ``level`` 1 speaks to the owner, 2 to the manager."""

    kind: ClassVar[str] = "followup_overdue"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    followup_id: int
    level: int
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class ClockCalls(Notice):
    """A response clock reached a level of its ladder (``sales.clocks.ClockLevel``)."""

    kind: ClassVar[str] = "clock_calls"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    clock_id: int
    level: str
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class RecordCall(Notice):
    """Who looked up a number to call has not yet written down how it went."""

    kind: ClassVar[str] = "record_call"
    clock_id: int
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class LookAgain(Notice):
    """A lead that was lost or put into nurture is to be looked at again."""

    kind: ClassVar[str] = "look_again"
    by_mail: ClassVar[bool] = True
    lead_id: int


@dataclass(frozen=True, slots=True)
class CustomerReturned(Notice):
    """Somebody whom we have as a lead wrote again from outside."""

    kind: ClassVar[str] = "customer_returned"
    urgent: ClassVar[bool] = True
    enquiry_id: int


@dataclass(frozen=True, slots=True)
class AccessAsked(Notice):
    """A colleague asks for a lead that they may not see."""

    kind: ClassVar[str] = "access_asked"
    request_id: int


@dataclass(frozen=True, slots=True)
class AccessAnswered(Notice):
    """The owner or a leader shared the lead, or declined."""

    kind: ClassVar[str] = "access_answered"
    request_id: int


@dataclass(frozen=True, slots=True)
class CustomerSignalled(Notice):
    """A customer did something that the owner should know at once."""

    kind: ClassVar[str] = "customer_signalled"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    signal_id: int


@dataclass(frozen=True, slots=True)
class OpportunityFound(Notice):
    """A customer may buy again."""

    kind: ClassVar[str] = "opportunity_found"
    opportunity_id: int


@dataclass(frozen=True, slots=True)
class LeadsMerged(Notice):
    """Two leads of one customer became one."""

    kind: ClassVar[str] = "leads_merged"
    merge_id: int


@dataclass(frozen=True, slots=True)
class BulkReveal(Notice):
    """Somebody looked up more contacts than the rules take for usual."""

    kind: ClassVar[str] = "bulk_reveal"
    person_id: int
    window: str
    count: int


@dataclass(frozen=True, slots=True)
class SigningReported(Notice):
    """An e-signature service told what became of a contract."""

    kind: ClassVar[str] = "signing_reported"
    urgent: ClassVar[bool] = True
    signing_id: int


@dataclass(frozen=True, slots=True)
class TaskGiven(Notice):
    """A task is somebody's now."""

    kind: ClassVar[str] = "task_given"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    task_id: int


@dataclass(frozen=True, slots=True)
class TaskOverdue(Notice):
    """A task was not done in time. ``level`` 1 speaks to the assignee, 2 to the leaders."""

    kind: ClassVar[str] = "task_overdue"
    urgent: ClassVar[bool] = True
    by_mail: ClassVar[bool] = True
    task_id: int
    level: int
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class TaskAnswered(Notice):
    """A task is done, and its result is news to who asked or has to act on it."""

    kind: ClassVar[str] = "task_answered"
    task_id: int


@dataclass(frozen=True, slots=True)
class WorkHandedOver(Notice):
    """Somebody has got, in one go, what a colleague who left had."""

    kind: ClassVar[str] = "work_handed_over"
    transfer_id: int


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
    team_id: int
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class ItemProposed(Notice):
    """Something was written for the library and waits for a decision."""

    kind: ClassVar[str] = "item_proposed"
    item_id: int


@dataclass(frozen=True, slots=True)
class ItemDecided(Notice):
    """What somebody wrote for the library was approved, returned or taken out of use."""

    kind: ClassVar[str] = "item_decided"
    item_id: int


@dataclass(frozen=True, slots=True)
class RemarksMade(Notice):
    """Colleagues said something about a lead between two instants (in seconds of Unix time)."""

    kind: ClassVar[str] = "remarks_made"
    lead_id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SharingAnnounced(Notice):
    """The quarter's sharing session (``2024-Q1``) has its day."""

    kind: ClassVar[str] = "sharing_announced"
    once: ClassVar[bool] = True
    quarter: str


@dataclass(frozen=True, slots=True)
class AutomationActed(Notice):
    """A rule did something with a lead that somebody should know of."""

    kind: ClassVar[str] = "automation_acted"
    run_id: int


@dataclass(frozen=True, slots=True)
class DigestReady(Notice):
    """A team's week is over. ``week`` is ISO (``2026-W47``)."""

    kind: ClassVar[str] = "digest_ready"
    once: ClassVar[bool] = True
    team_id: int
    week: str


@dataclass(frozen=True, slots=True)
class SyncDue(Notice):
    """The departments meet: a team's deals that are stuck. ``week`` is ISO."""

    kind: ClassVar[str] = "sync_due"
    once: ClassVar[bool] = True
    team_id: int
    week: str


@dataclass(frozen=True, slots=True)
class ImportUnderWay(Notice):
    """A long phase of an import began: its card shows how far it is."""

    kind: ClassVar[str] = "import_under_way"
    import_id: int
    run: int


@dataclass(frozen=True, slots=True)
class ImportReady(Notice):
    """A phase of an import is over, and its person is to decide or to know."""

    kind: ClassVar[str] = "import_ready"
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
class KeptNotices(Notice):
    """What came to one person in their quiet hours, told together when these are over."""

    kind: ClassVar[str] = "kept_notices"
    message_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CardChanged(Notice):
    """A living card's subject changed: the posted card ``posting_id`` is drawn anew."""

    kind: ClassVar[str] = "card_changed"
    posting_id: int


@dataclass(frozen=True, slots=True)
class NewcomerJoined(Notice):
    """Somebody unknown wrote to the bot and was made a rep; an admin should know."""

    kind: ClassVar[str] = "newcomer_joined"
    person_id: int


@dataclass(frozen=True, slots=True)
class AccountLinked(Notice):
    """Somebody we know wrote from another platform, which vouches for who they are."""

    kind: ClassVar[str] = "account_linked"
    person_id: int
    platform: str


@dataclass(frozen=True, slots=True)
class WhoAreYou(Notice):
    """A newcomer is named like somebody we know."""

    kind: ClassVar[str] = "who_are_you"
    person_id: int
    platform: str


@dataclass(frozen=True, slots=True)
class IdentityClaimed(Notice):
    """Somebody may be the same as a person we know; an admin decides."""

    kind: ClassVar[str] = "identity_claimed"
    claimant_id: int
    person_id: int


NOTICES: dict[str, type[Notice]] = {
    notice.kind: notice
    for notice in (
        LeadOffered,
        LeadUnclaimed,
        ReminderDue,
        FollowUpOverdue,
        ClockCalls,
        RecordCall,
        LookAgain,
        CustomerReturned,
        AccessAsked,
        AccessAnswered,
        LeadsMerged,
        BulkReveal,
        CustomerSignalled,
        OpportunityFound,
        SigningReported,
        TaskGiven,
        TaskOverdue,
        TaskAnswered,
        WorkHandedOver,
        PoolReturnNear,
        LeadPooled,
        PoolBrief,
        ItemProposed,
        ItemDecided,
        RemarksMade,
        SharingAnnounced,
        AutomationActed,
        DigestReady,
        SyncDue,
        ImportUnderWay,
        ImportReady,
        LeadsImported,
        LeadsPooled,
        KeptNotices,
        CardChanged,
        NewcomerJoined,
        AccountLinked,
        WhoAreYou,
        IdentityClaimed,
    )
}


def notice_to_dict(notice: Notice) -> dict[str, Any]:
    """The notice's fields, as JSON can hold them; ``kind`` is kept beside."""
    return asdict(notice)


def notice_from_dict(kind: str, fields: dict[str, Any]) -> Notice:
    """The reverse; raises KeyError for a kind this version does not know."""
    return NOTICES[kind](**fields)
