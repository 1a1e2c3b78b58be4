"""A reminder of a next step, in its present state."""

from dataclasses import replace
from datetime import timedelta

from handlers.core.cards import lead_gone_card
from handlers.core.context import Context
from handlers.core.labels import lead_title
from handlers.core.recipients import ON_TIME
from handlers.core.ui import Button, Card, Fact, Section, Todo, Tone
from handlers.followups.cards import followup_line
from sales.errors import FollowUpNotFound
from sales.followups import FollowUp
from sales.notices import FollowUpOverdue, ReminderDue
from sales.people import SYSTEM

OWNER_HEARS, MANAGER_HEARS = 1, 2
"""The escalation levels of an overdue step."""
_SETTLED: Tone = "good"
_NEAR: Tone = "warning"
_OVERDUE: Tone = "bad"


def reminder_card(followup: FollowUp, context: Context, *, level: int = 0, late: int = 0) -> Card:
    """Card of a reminder in its present state.

    ``level`` 0 is the reminder, 1 and 2 its escalations.
    """
    lead = context.leads.get(followup.lead_id)
    language = context.language
    if not followup.is_waiting or followup.next_at is None:
        title, tone = context.text("reminder.settled", lead=lead_title(lead)), _SETTLED
        buttons: tuple[Button, ...] = (
            Button("followup.log", context.text("button.log"), lead.number),
        )
    else:
        key = "reminder.overdue" if level and followup.is_overdue(context.now) else "reminder.title"
        title, tone = context.text(key, lead=lead_title(lead)), _OVERDUE if level else _NEAR
        buttons = _buttons(followup, lead.number, context)
    due = language.moment(followup.next_at) if followup.next_at else "—"
    facts = [
        Fact(context.text("reminder.step"), followup.next_step or "—"),
        Fact(context.text("reminder.due"), due),
    ]
    if level == MANAGER_HEARS and lead.owner_id:
        facts.append(Fact(context.text("lead.owner"), context.uow.people.get(lead.owner_id).name))
    return Card(
        title=title,
        facts=tuple(facts),
        sections=(Section(context.text("reminder.last"), (followup_line(followup, context),)),),
        buttons=buttons,
        footnote=_why_now(followup, level, late, context),
        tone=tone,
        subject=followup.subject,
    )


def _buttons(followup: FollowUp, number: str, context: Context) -> tuple[Button, ...]:
    value = str(followup.id)
    return (
        Button("reminder.done", context.text("button.done"), value, "primary"),
        Button("followup.log", context.text("button.log"), number),
        Button("reminder.snooze", context.text("button.snooze"), value),
        Button("reminder.reschedule", context.text("button.reschedule"), value),
    )


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
        gone = context.uow.followups(SYSTEM).get(notice.followup_id)
        lead = context.uow.leads(SYSTEM).get(gone.lead_id)
        return lead_gone_card(lead, context, gone.subject) if again else None
    if not followup.is_waiting and not again:
        return None
    level = notice.level if isinstance(notice, FollowUpOverdue) else 0
    card = reminder_card(followup, context, level=level, late=notice.late_minutes)
    at = followup.next_at if level == OWNER_HEARS and followup.is_overdue(context.now) else None
    todo = Todo(at) if at else None
    return replace(card, thread=f"lead:{followup.lead_id}", todo=todo)
