"""Schedule the reminders of a next step."""

from datetime import datetime, timedelta

from handlers.core.context import Context
from handlers.core.quiet_hours import quiet_period_of
from handlers.followups.next_step import show_next_step
from sales.followups import FollowUp
from sales.jobs import EscalateFollowUp, Job, RemindOwner
from sales.leads import Lead
from sales.people import SYSTEM


def plan_reminders(followup: FollowUp, context: Context) -> None:
    """Schedule the reminder ahead of the next step and the two escalations past it.

    Nobody is told that a step is overdue before it is: one planned for a day is at its end. The
    manager hears as much later than the owner as the playbook says.

    A step nearer than the reminder's lead time is reminded of when it is due; a step that is due
    already gets no reminder, since the person has only just planned it.
    """
    schedule = context.uow.jobs
    schedule.cancel(RemindOwner, followup.id)
    schedule.cancel(EscalateFollowUp, followup.id)
    if followup.next_at is None or not followup.is_waiting:
        return
    due, rules = followup.next_at, context.playbook.reminders
    if due > context.now:
        schedule_reminder(followup, _when_to_remind(followup, due, context), context)
    calendar = context.calendar_of(followup.person_id)
    opening = calendar.next_opening((followup.overdue_after or due) + timedelta(seconds=1))
    owner_hears = max(calendar.add(due, rules.overdue_after), opening)
    between = max(0, rules.escalate_after - rules.overdue_after)
    manager_hears = max(calendar.add(due, rules.escalate_after), calendar.add(owner_hears, between))
    for level, at in ((1, owner_hears), (2, manager_hears)):
        key = f"overdue:{followup.id}:{due.timestamp():.0f}:{level}:{followup.version}"
        schedule.add(Job(EscalateFollowUp(followup.id, level), at, key))


def reschedule_step(
    followup: FollowUp, lead: Lead, due: datetime, until: datetime, context: Context
) -> FollowUp:
    """Move an open next step, and with it its reminders and its copy on the lead."""
    moved = context.followups.save(followup.reschedule(due, until))
    context.uow.reminders.acted(moved.id, context.now)
    plan_reminders(moved, context)
    show_next_step(lead, context)
    context.uow.outbox.refresh(moved.subject)
    return moved


def _when_to_remind(followup: FollowUp, due: datetime, context: Context) -> datetime:
    """The playbook's hours ahead, or earlier when that falls in the owner's quiet hours."""
    ahead = due - timedelta(hours=context.playbook.reminders.before)
    if ahead <= context.now:
        return due
    owner_id = context.uow.leads(SYSTEM).get(followup.lead_id).owner_id
    if owner_id is None:
        return ahead
    earlier = quiet_period_of(context.uow.notification_preferences.of(owner_id), context).before(
        ahead
    )
    return earlier if earlier > context.now else ahead


def schedule_reminder(followup: FollowUp, at: datetime, context: Context) -> None:
    """Schedule the reminder of the follow-up's next step for ``at``."""
    key = f"reminder:{followup.id}:{at.timestamp():.0f}:{followup.version}"
    context.uow.jobs.add(Job(RemindOwner(followup.id), at, key))
