"""Which card tells of which notice."""

from collections.abc import Mapping
from typing import Any, Protocol

from handlers import (
    access_card,
    admin_codes,
    admission,
    digest,
    identity,
    outsiders,
    owed,
    probing,
    reachability,
)
from handlers.audience import reason, verdict_here
from handlers.imports import card as imports
from handlers.leavers import brief as leavers
from handlers.library import sharing
from handlers.library import telling as library
from handlers.merging import merged_notice
from handlers.newcomers import joined_card
from handlers.notices import of_leads
from handlers.pool import cards as pool
from handlers.reveals import alert_card
from handlers.sync import agenda as sync
from handlers.turns import Turn
from handlers.ui import Card
from sales.channel_privacy import sees_team
from sales.notices import (
    AccessAnswered,
    AccessAsked,
    AccessEnded,
    AccountLinked,
    AdminMade,
    AutomationActed,
    BulkReveal,
    ChannelRefused,
    ClockCalls,
    CustomerReturned,
    CustomerSignalled,
    CustomersProbed,
    DigestReady,
    FollowUpOverdue,
    IdentityClaimed,
    ImportReady,
    ImportUnderWay,
    ItemDecided,
    ItemProposed,
    LeadOffered,
    LeadPooled,
    LeadsImported,
    LeadsMerged,
    LeadsPooled,
    LeadUnclaimed,
    LetIn,
    LookAgain,
    NewcomerAsks,
    NewcomerJoined,
    Notice,
    OpportunityFound,
    PersonUnreachable,
    PoolBrief,
    PoolReturnNear,
    RecordCall,
    RemarksMade,
    ReminderDue,
    SharingAnnounced,
    SharingEnded,
    SigningReported,
    SyncDue,
    TaskAnswered,
    TaskGiven,
    TaskOverdue,
    WhoAreYou,
    WorkHandedOver,
)
from sales.people import SYSTEM


class Composing(Protocol):
    """The card of one kind of notice, as ``compose`` gives it."""

    def __call__(self, notice: Any, turn: Turn, /, *, again: bool) -> Card | None: ...


def _weekly(notice: DigestReady | SyncDue, turn: Turn, **_again: bool) -> Card | None:
    weekly_card = digest.weekly_card if isinstance(notice, DigestReady) else sync.weekly_card
    if turn.actor != SYSTEM:
        # To a leader, since the team's channel takes nothing.
        totals_only = not sees_team(turn.actor, notice.team_id)
        return weekly_card(notice.team_id, notice.week, turn, totals_only=totals_only)
    verdict = verdict_here(turn)
    because = reason(verdict, turn) if verdict and not verdict.names else ""
    totals_only = verdict is None or not verdict.names
    return weekly_card(notice.team_id, notice.week, turn, totals_only=totals_only, because=because)


CARDS: Mapping[type[Notice], Composing] = {
    LeadOffered: of_leads.offered,
    LeadUnclaimed: of_leads.unclaimed,
    ReminderDue: owed.reminder,
    FollowUpOverdue: owed.reminder,
    AutomationActed: of_leads.automation,
    ClockCalls: of_leads.clock,
    RecordCall: of_leads.clock,
    LookAgain: of_leads.look_again,
    CustomerReturned: of_leads.returned,
    AccessAsked: access_card.asked,
    AccessAnswered: access_card.answered,
    SharingEnded: access_card.sharing_ended,
    LeadsMerged: merged_notice,
    BulkReveal: alert_card,
    CustomersProbed: probing.alert_card,
    CustomerSignalled: of_leads.signalled,
    OpportunityFound: of_leads.opportunity,
    SigningReported: of_leads.signing,
    TaskGiven: owed.task,
    TaskOverdue: owed.task,
    TaskAnswered: owed.task,
    WorkHandedOver: leavers.brief_card,
    PoolReturnNear: pool.near_card,
    LeadPooled: pool.pooled_card,
    PoolBrief: pool.brief_card,
    ItemProposed: library.item_notice,
    ItemDecided: library.item_notice,
    RemarksMade: of_leads.talk,
    SharingAnnounced: sharing.announcement,
    DigestReady: _weekly,
    SyncDue: _weekly,
    ImportUnderWay: imports.noticed,
    ImportReady: imports.noticed,
    LeadsImported: imports.told_owner,
    LeadsPooled: imports.told_leader,
    NewcomerJoined: joined_card,
    NewcomerAsks: admission.asks_card,
    LetIn: admission.let_in_card,
    AdminMade: admin_codes.made_card,
    AccessEnded: outsiders.ended_card,
    AccountLinked: identity.linked_card,
    WhoAreYou: identity.who_card,
    IdentityClaimed: identity.claim_card,
    PersonUnreachable: reachability.unreachable_card,
    ChannelRefused: reachability.channel_card,
}
"""Every notice but the delivery's own: ``KeptNotices`` are made of these, and for ``CardChanged``
delivery composes the one that posted the card."""
