"""What people do with weekly reports: open, submit, correct, and remind others of theirs."""

from dataclasses import replace

from handlers.core.button_values import strict_id, unpack
from handlers.core.context import Context
from handlers.core.recipients import delivery_note, led_teams
from handlers.core.replies import Reply
from handlers.core.ui import Card
from handlers.weekly_reports.cards import (
    kept_card,
    nothing_card,
    report_card,
    team_card,
    week_days,
    who_can_help,
)
from handlers.weekly_reports.forms import focus_form, read_focus_field
from handlers.weekly_reports.service import (
    ReportState,
    leaders_for,
    people_to_ask,
    reports_of_team,
    state_of,
    submit,
    this_report,
)
from sales.calendar import iso_week, monday_of
from sales.errors import NotAllowed, UnknownAction
from sales.notices import WeeklyReportDue, WeeklyReportLate
from sales.people import Role
from sales.permissions import LEADERS
from sales.weekly_reports import LONGEST_FOCUS, can_be_written, read_focus

_OWN = ("我的", "写", "交", "my ", "write", "submit")
"""Words by which leaders ask for their own report, and not for the team's."""


def a_week(text: str) -> str:
    """``2026-W47``; raises ValueError when there is no such week."""
    return iso_week(monday_of(text))


def open_report(context: Context) -> Reply:
    """Button: one's own report of a week; of the last one where none is named."""
    return Reply(card=report_card(_named_state(context), context))


def submit_as_shown(context: Context) -> Reply:
    """Button: submit what the card shows. Where the next steps have changed since, it is shown
    again first."""
    week, fingerprint = unpack(context.pressed, a_week, str)
    if (refusal := _refusal(week, context)) is not None:
        return refusal
    state = state_of(context.actor, week, context)
    if state.submitted:
        return Reply(update=report_card(state, context), toast=context.text("weekly.was_submitted"))
    if fingerprint != state.fingerprint:
        toast = context.text("weekly.focus_changed")
        return Reply(update=report_card(state, context), toast=toast)
    return _submitted(state, state.focus, context)


def edit(context: Context) -> Reply:
    """Button: the form of the focus; for a report that stands, who can help."""
    week = _week(context.pressed)
    if (refusal := _refusal(week, context)) is not None:
        return refusal
    state = state_of(context.actor, week, context)
    if state.submitted and state.is_closed:
        return Reply(update=report_card(state, context), toast=_final(state, context))
    return Reply(form=focus_form(state, context))


def save(context: Context) -> Reply:
    """Form: submit the report with this focus, or correct it."""
    week = _week(context.pressed)
    if (refusal := _refusal(week, context)) is not None:
        return refusal
    focus = read_focus_field(context)
    state = state_of(context.actor, week, context)
    if state.submitted and state.is_closed:
        return _not_changed(state, focus, context)
    return _submitted(state, focus, context)


def team(context: Context) -> Reply:
    """Button or words: who of the team has submitted, for people who lead it."""
    teams = led_teams(context)
    team_id, week = _team_asked(context)
    shown = next((one for one in teams if one.id == team_id), None)
    if shown is None:
        raise NotAllowed(roles=sorted(LEADERS))
    reports = reports_of_team(shown.id, week, context)
    others = [one for one in teams if one != shown]
    return Reply(card=team_card(shown, week, reports, others, context))


def remind(context: Context) -> Reply:
    """Button for leaders: have a person reminded, at most once."""
    person_id, week = unpack(context.pressed, strict_id, a_week)
    person = context.uow.people.get(person_id)
    led = next((one for one in led_teams(context) if one.id == person.team_id), None)
    if led is None:
        raise NotAllowed(roles=sorted(LEADERS))
    if not person.active or not person.is_there(context.today):
        toast = context.text("weekly.is_away", name=person.name)
    elif context.uow.weekly_reports.nudge(person.id, week, context.actor.id, context.now):
        context.uow.outbox.add(WeeklyReportDue(week, reminder=2), person.id)
        toast = delivery_note(person, context)
    else:
        toast = context.text("weekly.no_more_reminders", name=person.name)
    reports = reports_of_team(led.id, week, context)
    others = [one for one in led_teams(context) if one != led]
    return Reply(update=team_card(led, week, reports, others, context), toast=toast)


def owed_report(context: Context) -> Card | None:
    """The report that the actor owes, or may still correct; None for anybody else.

    Leaders ask for their team's by the same words, unless they say that they mean their own.
    """
    actor, week = context.actor, this_report(context)
    asked = f"{context.request.text} {context.request.typed}".lower()
    if not actor.sells or (actor.role is not Role.REP and not any(one in asked for one in _OWN)):
        return None
    state = state_of(actor, week, context)
    if state.submitted:
        return None if state.is_closed else report_card(state, context)
    is_owed = state.asked is not None and state.asked.is_owed
    if not is_owed and (state.is_closed or not _would_be_asked(week, context)):
        return None
    return report_card(state, context)


def submit_typed(context: Context) -> Reply:
    """``周报 下周重点：…``: submit the report of the last week, or correct it, with this focus.

    Where that one is done, it is kept for the report of the week that is not over yet.
    """
    focus = read_focus(context.request.text)
    if focus is None:
        raise UnknownAction(action=context.request.action)
    state = state_of(context.actor, this_report(context), context)
    if len(focus) > LONGEST_FOCUS:
        card, words = report_card(state, context), context.text("problem.too_long", n=LONGEST_FOCUS)
        return Reply(card=replace(card, body=f"{words}\n{card.body}"))
    is_owed = state.asked is not None and state.asked.is_owed
    if not state.is_closed or is_owed:
        return Reply(card=_submitted(state, focus, context).update)
    week = iso_week(context.today)
    context.uow.weekly_reports.keep_focus(context.actor.id, week, focus)
    return Reply(card=kept_card(week, focus, context))


def _submitted(state: ReportState, focus: str, context: Context) -> Reply:
    known = state.submitted
    report = submit(state, focus, context)
    if report.late and not known:
        for leader in leaders_for(state.person, context):
            context.uow.outbox.add(WeeklyReportLate(state.person.id, state.week), leader.id)
    now = state_of(context.actor, state.week, context)
    key = "weekly.corrected" if known else "weekly.done"
    return Reply(update=report_card(now, context), toast=context.text(key))


def _not_changed(state: ReportState, focus: str, context: Context) -> Reply:
    """For a correction that came after the digest: what was typed is given back."""
    note = context.text("weekly.not_changed", words=focus)
    return Reply(
        card=report_card(state, context),
        errors={"focus": "\n".join((_final(state, context), note))},
    )


def _final(state: ReportState, context: Context) -> str:
    at = context.language.moment(state.closes_at)
    return context.text("weekly.final", at=at, who=who_can_help(state.person, context))


def _refusal(week: str, context: Context) -> Reply | None:
    """For a week that is not over, or long over."""
    if can_be_written(week, context.today):
        return None
    toast = context.text("weekly.nothing", days=week_days(week, context))
    return Reply(card=nothing_card(week, context), toast=toast)


def _named_state(context: Context) -> ReportState:
    named = _week(context.pressed) if context.pressed else this_report(context)
    week = named if can_be_written(named, context.today) else this_report(context)
    return state_of(context.actor, week, context)


def _would_be_asked(week: str, context: Context) -> bool:
    """Whether the actor may write the report before everybody is asked for it."""
    enabled = context.playbook.weekly_report.enabled
    return enabled and context.actor in people_to_ask(week, context)


def _week(value: str) -> str:
    return unpack(value, a_week, str)[0]


def _team_asked(context: Context) -> tuple[int, str]:
    if not context.pressed:
        return context.actor.team_id, this_report(context)
    return unpack(context.pressed, strict_id, a_week)
