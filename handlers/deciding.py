"""Who only works on a lead beside its owner does not decide whose it is: refused in one place."""

from handlers.telling import who_answers_for
from handlers.turns import Turn
from sales.errors import OthersDecide
from sales.leads import Lead
from sales.permissions import may_decide_on


def lead_to_decide(lead_id: int, turn: Turn) -> Lead:
    """The lead, held, if the actor decides on it. Raises LeadNotFound, or OthersDecide."""
    lead = turn.leads.get(lead_id)
    decides_on(lead, turn)
    return lead


def decides_on(lead: Lead, turn: Turn) -> None:
    """Raises OthersDecide, which names who does."""
    if not may_decide_on(turn.actor, lead):
        names = [person.name for person in who_answers_for(lead, turn)]
        raise OthersDecide(lead=lead.number, who=turn.language.listing(names))
