"""``/genjin admin CODE``: a one-time code makes its sender an admin.

The people who run the process get such codes: it prints one when it starts without an admin, and
``genjin admin`` makes one at any time.
"""

from dataclasses import replace
from datetime import datetime

from handlers.core.context import Context
from handlers.core.events import PersonChanged
from handlers.core.language import Language
from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.core.ui import Button, Card
from handlers.onboarding.cards import setup_sections
from sales.newcomers import MOST_ATTEMPTS, NewcomerState, read_code
from sales.notices import AdminMade, NewcomerAsks
from sales.people import SYSTEM, Person, Role
from storage.unit_of_work import UnitOfWork

CLAIM = "admin.claim"
MOST_TOLD = 200
"""Maximum number of waiting newcomers reported to a new admin; any others write again."""


def claim(context: Context) -> Reply:
    """Command: a known person sends a code."""
    if context.actor.role is Role.ADMIN:
        return Reply(toast=context.text("admin_code.is_admin"))
    if refused := check(context.request, context.uow, context.language, context.now):
        return refused
    context.uow.people.hold()
    person = replace(context.uow.people.get(context.actor.id), role=Role.ADMIN)
    context.uow.people.save(person)
    detail = {"platform": context.request.sender.platform, "role": person.role.value}
    context.uow.audit.record(context.actor, CLAIM, f"person:{person.id}", detail)
    context.uow.leads(SYSTEM).follow(person)
    context.publish(PersonChanged(person))
    notify_of_newcomers(person, context.uow)
    return welcome(person, context.uow, context.language)


def check(request: Request, uow: UnitOfWork, language: Language, now: datetime) -> Reply | None:
    """Check and use up the code of a request; None when it was right.

    Otherwise returns the reply to the sender, and the attempt is audited.
    """
    sender, code = request.sender, read_code(request.text)
    if not request.text.strip():
        return Reply(toast=language.text("admin_code.how"))
    if uow.admin_codes.failures(sender.platform, sender.id, now) >= MOST_ATTEMPTS:
        return Reply(toast=language.text("admin_code.too_many", n=MOST_ATTEMPTS))
    anybody = any(person.role is Role.ADMIN and person.active for person in uow.people.everyone())
    fitting = [one for one in uow.admin_codes.open(now) if code and one.fits(code)]
    usable = [code for code in fitting if not (code.only_first and anybody)]
    taken = bool(usable) and uow.admin_codes.take(usable[0].id)
    if taken and request.conversation.private:
        return None
    detail = {"platform": sender.platform, "account": sender.id[:80]}
    uow.audit.record(SYSTEM, "admin.refused", "admin_code", detail)
    if taken:
        # Everybody in the channel could read the code: it is used up without effect.
        return Reply(toast=language.text("admin_code.not_private"))
    uow.admin_codes.note_failure(sender.platform, sender.id, now)
    return Reply(toast=language.text("admin_code.wrong"))


def welcome(person: Person, uow: UnitOfWork, language: Language) -> Reply:
    """Tell the new admin what to do first, and notify the other admins."""
    for other in uow.people.everyone():
        if other.role is Role.ADMIN and other.active and other.id != person.id:
            uow.outbox.add(AdminMade(person.id), other.id)
    return Reply(card=admin_card(person, uow, language))


def notify_of_newcomers(person: Person, uow: UnitOfWork) -> None:
    """Notify a new admin of everybody who waits to be let in."""
    for newcomer in uow.newcomers.in_state(NewcomerState.WAITING, MOST_TOLD):
        uow.outbox.add(NewcomerAsks(newcomer.id), person.id)


def admin_card(person: Person, uow: UnitOfWork, language: Language) -> Card:
    """An admin's first card, with what is left to set up."""
    return Card(
        title=language.text("admin_code.done_title", name=person.name),
        body=language.text("admin_code.done_body"),
        sections=setup_sections(person, uow, language),
        buttons=(
            Button("people.open", language.text("button.people"), "", "primary"),
            Button("playbook.open", language.text("button.rules")),
            Button("help.open", language.text("button.help")),
        ),
    )
