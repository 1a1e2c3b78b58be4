"""Put leads of low value into nurture by themselves, and find what can be sent to them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from handlers.core.context import Context
from handlers.core.recipients import notify_owner
from handlers.stages.service import carry_out
from sales.history import RecordedAct
from sales.jobs import ConsiderNurture, Job
from sales.leads import Grade, Lead, Stage
from sales.library import Item
from sales.merging import Merge
from sales.notices import EnteredNurture
from sales.nurture import (
    SENT,
    enters_at_once,
    stays_low,
    to_send,
    waits_for_answers,
    wanted_by,
)
from sales.people import SYSTEM
from sales.pipeline import Move

OFFERED = 3
"""Maximum number of items offered with one touch."""
_LOOKED_AT = 20
MOVES = ("stage.move",)


def consider_new(lead: Lead, context: Context) -> None:
    """Put a captured lead into nurture, or give its owner time for the open questions."""
    if enters_at_once(lead, None, context.playbook):
        enter(lead, context)
    elif waits_for_answers(lead, context.playbook):
        _consider_later(lead, f"nurture:{lead.id}", context)


def consider_regraded(lead: Lead, before: Lead, context: Context) -> None:
    """Put a lead into nurture that has become of low value; its owner hears of it from others."""
    if enters_at_once(lead, before, context.playbook):
        enter(lead, context)
        if lead.owner_id != context.actor.id:
            notify_owner(EnteredNurture(lead.id), lead, context)


def consider_merged(lead: Lead, before: Lead, merge: Merge, context: Context) -> None:
    """Like a regraded lead; one whose questions are still open has time for them, like a new one,
    for ``before`` it was merged nobody had reason to ask."""
    consider_regraded(lead, before, context)
    is_lower = before.grade is not Grade.LOW and not stays_low(lead, context.playbook.scoring)
    if is_lower and waits_for_answers(lead, context.playbook):
        _consider_later(lead, f"nurture:{lead.id}:merge:{merge.id}", context)


def leave_by_undo(lead: Lead, merge: Merge, context: Context) -> Lead:
    """Take a lead out of nurture that is there because of a merge, which was undone."""
    since_then = lead.stage_since >= merge.merged_at and lead.grade is not Grade.LOW
    if not (since_then or lead.stage_since == merge.merged_at):
        return lead
    if not entered_by_itself(lead, context):
        return lead
    back = Move(to=stage_before(lead, context), reason="overruled")
    return carry_out(lead, back, replace(context, actor=SYSTEM))


def _consider_later(lead: Lead, key: str, context: Context) -> None:
    days = context.playbook.revival.ask_days
    day = context.calendar.workday_from(context.today, days)
    due_at = context.calendar.next_opening(context.midnight(day))
    context.uow.jobs.add(Job(ConsiderNurture(lead.id), due_at, key))


def enter(lead: Lead, context: Context) -> Lead:
    """Put the lead into nurture. The rule does it, not the person whose act led to it."""
    day = context.today + timedelta(days=context.playbook.revival.nurture_days)
    by_itself = replace(context, actor=SYSTEM)
    return carry_out(lead, Move(to=Stage.NURTURE, reason="low"), by_itself, day)


def entered_by_itself(lead: Lead, context: Context) -> bool:
    """Whether a lead is in nurture because a rule put it there."""
    entry = _entry(lead, context) if lead.stage is Stage.NURTURE else None
    return entry is not None and entry.actor_id == SYSTEM.id


def stage_before(lead: Lead, context: Context) -> Stage:
    """The stage from which the lead came into nurture; the first one where that is not recorded."""
    entry = _entry(lead, context)
    return Stage(entry.detail["from"]) if entry else Stage.CAPTURED


def _entry(lead: Lead, context: Context) -> RecordedAct | None:
    """The move that put the lead into nurture. Later ones were taken back with others' leads."""
    moves = context.uow.audit.of(lead.subject, MOVES, _LOOKED_AT)
    return next((move for move in moves if move.detail["to"] == Stage.NURTURE), None)


def content_for(lead: Lead, context: Context) -> Sequence[Item]:
    """What the library has to send to the lead, for its industry and product."""
    wanted = wanted_by(lead)
    items = [item for kind in SENT for item in context.library.suited(kind, wanted, _LOOKED_AT)]
    return to_send(items, lead, context.library.used_for(lead.id), OFFERED)
