"""The weekly digest: when it is due, which channels receive it, and its content.

A team's week is posted once: the job's key identifies it. After downtime the last missed week is
posted, late; earlier weeks are left to the reports.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from handlers.core.channel_privacy import weekly_notice
from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.core.ui import Card
from handlers.digests import noise
from handlers.digests.cards import Weekly, digest_card
from handlers.digests.records import parse_button_value
from handlers.lead_lists.cards import list_card
from handlers.lead_lists.service import ListPlace
from handlers.reminders import ledger
from handlers.targets.cards import team_section
from sales.calendar import week_after
from sales.jobs import Job, PublishDigest
from sales.lead_lists import LeadQuery, LeadSort
from sales.notices import DigestReady
from sales.reports import EARLIER_WEEKS, DigestPeriod, Number, WeekFacts, period_of


def ensure_digests(context: Context) -> None:
    """Schedule the next digest for every team. Idempotent."""
    due_at, week = context.calendar.next_digest(context.now, context.playbook.digest)
    for team in context.uow.people.teams():
        _schedule(team.id, week, due_at, context)


def publish(job: Job[PublishDigest], context: Context) -> None:
    """Put a team's digest in the outbox for every channel bound to it, and schedule the next
    one."""
    team_id, week = job.args.team_id, job.args.week
    calendar, rule = context.calendar, context.playbook.digest
    newest = week_after(calendar.next_digest(context.now, rule)[1], -1)
    if calendar.digest_due(week, rule) < calendar.digest_due(newest, rule):
        # Several weeks were missed: only the last of them is due now.
        following = newest
    else:
        following = week_after(week)
        for binding in context.uow.channels.of_team(team_id):
            notice = DigestReady(team_id, week)
            context.uow.outbox.add(notice, (binding.platform, binding.conversation))
    _schedule(team_id, following, calendar.digest_due(following, rule), context)


def _schedule(team_id: int, week: str, due_at: datetime, context: Context) -> None:
    context.uow.jobs.add(Job(PublishDigest(team_id, week), due_at, f"digest:{team_id}:{week}"))


def weekly_card(
    team_id: int, week: str, context: Context, *, totals_only: bool = False, because: str = ""
) -> Card | None:
    """A team's digest as of now; None when the team no longer exists. ``because`` says why it has
    totals only."""
    team = next((team for team in context.uow.people.teams() if team.id == team_id), None)
    if team is None:
        return None
    calendar, period = context.calendar, _period(team_id, week, context)
    weekly = Weekly(
        team=team.name,
        period=period,
        due_at=calendar.digest_due(week, context.playbook.digest),
        facts=context.uow.figures.week(team_id, period.start, period.end),
        earlier=tuple(
            _facts(team_id, week_after(week, -back), context)
            for back in range(EARLIER_WEEKS, 0, -1)
        ),
        outlook=context.uow.figures.outlook(period),
        names=_names(context),
    )
    card = digest_card(
        weekly, context.language, context.playbook, totals_only=totals_only, because=because
    )
    last_day = period.end.astimezone(context.timezone).date() - timedelta(days=1)
    more = (
        *team_section(team, last_day, context),
        *ledger.digest_section(team, period.start, period.end, context),
        *noise.digest_section(team, period, context),
    )
    return replace(card, sections=(*card.sections, *more))


def show(context: Context) -> Reply:
    """Button on a digest: the leads behind a number as a list, as far as the person may see
    them."""
    opened = parse_button_value(context.pressed)
    query = LeadQuery.of_figure(opened.figure)
    sort = _ORDERS.get(opened.number, LeadSort.PRESSING)
    return Reply(card=list_card(ListPlace(query=query, sort=sort), context))


_ORDERS = {
    Number.WON: LeadSort.VALUE,
    Number.NEW: LeadSort.NEWEST,
    Number.HIGH_VALUE: LeadSort.NEWEST,
    Number.STUCK: LeadSort.VALUE,
}


def _facts(team_id: int, week: str, context: Context) -> WeekFacts:
    return context.uow.figures.week(team_id, *context.calendar.week(week))


def _period(team_id: int, week: str, context: Context) -> DigestPeriod:
    stalled_days = context.playbook.reminders.stalled_days
    limits = context.uow.figures.stage_limits()
    period = period_of(team_id, week, context.calendar, context.now, stalled_days)
    return replace(period, stage_limits=limits)


def _names(context: Context) -> dict[int, str]:
    return {person.id: person.name for person in context.uow.people.everyone()}


def digest_notice(notice: DigestReady, context: Context, **_again: bool) -> Card | None:
    return weekly_notice(notice, weekly_card, context)
