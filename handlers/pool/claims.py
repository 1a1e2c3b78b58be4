"""Taking a lead out of the pool: a seller claims it, or a leader hands it to somebody."""

from datetime import datetime

from handlers.clocks import begin_clock
from handlers.leads import assignable, person_option
from handlers.offers import give_to, offer_to
from handlers.pool.listing import parse_place, pool_card
from handlers.requests import Reply
from handlers.turns import Turn
from handlers.ui import Form, PersonPick
from sales.assignments import Why
from sales.errors import InvalidInput, LeadNotFound, NotInPool, Problem
from sales.leads import Lead, lead_id_of, parse_lead_number
from sales.notices import LeadOffered
from sales.people import SYSTEM, Role
from sales.pool import Claims, Refusal, refusal
from sales.routing import Chosen


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
