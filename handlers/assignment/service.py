"""Laying a lead before a person, and going on to the next when they do not take it [P6]."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from handlers.collaboration.service import close_previews, end_sharing
from handlers.core.cards import lead_gone_card
from handlers.core.context import Turn
from handlers.core.events import happened
from handlers.core.recipients import tell_leaders
from handlers.core.replies import Reply
from handlers.core.ui import Choice, Form, Option
from handlers.lead_card.card import lead_card
from handlers.response_clocks.service import begin_clock, hand_feedback_on, stop_clock
from handlers.tasks.handover import review_tasks
from sales.assignments import Offer, OfferState, Why
from sales.errors import InvalidInput, OfferClosed, Problem
from sales.leads import Lead, lead_id_of
from sales.notices import LeadOffered, LeadUnclaimed
from sales.people import SYSTEM, Person, Role
from sales.playbook import Trigger
from sales.routing import Candidates, Chosen, choose
from storage.jobs import Work

REASONS = ("busy", "not_my_field", "other")
_PASSED = {OfferState.DECLINED: "declined", OfferState.EXPIRED: "no_answer"}


def place_lead(draft: Lead, turn: Turn, first: Chosen | None = None) -> tuple[Lead, Offer | None]:
    """Store a new lead as the one's whom the rules name, or of ``first`` where one
    comes before the rules, and lay it before them.

    With nobody there at all the lead stays unowned for now (``_wait_for_somebody``).
    """
    chosen = first or _next_person(draft, {}, turn)
    if chosen is None:
        lead = _stored(draft, turn)
        _wait_for_somebody(lead, turn)
        return lead, None
    lead = _stored(_owned_by(chosen.person, draft), turn)
    return lead, _lay_before(chosen, lead, turn)


def keep_lead(draft: Lead, turn: Turn) -> Lead:
    """Store a new lead for the person who logged it: owned and accepted at once."""
    lead = _stored(_owned_by(turn.actor, draft), turn)
    _accepted(lead, turn.actor, Why("own"), turn)
    begin_clock(lead, turn)
    return lead


def offer_to(lead: Lead, chosen: Chosen, turn: Turn) -> Lead:
    """Take the lead from whoever has it and lay it before the chosen person, its new owner."""
    owned = _make_owner(chosen.person, lead, turn)
    _lay_before(chosen, owned, turn)
    hand_feedback_on(owned, turn)
    return owned


def give_to(
    lead: Lead, person: Person, why: Why, turn: Turn, *, shared: bool = False
) -> tuple[Lead, Offer]:
    """The lead is the person's from now on: they asked for it, or nobody asks them. Whether a
    clock starts is for the caller to say. ``shared``: who worked on it beside stays."""
    owned = _make_owner(person, lead, turn, claimed=person.id == turn.actor.id, shared=shared)
    return owned, _accepted(owned, person, why, turn)


def let_go(lead: Lead, turn: Turn, *, shared: bool = False) -> None:
    """Whoever has the lead does not have it any more: no answer is waited for, no clock runs,
    and nobody sees it by them, unless it stays ``shared``."""
    close_previews(lead, turn)
    if not shared:
        end_sharing(lead, turn)
    if former := turn.uow.offers.open_for(lead.id):
        withdrawn = replace(former, state=OfferState.WITHDRAWN, answered_at=turn.now)
        turn.uow.offers.save(withdrawn)
        turn.uow.schedule.cancel("offer", str(former.id))
    stop_clock(lead, turn)


def show_new_owner(lead: Lead, turn: Turn) -> None:
    """Cards and tasks follow the lead to whose it is now, or to nobody."""
    uow = turn.uow
    uow.outbox.refresh(lead.subject)
    review_tasks(uow.tasks(SYSTEM).of_lead(lead.id), turn)
    if waiting := uow.followups(SYSTEM).waiting_on(lead.id):
        # Reminders that the former owner got are not theirs any more.
        uow.outbox.refresh(waiting.subject)


def _make_owner(
    person: Person, lead: Lead, turn: Turn, *, claimed: bool = False, shared: bool = False
) -> Lead:
    let_go(lead, turn, shared=shared)
    turn.uow.access.end(lead.id, person.id)
    owned = turn.uow.leads(SYSTEM).save(_owned_by(person, lead))
    if lead.pooled_at is not None:
        turn.uow.stays.leave(lead.id, person.id, turn.now, claimed=claimed)
    show_new_owner(owned, turn)
    return owned


def _accepted(lead: Lead, person: Person, why: Why, turn: Turn) -> Offer:
    return turn.uow.offers.add(
        Offer(
            lead_id=lead.id,
            person_id=person.id,
            why=why,
            offered_at=turn.now,
            state=OfferState.ACCEPTED,
            answered_at=turn.now,
        )
    )


def hand_on(lead: Lead, turn: Turn) -> bool:
    """Give a lead that was let go to the next person; False, and unowned, when nobody comes
    after."""
    history = turn.uow.offers.history(lead.id)
    passed = {o.person_id: _PASSED[o.state] for o in history if o.state in _PASSED}
    if chosen := _next_person(lead, passed, turn):
        offer_to(lead, chosen, turn)
        return True
    let_go(lead, turn)
    unowned = turn.uow.leads(SYSTEM).save(replace(lead, owner_id=None))
    show_new_owner(unowned, turn)
    _wait_for_somebody(unowned, turn)
    return False


def _wait_for_somebody(lead: Lead, turn: Turn) -> None:
    """Nobody is free: the leaders hear of it, even those who are away, and on every working
    morning the rules are asked again."""
    tell_leaders(LeadUnclaimed(lead.id), lead, turn)
    _ask_again_tomorrow(lead, turn)


def _ask_again_tomorrow(lead: Lead, turn: Turn) -> None:
    morning = turn.calendar.next_opening(turn.midnight(turn.today + timedelta(days=1)))
    key = f"unowned:{lead.id}:{morning.timestamp():.0f}"
    turn.uow.schedule.add(Work(key, "unowned", str(lead.id), morning))


def try_again(work: Work, turn: Turn) -> None:
    """Due work: a lead that nobody was free for. Who declined it is not asked again; who did
    not answer may be back."""
    lead = turn.leads.get(int(work.subject))
    if lead.owner_id is not None or lead.is_pooled or not lead.is_open:
        return
    history = turn.uow.offers.history(lead.id)
    declined = {o.person_id: "declined" for o in history if o.state is OfferState.DECLINED}
    if chosen := _next_person(lead, declined, turn):
        offer_to(lead, chosen, turn)
    else:
        _ask_again_tomorrow(lead, turn)


def _next_person(lead: Lead, passed: Mapping[int, str], turn: Turn) -> Chosen | None:
    uow, playbook = turn.uow, turn.playbook
    lately = turn.now - timedelta(days=playbook.assignment.fair_over)
    everyone = uow.people.everyone()
    among = Candidates(
        people=everyone,
        teams=uow.people.teams() if any(rule.team for rule in playbook.routing) else (),
        shares=uow.offers.counts_since(lately),
        passed=passed,
        today=turn.today,
        open_leads=open_leads_of(everyone, turn),
    )
    while chosen := choose(lead, playbook, among):
        if chosen.last or uow.offers.take_room(chosen.person):
            break
        # Others were faster to fill their last place.
        full = {chosen.person.id: chosen.person.capacity or 0}
        among = replace(among, open_leads={**among.open_leads, **full})
    return chosen


def open_leads_of(people: Iterable[Person], turn: Turn) -> Mapping[int, int]:
    """How many open leads each has; counted only when somebody takes a limited number."""
    if all(person.capacity is None for person in people):
        return {}
    return turn.uow.leads(SYSTEM).open_counts()


def _stored(draft: Lead, turn: Turn) -> Lead:
    lead = turn.leads.add(draft)
    happened(Trigger.CREATED, lead, turn)
    return lead


def _owned_by(person: Person, lead: Lead) -> Lead:
    """An admin who only stands in does not take the lead away from its team."""
    team_id = lead.team_id if person.role is Role.ADMIN else person.team_id
    return replace(lead, owner_id=person.id, team_id=team_id, pooled_at=None)


def _lay_before(chosen: Chosen, lead: Lead, turn: Turn) -> Offer:
    """Tell the person of the lead and why it is theirs; the clocks for their answer and for
    the customer start."""
    uow, person = turn.uow, chosen.person
    calendar = turn.calendar_of(person.id)
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
    notice = LeadUnclaimed(lead.id) if chosen.why.reason == "manager" else LeadOffered(offer.id)
    uow.outbox.add(notice, person.id)
    begin_clock(lead, turn)
    return offer


def accept(turn: Turn) -> Reply:
    """Button: the lead is mine."""
    lead = turn.leads.get(lead_id_of(turn.pressed))
    toast = take(lead, turn)
    return Reply(update=lead_card(lead, turn), toast=toast)


def take(lead: Lead, turn: Turn) -> str:
    """The lead that was laid before the actor is theirs; gives what to say. Raises OfferClosed."""
    _answer(lead, turn, OfferState.ACCEPTED)
    turn.uow.outbox.refresh(lead.subject)
    return turn.text("offer.accepted", lead=lead.number, customer=lead.customer)


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
    taken = hand_on(lead, turn)
    turn.uow.outbox.refresh(lead.subject)
    return Reply(
        update=lead_gone_card(lead, turn),
        toast=turn.text("offer.declined" if taken else "offer.nobody_free", lead=lead.number),
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
        hand_on(lead, turn)


def accept_by_acting(lead: Lead, turn: Turn) -> None:
    """Working on an offered lead is taking it."""
    offer = turn.uow.offers.open_for(lead.id)
    if offer and offer.person_id == turn.actor.id:
        _close(offer, turn, OfferState.ACCEPTED)


def _open_offer(lead: Lead, turn: Turn) -> Offer:
    offer = turn.uow.offers.open_for(lead.id)
    if offer is None or offer.person_id != turn.actor.id:
        raise OfferClosed(lead=lead.number)
    return offer


def _answer(lead: Lead, turn: Turn, state: OfferState) -> None:
    _close(_open_offer(lead, turn), turn, state)


def _close(offer: Offer, turn: Turn, state: OfferState) -> None:
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
