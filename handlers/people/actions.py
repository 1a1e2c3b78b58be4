"""``/people``: who is in the team, in which role, and who is away."""

from dataclasses import replace
from datetime import date

from handlers.core.context import Turn
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


def open_people(turn: Turn) -> Reply:
    """The people one may see; a leader can change them, everybody can say they are away."""
    wanted = turn.request.text.strip().lower()
    people = [p for p in _visible(turn) if wanted in p.name.lower()]
    people.sort(key=lambda person: not person.active)
    shown = people[:SHOWN]
    here = _table([p for p in shown if p.active], "", turn)
    left = _table([p for p in shown if not p.active], turn.text("people.left"), turn)
    footnote = turn.text("people.more", n=len(people) - SHOWN) if len(people) > SHOWN else ""
    return Reply(
        card=Card(
            title=turn.text("people.title"),
            sections=(*newcomers_section(turn), *here, *left),
            body="" if shown else turn.text("people.none", text=wanted[:40]),
            buttons=(Button("people.away", turn.text("button.away")), *_for_leaders(turn)),
            footnote=footnote,
        )
    )


def _table(people: list[Person], heading: str, turn: Turn) -> tuple[Section, ...]:
    """Some people in rows, with what the actor may do about them."""
    if not people:
        return ()
    teams = {team.id: team.name for team in turn.uow.people.teams()}
    rows = tuple(
        (p.name, enum_label(p.role, turn.language), teams.get(p.team_id, "—"), _presence(p, turn))
        for p in people
    )
    columns = tuple(turn.text(f"people.{name}") for name in ("name", "role", "team", "presence"))
    buttons = tuple(
        button
        for p in people
        if may_change(turn.actor, p)
        for button in (
            Button("people.edit", turn.text("button.edit_person", name=p.name), str(p.id)),
            *hand_over_button(p, turn),
        )
    )
    return (Section(heading, table=Table(columns, rows), buttons=buttons),)


def _for_leaders(turn: Turn) -> tuple[Button, ...]:
    if not may(turn.actor, "reveals.show"):
        return ()
    reveals = Button("reveals.show", turn.text("button.reveals"))
    if not may(turn.actor, "people.add"):
        return (reveals,)
    return (
        Button("people.add", turn.text("button.add_person")),
        reveals,
        Button("identity.ask", turn.text("button.join_people")),
    )


def edit(turn: Turn) -> Reply:
    """Button: the form for one person."""
    return Reply(form=person_form(changeable(turn.pressed, turn), turn))


def save(turn: Turn) -> Reply:
    """Form: change a person; every change of rights is on record."""
    turn.uow.people.hold()
    person = changeable(turn.pressed, turn)
    changed, contacts = read_person(person, turn)
    turn.uow.people.save(changed)
    save_contacts(changed, contacts, turn)
    detail = {"role": changed.role, "team": str(changed.team_id), "active": str(changed.active)}
    turn.uow.audit.record(turn.actor, "people.save", f"person:{person.id}", detail)
    turn.uow.leads(SYSTEM).follow(changed)
    tasks = turn.uow.tasks(SYSTEM)
    review_tasks(tasks.open_of(changed.id), turn)
    review_tasks(tasks.open_for_leads_of(changed.id), turn)
    left = expect_hand_over(changed, turn)
    key = "people.saved_with_leads" if left else "people.saved"
    return Reply(
        toast=turn.text(key, name=changed.name, n=left),
        update=open_people(turn).card,
        card=left_card(changed, left, turn) if left else None,
    )


def add(turn: Turn) -> Reply:
    """Button: a colleague who has not written to the bot yet."""
    return Reply(form=person_form(_newcomer(turn), turn))


def create(turn: Turn) -> Reply:
    """Form: somebody is expected; by phone or e-mail they are known when they come. Until then
    nothing is given to them."""
    turn.uow.people.hold()
    read, contacts = read_person(_newcomer(turn), turn)
    person = turn.uow.people.add(read)
    save_contacts(person, contacts, turn)
    detail = {"role": person.role, "team": str(person.team_id)}
    turn.uow.audit.record(turn.actor, "people.create", f"person:{person.id}", detail)
    return Reply(toast=turn.text("people.added", name=person.name), update=open_people(turn).card)


def _newcomer(turn: Turn) -> Person:
    return Person(name="", role=Role.REP, team_id=turn.actor.team_id, has_account=False)


def away(turn: Turn) -> Reply:
    """Button: I am away; until when?"""
    field = Date(
        name="back_on",
        label=turn.text("people.back_on"),
        hint=turn.text("people.back_hint"),
        value=back_on(turn.actor, turn),
    )
    return Reply(
        form=Form(
            action="people.leave",
            title=turn.text("people.away_title"),
            intro=turn.text("people.away_intro"),
            fields=(field,),
            submit=turn.text("button.save"),
            cancel=turn.text("button.cancel"),
        )
    )


def leave(turn: Turn) -> Reply:
    """Form: no new leads until that day; empty means back at work."""
    back = read_day("back_on", turn)
    turn.uow.people.hold()
    turn.uow.people.save(replace(turn.uow.people.get(turn.actor.id), away_until=back))
    if back is None or back <= turn.today:
        return Reply(toast=turn.text("people.here"))
    return Reply(toast=turn.text("people.away_saved", day=turn.language.day(back)))


def _visible(turn: Turn) -> list[Person]:
    if turn.actor.role is Role.ADMIN:
        return turn.uow.people.everyone()
    # Who left stays in sight of the team's leader, who can bring them back.
    leads = turn.actor.role is Role.MANAGER
    return [
        person
        for person in turn.uow.people.everyone()
        if person.team_id == turn.actor.team_id and (person.active or leads)
    ]


def _presence(person: Person, turn: Turn) -> str:
    if not person.active:
        return turn.text("people.inactive")
    if not person.has_account:
        return turn.text("people.expected")
    if person.unreachable:
        return turn.text("people.unreachable")
    back: date | None = person.away_until
    if back and back > turn.today:
        return turn.text("people.away_to", day=turn.language.day(back))
    return turn.text("people.there")
