"""Somebody writes to the bot for the first time."""

from dataclasses import replace
from datetime import datetime

from handlers.language import Language, Languages
from handlers.requests import Sender
from sales.notices import NewcomerJoined
from sales.people import Identity, Person, Role, Team
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
    for admin in everyone:
        if admin.role is Role.ADMIN and admin.active:
            uow.outbox.add(NewcomerJoined(person.id), admin.id)
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
