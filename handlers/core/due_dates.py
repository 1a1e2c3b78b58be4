"""Due dates that people plan: computed from a date and a time of day, and shown in words."""

from datetime import date, datetime, time

from handlers.core.context import Context

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


def named_time(due: datetime, context: Context) -> time | None:
    """The time of day that a step is due at because somebody named it; None for a step planned for
    a day, which is due at the playbook's time or, planned for the same day, at its end."""
    calendar = context.calendar_of(context.actor.id)
    at = due.astimezone(calendar.timezone)
    closing = calendar.closing(at.date())
    usual = at.time() in (context.playbook.reminders.due_time, _LAST_MINUTE) or due == closing
    return None if usual else at.time()


def due_label(due: datetime, context: Context) -> str:
    """The due day of a step, with the time where it differs from the playbook's."""
    language = context.language
    return language.moment(due) if set_time(due, context) else language.day_of(due)


def set_time(due: datetime, context: Context) -> str:
    """``15:30``; empty for the playbook's default time, which is not worth showing."""
    at = due.astimezone(context.language.zone).time()
    return "" if at == context.playbook.reminders.due_time else f"{at:%H:%M}"
