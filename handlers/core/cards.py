"""Small cards that several subjects show."""

from handlers.core.context import Context
from handlers.core.labels import home_button
from handlers.core.ui import Card
from sales.leads import Lead


def lead_gone_card(lead: Lead, context: Context, subject: str = "") -> Card:
    """What stays of a card of a lead, or of its next step (``subject``), once the lead belongs
    to somebody else: nothing of the lead."""
    return Card(
        title=context.text("lead.gone_title", lead=lead.number),
        body=context.text("lead.gone"),
        buttons=(home_button(context),),
        subject=subject or lead.subject,
    )
