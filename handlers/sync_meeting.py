"""The agenda of the weekly sync: when it is due, and the deals it covers [P24].

A team's week is posted once: the job's key identifies it. After downtime the last missed agenda is
posted, late, with the deals as they are then.
"""

from datetime import datetime

from handlers.core.channel_posts import late_line, post_to_channels, weekly_notice
from handlers.core.context import Context
from handlers.core.labels import enum_label, lead_title, list_button, open_button
from handlers.core.recipients import led_teams
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Section
from sales.calendar import iso_week
from sales.errors import NotAllowed
from sales.jobs import Job, PublishSync
from sales.lead_lists import LeadFigure, LeadQuery, LeadSort
from sales.notices import SyncDue
from sales.people import Team
from sales.permissions import LEADERS
from sales.reports import Number
from sales.sync_meeting import (
    Blocked,
    StuckDeal,
    StuckLook,
    stuck_deals,
    stuck_look,
    waited_for,
    worth,
)


def ensure_syncs(context: Context) -> None:
    """Schedule the next sync for every team. Idempotent."""
    due_at, week = context.calendar.next_sync(context.now, context.playbook.sync)
    for team in context.uow.people.teams():
        _schedule(team.id, week, due_at, context)


def publish(job: Job[PublishSync], context: Context) -> None:
    """Job: put the agenda in the outbox for every channel of the team, and schedule the next
    one."""
    team_id, week = job.args.team_id, job.args.week
    due_at, following = context.calendar.last_sync(context.now, context.playbook.sync)
    if week >= following:
        post_to_channels(team_id, context.uow, SyncDue(team_id, week))
        due_at, following = context.calendar.next_sync(
            max(context.now, job.due_at), context.playbook.sync
        )
    _schedule(team_id, following, due_at, context)


def _schedule(team_id: int, week: str, due_at: datetime, context: Context) -> None:
    context.uow.jobs.add(Job(PublishSync(team_id, week), due_at, f"sync:{team_id}:{week}"))


def weekly_card(
    team_id: int | None,
    week: str,
    context: Context,
    *,
    totals_only: bool = False,
    because: str = "",
) -> Card | None:
    """The agenda for a week as of now; None when the team no longer exists. ``totals_only`` names
    no deals and no people, and ``because`` says why."""
    team = _team(team_id, context)
    if team is None:
        return None
    due_at = context.calendar.sync_due(week, context.playbook.sync)
    why = context.text("sync.why", team=team.name)
    late = late_line(due_at, context) if due_at else ""
    why = "\n".join(filter(None, (why, late, because)))
    if totals_only:
        return _totals(team, why, context)
    return _agenda(team, why, (), context)


def show(context: Context) -> Reply:
    """``/sync``, or a button: the agenda as it would be posted now, for people who lead the
    team."""
    teams = led_teams(context)
    asked = record_id(context.pressed) or context.actor.team_id
    team_name = context.request.text.strip().lower()
    named = [team for team in teams if team_name and team_name in team.name.lower()]
    team = next((team for team in named or teams if named or team.id == asked), None)
    if team is None:
        raise NotAllowed(roles=sorted(LEADERS))
    others = tuple(
        Button("sync.show", context.text("button.sync_of", team=other.name[:50]), str(other.id))
        for other in teams
        if other.id != team.id
    )
    why = context.text("sync.why_asked")
    return Reply(card=_agenda(team, why, others, context))


def _totals(team: Team, why: str, context: Context) -> Card:
    """The number of stuck deals, and a button to the full agenda for people who may see it."""
    facts = context.uow.figures.stuck(_look(team, context))
    stuck = facts.total > 0
    opens = Button("sync.show", context.text("button.open_agenda"), str(team.id))
    return Card(
        title=context.text("sync.title", team=team.name, day=context.language.day(context.today)),
        body=context.text("sync.count", n=facts.total) if stuck else context.text("sync.nothing"),
        buttons=(opens,) if stuck else (),
        footnote=why,
        tone="warning" if stuck else "good",
    )


def _agenda(team: Team, why: str, others: tuple[Button, ...], context: Context) -> Card:
    look = _look(team, context)
    facts = context.uow.figures.stuck(look)
    deals = stuck_deals(facts, look)
    board = Button("board.open", context.text("button.my_board"))
    more = facts.total - len(deals)
    body = context.text("sync.count", n=facts.total) if deals else context.text("sync.nothing")
    return Card(
        title=context.text("sync.title", team=team.name, day=context.language.day(context.today)),
        body=body,
        sections=(
            *(_deal_section(deal, look, context) for deal in deals),
            *_summary(deals, more, context),
        ),
        buttons=(_list_button(team, facts.total, context), board) if deals else (board,),
        more=others,
        footnote=why,
        tone="warning" if deals else "good",
    )


def _list_button(team: Team, total: int, context: Context) -> Button:
    """Opens all stuck deals as a list, in the agenda's order."""
    figure = LeadFigure(Number.STUCK, team.id, iso_week(context.today))
    label = context.text("button.whole_list", n=total)
    return list_button(LeadQuery.of_figure(figure), label, LeadSort.VALUE)


def _look(team: Team, context: Context) -> StuckLook:
    limits = context.uow.figures.stage_limits()
    return stuck_look(team.id, context.now, context.playbook, limits)


def _deal_section(deal: StuckDeal, look: StuckLook, context: Context) -> Section:
    """``LX001 · Acme · 20万``, and a line for each blocker."""
    value = worth(deal.lead)
    title = lead_title(deal.lead)
    heading = title if value is None else f"{title} · {context.language.money(value)}"
    lines = tuple(_reason(reason, deal, look, context) for reason in deal.reasons)
    return Section(heading, lines, buttons=(open_button(deal.lead, context.language),))


def _reason(reason: Blocked, deal: StuckDeal, look: StuckLook, context: Context) -> str:
    stage = deal.lead.stage
    since = context.language.day_of(reason.since)
    usual = look.now - look.entered_before.get(stage, look.now)
    what = context.text(
        f"sync.cause_{reason.cause}",
        since=since,
        stage=enum_label(stage, context.language),
        days=usual.days,
        step=context.said(deal.lead.next_step) or "—",
    )
    return context.text("sync.reason", what=what, who=_name(reason.on, context))


def _summary(deals: tuple[StuckDeal, ...], more: int, context: Context) -> tuple[Section, ...]:
    """How many deals wait for whom, and how many more are not listed."""
    if not deals:
        return ()
    counts = [
        context.text("digest.person_count", name=_name(on, context), count=count)
        for on, count in waited_for(deals)
    ]
    lines = [context.language.listing(counts)]
    if more > 0:
        lines.append(context.text("digest.and_more", n=more))
    return (Section(context.text("sync.waiting_on"), tuple(lines)),)


def _name(person_id: int | None, context: Context) -> str:
    return context.uow.people.get(person_id).name if person_id else context.text("sync.nobody")


def _team(team_id: int | None, context: Context) -> Team | None:
    return next((team for team in context.uow.people.teams() if team.id == team_id), None)


def sync_notice(notice: SyncDue, context: Context, **_again: bool) -> Card | None:
    return weekly_notice(notice, weekly_card, context)
