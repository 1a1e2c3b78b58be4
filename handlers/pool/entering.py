"""Putting a lead into the pool: its owner gives it up, a leader puts it there, or a rule does."""

from dataclasses import replace
from datetime import timedelta

from handlers.deciding import lead_to_decide
from handlers.followups import close_step
from handlers.labels import lead_title
from handlers.lead_card import lead_card, lead_gone_card
from handlers.offers import let_go, show_new_owner
from handlers.requests import Reply
from handlers.turns import Turn
from handlers.ui import Choice, Form, Option
from sales.errors import Conflict, InvalidInput, LeadNotFound, NotForPool, Problem
from sales.leads import Lead, lead_id_of
from sales.notices import LeadPooled
from sales.people import SYSTEM
from sales.pool import GIVE_UP_REASONS, PoolReason, Stay
from storage.jobs import Work

GATHERED = timedelta(minutes=10)
"""What comes into the pool within this time is told to the leaders in one message."""


def ask(turn: Turn) -> Reply:
    """Button on a lead's card: why does it go into the pool?"""
    lead = _worked_on(lead_id_of(turn.pressed), turn)
    mine = lead.owner_id == turn.actor.id
    intro = "pool.give_up_intro" if mine else "pool.put_intro"
    reasons = tuple(Option(r, turn.text(f"pool.reason_{r}")) for r in GIVE_UP_REASONS)
    field = Choice(name="reason", label=turn.text("pool.reason"), required=True, options=reasons)
    return Reply(
        form=Form(
            action="pool.put",
            title=turn.text("pool.put_title"),
            intro=turn.text(intro, lead=lead_title(lead)),
            fields=(field,),
            submit=turn.text("pool.put_submit"),
            cancel=turn.text("button.cancel"),
            state={"lead": lead.number, "owner": str(lead.owner_id or "")},
        )
    )


def put(turn: Turn) -> Reply:
    """Form: it goes; what somebody else did with the lead meanwhile stands."""
    lead = _worked_on(lead_id_of(turn.request.state.get("lead", "")), turn)
    if turn.request.state.get("owner", "") != str(lead.owner_id or ""):
        raise Conflict(number=lead.number)
    detail = turn.typed("reason")
    if detail not in GIVE_UP_REASONS:
        raise InvalidInput({"reason": Problem("choose_one")})
    mine = lead.owner_id == turn.actor.id
    pooled = enter_pool(lead, PoolReason.GIVEN_UP if mine else PoolReason.PUT, detail, turn)
    try:
        card = lead_card(turn.leads.get(lead.id), turn)
    except LeadNotFound:
        card = lead_gone_card(pooled, turn)
    return Reply(update=card, toast=turn.text("pool.put_done", lead=lead_title(lead)))


def enter_pool(lead: Lead, reason: PoolReason, detail: str, turn: Turn) -> Lead:
    """The lead is nobody's: what its owner had open ends, and owner and leaders hear why."""
    uow = turn.uow
    let_go(lead, turn)
    if waiting := turn.followups.waiting_on(lead.id):
        close_step(waiting, turn)
    uow.schedule.cancel("revival", str(lead.id))
    pooled = uow.leads(SYSTEM).save(
        replace(lead, owner_id=None, pooled_at=turn.now, next_at=None, next_step="")
    )
    stay = uow.stays.enter(
        Stay(
            lead_id=lead.id,
            team_id=lead.team_id,
            entered_at=turn.now,
            reason=reason,
            detail=detail,
            former_owner_id=lead.owner_id,
            put_by=turn.actor.id or None,
        )
    )
    show_new_owner(pooled, turn)
    if lead.owner_id and lead.owner_id != turn.actor.id:
        uow.outbox.add(LeadPooled(stay.id), lead.owner_id)
    _plan_brief(stay, turn)
    told = {"reason": reason, "detail": detail, "owner": str(lead.owner_id or "")}
    uow.audit.record(turn.actor, "pool.enter", lead.subject, told)
    return pooled


def _plan_brief(stay: Stay, turn: Turn) -> None:
    every = int(GATHERED.total_seconds())
    since = int(turn.now.timestamp()) // every * every
    key = f"pool_brief:{stay.team_id}:{since}"
    due_at = turn.now + timedelta(seconds=since + every - turn.now.timestamp())
    turn.uow.schedule.add(Work(key, "pool_brief", str(stay.team_id), due_at))


def _worked_on(lead_id: int, turn: Turn) -> Lead:
    """Raises OthersDecide, or NotForPool for one that is decided, rests, or is there already."""
    lead = lead_to_decide(lead_id, turn)
    if not lead.is_worked_on or lead.is_pooled:
        raise NotForPool(lead=lead.number)
    return lead
