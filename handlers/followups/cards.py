"""A follow-up in one line, as a lead's history shows it."""

from datetime import timedelta

from handlers.core.context import Context
from handlers.core.due_dates import due_label
from handlers.core.labels import enum_label
from sales.clocks import satisfies
from sales.followups import FollowUp


def followup_line(
    followup: FollowUp, context: Context, *, by: bool = False, whole: bool = False
) -> str:
    """``Nov 23, Mon · Call · wants a case · “too expensive” → send it by Nov 24, Tue``.

    ``by`` adds the person's name, ``whole`` the time of day as well.
    """
    language = context.language
    day = language.moment(followup.at) if whole else language.day_of(followup.at)
    who = [context.uow.people.get(followup.person_id).name] if by or whole else []
    parts = [day, *who, enum_label(followup.method, language), context.said(followup.summary)]
    if followup.feedback:
        parts.append(language.text("followup.quoted", feedback=context.said(followup.feedback)))
    line = " · ".join(parts)
    if followup.next_at is None:
        return line
    due = due_label(followup.next_at, context)
    return line + language.text("followup.then", step=context.said(followup.next_step), day=due)


def when_reminded(followup: FollowUp, context: Context) -> str:
    """When the person will be reminded of the next step, in words; "" once it is due."""
    due, hours = followup.next_at, context.playbook.reminders.before
    if due is None or not followup.is_waiting:
        return context.text("followup.no_next_step")
    if due - timedelta(hours=hours) > context.now:
        return context.text("followup.will_remind", n=hours)
    return (
        context.text("followup.will_remind_at", at=context.language.moment(due))
        if due > context.now
        else ""
    )


def not_counted(contact: FollowUp, context: Context) -> str:
    """Why a follow-up that was just logged leaves a clock of the lead running; empty otherwise."""
    for clock in context.uow.clocks(context.actor).waiting_on(contact.lead_id):
        if not satisfies(contact, clock, context.playbook.clocks):
            return context.text(
                f"clock.not_{clock.kind}", due=context.language.moment(clock.due_at)
            )
    return ""
