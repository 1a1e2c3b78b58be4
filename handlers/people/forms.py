"""The form for one person of the company: draw it and read it."""

from dataclasses import replace
from typing import TypeAlias

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_options
from handlers.core.requests import Sender
from handlers.core.text import one_line
from handlers.core.ui import (
    Choice,
    Date,
    Email,
    Field,
    Form,
    Number,
    Option,
    PersonPick,
    Phone,
    Text,
)
from sales.leads import mask_email, mask_phone
from sales.people import Person, Role, Team
from sales.working_hours import LONGEST as LONGEST_HOURS
from sales.working_hours import parse_hours, write_hours

Contacts: TypeAlias = tuple[str, str]
"""Phone (E.164) and e-mail; "" when unknown."""
HEAVIEST = 100
LONGEST_NAME, LONGEST_TEAM = 70, 80
MOST_LEADS = 9999


def person_form(person: Person, context: Context) -> Form:
    """Form with the fields of a person that the actor may change; all fields of a new person."""
    text = context.text
    teams = tuple(Option(str(team.id), team.name[:75]) for team in context.uow.people.teams())
    phone, email = context.uow.contacts.get(person.id)
    status = (Option("active", text("people.active")), Option("inactive", text("people.inactive")))
    pick = _account_pick(person, context)
    fields: tuple[Field, ...] = (
        *pick,
        Text(name="name", label=text("people.name"), required=not pick, value=person.name,
             hint=text("people.name_of_account") if pick else "", max_length=LONGEST_NAME),
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
        intro="" if person.id or pick else text("people.add_intro"),
        fields=tuple(field for field in fields if field.name not in hidden),
        submit=text("button.save"),
        cancel=text("button.cancel"),
        state={"value": str(person.id)} if person.id else {},
    )


def _account_pick(person: Person, context: Context) -> tuple[PersonPick, ...]:
    """For somebody new, everybody whom the platform knows, where it can offer them. Only admins say
    whose account is whose."""
    offers = context.request.picks_accounts and context.actor.role is Role.ADMIN
    if person.id or not offers:
        return ()
    label, hint = context.text("people.account"), context.text("people.account_hint")
    return (PersonPick(name="account", label=label, hint=hint, options=(), directory=True),)


def chosen_account(context: Context) -> Sender | None:
    """The account that an admin chose for a new person; None where none was chosen, or no
    member's."""
    chosen, account = context.typed("account"), context.request.account
    if context.actor.role is not Role.ADMIN or not chosen or account is None:
        return None
    return account if account.id == chosen else None


def _read_account(person: Person, form: FormReader) -> Sender | None:
    """The chosen account, refused where it is no member's or somebody has it already."""
    context = form.context
    if person.id or not context.typed("account") or context.actor.role is not Role.ADMIN:
        return None
    account = chosen_account(context)
    if account is None:
        form.refuse("account", "account_unfit")
    elif known := context.uow.people.find(account.platform, account.id):
        form.refuse("account", "account_taken", name=known.name)
    return account


def read_person(person: Person, context: Context) -> tuple[Person, Contacts]:
    """Read the person and their own contacts from the form.

    Raises InvalidInput naming every field that is wrong.
    """
    with FormReader(context) as form:
        account = _read_account(person, form)
        weight = form.parsed("weight", _weight, n=HEAVIEST)
        changed = replace(
            person,
            name=_name(person, account, form),
            role=Role(form.one_of("role", _grantable(context.actor)) or person.role),
            weight=1 if weight is None else weight,
            capacity=form.parsed("capacity", _capacity, n=MOST_LEADS),
            hours=form.parsed("hours", _hours, quoted=40) or "",
            away_until=form.day("away_until"),
            active=context.typed("status") != "inactive",
        )
        contacts = _contacts(person, account, form)
        _keep_an_admin(person, changed, form)
        team_id = person.team_id
        if context.actor.role is Role.ADMIN:
            team_id = read_team(person.team_id, form)
    return replace(changed, team_id=team_id), contacts


def save_contacts(person: Person, contacts: Contacts, context: Context) -> None:
    """Save the contacts by which other platforms recognise the person; only admins may set them."""
    if context.actor.role is Role.ADMIN:
        context.uow.contacts.save(person.id, *contacts)


def _contacts(person: Person, account: Sender | None, form: FormReader) -> Contacts:
    """Read phone and e-mail; the mask means unchanged."""
    context = form.context
    if context.actor.role is not Role.ADMIN:
        return "", ""
    is_told = context.typed("phone") or context.typed("email") or context.typed("account")
    if not person.id and not is_told:
        form.refuse("email", "contact_to_know")
    contacts = context.uow.contacts.get(person.id) if person.id else ("", "")
    phone, email = form.phone(contacts[0]), form.email(contacts[1])
    if account and not email and not form.refused("email"):
        email = account.email.lower()
    if form.refused("phone") or form.refused("email"):
        return phone, email
    others = (
        holder for holder in context.uow.contacts.find(phone, email) if holder.id != person.id
    )
    if other := next(others, None):
        theirs = context.uow.contacts.get(other.id)
        field = "phone" if phone and theirs[0] == phone else "email"
        form.refuse(field, "contact_taken", name=other.name)
    return phone, email


def back_on(person: Person, context: Context) -> str:
    """First day back for the form; empty when it is over, as it would be refused on submit."""
    back = person.away_until
    return back.isoformat() if back and back >= context.today else ""


def _hidden(person: Person, actor: Person) -> frozenset[str]:
    """Fields the actor may not change.

    Teams and the contacts used on other platforms are for admins; a new person cannot be inactive.
    """
    if actor.role is not Role.ADMIN:
        return frozenset({"team", "new_team", "phone", "email"})
    return frozenset() if person.id else frozenset({"status"})


def _grantable(actor: Person) -> tuple[Role, ...]:
    """Roles the actor may grant: nobody grants more than they have."""
    return tuple(Role) if actor.role is Role.ADMIN else (Role.REP,)


def _name(person: Person, account: Sender | None, form: FormReader) -> str:
    known = one_line(account.name)[:LONGEST_NAME] if account else ""
    missing = "" if known else "name_missing"
    name = form.line("name", LONGEST_NAME, missing=missing) or known
    others = (other for other in form.context.uow.people.everyone() if other.id != person.id)
    if name and any(other.name == name for other in others):
        form.refuse("name", "name_taken", name=name)
    return name


def read_team(otherwise: int, form: FormReader) -> int:
    """Read the id of the chosen or newly typed team; ``otherwise`` when there is neither."""
    people = form.context.uow.people
    by_name = {team.name: team for team in people.teams()}
    if name := form.line("new_team", LONGEST_TEAM):
        if form.refused("new_team"):
            return otherwise
        return (by_name.get(name) or people.add_team(Team(name=name))).id
    ids = {str(team.id): team.id for team in by_name.values()}
    return ids.get(form.one_of("team", ids, empty=str(otherwise)), otherwise)


def _weight(typed: str) -> int:
    if not typed.isdecimal() or len(typed) > 3 or int(typed) > HEAVIEST:
        raise ValueError(typed)
    return int(typed)


def _capacity(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal()) or int(typed[:6]) > MOST_LEADS:
        raise ValueError(typed)
    return int(typed)


def _hours(typed: str) -> str:
    return write_hours(parse_hours(typed))


def _keep_an_admin(person: Person, changed: Person, form: FormReader) -> None:
    """Keep at least one admin, so that somebody can let people in again."""
    if person.role is not Role.ADMIN or (changed.role is Role.ADMIN and changed.active):
        return
    people = form.context.uow.people.everyone()
    if [p.id for p in people if p.role is Role.ADMIN and p.active] == [person.id]:
        form.refuse("role", "last_admin")
