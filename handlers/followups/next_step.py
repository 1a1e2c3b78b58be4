"""A lead's next step: which follow-up holds it, on which day, and how the lead repeats it."""

from dataclasses import replace
from datetime import date, datetime, time

from handlers.core.context import Context
from handlers.core.requests import record_id
from sales.errors import Conflict, FollowUpNotFound
from sales.followups import FollowUp
from sales.jobs import Job, ReviveLead
from sales.leads import Lead

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


def followup_of(value: str, context: Context) -> FollowUp:
    """The follow-up a button or form carries; raises FollowUpNotFound for anything else."""
    followup_id = record_id(value)
    if followup_id is None:
        raise FollowUpNotFound
    return context.followups.get(followup_id)


def held_followup(value: str, context: Context) -> tuple[FollowUp, Lead]:
    """The same, to be changed: with its lead, which is locked first, as everywhere, and as it
    is then, when somebody else was just changing it. Raises FollowUpNotFound, or Conflict when
    it was moved to another lead in that moment."""
    lead_id = followup_of(value, context).lead_id
    lead = context.leads.get(lead_id)
    followup = followup_of(value, context)
    if followup.lead_id != lead.id:
        raise Conflict(number=lead.number)
    return followup, lead


def show_next_step(lead: Lead, context: Context) -> Lead:
    """Save the lead with its open next step repeated, and redraw its cards."""
    waiting = context.followups.waiting_on(lead.id)
    step, at = (waiting.next_step, waiting.next_at) if waiting else ("", None)
    context.uow.outbox.refresh(lead.subject)
    return context.leads.save(replace(lead, next_step=step, next_at=at))


def plan_look_again(lead: Lead, day: date | None, context: Context) -> None:
    """On which day a resting lead is looked at again; None for not at all."""
    context.uow.schedule.cancel(ReviveLead, lead.id)
    if day is None or not lead.rests:
        return
    key = f"revival:{lead.id}:{day.isoformat()}:{lead.version}"
    context.uow.schedule.add(Job(ReviveLead(lead.id), due_at(day, context), key))
