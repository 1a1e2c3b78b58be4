"""Due work: ask everybody for last week's report, remind once, and tell leaders who is missing.

A person is asked once for a week: the report's row says so. After downtime the last week's report
is asked for, late; earlier weeks are left out.
"""

from datetime import datetime, timedelta

from handlers.core.context import Context
from handlers.weekly_reports.service import closing, people_to_ask, reports_of_team
from sales.jobs import AskForReports, Job, JobArgs, RemindOfReports, TellOfReports
from sales.notices import WeeklyReportDue, WeeklyReportsMissing
from sales.people import leaders_of

_SOON = timedelta(minutes=5)
_DAY = timedelta(days=1)


def ensure_weekly_reports(context: Context) -> None:
    """Schedule the next time that everybody is asked. Idempotent."""
    due_at, week = context.calendar.next_report(context.now, context.playbook.weekly_report)
    _schedule(AskForReports(week), due_at, context)


def ask(job: Job[AskForReports], context: Context) -> None:
    """Ask everybody who owes a report of the week, and schedule the reminders and the next time.

    People who are away now are asked when they are back, as long as they are in time.
    """
    week, rule, calendar = job.args.week, context.playbook.weekly_report, context.calendar
    due_at = calendar.report_due(week, rule)
    if due_at is not None and due_at > context.now + _SOON:
        # The rule was changed meanwhile.
        _schedule(AskForReports(week), due_at, context)
        return
    last_at, newest = calendar.last_report(context.now + _SOON, rule)
    if week < newest:
        # Several weeks were missed: only the last of them is asked for.
        _schedule(AskForReports(newest), last_at, context)
        return
    if rule.enabled and due_at is not None:
        _ask_everybody(week, context)
    following, then = calendar.next_report(context.now + _SOON, rule)
    _schedule(AskForReports(then), following, context)


def _ask_everybody(week: str, context: Context) -> None:
    rule, calendar = context.playbook.weekly_report, context.calendar
    for person in people_to_ask(week, context):
        if context.uow.weekly_reports.ask(person.id, week, context.now):
            context.uow.outbox.add(WeeklyReportDue(week), person.id)
    jobs = context.uow.jobs
    remind_at = calendar.add(context.now, rule.remind_after)
    jobs.add(Job(RemindOfReports(week), remind_at, f"weekly_remind:{week}"))
    tell_at = calendar.add(context.now, rule.tell_after)
    jobs.add(Job(TellOfReports(week), tell_at, f"weekly_tell:{week}"))
    tomorrow = calendar.midnight(context.today + _DAY) - timedelta(seconds=1)
    again_at = calendar.next_opening(tomorrow)
    if again_at < closing(week, context):
        _schedule(AskForReports(week), again_at, context)


def remind(job: Job[RemindOfReports], context: Context) -> None:
    """Remind everybody at work who still owes the report, once."""
    week = job.args.week
    if not context.playbook.weekly_report.enabled or context.now >= closing(week, context):
        return
    people = [person for person in context.uow.people.everyone() if person.active]
    asked = context.uow.weekly_reports.asked_of([person.id for person in people], week)
    for person in people:
        is_owed = person.id in asked and asked[person.id].is_owed
        if not is_owed or not person.sells or not person.is_there(context.today):
            continue
        if context.uow.weekly_reports.remind(person.id, week, context.now):
            context.uow.outbox.add(WeeklyReportDue(week, reminder=1), person.id)


def tell_leaders(job: Job[TellOfReports], context: Context) -> None:
    """Tell the leaders of every team in which somebody still owes the report."""
    week = job.args.week
    if not context.playbook.weekly_report.enabled or context.now >= closing(week, context):
        return
    everyone = context.uow.people.everyone()
    for team in context.uow.people.teams():
        if reports_of_team(team.id, week, context).owed:
            for leader in leaders_of(team.id, everyone):
                context.uow.outbox.add(WeeklyReportsMissing(team.id, week), leader.id)


def _schedule(args: JobArgs, due_at: datetime, context: Context) -> None:
    key = f"{args.kind}:{args.subject}:{due_at.timestamp():.0f}"
    context.uow.jobs.add(Job(args, due_at, key))
