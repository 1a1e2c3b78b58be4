"""Correcting a follow-up that was logged, even its lead: the next step and its reminders move."""

from dataclasses import replace
from datetime import datetime

from handlers.clocks import contact_corrected
from handlers.followup_form import Entry, correction_form, read_followup
from handlers.followups import close_step, logged_card
from handlers.next_steps import followup_of, show_next_step
from handlers.reminders import plan_reminders
from handlers.requests import WHOLE_FORM, Reply
from handlers.turns import Turn
from sales.errors import Conflict
from sales.followups import FollowUp
from sales.leads import Lead, lead_number

_LOOKED_BACK = 30
"""A step that stayed open through so many follow-ups without one is found again."""


def correct(turn: Turn) -> Reply:
    """Button: the form filled with a follow-up, to correct it."""
    return Reply(form=correction_form(followup_of(turn.pressed, turn), turn))


def update(turn: Turn) -> Reply:
    """Form: correct a follow-up that was logged; what somebody else saved meanwhile is not
    overwritten unseen."""
    entry = read_followup(turn)
    former, leads = _held(turn.request.state.get("followup", ""), entry.lead_id, turn)
    followup = _corrected(former, entry, turn)
    if str(former.version) != turn.request.state.get("version"):
        form = correction_form(followup, turn)
        return Reply(form=form, errors={WHOLE_FORM: turn.text("followup.changed_meanwhile")})
    rival = turn.followups.waiting_on(entry.lead_id)
    closed = rival if followup.is_waiting and rival and rival.id != followup.id else None
    if closed:
        close_step(closed, turn)
    followup = turn.followups.save(followup)
    plan_reminders(followup, turn)
    if followup.lead_id != former.lead_id:
        _reopen_what_it_closed(former, turn)
        leads = [_with_last_contact(lead, turn) for lead in leads]
    contact_corrected(former, followup, leads, turn)
    for lead in leads:
        show_next_step(lead, turn)
    turn.uow.outbox.refresh(followup.subject)
    return Reply(update=logged_card(followup, turn, closed))


def _held(value: str, target_id: int, turn: Turn) -> tuple[FollowUp, list[Lead]]:
    """The follow-up, with the leads it comes from and goes to, locked in one order."""
    lead_ids = {followup_of(value, turn).lead_id, target_id}
    leads = [turn.leads.get(lead_id) for lead_id in sorted(lead_ids)]
    followup = followup_of(value, turn)
    if followup.lead_id not in lead_ids:
        raise Conflict(number=lead_number(followup.lead_id))
    return followup, leads


def _corrected(former: FollowUp, entry: Entry, turn: Turn) -> FollowUp:
    return replace(
        former,
        lead_id=entry.lead_id,
        method=entry.method,
        summary=entry.summary,
        feedback=entry.feedback,
        next_step=entry.next_step,
        next_at=entry.next_at,
        closed_at=_closed_at(former, entry, turn),
    )


def _closed_at(former: FollowUp, entry: Entry, turn: Turn) -> datetime | None:
    """A new date opens the step, even one that was done; but the newest follow-up of a lead
    has the last word on what comes next."""
    if entry.next_at is None:
        return None
    stays = former.is_waiting and entry.lead_id == former.lead_id
    opens = former.is_waiting or entry.next_at != former.next_at
    newest = turn.followups.history(entry.lead_id, 1)
    is_newest = not newest or newest[0].id == former.id or newest[0].at <= former.at
    return None if stays or (opens and is_newest) else former.closed_at or turn.now


def _reopen_what_it_closed(former: FollowUp, turn: Turn) -> None:
    """Logged for the wrong lead, it had closed that lead's next step."""
    for before in turn.followups.history(former.lead_id, _LOOKED_BACK):
        if before.next_at and before.closed_at == former.at:
            plan_reminders(turn.followups.save(replace(before, closed_at=None)), turn)
            turn.uow.outbox.refresh(before.subject)


def _with_last_contact(lead: Lead, turn: Turn) -> Lead:
    newest = turn.followups.history(lead.id, 1)
    return replace(lead, last_contact_at=newest[0].at if newest else None)
