"""What follows when somebody leaves or may no longer own leads."""

from handlers.core.context import Context
from handlers.core.ui import Button, Card
from sales.jobs import HandOverWork, Job
from sales.people import SYSTEM, Person
from sales.permissions import may


def expect_hand_over(person: Person, context: Context) -> int:
    """Count the open leads of somebody who may no longer own any, and schedule their transfer.

    If no leader chooses in time, the routing rules decide; people who may own leads again keep
    them.
    """
    context.uow.jobs.cancel(HandOverWork, person.id)
    if person.active and person.sells:
        return 0
    left = context.uow.leads(SYSTEM).open_of(person.id)
    if left:
        due_at = context.calendar.add(context.now, context.playbook.assignment.hand_over_within)
        key = f"leaver:{person.id}:{context.now.timestamp():.0f}"
        context.uow.jobs.add(Job(HandOverWork(person.id), due_at, key))
    return left


def hand_over_button(person: Person, context: Context) -> tuple[Button, ...]:
    """Button to hand over the leads of somebody who is not there."""
    if person.is_there(context.today) and person.sells:
        return ()
    if not may(context.actor, "leaver.ask") or not context.leads.open_of(person.id):
        return ()
    label = context.text("button.hand_over_all", name=person.name)
    return (Button("leaver.ask", label, str(person.id)),)


def left_card(person: Person, left: int, context: Context) -> Card:
    """Card for the leader who has just closed an account."""
    due_at = context.calendar.add(context.now, context.playbook.assignment.hand_over_within)
    return Card(
        title=context.text("leaver.left_title", name=person.name, n=left),
        body=context.text("leaver.left_body", at=context.language.moment(due_at)),
        buttons=(Button("leaver.ask", context.text("leaver.title"), str(person.id), "primary"),),
    )
