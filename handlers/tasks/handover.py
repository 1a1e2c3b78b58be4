"""Handover to other departments: begin tasks, assign them to the right person, end them [P13]."""

from collections.abc import Iterable
from datetime import datetime

from handlers.core.automation_events import task_was_overdue
from handlers.core.context import Context
from handlers.core.recipients import late_minutes, notify_leaders
from sales.jobs import EscalateTask, Job
from sales.leads import Lead, Stage
from sales.notices import TaskGiven, TaskOverdue
from sales.people import SYSTEM
from sales.playbook import TaskRule
from sales.tasks import Given, Staff, Task, assign, can_keep

ASSIGNEE_HEARS, LEADERS_HEAR = 1, 2
"""The escalation levels of an overdue task."""


def settle_move(lead: Lead, context: Context) -> None:
    """Adjust the tasks of a lead that has moved.

    A signature starts the playbook's tasks that are not under way; tasks that make no sense in the
    new stage are cancelled.
    """
    tasks = context.uow.tasks(SYSTEM).of_lead(lead.id)
    for task in tasks:
        if task.is_open and not task.suits(lead.stage):
            cancel_task(task, context)
    if lead.stage is not Stage.WON:
        return
    begun = {task.kind for task in tasks if task.is_open}
    for rule in context.playbook.handover.won:
        if rule.kind not in begun:
            begin_task(_drafted(rule, lead, context), context)


def begin_task(draft: Task, context: Context, *, quietly: bool = False) -> Task:
    """Save a task, notify its assignee, and schedule its escalation.

    ``quietly``: they took it themselves.
    """
    task = context.uow.tasks(SYSTEM).add(draft)
    plan_escalation(task, context)
    if not quietly:
        _tell_assignee(task, context)
    context.uow.outbox.refresh(f"lead:{task.lead_id}")
    return task


def due_within(minutes: int, context: Context) -> datetime:
    """The moment when this many minutes of working time have passed."""
    return context.calendar.add(context.now, minutes)


def give_task(task: Task, given: Given, context: Context, *, quietly: bool = False) -> Task:
    """Reassign a task and update its cards.

    ``quietly``: the person is notified in another way.
    """
    saved = context.uow.tasks(SYSTEM).save(task.give(given))
    if not quietly:
        _tell_assignee(saved, context)
    context.uow.outbox.refresh(saved.subject)
    context.uow.outbox.refresh(f"lead:{saved.lead_id}")
    return saved


def review_tasks(tasks: Iterable[Task], context: Context) -> None:
    """Reassign open tasks whose assignee cannot do them any more.

    Called when people or owners have changed; the tasks go to people who can do them.
    """
    for task in tasks:
        if not task.is_open:
            continue
        lead = context.uow.leads(SYSTEM).get(task.lead_id)
        person = context.uow.people.get(task.assignee_id) if task.assignee_id else None
        if person is None or not can_keep(person, task, lead):
            give_task(task, assign(task.role, lead, staff(context)), context)


def escalate(job: Job[EscalateTask], context: Context) -> None:
    """Due work: escalate a task that was not done, first to the assignee, then to the leaders.

    The leaders are notified at once when the assignee is not there.
    """
    task = context.tasks.get(job.args.task_id)
    lead = context.leads.get(task.lead_id)
    task = context.tasks.get(task.id)
    if not task.is_open:
        return
    level = job.args.level
    person = context.uow.people.get(task.assignee_id) if task.assignee_id else None
    late = late_minutes(job.due_at, context.now)
    context.uow.outbox.refresh(task.subject)
    if level == ASSIGNEE_HEARS:
        task_was_overdue(task.id, lead, context)
    if level == ASSIGNEE_HEARS and person and person.is_there(context.today):
        context.uow.outbox.add(TaskOverdue(task.id, level, late), person.id)
    else:
        notify_leaders(TaskOverdue(task.id, LEADERS_HEAR, late), lead, context)


def forget_escalation(task: Task, context: Context) -> None:
    context.uow.jobs.cancel(EscalateTask, task.id)


def staff(context: Context) -> Staff:
    open_tasks = context.uow.tasks(SYSTEM).open_counts()
    return Staff(context.uow.people.everyone(), open_tasks, context.today)


def _drafted(rule: TaskRule, lead: Lead, context: Context) -> Task:
    given = assign(rule.role, lead, staff(context))
    return Task(
        lead_id=lead.id,
        kind=rule.kind,
        role=rule.role,
        assignee_id=given.person.id if given.person else None,
        why=given.why,
        asked_by=context.actor.id or None,
        created_at=context.now,
        due_at=due_within(rule.within, context),
    )


def cancel_task(task: Task, context: Context) -> None:
    """Cancel a task that is not needed any more; nobody is asked about it again."""
    context.uow.tasks(SYSTEM).save(task.cancel(context.now))
    forget_escalation(task, context)
    context.uow.outbox.refresh(task.subject)


def plan_escalation(task: Task, context: Context) -> None:
    """Schedule the escalation of a task that is not done in time."""
    rules, calendar = context.playbook.handover, context.calendar
    levels = ((ASSIGNEE_HEARS, rules.overdue_after), (LEADERS_HEAR, rules.escalate_after))
    for level, minutes in levels:
        due_at = calendar.add(task.due_at, minutes) if minutes else task.due_at
        args = EscalateTask(task.id, level)
        context.uow.jobs.add(Job(args, due_at, f"task:{task.id}:{level}"))


def _tell_assignee(task: Task, context: Context) -> None:
    if task.assignee_id:
        context.uow.outbox.add(TaskGiven(task.id), task.assignee_id)
