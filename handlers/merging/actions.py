"""Merge two leads of the same customer, and undo the merge [P8]."""

from dataclasses import replace
from datetime import timedelta

from handlers.core.button_values import pack
from handlers.core.cards import lead_gone_card
from handlers.core.context import Context
from handlers.core.events import LeadMerged, LeadUnmerged
from handlers.core.form_reader import FormReader
from handlers.core.guards import decides_on, lead_to_decide
from handlers.core.labels import lead_title
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.followups.next_step import close_step, show_next_step
from handlers.merging.cards import merged_card
from handlers.merging.forms import MEANT, OTHER, compare_form, other_form
from handlers.reminders.service import plan_reminders
from handlers.response_clocks.service import (
    begin_feedback,
    end_feedback,
    resume_clock,
    settle_clock,
)
from handlers.tasks.handover import review_tasks
from sales.assignments import Offer, OfferState
from sales.clocks import Clock
from sales.discovery import Discovery
from sales.duplicates import look_unlike
from sales.errors import Conflict, InvalidInput, LeadNotFound, NotAllowed, Problem
from sales.jobs import ExpireOffer, Job, RingClock
from sales.leads import Lead, lead_id_of, lead_number
from sales.merging import VALUES, Merge, merged
from sales.notices import LeadsMerged
from sales.people import SYSTEM, leaders_of
from sales.permissions import LEADERS, may_undo
from sales.scoring import scored


def ask(context: Context) -> Reply:
    """Button on a lead's card: choose the other lead of the same customer."""
    lead = lead_to_decide(lead_id_of(context.pressed), context)
    return Reply(form=other_form(lead, context))


def compare(context: Context) -> Reply:
    """Form: compare both leads side by side."""
    one = context.leads.get(lead_id_of(context.request.state.get("lead", "")))
    with FormReader(context) as form:
        other_id = form.lead_id("other")
    other = context.leads.get(other_id)
    if other.id == one.id:
        raise InvalidInput({"other": Problem("same_lead", lead=lead_title(one))})
    decides_on(one, context)
    decides_on(other, context)
    return Reply(form=compare_form(one, other, context))


def save(context: Context) -> Reply:
    """Form: save the merge.

    The winner keeps the chosen values and the loser becomes part of it: all that belongs to the
    loser moves, and nothing pending exists twice.
    """
    one, other = _held_pair(context)
    _refuse_unlike(one, other, context)
    winner, loser = (other, one) if context.typed("stays") == OTHER else (one, other)
    chosen = {name for name in VALUES if context.typed(name) == OTHER}
    take = chosen if winner is one else set(VALUES) - chosen
    days = context.playbook.duplicates.undo_merge_days
    merge = context.uow.merges.begin(
        Merge(
            winner_id=winner.id,
            loser_id=loser.id,
            merged_by=context.actor.id,
            merged_at=context.now,
            undo_until=context.now + timedelta(days=days),
        )
    )
    to_ask, asked = (_waiting_feedback(lead, context) for lead in (loser, winner))
    _settle(winner, loser, context)
    mine, theirs = (context.discoveries.latest(lead.id) for lead in (winner, loser))
    context.uow.merges.move(merge)
    joined = scored(merged(winner, loser, take), context.playbook.scoring)
    saved = show_next_step(joined, context)
    if saved.grade is not winner.grade:
        settle_clock(saved, context)
    if to_ask and not asked:
        begin_feedback(saved, context, to_ask)
    review_tasks(context.uow.tasks(SYSTEM).of_lead(saved.id), context)
    merge = replace(merge, shared_with=_keep_seeing(loser, saved, context))
    context.uow.merges.finish(merge, _join_notes(mine, theirs, context))
    # After that, so that an undo tells what the merge did from what came of it.
    context.publish(LeadMerged(saved, winner, merge))
    _tell(merge, winner, loser, context)
    detail = {"part": loser.number, "merge": str(merge.id)}
    context.uow.audit.record(context.actor, "lead.merge", saved.subject, detail)
    context.uow.outbox.refresh(loser.subject)
    return Reply(update=merged_card(merge, saved, context))


def undo(context: Context) -> Reply:
    """Button: undo the merge.

    Both leads are as they were; values changed since the merge stay changed.
    """
    merge, winner = _held_merge(context)
    if not merge.can_be_undone(context.now):
        return Reply(update=context.lead_card(winner), toast=context.text("merge.too_late"))
    newest = context.uow.merges.latest(winner.id)
    if newest is None or newest.id != merge.id:
        return Reply(update=context.lead_card(winner), toast=context.text("merge.not_the_last"))
    begun = _waiting_feedback(winner, context)
    if begun and begun.started_at == merge.merged_at:
        end_feedback(winner, context)
    withdrawn = [
        offer for offer in context.uow.offers.history(winner.id) if _ended_by(merge, offer)
    ]
    context.uow.merges.undo(merge, context.now)
    for offer in withdrawn:
        _offer_again(offer, merge, context)
    context.publish(LeadUnmerged(context.uow.leads(SYSTEM).get(winner.id), merge))
    if merge.shared_with:
        context.uow.collaborators.end(winner.id, merge.shared_with)
    for lead_id in (winner.id, merge.loser_id):
        _resume(context.uow.leads(SYSTEM).get(lead_id), context)
    context.uow.audit.record(
        context.actor, "lead.unmerge", winner.subject, {"merge": str(merge.id)}
    )
    try:
        card = context.lead_card(context.leads.get(winner.id))
    except LeadNotFound:
        card = lead_gone_card(winner, context)
    part = lead_number(merge.loser_id)
    return Reply(update=card, toast=context.text("merge.undone", lead=winner.number, part=part))


def _refuse_unlike(one: Lead, other: Lead, context: Context) -> None:
    """Refuse to merge two companies that nothing connects, unless a person confirms it."""
    unlike = look_unlike(one, other, context.playbook.duplicates.alike_from)
    if unlike and MEANT not in context.ticked("sure"):
        raise InvalidInput({"sure": Problem("merge_unlike")})


def _held_pair(context: Context) -> tuple[Lead, Lead]:
    """Lock both leads, always in the same order, and check them against the form.

    They must be as they were when the form was drawn. Leaders may merge, and people who own both.
    """
    state = context.request.state
    ids = [lead_id_of(state.get(name, "")) for name in ("one", "other")]
    held = {lead_id: context.leads.get(lead_id) for lead_id in sorted(ids)}
    one, other = (held[lead_id] for lead_id in ids)
    for lead in (one, other):
        decides_on(lead, context)
    versions = pack(one.version, other.version)
    if one.id == other.id or [one.id, other.id] != ids or state.get("version") != versions:
        raise Conflict(number=one.number)
    return one, other


def _held_merge(context: Context) -> tuple[Merge, Lead]:
    merge_id = record_id(context.pressed)
    if merge_id is None:
        raise LeadNotFound(number="")
    winner = context.leads.get(context.uow.merges.get(merge_id).winner_id)
    merge = context.uow.merges.get(merge_id)
    if not may_undo(context.actor, merge, winner):
        raise NotAllowed(roles=sorted(LEADERS))
    return merge, winner


def _settle(winner: Lead, loser: Lead, context: Context) -> None:
    """Keep only the winner's open step, open offer and running clock, and leave the pool.

    A lead has one of each; what was in the public pool no longer is.
    """
    followups = context.followups
    waiting = followups.waiting_on(loser.id)
    if waiting and followups.waiting_on(winner.id):
        close_step(waiting, context)
    if offer := context.uow.offers.open_for(loser.id):
        context.uow.offers.save(replace(offer, state=OfferState.WITHDRAWN, answered_at=context.now))
    clocks = context.uow.clocks(SYSTEM)
    for clock in clocks.waiting_on(loser.id):
        context.uow.jobs.cancel(RingClock, clock.id)
        clocks.save(clock.stop(context.now))
    context.uow.stays.leave(loser.id, winner.owner_id, context.now, claimed=False)


def _waiting_feedback(lead: Lead, context: Context) -> Clock | None:
    clock = context.uow.clocks(SYSTEM).feedback(lead.id)
    return clock if clock and clock.is_waiting else None


def _join_notes(mine: Discovery | None, theirs: Discovery | None, context: Context) -> int | None:
    """Join both leads' discovery notes in a new version on top of all others; return its id."""
    newest = context.discoveries.latest(mine.lead_id) if mine else None
    if not (mine and theirs and newest):
        return None
    needs = mine.needs.joined(theirs.needs)
    if needs == mine.needs:
        return None
    joined = replace(
        newest, version=newest.version + 1, needs=needs, written_by=context.actor.id,
        written_at=context.now,
    )  # fmt: skip
    return context.discoveries.add(joined).id


def _keep_seeing(loser: Lead, winner: Lead, context: Context) -> int | None:
    """Keep the winner visible to the former owner of the loser, who looks after the customer."""
    former = context.uow.people.get(loser.owner_id) if loser.owner_id else None
    already = context.uow.collaborators.collaborators(winner.id)
    if former is None or former.id == winner.owner_id or former.id in already:
        return None
    context.uow.collaborators.share(winner.id, former.id)
    return former.id


def _tell(merge: Merge, winner: Lead, loser: Lead, context: Context) -> None:
    owners = {lead.owner_id for lead in (winner, loser) if lead.owner_id}
    if not owners:
        owners = {leader.id for leader in leaders_of(winner.team_id, context.uow.people.everyone())}
    for person_id in sorted(owners - {context.actor.id}):
        context.uow.outbox.add(LeadsMerged(merge.id), person_id)


def _ended_by(merge: Merge, offer: Offer) -> bool:
    return offer.state is OfferState.WITHDRAWN and offer.answered_at == merge.merged_at


def _offer_again(offer: Offer, merge: Merge, context: Context) -> None:
    """Offer the restored lead again: it needs the answer that the merge had made needless."""
    if context.uow.offers.get(offer.id).lead_id != merge.loser_id:
        return
    context.uow.offers.save(
        replace(offer, lead_id=merge.loser_id, state=OfferState.OPEN, answered_at=None)
    )
    if offer.expires_at:
        key = f"offer:{offer.id}:{merge.loser_id}"
        context.uow.jobs.add(Job(ExpireOffer(offer.id, merge.loser_id), offer.expires_at, key))


def _resume(lead: Lead, context: Context) -> None:
    """Resume what the merge ended.

    Reminders and clocks are scheduled anew, and tasks go to people who can do them.
    """
    if waiting := context.uow.followups(SYSTEM).waiting_on(lead.id):
        plan_reminders(waiting, context)
    for clock in context.uow.clocks(SYSTEM).waiting_on(lead.id):
        resume_clock(clock, context)
    review_tasks(context.uow.tasks(SYSTEM).of_lead(lead.id), context)
    context.uow.outbox.refresh(lead.subject)
