"""Contact lookups: the record for leaders, and alerts when somebody looks up too many [P1]."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from handlers.core.context import Context
from handlers.core.labels import home_button
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Section, Table
from sales.contact_alerts import Reveal, Window
from sales.errors import PersonNotFound
from sales.jobs import AlertProbing, AlertReveals, Job
from sales.leads import lead_number
from sales.notices import BulkReveal, CustomersProbed, Notice
from sales.people import Person, Role, leaders_of
from sales.permissions import may
from sales.playbook.customers import Bounds

SHOWN, SHOWN_IN_ALERT = 30, 10
Counted: TypeAlias = Callable[[int, datetime], int]
"""How often a person has done something since a given moment."""


def watch_reveals(context: Context) -> None:
    """Check the limit after the actor has looked up a contact."""
    counted, limits = context.uow.audit.reveals_since, context.playbook.reveals
    plan_alert(AlertReveals, context.actor, counted, limits, context)


def plan_alert(
    alert: type[AlertReveals | AlertProbing],
    person: Person,
    counted: Counted,
    limits: Bounds,
    context: Context,
) -> None:
    """Schedule an alert to a person's leaders if they exceeded the playbook's limits. At most one
    alert per clock hour and one per day."""
    for window in Window:
        if counted(person.id, context.now - window.length) > window.limit(limits):
            hour = window.key(context.now.astimezone(context.timezone))
            key = f"{alert.kind}:{person.id}:{window}:{hour}"
            context.uow.jobs.add(Job(alert(person.id, window), context.now, key))


def alert_reveals(job: Job[AlertReveals], context: Context) -> None:
    """Job, due at once: alert the admins and the person's managers to bulk contact lookups."""
    person, window = context.uow.people.get(job.args.person_id), job.args.window
    count = context.uow.audit.reveals_since(person.id, job.due_at - window.length)
    detail = {"window": window.value, "count": str(count)}
    context.uow.audit.record(context.actor, "contact.bulk", f"person:{person.id}", detail)
    notify_leaders(person, BulkReveal(person.id, window.value, count), context)


def notify_leaders(person: Person, notice: Notice, context: Context) -> None:
    """Notify the admins and the person's managers, but never the person."""
    everyone = context.uow.people.everyone()
    admins = [
        colleague for colleague in everyone if colleague.active and colleague.role is Role.ADMIN
    ]
    recipient_ids = {
        colleague.id for colleague in (*admins, *leaders_of(person.team_id, everyone))
    } - {person.id}
    for recipient_id in sorted(recipient_ids):
        context.uow.outbox.add(notice, recipient_id)


def show(context: Context) -> Reply:
    """Button: who looked up which contact, when and why; for one person, or for all."""
    people = {
        person.id: person
        for person in context.uow.people.everyone()
        if leads_person(person, context)
    }
    if context.pressed:
        person_id = record_id(context.pressed)
        if person_id not in people:
            raise PersonNotFound
        people = {person_id: people[person_id]}
    reveals = context.uow.audit.reveals(tuple(people), SHOWN)
    return Reply(
        card=Card(
            title=context.text("reveals.title"),
            body="" if reveals else context.text("reveals.none"),
            sections=_sections(reveals, context),
            buttons=(home_button(context),),
            footnote=context.text("reveals.newest", n=SHOWN) if len(reveals) == SHOWN else "",
        )
    )


def reveals_card(notice: BulkReveal, context: Context, **_again: bool) -> Card | None:
    """The alert card for people who lead this person; None for anyone who no longer does."""
    person = context.uow.people.get(notice.person_id)
    if not leads_person(person, context):
        return None
    window, n = Window(notice.window), notice.count
    return Card(
        title=context.text(f"reveals.alert_{window}", name=person.name, n=n),
        body=context.text("reveals.alert_body"),
        sections=_sections(context.uow.audit.reveals((person.id,), SHOWN_IN_ALERT), context),
        buttons=(Button("reveals.show", context.text("button.reveals"), str(person.id)),),
        footnote=context.text("reveals.alert_why", limit=window.limit(context.playbook.reveals)),
        tone="warning",
    )


def leads_person(person: Person, context: Context) -> bool:
    """Whether the reader leads this person."""
    reader = context.actor
    own_team = reader.role is Role.MANAGER and person.team_id == reader.team_id
    return reader.active and (reader.role is Role.ADMIN or own_team)


def _sections(reveals: list[Reveal], context: Context) -> tuple[Section, ...]:
    if not reveals:
        return ()
    columns = tuple(context.text(f"reveals.{name}") for name in ("at", "who", "lead", "reason"))
    return (Section(table=Table(columns, tuple(_row(reveal, context) for reveal in reveals))),)


def _row(reveal: Reveal, context: Context) -> tuple[str, ...]:
    """One table row. Names only the lead's number; details are on its card, for people who may see
    it."""
    kind, _, lead_id = reveal.subject.partition(":")
    return (
        context.language.moment(reveal.at),
        context.uow.people.get(reveal.person_id).name,
        lead_number(int(lead_id)) if kind == "lead" else reveal.subject,
        context.text(f"contact.reason_{reveal.reason}"),
    )


ACT = "customer.known"


def record_matches(n: int = 1) -> Callable[[Context], None]:
    """A ``Reply.record`` that logs that the actor learned of ``n`` customers of colleagues."""

    def keep(context: Context) -> None:
        note_told(context.actor, n, context)

    return keep


def note_told(person: Person, n: int, context: Context) -> None:
    """Log that a person learned of ``n`` customers of colleagues. Above the playbook's limit for an
    hour or a day their leaders are alerted, at most once per clock hour and once per day."""
    audit = context.uow.audit
    audit.record(person, ACT, f"person:{person.id}", {"n": str(n)})
    plan_alert(AlertProbing, person, audit.told_since, context.playbook.probing, context)


def alert_probing(job: Job[AlertProbing], context: Context) -> None:
    """Job, due at once: alert the admins and the person's managers to possible probing for
    customers."""
    person, window = context.uow.people.get(job.args.person_id), job.args.window
    count = context.uow.audit.told_since(person.id, job.due_at - window.length)
    notify_leaders(person, CustomersProbed(person.id, window.value, count), context)


def probing_card(notice: CustomersProbed, context: Context, **_again: bool) -> Card | None:
    """The alert card for people who lead this person; None for anyone who no longer does. Names no
    customer."""
    person = context.uow.people.get(notice.person_id)
    if not leads_person(person, context):
        return None
    window, n = Window(notice.window), notice.count
    edit = Button(
        "people.edit", context.text("button.edit_person", name=person.name), str(person.id)
    )
    return Card(
        title=context.text(f"probing.alert_{window}", name=person.name, n=n),
        body=context.text("probing.alert_body"),
        buttons=(*((edit,) if may(context.actor, edit.action) else ()), home_button(context)),
        footnote=context.text("probing.alert_why", limit=window.limit(context.playbook.probing)),
        tone="warning",
    )
