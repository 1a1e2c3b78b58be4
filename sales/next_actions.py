"""The next actions with a lead: the few to show first, and the order of the rest [P2].

The rest is ordered by how often it is wanted. Actions by the names they have in ``permissions``.
Knows no buttons and no words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sales.leads import Lead, Stage

AT_ONCE = 3
"""Number of actions offered first: one row, also with English labels, also on a phone."""

ACCEPT, DECLINE = "offer.accept", "offer.decline"
REASSIGN = "lead.reassign"
CLAIM, GIVE = "pool.claim", "pool.pick"
LEAVE = "nurture.leave"
LOG, MOVE, RESCHEDULE = "followup.log", "stage.advance", "reminder.reschedule"
CONTACT, EDIT, TALK = "contact.ask", "lead.edit", "remark.open"
EXPECT = "forecast.edit"
DISCOVERY, PROPOSAL, OBJECTIONS = "discovery.log", "proposal.write", "objection.list"
TASKS, REVIEW = "task.show", "loss_review.write"

BY_STAGE: Mapping[Stage, tuple[str, ...]] = {
    Stage.CAPTURED: (LOG, MOVE, CONTACT),  # call, then screen: who it is decides
    Stage.SCREENED: (LOG, DISCOVERY, MOVE),
    Stage.DISCOVERY: (DISCOVERY, LOG, MOVE),
    Stage.PROPOSAL: (PROPOSAL, LOG, MOVE),
    Stage.NEGOTIATION: (LOG, OBJECTIONS, MOVE),
    Stage.WON: (TASKS, LOG, MOVE),
    Stage.AFTERSALES: (TASKS, LOG, CONTACT),
    Stage.NURTURE: (LOG, LEAVE, MOVE),
    Stage.LOST: (MOVE, LOG, REVIEW),
}
"""The actions that a stage is for, most important first."""
BY_USE = (
    LOG, MOVE, CONTACT, EDIT, DISCOVERY, PROPOSAL, OBJECTIONS, EXPECT, TALK, "lead.history",
    "support.ask", RESCHEDULE, LEAVE, REASSIGN, GIVE, "pool.ask", "signal.dismiss",
    "access.end", "merge.undo", "merge.ask",
)  # fmt: skip
"""All other actions: daily ones before those done once per lead, or never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What decides besides the stage.

    ``asked``: the reader is asked whether they accept the lead; ``feedback``: a proposal waits for
    feedback; ``overdue``: the planned next step is overdue; ``of_others``: the lead has another
    owner, so that the reader is somebody who hands leads over.
    """

    asked: bool = False
    feedback: bool = False
    overdue: bool = False
    of_others: bool = False


def in_order(lead: Lead, situation: Situation, can: Iterable[str]) -> tuple[str, ...]:
    """The actions of ``can`` in the order in which to offer them, the very next step first."""
    possible = set(can)
    preferred = (*_pressing(lead, situation), *BY_STAGE[lead.stage])
    first = [action for action in dict.fromkeys(preferred) if action in possible][:AT_ONCE]
    by_use = (REASSIGN, *BY_USE) if situation.of_others else BY_USE
    order = {action: place for place, action in reversed(list(enumerate(by_use)))}
    rest = sorted(possible - set(first), key=lambda action: (order.get(action, len(order)), action))
    return (*first, *rest)


def _pressing(lead: Lead, situation: Situation) -> tuple[str, ...]:
    """Urgent actions, before anything that the stage is for."""
    if situation.asked:
        return (ACCEPT, DECLINE, LOG)
    if lead.is_pooled:
        return (CLAIM, GIVE)
    if situation.overdue:
        return (LOG, RESCHEDULE)
    return (LOG, MOVE) if situation.feedback else ()
