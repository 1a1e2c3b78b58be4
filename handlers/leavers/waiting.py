"""Somebody who left or is away still has leads: a leader is to choose, and else the rules do."""

from handlers.turns import Turn
from handlers.ui import Button, Card
from sales.people import SYSTEM, Person
from sales.permissions import may
from storage.jobs import Work


def expect_hand_over(person: Person, turn: Turn) -> int:
    """How many open leads somebody has who can have none any more. If no leader chooses in
    time, the routing rules do; who can have leads again keeps them."""
    turn.uow.schedule.cancel("leaver", str(person.id))
    if person.active and person.sells:
        return 0
    left = turn.uow.leads(SYSTEM).open_of(person.id)
    if left:
        due_at = turn.calendar.add(turn.now, turn.playbook.assignment.hand_over_within)
        key = f"leaver:{person.id}:{turn.now.timestamp():.0f}"
        turn.uow.schedule.add(Work(key, "leaver", str(person.id), due_at))
    return left


def hand_over_button(person: Person, turn: Turn) -> tuple[Button, ...]:
    """For somebody who is not there and has leads."""
    if person.is_there(turn.today) and person.sells:
        return ()
    if not may(turn.actor, "leaver.ask") or not turn.leads.open_of(person.id):
        return ()
    label = turn.text("button.hand_over_all", name=person.name)
    return (Button("leaver.ask", label, str(person.id)),)


def left_card(person: Person, left: int, turn: Turn) -> Card:
    """What a leader sees who has just closed an account."""
    due_at = turn.calendar.add(turn.now, turn.playbook.assignment.hand_over_within)
    return Card(
        title=turn.text("leaver.left_title", name=person.name, n=left),
        body=turn.text("leaver.left_body", at=turn.language.moment(due_at)),
        buttons=(Button("leaver.ask", turn.text("leaver.title"), str(person.id), "primary"),),
    )
