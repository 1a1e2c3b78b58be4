"""The board as a card: a line and a button for each lead, a list behind each count."""

from collections.abc import Mapping

from handlers.board.day import NURTURE, WORKED, Day, ListedPart
from handlers.core.context import Context
from handlers.core.due_dates import due_label
from handlers.core.labels import enum_label, lead_title, list_button, open_button
from handlers.core.ui import Button, Card, Chart, Row, Section, Series
from handlers.response_clocks.cards import clock_text
from handlers.signals.cards import intent_mark
from sales.clocks import Clock
from sales.lead_lists import LeadQuery
from sales.leads import OPEN_STAGES, Lead, Stage
from sales.people import Role
from storage.leads.listing import StageSum


def board_card(day: Day, below: tuple[Section, ...], context: Context) -> Card:
    """The day's parts, the sections ``below`` them, and the pipeline by stage last."""
    own = context.actor.role is Role.REP
    return Card(
        title=context.text(
            "board.title_mine" if own else "board.title_team",
            day=context.language.day(context.today_here),
        ),
        body=_headline(day, context),
        sections=(*_sections(day, context), *below),
        chart=_chart(day, context) if day.stages else None,
        chart_below=True,
        buttons=_buttons(day, context),
        tone="warning" if day.count("overdue") else "plain",
    )


def _headline(day: Day, context: Context) -> str:
    if not day.stages:
        return context.text("board.empty_pool" if day.pooled else "board.empty")
    overdue, today = day.count("overdue"), day.count("today")
    key = "board.headline" if overdue or today else "board.clear"
    parts = [context.text(key, overdue=overdue, today=today, n=day.working)]
    if day.worth:
        parts.append(context.text("board.worth", amount=context.language.money(day.worth)))
    if day.set_aside:
        parts.append(context.text("board.set_aside", n=day.set_aside))
    return "".join(parts)


def _buttons(day: Day, context: Context) -> tuple[Button, ...]:
    text = context.text
    new = Button("lead.new", text("button.new_lead"))
    pooled = text("board.pool", n=day.pooled) if day.pooled else text("button.pool")
    pool = Button("pool.open", pooled)
    if not day.stages:
        return (Button(new.action, new.label, new.value, "primary"), pool)
    lists = [
        list_button(query, text(f"board.all_{name}", n=count))
        for name, query, count in (
            ("working", WORKED, day.working),
            ("nurture", NURTURE, day.set_aside),
        )
        if count
    ]
    log = Button("followup.new", text("button.log"), "", "primary")
    return (log, new, *lists, pool)


def _sections(day: Day, context: Context) -> tuple[Section, ...]:
    """A section for each part with leads, also where all of them are listed already."""
    names: Mapping[int, str] = {}
    if context.actor.role is not Role.REP and day.parts:
        names = {person.id: person.name for person in context.uow.people.everyone()}
    return tuple(_section(one, day.clocks, names, context) for one in day.parts)


def _section(
    listed: ListedPart, clocks: Mapping[int, Clock], names: Mapping[int, str], context: Context
) -> Section:
    part, count = listed.part, listed.count
    return Section(
        context.text(f"board.{part.name}", n=count),
        lines=() if listed.leads else (context.text("board.above"),),
        rows=tuple(_row(lead, clocks.get(lead.id), names, context) for lead in listed.leads),
        opens=list_button(part.query, context.text("button.whole_list", n=count)),
    )


def _row(lead: Lead, clock: Clock | None, names: Mapping[int, str], context: Context) -> Row:
    owner = names.get(lead.owner_id, "") if lead.owner_id else ""
    parts = (lead_title(lead), intent_mark(lead, context), *_due(lead, clock, context), owner)
    return Row(" · ".join(part for part in parts if part), open_button(lead, context.language))


def _due(lead: Lead, clock: Clock | None, context: Context) -> tuple[str, ...]:
    """The customer's clock where that ends before the next step, else the step."""
    overdue = lead.is_overdue(context.now)
    if clock and not overdue and (lead.next_at is None or clock.due_at <= lead.next_at):
        said = clock_text(clock, context)
        missed = clock.due_at <= context.now
        return (context.text(f"clock.{clock.kind}"), said) if missed else (said,)
    if lead.next_at is None:
        return (enum_label(lead.stage, context.language),)
    return (lead.next_step, due_label(lead, context))


def _chart(day: Day, context: Context) -> Chart:
    """How many leads are in each stage and what they are worth; each opens its list."""
    stages = [stage for stage in OPEN_STAGES if stage in day.stages or stage is not Stage.NURTURE]
    sums = {stage: day.stages.get(stage, StageSum()) for stage in stages}
    labels = [_stage_label(stage, one, context) for stage, one in sums.items()]
    return Chart(
        kind="bar",
        title=context.text("board.chart"),
        categories=tuple(enum_label(stage, context.language) for stage in stages),
        series=(
            Series(context.text("board.leads"), tuple(float(one.count) for one in sums.values())),
        ),
        alt=context.language.listing(labels),
        opens=tuple(
            list_button(LeadQuery(stages=(stage,)), label) if sums[stage].count else None
            for stage, label in zip(stages, labels, strict=True)
        ),
    )


def _stage_label(stage: Stage, found: StageSum, context: Context) -> str:
    """``Proposal 12 · ¥1,200,000``."""
    counted = f"{enum_label(stage, context.language)} {found.count}"
    return f"{counted} · {context.language.money(found.value)}" if found.value else counted
