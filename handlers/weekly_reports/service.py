"""Facts of weekly reports: what one holds, whether it can still be changed, and whose are missing.

Draws nothing.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from handlers.core.context import Context
from handlers.core.labels import enum_label
from handlers.core.text import one_line
from handlers.lead_lists.service import moments_of
from sales.contacts import mask_contacts
from sales.lead_lists import DayRange, LeadFigure, LeadQuery, LeadSort, Moments, NextStep
from sales.leads import Lead
from sales.people import SYSTEM, Person, leaders_of
from sales.reports import Number, RepWeek
from sales.weekly_reports import (
    LONGEST_FOCUS,
    STEPS_SUGGESTED,
    AskedReport,
    TeamReports,
    WeeklyReport,
    closes_at,
    focus_days,
    reported_week,
    reporters,
    team_reports,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportState:
    """A person's report of a week as it stands.

    ``figures`` and ``focus`` are those submitted; until then the present ones, and the focus that
    was kept or is suggested. ``closes_at``: until when it is in time and can be corrected.
    """

    person: Person
    week: str
    figures: RepWeek
    focus: str
    closes_at: datetime
    is_closed: bool
    is_suggested: bool = False
    """Whether the focus is the bot's suggestion."""
    asked: AskedReport | None = None
    submitted: WeeklyReport | None = None

    @property
    def subject(self) -> str:
        return report_subject(self.person.id, self.week)

    @property
    def fingerprint(self) -> str:
        """What the focus is, for a button that submits what its card shows."""
        return hashlib.sha256(self.focus.encode()).hexdigest()[:8]


def this_report(context: Context) -> str:
    """The week that is reported now: the last complete one."""
    return reported_week(context.today)


def closing(week: str, context: Context) -> datetime:
    rules = context.playbook
    return closes_at(week, context.calendar, rules.weekly_report, rules.digest)


def state_of(person: Person, week: str, context: Context) -> ReportState:
    """The person's report of the week."""
    reports = context.uow.weekly_reports
    submitted = reports.of_people([person.id], week).get(person.id)
    kept = "" if submitted else reports.kept_focus(person.id, week)
    if submitted:
        figures, focus = submitted.figures, submitted.focus
    else:
        figures = figures_of(person, week, context)
        focus = kept or suggested_focus(person, week, context)
    closes = closing(week, context)
    return ReportState(
        person=person,
        week=week,
        figures=figures,
        focus=focus,
        closes_at=closes,
        is_closed=context.now >= closes,
        is_suggested=bool(focus) and not (kept or submitted),
        asked=reports.asked_of([person.id], week).get(person.id),
        submitted=submitted,
    )


def submit(state: ReportState, focus: str, context: Context) -> WeeklyReport:
    """Store the report, or its correction; the figures are counted anew."""
    known = state.submitted
    report = WeeklyReport(
        person_id=state.person.id,
        week=state.week,
        figures=figures_of(state.person, state.week, context) if known else state.figures,
        focus=focus,
        submitted_at=known.submitted_at if known else context.now,
        corrected_at=context.now if known else None,
        late=known.late if known else state.is_closed,
    )
    context.uow.weekly_reports.submit(report)
    context.uow.outbox.refresh(state.subject)
    context.uow.outbox.refresh(team_subject(state.person.team_id, state.week))
    return report


def team_subject(team_id: int, week: str) -> str:
    """The subject of the cards that tell leaders who is missing."""
    return f"weekly_reports:{team_id}:{week}"


def report_subject(person_id: int, week: str) -> str:
    return f"weekly_report:{person_id}:{week}"


def refresh_open_report(person_id: int, context: Context) -> None:
    """Redraw the report that a person has not submitted yet: what it suggests has changed."""
    week = this_report(context)
    asked = context.uow.weekly_reports.asked_of([person_id], week).get(person_id)
    if asked and asked.is_owed:
        context.uow.outbox.refresh(report_subject(person_id, week))


def figure(number: Number, person: Person, week: str) -> LeadQuery:
    """The leads that a number of the report counts, as a list."""
    return LeadQuery.of_figure(LeadFigure(number, person.team_id, week, person.id))


def figures_of(person: Person, week: str, context: Context) -> RepWeek:
    """The figures of the person's week, each the number of leads that its list has."""
    listing = context.uow.lead_list(SYSTEM)
    moments = moments_of(figure(Number.NEW, person, week), context)

    def count(number: Number) -> int:
        return listing.count(figure(number, person, week), moments)

    won = count(Number.WON)
    deals = listing.page(figure(Number.WON, person, week), moments, limit=won) if won else ()
    return RepWeek(
        person_id=person.id,
        name=person.name,
        new_leads=count(Number.NEW),
        high_value=count(Number.HIGH_VALUE),
        followed_up=count(Number.FOLLOWED_UP),
        in_discovery=count(Number.DISCOVERY),
        in_proposal=count(Number.PROPOSAL),
        won=won,
        won_amount=sum((deal.amount or Decimal(0) for deal in deals), Decimal(0)),
        overdue=count(Number.OVERDUE),
    )


def suggested_focus(person: Person, week: str, context: Context) -> str:
    """The next steps of the coming week, the most valuable first; those that are overdue where
    nothing is planned. Empty without any."""
    due_at = context.calendar.report_due(week, context.playbook.weekly_report)
    asked = context.calendar.day_of(due_at) if due_at else context.today
    first, last = focus_days(week, asked)
    planned = LeadQuery(mine=True, due=DayRange(first, last))
    overdue = LeadQuery(mine=True, steps=(NextStep.OVERDUE,))
    listing = context.uow.lead_list(person)
    moments = Moments(now=context.now, timezone=context.timezone)
    for query in (planned, overdue):
        if leads := listing.page(query, moments, LeadSort.VALUE, limit=STEPS_SUGGESTED):
            return _joined([_step(lead, context) for lead in leads], context)
    return ""


def _step(lead: Lead, context: Context) -> str:
    """``A Tech: ask for the outcome (Wed)``."""
    customer = mask_contacts(lead.customer)[:40]
    step = one_line(context.said(lead.next_step))[:80] or enum_label(lead.stage, context.language)
    if lead.next_at is None:
        return context.text("weekly.step_undated", customer=customer, step=step)
    day = context.language.day_of(lead.next_at)
    return context.text("weekly.step", customer=customer, step=step, day=day)


def _joined(steps: list[str], context: Context) -> str:
    """As many of the steps as a focus holds."""
    between = context.text("weekly.between")
    while len(between.join(steps)) > LONGEST_FOCUS:
        steps.pop()
    return between.join(steps)


def people_to_ask(week: str, context: Context) -> tuple[Person, ...]:
    """The people who owe a report of the week.

    Not those who were let in after it, and not those who own no open lead and were in contact with
    nobody in it.
    """
    start, end = context.calendar.week(week)
    owners = context.uow.leads(SYSTEM).open_counts()
    active = context.uow.weekly_reports.active_people(start, end)
    working = ({one for one, n in owners.items() if n} | active) - (
        context.uow.newcomers.admitted_since(end)
    )
    return reporters(context.uow.people.everyone(), frozenset(working), context.today)


def reports_of_team(team_id: int, week: str, context: Context) -> TeamReports:
    """Who of a team has submitted, and who has not. Its caller has to lead the team."""
    people = sorted(context.uow.people.members(team_id), key=lambda one: (one.name, one.id))
    ids = [person.id for person in people]
    reports = context.uow.weekly_reports
    return team_reports(people, reports.asked_of(ids, week), reports.of_people(ids, week))


def leaders_for(person: Person, context: Context) -> list[Person]:
    """The leaders of the person's team, without the person."""
    leaders = leaders_of(person.team_id, context.uow.people.everyone())
    return [leader for leader in leaders if leader.id != person.id]
