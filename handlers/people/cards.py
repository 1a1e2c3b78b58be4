"""Card of the company's people and of newcomers who wait to be let in."""

from datetime import date

from handlers.core.context import Context
from handlers.core.guards import may_change
from handlers.core.labels import enum_label
from handlers.core.ui import Button, Card, Section, Table
from handlers.people.leaving import hand_over_button
from sales.newcomers import NewcomerState
from sales.people import Person, Role
from sales.permissions import may

PEOPLE_SHOWN = 20
NEWCOMERS_SHOWN = 10


def people_card(context: Context) -> Card:
    """List the people the actor may see; leaders can edit them, everybody can report an absence."""
    query = context.request.text.strip().lower()
    people = [p for p in visible_people(context) if query in p.name.lower()]
    people.sort(key=lambda person: not person.active)
    shown = people[:PEOPLE_SHOWN]
    here = _table([p for p in shown if p.active], "", context)
    left = _table([p for p in shown if not p.active], context.text("people.left"), context)
    footnote = (
        context.text("people.more", n=len(people) - PEOPLE_SHOWN)
        if len(people) > PEOPLE_SHOWN
        else ""
    )
    return Card(
        title=context.text("people.title"),
        sections=(*newcomers_section(context), *here, *left),
        body="" if shown else context.text("people.none", text=query[:40]),
        buttons=(Button("people.away", context.text("button.away")), *_for_leaders(context)),
        footnote=footnote,
    )


def _table(people: list[Person], heading: str, context: Context) -> tuple[Section, ...]:
    """Table rows of people, with the actions the actor may take."""
    if not people:
        return ()
    teams = {team.id: team.name for team in context.uow.people.teams()}
    rows = tuple(
        (
            p.name,
            enum_label(p.role, context.language),
            teams.get(p.team_id, "—"),
            _presence(p, context),
        )
        for p in people
    )
    columns = tuple(context.text(f"people.{name}") for name in ("name", "role", "team", "presence"))
    buttons = tuple(
        button
        for p in people
        if may_change(context.actor, p)
        for button in (
            Button("people.edit", context.text("button.edit_person", name=p.name), str(p.id)),
            *hand_over_button(p, context),
        )
    )
    return (Section(heading, table=Table(columns, rows), buttons=buttons),)


def _for_leaders(context: Context) -> tuple[Button, ...]:
    if not may(context.actor, "reveals.show"):
        return ()
    reveals = Button("reveals.show", context.text("button.reveals"))
    if not may(context.actor, "people.add"):
        return (reveals,)
    return (
        Button("people.add", context.text("button.add_person")),
        reveals,
        Button("identity.ask", context.text("button.join_people")),
        Button("erasure.overview", context.text("button.erasures")),
    )


def visible_people(context: Context) -> list[Person]:
    """The people that the actor may know of: their team, or everybody for admins."""
    if context.actor.role is Role.ADMIN:
        return context.uow.people.everyone()
    # People who left stay visible to the team's leader, who can bring them back.
    leads = context.actor.role is Role.MANAGER
    return [
        person
        for person in context.uow.people.everyone()
        if person.team_id == context.actor.team_id and (person.active or leads)
    ]


def _presence(person: Person, context: Context) -> str:
    if not person.active:
        return context.text("people.inactive")
    if not person.has_account:
        return context.text("people.expected")
    if person.unreachable:
        return context.text("people.unreachable")
    back: date | None = person.away_until
    if back and back > context.today:
        return context.text("people.away_to", day=context.language.day(back))
    return context.text("people.there")


def newcomers_section(context: Context) -> tuple[Section, ...]:
    """Section for ``/people``: newcomers who wait, and newcomers who were refused."""
    if not may(context.actor, "newcomer.admit"):
        return ()
    shown = []
    for state in (NewcomerState.WAITING, NewcomerState.REFUSED):
        newcomers = context.uow.newcomers.in_state(state, NEWCOMERS_SHOWN)
        lines = tuple(
            context.text(
                "newcomer.line",
                name=newcomer.name,
                platform=platform_name(newcomer.platform, context),
                at=context.language.moment(newcomer.asked_at),
            )
            for newcomer in newcomers
        )
        buttons = tuple(
            Button(
                "newcomer.show",
                context.text("button.decide", name=newcomer.name)[:75],
                str(newcomer.id),
            )
            for newcomer in newcomers
        )
        if newcomers:
            shown.append(Section(context.text(f"newcomer.section_{state}"), lines, buttons=buttons))
    return tuple(shown)


def platform_name(platform: str, context: Context) -> str:
    """The common name of a platform."""
    key = f"identity.on_{platform}"
    return context.text(key) if context.language.has(key) else platform
