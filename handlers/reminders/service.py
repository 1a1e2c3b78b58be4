"""Schedule the reminders of a next step."""

from datetime import datetime, timedelta
from typing import Final

from handlers.core.context import Context
from handlers.core.due_dates import named_time
from handlers.core.quiet_hours import quiet_period_of
from handlers.followups.next_step import show_next_step
from sales.followups import FollowUp
from sales.jobs import EscalateFollowUp, Job, RemindOwner
from sales.leads import Lead
from sales.notices import StepInCalendar, Topic
from sales.people import SYSTEM, Person
from sales.scheduling import When

_MOST_PUT_IN: Final = 30
"""Steps put into a calendar at once: each costs calls of a month's quota."""


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
    keep_in_calendar(followup, context)
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


def keep_in_calendar(followup: FollowUp, context: Context) -> None:
    """Put a step with a time of day into its owner's own calendar, where their chat keeps one.

    One that is there already is drawn again: it is moved or taken out as its state says.
    """
    outbox = context.uow.outbox
    if not outbox.calendars:
        return
    outbox.refresh(followup.subject)
    owner_id = context.uow.leads(SYSTEM).get(followup.lead_id).owner_id
    if owner_id is None or not (followup.is_waiting and named_time(followup)):
        return
    choice = context.uow.notification_preferences.of(owner_id)
    if choice.when(Topic.CALENDAR) is When.NEVER or not outbox.keeps_calendar(owner_id):
        return
    if not context.uow.posted_cards.has(followup.subject, owner_id, StepInCalendar.kind):
        outbox.add(StepInCalendar(followup.id), owner_id)


def fill_calendar(person: Person, context: Context) -> None:
    """Put the next steps of a person's leads into their calendar, the nearest first."""
    for step in context.uow.followups(person).planned_for(person.id, context.now, _MOST_PUT_IN):
        keep_in_calendar(step, context)


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
