"""``/people``: who is in the team, in which role, and who is away."""

from dataclasses import replace
from datetime import date

from handlers.core.context import Context
from handlers.core.labels import enum_label
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Date, Form, Section, Table
from handlers.followups.next_step import read_day
from handlers.handover_of_work.actions import expect_hand_over, hand_over_button, left_card
from handlers.people.admission import newcomers_section
from handlers.people.forms import (
    back_on,
    changeable,
    may_change,
    person_form,
    read_person,
    save_contacts,
)
from handlers.tasks.handover import review_tasks
from sales.people import SYSTEM, Person, Role
from sales.permissions import may

SHOWN = 20


def open_people(context: Context) -> Reply:
    """The people one may see; a leader can change them, everybody can say they are away."""
    wanted = context.request.text.strip().lower()
    people = [p for p in _visible(context) if wanted in p.name.lower()]
    people.sort(key=lambda person: not person.active)
    shown = people[:SHOWN]
    here = _table([p for p in shown if p.active], "", context)
    left = _table([p for p in shown if not p.active], context.text("people.left"), context)
    footnote = context.text("people.more", n=len(people) - SHOWN) if len(people) > SHOWN else ""
    return Reply(
        card=Card(
            title=context.text("people.title"),
            sections=(*newcomers_section(context), *here, *left),
            body="" if shown else context.text("people.none", text=wanted[:40]),
            buttons=(Button("people.away", context.text("button.away")), *_for_leaders(context)),
            footnote=footnote,
        )
    )


def _table(people: list[Person], heading: str, context: Context) -> tuple[Section, ...]:
    """Some people in rows, with what the actor may do about them."""
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
    )


def edit(context: Context) -> Reply:
    """Button: the form for one person."""
    return Reply(form=person_form(changeable(context.pressed, context), context))


def save(context: Context) -> Reply:
    """Form: change a person; every change of rights is on record."""
    context.uow.people.hold()
    person = changeable(context.pressed, context)
    changed, contacts = read_person(person, context)
    context.uow.people.save(changed)
    save_contacts(changed, contacts, context)
    detail = {"role": changed.role, "team": str(changed.team_id), "active": str(changed.active)}
    context.uow.audit.record(context.actor, "people.save", f"person:{person.id}", detail)
    context.uow.leads(SYSTEM).follow(changed)
    tasks = context.uow.tasks(SYSTEM)
    review_tasks(tasks.open_of(changed.id), context)
    review_tasks(tasks.open_for_leads_of(changed.id), context)
    left = expect_hand_over(changed, context)
    key = "people.saved_with_leads" if left else "people.saved"
    return Reply(
        toast=context.text(key, name=changed.name, n=left),
        update=open_people(context).card,
        card=left_card(changed, left, context) if left else None,
    )


def add(context: Context) -> Reply:
    """Button: a colleague who has not written to the bot yet."""
    return Reply(form=person_form(_newcomer(context), context))


def create(context: Context) -> Reply:
    """Form: somebody is expected; by phone or e-mail they are known when they come. Until then
    nothing is given to them."""
    context.uow.people.hold()
    read, contacts = read_person(_newcomer(context), context)
    person = context.uow.people.add(read)
    save_contacts(person, contacts, context)
    detail = {"role": person.role, "team": str(person.team_id)}
    context.uow.audit.record(context.actor, "people.create", f"person:{person.id}", detail)
    return Reply(
        toast=context.text("people.added", name=person.name), update=open_people(context).card
    )


def _newcomer(context: Context) -> Person:
    return Person(name="", role=Role.REP, team_id=context.actor.team_id, has_account=False)


def away(context: Context) -> Reply:
    """Button: I am away; until when?"""
    field = Date(
        name="back_on",
        label=context.text("people.back_on"),
        hint=context.text("people.back_hint"),
        value=back_on(context.actor, context),
    )
    return Reply(
        form=Form(
            action="people.leave",
            title=context.text("people.away_title"),
            intro=context.text("people.away_intro"),
            fields=(field,),
            submit=context.text("button.save"),
            cancel=context.text("button.cancel"),
        )
    )


def leave(context: Context) -> Reply:
    """Form: no new leads until that day; empty means back at work."""
    back = read_day("back_on", context)
    context.uow.people.hold()
    context.uow.people.save(replace(context.uow.people.get(context.actor.id), away_until=back))
    if back is None or back <= context.today:
        return Reply(toast=context.text("people.here"))
    return Reply(toast=context.text("people.away_saved", day=context.language.day(back)))


def _visible(context: Context) -> list[Person]:
    if context.actor.role is Role.ADMIN:
        return context.uow.people.everyone()
    # Who left stays in sight of the team's leader, who can bring them back.
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
