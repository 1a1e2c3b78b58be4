"""What a notice says when it is delivered: words in the reader's language, facts of now."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from handlers import access_card, digest, identity, owed, stages
from handlers.automation.card import run_card
from handlers.clock_card import clock_card, record_card
from handlers.enquiries import returned_card
from handlers.imports import card as imports
from handlers.language import Languages
from handlers.lead_card import lead_card, lead_gone_card
from handlers.leavers import brief as leavers
from handlers.library import sharing
from handlers.library import telling as library
from handlers.merging import merged_notice
from handlers.opportunity_card import opportunity_card
from handlers.pool import cards as pool
from handlers.quiet import kept
from handlers.quiet.kept import kept_card
from handlers.requests import Reply
from handlers.reveals import alert_card
from handlers.signal_lines import signal_card
from handlers.signing import signing_card
from handlers.sync import agenda as sync
from handlers.talk.saying import news_card
from handlers.turns import Turn
from handlers.ui import Button, Card
from sales.assignments import OfferState
from sales.clocks import ClockLevel
from sales.errors import LeadNotFound
from sales.leads import Lead
from sales.notices import (
    AccessAnswered,
    AccessAsked,
    AccountLinked,
    AutomationActed,
    BulkReveal,
    ClockCalls,
    CustomerReturned,
    CustomerSignalled,
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
    LookAgain,
    NewcomerJoined,
    Notice,
    OpportunityFound,
    PoolBrief,
    PoolReturnNear,
    RecordCall,
    RemarksMade,
    ReminderDue,
    SharingAnnounced,
    SigningReported,
    SyncDue,
    TaskAnswered,
    TaskGiven,
    TaskOverdue,
    WhoAreYou,
    WorkHandedOver,
)
from sales.people import SYSTEM, Person
from sales.permissions import may
from sales.ports import NewUnitOfWork, Recipient, UnitOfWork
from sales.signals import Effect
from sales.signing import Verdict


class Composer:
    """Turns a notice and its recipient into a card. Reads only."""

    def __init__(
        self, new_uow: NewUnitOfWork, languages: Languages, now: Callable[[], datetime]
    ) -> None:
        self._new_uow = new_uow
        self._languages = languages
        self._now = now

    def __call__(self, notice: Notice, to: Recipient, *, again: bool) -> tuple[Card, str] | None:
        """The card with its locale; None when there is nothing to say any more.

        ``again`` redraws a card that was posted before: then what is over is shown as over,
        while it would not be worth a new message.
        """
        with self._new_uow(read_only=True) as uow:
            reader, locale = self._reader(to, uow)
            turn = Turn.unasked(uow, self._languages, self._now(), reader=reader, locale=locale)
            card = compose(notice, turn, again=again)
            return None if card is None else (card, turn.language.locale)

    def _reader(self, to: Recipient, uow: UnitOfWork) -> tuple[Person, str]:
        if isinstance(to, int):
            person = uow.people.get(to)
            return person, person.locale
        bound = uow.bindings.of_channel(*to)
        return SYSTEM, bound.locale if bound else ""


def compose(notice: Notice, turn: Turn, *, again: bool) -> Card | None:
    """The card for a notice, or None when what it told of is over."""
    return CARDS[type(notice)](notice, turn, again=again)


def _of_lead(
    lead_id: int, turn: Turn, draw: Callable[[Lead], Card | None], *, again: bool
) -> Card | None:
    """A card of a lead; once the lead is somebody else's, nothing of it stays on a posted one."""
    try:
        lead = turn.leads.get(lead_id)
    except LeadNotFound:
        gone = turn.uow.leads(SYSTEM).get(lead_id)
        return lead_gone_card(gone, turn) if again else None
    card = draw(lead)
    return card and replace(card, thread=lead.subject)


def _offered(notice: LeadOffered, turn: Turn, *, again: bool) -> Card | None:
    offer = turn.uow.offers.get(notice.offer_id)
    over = offer.state not in (OfferState.OPEN, OfferState.ACCEPTED)
    if over and not again:
        return None
    return _of_lead(offer.lead_id, turn, lambda lead: lead_card(lead, turn), again=again)


def _unclaimed(notice: LeadUnclaimed, turn: Turn, *, again: bool) -> Card | None:
    return _of_lead(notice.lead_id, turn, lambda lead: lead_card(lead, turn), again=again)


def _look_again(notice: LookAgain, turn: Turn, *, again: bool) -> Card | None:
    def draw(lead: Lead) -> Card:
        return stages.look_again_card(lead, turn) if lead.rests else lead_card(lead, turn)

    return _of_lead(notice.lead_id, turn, draw, again=again)


def _returned(notice: CustomerReturned, turn: Turn, *, again: bool) -> Card | None:
    enquiry = turn.uow.enquiries.get(notice.enquiry_id)
    return _of_lead(
        enquiry.lead_id, turn, lambda lead: returned_card(enquiry, lead, turn), again=again
    )


def _signalled(notice: CustomerSignalled, turn: Turn, *, again: bool) -> Card | None:
    """While what it says still holds; the card of a lead that cooled down is the lead's."""
    signal = turn.uow.signals(SYSTEM).get(notice.signal_id)

    def draw(lead: Lead) -> Card | None:
        if signal.effect is Effect.HOT and lead.hot_since is None:
            return lead_card(lead, turn) if again else None
        return signal_card(signal, lead, turn)

    return _of_lead(signal.lead_id, turn, draw, again=again)


def _talk(notice: RemarksMade, turn: Turn, *, again: bool) -> Card | None:
    def draw(lead: Lead) -> Card | None:
        return news_card(notice, lead, turn)

    return _of_lead(notice.lead_id, turn, draw, again=again)


def _automation(notice: AutomationActed, turn: Turn, *, again: bool) -> Card | None:
    run = turn.uow.automations.get(notice.run_id)
    if run.overruled_at and not again:
        return None
    return _of_lead(run.lead_id, turn, lambda lead: run_card(run, lead, turn), again=again)


def _opportunity(notice: OpportunityFound, turn: Turn, *, again: bool) -> Card | None:
    opportunity = turn.uow.opportunities(SYSTEM).get(notice.opportunity_id)
    if not opportunity.is_open and not again:
        return None

    def draw(_customer: Lead) -> Card:
        return opportunity_card(opportunity, turn)

    return _of_lead(opportunity.lead_id, turn, draw, again=again)


def _signing(notice: SigningReported, turn: Turn, *, again: bool) -> Card | None:
    """Once a person has said which amount is right, the card is the lead's."""
    signing = turn.uow.signings(SYSTEM).get(notice.signing_id)

    def draw(lead: Lead) -> Card:
        settled = signing.verdict is Verdict.SETTLED
        return lead_card(lead, turn) if settled else signing_card(signing, lead, turn)

    return _of_lead(signing.lead_id, turn, draw, again=again)


def _clock(notice: ClockCalls | RecordCall, turn: Turn, *, again: bool) -> Card | None:
    clock = turn.uow.clocks(SYSTEM).get(notice.clock_id)

    def draw(lead: Lead) -> Card | None:
        if not clock.is_waiting and not again:
            return None
        if isinstance(notice, RecordCall):
            return record_card(clock, lead, notice.late_minutes, turn)
        return clock_card(clock, lead, ClockLevel(notice.level), notice.late_minutes, turn)

    return _of_lead(clock.lead_id, turn, draw, again=again)


def _weekly(notice: DigestReady | SyncDue, turn: Turn, **_again: bool) -> Card | None:
    weekly_card = digest.weekly_card if isinstance(notice, DigestReady) else sync.weekly_card
    return weekly_card(notice.team_id, notice.week, turn)


def _newcomer(notice: NewcomerJoined, turn: Turn, **_again: bool) -> Card | None:
    if not may(turn.actor, "people.edit"):
        return None
    person = turn.uow.people.get(notice.person_id)
    return Card(
        title=turn.text("newcomer.title", name=person.name),
        body=turn.text("newcomer.body"),
        buttons=(
            Button(
                "people.edit", turn.text("button.edit_person", name=person.name), str(person.id)
            ),
        ),
    )


def _kept(notice: KeptNotices, turn: Turn, *, again: bool) -> Card | None:
    return kept_card(notice, turn, lambda one, turn: compose(one, turn, again=again))


def open_kept(turn: Turn) -> Reply:
    """Button: a notice out of those that were kept for the morning."""
    return kept.open_kept(turn, lambda one, turn: compose(one, turn, again=True))


class Composing(Protocol):
    """The card of one kind of notice, as ``compose`` gives it."""

    def __call__(self, notice: Any, turn: Turn, /, *, again: bool) -> Card | None: ...


CARDS: Mapping[type[Notice], Composing] = {
    LeadOffered: _offered,
    LeadUnclaimed: _unclaimed,
    ReminderDue: owed.reminder,
    FollowUpOverdue: owed.reminder,
    AutomationActed: _automation,
    ClockCalls: _clock,
    RecordCall: _clock,
    LookAgain: _look_again,
    CustomerReturned: _returned,
    AccessAsked: access_card.asked,
    AccessAnswered: access_card.answered,
    LeadsMerged: merged_notice,
    BulkReveal: alert_card,
    CustomerSignalled: _signalled,
    OpportunityFound: _opportunity,
    SigningReported: _signing,
    TaskGiven: owed.task,
    TaskOverdue: owed.task,
    TaskAnswered: owed.task,
    WorkHandedOver: leavers.brief_card,
    PoolReturnNear: pool.near_card,
    LeadPooled: pool.pooled_card,
    PoolBrief: pool.brief_card,
    ItemProposed: library.item_notice,
    ItemDecided: library.item_notice,
    RemarksMade: _talk,
    SharingAnnounced: sharing.announcement,
    DigestReady: _weekly,
    SyncDue: _weekly,
    ImportUnderWay: imports.noticed,
    ImportReady: imports.noticed,
    LeadsImported: imports.told_owner,
    LeadsPooled: imports.told_leader,
    KeptNotices: _kept,
    NewcomerJoined: _newcomer,
    AccountLinked: identity.linked_card,
    WhoAreYou: identity.who_card,
    IdentityClaimed: identity.claim_card,
}
"""Every notice but ``CardChanged``: delivery composes the one that posted the card."""
