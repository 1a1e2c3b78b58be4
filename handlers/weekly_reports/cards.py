"""The cards of weekly reports: one's own, a team's, and what leaders are told of them."""

from collections.abc import Iterator, Sequence

from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.figure_labels import number_label
from handlers.core.labels import home_button, list_button
from handlers.core.ui import Button, Card, Fact, Section, Todo
from handlers.weekly_reports.service import ReportState, closing, figure, leaders_for, team_subject
from sales.calendar import monday_of
from sales.lead_lists import LeadSort
from sales.people import Person, Team
from sales.reports import Number, RepWeek
from sales.weekly_reports import TeamReports, WeeklyReport

_NAMED_AT_MOST = 3
_BUTTONS_AT_MOST = 20
_LATE_SECONDS = 3600
_COUNTS = (
    ("new_leads", Number.NEW, LeadSort.NEWEST),
    ("high_value", Number.HIGH_VALUE, LeadSort.NEWEST),
    ("followed_up", Number.FOLLOWED_UP, LeadSort.PRESSING),
    ("in_discovery", Number.DISCOVERY, LeadSort.PRESSING),
    ("in_proposal", Number.PROPOSAL, LeadSort.PRESSING),
    ("won", Number.WON, LeadSort.VALUE),
)
"""The process's numbers in its order, each with what opens its leads."""


def report_card(state: ReportState, context: Context, *, reminder: int = 0) -> Card:
    """A person's own report: to be submitted, or as it was. ``reminder`` is 1 for the bot's, 2 for
    a leader's."""
    days = week_days(state.week, context)
    title = context.text(f"weekly.title_{_standing(state, reminder)}", days=days)
    return Card(
        title=title,
        body=_body(state, reminder, context),
        facts=tuple(_facts(state, context)),
        sections=tuple(_sections(state, context)),
        buttons=(*_buttons(state, context), home_button(context)),
        footnote=_why(state, context),
        tone="good" if state.submitted else "plain",
        subject=state.subject,
        summary=title,
        todo=None if state.submitted or reminder else Todo(state.closes_at),
    )


def kept_card(week: str, focus: str, context: Context) -> Card:
    """A focus that was typed before its week is over, kept for the report."""
    due_at = context.calendar.report_due(week, context.playbook.weekly_report)
    at = context.language.moment(due_at or context.calendar.week(week)[1])
    return Card(
        title=context.text("weekly.kept_title"),
        body=context.text("weekly.kept", days=week_days(week, context), at=at),
        sections=(Section(context.text("weekly.focus"), (focus,)),),
        buttons=(home_button(context),),
        footnote=context.text("weekly.kept_how"),
    )


def team_card(
    team: Team, week: str, reports: TeamReports, others: Sequence[Team], context: Context
) -> Card:
    """Who of a team has submitted, with each focus, and who has not, with a reminder for each."""
    body = "weekly.team_none" if not reports.asked else "weekly.team_count"
    return Card(
        title=context.text("weekly.team_title", team=team.name, days=week_days(week, context)),
        body=context.text(body, n=len(reports.submitted), total=reports.asked),
        sections=tuple(_team_sections(week, reports, context)),
        buttons=(home_button(context),),
        more=tuple(
            Button(
                "weekly_report.team",
                context.text("button.reports_of", team=other.name[:50]),
                pack(other.id, week),
            )
            for other in others
        ),
        footnote=_early_digest(week, context) or context.text("weekly.team_why"),
    )


def missing_card(team: Team, week: str, reports: TeamReports, context: Context) -> Card:
    """For leaders: who still owes the report, shortly before the digest; later, that nobody
    does."""
    title = context.text("weekly.all_in", days=week_days(week, context))
    body = context.text("weekly.team_count", n=len(reports.submitted), total=reports.asked)
    early = _early_digest(week, context)
    if reports.owed:
        days = week_days(week, context)
        title = context.text("weekly.missing_title", n=len(reports.owed), days=days)
        closes = closing(week, context)
        key = "missing_early" if early else "missing" if context.now < closes else "missing_posted"
        counts = {"n": len(reports.submitted), "total": reports.asked, "team": team.name}
        body = context.text(f"weekly.{key}", at=context.language.moment(closes), **counts)
    return Card(
        title=title,
        body=body,
        sections=(_owed_section(week, reports, context),) if reports.owed else (),
        buttons=(
            Button("weekly_report.team", context.text("button.team_reports"), pack(team.id, week)),
            home_button(context),
        ),
        footnote=early or context.text("weekly.missing_why", team=team.name),
        tone="plain" if reports.owed else "good",
        subject=team_subject(team.id, week),
        summary=title,
    )


def late_card(report: WeeklyReport, person: Person, context: Context) -> Card:
    """For leaders: a report that came after the digest."""
    title = context.text(
        "weekly.late_title", name=person.name, days=week_days(report.week, context)
    )
    return Card(
        title=title,
        facts=tuple(_figures(report.figures, context)),
        sections=(
            Section(
                context.text("weekly.focus"), (report.focus or context.text("weekly.empty_focus"),)
            ),
        ),
        buttons=(
            Button(
                "weekly_report.team",
                context.text("button.team_reports"),
                pack(person.team_id, report.week),
            ),
            home_button(context),
        ),
        footnote=context.text("weekly.late_why", at=context.language.moment(report.submitted_at)),
        summary=title,
    )


def nothing_card(week: str, context: Context) -> Card:
    """For somebody who may not write, or no longer write, a report of the week."""
    return Card(
        title=context.text("weekly.nothing_title"),
        body=context.text("weekly.nothing", days=week_days(week, context)),
        buttons=(home_button(context),),
    )


def week_days(week: str, context: Context) -> str:
    """``Nov 16 – 22``."""
    first = monday_of(week)
    return context.language.days(first, first.fromordinal(first.toordinal() + 6))


def who_can_help(person: Person, context: Context) -> str:
    names = [leader.name for leader in leaders_for(person, context)][:_NAMED_AT_MOST]
    return context.language.listing(names) if names else context.text("weekly.nobody")


def _standing(state: ReportState, reminder: int) -> str:
    if state.submitted:
        return "submitted_late" if state.submitted.late else "submitted"
    return "reminder" if reminder else "open"


def _body(state: ReportState, reminder: int, context: Context) -> str:
    closes = context.language.moment(state.closes_at)
    who = who_can_help(state.person, context)
    if state.submitted is None:
        if state.is_closed:
            return context.text("weekly.body_late", at=closes, who=who)
        return context.text("weekly.body_reminder" if reminder else "weekly.body_open", at=closes)
    changed = state.submitted.corrected_at or state.submitted.submitted_at
    key = "corrected" if state.submitted.corrected_at else "submitted"
    said = context.text(f"weekly.body_{key}", at=context.language.moment(changed))
    after = "weekly.final" if state.is_closed else "weekly.correctable"
    return "\n".join((said, context.text(after, at=closes, who=who)))


def _facts(state: ReportState, context: Context) -> Iterator[Fact]:
    yield Fact(context.text("weekly.period"), week_days(state.week, context))
    yield Fact(context.text("weekly.owner"), state.person.name)
    yield from _figures(state.figures, context)


def _figures(figures: RepWeek, context: Context) -> Iterator[Fact]:
    for name, _, _ in _COUNTS:
        count = context.language.number(getattr(figures, name))
        yield Fact(context.text(f"weekly.{name}"), count)
    yield Fact(context.text("weekly.won_amount"), context.language.money(figures.won_amount))


def _sections(state: ReportState, context: Context) -> Iterator[Section]:
    kind = "focus" if state.submitted or not state.focus else "focus_own"
    heading = context.text("weekly.focus_draft" if state.is_suggested else f"weekly.{kind}")
    missing = context.text("weekly.empty_focus" if state.submitted else "weekly.no_focus")
    yield Section(heading, (state.focus or missing,))
    openers = tuple(
        list_button(
            figure(number, state.person, state.week),
            context.text(
                "weekly.opens",
                number=number_label(number, context.language),
                count=context.language.number(count),
            ),
            sort,
        )
        for name, number, sort in _COUNTS
        if (count := getattr(state.figures, name))
    )
    if openers:
        yield Section(context.text("weekly.behind"), buttons=openers)


def _buttons(state: ReportState, context: Context) -> tuple[Button, ...]:
    edit = context.text("button.edit_focus" if state.focus else "button.write_focus")
    if state.submitted:
        label = context.text("button.correct_report")
        correct = Button("weekly_report.edit", label, state.week)
        return () if state.is_closed else (correct,)
    value = pack(state.week, state.fingerprint)
    if not state.focus:
        bare = context.text("button.submit_without_focus")
        return (
            Button("weekly_report.edit", edit, state.week, "primary"),
            Button("weekly_report.submit", bare, value),
        )
    submit = context.text("button.submit_report")
    return (
        Button("weekly_report.submit", submit, value, "primary"),
        Button("weekly_report.edit", edit, state.week),
    )


def _why(state: ReportState, context: Context) -> str:
    """Why the person gets it; that it comes late; and what to do about a wrong number."""
    lines = [context.text("weekly.why")]
    due_at = context.calendar.report_due(state.week, context.playbook.weekly_report)
    if state.submitted is None and not state.is_closed:
        lines.append(context.text("weekly.wrong_number"))
    asked = state.asked and state.asked.asked_at
    if asked and due_at and (asked - due_at).total_seconds() > _LATE_SECONDS:
        lines.append(context.text("weekly.asked_late", at=context.language.moment(due_at)))
    return "\n".join(lines)


def _team_sections(week: str, reports: TeamReports, context: Context) -> Iterator[Section]:
    if reports.submitted:
        heading = context.text("weekly.team_submitted", n=len(reports.submitted))
        yield Section(heading, tuple(_submitted_line(one, context) for one in reports.submitted))
    if reports.owed:
        yield _owed_section(week, reports, context)
    if reports.unasked and reports.asked:
        names = [context.uow.people.get(person_id).name for person_id in reports.unasked]
        yield Section(
            lines=(context.text("weekly.unasked", names=context.language.listing(names)),)
        )


def _submitted_line(report: WeeklyReport, context: Context) -> str:
    name = report.figures.name
    focus = report.focus or context.text("weekly.team_no_focus")
    key = "weekly.team_line_late" if report.late else "weekly.team_line"
    return context.text(key, name=name, focus=" ".join(focus.split()))


def _owed_section(week: str, reports: TeamReports, context: Context) -> Section:
    """Who owes the report: a reminder for each, once."""
    lines: list[str] = []
    buttons: list[Button] = []
    for owed in reports.owed:
        person = context.uow.people.get(owed.person_id)
        if owed.nudged_at:
            by = context.uow.people.get(owed.nudged_by).name if owed.nudged_by else ""
            at = context.language.moment(owed.nudged_at)
            lines.append(context.text("weekly.nudged", name=person.name, by=by, at=at))
        elif not person.is_there(context.today):
            lines.append(context.text("weekly.is_away", name=person.name))
        elif len(buttons) == _BUTTONS_AT_MOST:
            lines.append(person.name)
        else:
            label = context.text("button.remind_of_report", name=person.name[:40])
            value = pack(person.id, week)
            buttons.append(Button("weekly_report.remind", label, value))
    heading = context.text("weekly.team_owed", n=len(reports.owed))
    return Section(heading, tuple(lines), buttons=tuple(buttons))


def _early_digest(week: str, context: Context) -> str:
    """What is wrong where the digest is posted before people are asked; empty where it is not."""
    rules, calendar = context.playbook, context.calendar
    asked = calendar.report_due(week, rules.weekly_report)
    posted = calendar.digest_due(week, rules.digest)
    if asked is None or posted > asked:
        return ""
    return context.text("weekly.early_digest", at=context.language.moment(posted))
