"""What is the next step with a lead? Which few of all that could be done with it come first, and
in which order the rest, by how often it is wanted [P2].

Actions by the names they have in ``permissions``. Knows no buttons and no words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sales.leads import Lead, Stage

AT_ONCE = 3
"""So many actions are offered at once: one row, also of English words, also on a phone."""

ACCEPT, DECLINE = "offer.accept", "offer.decline"
CLAIM, GIVE = "pool.claim", "pool.pick"
LOG, MOVE, RESCHEDULE = "followup.log", "stage.advance", "reminder.reschedule"
CONTACT, EDIT, TALK = "contact.ask", "lead.edit", "remark.open"
DISCOVERY, PROPOSAL, OBJECTIONS = "discovery.log", "proposal.write", "objection.list"
TASKS = "task.show"

BY_STAGE: Mapping[Stage, tuple[str, ...]] = {
    Stage.CAPTURED: (LOG, MOVE, CONTACT),  # call, then screen: who it is decides
    Stage.SCREENED: (LOG, DISCOVERY, MOVE),
    Stage.DISCOVERY: (DISCOVERY, LOG, MOVE),
    Stage.PROPOSAL: (PROPOSAL, LOG, MOVE),
    Stage.NEGOTIATION: (LOG, OBJECTIONS, MOVE),
    Stage.WON: (TASKS, LOG, MOVE),
    Stage.AFTERSALES: (TASKS, LOG, CONTACT),
    Stage.NURTURE: (LOG, MOVE, CONTACT),
    Stage.LOST: (MOVE, LOG, CONTACT),
}
"""What the stage is for, the first of it first."""
BY_USE = (
    LOG, MOVE, CONTACT, EDIT, DISCOVERY, PROPOSAL, OBJECTIONS, TALK, "lead.history", "support.ask",
    RESCHEDULE, "lead.reassign", GIVE, "pool.ask", "signal.dismiss", "access.end", "merge.undo",
    "merge.ask",
)  # fmt: skip
"""The rest: what is done every day before what is done once with a lead, or never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What decides besides the stage: ``asked`` is the reader, whether they take the lead;
    ``feedback`` is what a proposal waits for; ``overdue`` is the planned next step."""

    asked: bool = False
    feedback: bool = False
    overdue: bool = False


def in_order(lead: Lead, situation: Situation, can: Iterable[str]) -> tuple[str, ...]:
    """The actions of ``can`` in the order in which to offer them, the very next step first."""
    possible = set(can)
    wanted = (*_pressing(lead, situation), *BY_STAGE[lead.stage])
    first = [action for action in dict.fromkeys(wanted) if action in possible][:AT_ONCE]
    known = {action: place for place, action in enumerate(BY_USE)}
    rest = sorted(possible - set(first), key=lambda action: (known.get(action, len(known)), action))
    return (*first, *rest)


def _pressing(lead: Lead, situation: Situation) -> tuple[str, ...]:
    """What goes before anything that the stage is for."""
    if situation.asked:
        return (ACCEPT, DECLINE, LOG)
    if lead.is_pooled:
        return (CLAIM, GIVE)
    if situation.overdue:
        return (LOG, RESCHEDULE)
    return (LOG, MOVE) if situation.feedback else ()
