"""A customer turned out unhappy: the leaders hear what was said, and take it up by one button."""

from handlers.handed_card import contact_buttons, contact_facts
from handlers.handover import begin_task, due_within
from handlers.labels import enum_label, lead_title
from handlers.requests import Reply, record_id
from handlers.task_card import task_card
from handlers.turns import Turn
from handlers.ui import Button, Card, Fact
from sales.assignments import Why
from sales.errors import NotAllowed, TaskNotFound
from sales.leads import Lead
from sales.people import Role, leaders_of
from sales.permissions import LEADERS, leads_team_of
from sales.tasks import Task, TaskKind

LONGEST = 1000


def unhappy_card(task: Task, lead: Lead, turn: Turn) -> Card:
    """What the customer said, why that comes to a leader, and what to do about it."""
    text, result = turn.text, task.result
    who = turn.uow.people.get(task.done_by).name if task.done_by else ""
    owner = turn.uow.people.get(lead.owner_id).name if lead.owner_id else ""
    rows = (
        ("task.satisfaction", text("unhappy.of_five", n=result.satisfaction)),
        ("unhappy.said", result.note),
        ("unhappy.problems", result.problems),
        ("unhappy.asked_by", who),
        ("lead.owner", owner),
        ("lead.stage", enum_label(lead.stage, turn.language)),
    )
    facts = tuple(Fact(text(key), value) for key, value in rows if value)
    step_in = Button("task.step_in", text("button.step_in"), str(task.id), "primary")
    return Card(
        title=text("unhappy.title", lead=lead_title(lead), n=result.satisfaction),
        facts=(*facts, *contact_facts(lead, turn)),
        body=text("unhappy.next"),
        buttons=(
            *(() if _taken_up(task, turn) else (step_in,)),
            *contact_buttons(lead, turn),
            Button("followup.log", text("button.log"), lead.number),
            Button("lead.show", text("button.open"), lead.number),
        ),
        footnote=text("unhappy.why", n=turn.playbook.handover.unhappy_until),
        tone="warning",
        subject=task.subject,
    )


def is_unhappy(task: Task, turn: Turn) -> bool:
    return task.shows_unhappy(turn.playbook.handover.unhappy_until)


def thanks(task: Task, lead: Lead, turn: Turn) -> str:
    """What is said to who did a task: of an unhappy customer, who hears of them now."""
    if not is_unhappy(task, turn):
        return turn.text("task.thanks")
    leaders = leaders_of(lead.team_id, turn.uow.people.everyone())
    names = [person.name for person in leaders if person.id != turn.actor.id]
    if not names:
        return turn.text("task.thanks_unhappy_alone")
    return turn.text("task.thanks_unhappy", names=turn.language.listing(names))


def step_in(turn: Turn) -> Reply:
    """Button: a leader makes it their own task, due soon."""
    task_id = record_id(turn.pressed)
    if task_id is None:
        raise TaskNotFound
    lead = turn.leads.get(turn.tasks.get(task_id).lead_id)
    task = turn.tasks.get(task_id)
    if not leads_team_of(turn.actor, lead):
        raise NotAllowed(roles=sorted(LEADERS))
    if not is_unhappy(task, turn):
        raise TaskNotFound
    if mine := _taken_up(task, turn):
        return Reply(card=task_card(mine, turn), toast=turn.text("unhappy.already"))
    said = " ".join(part for part in (task.result.note, task.result.problems) if part)
    question = turn.text("unhappy.task", n=task.result.satisfaction, words=said)
    begun = begin_task(
        Task(
            lead_id=lead.id,
            kind=TaskKind.TODO,
            role=Role.MANAGER,
            assignee_id=turn.actor.id,
            why=Why("task_unhappy"),
            question=question[:LONGEST],
            created_at=turn.now,
            due_at=due_within(turn.playbook.handover.answer_within, turn),
        ),
        turn,
        quietly=True,
    )
    turn.uow.audit.record(turn.actor, "task.step_in", lead.subject, {"task": str(begun.id)})
    turn.uow.outbox.refresh(task.subject)
    return Reply(card=task_card(begun, turn), toast=turn.text("unhappy.yours"))


def _taken_up(task: Task, turn: Turn) -> Task | None:
    """The task that a leader made of it already."""
    return next(
        (
            one
            for one in turn.tasks.of_lead(task.lead_id)
            if one.why.reason == "task_unhappy" and one.is_open
        ),
        None,
    )
