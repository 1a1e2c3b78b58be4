"""Guards that several subjects share: who may decide on a lead or change a person."""

from handlers.core.context import Context
from handlers.core.recipients import people_responsible_for
from handlers.core.requests import record_id
from sales.errors import NotAllowed, OthersDecide, PersonNotFound
from sales.leads import Lead
from sales.people import Person, Role
from sales.permissions import may_decide_on


def lead_to_decide(lead_id: int, context: Context) -> Lead:
    """The lead, locked, for an actor who may decide on it. Raises LeadNotFound or OthersDecide."""
    lead = context.leads.get(lead_id)
    decides_on(lead, context)
    return lead


def decides_on(lead: Lead, context: Context) -> None:
    """Raise OthersDecide, naming the people who may, unless the actor may decide on the lead."""
    if not may_decide_on(context.actor, lead):
        names = [person.name for person in people_responsible_for(lead, context)]
        raise OthersDecide(lead=lead.number, who=context.language.listing(names))


def may_change(actor: Person, person: Person) -> bool:
    """Admins may change anybody; managers the reps of their own team."""
    if actor.role is Role.ADMIN:
        return True
    return (
        actor.role is Role.MANAGER and person.team_id == actor.team_id and person.role is Role.REP
    )


def changeable(value: str, context: Context) -> Person:
    """The person on a button, whom the actor may change. Raises PersonNotFound or NotAllowed."""
    person_id = record_id(value)
    if person_id is None:
        raise PersonNotFound
    person = context.uow.people.get(person_id)
    if not may_change(context.actor, person):
        raise NotAllowed(roles=[Role.ADMIN])
    return person
