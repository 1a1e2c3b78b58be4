"""Making one lead of two that are of one customer, and taking it back [P8]."""

from dataclasses import replace
from datetime import timedelta

from handlers.collaboration.cards import merge_buttons
from handlers.collaboration.service import decides_on, lead_to_decide
from handlers.core.cards import lead_gone_card
from handlers.core.context import Turn
from handlers.core.labels import lead_title
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card
from handlers.followups.actions import close_step
from handlers.followups.next_step import show_next_step
from handlers.lead_card.card import lead_card
from handlers.merging.forms import MEANT, OTHER, compare_form, other_form
from handlers.reminders.actions import plan_reminders
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
from sales.leads import Lead, lead_id_of, lead_number, parse_lead_number
from sales.merging import VALUES, Merge, merged
from sales.notices import LeadsMerged
from sales.people import SYSTEM, leaders_of
from sales.permissions import LEADERS, may_undo
from sales.scoring import scored
from storage.jobs import Work


def ask(turn: Turn) -> Reply:
    """Button on a lead's card: which other lead is of the same customer?"""
    lead = lead_to_decide(lead_id_of(turn.pressed), turn)
    return Reply(form=other_form(lead, turn))


def compare(turn: Turn) -> Reply:
    """Form: both side by side."""
    one = turn.leads.get(lead_id_of(turn.request.state.get("lead", "")))
    other_id = parse_lead_number(turn.typed("other"))
    if other_id is None:
        raise InvalidInput({"other": Problem("lead_missing")})
    other = turn.leads.get(other_id)
    if other.id == one.id:
        raise InvalidInput({"other": Problem("same_lead", lead=lead_title(one))})
    decides_on(one, turn)
    decides_on(other, turn)
    return Reply(form=compare_form(one, other, turn))


def save(turn: Turn) -> Reply:
    """Form: one stays with what was chosen, the other becomes a part of it. All that belongs to
    it moves, and nothing of it waits twice."""
    one, other = _held_pair(turn)
    _refuse_unlike(one, other, turn)
    winner, loser = (other, one) if turn.typed("stays") == OTHER else (one, other)
    chosen = {name for name in VALUES if turn.typed(name) == OTHER}
    take = chosen if winner is one else set(VALUES) - chosen
    days = turn.playbook.duplicates.undo_merge_days
    merge = turn.uow.merges.begin(
        Merge(
            winner_id=winner.id,
            loser_id=loser.id,
            merged_by=turn.actor.id,
            merged_at=turn.now,
            undo_until=turn.now + timedelta(days=days),
        )
    )
    to_ask, asked = (_waiting_feedback(lead, turn) for lead in (loser, winner))
    _settle(winner, loser, turn)
    mine, theirs = (turn.discoveries.latest(lead.id) for lead in (winner, loser))
    turn.uow.merges.move(merge)
    joined = scored(merged(winner, loser, take), turn.playbook.scoring)
    saved = show_next_step(joined, turn)
    if saved.grade is not winner.grade:
        settle_clock(saved, turn)
    if to_ask and not asked:
        begin_feedback(saved, turn, to_ask)
    review_tasks(turn.uow.tasks(SYSTEM).of_lead(saved.id), turn)
    merge = replace(merge, shared_with=_keep_seeing(loser, saved, turn))
    turn.uow.merges.finish(merge, _join_notes(mine, theirs, turn))
    _tell(merge, winner, loser, turn)
    detail = {"part": loser.number, "merge": str(merge.id)}
    turn.uow.audit.record(turn.actor, "lead.merge", saved.subject, detail)
    turn.uow.outbox.refresh(loser.subject)
    return Reply(update=merged_card(merge, saved, turn))


def undo(turn: Turn) -> Reply:
    """Button: both as they were; what was changed since stays changed."""
    merge, winner = _held_merge(turn)
    if not merge.can_be_undone(turn.now):
        return Reply(update=lead_card(winner, turn), toast=turn.text("merge.too_late"))
    newest = turn.uow.merges.latest(winner.id)
    if newest is None or newest.id != merge.id:
        return Reply(update=lead_card(winner, turn), toast=turn.text("merge.not_the_last"))
    begun = _waiting_feedback(winner, turn)
    if begun and begun.started_at == merge.merged_at:
        end_feedback(winner, turn)
    withdrawn = [one for one in turn.uow.offers.history(winner.id) if _ended_by(merge, one)]
    turn.uow.merges.undo(merge, turn.now)
    for offer in withdrawn:
        _offer_again(offer, merge, turn)
    if merge.shared_with:
        turn.uow.access.end(winner.id, merge.shared_with)
    for lead_id in (winner.id, merge.loser_id):
        _resume(turn.uow.leads(SYSTEM).get(lead_id), turn)
    turn.uow.audit.record(turn.actor, "lead.unmerge", winner.subject, {"merge": str(merge.id)})
    try:
        card = lead_card(turn.leads.get(winner.id), turn)
    except LeadNotFound:
        card = lead_gone_card(winner, turn)
    part = lead_number(merge.loser_id)
    return Reply(update=card, toast=turn.text("merge.undone", lead=winner.number, part=part))


def merged_card(merge: Merge, lead: Lead, turn: Turn) -> Card:
    """What was made one, with the way back."""
    part = lead_number(merge.loser_id)
    return Card(
        title=turn.text("merge.done_title", lead=lead_title(lead), part=part),
        body=turn.text("merge.done_body", part=part),
        buttons=(
            Button("lead.show", turn.text("button.open"), lead.number, "primary"),
            *merge_buttons(lead, turn)[1:],
        ),
        footnote=turn.text("merge.until", at=turn.language.moment(merge.undo_until)),
        tone="good",
    )


def merged_notice(notice: LeadsMerged, turn: Turn, **_again: bool) -> Card | None:
    """For who owned one of them."""
    merge = turn.uow.merges.get(notice.merge_id)
    try:
        lead = turn.leads.get(merge.winner_id)
    except LeadNotFound:
        return None
    return merged_card(merge, lead, turn) if merge.undone_at is None else None


def _refuse_unlike(one: Lead, other: Lead, turn: Turn) -> None:
    """Two companies that nothing connects are made one only when a person says so."""
    unlike = look_unlike(one, other, turn.playbook.duplicates.alike_from)
    if unlike and MEANT not in turn.ticked("sure"):
        raise InvalidInput({"sure": Problem("merge_unlike")})


def _held_pair(turn: Turn) -> tuple[Lead, Lead]:
    """Both leads as they were when the form was drawn, locked in one order. Leaders merge, and
    who owns both."""
    state = turn.request.state
    ids = [lead_id_of(state.get(name, "")) for name in ("one", "other")]
    held = {lead_id: turn.leads.get(lead_id) for lead_id in sorted(ids)}
    one, other = (held[lead_id] for lead_id in ids)
    for lead in (one, other):
        decides_on(lead, turn)
    versions = f"{one.version}:{other.version}"
    if one.id == other.id or [one.id, other.id] != ids or state.get("version") != versions:
        raise Conflict(number=one.number)
    return one, other


def _held_merge(turn: Turn) -> tuple[Merge, Lead]:
    merge_id = record_id(turn.pressed)
    if merge_id is None:
        raise LeadNotFound(number="")
    winner = turn.leads.get(turn.uow.merges.get(merge_id).winner_id)
    merge = turn.uow.merges.get(merge_id)
    if not may_undo(turn.actor, merge, winner):
        raise NotAllowed(roles=sorted(LEADERS))
    return merge, winner


def _settle(winner: Lead, loser: Lead, turn: Turn) -> None:
    """A lead has one open step, one open offer and one running clock: the winner's. What was in
    the pool is not there any more."""
    followups = turn.followups
    waiting = followups.waiting_on(loser.id)
    if waiting and followups.waiting_on(winner.id):
        close_step(waiting, turn)
    if offer := turn.uow.offers.open_for(loser.id):
        turn.uow.offers.save(replace(offer, state=OfferState.WITHDRAWN, answered_at=turn.now))
    clocks = turn.uow.clocks(SYSTEM)
    for clock in clocks.waiting_on(loser.id):
        turn.uow.schedule.cancel("clock", str(clock.id))
        clocks.save(clock.stop(turn.now))
    turn.uow.stays.leave(loser.id, winner.owner_id, turn.now, claimed=False)


def _waiting_feedback(lead: Lead, turn: Turn) -> Clock | None:
    clock = turn.uow.clocks(SYSTEM).feedback(lead.id)
    return clock if clock and clock.is_waiting else None


def _join_notes(mine: Discovery | None, theirs: Discovery | None, turn: Turn) -> int | None:
    """What both know of the customer's needs stands in one version, above all others. Gives its
    id."""
    newest = turn.discoveries.latest(mine.lead_id) if mine else None
    if not (mine and theirs and newest):
        return None
    needs = mine.needs.joined(theirs.needs)
    if needs == mine.needs:
        return None
    joined = replace(
        newest, version=newest.version + 1, needs=needs, written_by=turn.actor.id,
        written_at=turn.now,
    )  # fmt: skip
    return turn.discoveries.add(joined).id


def _keep_seeing(loser: Lead, winner: Lead, turn: Turn) -> int | None:
    """Who owned the lead that was given up cares for the customer: they see the one that stays."""
    former = turn.uow.people.get(loser.owner_id) if loser.owner_id else None
    already = turn.uow.access.collaborators(winner.id)
    if former is None or former.id == winner.owner_id or former.id in already:
        return None
    turn.uow.access.share(winner.id, former.id)
    return former.id


def _tell(merge: Merge, winner: Lead, loser: Lead, turn: Turn) -> None:
    owners = {lead.owner_id for lead in (winner, loser) if lead.owner_id}
    if not owners:
        owners = {one.id for one in leaders_of(winner.team_id, turn.uow.people.everyone())}
    for person_id in sorted(owners - {turn.actor.id}):
        turn.uow.outbox.add(LeadsMerged(merge.id), person_id)


def _ended_by(merge: Merge, offer: Offer) -> bool:
    return offer.state is OfferState.WITHDRAWN and offer.answered_at == merge.merged_at


def _offer_again(offer: Offer, merge: Merge, turn: Turn) -> None:
    """The lead that is itself again waits for the answer that the merge made needless."""
    if turn.uow.offers.get(offer.id).lead_id != merge.loser_id:
        return
    turn.uow.offers.save(
        replace(offer, lead_id=merge.loser_id, state=OfferState.OPEN, answered_at=None)
    )
    if offer.expires_at:
        key = f"offer:{offer.id}:{merge.loser_id}"
        turn.uow.schedule.add(Work(key, "offer", str(offer.id), offer.expires_at))


def _resume(lead: Lead, turn: Turn) -> None:
    """What the merge ended goes on: reminders and clocks are planned anew, and tasks are done by
    who can do them."""
    if waiting := turn.uow.followups(SYSTEM).waiting_on(lead.id):
        plan_reminders(waiting, turn)
    for clock in turn.uow.clocks(SYSTEM).waiting_on(lead.id):
        resume_clock(clock, turn)
    review_tasks(turn.uow.tasks(SYSTEM).of_lead(lead.id), turn)
    turn.uow.outbox.refresh(lead.subject)
