"""Notices of the pool: a lead returns soon, has returned, or several came in."""

from datetime import UTC, datetime

from handlers.core.cards import lead_gone_card
from handlers.core.context import Context
from handlers.core.labels import enum_label, lead_title
from handlers.core.lead_facts import next_step_text
from handlers.core.ui import Button, Card, Fact, Section
from handlers.pool.cards import stay_line, why_here
from sales.errors import LeadNotFound
from sales.leads import Lead, lead_number
from sales.notices import LeadPooled, PoolBrief, PoolReturnNear
from sales.people import SYSTEM
from sales.pool import Holding, return_day

SHOWN = 10
"""Number of leads in a leader's brief."""


def near_card(notice: PoolReturnNear, context: Context, *, again: bool) -> Card | None:
    try:
        lead = context.leads.get(notice.lead_id)
    except LeadNotFound:
        gone = context.uow.leads(SYSTEM).get(notice.lead_id)
        return lead_gone_card(gone, context) if again else None
    holding = context.uow.holdings.of(lead.id)
    if holding is None or holding.warned_for is None:
        return context.lead_card(lead) if again else None
    due = return_day(holding, context.playbook.pool, context.calendar)
    if due is None or due > holding.warned_for:
        return context.lead_card(lead) if again else None
    return Card(
        title=context.text(
            "pool.near_title", lead=lead_title(lead), day=context.language.day(holding.warned_for)
        ),
        facts=_facts(lead, context),
        body=lead.need,
        buttons=(
            Button("followup.log", context.text("button.log"), lead.number, "primary"),
            Button("pool.extend", context.text("button.extend"), lead.number),
            Button("lead.show", context.text("button.open"), lead.number),
        ),
        footnote=_why_near(holding, context),
        tone="warning",
        subject=lead.subject,
    )


def pooled_card(notice: LeadPooled, context: Context, **_again: bool) -> Card | None:
    """Card for the former owner of the lead.

    The customer is named only where everybody who may claim sees the name. None when somebody has
    the lead already.
    """
    stay = context.uow.stays.get(notice.stay_id)
    if stay.former_owner_id != context.actor.id or not context.actor.active:
        return None
    shown = context.uow.pool(context.actor).find(stay.lead_id)
    number = lead_number(stay.lead_id)
    lines = [why_here(stay.reason, stay.detail, context)]
    if stay.put_by:
        lines.append(context.text("pool.by", name=context.uow.people.get(stay.put_by).name))
    return Card(
        title=context.text(
            "pool.returned_title", lead=f"{number} · {shown.customer}" if shown else number
        ),
        body=context.text("pool.returned_body", why=context.language.listing(lines)),
        buttons=(
            Button("pool.open", context.text("button.pool")),
            Button("board.open", context.text("button.my_board")),
        ),
        footnote=context.text("pool.returned_why", n=context.playbook.pool.cooldown_days),
    )


def brief_card(notice: PoolBrief, context: Context, **_again: bool) -> Card | None:
    """Card for a leader: what others or a rule put into the pool."""
    since, until = (datetime.fromtimestamp(s, UTC) for s in (notice.since, notice.until))
    stays = [
        stay
        for stay in context.uow.stays.entered(notice.team_id, since, until)
        if stay.put_by != context.actor.id
    ]
    lines = []
    for stay in stays:
        try:
            lines.append(stay_line(stay, lead_title(context.leads.get(stay.lead_id)), context))
        except LeadNotFound:
            # Another team claimed it meanwhile.
            continue
    if not lines:
        return None
    if len(lines) > SHOWN:
        lines[SHOWN:] = [context.text("board.more", n=len(lines) - SHOWN)]
    return Card(
        title=context.text("pool.brief_title", n=len(stays)),
        sections=(Section(lines=tuple(lines)),),
        buttons=(Button("pool.open", context.text("button.pool"), "", "primary"),),
        footnote=context.text("pool.brief_why"),
    )


def _facts(lead: Lead, context: Context) -> tuple[Fact, ...]:
    language, last = context.language, lead.last_contact_at
    day = (
        language.day(context.calendar.day_of(last)) if last else context.text("pool.no_contact_yet")
    )
    rows = (
        ("lead.stage", enum_label(lead.stage, language)),
        ("pool.last_contact", day),
        ("lead.next", next_step_text(lead, context)),
        ("lead.owner", _owner(lead, context)),
    )
    return tuple(Fact(context.text(key), value) for key, value in rows if value)


def _owner(lead: Lead, context: Context) -> str:
    if lead.owner_id is None or lead.owner_id == context.actor.id:
        return ""
    return context.uow.people.get(lead.owner_id).name


def _why_near(holding: Holding, context: Context) -> str:
    days = context.playbook.pool.patience(holding.stage, holding.grade)
    return context.text("pool.near_why", n=days)
