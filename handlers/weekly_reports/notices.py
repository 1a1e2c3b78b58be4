"""Notices of weekly reports: to whoever writes one, and to leaders about those of their team."""

from handlers.core.context import Context
from handlers.core.recipients import led_teams
from handlers.core.ui import Card
from handlers.weekly_reports.cards import late_card, missing_card, report_card
from handlers.weekly_reports.service import closing, reports_of_team, state_of, this_report
from sales.notices import WeeklyReportDue, WeeklyReportLate, WeeklyReportsMissing


def due_card(notice: WeeklyReportDue, context: Context, *, again: bool) -> Card | None:
    """The reader's report. None when it is submitted already, and when it is too late to remind of
    it, or the next one is due."""
    state = state_of(context.actor, notice.week, context)
    if again:
        return report_card(state, context, reminder=0 if state.submitted else notice.reminder)
    is_over = notice.week < this_report(context)
    is_vain = notice.reminder == 1 and state.is_closed
    if state.submitted or is_over or is_vain or not context.actor.sells:
        return None
    return report_card(state, context, reminder=notice.reminder)


def missing_notice(notice: WeeklyReportsMissing, context: Context, *, again: bool) -> Card | None:
    """Who of the team still owes the report; nothing new once nobody does, or the digest is
    posted."""
    team = next((one for one in led_teams(context) if one.id == notice.team_id), None)
    if team is None:
        return None
    reports = reports_of_team(team.id, notice.week, context)
    is_over = context.now >= closing(notice.week, context) or not reports.owed
    return None if is_over and not again else missing_card(team, notice.week, reports, context)


def late_notice(notice: WeeklyReportLate, context: Context, **_again: bool) -> Card | None:
    """A report that came after the digest, for the leaders of its person's team."""
    person = context.uow.people.get(notice.person_id)
    leads = any(team.id == person.team_id for team in led_teams(context))
    report = context.uow.weekly_reports.of_people([person.id], notice.week).get(person.id)
    return late_card(report, person, context) if leads and report else None
