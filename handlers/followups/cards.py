"""A follow-up in one line, as a lead's history shows it."""

from collections.abc import Sequence
from datetime import timedelta

from handlers.core.context import Context
from handlers.core.due_dates import due_label
from handlers.core.labels import enum_label
from sales.clocks import satisfies
from sales.followup_days import Habits
from sales.followups import FollowUp
from sales.quick_followup import without_plan

_MOST_UNREAD = 5
"""Maximum number of words that are named as not understood."""


def followup_line(
    followup: FollowUp,
    context: Context,
    *,
    by: bool = False,
    whole: bool = False,
    timed: bool = False,
    then: bool = True,
) -> str:
    """``Nov 23, Mon · Call · wants a case · “too expensive” → send it by Nov 24, Tue``.

    ``by`` adds the person's name, ``timed`` the time of day where it is known, ``whole`` both.
    ``then``: with the next step that was planned.
    """
    language = context.language
    timed = (whole or timed) and not followup.day_only
    day = language.moment(followup.at) if timed else language.day_of(followup.at)
    who = [context.uow.people.get(followup.person_id).name] if by or whole else []
    parts = [day, *who, enum_label(followup.method, language)]
    if summary := _summary(followup, context, then=then):
        parts.append(context.said(summary))
    if followup.feedback:
        parts.append(language.text("followup.quoted", feedback=context.said(followup.feedback)))
    line = " · ".join(parts)
    if followup.next_at is None or not then:
        return line
    due = due_label(followup, context)
    return line + language.text("followup.then", step=context.said(followup.next_step), day=due)


def _summary(followup: FollowUp, context: Context, *, then: bool) -> str:
    """What was said; without the step that was planned where that stands beside it."""
    if not (followup.next_step and (then or followup.is_waiting)):
        return followup.summary
    said_on = followup.entered_at.astimezone(context.language.zone).date()
    habits = Habits(context.calendar_of(context.actor.id), context.figures)
    return without_plan(followup.summary, followup.next_step, said_on, habits)


def unread_text(unread: Sequence[str], context: Context) -> str:
    """The words that look like a time and were not understood; "" for none."""
    if not unread:
        return ""
    words = context.language.listing([context.said(one) for one in unread[:_MOST_UNREAD]])
    return context.text("followup.unread", words=words)


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
        due = context.language.moment(clock.due_at)
        if contact.at < clock.started_at:
            started = context.language.moment(clock.started_at)
            return context.text("clock.not_yet_begun", started=started, due=due)
        if not satisfies(contact, clock, context.playbook.clocks):
            return context.text(f"clock.not_{clock.kind}", due=due)
    return ""
