"""Cards for offers: a lead offered to somebody, and a lead that nobody has taken."""

from handlers.core.cards import card_of_lead
from handlers.core.context import Context
from handlers.core.ui import Card
from sales.assignments import OfferState
from sales.notices import LeadOffered, LeadUnclaimed


def offered_card(notice: LeadOffered, context: Context, *, again: bool) -> Card | None:
    offer = context.uow.offers.get(notice.offer_id)
    over = offer.state not in (OfferState.OPEN, OfferState.ACCEPTED)
    if over and not again:
        return None
    return card_of_lead(offer.lead_id, context, context.lead_card, again=again)


def unclaimed_card(notice: LeadUnclaimed, context: Context, *, again: bool) -> Card | None:
    return card_of_lead(notice.lead_id, context, context.lead_card, again=again)
