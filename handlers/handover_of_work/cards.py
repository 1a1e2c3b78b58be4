"""The one message that says what somebody has got from a colleague who left."""

from collections import Counter

from handlers.core.context import Turn
from handlers.core.labels import enum_label, lead_title
from handlers.core.ui import Button, Card, Section, Table
from handlers.leads.cards import next_step_text
from handlers.tasks.cards import due_text
from handlers.tasks.forms import kind_label
from sales.errors import LeadNotFound, TaskNotFound
from sales.leads import Lead
from sales.notices import WorkHandedOver
from sales.people import Role
from sales.permissions import may
from sales.transfers import Part, Transfer

SHOWN = 40


def brief_card(notice: WorkHandedOver, turn: Turn, **_again: bool) -> Card | None:
    """For who got something; for a leader who did not, how it was spread."""
    transfer = turn.uow.transfers.get(notice.transfer_id)
    mine = [part for part in transfer.parts if part.to_id == turn.actor.id]
    if not mine:
        return _spread(transfer, turn) if _leads_team_of(transfer, turn) else None
    leads = _leads(mine, turn)
    tasks = _tasks(mine, turn)
    if not leads and not tasks:
        return None
    name = turn.uow.people.get(transfer.from_id).name
    sections = []
    if leads:
        columns = tuple(turn.text(f"leaver.{part}") for part in ("lead", "stage", "last", "next"))
        columns = (*columns, turn.text("leaver.why"))
        sections.append(Section(table=Table(columns, tuple(leads[:SHOWN]))))
    if len(leads) > SHOWN:
        sections.append(Section(lines=(turn.text("board.more", n=len(leads) - SHOWN),)))
    if tasks:
        sections.append(Section(turn.text("task.heading"), tuple(tasks[:SHOWN])))
    return Card(
        title=turn.text("leaver.brief_title", name=name, n=len(leads)),
        body=turn.text("leaver.brief_body"),
        sections=tuple(sections),
        buttons=_starts(turn),
        footnote=_why_this(transfer, turn),
    )


def _starts(turn: Turn) -> tuple[Button, ...]:
    board = (Button("board.open", turn.text("button.my_board"), "", "primary"),)
    tasks = Button("task.list", turn.text("button.my_tasks"))
    return (*(board if may(turn.actor, "board.open") else ()), tasks)


def _leads(parts: list[Part], turn: Turn) -> list[tuple[str, ...]]:
    """The newest state of each; what went on to somebody else meanwhile is left out."""
    rows = []
    for part in parts:
        if part.task_id is None:
            try:
                lead = turn.leads.get(part.lead_id)
            except LeadNotFound:
                continue
            rows.append(_row(lead, part, turn))
    return rows


def _row(lead: Lead, part: Part, turn: Turn) -> tuple[str, ...]:
    language, last = turn.language, lead.last_contact_at
    return (
        lead_title(lead),
        enum_label(lead.stage, language),
        language.day(turn.calendar.day_of(last)) if last else turn.text("pool.no_contact_yet"),
        next_step_text(lead, turn) or "—",
        turn.text(f"why.{part.why.reason}", rule=part.why.rule),
    )


def _tasks(parts: list[Part], turn: Turn) -> list[str]:
    lines = []
    for part in parts:
        if part.task_id is not None:
            try:
                task = turn.tasks.get(part.task_id)
                lead = turn.leads.get(task.lead_id)
            except (TaskNotFound, LeadNotFound):
                continue
            kind = kind_label(task.kind, turn.language)
            lines.append(" · ".join((kind, lead_title(lead), due_text(task, turn))))
    return lines


def _why_this(transfer: Transfer, turn: Turn) -> str:
    if not transfer.by_id:
        return turn.text("leaver.why_unasked")
    name = turn.uow.people.get(transfer.by_id).name
    return turn.text("leaver.why_chosen", name=name)


def _leads_team_of(transfer: Transfer, turn: Turn) -> bool:
    team_id = turn.uow.people.get(transfer.from_id).team_id
    in_reach = turn.actor.role is Role.ADMIN or turn.actor.team_id == team_id
    return may(turn.actor, "leaver.ask") and in_reach


def _spread(transfer: Transfer, turn: Turn) -> Card:
    """Counts and names of colleagues only."""
    counted = Counter(part.to_id for part in transfer.parts if part.task_id is None)
    lines = []
    for to_id, count in counted.most_common():
        name = turn.uow.people.get(to_id).name if to_id else turn.text("leaver.to_pool")
        lines.append(turn.text("leaver.gets", name=name, n=count))
    name = turn.uow.people.get(transfer.from_id).name
    return Card(
        title=turn.text("leaver.spread_title", name=name, n=sum(counted.values())),
        sections=(Section(lines=tuple(lines)),),
        buttons=(Button("board.open", turn.text("button.my_board")),),
        footnote=_why_this(transfer, turn),
    )
