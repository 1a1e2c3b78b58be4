"""Events for automations.

An event is stored in the unit of work in which it happens, and processed afterwards in one of its
own. Events that no rule listens for are not stored.
"""

from handlers.core.context import Context
from sales.automations import Event
from sales.jobs import Job, RunAutomations
from sales.leads import Lead, Stage
from sales.playbook import Trigger


def record_event(
    trigger: Trigger,
    lead: Lead,
    context: Context,
    *,
    before: Stage | None = None,
    satisfaction: int | None = None,
    objection: str = "",
    key: str | None = None,
    cause: int | None = None,
) -> None:
    """Publish an event for automations.

    ``before`` is the lead's former stage. ``cause`` is the automation run that caused the event,
    where it is not the one this context acts for. Only the first event with a given ``key`` is
    stored.
    """
    rules = context.playbook.automations.rules
    if not any(rule.enabled and rule.trigger is trigger for rule in rules):
        return
    cause = cause or context.cause
    event = Event(
        lead_id=lead.id,
        trigger=trigger,
        at=context.now,
        from_stage=before,
        to_stage=lead.stage,
        satisfaction=satisfaction,
        objection=objection,
        key=key,
        depth=context.uow.automations.get(cause).event.depth + 1 if cause else 0,
        cause=cause,
    )
    queue_event(event, context)


def queue_event(event: Event, context: Context) -> None:
    """Store the event and schedule the rules to run once this unit of work is committed."""
    if stored := context.uow.automations.add_event(event):
        context.uow.jobs.add(Job(RunAutomations(stored.id), context.now, f"event:{stored.id}"))


def lead_moved(lead: Lead, before: Stage, context: Context) -> None:
    lost = lead.stage is Stage.LOST
    record_event(Trigger.LOST if lost else Trigger.MOVED, lead, context, before=before)


def task_was_overdue(task_id: int, lead: Lead, context: Context) -> None:
    """Publish that a task is overdue; for a task given by an automation, that run is the cause."""
    run = context.uow.automations.of_task(task_id)
    record_event(Trigger.TASK_OVERDUE, lead, context, cause=run.id if run else None)
