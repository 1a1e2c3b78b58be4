"""``/people``: list the people of the team, their roles and their absences."""

from dataclasses import replace

from handlers.core.context import Context
from handlers.core.events import PersonChanged
from handlers.core.form_reader import FormReader
from handlers.core.guards import changeable
from handlers.core.language import known_locale
from handlers.core.replies import Reply
from handlers.core.ui import Date, Form
from handlers.people.cards import people_card
from handlers.people.forms import back_on, chosen_account, person_form, read_person, save_contacts
from handlers.people.leaving import expect_hand_over, left_card
from handlers.people.newcomers import settle
from sales.newcomers import NewcomerState
from sales.notices import LetIn
from sales.people import SYSTEM, Identity, Person, Role


def open_people(context: Context) -> Reply:
    """List the people the actor may see; leaders can edit them, everybody can report an absence."""
    return Reply(card=people_card(context))


def edit(context: Context) -> Reply:
    """Button: open the form for one person."""
    return Reply(form=person_form(changeable(context.pressed, context), context))


def save(context: Context) -> Reply:
    """Form: save changes to a person; every change of rights is audited."""
    context.uow.people.hold()
    person = changeable(context.pressed, context)
    changed, contacts = read_person(person, context)
    context.uow.people.save(changed)
    save_contacts(changed, contacts, context)
    detail = {"role": changed.role, "team": str(changed.team_id), "active": str(changed.active)}
    context.uow.audit.record(context.actor, "people.save", f"person:{person.id}", detail)
    context.uow.leads(SYSTEM).follow(changed)
    context.publish(PersonChanged(changed))
    left = expect_hand_over(changed, context)
    key = "people.saved_with_leads" if left else "people.saved"
    return Reply(
        toast=context.text(key, name=changed.name, n=left),
        update=people_card(context),
        card=left_card(changed, left, context) if left else None,
    )


def add(context: Context) -> Reply:
    """Button: add a colleague who has not written to the bot yet."""
    return Reply(form=person_form(_newcomer(context), context))


def create(context: Context) -> Reply:
    """Form: create an expected person.

    They are recognised by phone or e-mail when they first write; until then nothing is assigned to
    them.
    """
    context.uow.people.hold()
    read, contacts = read_person(_newcomer(context), context)
    person = context.uow.people.add(read)
    save_contacts(person, contacts, context)
    detail = {"role": person.role, "team": str(person.team_id)}
    context.uow.audit.record(context.actor, "people.create", f"person:{person.id}", detail)
    key = "people.added_invited" if _invite(person, contacts[1], context) else "people.added"
    return Reply(toast=context.text(key, name=person.name), update=people_card(context))


def _invite(person: Person, email: str, context: Context) -> bool:
    """Write to a new person whose account was chosen, or is known to the platform by their e-mail;
    whether it is.

    It vouches for the address exactly as it does when they write first.
    """
    account = context.request.account
    if account is None:
        return False
    if chosen_account(context) is None and (not email or account.email.lower() != email.lower()):
        return False
    people = context.uow.people
    if people.find(account.platform, account.id):
        return False
    if locale := known_locale(account.locale):
        people.save(replace(person, locale=locale))
    people.link(Identity(account.platform, account.id, person.id), context.now)
    detail = {"platform": account.platform}
    context.uow.audit.record(context.actor, "identity.link", f"person:{person.id}", detail)
    if asked := context.uow.newcomers.find(account.platform, account.id):
        settle(
            asked,
            NewcomerState.ADMITTED,
            context.uow,
            context.now,
            by=context.actor,
            person=person,
        )
    context.uow.outbox.add(LetIn(person.id), person.id)
    return True


def _newcomer(context: Context) -> Person:
    return Person(name="", role=Role.REP, team_id=context.actor.team_id, has_account=False)


def away(context: Context) -> Reply:
    """Button: report an absence and its end."""
    field = Date(
        name="back_on",
        label=context.text("people.back_on"),
        hint=context.text("people.back_hint"),
        value=back_on(context.actor, context),
    )
    return Reply(
        form=Form(
            action="people.leave",
            title=context.text("people.away_title"),
            intro=context.text("people.away_intro"),
            fields=(field,),
            submit=context.text("button.save"),
            cancel=context.text("button.cancel"),
        )
    )


def leave(context: Context) -> Reply:
    """Form: assign no new leads until that day; empty means back at work."""
    with FormReader(context) as form:
        back = form.day("back_on")
    context.uow.people.hold()
    context.uow.people.save(replace(context.uow.people.get(context.actor.id), away_until=back))
    if back is None or back <= context.today:
        return Reply(toast=context.text("people.here"))
    return Reply(toast=context.text("people.away_saved", day=context.language.day(back)))
