"""``/pipeline``: my day and where my leads stand; a leader sees the team."""

from dataclasses import dataclass
from datetime import timedelta

from handlers.core.context import Turn
from handlers.core.labels import enum_label, lead_title
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Chart, Section, Series
from handlers.followups.next_step import due_label
from handlers.opportunities.cards import opportunities_section
from handlers.reminders.ledger import board_section
from handlers.response_clocks.cards import clocks_section
from handlers.signals.cards import intent_mark
from handlers.targets.cards import targets_section
from handlers.tasks import actions as tasks
from sales.leads import OPEN_STAGES, WORKED_STAGES, Lead, Stage
from sales.people import Role
from sales.permissions import may

SHOWN = 6
"""So many leads stand in each part of the board."""
SCANNED = 200
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Presses:
    """How many leads have something overdue or due today, be it their next step or a customer
    who waits for an answer; how many are worked on, and how many set aside for later."""

    overdue: int
    today: int
    working: int
    set_aside: int

    @property
    def any(self) -> bool:
        return bool(self.working or self.set_aside)


def open_home(turn: Turn) -> Reply:
    """The page of the bot's own that a platform shows a person: the board, or the tasks of who
    has no leads."""
    return open_board(turn) if may(turn.actor, "board.open") else tasks.open_command(turn)


def open_board(turn: Turn) -> Reply:
    """Overdue first, then today and the week ahead, then the counts."""
    day = turn.today_here
    this_morning, tomorrow = turn.midnight_here(day), turn.midnight_here(day + DAY)
    ahead = turn.midnight_here(day + 8 * DAY)
    leads = turn.leads.due_before(ahead, SCANNED)
    overdue = [lead for lead in leads if lead.next_at and lead.next_at < this_morning]
    today = [lead for lead in leads if lead.next_at and this_morning <= lead.next_at < tomorrow]
    coming = [lead for lead in leads if lead.next_at and lead.next_at >= tomorrow]
    counted = turn.leads.stage_counts()
    counts = {stage: counted.get(stage, 0) for stage in Stage}
    waiting = turn.uow.clocks(turn.actor).waiting(turn.now, SCANNED)
    late = {clock.lead_id for clock in waiting.nearest if clock.due_at <= turn.now}
    soon = {clock.lead_id for clock in waiting.nearest if clock.due_at < tomorrow}
    presses = _Presses(
        overdue=len(late | {lead.id for lead in overdue}),
        today=len((soon | {lead.id for lead in today}) - late - {lead.id for lead in overdue}),
        working=sum(counts[stage] for stage in WORKED_STAGES),
        set_aside=counts[Stage.NURTURE],
    )
    sections = (
        *_part("board.overdue", overdue, turn),
        *_part("board.hot", turn.leads.hot(SCANNED), turn),
        *clocks_section(waiting, turn),
        *_part("board.today", today, turn),
        *_part("board.coming", coming, turn),
        *opportunities_section(turn),
        *targets_section(turn),
        *board_section(turn),
    )
    whose = "board.title_mine" if turn.actor.role is Role.REP else "board.title_team"
    return Reply(
        card=Card(
            title=turn.text(whose, day=turn.language.day(day)),
            body=_headline(presses, turn),
            sections=sections,
            chart=_chart(counts, turn) if presses.any else None,
            buttons=(
                Button("followup.new", turn.text("button.log"), "", "primary"),
                Button("lead.new", turn.text("button.new_lead")),
                Button("pool.open", turn.text("button.pool")),
            ),
            tone="warning" if presses.overdue else "plain",
        )
    )


def _headline(presses: _Presses, turn: Turn) -> str:
    if not presses.any:
        return turn.text("board.empty")
    key = "board.headline" if presses.overdue or presses.today else "board.clear"
    counted = {"overdue": presses.overdue, "today": presses.today, "n": presses.working}
    said = turn.text(key, **counted)
    return said + turn.text("board.set_aside", n=presses.set_aside) if presses.set_aside else said


def _part(key: str, leads: list[Lead], turn: Turn) -> tuple[Section, ...]:
    if not leads:
        return ()
    shown = leads[:SHOWN]
    lines = [_line(lead, turn) for lead in shown]
    if len(leads) > SHOWN:
        lines.append(turn.text("board.more", n=len(leads) - SHOWN))
    buttons = tuple(
        Button("lead.show", turn.text("button.open_lead", lead=lead.number), lead.number)
        for lead in shown
    )
    return (Section(turn.text(key, n=len(leads)), tuple(lines), buttons=buttons),)


def _line(lead: Lead, turn: Turn) -> str:
    day = due_label(lead.next_at, turn) if lead.next_at else ""
    parts = [lead_title(lead), intent_mark(lead, turn), lead.next_step, day]
    if turn.actor.role is not Role.REP and lead.owner_id:
        parts.append(turn.uow.people.get(lead.owner_id).name)
    return " · ".join(part for part in parts if part)


def _chart(counts: dict[Stage, int], turn: Turn) -> Chart:
    stages = [stage for stage in OPEN_STAGES if counts[stage] or stage is not Stage.NURTURE]
    names = tuple(enum_label(stage, turn.language) for stage in stages)
    values = tuple(float(counts[stage]) for stage in stages)
    said = [f"{name} {int(value)}" for name, value in zip(names, values, strict=True)]
    return Chart(
        kind="bar",
        title=turn.text("board.chart"),
        categories=names,
        series=(Series(turn.text("board.leads"), values),),
        alt=turn.language.listing(said),
    )
