"""Refusals that name the people who can do what the person's role does not allow."""

from collections.abc import Sequence

from handlers.core.language import Language
from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM, Request
from sales.errors import NotAllowed
from sales.people import Person, Role

SHOWN = 2
_NEAREST = (Role.MANAGER, Role.REP, Role.SERVICE, Role.PRODUCT, Role.FINANCE)


def answer(request: Request, words: str) -> Reply:
    """Put the message into the form, which stays open with what was typed; without a form, show a
    toast."""
    return Reply(errors={WHOLE_FORM: words}) if request.values else Reply(toast=words)


def names_of(people: Sequence[Person], language: Language) -> str:
    """The first few people's names, in one line."""
    return language.listing([person.name for person in people[:SHOWN]])


def who_can(
    error: NotAllowed, actor: Person, everyone: Sequence[Person], language: Language
) -> str:
    """People who may do it: from the actor's team, managers first; else the admins. "" if there is
    nobody."""
    roles = set(error.params["roles"])
    able = [
        person
        for person in everyone
        if person.active and person.id != actor.id and person.role in roles
    ]
    near = [
        person
        for person in able
        if person.team_id == actor.team_id and person.role is not Role.ADMIN
    ]
    near.sort(key=lambda person: (_NEAREST.index(person.role), person.id))
    if near and near[0].role is Role.MANAGER:
        near = [person for person in near if person.role is Role.MANAGER]
    candidates = near or [person for person in able if person.role is Role.ADMIN]
    named = [
        language.text(
            "error.person_of_role", name=person.name, role=language.text(f"role.{person.role}")
        )
        for person in candidates[:SHOWN]
    ]
    return language.listing(named)
