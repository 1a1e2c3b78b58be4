"""Refusals that several subjects share: who decides on a lead."""

from handlers.core.context import Context
from handlers.core.recipients import who_answers_for
from sales.errors import OthersDecide
from sales.leads import Lead
from sales.permissions import may_decide_on


def lead_to_decide(lead_id: int, context: Context) -> Lead:
    """The lead, held, if the actor decides on it. Raises LeadNotFound, or OthersDecide."""
    lead = context.leads.get(lead_id)
    decides_on(lead, context)
    return lead


def decides_on(lead: Lead, context: Context) -> None:
    """Raises OthersDecide, which names who does."""
    if not may_decide_on(context.actor, lead):
        names = [person.name for person in who_answers_for(lead, context)]
        raise OthersDecide(lead=lead.number, who=context.language.listing(names))
