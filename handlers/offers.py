"""Laying a lead before a person, and going on to the next when they do not take it [P6]."""

from dataclasses import replace
from datetime import timedelta

from handlers.lead_card import lead_card, lead_gone_card
from handlers.requests import Reply
from handlers.turns import Turn
from handlers.ui import Choice, Form, Option
from sales.assignments import Offer, OfferState, Why
from sales.calendar import WorkCalendar
from sales.errors import InvalidInput, OfferClosed, Problem
from sales.leads import Lead, lead_id_of
from sales.notices import LeadOffered, LeadUnclaimed
from sales.people import SYSTEM, Role
from sales.ports import Work
from sales.routing import Candidates, Chosen, choose

REASONS = ("busy", "not_my_field", "other")
_PASSED = {OfferState.DECLINED: "declined", OfferState.EXPIRED: "no_answer"}


def route_lead(lead: Lead, turn: Turn) -> tuple[Lead, Offer | None]:
    """Offer a lead to the next person the rules name; the lead as it is then.

    With nobody there at all the lead stays unowned, where the digest counts it.
    """
    uow = turn.uow
    history = uow.offers.history(lead.id)
    among = Candidates(
        people=uow.people.everyone(),
        teams=uow.people.teams(),
        shares=uow.offers.counts_since(
            turn.now - timedelta(days=turn.playbook.assignment.fair_over)
        ),
        passed={o.person_id: _PASSED[o.state] for o in history if o.state in _PASSED},
        today=turn.today,
    )
    chosen = choose(lead, turn.playbook, among)
    if chosen is None:
        return uow.leads(SYSTEM).save(replace(lead, owner_id=None)), None
    return offer_to(lead, chosen, turn)


def offer_to(lead: Lead, chosen: Chosen, turn: Turn) -> tuple[Lead, Offer]:
    """Make the person the owner, tell them why, and start the clock for their answer."""
    uow, person = turn.uow, chosen.person
    if former := uow.offers.open_for(lead.id):
        uow.offers.save(replace(former, state=OfferState.WITHDRAWN, answered_at=turn.now))
        uow.schedule.cancel("offer", str(former.id))
    calendar = WorkCalendar(turn.playbook.working_hours, turn.timezone)
    patience = turn.playbook.assignment.accept_within
    offer = uow.offers.add(
        Offer(
            lead_id=lead.id,
            person_id=person.id,
            why=chosen.why,
            offered_at=turn.now,
            expires_at=None if chosen.last else calendar.add(turn.now, patience),
        )
    )
    if offer.expires_at:
        key = f"offer:{offer.id}:{lead.id}"
        uow.schedule.add(Work(key, "offer", str(offer.id), offer.expires_at))
    # An admin who only stands in does not take the lead away from its team.
    team_id = lead.team_id if person.role is Role.ADMIN else person.team_id
    owned = uow.leads(SYSTEM).save(replace(lead, owner_id=person.id, team_id=team_id))
    notice = LeadUnclaimed(lead.id) if chosen.why.reason == "manager" else LeadOffered(offer.id)
    uow.outbox.add(notice, person.id)
    uow.outbox.refresh(lead.subject)
    if waiting := uow.followups(SYSTEM).waiting_on(lead.id):
        # Reminders that the former owner got are not theirs any more.
        uow.outbox.refresh(waiting.subject)
    return owned, offer


def keep_lead(lead: Lead, turn: Turn) -> Lead:
    """The person who logged a lead keeps it: owned and accepted at once."""
    turn.uow.offers.add(
        Offer(
            lead_id=lead.id,
            person_id=turn.actor.id,
            why=Why("own"),
            offered_at=turn.now,
            state=OfferState.ACCEPTED,
            answered_at=turn.now,
        )
    )
    owner = turn.actor
    # Nobody's lead is not the actor's to see before this.
    return turn.uow.leads(SYSTEM).save(replace(lead, owner_id=owner.id, team_id=owner.team_id))


def accept(turn: Turn) -> Reply:
    """Button: the lead is mine."""
    lead = turn.leads.get(lead_id_of(turn.pressed))
    _answer(lead, turn, OfferState.ACCEPTED)
    turn.uow.outbox.refresh(lead.subject)
    return Reply(
        update=lead_card(lead, turn),
        toast=turn.text("offer.accepted", lead=lead.number, customer=lead.customer),
    )


def decline(turn: Turn) -> Reply:
    """Button: ask why before it goes to the next person."""
    lead = turn.leads.get(lead_id_of(turn.pressed))
    _open_offer(lead, turn)
    return Reply(form=_decline_form(lead, turn))


def pass_on(turn: Turn) -> Reply:
    """Form: declined, with a reason; the next person hears of it at once."""
    lead = turn.leads.get(lead_id_of(turn.pressed))
    reason = turn.typed("reason")
    if reason not in REASONS:
        raise InvalidInput({"reason": Problem("choose_one")})
    _answer(lead, turn, OfferState.DECLINED)
    turn.uow.audit.record(turn.actor, "offer.decline", lead.subject, {"reason": reason})
    route_lead(lead, turn)
    turn.uow.outbox.refresh(lead.subject)
    return Reply(
        update=lead_gone_card(lead, turn),
        toast=turn.text("offer.declined", lead=lead.number),
    )


def expire(work: Work, turn: Turn) -> None:
    """Due work: nobody answered in time, so the lead goes to the next."""
    # The lead is locked before its offer, as everywhere: two units of work that lock the same
    # rows in another order could wait for each other.
    lead = turn.leads.get(int(work.key.split(":")[2]))
    offer = turn.uow.offers.get(int(work.subject))
    if offer.state is not OfferState.OPEN:
        return
    turn.uow.offers.save(replace(offer, state=OfferState.EXPIRED, answered_at=turn.now))
    if lead.is_open:
        route_lead(lead, turn)


def accept_by_acting(lead: Lead, turn: Turn) -> None:
    """Working on an offered lead is taking it."""
    offer = turn.uow.offers.open_for(lead.id)
    if offer and offer.person_id == turn.actor.id:
        _answer(lead, turn, OfferState.ACCEPTED)


def _open_offer(lead: Lead, turn: Turn) -> Offer:
    offer = turn.uow.offers.open_for(lead.id)
    if offer is None or offer.person_id != turn.actor.id:
        raise OfferClosed(lead=lead.number)
    return offer


def _answer(lead: Lead, turn: Turn, state: OfferState) -> None:
    offer = _open_offer(lead, turn)
    turn.uow.offers.save(replace(offer, state=state, answered_at=turn.now))
    turn.uow.schedule.cancel("offer", str(offer.id))


def _decline_form(lead: Lead, turn: Turn) -> Form:
    return Form(
        action="offer.pass",
        title=turn.text("offer.decline_title"),
        intro=turn.text("offer.decline_intro", lead=lead.number, customer=lead.customer),
        fields=(
            Choice(
                name="reason",
                label=turn.text("offer.reason"),
                required=True,
                options=tuple(Option(r, turn.text(f"offer.reason_{r}")) for r in REASONS),
            ),
        ),
        submit=turn.text("offer.decline_submit"),
        cancel=turn.text("button.cancel"),
        state={"value": lead.number},
    )
