"""Move leads into and out of the pool: claim, assign, give up, and extend the owner's time."""

from datetime import date, datetime

from handlers.assignment.service import give_to, offer_to
from handlers.core.button_values import unpack
from handlers.core.cards import lead_gone_card
from handlers.core.choices import assignable, person_option
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.guards import lead_to_decide
from handlers.core.labels import lead_title
from handlers.core.replies import Reply
from handlers.core.ui import Choice, Date, Field, Form, Option, PersonPick, Text
from handlers.pool.listing import FORMER, parse_place, pool_card
from handlers.pool.service import enter_pool
from handlers.response_clocks.service import begin_clock
from sales.assignments import Why
from sales.errors import Conflict, LeadNotFound, NotForPool, NotInPool
from sales.leads import Lead, lead_id_of, parse_lead_number
from sales.notices import LeadOffered
from sales.people import SYSTEM, Role
from sales.permissions import leads_team_of
from sales.pool import (
    GIVE_UP_REASONS,
    ClaimRefusal,
    Claims,
    Extension,
    Holding,
    PoolReason,
    extended_to,
    refusal,
)
from sales.routing import Assignee


def claim(context: Context) -> Reply:
    """Button: claim the lead at once.

    Of several people who press, the first gets it; the others are told so and see what is left.
    """
    number, place = unpack(context.pressed, str, str, former=FORMER)
    # A person's claims are counted over all leads: two claims at once must not both pass as the
    # last allowed one.
    context.uow.people.hold()
    try:
        lead = _held(number, context)
    except NotInPool:
        return _left(context.text("error.not_in_pool", lead=number[:20]), place, context)
    if refused := _refusal(lead, context):
        return _left(_refused(refused, context), place, context)
    owned, offer = give_to(lead, context.actor, Why("claimed"), context)
    begin_clock(owned, context)
    context.uow.outbox.add(LeadOffered(offer.id), context.actor.id)
    context.uow.audit.record(context.actor, "pool.claim", lead.subject, {})
    return _left(
        context.text("pool.claimed", lead=lead.number, customer=lead.customer), place, context
    )


def choose_owner(context: Context) -> Reply:
    """Button: a leader chooses who gets a lead from the pool."""
    lead = context.uow.pool(context.actor).find(lead_id_of(context.pressed))
    if lead is None:
        raise NotInPool(lead=context.pressed[:20])
    people = tuple(person_option(person, context) for person in assignable(context))
    return Reply(
        form=Form(
            action="pool.give",
            title=context.text("lead.reassign_title"),
            intro=context.text("lead.reassign_intro", lead=f"{lead.number} · {lead.customer}"),
            fields=(
                PersonPick(
                    name="person",
                    label=context.text("lead.new_owner"),
                    required=True,
                    options=people,
                ),
            ),
            submit=context.text("lead.reassign_submit"),
            cancel=context.text("button.cancel"),
            state={"lead": lead.number},
        )
    )


def give(context: Context) -> Reply:
    """Form: offer the lead to the chosen person; a leader's choice has no limits."""
    lead = _held(context.request.state.get("lead", ""), context)
    with FormReader(context) as form:
        person = form.person(assignable(context))
    chosen = Assignee(person, Why("chosen", context.actor.name), last=person.role is not Role.REP)
    offer_to(lead, chosen, context)
    context.uow.audit.record(context.actor, "lead.assign", lead.subject, {"to": str(person.id)})
    toast = context.text("lead.reassigned", lead=lead.number, name=person.name)
    return _left(toast, "", context)


def _held(number: str, context: Context) -> Lead:
    """Lock a pooled lead that the actor may claim.

    Raises NotInPool, also for a lead that never was in the pool, so that the two look the same.
    """
    lead_id = parse_lead_number(number)
    if lead_id is not None and context.uow.pool(context.actor).find(lead_id):
        try:
            lead = context.uow.leads(SYSTEM).get(lead_id)
        except LeadNotFound:
            raise NotInPool(lead=number[:20]) from None
        # Somebody may have been faster while this waited for the lock on the lead.
        if lead.is_pooled and context.uow.pool(context.actor).find(lead_id):
            return lead
    raise NotInPool(lead=number[:20])


def _refusal(lead: Lead, context: Context) -> ClaimRefusal | None:
    stays, person = context.uow.stays, context.actor
    # Somebody else may be assigning them a lead right now: count only after the lock.
    context.uow.offers.reserve_capacity(person)
    claims = Claims(
        held=stays.held_by(person.id),
        today=stays.claims_since(person.id, context.midnight(context.today)),
        open_leads=context.uow.leads(SYSTEM).open_of(person.id),
        let_go_at=stays.let_go_at(lead.id, person.id),
    )
    return refusal(claims, person, context.playbook.pool, context.now)


def _refused(refused: ClaimRefusal, context: Context) -> str:
    until: datetime = refused.until or context.now
    day = context.language.day(context.calendar.day_of(until))
    return context.text(f"pool.refused_{refused.key}", n=refused.limit, day=day)


def _left(toast: str, place: str, context: Context) -> Reply:
    """The pool as it is now, at the page where the person was."""
    return Reply(update=pool_card(*parse_place(place), context), toast=toast)


def ask(context: Context) -> Reply:
    """Button on a lead's card: ask why it goes into the pool."""
    lead = _worked_on(lead_id_of(context.pressed), context)
    mine = lead.owner_id == context.actor.id
    intro = "pool.give_up_intro" if mine else "pool.put_intro"
    reasons = tuple(Option(r, context.text(f"pool.reason_{r}")) for r in GIVE_UP_REASONS)
    field = Choice(name="reason", label=context.text("pool.reason"), required=True, options=reasons)
    return Reply(
        form=Form(
            action="pool.put",
            title=context.text("pool.put_title"),
            intro=context.text(intro, lead=lead_title(lead)),
            fields=(field,),
            submit=context.text("pool.put_submit"),
            cancel=context.text("button.cancel"),
            state={"lead": lead.number, "owner": str(lead.owner_id or "")},
        )
    )


def put_in_pool(context: Context) -> Reply:
    """Form: put the lead into the pool; what somebody else did meanwhile is kept."""
    lead = _worked_on(lead_id_of(context.request.state.get("lead", "")), context)
    if context.request.state.get("owner", "") != str(lead.owner_id or ""):
        raise Conflict(number=lead.number)
    with FormReader(context) as form:
        detail = form.one_of("reason", GIVE_UP_REASONS)
    mine = lead.owner_id == context.actor.id
    pooled = enter_pool(lead, PoolReason.GIVEN_UP if mine else PoolReason.PUT, detail, context)
    try:
        card = context.lead_card(context.leads.get(lead.id))
    except LeadNotFound:
        card = lead_gone_card(pooled, context)
    return Reply(update=card, toast=context.text("pool.put_done", lead=lead_title(lead)))


def _worked_on(lead_id: int, context: Context) -> Lead:
    """Load a lead that is worked on.

    Raises OthersDecide, or NotForPool for a lead that is decided, rests, or is in the pool already.
    """
    lead = lead_to_decide(lead_id, context)
    if not lead.is_worked_on or lead.is_pooled:
        raise NotForPool(lead=lead.number)
    return lead


LONGEST_REASON = 150


def extend(context: Context) -> Reply:
    """Button: ask for the reason and, from a leader, for the last day."""
    lead, holding = _held_lead(context.pressed, context)
    leads = leads_team_of(context.actor, lead)
    until = _by_oneself(holding, context)
    if until is None and not leads:
        return Reply(
            toast=context.text("pool.no_more_extensions", n=context.playbook.pool.extensions)
        )
    reason = Text(
        name="reason",
        label=context.text("pool.extend_reason"),
        hint=context.text("pool.extend_example"),
        required=True,
        max_length=LONGEST_REASON,
    )
    until_field = Date(
        name="until",
        label=context.text("pool.until"),
        required=True,
        value=(until or context.today).isoformat(),
    )
    fields: tuple[Field, ...] = (until_field, reason) if leads else (reason,)
    return Reply(
        form=Form(
            action="pool.keep",
            title=context.text("pool.extend_title"),
            intro=_intro(lead, holding, until, context),
            fields=fields,
            submit=context.text("pool.extend_submit"),
            cancel=context.text("button.cancel"),
            state={"value": lead.number},
        )
    )


def keep(context: Context) -> Reply:
    """Form: keep the lead with its owner until that day at least."""
    lead, holding = _held_lead(context.pressed, context)
    until = _until(lead, holding, context)
    if until is None:
        return Reply(
            toast=context.text("pool.no_more_extensions", n=context.playbook.pool.extensions)
        )
    with FormReader(context) as form:
        reason = form.line("reason", LONGEST_REASON, missing="extend_reason_missing")
    context.uow.holdings.extend(
        Extension(
            lead_id=lead.id,
            owner_id=holding.owner_id,
            by_id=context.actor.id,
            at=context.now,
            until=until,
            reason=reason,
        )
    )
    # The reason is stored with the extension, and may be deleted with it.
    detail = {"until": until.isoformat()}
    context.uow.audit.record(context.actor, "pool.extend", lead.subject, detail)
    context.uow.outbox.refresh(lead.subject)
    toast = context.text("pool.extended", lead=lead.number, day=context.language.day(until))
    return Reply(update=context.lead_card(lead), toast=toast)


def _held_lead(number: str, context: Context) -> tuple[Lead, Holding]:
    """Lock a lead that can return to the pool.

    Raises LeadNotFound, OthersDecide, or NotForPool for a lead that never returns anyway.
    """
    lead = lead_to_decide(lead_id_of(number), context)
    holding = context.uow.holdings.of(lead.id)
    if holding is None or not context.playbook.pool.patience(holding.stage, holding.grade):
        raise NotForPool(lead=lead.number)
    return lead, holding


def _until(lead: Lead, holding: Holding, context: Context) -> date | None:
    """The day until which the lead is kept; None when the owner may not extend any more.

    Raises InvalidInput.
    """
    if not leads_team_of(context.actor, lead):
        return _by_oneself(holding, context)
    with FormReader(context) as form:
        return form.required_day("until", "next_on_missing")


def _by_oneself(holding: Holding, context: Context) -> date | None:
    return extended_to(holding, context.playbook.pool, context.calendar, context.today)


def _intro(lead: Lead, holding: Holding, until: date | None, context: Context) -> str:
    if leads_team_of(context.actor, lead) or until is None:
        return context.text("pool.extend_leader", lead=lead_title(lead))
    left = context.playbook.pool.extensions - holding.own_extensions
    day = context.language.day(until)
    return context.text("pool.extend_intro", lead=lead_title(lead), day=day, n=left)
