"""``/pipeline``: the person's day and where their leads are; leaders see the whole team."""

from dataclasses import dataclass, replace
from datetime import timedelta

from handlers.core.button_values import offset
from handlers.core.context import Context
from handlers.core.due_dates import due_label
from handlers.core.labels import enum_label, lead_title
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Chart, Section, Series
from handlers.opportunities.cards import opportunities_section
from handlers.reminders.ledger import board_section
from handlers.response_clocks.cards import clocks_section, late_clock_text
from handlers.signals.cards import intent_mark
from handlers.targets.cards import targets_section
from handlers.tasks import actions as tasks
from sales.leads import OPEN_STAGES, WORKED_STAGES, Lead, Stage
from sales.people import Role
from sales.permissions import may

SHOWN = 6
"""Maximum number of leads listed in each section of the board."""
PAGE = 20
"""Number of leads on a page of the overdue ones."""
SCANNED = 200
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Totals:
    """Counts for the board's headline. ``overdue`` and ``today`` count leads whose next step or
    response clock (a customer waiting for an answer) is overdue or due today; ``working`` counts
    leads in progress, ``set_aside`` those in nurture."""

    overdue: int
    today: int
    working: int
    set_aside: int

    @property
    def any(self) -> bool:
        return bool(self.working or self.set_aside)


def open_home(context: Context) -> Reply:
    """The bot's home page on platforms that have one. Shows the board, or the task list for people
    who have no leads."""
    return open_board(context) if may(context.actor, "board.open") else tasks.open_command(context)


def open_board(context: Context) -> Reply:
    """The board: overdue leads first, then today and the week ahead, then the counts."""
    day = context.today_here
    tomorrow = context.midnight_here(day + DAY)
    ahead = context.midnight_here(day + 8 * DAY)
    overdue = _overdue(context)
    leads = [
        lead
        for lead in context.leads.due_before(ahead, SCANNED, now=context.now)
        if lead.id not in overdue
    ]
    today = [lead for lead in leads if lead.next_at and lead.next_at < tomorrow]
    coming = [lead for lead in leads if lead.next_at and lead.next_at >= tomorrow]
    counted = context.leads.stage_counts()
    counts = {stage: counted.get(stage, 0) for stage in Stage}
    waiting = context.uow.clocks(context.actor).waiting(context.now, SCANNED)
    soon = {clock.lead_id for clock in waiting.nearest if clock.due_at < tomorrow}
    totals = _Totals(
        overdue=len(overdue),
        today=len((soon | {lead.id for lead in today}) - set(overdue)),
        working=sum(counts[stage] for stage in WORKED_STAGES),
        set_aside=counts[Stage.NURTURE],
    )
    sections = (
        *_overdue_section(overdue, context),
        *_part("board.hot", context.leads.hot(SCANNED), context),
        *clocks_section(waiting, context),
        *_part("board.today", today, context),
        *_part("board.coming", coming, context),
        *opportunities_section(context),
        *targets_section(context),
        *board_section(context),
    )
    whose = "board.title_mine" if context.actor.role is Role.REP else "board.title_team"
    return Reply(
        card=Card(
            title=context.text(whose, day=context.language.day(day)),
            body=_headline(totals, context),
            sections=sections,
            chart=_chart(counts, context) if totals.any else None,
            buttons=(
                Button("followup.new", context.text("button.log"), "", "primary"),
                Button("lead.new", context.text("button.new_lead")),
                Button("pool.open", context.text("button.pool")),
            ),
            tone="warning" if totals.overdue else "plain",
        )
    )


def open_overdue(context: Context) -> Reply:
    """Button: every overdue lead, a page at a time."""
    overdue = _overdue(context)
    last = max(0, (len(overdue) - 1) // PAGE)
    page = min(offset(context.pressed), last)
    shown = _section_of(overdue[page * PAGE : (page + 1) * PAGE], context)
    turns = ((page + 1, "button.more", page < last), (page - 1, "button.previous", page > 0))
    return Reply(
        card=Card(
            title=context.text("board.overdue", n=len(overdue)),
            body=context.text("board.page", page=page + 1, pages=last + 1),
            sections=(shown,) if overdue else (),
            buttons=(
                *(
                    Button("board.overdue", context.text(key), str(number))
                    for number, key, there in turns
                    if there
                ),
                Button("board.open", context.text("button.my_board")),
            ),
            tone="warning" if overdue else "good",
        )
    )


def _overdue(context: Context) -> list[int]:
    """The ids of all leads whose next step or response clock is overdue, the longest waiting step
    first."""
    late_clocks = context.uow.clocks(context.actor).late(context.now)
    return list(dict.fromkeys((*context.leads.overdue(context.now), *late_clocks)))


def _overdue_section(overdue: list[int], context: Context) -> tuple[Section, ...]:
    """The first overdue leads under the number of all, and the way to the others."""
    if not overdue:
        return ()
    section = _section_of(overdue[:SHOWN], context)
    if (more := len(overdue) - SHOWN) > 0:
        rest = Button("board.overdue", context.text("button.all_overdue", n=len(overdue)))
        section = replace(
            section,
            lines=(*section.lines, context.text("board.more", n=more)),
            buttons=(*section.buttons, rest),
        )
    return (replace(section, heading=context.text("board.overdue", n=len(overdue))),)


def _section_of(lead_ids: list[int], context: Context) -> Section:
    """A line and a button for each lead: its step, or the clock that is overdue."""
    known = context.leads.some(lead_ids)
    leads = [known[lead_id] for lead_id in lead_ids if lead_id in known]
    lines = []
    for lead in leads:
        late = "" if lead.is_overdue(context.now) else late_clock_text(lead, context)
        lines.append(_line(lead, context, late))
    return Section(lines=tuple(lines), buttons=tuple(_opens(lead, context) for lead in leads))


def _opens(lead: Lead, context: Context) -> Button:
    return Button("lead.show", context.text("button.open_lead", lead=lead.number), lead.number)


def _headline(totals: _Totals, context: Context) -> str:
    if not totals.any:
        return context.text("board.empty")
    key = "board.headline" if totals.overdue or totals.today else "board.clear"
    counted = {"overdue": totals.overdue, "today": totals.today, "n": totals.working}
    headline = context.text(key, **counted)
    return (
        headline + context.text("board.set_aside", n=totals.set_aside)
        if totals.set_aside
        else headline
    )


def _part(key: str, leads: list[Lead], context: Context) -> tuple[Section, ...]:
    if not leads:
        return ()
    shown = leads[:SHOWN]
    lines = [_line(lead, context) for lead in shown]
    if len(leads) > SHOWN:
        lines.append(context.text("board.more", n=len(leads) - SHOWN))
    buttons = tuple(_opens(lead, context) for lead in shown)
    return (Section(context.text(key, n=len(leads)), tuple(lines), buttons=buttons),)


def _line(lead: Lead, context: Context, late: str = "") -> str:
    """``late``: what is overdue instead of the next step."""
    step = (late,) if late else (lead.next_step, due_label(lead, context))
    parts = [lead_title(lead), intent_mark(lead, context), *step]
    if context.actor.role is not Role.REP and lead.owner_id:
        parts.append(context.uow.people.get(lead.owner_id).name)
    return " · ".join(part for part in parts if part)


def _chart(counts: dict[Stage, int], context: Context) -> Chart:
    stages = [stage for stage in OPEN_STAGES if counts[stage] or stage is not Stage.NURTURE]
    names = tuple(enum_label(stage, context.language) for stage in stages)
    values = tuple(float(counts[stage]) for stage in stages)
    labels = [f"{name} {int(value)}" for name, value in zip(names, values, strict=True)]
    return Chart(
        kind="bar",
        title=context.text("board.chart"),
        categories=names,
        series=(Series(context.text("board.leads"), values),),
        alt=context.language.listing(labels),
    )
