"""Reminders of next steps: sent, answered, snoozed, and escalated when overdue [P17]."""

from datetime import date, time, timedelta

from handlers.core.button_values import unpack
from handlers.core.context import Context
from handlers.core.due_dates import due_at, due_label, named_time, time_label, until_when
from handlers.core.form_reader import FormReader
from handlers.core.labels import lead_title
from handlers.core.recipients import (
    late_minutes,
    notify_leaders,
    notify_owner,
    people_responsible_for,
)
from handlers.core.replies import Reply
from handlers.core.ui import Choice, Date, Form, Option, Text
from handlers.followups.next_step import followup_of, held_followup, show_next_step
from handlers.reminders.cards import OWNER_HEARS, day_meant, reminder_card
from handlers.reminders.service import plan_reminders, reschedule_step, schedule_reminder
from sales.days import NamedDay, parse_moment
from sales.errors import UnknownAction
from sales.followups import FollowUp
from sales.jobs import EscalateFollowUp, Job, RemindOwner
from sales.leads import Lead
from sales.notices import FollowUpOverdue, ReminderDue
from sales.reminders import Reminder
from sales.times import NotATime, parse_time

_LONGEST_TIME = 30
_FARTHEST = timedelta(days=366)
SNOOZES = {"hour": timedelta(hours=1), "three_hours": timedelta(hours=3), "day": timedelta(days=1)}


def remind(job: Job[RemindOwner], context: Context) -> None:
    """Due work: remind the owner of the lead."""
    followup, lead = _still_waiting(job.args.followup_id, context)
    if not followup or not lead:
        return
    notice = ReminderDue(followup.id, late_minutes(job.due_at, context.now))
    for person in people_responsible_for(lead, context):
        context.uow.outbox.add(notice, person.id)
        context.uow.reminders.add(
            Reminder(followup_id=followup.id, person_id=person.id, due_at=job.due_at)
        )


def escalate(job: Job[EscalateFollowUp], context: Context) -> None:
    """Due work: escalate a step that was not done, first to the owner, then to the manager."""
    followup, lead = _still_waiting(job.args.followup_id, context)
    if not followup or not lead:
        return
    level = job.args.level
    notice = FollowUpOverdue(followup.id, level, late_minutes(job.due_at, context.now))
    if level == OWNER_HEARS:
        context.uow.reminders.missed(followup.id, context.now)
        notify_owner(notice, lead, context)
    else:
        notify_leaders(notice, lead, context)


def _still_waiting(followup_id: int, context: Context) -> tuple[FollowUp, Lead] | tuple[None, None]:
    followup, lead = held_followup(str(followup_id), context)
    return (followup, lead) if followup.is_waiting and lead.is_open else (None, None)


def done(context: Context) -> Reply:
    """Button: mark the step as done; its outcome can be logged from the card."""
    followup, lead = held_followup(context.pressed, context)
    if not followup.is_waiting:
        return _already_settled(followup, context)
    closed = context.followups.save(followup.close(context.now))
    context.uow.reminders.acted(closed.id, context.now)
    plan_reminders(closed, context)
    _settle(closed, lead, context)
    return Reply(update=reminder_card(closed, context), toast=context.text("reminder.done"))


def snooze(context: Context) -> Reply:
    """Button: ask how long to snooze."""
    followup = followup_of(context.pressed, context)
    if not followup.is_waiting:
        return _already_settled(followup, context)
    options = tuple(Option(key, context.text(f"reminder.snooze_{key}")) for key in SNOOZES)
    field = Choice(
        name="until",
        label=context.text("reminder.snooze_for"),
        required=True,
        value="hour",
        options=options,
    )
    return Reply(form=_form("reminder.later", "reminder.snooze_title", (field,), followup, context))


def later(context: Context) -> Reply:
    """Form: snooze the reminder; the step's own date stays."""
    followup, _ = held_followup(context.pressed, context)
    context.uow.reminders.seen(context.actor.id, followup.subject, context.now)
    if not followup.is_waiting:
        return _already_settled(followup, context)
    with FormReader(context) as form:
        pause = form.pick("until", SNOOZES)
    return _snoozed(followup, pause, context)


def wait(context: Context) -> Reply:
    """Button: snooze the reminder for the time on the button."""
    value, key = unpack(context.pressed, str, str)
    if key not in SNOOZES:
        raise UnknownAction(action="reminder.wait")
    followup, _ = held_followup(value, context)
    if not followup.is_waiting:
        return _already_settled(followup, context)
    return _snoozed(followup, SNOOZES[key], context)


def _snoozed(followup: FollowUp, pause: timedelta, context: Context) -> Reply:
    at = context.now + pause
    context.uow.reminders.seen(context.actor.id, followup.subject, context.now)
    context.uow.jobs.cancel(RemindOwner, followup.id)
    schedule_reminder(followup, at, context)
    context.uow.outbox.refresh(followup.subject)
    toast = context.text("reminder.snoozed", at=context.language.moment(at))
    return Reply(update=reminder_card(followup, context), in_place=True, toast=toast)


def postpone(context: Context) -> Reply:
    """Button: move the step to the day on the button; it keeps its time of day. A card that was
    pressed after that day asks for another one."""
    value, key = unpack(context.pressed, str, str)
    followup, lead = held_followup(value, context)
    if not followup.is_waiting:
        return _already_settled(followup, context)
    day = day_meant(key, context)
    if day is None or not context.today_here <= day <= context.today_here + _FARTHEST:
        return Reply(form=_reschedule_form(followup, None, context))
    return _moved(followup, lead, day, _usual_time(followup, context), context)


def reschedule(context: Context) -> Reply:
    """Button: ask for the new date."""
    return reschedule_to(None, context)


def reschedule_to(to: NamedDay | None, context: Context) -> Reply:
    """Ask for the new date, filled in with what somebody named."""
    followup = followup_of(context.pressed, context)
    if not followup.is_waiting:
        return _already_settled(followup, context)
    return Reply(form=_reschedule_form(followup, to, context))


def _reschedule_form(followup: FollowUp, to: NamedDay | None, context: Context) -> Form:
    fields = (
        Date(
            name="next_on",
            label=context.text("followup.next_on"),
            required=True,
            value=to.day.isoformat() if to else "",
        ),
        Text(
            name="at",
            label=context.text("reminder.move_at"),
            value=f"{to.at:%H:%M}" if to and to.at else time_label(followup, context),
            placeholder=context.text("reminder.move_at_example"),
            max_length=_LONGEST_TIME,
        ),
    )
    return _form("reminder.move", "reminder.move_title", fields, followup, context)


def move(context: Context) -> Reply:
    """Form: reschedule the step and, with it, its reminders. It keeps its time of day, unless
    another one is typed into the field of the time or together with the day."""
    followup, lead = held_followup(context.pressed, context)
    if not followup.is_waiting:
        return _already_settled(followup, context)
    with FormReader(context) as form:
        day, at = form.required_moment("next_on", "next_on_missing")
        day, at = (day, at) if at else _time_of(followup, day, form)
    return _moved(followup, lead, day, at, context)


def _moved(followup: FollowUp, lead: Lead, day: date, at: time | None, context: Context) -> Reply:
    due = due_at(day, context, at)
    until = until_when(due, lead.owner_id, context, has_time=at is not None)
    moved = reschedule_step(followup, lead, due, until, context)
    toast = context.text("reminder.moved", day=due_label(moved, context))
    return Reply(update=reminder_card(moved, context), in_place=True, toast=toast)


def _time_of(followup: FollowUp, day: date, form: FormReader) -> tuple[date, time | None]:
    """The time in the form, on the day chosen there; a form without that field leaves the step its
    own. Hours from now name the day themselves: ``in 2 hours``."""
    context = form.context
    if "at" in context.request.values:

        def parse(typed: str) -> tuple[date, time | None]:
            try:
                return day, parse_time(typed)
            except NotATime:
                named = parse_moment(typed, context.today_here, clock=context.clock_here)
                if named.at is None or named.day < context.today_here:
                    raise
                return named.day, named.at

        return form.parsed("at", parse, "time") or (day, None)
    return day, _usual_time(followup, context)


def _usual_time(followup: FollowUp, context: Context) -> time | None:
    """The time of day that somebody named for the step."""
    due = named_time(followup)
    return due.astimezone(context.language.zone).time() if due else None


def _settle(followup: FollowUp, lead: Lead, context: Context) -> None:
    """Update the lead's cards and the step's other reminders with its outcome."""
    show_next_step(lead, context)
    context.uow.outbox.refresh(followup.subject)


def _already_settled(followup: FollowUp, context: Context) -> Reply:
    """The present state of the step, in answer to an old card or when somebody was faster."""
    return Reply(
        update=reminder_card(followup, context), toast=context.text("reminder.no_longer_open")
    )


def _form(
    action: str,
    title: str,
    fields: tuple[Choice | Date | Text, ...],
    followup: FollowUp,
    context: Context,
) -> Form:
    lead = context.leads.get(followup.lead_id)
    return Form(
        action=action,
        title=context.text(title),
        intro=f"{lead_title(lead)}: {followup.next_step}",
        fields=fields,
        submit=context.text("button.save"),
        cancel=context.text("button.cancel"),
        state={"value": str(followup.id)},
    )
