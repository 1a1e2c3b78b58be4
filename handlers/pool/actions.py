"""Taking a lead out of the pool: a seller claims it, or a leader hands it to somebody."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from handlers.assignment.service import give_to, let_go, offer_to, show_new_owner
from handlers.collaboration.service import lead_to_decide
from handlers.core.cards import lead_gone_card
from handlers.core.context import Turn
from handlers.core.labels import lead_title
from handlers.core.replies import Reply
from handlers.core.ui import Choice, Date, Field, Form, Option, PersonPick, Text
from handlers.followups.actions import close_step
from handlers.followups.next_step import read_day
from handlers.lead_card.card import lead_card
from handlers.leads.forms import assignable, person_option
from handlers.pool.listing import parse_place, pool_card
from handlers.response_clocks.service import begin_clock
from sales.assignments import Why
from sales.errors import Conflict, InvalidInput, LeadNotFound, NotForPool, NotInPool, Problem
from sales.leads import Lead, lead_id_of, parse_lead_number
from sales.notices import LeadOffered, LeadPooled
from sales.people import SYSTEM, Role
from sales.permissions import leads_team_of
from sales.pool import (
    GIVE_UP_REASONS,
    Claims,
    Extension,
    Holding,
    PoolReason,
    Refusal,
    Stay,
    extended_to,
    refusal,
)
from sales.routing import Chosen
from storage.jobs import Work


def claim(turn: Turn) -> Reply:
    """Button: the lead is mine, at once. Of several who press, the first has it; the others
    hear so and see what is left."""
    number, _, place = turn.pressed.partition(";")
    # What one person may claim is counted over all leads: two claims at once must not both be
    # the last that is allowed.
    turn.uow.people.hold()
    try:
        lead = _held(number, turn)
    except NotInPool:
        return _left(turn.text("error.not_in_pool", lead=number[:20]), place, turn)
    if refused := _refusal(lead, turn):
        return _left(_refused(refused, turn), place, turn)
    owned, offer = give_to(lead, turn.actor, Why("claimed"), turn)
    begin_clock(owned, turn)
    turn.uow.outbox.add(LeadOffered(offer.id), turn.actor.id)
    turn.uow.audit.record(turn.actor, "pool.claim", lead.subject, {})
    return _left(turn.text("pool.claimed", lead=lead.number, customer=lead.customer), place, turn)


def pick(turn: Turn) -> Reply:
    """Button: a leader chooses who gets a lead out of the pool."""
    lead = turn.uow.pool(turn.actor).find(lead_id_of(turn.pressed))
    if lead is None:
        raise NotInPool(lead=turn.pressed[:20])
    people = tuple(person_option(person, turn) for person in assignable(turn))
    return Reply(
        form=Form(
            action="pool.give",
            title=turn.text("lead.reassign_title"),
            intro=turn.text("lead.reassign_intro", lead=f"{lead.number} · {lead.customer}"),
            fields=(
                PersonPick(
                    name="person", label=turn.text("lead.new_owner"), required=True, options=people
                ),
            ),
            submit=turn.text("lead.reassign_submit"),
            cancel=turn.text("button.cancel"),
            state={"lead": lead.number},
        )
    )


def give(turn: Turn) -> Reply:
    """Form: the chosen person is offered the lead; a leader's choice knows no limits."""
    lead = _held(turn.request.state.get("lead", ""), turn)
    person = next((p for p in assignable(turn) if str(p.id) == turn.typed("person")), None)
    if person is None:
        raise InvalidInput({"person": Problem("choose_one")})
    chosen = Chosen(person, Why("chosen", turn.actor.name), last=person.role is not Role.REP)
    offer_to(lead, chosen, turn)
    turn.uow.audit.record(turn.actor, "lead.assign", lead.subject, {"to": str(person.id)})
    told = turn.text("lead.reassigned", lead=lead.number, name=person.name)
    return _left(told, "", turn)


def _held(number: str, turn: Turn) -> Lead:
    """A lead that is in the pool and that the actor may claim, kept from others. Raises
    NotInPool, which tells the same of a lead that was never there."""
    lead_id = parse_lead_number(number)
    if lead_id is not None and turn.uow.pool(turn.actor).find(lead_id):
        try:
            lead = turn.uow.leads(SYSTEM).get(lead_id)
        except LeadNotFound:
            raise NotInPool(lead=number[:20]) from None
        # Somebody may have been faster while this waited for the lead.
        if lead.is_pooled and turn.uow.pool(turn.actor).find(lead_id):
            return lead
    raise NotInPool(lead=number[:20])


def _refusal(lead: Lead, turn: Turn) -> Refusal | None:
    stays, person = turn.uow.stays, turn.actor
    # Somebody else may be giving them a lead right now: only then count.
    turn.uow.offers.take_room(person)
    claims = Claims(
        held=stays.held_by(person.id),
        today=stays.claims_since(person.id, turn.midnight(turn.today)),
        open_leads=turn.uow.leads(SYSTEM).open_of(person.id),
        let_go_at=stays.let_go_at(lead.id, person.id),
    )
    return refusal(claims, person, turn.playbook.pool, turn.now)


def _refused(refused: Refusal, turn: Turn) -> str:
    until: datetime = refused.until or turn.now
    day = turn.language.day(turn.calendar.day_of(until))
    return turn.text(f"pool.refused_{refused.key}", n=refused.limit, day=day)


def _left(told: str, place: str, turn: Turn) -> Reply:
    """What is in the pool now, where the person was looking."""
    return Reply(update=pool_card(*parse_place(place), turn), toast=told)


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


LONGEST_REASON = 150


def extend(turn: Turn) -> Reply:
    """Button: why, and for a leader, until when."""
    lead, holding = _held_lead(turn.pressed, turn)
    leads = leads_team_of(turn.actor, lead)
    until = _by_oneself(holding, turn)
    if until is None and not leads:
        return Reply(toast=turn.text("pool.no_more_extensions", n=turn.playbook.pool.extensions))
    reason = Text(
        name="reason",
        label=turn.text("pool.extend_reason"),
        hint=turn.text("pool.extend_example"),
        required=True,
        max_length=LONGEST_REASON,
    )
    until_field = Date(
        name="until",
        label=turn.text("pool.until"),
        required=True,
        value=(until or turn.today).isoformat(),
    )
    fields: tuple[Field, ...] = (until_field, reason) if leads else (reason,)
    return Reply(
        form=Form(
            action="pool.keep",
            title=turn.text("pool.extend_title"),
            intro=_intro(lead, holding, until, turn),
            fields=fields,
            submit=turn.text("pool.extend_submit"),
            cancel=turn.text("button.cancel"),
            state={"value": lead.number},
        )
    )


def keep(turn: Turn) -> Reply:
    """Form: the lead stays its owner's until that day at least."""
    lead, holding = _held_lead(turn.pressed, turn)
    until = _until(lead, holding, turn)
    if until is None:
        return Reply(toast=turn.text("pool.no_more_extensions", n=turn.playbook.pool.extensions))
    reason = turn.line("reason")
    if not reason:
        raise InvalidInput({"reason": Problem("extend_reason_missing")})
    if len(reason) > LONGEST_REASON:
        raise InvalidInput({"reason": Problem("too_long", n=LONGEST_REASON)})
    turn.uow.holdings.extend(
        Extension(
            lead_id=lead.id,
            owner_id=holding.owner_id,
            by_id=turn.actor.id,
            at=turn.now,
            until=until,
            reason=reason,
        )
    )
    # Why is kept with the extension, and may be forgotten with it.
    told = {"until": until.isoformat()}
    turn.uow.audit.record(turn.actor, "pool.extend", lead.subject, told)
    turn.uow.outbox.refresh(lead.subject)
    toast = turn.text("pool.extended", lead=lead.number, day=turn.language.day(until))
    return Reply(update=lead_card(lead, turn), toast=toast)


def _held_lead(number: str, turn: Turn) -> tuple[Lead, Holding]:
    """Raises LeadNotFound, OthersDecide, or NotForPool for a lead that never returns anyway."""
    lead = lead_to_decide(lead_id_of(number), turn)
    holding = turn.uow.holdings.of(lead.id)
    if holding is None or not turn.playbook.pool.patience(holding.stage, holding.grade):
        raise NotForPool(lead=lead.number)
    return lead, holding


def _until(lead: Lead, holding: Holding, turn: Turn) -> date | None:
    """None when the owner may not extend any more. Raises InvalidInput."""
    if not leads_team_of(turn.actor, lead):
        return _by_oneself(holding, turn)
    day = read_day("until", turn)
    if day is None:
        raise InvalidInput({"until": Problem("next_on_missing")})
    return day


def _by_oneself(holding: Holding, turn: Turn) -> date | None:
    return extended_to(holding, turn.playbook.pool, turn.calendar, turn.today)


def _intro(lead: Lead, holding: Holding, until: date | None, turn: Turn) -> str:
    if leads_team_of(turn.actor, lead) or until is None:
        return turn.text("pool.extend_leader", lead=lead_title(lead))
    left = turn.playbook.pool.extensions - holding.own_extensions
    day = turn.language.day(until)
    return turn.text("pool.extend_intro", lead=lead_title(lead), day=day, n=left)
