"""``/tasks``: what is mine to do for a lead; take it up, do it, pass it on [P13] [P14]."""

from handlers.automation.events import happened
from handlers.handover import forget_escalation, give_task, staff
from handlers.labels import lead_title
from handlers.requests import Reply, record_id
from handlers.task_card import may_do, task_card, task_gone_card
from handlers.task_form import finish_form, pass_form, picked, read_result
from handlers.task_lines import due_text, home_button, kind_label, who
from handlers.telling import how_told, tell_leaders
from handlers.turns import Turn
from handlers.ui import Button, Card, Section
from handlers.unhappy import is_unhappy, thanks
from sales.assignments import Why
from sales.errors import Conflict, LeadNotFound, NotAllowed, TaskNotFound
from sales.leads import Lead
from sales.notices import TaskAnswered
from sales.people import Role
from sales.permissions import LEADERS
from sales.playbook import Trigger
from sales.tasks import Given, Task, TaskKind, colleagues

SHOWN = 8
"""So many tasks stand in each part of the list."""


def open_command(turn: Turn) -> Reply:
    """``/tasks``: mine, the first due first; a leader also sees the team's."""
    mine = turn.tasks.open_of(turn.actor.id)
    others: list[Task] = []
    if turn.actor.role in LEADERS:
        others = turn.tasks.open_of_others(turn.actor.id, SHOWN + 1)
    overdue = sum(task.is_overdue(turn.now) for task in mine)
    more = len(mine) > SHOWN or len(others) > SHOWN
    body = turn.text("task.count", n=len(mine)) if mine else turn.text("task.none")
    if overdue:
        body += turn.text("task.count_overdue", n=overdue)
    return Reply(
        card=Card(
            title=turn.text("task.list_title"),
            body=body,
            sections=(
                *(_listed(task, turn) for task in mine[:SHOWN]),
                *((Section(turn.text("task.of_team")),) if others else ()),
                *(_listed(task, turn) for task in others[:SHOWN]),
            ),
            buttons=(_elsewhere(turn),),
            footnote=turn.text("task.more") if more else "",
            tone="bad" if overdue else "plain",
        )
    )


def _elsewhere(turn: Turn) -> Button:
    """Where to go from the list: for who has nothing but tasks, it is home already."""
    if turn.actor.sells:
        return home_button(turn)
    return Button("help.open", turn.text("button.help"))


def show(turn: Turn) -> Reply:
    """Button: one task's card."""
    return Reply(card=task_card(_task(turn), turn))


def accept(turn: Turn) -> Reply:
    """Button: I'm on it; who handed it over sees so, and how long that took [P25]."""
    task, _ = _held(turn)
    if not task.is_open:
        return _settled(task, turn)
    saved = turn.tasks.save(task.answer(turn.now))
    _refresh(saved, turn)
    return Reply(update=task_card(saved, turn), toast=turn.text("task.accepted"))


def finish(turn: Turn) -> Reply:
    """Button: what came of it?"""
    task, lead = _held(turn)
    if not task.is_open:
        return _settled(task, turn)
    return Reply(form=finish_form(task, lead, turn))


def done(turn: Turn) -> Reply:
    """Form: the task is done, with its result on the lead; who waits for it hears of it."""
    task, lead = _held(turn)
    if not task.is_open:
        return _settled(task, turn)
    finished = turn.tasks.save(task.done(read_result(task, turn), turn.actor, turn.now))
    forget_escalation(finished, turn)
    turn.uow.audit.record(turn.actor, "task.done", lead.subject, {"task": task.kind})
    _refresh(finished, turn)
    _tell(finished, lead, turn)
    if satisfaction := finished.result.satisfaction:
        happened(Trigger.UNHAPPY, lead, turn, satisfaction=satisfaction)
    return Reply(update=task_card(finished, turn), toast=thanks(finished, lead, turn))


def pass_on(turn: Turn) -> Reply:
    """Button: to whom?"""
    task, lead = _held(turn)
    if not task.is_open:
        return _settled(task, turn)
    people = colleagues(task, lead, staff(turn))
    if not people:
        return Reply(toast=turn.text("task.nobody_else"))
    return Reply(form=pass_form(task, lead, people, turn))


def hand(turn: Turn) -> Reply:
    """Form: passed on; what somebody else chose meanwhile stands."""
    task, lead = _held(turn)
    if not task.is_open:
        return _settled(task, turn)
    if turn.request.state.get("assignee", "") != str(task.assignee_id or ""):
        raise Conflict(number=lead.number)
    person = picked(colleagues(task, lead, staff(turn)), turn)
    given = give_task(task, Given(person, Why("task_passed", turn.actor.name)), turn)
    detail = {"task": task.kind, "to": str(person.id)}
    turn.uow.audit.record(turn.actor, "task.pass", lead.subject, detail)
    toast = turn.text("task.passed", name=person.name, told=how_told(person, turn))
    return Reply(update=_card_after(given, turn), toast=toast)


def _tell(task: Task, lead: Lead, turn: Turn) -> None:
    """An answer goes to who asked and to the lead's owner, an unhappy customer to the leaders;
    all else stands on the lead's card."""
    notice = TaskAnswered(task.id)
    if task.kind is TaskKind.SUPPORT:
        waiting = {one for one in (task.asked_by, lead.owner_id) if one is not None}
        for person_id in sorted(waiting - {turn.actor.id}):
            turn.uow.outbox.add(notice, person_id)
    if is_unhappy(task, turn):
        tell_leaders(notice, lead, turn)


def _task(turn: Turn) -> Task:
    """The task a button or form carries; raises TaskNotFound for anything else."""
    task_id = record_id(turn.pressed)
    if task_id is None:
        raise TaskNotFound
    return turn.tasks.get(task_id)


def _held(turn: Turn) -> tuple[Task, Lead]:
    """The same, to be changed: its lead is locked first, as everywhere, and the task is read
    again, since somebody else may just have changed it."""
    lead = turn.leads.get(_task(turn).lead_id)
    task = _task(turn)
    if not may_do(task, lead, turn):
        raise NotAllowed(roles=sorted({task.role or Role.REP} | LEADERS))
    return task, lead


def _settled(task: Task, turn: Turn) -> Reply:
    """An old card, or somebody was faster: it shows how the task stands."""
    return Reply(update=task_card(task, turn), toast=turn.text("task.no_longer_open"))


def _card_after(task: Task, turn: Turn) -> Card:
    """Who passed a task on may not see it any more."""
    try:
        return task_card(turn.tasks.get(task.id), turn)
    except (TaskNotFound, LeadNotFound):
        return task_gone_card(task, turn)


def _refresh(task: Task, turn: Turn) -> None:
    turn.uow.outbox.refresh(task.subject)
    turn.uow.outbox.refresh(f"lead:{task.lead_id}")


def _listed(task: Task, turn: Turn) -> Section:
    """One task of the list with what can be done about it."""
    lead = turn.leads.get(task.lead_id)
    mine = task.assignee_id == turn.actor.id
    line = " · ".join(
        part for part in (due_text(task, turn), "" if mine else who(task, turn)) if part
    )
    lines = (
        (line, turn.text("task.quoted", words=task.question[:200])) if task.question else (line,)
    )
    value = str(task.id)
    finish_key = "button.answer" if task.kind is TaskKind.SUPPORT else "button.done"
    return Section(
        heading=f"{kind_label(task.kind, turn.language)} · {lead_title(lead)}",
        lines=lines,
        buttons=(
            Button("task.finish", turn.text(finish_key), value, "primary" if mine else "plain"),
            Button("task.show", turn.text("button.show_task"), value),
        ),
    )
