"""Which card tells of which notice."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from handlers import contact_alerts as probing
from handlers import sync_meeting as sync
from handlers.automations.cards import run_card
from handlers.collaboration import cards as access_card
from handlers.contact_alerts import reveals_card
from handlers.core.cards import lead_gone_card
from handlers.core.context import NOWHERE, Context, ContextFactory
from handlers.core.masking import masked_card
from handlers.core.replies import Reply
from handlers.core.requests import Conversation
from handlers.core.ui import Card
from handlers.digests import actions as digests
from handlers.digests.channel_privacy import reason, verdict_here
from handlers.discussion.actions import news_card
from handlers.handover_of_work import cards as leavers
from handlers.imports import cards as imports
from handlers.leads.duplicates import returned_card
from handlers.library import notices as library
from handlers.library import quarterly_session as sharing
from handlers.merging.actions import merged_notice
from handlers.notifications import bundles as kept
from handlers.notifications import reachability
from handlers.opportunities.cards import opportunity_card
from handlers.people import admin_codes, admission, identity, outsiders
from handlers.people.newcomers import joined_card
from handlers.pool import cards as pool
from handlers.response_clocks.cards import clock_card, record_card
from handlers.signals.cards import signal_card
from handlers.stages import actions as stages
from handlers.stages.contract_signed import signing_card
from handlers.tasks import cards as owed
from sales.assignments import OfferState
from sales.channel_privacy import Readers, sees_team
from sales.clocks import ClockLevel
from sales.contract_signed import Verdict
from sales.errors import LeadNotFound
from sales.leads import Lead
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
    KeptNotices,
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
from sales.people import SYSTEM, Person
from sales.signals import Effect
from storage.outbox.outbox import Recipient
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory


def _of_lead(
    lead_id: int, context: Context, draw: Callable[[Lead], Card | None], *, again: bool
) -> Card | None:
    """A card of a lead; once the lead is somebody else's, nothing of it stays on a posted one."""
    try:
        lead = context.leads.get(lead_id)
    except LeadNotFound:
        gone = context.uow.leads(SYSTEM).get(lead_id)
        return lead_gone_card(gone, context) if again else None
    card = draw(lead)
    return card and replace(card, thread=lead.subject)


def offered(notice: LeadOffered, context: Context, *, again: bool) -> Card | None:
    offer = context.uow.offers.get(notice.offer_id)
    over = offer.state not in (OfferState.OPEN, OfferState.ACCEPTED)
    if over and not again:
        return None
    return _of_lead(offer.lead_id, context, context.lead_card, again=again)


def unclaimed(notice: LeadUnclaimed, context: Context, *, again: bool) -> Card | None:
    return _of_lead(notice.lead_id, context, context.lead_card, again=again)


def look_again(notice: LookAgain, context: Context, *, again: bool) -> Card | None:
    def draw(lead: Lead) -> Card:
        return stages.look_again_card(lead, context) if lead.rests else context.lead_card(lead)

    return _of_lead(notice.lead_id, context, draw, again=again)


def returned(notice: CustomerReturned, context: Context, *, again: bool) -> Card | None:
    enquiry = context.uow.enquiries.get(notice.enquiry_id)
    return _of_lead(
        enquiry.lead_id, context, lambda lead: returned_card(enquiry, lead, context), again=again
    )


def signalled(notice: CustomerSignalled, context: Context, *, again: bool) -> Card | None:
    """While what it says still holds; the card of a lead that cooled down is the lead's."""
    signal = context.uow.signals(SYSTEM).get(notice.signal_id)

    def draw(lead: Lead) -> Card | None:
        if signal.effect is Effect.HOT and lead.hot_since is None:
            return context.lead_card(lead) if again else None
        return signal_card(signal, lead, context)

    return _of_lead(signal.lead_id, context, draw, again=again)


def talk(notice: RemarksMade, context: Context, *, again: bool) -> Card | None:
    def draw(lead: Lead) -> Card | None:
        return news_card(notice, lead, context)

    return _of_lead(notice.lead_id, context, draw, again=again)


def automation(notice: AutomationActed, context: Context, *, again: bool) -> Card | None:
    run = context.uow.automations.get(notice.run_id)
    if run.overruled_at and not again:
        return None
    return _of_lead(run.lead_id, context, lambda lead: run_card(run, lead, context), again=again)


def opportunity(notice: OpportunityFound, context: Context, *, again: bool) -> Card | None:
    opportunity = context.uow.opportunities(SYSTEM).get(notice.opportunity_id)
    if not opportunity.is_open and not again:
        return None

    def draw(_customer: Lead) -> Card:
        return opportunity_card(opportunity, context)

    return _of_lead(opportunity.lead_id, context, draw, again=again)


def signing(notice: SigningReported, context: Context, *, again: bool) -> Card | None:
    """Once a person has said which amount is right, the card is the lead's."""
    signing = context.uow.signings(SYSTEM).get(notice.signing_id)

    def draw(lead: Lead) -> Card:
        settled = signing.verdict is Verdict.SETTLED
        return context.lead_card(lead) if settled else signing_card(signing, lead, context)

    return _of_lead(signing.lead_id, context, draw, again=again)


def clock(notice: ClockCalls | RecordCall, context: Context, *, again: bool) -> Card | None:
    clock = context.uow.clocks(SYSTEM).get(notice.clock_id)

    def draw(lead: Lead) -> Card | None:
        if not clock.is_waiting and not again:
            return None
        if isinstance(notice, RecordCall):
            return record_card(clock, lead, notice.late_minutes, context)
        return clock_card(clock, lead, ClockLevel(notice.level), notice.late_minutes, context)

    return _of_lead(clock.lead_id, context, draw, again=again)


class Composing(Protocol):
    """The card of one kind of notice, as ``compose`` gives it."""

    def __call__(self, notice: Any, context: Context, /, *, again: bool) -> Card | None: ...


def _weekly(notice: DigestReady | SyncDue, context: Context, **_again: bool) -> Card | None:
    weekly_card = digests.weekly_card if isinstance(notice, DigestReady) else sync.weekly_card
    if context.actor != SYSTEM:
        # To a leader, since the team's channel takes nothing.
        totals_only = not sees_team(context.actor, notice.team_id)
        return weekly_card(notice.team_id, notice.week, context, totals_only=totals_only)
    verdict = verdict_here(context)
    because = reason(verdict, context) if verdict and not verdict.names else ""
    totals_only = verdict is None or not verdict.names
    return weekly_card(
        notice.team_id, notice.week, context, totals_only=totals_only, because=because
    )


CARDS: Mapping[type[Notice], Composing] = {
    LeadOffered: offered,
    LeadUnclaimed: unclaimed,
    ReminderDue: owed.reminder,
    FollowUpOverdue: owed.reminder,
    AutomationActed: automation,
    ClockCalls: clock,
    RecordCall: clock,
    LookAgain: look_again,
    CustomerReturned: returned,
    AccessAsked: access_card.asked,
    AccessAnswered: access_card.answered,
    SharingEnded: access_card.sharing_ended,
    LeadsMerged: merged_notice,
    BulkReveal: reveals_card,
    CustomersProbed: probing.probing_card,
    CustomerSignalled: signalled,
    OpportunityFound: opportunity,
    SigningReported: signing,
    TaskGiven: owed.task,
    TaskOverdue: owed.task,
    TaskAnswered: owed.task,
    WorkHandedOver: leavers.brief_card,
    PoolReturnNear: pool.near_card,
    LeadPooled: pool.pooled_card,
    PoolBrief: pool.brief_card,
    ItemProposed: library.item_notice,
    ItemDecided: library.item_notice,
    RemarksMade: talk,
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


LATE: Final = timedelta(minutes=30)
"""What reaches its reader later than this after it was written says so."""


class Composer:
    """Turns a notice and its recipient into a card. Reads only."""

    def __init__(self, new_uow: UnitOfWorkFactory, contexts: ContextFactory) -> None:
        self._new_uow = new_uow
        self._contexts = contexts

    def __call__(
        self,
        notice: Notice,
        to: Recipient,
        *,
        again: bool,
        readers: Readers | None = None,
        written_at: datetime | None = None,
    ) -> tuple[Card, str] | None:
        """The card with its locale; None when there is nothing to say any more. ``readers`` of
        the channel, where that decides what is told.

        ``again`` redraws a card that was posted before: then what is over is shown as over,
        while it would not be worth a new message. A card that is ``written_at`` a time long ago
        says that it comes late.
        """
        with self._new_uow(read_only=True) as uow:
            reader, locale = self._reader(to, uow)
            where = NOWHERE if isinstance(to, int) else Conversation(*to, False, readers=readers)
            context = self._contexts.unasked(uow, reader=reader, locale=locale, where=where)
            card = compose(notice, context, again=again)
            if card is None:
                return None
            return masked_card(_marked_late(card, written_at, context)), context.language.locale

    def _reader(self, to: Recipient, uow: UnitOfWork) -> tuple[Person, str]:
        if isinstance(to, int):
            person = uow.people.get(to)
            return person, person.locale
        bound = uow.bindings.of_channel(*to)
        return SYSTEM, bound.locale if bound else ""


def _marked_late(card: Card, written_at: datetime | None, context: Context) -> Card:
    if written_at is None or context.now - written_at < LATE:
        return card
    line = context.text("delivery.late", at=context.language.moment(written_at))
    return replace(card, footnote="\n".join(filter(None, (line, card.footnote))))


def compose(notice: Notice, context: Context, *, again: bool) -> Card | None:
    """The card for a notice, or None when what it told of is over."""
    if isinstance(notice, KeptNotices):
        return kept.kept_card(notice, context, compose, again=again)
    return CARDS[type(notice)](notice, context, again=again)


def open_kept(context: Context) -> Reply:
    """Button: a notice out of those that were told together."""
    return kept.open_kept(context, compose)


def more_kept(context: Context) -> Reply:
    """Button: those that had no room in the message."""
    return kept.more_kept(context, compose)
