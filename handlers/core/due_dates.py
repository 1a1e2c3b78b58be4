"""Days and instants that people plan: read from a form, due at a time of day, in words."""

from datetime import date, datetime, time

from handlers.core.context import Context

_LAST_MINUTE = time(23, 59)


def due_at(day: date, context: Context, at: time | None = None) -> datetime:
    """The instant at which a step for a day is due, ``at`` a time that was named or by the
    playbook, where the person is who plans it. What is planned for today when that time is
    over is due when today's work ends, or else the day: a step that is due already would be
    reminded of by nobody."""
    calendar = context.calendar_of(context.actor.id)
    usual = datetime.combine(day, at or context.playbook.reminders.due_time, calendar.timezone)
    if usual > context.now or day != calendar.day_of(context.now):
        return usual
    closing = calendar.closing(day)
    if closing and closing > context.now:
        return closing
    return datetime.combine(day, _LAST_MINUTE, calendar.timezone)


def due_label(due: datetime, context: Context) -> str:
    """The day of a step, with the time where that is not the playbook's."""
    language = context.language
    return language.moment(due) if set_time(due, context) else language.day_of(due)


def set_time(due: datetime, context: Context) -> str:
    """``15:30``; empty for the playbook's time, which nobody needs to be told."""
    at = due.astimezone(context.language.zone).time()
    return "" if at == context.playbook.reminders.due_time else f"{at:%H:%M}"
