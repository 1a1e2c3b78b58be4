"""``/import owners``: give leads of imports to the people whose names were kept for them."""

from collections.abc import Mapping, Sequence
from typing import Final

from handlers.assignment.service import give_to
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.replies import Reply
from handlers.core.ui import Choice, Form, Option
from sales.assignments import Why
from sales.imports.headings import plain
from sales.people import Person, Role

MOST_NAMES: Final = 40
MOST_AT_ONCE: Final = 300
"""Leads that one press gives; more of them follow with the next."""


def ask(context: Context) -> Reply:
    """Button: whose leads are those that are only kept under a name?"""
    kept = _asked(context)
    if not kept:
        return Reply(toast=context.text("import.no_names"))
    people = _people(context)
    options = (Option("none", context.text("import.name_stays")),
               *(Option(str(person.id), person.name[:75]) for person in people))  # fmt: skip
    fields = tuple(
        Choice(
            name=f"name_{place}",
            label=context.text("import.owner_rows", name=name[:50], n=len(leads)),
            required=True,
            options=options,
            value=_like(name, people),
        )
        for place, (name, leads) in enumerate(kept.items())
    )
    return Reply(
        form=Form(
            action="import.entrust",
            title=context.text("import.owners_title"),
            intro=context.text("import.adopt_intro"),
            fields=fields,
            submit=context.text("import.adopt"),
            cancel=context.text("button.cancel"),
            state={f"name_{place}": name for place, name in enumerate(kept)},
        )
    )


def save(context: Context) -> Reply:
    """Form: give them the leads. A name that somebody else has given meanwhile is left as it is."""
    kept, people = _asked(context), {str(person.id): person for person in _people(context)}
    asked = {key: name for key, name in context.request.state.items() if name in kept}
    with FormReader(context) as form:
        chosen = {name: form.one_of(key, ("none", *people), empty="none")
                  for key, name in asked.items()}  # fmt: skip
    given = 0
    for name, answer in chosen.items():
        if person := people.get(answer):
            given += _give(kept[name][: MOST_AT_ONCE - given], person, context)
    left = sum(len(kept[name]) for name, answer in chosen.items() if answer in people) - given
    key = "import.adopted_some" if left else "import.adopted"
    return Reply(toast=context.text(key, n=given, left=left))


def _give(lead_ids: Sequence[int], person: Person, context: Context) -> int:
    given = 0
    leads = context.uow.leads(context.actor)
    for lead_id in lead_ids:
        lead = leads.get(lead_id)
        if lead.owner_id is None:
            give_to(lead, person, Why("chosen", context.actor.name), context)
            detail = {"to": str(person.id)}
            context.uow.audit.record(context.actor, "lead.assign", lead.subject, detail)
            given += 1
    return given


def _asked(context: Context) -> Mapping[str, Sequence[int]]:
    """The names that are asked about, those of most leads first."""
    team = None if context.actor.role is Role.ADMIN else context.actor.team_id
    kept = context.uow.imports(context.actor).kept_names(team)
    names = sorted(kept, key=lambda name: (-len(kept[name]), name))[:MOST_NAMES]
    return {name: kept[name] for name in names}


def _people(context: Context) -> list[Person]:
    everyone = context.uow.people.everyone()
    return [one for one in everyone if one.active and one.sells and _within(one, context)][:90]


def _within(person: Person, context: Context) -> bool:
    return context.actor.role is Role.ADMIN or person.team_id == context.actor.team_id


def _like(name: str, people: Sequence[Person]) -> str:
    """The person of that name, who may have come since."""
    last, comma, first = name.partition(",")
    names = {plain(name), plain(f"{first} {last}") if comma else plain(name)}
    return next((str(one.id) for one in people if plain(one.name) in names), "none")
