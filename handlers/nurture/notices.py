"""Notices of nurture: entered by itself, time for a touch, and time for the review."""

from dataclasses import replace

from handlers.core.cards import card_of_lead
from handlers.core.context import Context
from handlers.core.ui import Card
from handlers.nurture.cards import content_sections, entered_card, review_card
from handlers.nurture.service import entered_by_itself
from handlers.response_clocks.cards import clock_notice
from handlers.stages.notices import look_again_card
from sales.clocks import ClockKind
from sales.errors import LeadNotFound
from sales.leads import Lead, Stage
from sales.notices import ClockCalls, EnteredNurture, LookAgain
from sales.people import SYSTEM


def entered_notice(notice: EnteredNurture, context: Context, *, again: bool) -> Card | None:
    """Card that a lead entered nurture; once it has left, the lead's card."""

    def draw(lead: Lead) -> Card | None:
        if entered_by_itself(lead, context):
            return entered_card(lead, context)
        return context.lead_card(lead) if again else None

    return card_of_lead(notice.lead_id, context, draw, again=again)


def touch_notice(notice: ClockCalls, context: Context, *, again: bool) -> Card | None:
    """Card of a response clock; for a touch, with what the library has to send."""
    card = clock_notice(notice, context, again=again)
    clock = context.uow.clocks(SYSTEM).get(notice.clock_id)
    if card is None or clock.kind is not ClockKind.TOUCH or not clock.is_waiting:
        return card
    try:
        lead = context.leads.get(clock.lead_id)
    except LeadNotFound:
        return card
    if not lead.is_open:
        return card
    return replace(card, sections=(*card.sections, *content_sections(lead, context)))


def review_notice(notice: LookAgain, context: Context, *, again: bool) -> Card | None:
    """Card of a lead to be looked at again: the review of an open one, or of a lost one."""

    def draw(lead: Lead) -> Card | None:
        if lead.stage is Stage.LOST or not lead.rests:
            return look_again_card(notice, context, again=again)
        return review_card(lead, context)

    return card_of_lead(notice.lead_id, context, draw, again=again)
