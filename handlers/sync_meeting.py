"""The agenda of the weekly sync: when it is due, and the deals it is about [P24].

A team's week is posted once: the key of the work says which. After downtime the last missed
one is posted, late, with the deals as they are then.
"""

from datetime import timedelta

from handlers.core.context import Turn
from handlers.core.labels import enum_label, lead_title
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Section
from handlers.digests.records import open_button
from handlers.targets.progress import led_teams
from sales.errors import NotAllowed
from sales.notices import SyncDue
from sales.people import Team
from sales.permissions import LEADERS
from sales.sync_meeting import Blocked, StuckDeal, stuck_deals, stuck_look, waited_for, worth
from storage.jobs import Work

_LATE = timedelta(hours=1)


def ensure_syncs(turn: Turn) -> None:
    """Every team has its next sync scheduled. Harmless when repeated."""
    due_at, week = turn.calendar.next_sync(turn.now, turn.playbook.sync)
    for team in turn.uow.people.teams():
        turn.uow.schedule.add(Work(f"sync:{team.id}:{week}", "sync", f"team:{team.id}", due_at))


def publish(work: Work, turn: Turn) -> None:
    """Due work: put the agenda in the outbox for every channel of the team, and schedule the
    next."""
    _, team, week = work.key.split(":")
    due_at, following = turn.calendar.last_sync(turn.now, turn.playbook.sync)
    if week >= following:
        for binding in turn.uow.bindings.of_team(int(team)):
            notice = SyncDue(int(team), week)
            turn.uow.outbox.add(notice, (binding.platform, binding.conversation))
        due_at, following = turn.calendar.next_sync(max(turn.now, work.due_at), turn.playbook.sync)
    turn.uow.schedule.add(Work(f"sync:{team}:{following}", "sync", work.subject, due_at))


def weekly_card(
    team_id: int, week: str, turn: Turn, *, totals_only: bool = False, because: str = ""
) -> Card | None:
    """A week's agenda as of now; None when there is no such team any more. ``totals_only`` names
    no deal and nobody, and says why (``because``)."""
    team = _team(team_id, turn)
    if team is None:
        return None
    due_at = turn.calendar.sync_due(week, turn.playbook.sync)
    late = due_at is not None and turn.now - due_at > _LATE
    why = turn.text("sync.why", team=team.name)
    if late and due_at:
        why += "\n" + turn.text("digest.late", at=turn.language.moment(due_at))
    if totals_only:
        return _totals(team, "\n".join(part for part in (why, because) if part), turn)
    return _agenda(team, why, (), turn)


def show(turn: Turn) -> Reply:
    """``/sync``, or a button: the agenda as it would be posted now, for who leads the team."""
    teams = led_teams(turn)
    asked = record_id(turn.pressed) or turn.actor.team_id
    wanted = turn.request.text.strip().lower()
    named = [team for team in teams if wanted and wanted in team.name.lower()]
    team = next((team for team in named or teams if named or team.id == asked), None)
    if team is None:
        raise NotAllowed(roles=sorted(LEADERS))
    others = tuple(
        Button("sync.show", turn.text("button.sync_of", team=other.name[:50]), str(other.id))
        for other in teams
        if other.id != team.id
    )
    why = turn.text("sync.why_asked")
    return Reply(card=_agenda(team, why, others, turn))


def _totals(team: Team, why: str, turn: Turn) -> Card:
    """How many deals are stuck, and the agenda itself for who may see it."""
    facts = turn.uow.figures.stuck(stuck_look(team.id, turn.now, turn.playbook, turn.timezone))
    stuck = facts.total > 0
    opens = Button("sync.show", turn.text("button.open_agenda"), str(team.id))
    return Card(
        title=turn.text("sync.title", team=team.name, day=turn.language.day(turn.today)),
        body=turn.text("sync.count", n=facts.total) if stuck else turn.text("sync.nothing"),
        buttons=(opens,) if stuck else (),
        footnote=why,
        tone="warning" if stuck else "good",
    )


def _agenda(team: Team, why: str, others: tuple[Button, ...], turn: Turn) -> Card:
    look = stuck_look(team.id, turn.now, turn.playbook, turn.timezone)
    facts = turn.uow.figures.stuck(look)
    deals = stuck_deals(facts, look)
    more = facts.total - len(deals)
    body = turn.text("sync.count", n=facts.total) if deals else turn.text("sync.nothing")
    return Card(
        title=turn.text("sync.title", team=team.name, day=turn.language.day(turn.today)),
        body=body,
        sections=(*(_deal(deal, turn) for deal in deals), *_summary(deals, more, turn)),
        buttons=(Button("board.open", turn.text("button.my_board")),),
        more=others,
        footnote=why,
        tone="warning" if deals else "good",
    )


def _deal(deal: StuckDeal, turn: Turn) -> Section:
    """``LX001 · Acme · 20万``, and a line for each thing that holds it up."""
    value = worth(deal.lead)
    title = lead_title(deal.lead)
    heading = title if value is None else f"{title} · {turn.language.money(value)}"
    lines = tuple(_reason(reason, deal, turn) for reason in deal.reasons)
    return Section(heading, lines, buttons=(open_button(deal.lead, turn.language),))


def _reason(reason: Blocked, deal: StuckDeal, turn: Turn) -> str:
    stage = deal.lead.stage
    since = turn.language.day_of(reason.since)
    what = turn.text(
        f"sync.cause_{reason.cause}",
        since=since,
        stage=enum_label(stage, turn.language),
        days=turn.playbook.stage(stage).days,
        step=turn.said(deal.lead.next_step) or "—",
    )
    return turn.text("sync.reason", what=what, who=_name(reason.on, turn))


def _summary(deals: tuple[StuckDeal, ...], more: int, turn: Turn) -> tuple[Section, ...]:
    """On whom how many wait, and that there are more than stand here."""
    if not deals:
        return ()
    counts = [
        turn.text("digest.person_count", name=_name(on, turn), count=count)
        for on, count in waited_for(deals)
    ]
    lines = [turn.language.listing(counts)]
    if more > 0:
        lines.append(turn.text("digest.and_more", n=more))
    return (Section(turn.text("sync.waiting_on"), tuple(lines)),)


def _name(person_id: int | None, turn: Turn) -> str:
    return turn.uow.people.get(person_id).name if person_id else turn.text("sync.nobody")


def _team(team_id: int, turn: Turn) -> Team | None:
    return next((team for team in turn.uow.people.teams() if team.id == team_id), None)
