"""A lead's next step: which follow-up holds it, on which day, and how the lead repeats it."""

from dataclasses import replace
from datetime import date, datetime

from handlers.turns import Turn
from sales.days import NotADay, parse_day
from sales.errors import FollowUpNotFound, InvalidInput, Problem
from sales.followups import FollowUp
from sales.leads import Lead


def due_at(day: date, turn: Turn) -> datetime:
    """The instant at which a step for a day is due, by the playbook."""
    return datetime.combine(day, turn.playbook.reminders.due_time, turn.timezone)


def read_day(name: str, turn: Turn) -> date | None:
    """The day typed in a field, today or later; None when it is empty. Raises InvalidInput."""
    typed = turn.typed(name)
    if not typed:
        return None
    try:
        day = parse_day(typed, turn.today)
    except NotADay:
        raise InvalidInput({name: Problem("day", typed=typed[:30])}) from None
    if day < turn.today:
        raise InvalidInput({name: Problem("day_past", today=turn.today.isoformat())})
    return day


def followup_of(value: str, turn: Turn) -> FollowUp:
    """The follow-up a button or form carries; raises FollowUpNotFound for anything else."""
    if not value.isdigit() or len(value) > 18:
        raise FollowUpNotFound
    return turn.followups.get(int(value))


def show_next_step(lead: Lead, turn: Turn) -> Lead:
    """Save the lead with its open next step repeated, and redraw its cards."""
    waiting = turn.followups.waiting_on(lead.id)
    step, at = (waiting.next_step, waiting.next_at) if waiting else ("", None)
    turn.uow.outbox.refresh(lead.subject)
    return turn.leads.save(replace(lead, next_step=step, next_at=at))
