"""Accounts that the platform says are no members of the company.

Guests, people of other organisations, programs, and people deactivated there. They never work with
the bot, and people who did until now no longer do.
"""

from dataclasses import replace

from handlers.core.context import Context
from handlers.core.events import PersonChanged
from handlers.core.requests import Sender
from handlers.people.leaving import expect_hand_over
from sales.notices import AccessEnded
from sales.people import SYSTEM, Identity, Person, Role, leaders_of


def end_access(person: Person, sender: Sender, context: Context) -> None:
    """End the access of a known person whose account no longer is a member's.

    The account is removed or, where it is their only one, they are inactive until an admin decides
    otherwise. Their leaders are notified.
    """
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
    hearers += [
        colleague for colleague in everyone if colleague.role is Role.ADMIN and colleague.active
    ]
    notice = AccessEnded(person.id, sender.platform, guest=sender.standing == "guest")
    for hearer_id in sorted({hearer.id for hearer in hearers} - {person.id}):
        context.uow.outbox.add(notice, hearer_id)
