"""Small cards that several subjects use."""

from collections.abc import Callable
from dataclasses import replace

from handlers.core.context import Context
from handlers.core.labels import home_button
from handlers.core.ui import Card
from sales.errors import LeadNotFound
from sales.leads import Lead
from sales.people import SYSTEM


def lead_gone_card(lead: Lead, context: Context, subject: str = "") -> Card:
    """What replaces a card about a lead once the lead belongs to somebody else. Reveals nothing of
    the lead. ``subject`` is the card's, if that was about the lead's next step."""
    return Card(
        title=context.text("lead.gone_title", lead=lead.number),
        body=context.text("lead.gone"),
        buttons=(home_button(context),),
        subject=subject or lead.subject,
    )


def card_of_lead(
    lead_id: int, context: Context, draw: Callable[[Lead], Card | None], *, again: bool
) -> Card | None:
    """Draw a card about a lead; a card posted before is blanked once the lead is somebody
    else's."""
    try:
        lead = context.leads.get(lead_id)
    except LeadNotFound:
        gone = context.uow.leads(SYSTEM).get(lead_id)
        return lead_gone_card(gone, context) if again else None
    card = draw(lead)
    return card and replace(card, thread=lead.subject)
