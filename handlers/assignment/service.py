"""Offers a lead to a person, and to the next one when they do not take it [P6]."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from handlers.core.automation_events import record_event
from handlers.core.cards import lead_gone_card
from handlers.core.context import Context
from handlers.core.events import LeadEntrusted, LeadReleased, OwnerChanged
from handlers.core.form_reader import FormReader
from handlers.core.recipients import notify_leaders
from handlers.core.replies import Reply
from handlers.core.ui import Choice, Form, Option
from sales.assignments import Offer, OfferState, Why
from sales.errors import OfferClosed
from sales.jobs import AssignLead, ExpireOffer, Job
from sales.leads import Lead, lead_id_of
from sales.notices import LeadOffered, LeadUnclaimed
from sales.people import SYSTEM, Person, Role
from sales.playbook import Trigger
from sales.routing import Assignee, Candidates, choose, pool_for

REASONS = ("busy", "not_my_field", "other")
_PASSED = {OfferState.DECLINED: "declined", OfferState.EXPIRED: "no_answer"}


def create_and_assign(
    draft: Lead, context: Context, first: Assignee | None = None
) -> tuple[Lead, Offer | None]:
    """Store a new lead and offer it to the person the rules choose. ``first`` takes precedence over
    the rules. If nobody is available the lead stays unowned for now (``_wait_for_assignee``)."""
    chosen = first or _next_person(draft, {}, context)
    if chosen is None:
        lead = _stored(draft, context)
        _wait_for_assignee(lead, context)
        return lead, None
    lead = _stored(_owned_by(chosen.person, draft), context)
    return lead, _offer_lead(chosen, lead, context, is_new=True)


def create_and_keep(draft: Lead, context: Context) -> Lead:
    """Store a new lead for the person who logged it: owned and accepted at once."""
    lead = _stored(_owned_by(context.actor, draft), context)
    _accepted(lead, context.actor, Why("own"), context)
    context.publish(LeadEntrusted(lead, is_new=True))
    return lead


def offer_to(lead: Lead, chosen: Assignee, context: Context) -> Lead:
    """Take the lead from its owner, if any, and offer it to the chosen person as its new owner."""
    waited = lead.owner_id is None and lead.pooled_at is None
    # A lead that nobody was free for when it came in is new to its first owner.
    is_new = waited and not context.uow.offers.history(lead.id)
    owned = _make_owner(chosen.person, lead, context)
    _offer_lead(chosen, owned, context, is_new=is_new)
    return owned


def give_to(
    lead: Lead, person: Person, why: Why, context: Context, *, shared: bool = False
) -> tuple[Lead, Offer]:
    """Make the person the lead's owner without an offer: they asked for it, or are not asked. The
    caller decides whether a clock starts. ``shared``: collaborators keep their access."""
    owned = _make_owner(person, lead, context, claimed=person.id == context.actor.id, shared=shared)
    return owned, _accepted(owned, person, why, context)


def release_lead(lead: Lead, context: Context, *, shared: bool = False) -> None:
    """Release the lead from its owner. Withdraws the open offer, stops clocks, and ends access that
    depended on the owner, unless the lead stays ``shared``."""
    if former := context.uow.offers.open_for(lead.id):
        withdrawn = replace(former, state=OfferState.WITHDRAWN, answered_at=context.now)
        context.uow.offers.save(withdrawn)
        context.uow.jobs.cancel(ExpireOffer, former.id)
    context.publish(LeadReleased(lead, shared))


def show_new_owner(lead: Lead, context: Context) -> None:
    """Redraw the lead's cards and update its tasks after a change of owner, also to none."""
    uow = context.uow
    uow.outbox.refresh(lead.subject)
    context.publish(OwnerChanged(lead))
    if waiting := uow.followups(SYSTEM).waiting_on(lead.id):
        # The former owner's reminders are no longer theirs.
        uow.outbox.refresh(waiting.subject)


def _make_owner(
    person: Person, lead: Lead, context: Context, *, claimed: bool = False, shared: bool = False
) -> Lead:
    release_lead(lead, context, shared=shared)
    context.uow.collaborators.end(lead.id, person.id)
    owned = context.uow.leads(SYSTEM).save(_owned_by(person, lead))
    if lead.pooled_at is not None:
        context.uow.stays.leave(lead.id, person.id, context.now, claimed=claimed)
    show_new_owner(owned, context)
    return owned


def _accepted(lead: Lead, person: Person, why: Why, context: Context) -> Offer:
    return context.uow.offers.add(
        Offer(
            lead_id=lead.id,
            person_id=person.id,
            why=why,
            offered_at=context.now,
            state=OfferState.ACCEPTED,
            answered_at=context.now,
        )
    )


def leave_to_rules(lead: Lead, context: Context) -> Person | None:
    """Offer a lead that its owner keeps to the person the rules choose; None when that is its
    owner, or nobody."""
    chosen = _next_person(lead, {}, context)
    if chosen is None or chosen.person.id == lead.owner_id:
        return None
    offer_to(lead, chosen, context)
    return chosen.person


def hand_on(lead: Lead, context: Context) -> bool:
    """Assign a released lead to the next person. Returns False, and leaves it unowned, when there
    is nobody left."""
    history = context.uow.offers.history(lead.id)
    passed = {o.person_id: _PASSED[o.state] for o in history if o.state in _PASSED}
    if chosen := _next_person(lead, passed, context):
        offer_to(lead, chosen, context)
        return True
    release_lead(lead, context)
    unowned = context.uow.leads(SYSTEM).save(replace(lead, owner_id=None))
    show_new_owner(unowned, context)
    _wait_for_assignee(unowned, context)
    return False


def _wait_for_assignee(lead: Lead, context: Context) -> None:
    """Nobody is available. Notify the leaders, even those who are away, and ask the rules again on
    every working morning."""
    notify_leaders(LeadUnclaimed(lead.id), lead, context)
    _retry_tomorrow(lead, context)


def _retry_tomorrow(lead: Lead, context: Context) -> None:
    morning = context.calendar.next_opening(context.midnight(context.today + timedelta(days=1)))
    key = f"unowned:{lead.id}:{morning.timestamp():.0f}"
    context.uow.jobs.add(Job(AssignLead(lead.id), morning, key))


def try_again(job: Job[AssignLead], context: Context) -> None:
    """Job: try again to assign a lead that nobody was available for. People who declined it are not
    asked again; people who did not answer may be back."""
    lead = context.leads.get(job.args.lead_id)
    if lead.owner_id is not None or lead.is_pooled or not lead.is_open:
        return
    history = context.uow.offers.history(lead.id)
    declined = {o.person_id: "declined" for o in history if o.state is OfferState.DECLINED}
    if chosen := _next_person(lead, declined, context):
        offer_to(lead, chosen, context)
    else:
        _retry_tomorrow(lead, context)


def _next_person(lead: Lead, passed: Mapping[int, str], context: Context) -> Assignee | None:
    uow, playbook = context.uow, context.playbook
    with_teams = any(rule.team for rule in playbook.routing)
    among = replace(candidates(context, with_teams=with_teams), passed=passed)
    pool = pool_for(lead, playbook, among)
    head_starts = uow.offers.head_starts(pool.key, pool.present, _shares_since(context))
    among = replace(among, head_starts=head_starts)
    while chosen := choose(lead, playbook, among):
        if chosen.last or uow.offers.reserve_capacity(chosen.person):
            break
        # Other leads have just filled this person's capacity.
        full = {chosen.person.id: chosen.person.capacity or 0}
        among = replace(among, open_leads={**among.open_leads, **full})
    return chosen


def candidates(context: Context, *, with_teams: bool = True) -> Candidates:
    """Everybody as the rules see them when they choose, before anybody let a lead go.

    ``with_teams``: whether to read the teams, which only rules that name one need.
    """
    uow = context.uow
    everyone = uow.people.everyone()
    return Candidates(
        people=everyone,
        teams=uow.people.teams() if with_teams else (),
        shares=uow.offers.counts_since(_shares_since(context)),
        passed={},
        today=context.today,
        open_leads=open_leads_of(everyone, context),
    )


def _shares_since(context: Context) -> datetime:
    """From when on the leads that somebody was offered count as their share."""
    return context.now - timedelta(days=context.playbook.assignment.fair_over)


def open_leads_of(people: Iterable[Person], context: Context) -> Mapping[int, int]:
    """Open leads per person; counted only when somebody's capacity is limited."""
    if all(person.capacity is None for person in people):
        return {}
    return context.uow.leads(SYSTEM).open_counts()


def _stored(draft: Lead, context: Context) -> Lead:
    lead = context.leads.add(draft)
    record_event(Trigger.CREATED, lead, context)
    return lead


def _owned_by(person: Person, lead: Lead) -> Lead:
    """Set the owner. An admin who only stands in does not take the lead away from its team."""
    team_id = lead.team_id if person.role is Role.ADMIN else person.team_id
    return replace(lead, owner_id=person.id, team_id=team_id, pooled_at=None)


def _offer_lead(chosen: Assignee, lead: Lead, context: Context, *, is_new: bool) -> Offer:
    """Notify the person of the lead and why it is theirs, and start the clocks. One is for their
    answer, one for contacting the customer."""
    uow, person = context.uow, chosen.person
    calendar = context.calendar_of(person.id)
    patience = context.playbook.assignment.accept_within
    offer = uow.offers.add(
        Offer(
            lead_id=lead.id,
            person_id=person.id,
            why=chosen.why,
            offered_at=context.now,
            expires_at=None if chosen.last else calendar.add(context.now, patience),
        )
    )
    if offer.expires_at:
        key = f"offer:{offer.id}:{lead.id}"
        uow.jobs.add(Job(ExpireOffer(offer.id, lead.id), offer.expires_at, key))
    notice = LeadUnclaimed(lead.id) if chosen.why.reason == "manager" else LeadOffered(offer.id)
    uow.outbox.add(notice, person.id)
    context.publish(LeadEntrusted(lead, is_new))
    return offer


def accept(context: Context) -> Reply:
    """Button: accept the lead."""
    lead = context.leads.get(lead_id_of(context.pressed))
    toast = accept_offer(lead, context)
    return Reply(update=context.lead_card(lead), toast=toast)


def accept_offer(lead: Lead, context: Context) -> str:
    """Accept the lead offered to the actor. Returns the confirmation to show; raises
    OfferClosed."""
    _answer(lead, context, OfferState.ACCEPTED)
    context.uow.outbox.refresh(lead.subject)
    return context.text("offer.accepted", lead=lead.number, customer=lead.customer)


def decline(context: Context) -> Reply:
    """Button: ask for the reason before the lead goes to the next person."""
    lead = context.leads.get(lead_id_of(context.pressed))
    _open_offer(lead, context)
    return Reply(form=_decline_form(lead, context))


def decline_offer(context: Context) -> Reply:
    """Form: decline with a reason; the next person is notified at once."""
    lead = context.leads.get(lead_id_of(context.pressed))
    with FormReader(context) as form:
        reason = form.one_of("reason", REASONS)
    _answer(lead, context, OfferState.DECLINED)
    context.uow.audit.record(context.actor, "offer.decline", lead.subject, {"reason": reason})
    taken = hand_on(lead, context)
    context.uow.outbox.refresh(lead.subject)
    return Reply(
        update=lead_gone_card(lead, context),
        toast=context.text("offer.declined" if taken else "offer.nobody_free", lead=lead.number),
    )


def expire(job: Job[ExpireOffer], context: Context) -> None:
    """Job: nobody answered in time, so offer the lead to the next person."""
    # The lead is locked before its offer, as everywhere: two units of work that lock the same rows
    # in different orders could deadlock.
    lead = context.leads.get(job.args.lead_id)
    offer = context.uow.offers.get(job.args.offer_id)
    if offer.state is not OfferState.OPEN:
        return
    context.uow.offers.save(replace(offer, state=OfferState.EXPIRED, answered_at=context.now))
    if lead.is_open:
        hand_on(lead, context)


def accept_by_acting(lead: Lead, context: Context) -> None:
    """Accept an offered lead when its owner works on it."""
    offer = context.uow.offers.open_for(lead.id)
    if offer and offer.person_id == context.actor.id:
        _close(offer, context, OfferState.ACCEPTED)


def _open_offer(lead: Lead, context: Context) -> Offer:
    offer = context.uow.offers.open_for(lead.id)
    if offer is None or offer.person_id != context.actor.id:
        raise OfferClosed(lead=lead.number)
    return offer


def _answer(lead: Lead, context: Context, state: OfferState) -> None:
    _close(_open_offer(lead, context), context, state)


def _close(offer: Offer, context: Context, state: OfferState) -> None:
    context.uow.offers.save(replace(offer, state=state, answered_at=context.now))
    context.uow.jobs.cancel(ExpireOffer, offer.id)


def _decline_form(lead: Lead, context: Context) -> Form:
    return Form(
        action="offer.pass",
        title=context.text("offer.decline_title"),
        intro=context.text("offer.decline_intro", lead=lead.number, customer=lead.customer),
        fields=(
            Choice(
                name="reason",
                label=context.text("offer.reason"),
                required=True,
                options=tuple(Option(r, context.text(f"offer.reason_{r}")) for r in REASONS),
            ),
        ),
        submit=context.text("offer.decline_submit"),
        cancel=context.text("button.cancel"),
        state={"value": lead.number},
    )
