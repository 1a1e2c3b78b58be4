"""Somebody is told that a colleague has a customer: kept, and told to leaders when it happens so
often that it looks like trying who is known [P8]."""

from collections.abc import Callable

from handlers.reveals import leads_person, plan_alert, tell_who_leads
from handlers.task_lines import home_button
from handlers.turns import Turn
from handlers.ui import Button, Card
from sales.contact_alerts import Window
from sales.notices import CustomersProbed
from sales.people import Person
from sales.permissions import may
from storage.jobs import Work

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


def alert(work: Work, turn: Turn) -> None:
    """Due work, at once: the admins and the person's managers hear."""
    person_id, _, name = work.subject.partition(":")
    person, window = turn.uow.people.get(int(person_id)), Window(name)
    count = turn.uow.audit.told_since(person.id, work.due_at - window.length)
    tell_who_leads(person, CustomersProbed(person.id, window.value, count), turn)


def alert_card(notice: CustomersProbed, turn: Turn, **_again: bool) -> Card | None:
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
