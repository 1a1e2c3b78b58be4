"""Why a lead went to somebody, in words."""

from handlers.core.cards import card_of_lead
from handlers.core.context import Context
from handlers.core.language import Language
from handlers.core.ui import Card
from sales.assignments import OfferState, Why
from sales.notices import LeadOffered, LeadUnclaimed


def why_text(why: Why, language: Language, name: str = "") -> str:
    """Why this person got the lead, with everybody who was passed over and why.

    Speaks to the person, or of them when their ``name`` is given.
    """
    reason = language.text(f"why.{why.reason}", rule=why.rule)
    text = language.text("why.them" if name else "why.you", why=reason, name=name)
    if not why.skipped:
        return text
    skipped = [
        language.text("why.skipped_one", name=name, reason=language.text(f"why.skip_{reason}"))
        for name, reason in why.skipped
    ]
    return text + language.text("why.skipped", people=language.listing(skipped))


def offered_card(notice: LeadOffered, context: Context, *, again: bool) -> Card | None:
    offer = context.uow.offers.get(notice.offer_id)
    over = offer.state not in (OfferState.OPEN, OfferState.ACCEPTED)
    if over and not again:
        return None
    return card_of_lead(offer.lead_id, context, context.lead_card, again=again)


def unclaimed_card(notice: LeadUnclaimed, context: Context, *, again: bool) -> Card | None:
    return card_of_lead(notice.lead_id, context, context.lead_card, again=again)
