"""A reminder of a next step, in its present state."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from handlers.core.button_values import pack
from handlers.core.cards import lead_gone_card
from handlers.core.context import Context
from handlers.core.due_dates import due_label, named_time, near_label
from handlers.core.labels import lead_title, open_button
from handlers.core.lead_facts import call_button
from handlers.core.recipients import ON_TIME
from handlers.core.ui import Appointment, Button, Card, Fact, Section, Todo, Tone
from handlers.followups.cards import followup_line
from sales.contacts import without_contacts
from sales.errors import FollowUpNotFound
from sales.followups import FollowUp
from sales.jobs import RemindOwner
from sales.leads import Lead, lead_number
from sales.notices import FollowUpOverdue, ReminderDue, StepInCalendar, Topic
from sales.people import SYSTEM
from sales.scheduling import When

OWNER_HEARS, MANAGER_HEARS = 1, 2
"""The escalation levels of an overdue step."""
_TAKES: Final = timedelta(minutes=30)
"""How long a step takes in a calendar."""
_LONGEST_STEP: Final = 100
_SETTLED: Tone = "good"
_NEAR: Tone = "warning"
_OVERDUE: Tone = "bad"


def reminder_card(followup: FollowUp, context: Context, *, level: int = 0, late: int = 0) -> Card:
    """Card of a reminder in its present state.

    ``level`` 0 is the reminder, 1 and 2 its escalations.
    """
    lead = context.leads.get(followup.lead_id)
    more: tuple[Button, ...] = ()
    if not followup.is_waiting or followup.next_at is None:
        title, tone = context.text("reminder.settled", lead=lead_title(lead)), _SETTLED
        buttons: tuple[Button, ...] = (
            Button("followup.log", context.text("button.log"), lead.number),
        )
    else:
        key = "reminder.overdue" if level and followup.is_overdue(context.now) else "reminder.title"
        when = near_label(followup, context)
        title = context.text(key, lead=lead_title(lead), when=when)
        tone = _OVERDUE if level else _NEAR
        buttons, more = _buttons(followup, lead, context), _more(followup, context)
    contact = " · ".join(part for part in (lead.contact, lead.title) if part)
    rows = (
        ("reminder.step", followup.next_step),
        ("reminder.due", due_label(followup, context)),
        ("lead.contact", contact),
    )
    facts = [Fact(context.text(key), value) for key, value in rows if value]
    if level == MANAGER_HEARS and lead.owner_id:
        facts.append(Fact(context.text("lead.owner"), context.uow.people.get(lead.owner_id).name))
    return Card(
        title=title,
        facts=tuple(facts),
        sections=(
            Section(context.text("reminder.last"), (followup_line(followup, context, then=False),)),
        ),
        buttons=buttons,
        more=more,
        footnote=_again(followup, context) or _why_now(followup, level, late, context),
        tone=tone,
        subject=followup.subject,
    )


def _buttons(followup: FollowUp, lead: Lead, context: Context) -> tuple[Button, ...]:
    return (
        Button("reminder.done", context.text("button.done"), str(followup.id), "primary"),
        *_day_buttons(followup, context),
        Button("followup.log", context.text("button.log"), lead.number),
        *call_button(lead, context),
    )


def _more(followup: FollowUp, context: Context) -> tuple[Button, ...]:
    value = followup.id
    return (
        Button("reminder.reschedule", context.text("button.other_date"), str(value)),
        Button("reminder.wait", context.text("button.in_an_hour"), pack(value, "hour")),
        Button("reminder.wait", context.text("button.in_three_hours"), pack(value, "three_hours")),
    )


TOMORROW, MONDAY = "tomorrow", "monday"
"""Days as a button means them when it is pressed, however old its card is."""


def _day_buttons(followup: FollowUp, context: Context) -> Iterator[Button]:
    """The two days that a step is mostly moved to, later than the one it has."""
    due = followup.next_at
    planned = due.astimezone(context.language.zone).date() if due else context.today_here
    calendar = context.calendar_of(context.actor.id)
    tomorrow = context.today_here + timedelta(days=1)
    day = calendar.workday_from(max(context.today_here, planned), 1)
    near = day == tomorrow
    value = pack(followup.id, TOMORROW if near else day.isoformat())
    label = context.text("button.tomorrow") if near else context.language.day(day)
    monday = _next_monday(context)
    if near or day != monday:
        yield Button("reminder.postpone", label, value)
    if near and day == monday:
        # On a Sunday, next Monday could be either of two days.
        return
    if monday > planned:
        value = pack(followup.id, MONDAY)
        yield Button("reminder.postpone", context.text("button.next_monday"), value)
    elif day == monday:
        yield Button("reminder.postpone", label, value)


def _next_monday(context: Context) -> date:
    return context.today_here + timedelta(days=7 - context.today_here.weekday())


def day_meant(key: str, context: Context) -> date | None:
    """The day that a button of ``_day_buttons`` means now; None for a text that is no day."""
    if key == TOMORROW:
        return context.today_here + timedelta(days=1)
    if key == MONDAY:
        return _next_monday(context)
    try:
        return date.fromisoformat(key)
    except ValueError:
        return None


def _again(followup: FollowUp, context: Context) -> str:
    """When the reminder comes again, after it was snoozed or the step moved; "" without one."""
    at = context.uow.jobs.planned(RemindOwner, followup.id) if followup.is_waiting else None
    if at is None or at <= context.now:
        return ""
    return context.text("reminder.snoozed", at=context.language.moment(at))


def _why_now(followup: FollowUp, level: int, late: int, context: Context) -> str:
    """Why this notice is sent, and why now."""
    hours = context.playbook.reminders.before
    if level:
        why = context.text(f"reminder.why_{level}")
    elif followup.next_at and followup.next_at - context.now < timedelta(hours=hours) - ON_TIME:
        why = context.text("reminder.why_due")
    else:
        why = context.text("reminder.why_ahead", n=hours)
    return (
        why + context.text("reminder.late", duration=context.language.duration(late))
        if late
        else why
    )


def reminder_notice(
    notice: ReminderDue | FollowUpOverdue, context: Context, *, again: bool
) -> Card | None:
    try:
        followup = context.followups.get(notice.followup_id)
    except FollowUpNotFound:
        return _gone(notice.followup_id, context) if again else None
    if not followup.is_waiting and not again:
        return None
    level = notice.level if isinstance(notice, FollowUpOverdue) else 0
    card = reminder_card(followup, context, level=level, late=notice.late_minutes)
    thread = f"lead:{followup.lead_id}"
    return replace(card, thread=thread, todo=_todo(followup, level, context))


def _gone(followup_id: int, context: Context) -> Card:
    """What a card turns into whose reader no longer sees the lead."""
    gone = context.uow.followups(SYSTEM).get(followup_id)
    return lead_gone_card(context.uow.leads(SYSTEM).get(gone.lead_id), context, gone.subject)


def _todo(followup: FollowUp, level: int, context: Context) -> Todo | None:
    """The owner's to-do of a step.

    One planned for a day is a to-do from its reminder on. One with a time is in the calendar, and
    a to-do only once that time has passed.
    """
    if followup.next_at is None or not followup.is_waiting or level > OWNER_HEARS:
        return None
    if named_time(followup) and not (level and followup.is_overdue(context.now)):
        return None
    number = lead_number(followup.lead_id)
    return Todo(followup.next_at, _entry_title(followup, context), number)


def _entry_title(followup: FollowUp, context: Context) -> str:
    """The title of a step among other things of the day: ``A Tech: send the proposal``.

    Without contacts, not even masked: others may see a calendar.
    """
    customer = without_contacts(context.leads.get(followup.lead_id).customer)
    if not followup.next_step:
        return context.text("reminder.entry", customer=customer)
    step = without_contacts(followup.next_step, "…")[:_LONGEST_STEP]
    return context.text("reminder.entry_step", customer=customer, step=step)


def appointment_notice(notice: StepInCalendar, context: Context, *, again: bool) -> Card | None:
    """The entry of a step in its owner's calendar; none for what is over, done or another's."""
    try:
        followup = context.followups.get(notice.followup_id)
    except FollowUpNotFound:
        return _gone(notice.followup_id, context) if again else None
    lead = context.leads.get(followup.lead_id)
    appointment = _appointment(followup, lead, context)
    if appointment is None and not again:
        return None
    return Card(
        title=_entry_title(followup, context),
        body=context.text("reminder.entry_body", lead=lead.number),
        buttons=(open_button(lead, context.language),),
        subject=followup.subject,
        appointment=appointment,
    )


def _appointment(followup: FollowUp, lead: Lead, context: Context) -> Appointment | None:
    starts_at, actor = named_time(followup), context.actor
    if starts_at is None or not followup.is_waiting or lead.owner_id != actor.id:
        return None
    choice = context.uow.notification_preferences.of(actor.id)
    if not actor.active or choice.when(Topic.CALENDAR) is When.NEVER:
        return None
    zone = str(context.language.zone)
    return Appointment(starts_at, starts_at + _TAKES, zone, lead.number)
