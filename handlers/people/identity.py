"""One person with accounts on several platforms: recognised, asked once, or joined by an admin.

A platform vouches for its own people's phones and e-mails; what people say of themselves is a
claim, and an admin decides on it.
"""

from contextlib import suppress
from dataclasses import replace

from rapidfuzz import fuzz

from handlers.core.button_values import strict_id, unpack
from handlers.core.context import Context
from handlers.core.events import PersonChanged
from handlers.core.replies import Reply
from handlers.core.requests import Sender, record_id
from handlers.core.ui import Form, Option, PersonPick
from handlers.people.cards import people_card
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.errors import InvalidInput, PersonNotFound, Problem
from sales.notices import IdentityClaimed
from sales.people import SYSTEM, Person, Role
from storage.unit_of_work import UnitOfWork

_ALIKE = 85
_OFFERED = 3


def vouched(sender: Sender) -> tuple[str, str]:
    """Parse the phone and e-mail that the platform vouches for; "" for what cannot be parsed."""
    phone = email = ""
    with suppress(NotAPhone):
        phone = parse_phone(sender.phone) if sender.phone else ""
    with suppress(NotAnEmail):
        email = parse_email(sender.email) if sender.email else ""
    return phone, email


def like_named(name: str, platform: str, uow: UnitOfWork, but: int = 0) -> list[Person]:
    """Find active people with a name similar to a newcomer's who are not on this platform yet.

    ``but`` is the id of the newcomer's own person, which is left out.
    """
    here = {account.id for _, account in uow.people.accounts(platform)}
    name = name.partition(" (")[0]
    return [
        other
        for other in uow.people.everyone()
        if other.active
        and other.id not in here
        and other.id != but
        and fuzz.ratio(name.lower(), other.name.lower()) >= _ALIKE
    ][:_OFFERED]


def like_person(person: Person, platform: str, context: Context) -> list[Person]:
    return like_named(person.name, platform, context.uow, but=person.id)


def claim(context: Context) -> Reply:
    """Button: claim to be this person. Nothing changes until an admin decides."""
    platform = context.request.sender.platform
    claimed = record_id(context.pressed)
    candidates = {person.id: person for person in like_person(context.actor, platform, context)}
    if claimed not in candidates or claimed is None:
        raise PersonNotFound
    detail = {"person": str(claimed), "platform": platform}
    context.uow.audit.record(context.actor, "identity.claim", f"person:{context.actor.id}", detail)
    for admin in context.uow.people.everyone():
        if admin.role is Role.ADMIN and admin.active and admin.id != context.actor.id:
            context.uow.outbox.add(IdentityClaimed(context.actor.id, claimed), admin.id)
    return Reply(toast=context.text("identity.claimed", name=candidates[claimed].name))


def deny(context: Context) -> Reply:
    """Button: deny being any of them."""
    return Reply(toast=context.text("identity.new"))


def confirm(context: Context) -> Reply:
    """Button for admins: confirm the claim; two people become one."""
    gone_id, kept_id = unpack(context.pressed, record_id, record_id)
    person, gone = _join(kept_id, gone_id, context)
    return Reply(toast=context.text("identity.joined", gone=gone.name, name=person.name))


def refuse(context: Context) -> Reply:
    """Button for admins: refuse the claim; they are two people."""
    person_id, claimed = unpack(context.pressed, strict_id, str, refusal=PersonNotFound())
    person = context.uow.people.get(person_id)
    detail = {"person": claimed[:9]}
    context.uow.audit.record(context.actor, "identity.refuse", f"person:{person.id}", detail)
    return Reply(toast=context.text("identity.refused", name=person.name))


def ask(context: Context) -> Reply:
    """Button for admins: choose two people to join."""
    people = tuple(Option(str(p.id), p.name[:75]) for p in context.uow.people.everyone())
    fields = tuple(
        PersonPick(name=name, label=context.text(f"identity.{name}"), required=True, options=people)
        for name in ("kept", "gone")
    )
    return Reply(
        form=Form(
            action="identity.join",
            title=context.text("identity.join_title"),
            intro=context.text("identity.join_intro"),
            fields=fields,
            submit=context.text("identity.join_submit"),
            cancel=context.text("button.cancel"),
        )
    )


def join(context: Context) -> Reply:
    """Form: join two people; accounts, leads and everything else of one become the other's."""
    person, gone = _join(
        record_id(context.typed("kept")), record_id(context.typed("gone")), context
    )
    toast = context.text("identity.joined", gone=gone.name, name=person.name)
    return Reply(toast=toast, update=people_card(context))


def _join(kept_id: int | None, gone_id: int | None, context: Context) -> tuple[Person, Person]:
    context.uow.people.hold()
    if kept_id is None or gone_id is None:
        raise PersonNotFound
    person, gone = context.uow.people.get(kept_id), context.uow.people.get(gone_id)
    if person.id == gone.id or not person.active:
        raise InvalidInput({"gone": Problem("same_person")})
    if gone.id == context.actor.id:
        raise InvalidInput({"gone": Problem("not_yourself")})
    context.uow.contacts.absorb(person, gone)
    context.uow.people.save(replace(gone, active=False))
    detail = {"into": str(person.id)}
    context.uow.audit.record(context.actor, "identity.join", f"person:{gone.id}", detail)
    context.uow.leads(SYSTEM).follow(person)
    context.publish(PersonChanged(person))
    return person, gone
