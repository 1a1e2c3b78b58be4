"""What happened that somebody must hear of, by subject, and each kind by its name in the outbox."""

from dataclasses import asdict
from typing import Any

from sales.notices.base import Batch, Notice, Topic
from sales.notices.clocks import ClockCalls, RecordCall
from sales.notices.company import ChannelRefused, DigestReady, SyncDue
from sales.notices.customers import (
    CustomerReturned,
    CustomerSignalled,
    OpportunityFound,
    SigningReported,
)
from sales.notices.delivery import CardChanged, KeptNotices
from sales.notices.followups import FollowUpOverdue, LookAgain, ReminderDue
from sales.notices.imports import ImportReady, ImportUnderWay, LeadsImported, LeadsPooled
from sales.notices.leads import (
    AccessAnswered,
    AccessAsked,
    AutomationActed,
    LeadOffered,
    LeadsMerged,
    LeadUnclaimed,
    RemarksMade,
    SharingEnded,
    WorkHandedOver,
)
from sales.notices.library import ItemDecided, ItemProposed, SharingAnnounced
from sales.notices.people import (
    AccessEnded,
    AccountLinked,
    AdminMade,
    BulkReveal,
    CustomersProbed,
    IdentityClaimed,
    LetIn,
    NewcomerAsks,
    NewcomerJoined,
    PersonUnreachable,
    WhoAreYou,
)
from sales.notices.pool import LeadPooled, PoolBrief, PoolReturnNear
from sales.notices.tasks import TaskAnswered, TaskGiven, TaskOverdue

__all__ = [
    "NOTICES",
    "AccessAnswered",
    "AccessAsked",
    "AccessEnded",
    "AccountLinked",
    "AdminMade",
    "AutomationActed",
    "Batch",
    "BulkReveal",
    "CardChanged",
    "ChannelRefused",
    "ClockCalls",
    "CustomerReturned",
    "CustomerSignalled",
    "CustomersProbed",
    "DigestReady",
    "FollowUpOverdue",
    "IdentityClaimed",
    "ImportReady",
    "ImportUnderWay",
    "ItemDecided",
    "ItemProposed",
    "KeptNotices",
    "LeadOffered",
    "LeadPooled",
    "LeadUnclaimed",
    "LeadsImported",
    "LeadsMerged",
    "LeadsPooled",
    "LetIn",
    "LookAgain",
    "NewcomerAsks",
    "NewcomerJoined",
    "Notice",
    "OpportunityFound",
    "PersonUnreachable",
    "PoolBrief",
    "PoolReturnNear",
    "RecordCall",
    "RemarksMade",
    "ReminderDue",
    "SharingAnnounced",
    "SharingEnded",
    "SigningReported",
    "SyncDue",
    "TaskAnswered",
    "TaskGiven",
    "TaskOverdue",
    "Topic",
    "WhoAreYou",
    "WorkHandedOver",
    "notice_from_dict",
    "notice_to_dict",
]

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
        SharingEnded,
        LeadsMerged,
        BulkReveal,
        CustomersProbed,
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
        NewcomerAsks,
        LetIn,
        AdminMade,
        AccessEnded,
        AccountLinked,
        WhoAreYou,
        IdentityClaimed,
        PersonUnreachable,
        ChannelRefused,
    )
}


def notice_to_dict(notice: Notice) -> dict[str, Any]:
    """The notice's fields, as JSON can hold them; ``kind`` is kept beside."""
    return asdict(notice)


def notice_from_dict(kind: str, fields: dict[str, Any]) -> Notice:
    """The reverse; raises KeyError for a kind this version does not know."""
    return NOTICES[kind](**fields)
