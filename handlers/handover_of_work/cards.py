"""The message that lists what a person received from a colleague who left, and the preview."""

from collections import Counter, defaultdict

from handlers.core.context import Context
from handlers.core.labels import enum_label, lead_title, task_label
from handlers.core.lead_facts import next_step_text
from handlers.core.ui import Button, Card, Section, Table
from handlers.handover_of_work.service import owned_work_of, plan_transfer, value_of
from handlers.tasks.cards import due_text
from sales.errors import LeadNotFound, TaskNotFound
from sales.leads import Lead
from sales.notices import WorkHandedOver
from sales.people import Role
from sales.permissions import may
from sales.transfers import OwnedWork, Part, Transfer, TransferRequest

SHOWN = 40
PREVIEWED = 12
"""Maximum number of leads in the preview per receiver."""


def brief_card(notice: WorkHandedOver, context: Context, **_again: bool) -> Card | None:
    """For a receiver, what they got; for a leader who got nothing, how the work was
    distributed."""
    transfer = context.uow.transfers.get(notice.transfer_id)
    mine = [part for part in transfer.parts if part.to_id == context.actor.id]
    if not mine:
        return _spread(transfer, context) if _leads_team_of(transfer, context) else None
    leads = _leads(mine, context)
    tasks = _tasks(mine, context)
    if not leads and not tasks:
        return None
    name = context.uow.people.get(transfer.from_id).name
    sections = []
    if leads:
        columns = tuple(
            context.text(f"leaver.{part}") for part in ("lead", "stage", "last", "next")
        )
        columns = (*columns, context.text("leaver.why"))
        sections.append(Section(table=Table(columns, tuple(leads[:SHOWN]))))
    if len(leads) > SHOWN:
        sections.append(Section(lines=(context.text("board.more", n=len(leads) - SHOWN),)))
    if tasks:
        sections.append(Section(context.text("task.heading"), tuple(tasks[:SHOWN])))
    return Card(
        title=context.text("leaver.brief_title", name=name, n=len(leads)),
        body=context.text("leaver.brief_body"),
        sections=tuple(sections),
        buttons=_starts(context),
        footnote=_why_this(transfer, context),
    )


def _starts(context: Context) -> tuple[Button, ...]:
    board = (Button("board.open", context.text("button.my_board"), "", "primary"),)
    tasks = Button("task.list", context.text("button.my_tasks"))
    return (*(board if may(context.actor, "board.open") else ()), tasks)


def _leads(parts: list[Part], context: Context) -> list[tuple[str, ...]]:
    """The current state of each lead; leads that have gone on to somebody else are left out."""
    rows = []
    for part in parts:
        if part.task_id is None:
            try:
                lead = context.leads.get(part.lead_id)
            except LeadNotFound:
                continue
            rows.append(_row(lead, part, context))
    return rows


def _row(lead: Lead, part: Part, context: Context) -> tuple[str, ...]:
    language, last = context.language, lead.last_contact_at
    return (
        lead_title(lead),
        enum_label(lead.stage, language),
        language.day(context.calendar.day_of(last))
        if last
        else context.text("pool.no_contact_yet"),
        next_step_text(lead, context) or "—",
        context.text(f"why.{part.why.reason}", rule=part.why.rule),
    )


def _tasks(parts: list[Part], context: Context) -> list[str]:
    lines = []
    for part in parts:
        if part.task_id is not None:
            try:
                task = context.tasks.get(part.task_id)
                lead = context.leads.get(task.lead_id)
            except (TaskNotFound, LeadNotFound):
                continue
            kind = task_label(task.kind, context.language)
            lines.append(" · ".join((kind, lead_title(lead), due_text(task, context))))
    return lines


def _why_this(transfer: Transfer, context: Context) -> str:
    if not transfer.by_id:
        return context.text("leaver.why_unasked")
    name = context.uow.people.get(transfer.by_id).name
    return context.text("leaver.why_chosen", name=name)


def _leads_team_of(transfer: Transfer, context: Context) -> bool:
    team_id = context.uow.people.get(transfer.from_id).team_id
    in_reach = context.actor.role is Role.ADMIN or context.actor.team_id == team_id
    return may(context.actor, "leaver.ask") and in_reach


def _spread(transfer: Transfer, context: Context) -> Card:
    """How the work was distributed: only counts and names of colleagues."""
    counted = Counter(part.to_id for part in transfer.parts if part.task_id is None)
    lines = []
    for to_id, count in counted.most_common():
        name = context.uow.people.get(to_id).name if to_id else context.text("leaver.to_pool")
        lines.append(context.text("leaver.gets", name=name, n=count))
    name = context.uow.people.get(transfer.from_id).name
    return Card(
        title=context.text("leaver.spread_title", name=name, n=sum(counted.values())),
        sections=(Section(lines=tuple(lines)),),
        buttons=(Button("board.open", context.text("button.my_board")),),
        footnote=_why_this(transfer, context),
    )


def preview_card(wish: TransferRequest, context: Context) -> Card:
    estate = owned_work_of(wish.person, context)
    parts = plan_transfer(wish, estate, context)
    by_receiver: dict[int | None, list[Part]] = defaultdict(list)
    for part in parts:
        by_receiver[part.to_id].append(part)
    return Card(
        title=context.text("leaver.preview_title", name=wish.person.name, n=len(estate.leads)),
        body="" if parts else context.text("leaver.nothing", name=wish.person.name),
        sections=tuple(
            _section(to_id, of_one, estate, context) for to_id, of_one in by_receiver.items()
        ),
        buttons=(
            Button("leaver.carry_out", context.text("leaver.submit"),
                   value_of(wish, parts), "primary"),
            Button("leaver.ask", context.text("leaver.choose_again"), str(wish.person.id)),
        ),
        footnote=context.text("leaver.preview_why"),
    )  # fmt: skip


def _section(to_id: int | None, parts: list[Part], estate: OwnedWork, context: Context) -> Section:
    leads = {lead.id: lead for lead in estate.leads}
    tasks = {task.id: task for task in estate.tasks}
    lines = []
    for part in parts:
        if part.task_id is None:
            lead = leads[part.lead_id]
            lines.append(f"{lead_title(lead)} · {enum_label(lead.stage, context.language)}")
        else:
            title = lead_title(estate.task_leads[part.lead_id])
            lines.append(f"{task_label(tasks[part.task_id].kind, context.language)} · {title}")
    if len(lines) > PREVIEWED:
        lines[PREVIEWED:] = [context.text("board.more", n=len(lines) - PREVIEWED)]
    name = context.uow.people.get(to_id).name if to_id else context.text("leaver.to_pool")
    return Section(context.text("leaver.gets", name=name, n=len(parts)), tuple(lines))
