"""Options for choosing leads and people, for the forms of every subject."""

from handlers.core.context import Context
from handlers.core.labels import enum_label, lead_title
from handlers.core.ui import Option
from sales.leads import Lead
from sales.people import Person, Role


def lead_options(context: Context, matching: str = "", limit: int = 20) -> tuple[Option, ...]:
    """The person's open leads, most urgent first."""
    leads = context.leads.most_urgent(matching.strip(), limit)
    return tuple(lead_option(lead) for lead in leads)


def lead_option(lead: Lead) -> Option:
    return Option(lead.number, lead_title(lead)[:75])


def assignable(context: Context) -> list[Person]:
    """The people a leader may assign a lead to: available sellers, of their own team or (for
    admins) all."""
    people = context.uow.people.everyone()
    everyone = [person for person in people if person.sells and person.is_there(context.today)]
    if context.actor.role is Role.ADMIN:
        return everyone
    return [person for person in everyone if person.team_id == context.actor.team_id]


def person_option(person: Person, context: Context) -> Option:
    role = enum_label(person.role, context.language)
    return Option(str(person.id), f"{person.name[:45]} · {role}")
