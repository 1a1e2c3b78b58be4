"""Accounts of which the platform says that they are no members: guests, people of other
organisations, programs, and people who were deactivated there. They never work with the bot, and
who did until now does no more."""

from dataclasses import replace

from handlers.core.context import Context
from handlers.core.events import PersonChanged
from handlers.core.requests import Sender
from handlers.people.leaving import expect_hand_over
from sales.notices import AccessEnded
from sales.people import SYSTEM, Identity, Person, Role, leaders_of


def end_access(person: Person, sender: Sender, context: Context) -> None:
    """Of somebody known, whose account is no member's any more: the account goes, or, where it is
    the only one, they are inactive until an admin says otherwise. Their leaders hear of it."""
    context.uow.people.hold()
    person = context.uow.people.get(person.id)
    account = Identity(sender.platform, sender.id, person.id)
    others = [one for one in context.uow.people.accounts_of(person.id) if one != account]
    detail = {"platform": sender.platform, "standing": sender.standing}
    context.uow.audit.record(SYSTEM, "people.end_access", f"person:{person.id}", detail)
    if others:
        context.uow.people.unlink(account)
    else:
        person = context.uow.people.save(replace(person, active=False))
        context.publish(PersonChanged(person))
        expect_hand_over(person, context)
    everyone = context.uow.people.everyone()
    hearers = [*leaders_of(person.team_id, everyone)]
    hearers += [one for one in everyone if one.role is Role.ADMIN and one.active]
    notice = AccessEnded(person.id, sender.platform, guest=sender.standing == "guest")
    for hearer_id in sorted({one.id for one in hearers} - {person.id}):
        context.uow.outbox.add(notice, hearer_id)
