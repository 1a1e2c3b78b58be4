"""Small cards that several subjects show."""

from collections.abc import Callable
from dataclasses import replace

from handlers.core.context import Context
from handlers.core.labels import home_button
from handlers.core.ui import Card
from sales.errors import LeadNotFound
from sales.leads import Lead
from sales.people import SYSTEM


def lead_gone_card(lead: Lead, context: Context, subject: str = "") -> Card:
    """What stays of a card of a lead, or of its next step (``subject``), once the lead belongs
    to somebody else: nothing of the lead."""
    return Card(
        title=context.text("lead.gone_title", lead=lead.number),
        body=context.text("lead.gone"),
        buttons=(home_button(context),),
        subject=subject or lead.subject,
    )


def card_of_lead(
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
