"""Colleagues who work on a lead beside its owner: they do as long as it is that owner's."""

from handlers.core.context import Turn
from handlers.core.recipients import who_answers_for
from sales.errors import OthersDecide
from sales.leads import Lead
from sales.notices import SharingEnded
from sales.people import SYSTEM
from sales.permissions import may_decide_on


def end_sharing(lead: Lead, turn: Turn) -> None:
    """The lead is not its owner's any more: what the owner shared ends with that, and each hears
    of it; who has it next can share it again."""
    for person_id in turn.uow.access.collaborators(lead.id):
        end_share(lead, person_id, turn)
        if person_id != turn.actor.id:
            turn.uow.outbox.add(SharingEnded(lead.id), person_id)


def end_share(lead: Lead, person_id: int, turn: Turn) -> None:
    """One colleague does not work on the lead any more."""
    turn.uow.access.end(lead.id, person_id)
    detail = {"person": str(person_id)}
    turn.uow.audit.record(turn.actor, "access.end", lead.subject, detail)
    close_previews(lead, turn)


def close_previews(lead: Lead, turn: Turn) -> None:
    """A link by which somebody looked at a proposal shows nothing to who lost the lead; who has
    it still makes another."""
    turn.uow.proposals(SYSTEM).close_previews(lead.id, turn.now)


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
