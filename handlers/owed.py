"""What is said of a step or a task that somebody owes, and for how long it stands in their list."""

from dataclasses import replace

from handlers.handover import ASSIGNEE_HEARS
from handlers.lead_card import lead_gone_card
from handlers.reminders import reminder_card
from handlers.task_card import task_card, task_gone_card
from handlers.turns import Turn
from handlers.ui import Card, Todo
from handlers.unhappy import is_unhappy, unhappy_card
from sales.errors import FollowUpNotFound, TaskNotFound
from sales.notices import FollowUpOverdue, ReminderDue, TaskAnswered, TaskGiven, TaskOverdue
from sales.people import SYSTEM


def reminder(notice: ReminderDue | FollowUpOverdue, turn: Turn, *, again: bool) -> Card | None:
    try:
        followup = turn.followups.get(notice.followup_id)
    except FollowUpNotFound:
        gone = turn.uow.followups(SYSTEM).get(notice.followup_id)
        lead = turn.uow.leads(SYSTEM).get(gone.lead_id)
        return lead_gone_card(lead, turn, gone.subject) if again else None
    if not followup.is_waiting and not again:
        return None
    level = notice.level if isinstance(notice, FollowUpOverdue) else 0
    card = reminder_card(followup, turn, level=level, late=notice.late_minutes)
    owed = level == 1 and followup.is_waiting and (at := followup.next_at) and at < turn.now
    todo = Todo(at) if owed and at else None
    return replace(card, thread=f"lead:{followup.lead_id}", todo=todo)


def task(notice: TaskGiven | TaskOverdue | TaskAnswered, turn: Turn, *, again: bool) -> Card | None:
    """An answer is told of although the task is over; a new or an overdue task is not."""
    try:
        found = turn.tasks.get(notice.task_id)
    except TaskNotFound:
        gone = turn.uow.tasks(SYSTEM).get(notice.task_id)
        return task_gone_card(gone, turn) if again else None
    if not found.is_open and not again and not isinstance(notice, TaskAnswered):
        return None
    thread = f"lead:{found.lead_id}"
    if isinstance(notice, TaskAnswered) and is_unhappy(found, turn):
        lead = turn.leads.get(found.lead_id)
        return replace(unhappy_card(found, lead, turn), thread=thread)
    if not isinstance(notice, TaskOverdue):
        return replace(task_card(found, turn), thread=thread)
    card = task_card(found, turn, level=notice.level, late=notice.late_minutes)
    owed = notice.level == ASSIGNEE_HEARS and found.is_overdue(turn.now)
    return replace(card, thread=thread, todo=Todo(found.due_at) if owed else None)
