"""Handing over to other departments: tasks begin, stay with the right person, and end [P13]."""

from collections.abc import Iterable
from datetime import datetime

from handlers.core.context import Turn
from handlers.core.events import task_was_overdue
from handlers.core.recipients import late_minutes, tell_leaders
from sales.leads import Lead, Stage
from sales.notices import TaskGiven, TaskOverdue
from sales.people import SYSTEM
from sales.playbook import TaskRule
from sales.tasks import Given, Staff, Task, assign, can_keep
from storage.jobs import Work

ASSIGNEE_HEARS, LEADERS_HEAR = 1, 2
"""The levels of an overdue task."""


def settle_move(lead: Lead, turn: Turn) -> None:
    """A lead has moved: a signature starts what the playbook says and is not under way; what
    makes no sense in the new stage is cancelled."""
    known = turn.uow.tasks(SYSTEM).of_lead(lead.id)
    for task in known:
        if task.is_open and not task.suits(lead.stage):
            cancel_task(task, turn)
    if lead.stage is not Stage.WON:
        return
    begun = {task.kind for task in known if task.is_open}
    for rule in turn.playbook.handover.won:
        if rule.kind not in begun:
            begin_task(_drafted(rule, lead, turn), turn)


def begin_task(draft: Task, turn: Turn, *, quietly: bool = False) -> Task:
    """Store a task, tell its assignee, and plan what happens when it is not done. ``quietly``:
    they took it themselves."""
    task = turn.uow.tasks(SYSTEM).add(draft)
    _plan_escalation(task, turn)
    if not quietly:
        _tell_assignee(task, turn)
    turn.uow.outbox.refresh(f"lead:{task.lead_id}")
    return task


def due_within(minutes: int, turn: Turn) -> datetime:
    """When so much working time will have passed."""
    return turn.calendar.add(turn.now, minutes)


def give_task(task: Task, given: Given, turn: Turn, *, quietly: bool = False) -> Task:
    """The task becomes somebody else's; its cards show so. ``quietly``: they hear otherwise."""
    saved = turn.uow.tasks(SYSTEM).save(task.give(given))
    if not quietly:
        _tell_assignee(saved, turn)
    turn.uow.outbox.refresh(saved.subject)
    turn.uow.outbox.refresh(f"lead:{saved.lead_id}")
    return saved


def review_tasks(tasks: Iterable[Task], turn: Turn) -> None:
    """People or owners have changed: open tasks whose assignee cannot do them any more go to
    somebody who can."""
    for task in tasks:
        if not task.is_open:
            continue
        lead = turn.uow.leads(SYSTEM).get(task.lead_id)
        person = turn.uow.people.get(task.assignee_id) if task.assignee_id else None
        if person is None or not can_keep(person, task, lead):
            give_task(task, assign(task.role, lead, staff(turn)), turn)


def escalate(work: Work, turn: Turn) -> None:
    """Due work: the task was not done; first the assignee hears of it, then the leaders, who
    hear at once when the assignee is not there."""
    task = turn.tasks.get(int(work.subject))
    lead = turn.leads.get(task.lead_id)
    task = turn.tasks.get(task.id)
    if not task.is_open:
        return
    level = int(work.key.split(":")[2])
    person = turn.uow.people.get(task.assignee_id) if task.assignee_id else None
    late = late_minutes(work.due_at, turn.now)
    turn.uow.outbox.refresh(task.subject)
    if level == ASSIGNEE_HEARS:
        task_was_overdue(task.id, lead, turn)
    if level == ASSIGNEE_HEARS and person and person.is_there(turn.today):
        turn.uow.outbox.add(TaskOverdue(task.id, level, late), person.id)
    else:
        tell_leaders(TaskOverdue(task.id, LEADERS_HEAR, late), lead, turn)


def forget_escalation(task: Task, turn: Turn) -> None:
    turn.uow.schedule.cancel("task", str(task.id))


def staff(turn: Turn) -> Staff:
    open_tasks = turn.uow.tasks(SYSTEM).open_counts()
    return Staff(turn.uow.people.everyone(), open_tasks, turn.today)


def _drafted(rule: TaskRule, lead: Lead, turn: Turn) -> Task:
    given = assign(rule.role, lead, staff(turn))
    return Task(
        lead_id=lead.id,
        kind=rule.kind,
        role=rule.role,
        assignee_id=given.person.id if given.person else None,
        why=given.why,
        asked_by=turn.actor.id or None,
        created_at=turn.now,
        due_at=due_within(rule.within, turn),
    )


def cancel_task(task: Task, turn: Turn) -> None:
    """It is not needed any more; nobody is asked about it again."""
    turn.uow.tasks(SYSTEM).save(task.cancel(turn.now))
    forget_escalation(task, turn)
    turn.uow.outbox.refresh(task.subject)


def _plan_escalation(task: Task, turn: Turn) -> None:
    rules, calendar = turn.playbook.handover, turn.calendar
    levels = ((ASSIGNEE_HEARS, rules.overdue_after), (LEADERS_HEAR, rules.escalate_after))
    for level, minutes in levels:
        due_at = calendar.add(task.due_at, minutes) if minutes else task.due_at
        turn.uow.schedule.add(Work(f"task:{task.id}:{level}", "task", str(task.id), due_at))


def _tell_assignee(task: Task, turn: Turn) -> None:
    if task.assignee_id:
        turn.uow.outbox.add(TaskGiven(task.id), task.assignee_id)
