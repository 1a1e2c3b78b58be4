"""``/people``: who is in the team, in which role, and who is away."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from handlers.handover import review_tasks
from handlers.labels import enum_label, enum_options
from handlers.next_steps import read_day
from handlers.requests import Reply, record_id
from handlers.turns import Turn
from handlers.ui import (
    Button,
    Card,
    Choice,
    Date,
    Email,
    Field,
    Form,
    Number,
    Option,
    Phone,
    Section,
    Table,
    Text,
)
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.errors import InvalidInput, NotAllowed, PersonNotFound, Problem
from sales.leads import mask_email, mask_phone
from sales.people import SYSTEM, Person, Role, Team
from sales.permissions import may

SHOWN = 20
HEAVIEST = 100
LONGEST_NAME, LONGEST_TEAM = 70, 80


def open_people(turn: Turn) -> Reply:
    """The people one may see; a leader can change them, everybody can say they are away."""
    wanted = turn.request.text.strip().lower()
    people = [p for p in _visible(turn) if wanted in p.name.lower()]
    teams = {team.id: team.name for team in turn.uow.people.teams()}
    rows = tuple(
        (p.name, enum_label(p.role, turn.language), teams.get(p.team_id, "—"), _presence(p, turn))
        for p in people[:SHOWN]
    )
    columns = tuple(turn.text(f"people.{name}") for name in ("name", "role", "team", "presence"))
    buttons = tuple(
        Button("people.edit", turn.text("button.edit_person", name=p.name), str(p.id))
        for p in people[:SHOWN]
        if _may_change(turn.actor, p)
    )
    footnote = turn.text("people.more", n=len(people) - SHOWN) if len(people) > SHOWN else ""
    return Reply(
        card=Card(
            title=turn.text("people.title"),
            sections=(Section(table=Table(columns, rows) if rows else None, buttons=buttons),),
            body="" if rows else turn.text("people.none", text=wanted[:40]),
            buttons=(Button("people.away", turn.text("button.away")), *_for_leaders(turn)),
            footnote=footnote,
        )
    )


def _for_leaders(turn: Turn) -> tuple[Button, ...]:
    if not may(turn.actor, "reveals.show"):
        return ()
    reveals = Button("reveals.show", turn.text("button.reveals"))
    if not may(turn.actor, "identity.ask"):
        return (reveals,)
    return (reveals, Button("identity.ask", turn.text("button.join_people")))


def edit(turn: Turn) -> Reply:
    """Button: the form for one person."""
    person = _changeable(turn.pressed, turn)
    text = turn.text
    teams = tuple(Option(str(team.id), team.name[:75]) for team in turn.uow.people.teams())
    phone, email = turn.uow.contacts.get(person.id)
    status = (Option("active", text("people.active")), Option("inactive", text("people.inactive")))
    fields = (
        Text(name="name", label=text("people.name"), required=True, value=person.name,
             max_length=LONGEST_NAME),
        Choice(name="role", label=text("people.role"), required=True, value=person.role,
               options=enum_options(_grantable(turn.actor), turn.language)),
        Choice(name="team", label=text("people.team"), value=str(person.team_id), options=teams),
        Text(name="new_team", label=text("people.new_team"), max_length=LONGEST_TEAM),
        Number(name="weight", label=text("people.weight"), value=str(person.weight),
               hint=text("people.weight_hint")),
        Date(name="away_until", label=text("people.away_until"),
             value=_back_on(person, turn)),
        Phone(name="phone", label=text("people.phone"), value=mask_phone(phone),
              hint=text("people.contact_hint")),
        Email(name="email", label=text("people.email"), value=mask_email(email)),
        Choice(name="status", label=text("people.status"), required=True, options=status,
               value="active" if person.active else "inactive"),
    )  # fmt: skip
    return Reply(
        form=Form(
            action="people.save",
            title=text("people.edit_title"),
            fields=fields if turn.actor.role is Role.ADMIN else _for_managers(fields),
            submit=text("button.save"),
            cancel=text("button.cancel"),
            state={"value": str(person.id)},
        )
    )


def save(turn: Turn) -> Reply:
    """Form: change a person; every change of rights is on record."""
    turn.uow.people.hold()
    person = _changeable(turn.pressed, turn)
    changed = replace(
        person,
        name=_name(person, turn),
        role=_role(turn),
        team_id=_team(person, turn),
        weight=_weight(turn),
        away_until=read_day("away_until", turn),
        active=turn.typed("status") != "inactive",
    )
    _keep_an_admin(person, changed, turn)
    _save_contacts(changed, turn)
    turn.uow.people.save(changed)
    detail = {"role": changed.role, "team": str(changed.team_id), "active": str(changed.active)}
    turn.uow.audit.record(turn.actor, "people.save", f"person:{person.id}", detail)
    turn.uow.leads(SYSTEM).follow(changed)
    tasks = turn.uow.tasks(SYSTEM)
    review_tasks(tasks.open_of(changed.id), turn)
    review_tasks(tasks.open_for_leads_of(changed.id), turn)
    return Reply(toast=_saved(changed, turn), update=open_people(turn).card)


def _for_managers(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Teams, and by what people are known elsewhere, are the admins' to say."""
    return tuple(one for one in fields if one.name not in ("team", "new_team", "phone", "email"))


def _save_contacts(person: Person, turn: Turn) -> None:
    """By these the person is known on other platforms; the mask means: as it was."""
    if turn.actor.role is not Role.ADMIN:
        return
    phone, email = turn.uow.contacts.get(person.id)
    typed_phone, typed_email = turn.typed("phone"), turn.typed("email")
    try:
        phone = phone if typed_phone == mask_phone(phone) else _parsed(parse_phone, typed_phone)
    except NotAPhone:
        raise InvalidInput({"phone": Problem("phone", typed=typed_phone[:30])}) from None
    try:
        email = email if typed_email == mask_email(email) else _parsed(parse_email, typed_email)
    except NotAnEmail:
        raise InvalidInput({"email": Problem("email", typed=typed_email[:30])}) from None
    for other in turn.uow.contacts.find(phone, email):
        if other.id != person.id:
            theirs = turn.uow.contacts.get(other.id)
            field = "phone" if phone and theirs[0] == phone else "email"
            raise InvalidInput({field: Problem("contact_taken", name=other.name)})
    turn.uow.contacts.save(person.id, phone, email)


def _parsed(parse: Callable[[str], str], typed: str) -> str:
    return parse(typed) if typed else ""


def away(turn: Turn) -> Reply:
    """Button: I am away; until when?"""
    field = Date(
        name="back_on",
        label=turn.text("people.back_on"),
        hint=turn.text("people.back_hint"),
        value=_back_on(turn.actor, turn),
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
    return turn.uow.people.members(turn.actor.team_id)


def _may_change(actor: Person, person: Person) -> bool:
    """An admin changes anybody; a manager the reps of the own team."""
    if actor.role is Role.ADMIN:
        return True
    return (
        actor.role is Role.MANAGER and person.team_id == actor.team_id and person.role is Role.REP
    )


def _grantable(actor: Person) -> tuple[Role, ...]:
    """Nobody grants more than they have."""
    return tuple(Role) if actor.role is Role.ADMIN else (Role.REP,)


def _changeable(value: str, turn: Turn) -> Person:
    person_id = record_id(value)
    if person_id is None:
        raise PersonNotFound
    person = turn.uow.people.get(person_id)
    if not _may_change(turn.actor, person):
        raise NotAllowed(roles=[Role.ADMIN])
    return person


def _name(person: Person, turn: Turn) -> str:
    name = turn.line("name")
    if not name:
        raise InvalidInput({"name": Problem("name_missing")})
    if len(name) > LONGEST_NAME:
        raise InvalidInput({"name": Problem("too_long", n=LONGEST_NAME)})
    if any(p.name == name and p.id != person.id for p in turn.uow.people.everyone()):
        raise InvalidInput({"name": Problem("name_taken", name=name)})
    return name


def _role(turn: Turn) -> Role:
    typed = turn.typed("role")
    if typed not in _grantable(turn.actor):
        raise InvalidInput({"role": Problem("choose_one")})
    return Role(typed)


def _team(person: Person, turn: Turn) -> int:
    if turn.actor.role is not Role.ADMIN:
        return person.team_id
    teams = turn.uow.people.teams()
    if name := turn.line("new_team"):
        if len(name) > LONGEST_TEAM:
            raise InvalidInput({"new_team": Problem("too_long", n=LONGEST_TEAM)})
        known = next((team for team in teams if team.name == name), None)
        return (known or turn.uow.people.add_team(Team(name=name))).id
    chosen = turn.typed("team") or str(person.team_id)
    if chosen not in {str(team.id) for team in teams}:
        raise InvalidInput({"team": Problem("choose_one")})
    return int(chosen)


def _weight(turn: Turn) -> int:
    typed = turn.typed("weight") or "1"
    if not typed.isdecimal() or len(typed) > 3 or int(typed) > HEAVIEST:
        raise InvalidInput({"weight": Problem("weight", n=HEAVIEST)})
    return int(typed)


def _keep_an_admin(person: Person, changed: Person, turn: Turn) -> None:
    """Somebody must be able to let people in again."""
    if person.role is not Role.ADMIN or (changed.role is Role.ADMIN and changed.active):
        return
    others = [p for p in turn.uow.people.everyone() if p.role is Role.ADMIN and p.active]
    if [p.id for p in others] == [person.id]:
        raise InvalidInput({"role": Problem("last_admin")})


def _saved(person: Person, turn: Turn) -> str:
    """Somebody who leaves, or sells no more, with open leads leaves work for a leader."""
    left = 0 if person.active and person.sells else turn.uow.leads(SYSTEM).open_of(person.id)
    key = "people.saved_with_leads" if left else "people.saved"
    return turn.text(key, name=person.name, n=left)


def _back_on(person: Person, turn: Turn) -> str:
    """The day in the form; one that is over would be refused when it comes back."""
    back = person.away_until
    return back.isoformat() if back and back >= turn.today else ""


def _presence(person: Person, turn: Turn) -> str:
    if not person.active:
        return turn.text("people.inactive")
    back: date | None = person.away_until
    if back and back > turn.today:
        return turn.text("people.away_to", day=turn.language.day(back))
    return turn.text("people.there")
