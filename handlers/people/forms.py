"""The form for one person of the company, and what is read from it."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias, TypeVar

from handlers.core.context import Context
from handlers.core.labels import enum_options
from handlers.core.requests import record_id
from handlers.core.ui import Choice, Date, Email, Form, Number, Option, Phone, Text
from handlers.followups.next_step import read_day
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.errors import InvalidInput, NotAllowed, PersonNotFound, Problem
from sales.leads import mask_email, mask_phone
from sales.people import Person, Role, Team
from sales.working_hours import LONGEST as LONGEST_HOURS
from sales.working_hours import NotHours, parse_hours, write_hours

Contacts: TypeAlias = tuple[str, str]
"""Phone (E.164) and e-mail; "" for what is not known."""
T = TypeVar("T")
HEAVIEST = 100
LONGEST_NAME, LONGEST_TEAM = 70, 80
MOST_LEADS = 9999


def person_form(person: Person, context: Context) -> Form:
    """What the actor may change of a person, as it is now; of somebody new what is to be known."""
    text = context.text
    teams = tuple(Option(str(team.id), team.name[:75]) for team in context.uow.people.teams())
    phone, email = context.uow.contacts.get(person.id)
    status = (Option("active", text("people.active")), Option("inactive", text("people.inactive")))
    fields = (
        Text(name="name", label=text("people.name"), required=True, value=person.name,
             max_length=LONGEST_NAME),
        Choice(name="role", label=text("people.role"), required=True, value=person.role,
               options=enum_options(_grantable(context.actor), context.language)),
        Choice(name="team", label=text("people.team"), value=str(person.team_id), options=teams),
        Text(name="new_team", label=text("people.new_team"), max_length=LONGEST_TEAM),
        Number(name="weight", label=text("people.weight"), value=str(person.weight),
               hint=text("people.weight_hint")),
        Number(name="capacity", label=text("people.capacity"),
               value="" if person.capacity is None else str(person.capacity),
               hint=text("people.capacity_hint")),
        Text(name="hours", label=text("people.hours"), value=person.hours,
             hint=text("people.hours_hint"), max_length=LONGEST_HOURS),
        Date(name="away_until", label=text("people.away_until"),
             value=back_on(person, context)),
        Phone(name="phone", label=text("people.phone"), value=mask_phone(phone),
              hint=text("people.contact_hint")),
        Email(name="email", label=text("people.email"), value=mask_email(email)),
        Choice(name="status", label=text("people.status"), required=True, options=status,
               value="active" if person.active else "inactive"),
    )  # fmt: skip
    hidden = _hidden(person, context.actor)
    return Form(
        action="people.save" if person.id else "people.create",
        title=text("people.edit_title" if person.id else "people.add_title"),
        intro="" if person.id else text("people.add_intro"),
        fields=tuple(one for one in fields if one.name not in hidden),
        submit=text("button.save"),
        cancel=text("button.cancel"),
        state={"value": str(person.id)} if person.id else {},
    )


def read_person(person: Person, context: Context) -> tuple[Person, Contacts]:
    """The person and their own contacts as the form says. Raises InvalidInput naming every field
    that is wrong."""
    problems: dict[str, Problem] = {}

    def read(one: Callable[[], T], otherwise: T) -> T:
        try:
            return one()
        except InvalidInput as error:
            problems.update(error.problems)
            return otherwise

    changed = replace(
        person,
        name=read(lambda: _name(person, context), person.name),
        role=read(lambda: _role(context), person.role),
        weight=read(lambda: _weight(context), person.weight),
        capacity=read(lambda: _capacity(context), person.capacity),
        hours=read(lambda: _hours(context), person.hours),
        away_until=read(lambda: read_day("away_until", context), person.away_until),
        active=context.typed("status") != "inactive",
    )
    contacts = read(lambda: _contacts(person, context), ("", ""))
    read(lambda: _keep_an_admin(person, changed, context), None)
    team_id = read(lambda: _team(person, context), person.team_id)
    if problems:
        raise InvalidInput(problems)
    return replace(changed, team_id=team_id), contacts


def save_contacts(person: Person, contacts: Contacts, context: Context) -> None:
    """By these the person is known on other platforms; they are the admins' to say."""
    if context.actor.role is Role.ADMIN:
        context.uow.contacts.save(person.id, *contacts)


def _contacts(person: Person, context: Context) -> Contacts:
    """Phone and e-mail; the mask means: as it was."""
    if context.actor.role is not Role.ADMIN:
        return "", ""
    known = context.uow.contacts.get(person.id) if person.id else ("", "")
    if not person.id and not context.typed("phone") and not context.typed("email"):
        raise InvalidInput({"email": Problem("contact_to_know")})
    problems: dict[str, Problem] = {}
    found = []
    for name, before, mask, parse, failure in (
        ("phone", known[0], mask_phone, parse_phone, NotAPhone),
        ("email", known[1], mask_email, parse_email, NotAnEmail),
    ):
        typed = context.typed(name)
        try:
            found.append(before if typed == mask(before) else _parsed(parse, typed))
        except failure:
            problems[name] = Problem(name, typed=typed[:30])
    if problems:
        raise InvalidInput(problems)
    phone, email = found
    for other in context.uow.contacts.find(phone, email):
        if other.id != person.id:
            theirs = context.uow.contacts.get(other.id)
            field = "phone" if phone and theirs[0] == phone else "email"
            raise InvalidInput({field: Problem("contact_taken", name=other.name)})
    return phone, email


def back_on(person: Person, context: Context) -> str:
    """The day in the form; one that is over would be refused when it comes back."""
    back = person.away_until
    return back.isoformat() if back and back >= context.today else ""


def _hidden(person: Person, actor: Person) -> frozenset[str]:
    """Teams, and by what people are known elsewhere, are the admins' to say; somebody new is
    not out of use."""
    if actor.role is not Role.ADMIN:
        return frozenset({"team", "new_team", "phone", "email"})
    return frozenset() if person.id else frozenset({"status"})


def _grantable(actor: Person) -> tuple[Role, ...]:
    """Nobody grants more than they have."""
    return tuple(Role) if actor.role is Role.ADMIN else (Role.REP,)


def _name(person: Person, context: Context) -> str:
    name = context.line("name")
    if not name:
        raise InvalidInput({"name": Problem("name_missing")})
    if len(name) > LONGEST_NAME:
        raise InvalidInput({"name": Problem("too_long", n=LONGEST_NAME)})
    if any(p.name == name and p.id != person.id for p in context.uow.people.everyone()):
        raise InvalidInput({"name": Problem("name_taken", name=name)})
    return name


def _role(context: Context) -> Role:
    typed = context.typed("role")
    if typed not in _grantable(context.actor):
        raise InvalidInput({"role": Problem("choose_one")})
    return Role(typed)


def _team(person: Person, context: Context) -> int:
    if context.actor.role is not Role.ADMIN:
        return person.team_id
    return read_team(person.team_id, context)


def read_team(otherwise: int, context: Context) -> int:
    """The id of the team that an admin chose, or typed as a new one; ``otherwise`` when neither.
    Raises InvalidInput."""
    teams = context.uow.people.teams()
    if name := context.line("new_team"):
        if len(name) > LONGEST_TEAM:
            raise InvalidInput({"new_team": Problem("too_long", n=LONGEST_TEAM)})
        known = next((team for team in teams if team.name == name), None)
        return (known or context.uow.people.add_team(Team(name=name))).id
    chosen = context.typed("team") or str(otherwise)
    if chosen not in {str(team.id) for team in teams}:
        raise InvalidInput({"team": Problem("choose_one")})
    return int(chosen)


def _weight(context: Context) -> int:
    typed = context.typed("weight") or "1"
    if not typed.isdecimal() or len(typed) > 3 or int(typed) > HEAVIEST:
        raise InvalidInput({"weight": Problem("weight", n=HEAVIEST)})
    return int(typed)


def _capacity(context: Context) -> int | None:
    typed = context.typed("capacity")
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal()) or int(typed[:6]) > MOST_LEADS:
        raise InvalidInput({"capacity": Problem("capacity", n=MOST_LEADS)})
    return int(typed)


def _hours(context: Context) -> str:
    typed = context.line("hours")
    try:
        return write_hours(parse_hours(typed)) if typed else ""
    except NotHours:
        raise InvalidInput({"hours": Problem("hours", typed=typed[:40])}) from None


def _keep_an_admin(person: Person, changed: Person, context: Context) -> None:
    """Somebody must be able to let people in again."""
    if person.role is not Role.ADMIN or (changed.role is Role.ADMIN and changed.active):
        return
    others = [p for p in context.uow.people.everyone() if p.role is Role.ADMIN and p.active]
    if [p.id for p in others] == [person.id]:
        raise InvalidInput({"role": Problem("last_admin")})


def _parsed(parse: Callable[[str], str], typed: str) -> str:
    return parse(typed) if typed else ""


def may_change(actor: Person, person: Person) -> bool:
    """An admin changes anybody; a manager the reps of the own team."""
    if actor.role is Role.ADMIN:
        return True
    return (
        actor.role is Role.MANAGER and person.team_id == actor.team_id and person.role is Role.REP
    )


def changeable(value: str, context: Context) -> Person:
    """The person on a button, whom the actor may change. Raises PersonNotFound, NotAllowed."""
    person_id = record_id(value)
    if person_id is None:
        raise PersonNotFound
    person = context.uow.people.get(person_id)
    if not may_change(context.actor, person):
        raise NotAllowed(roles=[Role.ADMIN])
    return person
