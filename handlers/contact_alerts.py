"""Who looked up contacts: the record for leaders, and the alert when somebody takes many [P1]."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from handlers.core.context import Turn
from handlers.core.labels import home_button
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Section, Table
from sales.contact_alerts import Reveal, Window
from sales.errors import PersonNotFound
from sales.leads import lead_number
from sales.notices import BulkReveal, CustomersProbed, Notice
from sales.people import Person, Role, leaders_of
from sales.permissions import may
from sales.playbook.customers import Bounds
from storage.jobs import Work, WorkKind

SHOWN, SHOWN_IN_ALERT = 30, 10
Counted: TypeAlias = Callable[[int, datetime], int]
"""How often a person did it since a moment."""


def watch_reveals(turn: Turn) -> None:
    """Somebody just looked up a contact: was that one too many?"""
    counted, limits = turn.uow.audit.reveals_since, turn.playbook.reveals
    plan_alert("reveals", turn.actor, counted, limits, turn)


def plan_alert(
    kind: WorkKind, person: Person, counted: Counted, limits: Bounds, turn: Turn
) -> None:
    """Plan to tell who leads a person of what they did more often than the rules take for usual
    in an hour or a day: once for each hour of the clock and each day."""
    for window in Window:
        if counted(person.id, turn.now - window.length) > window.limit(limits):
            hour = window.key(turn.now.astimezone(turn.timezone))
            key = f"{kind}:{person.id}:{window}:{hour}"
            turn.uow.schedule.add(Work(key, kind, f"{person.id}:{window}", turn.now))


def alert_reveals(work: Work, turn: Turn) -> None:
    """Due work, at once: the admins and the person's managers hear."""
    person_id, _, name = work.subject.partition(":")
    person, window = turn.uow.people.get(int(person_id)), Window(name)
    count = turn.uow.audit.reveals_since(person.id, work.due_at - window.length)
    detail = {"window": window.value, "count": str(count)}
    turn.uow.audit.record(turn.actor, "contact.bulk", f"person:{person.id}", detail)
    tell_who_leads(person, BulkReveal(person.id, window.value, count), turn)


def tell_who_leads(person: Person, notice: Notice, turn: Turn) -> None:
    """The admins and the person's managers hear, the person does not."""
    everyone = turn.uow.people.everyone()
    admins = [one for one in everyone if one.active and one.role is Role.ADMIN]
    hearers = {one.id for one in (*admins, *leaders_of(person.team_id, everyone))} - {person.id}
    for hearer in sorted(hearers):
        turn.uow.outbox.add(notice, hearer)


def show(turn: Turn) -> Reply:
    """Button: who looked up which contact, when and what for; of one person, or of everybody."""
    people = {
        person.id: person for person in turn.uow.people.everyone() if leads_person(person, turn)
    }
    if turn.pressed:
        person_id = record_id(turn.pressed)
        if person_id not in people:
            raise PersonNotFound
        people = {person_id: people[person_id]}
    found = turn.uow.audit.reveals(tuple(people), SHOWN)
    return Reply(
        card=Card(
            title=turn.text("reveals.title"),
            body="" if found else turn.text("reveals.none"),
            sections=_sections(found, turn),
            buttons=(home_button(turn),),
            footnote=turn.text("reveals.newest", n=SHOWN) if len(found) == SHOWN else "",
        )
    )


def reveals_card(notice: BulkReveal, turn: Turn, **_again: bool) -> Card | None:
    """The alert, for who leads the person; None for who does no more."""
    person = turn.uow.people.get(notice.person_id)
    if not leads_person(person, turn):
        return None
    window, n = Window(notice.window), notice.count
    return Card(
        title=turn.text(f"reveals.alert_{window}", name=person.name, n=n),
        body=turn.text("reveals.alert_body"),
        sections=_sections(turn.uow.audit.reveals((person.id,), SHOWN_IN_ALERT), turn),
        buttons=(Button("reveals.show", turn.text("button.reveals"), str(person.id)),),
        footnote=turn.text("reveals.alert_why", limit=window.limit(turn.playbook.reveals)),
        tone="warning",
    )


def leads_person(person: Person, turn: Turn) -> bool:
    """Whether the reader leads the person."""
    reader = turn.actor
    own_team = reader.role is Role.MANAGER and person.team_id == reader.team_id
    return reader.active and (reader.role is Role.ADMIN or own_team)


def _sections(found: list[Reveal], turn: Turn) -> tuple[Section, ...]:
    if not found:
        return ()
    columns = tuple(turn.text(f"reveals.{name}") for name in ("at", "who", "lead", "reason"))
    return (Section(table=Table(columns, tuple(_row(one, turn) for one in found))),)


def _row(reveal: Reveal, turn: Turn) -> tuple[str, ...]:
    """The lead by its number alone: what is known of it, its card tells who may see it."""
    kind, _, lead_id = reveal.subject.partition(":")
    return (
        turn.language.moment(reveal.at),
        turn.uow.people.get(reveal.person_id).name,
        lead_number(int(lead_id)) if kind == "lead" else reveal.subject,
        turn.text(f"contact.reason_{reveal.reason}"),
    )


ACT = "customer.known"


def told_of_others(n: int = 1) -> Callable[[Turn], None]:
    """What stays on record of a reply that told the actor of ``n`` customers of colleagues."""

    def keep(turn: Turn) -> None:
        note_told(turn.actor, n, turn)

    return keep


def note_told(person: Person, n: int, turn: Turn) -> None:
    """Keep that a person was told of ``n`` customers of colleagues; above the rules' number for
    an hour or a day the leaders hear, once for each hour of the clock and each day."""
    audit = turn.uow.audit
    audit.record(person, ACT, f"person:{person.id}", {"n": str(n)})
    plan_alert("probing", person, audit.told_since, turn.playbook.probing, turn)


def alert_probing(work: Work, turn: Turn) -> None:
    """Due work, at once: the admins and the person's managers hear."""
    person_id, _, name = work.subject.partition(":")
    person, window = turn.uow.people.get(int(person_id)), Window(name)
    count = turn.uow.audit.told_since(person.id, work.due_at - window.length)
    tell_who_leads(person, CustomersProbed(person.id, window.value, count), turn)


def probing_card(notice: CustomersProbed, turn: Turn, **_again: bool) -> Card | None:
    """The alert, for who leads the person; None for who does no more. It names no customer."""
    person = turn.uow.people.get(notice.person_id)
    if not leads_person(person, turn):
        return None
    window, n = Window(notice.window), notice.count
    edit = Button("people.edit", turn.text("button.edit_person", name=person.name), str(person.id))
    return Card(
        title=turn.text(f"probing.alert_{window}", name=person.name, n=n),
        body=turn.text("probing.alert_body"),
        buttons=(*((edit,) if may(turn.actor, edit.action) else ()), home_button(turn)),
        footnote=turn.text("probing.alert_why", limit=window.limit(turn.playbook.probing)),
        tone="warning",
    )
