"""Somebody writes to the bot for the first time."""

from dataclasses import replace
from datetime import datetime

from handlers.identity import like_named, vouched
from handlers.language import Language, Languages
from handlers.requests import Sender
from handlers.turns import Turn
from handlers.ui import Button, Card
from sales.notices import AccountLinked, IdentityClaimed, NewcomerJoined, WhoAreYou
from sales.people import SYSTEM, Identity, Person, Role, Team
from sales.permissions import may
from sales.ports import UnitOfWork


def welcome(sender: Sender, uow: UnitOfWork, languages: Languages, now: datetime) -> Person:
    """Make a person of an unknown account; of two first requests at once, the second finds
    the person that the first made.

    The very first is the admin, and so is whoever administers the workspace: somebody must be
    able to let the others in. Everybody else starts as a rep, who sees only own leads, and the
    admins hear of it.
    """
    uow.people.hold()
    if known := uow.people.find(sender.platform, sender.id):
        return known
    phone, email = vouched(sender)
    same = uow.contacts.find(phone, email)
    if len(same) == 1 and same[0].active:
        return _known_again(same[0], sender, uow, now)
    language = languages(sender.locale)
    everyone = uow.people.everyone()
    teams = uow.people.teams()
    team = teams[0] if teams else uow.people.add_team(Team(name=languages().text("team.first")))
    role = Role.ADMIN if sender.is_owner or not everyone else Role.REP
    person = uow.people.add(
        Person(
            name=_free_name(sender.name or language.text("person.unnamed"), everyone),
            role=role,
            team_id=team.id,
            locale=language.locale,
        )
    )
    uow.people.link(Identity(sender.platform, sender.id, person.id), now)
    if not same:
        uow.contacts.save(person.id, phone, email)
    for admin in everyone:
        if admin.role is Role.ADMIN and admin.active:
            uow.outbox.add(NewcomerJoined(person.id), admin.id)
            for one in same:
                # Two people have what the platform says is one's, or the one is not active.
                uow.outbox.add(IdentityClaimed(person.id, one.id), admin.id)
    if not same and like_named(person, sender.platform, uow):
        uow.outbox.add(WhoAreYou(person.id, sender.platform), person.id)
    return person


def joined_card(notice: NewcomerJoined, turn: Turn, **_again: bool) -> Card | None:
    """To an admin: somebody new was made a rep."""
    if not may(turn.actor, "people.edit"):
        return None
    person = turn.uow.people.get(notice.person_id)
    return Card(
        title=turn.text("newcomer.title", name=person.name),
        body=turn.text("newcomer.body"),
        buttons=(
            Button(
                "people.edit", turn.text("button.edit_person", name=person.name), str(person.id)
            ),
        ),
    )


def _known_again(person: Person, sender: Sender, uow: UnitOfWork, now: datetime) -> Person:
    """Somebody whom we know comes by another platform, which vouches for their phone or e-mail.
    They are told where they read us until now, and so are the admins; who was only expected has
    arrived, and that is no news."""
    detail = {"platform": sender.platform}
    uow.audit.record(SYSTEM, "identity.link", f"person:{person.id}", detail)
    uow.people.link(Identity(sender.platform, sender.id, person.id), now)
    if not person.has_account:
        return person
    admins = {one.id for one in uow.people.everyone() if one.role is Role.ADMIN and one.active}
    for hearer in sorted(admins | {person.id}):
        uow.outbox.add(AccountLinked(person.id, sender.platform), hearer)
    return person


def remember_account(
    sender: Sender, person: Person, uow: UnitOfWork, language: Language, now: datetime
) -> Person:
    """Notices go where, and in the language in which, a person last wrote."""
    uow.people.link(Identity(sender.platform, sender.id, person.id), now)
    if not sender.locale or person.locale == language.locale:
        return person
    uow.people.hold()
    return uow.people.save(replace(uow.people.get(person.id), locale=language.locale))


def _free_name(name: str, everyone: list[Person]) -> str:
    """Names stand for people in routing rules, so two people must not share one."""
    taken = {person.name for person in everyone}
    candidates = [name, *(f"{name} ({number})" for number in range(2, len(taken) + 3))]
    return next(candidate for candidate in candidates if candidate not in taken)
