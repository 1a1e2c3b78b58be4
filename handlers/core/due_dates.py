"""Due dates that people plan: computed from a date and a time of day, and shown in words."""

from datetime import date, datetime, time, timedelta
from typing import Protocol

from handlers.core.context import Context
from sales import next_steps

_LAST_MINUTE = time(23, 59)


def due_at(day: date, context: Context, at: time | None = None) -> datetime:
    """The instant at which a step planned for a day is due.

    ``at`` is a time the person named, by default the playbook's, in the timezone of the person
    planning it. If that time has already passed today, the step is due at the end of today's
    working hours, or else of the day: nobody would be reminded of a step that is already due.
    """
    calendar = context.calendar_of(context.actor.id)
    usual = datetime.combine(day, at or context.playbook.reminders.due_time, calendar.timezone)
    if usual > context.now or day != calendar.day_of(context.now):
        return usual
    closing = calendar.closing(day)
    if closing and closing > context.now:
        return closing
    return datetime.combine(day, _LAST_MINUTE, calendar.timezone)


def until_when(
    due: datetime, owner_id: int | None, context: Context, *, has_time: bool
) -> datetime:
    """The last instant at which a step that the actor plans is not overdue yet.

    ``due`` comes from ``due_at``; its day ends where the lead's owner works.
    """
    day_after = context.calendar_of(context.actor.id).day_of(due) + timedelta(days=1)
    midnight = context.calendar_of(owner_id or context.actor.id).midnight(day_after)
    return next_steps.until_when(due, midnight, has_time=has_time)


class Planned(Protocol):
    """What has a next step: a follow-up, its lead, a row of a table."""

    @property
    def next_at(self) -> datetime | None: ...

    @property
    def next_until(self) -> datetime | None: ...


def due_label(step: Planned, context: Context) -> str:
    """The due day of a step, with the time that somebody named; "" without a step."""
    if step.next_at is None:
        return ""
    language = context.language
    return language.moment(step.next_at) if named_time(step) else language.day_of(step.next_at)


def near_label(step: Planned, context: Context) -> str:
    """When a step is due as people say it: ``tomorrow 10:00``, ``today``, ``Nov 27, Fri``."""
    if step.next_at is None:
        return ""
    day = step.next_at.astimezone(context.language.zone).date()
    near = {-1: "due.yesterday", 0: "due.today", 1: "due.tomorrow"}
    key = near.get((day - context.today_here).days)
    words = context.text(key) if key else context.language.day(day)
    return f"{words} {time_label(step, context)}".strip()


def time_label(step: Planned, context: Context) -> str:
    """``15:30``, in the reader's timezone; empty where nobody named a time."""
    due = named_time(step)
    return f"{due.astimezone(context.language.zone):%H:%M}" if due else ""


def named_time(step: Planned) -> datetime | None:
    """When a step is due whose time of day somebody named; None for one planned for a day."""
    due = step.next_at
    return due if due and next_steps.has_time(due, step.next_until) else None
