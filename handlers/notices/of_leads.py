"""The cards of notices about one lead, as its reader may see it now."""

from collections.abc import Callable
from dataclasses import replace

from handlers import stages
from handlers.automation.card import run_card
from handlers.clock_card import clock_card, record_card
from handlers.enquiries import returned_card
from handlers.lead_card import lead_card, lead_gone_card
from handlers.opportunity_card import opportunity_card
from handlers.signal_lines import signal_card
from handlers.signing import signing_card
from handlers.talk.saying import news_card
from handlers.turns import Turn
from handlers.ui import Card
from sales.assignments import OfferState
from sales.clocks import ClockLevel
from sales.contract_signed import Verdict
from sales.errors import LeadNotFound
from sales.leads import Lead
from sales.notices import (
    AutomationActed,
    ClockCalls,
    CustomerReturned,
    CustomerSignalled,
    LeadOffered,
    LeadUnclaimed,
    LookAgain,
    OpportunityFound,
    RecordCall,
    RemarksMade,
    SigningReported,
)
from sales.people import SYSTEM
from sales.signals import Effect


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


def offered(notice: LeadOffered, turn: Turn, *, again: bool) -> Card | None:
    offer = turn.uow.offers.get(notice.offer_id)
    over = offer.state not in (OfferState.OPEN, OfferState.ACCEPTED)
    if over and not again:
        return None
    return _of_lead(offer.lead_id, turn, lambda lead: lead_card(lead, turn), again=again)


def unclaimed(notice: LeadUnclaimed, turn: Turn, *, again: bool) -> Card | None:
    return _of_lead(notice.lead_id, turn, lambda lead: lead_card(lead, turn), again=again)


def look_again(notice: LookAgain, turn: Turn, *, again: bool) -> Card | None:
    def draw(lead: Lead) -> Card:
        return stages.look_again_card(lead, turn) if lead.rests else lead_card(lead, turn)

    return _of_lead(notice.lead_id, turn, draw, again=again)


def returned(notice: CustomerReturned, turn: Turn, *, again: bool) -> Card | None:
    enquiry = turn.uow.enquiries.get(notice.enquiry_id)
    return _of_lead(
        enquiry.lead_id, turn, lambda lead: returned_card(enquiry, lead, turn), again=again
    )


def signalled(notice: CustomerSignalled, turn: Turn, *, again: bool) -> Card | None:
    """While what it says still holds; the card of a lead that cooled down is the lead's."""
    signal = turn.uow.signals(SYSTEM).get(notice.signal_id)

    def draw(lead: Lead) -> Card | None:
        if signal.effect is Effect.HOT and lead.hot_since is None:
            return lead_card(lead, turn) if again else None
        return signal_card(signal, lead, turn)

    return _of_lead(signal.lead_id, turn, draw, again=again)


def talk(notice: RemarksMade, turn: Turn, *, again: bool) -> Card | None:
    def draw(lead: Lead) -> Card | None:
        return news_card(notice, lead, turn)

    return _of_lead(notice.lead_id, turn, draw, again=again)


def automation(notice: AutomationActed, turn: Turn, *, again: bool) -> Card | None:
    run = turn.uow.automations.get(notice.run_id)
    if run.overruled_at and not again:
        return None
    return _of_lead(run.lead_id, turn, lambda lead: run_card(run, lead, turn), again=again)


def opportunity(notice: OpportunityFound, turn: Turn, *, again: bool) -> Card | None:
    opportunity = turn.uow.opportunities(SYSTEM).get(notice.opportunity_id)
    if not opportunity.is_open and not again:
        return None

    def draw(_customer: Lead) -> Card:
        return opportunity_card(opportunity, turn)

    return _of_lead(opportunity.lead_id, turn, draw, again=again)


def signing(notice: SigningReported, turn: Turn, *, again: bool) -> Card | None:
    """Once a person has said which amount is right, the card is the lead's."""
    signing = turn.uow.signings(SYSTEM).get(notice.signing_id)

    def draw(lead: Lead) -> Card:
        settled = signing.verdict is Verdict.SETTLED
        return lead_card(lead, turn) if settled else signing_card(signing, lead, turn)

    return _of_lead(signing.lead_id, turn, draw, again=again)


def clock(notice: ClockCalls | RecordCall, turn: Turn, *, again: bool) -> Card | None:
    clock = turn.uow.clocks(SYSTEM).get(notice.clock_id)

    def draw(lead: Lead) -> Card | None:
        if not clock.is_waiting and not again:
            return None
        if isinstance(notice, RecordCall):
            return record_card(clock, lead, notice.late_minutes, turn)
        return clock_card(clock, lead, ClockLevel(notice.level), notice.late_minutes, turn)

    return _of_lead(clock.lead_id, turn, draw, again=again)
