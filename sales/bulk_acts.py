"""Acting on several leads at once [P1]: which leads an act takes, and which it leaves out and why.

The act is previewed, confirmed, carried out one lead at a time, and can be undone for a day. Knows
neither storage nor words.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sales.assignments import Why
from sales.errors import GenjinError
from sales.leads import Lead, Stage
from sales.people import Person, Role
from sales.permissions import leads_team_of, may_decide_on
from sales.pipeline import stages_from
from sales.playbook import Playbook
from sales.routing import Candidates, choose

MOST: Final = 500
"""Leads that one act takes."""
UNDO_FOR: Final = timedelta(hours=24)
KEPT: Final = timedelta(days=30)
"""How long the list of what an act did is kept once it cannot be undone any more."""
SHORT: Final = 20
"""An act on more leads shows its progress."""
REDRAWN_EVERY: Final = timedelta(seconds=1)
"""How often a card that shows the progress is redrawn at most."""
ATTEMPTS: Final = 2
"""How often a lead that failed is tried again before it is left out."""


class BulkActNotFound(GenjinError):
    """No such act any more, or one that is not the actor's to see."""

    key = "bulk_act_not_found"


class BulkKind(StrEnum):
    """What is done with the leads.

    Give them to one person, or to whom the routing rules choose; put them into the public pool;
    close them as lost; put them into nurture; set the date of their next step.
    """

    PERSON = "person"
    RULES = "rules"
    POOL = "pool"
    LOST = "lost"
    NURTURE = "nurture"
    STEP = "step"


REASSIGNING = (BulkKind.PERSON, BulkKind.RULES)
BY_ROLE: Mapping[Role, tuple[BulkKind, ...]] = {
    Role.REP: (BulkKind.STEP, BulkKind.POOL, BulkKind.NURTURE, BulkKind.LOST),
    Role.MANAGER: tuple(BulkKind),
    Role.ADMIN: tuple(BulkKind),
}
"""Which acts a role may ask for; each lead is checked besides (``judge``)."""


class BulkState(StrEnum):
    """The state of an act: previewed; being carried out, done; being undone, undone; given up."""

    PREVIEWED = "previewed"
    WORKING = "working"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    DROPPED = "dropped"


BUSY = (BulkState.WORKING, BulkState.UNDOING)


class LeftOut(StrEnum):
    """Why an act does not take a lead.

    Others decide on it; it already is with whom it would go to, where it would go to, or closed;
    somebody was just asked to take it; its owner's time is protected; it rests; it has no next
    step; the rules find nobody; it changed since the preview, or is gone; the receiver can take it
    no more; something unexpected went wrong.
    """

    NO_RIGHT = "no_right"
    THERE = "there"
    CLOSED = "closed"
    OFFERED = "offered"
    PROTECTED = "protected"
    RESTS = "rests"
    NO_STEP = "no_step"
    NOBODY = "nobody"
    CHANGED = "changed"
    GONE = "gone"
    RECEIVER = "receiver"
    FULL = "full"
    FAILED = "failed"


class UndoObstacle(StrEnum):
    """Why an undo leaves a lead as it is: it changed since, is gone, or its former owner is."""

    CHANGED = "changed"
    GONE = "gone"
    OWNER = "owner"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAct:
    """One act on several leads.

    ``to_id`` is the one receiver of PERSON; ``reason`` the key of why leads go to the pool or are
    lost, with a ``note``; ``day`` that of the next step, or on which a lead is looked at again.
    ``planned`` counts the leads that it takes, ``done`` those that the present phase has been
    through. ``run`` numbers the phases, so that jobs of an earlier one are known to be over.
    ``query`` is the list from which they were chosen, encoded. Snapshots for an undo are deleted at
    ``forget_at``, and so is a preview that nobody confirmed.
    """

    id: int = 0
    actor_id: int
    kind: BulkKind
    to_id: int | None = None
    reason: str = ""
    note: str = ""
    day: date | None = None
    query: str = ""
    state: BulkState = BulkState.PREVIEWED
    run: int = 0
    planned: int
    done: int = 0
    created_at: datetime
    shown_at: datetime
    finished_at: datetime | None = None
    undone_by: int | None = None
    forget_at: datetime

    @property
    def subject(self) -> str:
        """The subject under which its cards are kept up to date."""
        return f"bulk:{self.id}"

    @property
    def undo_until(self) -> datetime | None:
        return self.finished_at + UNDO_FOR if self.finished_at else None

    @property
    def is_long(self) -> bool:
        """Whether it takes long enough to show its progress."""
        return self.planned > SHORT

    def may_be_undone(self, now: datetime) -> bool:
        until = self.undo_until
        return self.state is BulkState.DONE and until is not None and now < until

    def begin(self, state: BulkState, now: datetime) -> "BulkAct":
        """Begin the next phase, from its first lead."""
        return replace(self, state=state, run=self.run + 1, done=0, shown_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkLead:
    """A lead of an act and what became of it.

    ``version`` is that of the preview. ``from_id`` is its owner then, ``to_id`` who gets it, and
    ``why``. ``left_out`` says why it was left out (``LeftOut``), ``kept`` why an undo left it
    (``UndoObstacle``). ``told`` are the people who are notified of all leads in one message.
    """

    id: int = 0
    act_id: int
    lead_id: int
    version: int = 0
    from_id: int | None = None
    to_id: int | None = None
    why: Why | None = None
    left_out: str = ""
    done_at: datetime | None = None
    kept: str = ""
    undone_at: datetime | None = None
    told: tuple[int, ...] = ()

    @property
    def state(self) -> str:
        """``left``, ``kept``, ``undone``, ``done``, or ``planned`` while it is still to be done."""
        if self.left_out:
            return "left"
        if self.done_at is None:
            return "planned"
        return "kept" if self.kept else "undone" if self.undone_at else "done"


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What decides on a lead besides itself: whether somebody was asked to take it, until when its
    owner's time is protected, and whether it has an open next step."""

    offered: bool = False
    protected_until: date | None = None
    has_step: bool = False


NO_FACTS: Final = LeadFacts()


def judge(lead: Lead, act: BulkAct, actor: Person, facts: LeadFacts, today: date) -> LeftOut | None:
    """Why the act leaves the lead out; None when it takes it."""
    if not may_decide_on(actor, lead) or act.kind not in BY_ROLE.get(actor.role, ()):
        return LeftOut.NO_RIGHT
    if act.kind in REASSIGNING:
        return _for_reassigning(lead, act, actor, facts)
    if not lead.is_open:
        return LeftOut.CLOSED
    match act.kind:
        case BulkKind.POOL:
            return _for_pool(lead, actor, facts, today)
        case BulkKind.STEP:
            return None if facts.has_step else LeftOut.NO_STEP
        case BulkKind.NURTURE if lead.stage is Stage.NURTURE:
            return LeftOut.THERE
        case _:
            target = Stage.NURTURE if act.kind is BulkKind.NURTURE else Stage.LOST
            return None if target in stages_from(lead) else LeftOut.CLOSED


def _for_reassigning(lead: Lead, act: BulkAct, actor: Person, facts: LeadFacts) -> LeftOut | None:
    if not leads_team_of(actor, lead):
        return LeftOut.NO_RIGHT
    if lead.stage is Stage.LOST:
        return LeftOut.CLOSED
    if act.to_id is not None and lead.owner_id == act.to_id:
        return LeftOut.THERE
    return LeftOut.OFFERED if facts.offered else None


def _for_pool(lead: Lead, actor: Person, facts: LeadFacts, today: date) -> LeftOut | None:
    if lead.is_pooled:
        return LeftOut.THERE
    if not lead.is_worked_on:
        return LeftOut.RESTS
    if facts.offered:
        return LeftOut.OFFERED
    # The time is the owner's: they themselves may give a lead up whenever they want.
    is_protected = facts.protected_until is not None and facts.protected_until > today
    return LeftOut.PROTECTED if is_protected and lead.owner_id != actor.id else None


def plan(
    act: BulkAct,
    leads: Sequence[Lead],
    actor: Person,
    *,
    facts: Mapping[int, LeadFacts],
    playbook: Playbook,
    among: Candidates,
) -> list[BulkLead]:
    """What the act does with each lead, in their order; nothing is changed yet.

    By the rules each lead counts for the next, so that they spread as new ones would; nobody is
    asked in place of a rep who is not there.
    """
    shares, open_leads = Counter(among.shares), Counter(among.open_leads)
    planned = []
    for lead in leads:
        left = judge(lead, act, actor, facts.get(lead.id, NO_FACTS), among.today)
        entry = BulkLead(
            act_id=act.id, lead_id=lead.id, version=lead.version, from_id=lead.owner_id,
            left_out=left.value if left else "",
        )  # fmt: skip
        if left is None and act.kind is BulkKind.PERSON:
            entry = replace(entry, to_id=act.to_id, why=Why("chosen", actor.name))
        elif left is None and act.kind is BulkKind.RULES:
            counted = replace(among, shares=shares, open_leads=open_leads)
            entry = _by_rules(entry, lead, playbook, counted)
            if entry.to_id is not None:
                shares[entry.to_id] += 1
                open_leads[entry.to_id] += lead.is_open
        planned.append(entry)
    return planned


def _by_rules(entry: BulkLead, lead: Lead, playbook: Playbook, among: Candidates) -> BulkLead:
    chosen = choose(lead, playbook, among)
    if chosen is None or chosen.last:
        return replace(entry, left_out=LeftOut.NOBODY.value)
    if chosen.person.id == lead.owner_id:
        return replace(entry, left_out=LeftOut.THERE.value)
    return replace(entry, to_id=chosen.person.id, why=chosen.why)


def received(entries: Iterable[BulkLead]) -> Counter[int]:
    """How many leads each receiver gets, by person id."""
    return Counter(entry.to_id for entry in entries if entry.to_id and not entry.left_out)


def may_see_act(viewer: Person, act: BulkAct, actor: Person) -> bool:
    """Whether a person may see an act and undo it: whoever did it, and their leaders."""
    if not viewer.active or not viewer.sells:
        return False
    if viewer.id == act.actor_id or viewer.role is Role.ADMIN:
        return True
    leads_actor = viewer.team_id == actor.team_id and actor.role is not Role.ADMIN
    return viewer.role is Role.MANAGER and leads_actor
