"""What the pool tells people unasked: a lead returns soon, it has returned, what came in."""

from datetime import UTC, datetime

from handlers.core.cards import lead_gone_card
from handlers.core.context import Turn
from handlers.core.labels import enum_label, lead_title
from handlers.core.ui import Button, Card, Fact, Section
from handlers.lead_card.card import lead_card
from handlers.leads.cards import next_step_text
from sales.errors import LeadNotFound
from sales.leads import Lead, lead_number
from sales.notices import LeadPooled, PoolBrief, PoolReturnNear
from sales.people import SYSTEM
from sales.pool import Holding, PoolReason, Stay, return_day


def why_here(reason: PoolReason, detail: str, turn: Turn) -> str:
    """``no contact logged for 15 days``; nothing of persons, since every seller reads it."""
    match reason:
        case PoolReason.IDLE:
            return turn.text("pool.why_idle", n=int(detail))
        case PoolReason.GIVEN_UP | PoolReason.PUT:
            return turn.text(f"pool.why_{reason}", reason=turn.text(f"pool.reason_{detail}"))
        case PoolReason.LEFT | PoolReason.RULE | PoolReason.IMPORTED:
            return turn.text(f"pool.why_{reason}")


def stay_line(stay: Stay, title: str, turn: Turn) -> str:
    """``LX001 · Acme: given up, too much on · was Robin's``, for the team's leaders."""
    said = turn.text("pool.line", lead=title, why=why_here(stay.reason, stay.detail, turn))
    if stay.former_owner_id is None:
        return said
    return said + turn.text("pool.was", name=turn.uow.people.get(stay.former_owner_id).name)


SHOWN = 10
"""So many leads stand in a leader's brief."""


def near_card(notice: PoolReturnNear, turn: Turn, *, again: bool) -> Card | None:
    try:
        lead = turn.leads.get(notice.lead_id)
    except LeadNotFound:
        gone = turn.uow.leads(SYSTEM).get(notice.lead_id)
        return lead_gone_card(gone, turn) if again else None
    holding = turn.uow.holdings.of(lead.id)
    if holding is None or holding.warned_for is None:
        return lead_card(lead, turn) if again else None
    due = return_day(holding, turn.playbook.pool, turn.calendar)
    if due is None or due > holding.warned_for:
        return lead_card(lead, turn) if again else None
    return Card(
        title=turn.text(
            "pool.near_title", lead=lead_title(lead), day=turn.language.day(holding.warned_for)
        ),
        facts=_facts(lead, turn),
        body=lead.need,
        buttons=(
            Button("followup.log", turn.text("button.log"), lead.number, "primary"),
            Button("pool.extend", turn.text("button.extend"), lead.number),
            Button("lead.show", turn.text("button.open"), lead.number),
        ),
        footnote=_why_near(holding, turn),
        tone="warning",
        subject=lead.subject,
    )


def pooled_card(notice: LeadPooled, turn: Turn, **_again: bool) -> Card | None:
    """For who had the lead. The customer is named only where everybody who may claim sees the
    name, and nothing when somebody has the lead already."""
    stay = turn.uow.stays.get(notice.stay_id)
    if stay.former_owner_id != turn.actor.id or not turn.actor.active:
        return None
    shown = turn.uow.pool(turn.actor).find(stay.lead_id)
    number = lead_number(stay.lead_id)
    said = [why_here(stay.reason, stay.detail, turn)]
    if stay.put_by:
        said.append(turn.text("pool.by", name=turn.uow.people.get(stay.put_by).name))
    return Card(
        title=turn.text(
            "pool.returned_title", lead=f"{number} · {shown.customer}" if shown else number
        ),
        body=turn.text("pool.returned_body", why=turn.language.listing(said)),
        buttons=(
            Button("pool.open", turn.text("button.pool")),
            Button("board.open", turn.text("button.my_board")),
        ),
        footnote=turn.text("pool.returned_why", n=turn.playbook.pool.cooldown_days),
    )


def brief_card(notice: PoolBrief, turn: Turn, **_again: bool) -> Card | None:
    """For a leader: what others put into the pool, or a rule did."""
    since, until = (datetime.fromtimestamp(s, UTC) for s in (notice.since, notice.until))
    stays = [
        stay
        for stay in turn.uow.stays.entered(notice.team_id, since, until)
        if stay.put_by != turn.actor.id
    ]
    lines = []
    for stay in stays:
        try:
            lines.append(stay_line(stay, lead_title(turn.leads.get(stay.lead_id)), turn))
        except LeadNotFound:
            # Claimed by another team meanwhile.
            continue
    if not lines:
        return None
    if len(lines) > SHOWN:
        lines[SHOWN:] = [turn.text("board.more", n=len(lines) - SHOWN)]
    return Card(
        title=turn.text("pool.brief_title", n=len(stays)),
        sections=(Section(lines=tuple(lines)),),
        buttons=(Button("pool.open", turn.text("button.pool"), "", "primary"),),
        footnote=turn.text("pool.brief_why"),
    )


def _facts(lead: Lead, turn: Turn) -> tuple[Fact, ...]:
    language, last = turn.language, lead.last_contact_at
    day = language.day(turn.calendar.day_of(last)) if last else turn.text("pool.no_contact_yet")
    rows = (
        ("lead.stage", enum_label(lead.stage, language)),
        ("pool.last_contact", day),
        ("lead.next", next_step_text(lead, turn)),
        ("lead.owner", _owner(lead, turn)),
    )
    return tuple(Fact(turn.text(key), value) for key, value in rows if value)


def _owner(lead: Lead, turn: Turn) -> str:
    if lead.owner_id is None or lead.owner_id == turn.actor.id:
        return ""
    return turn.uow.people.get(lead.owner_id).name


def _why_near(holding: Holding, turn: Turn) -> str:
    days = turn.playbook.pool.patience(holding.stage, holding.grade)
    return turn.text("pool.near_why", n=days)
