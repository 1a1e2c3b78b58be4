"""Response clocks: how soon the owner of a lead contacts its customer [P7].

A clock starts when a lead becomes somebody's, offered or kept: while an offer is unanswered, the
customer is already waiting. It counts the company's working time only, and nothing but contact that
a person logged satisfies it. The playbook sets the limits.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sales.calendar import WorkCalendar
from sales.followups import FollowUp
from sales.leads import Grade, Lead, Stage
from sales.playbook import ClockRule, Clocks

_MINUTE = timedelta(minutes=1)
_PRESSING = timedelta(hours=24)
"""A first contact that is due sooner than this leaves no minute to gather notices."""


class ClockKind(StrEnum):
    """What is to be done in time.

    By grade: a personal call, tailored material sent, or, for a lead of low value or in nurture,
    occasional contact. Besides these, once a proposal is sent, the customer's feedback on it is to
    be collected [P10].
    """

    CALL = "call"
    MATERIAL = "material"
    TOUCH = "touch"
    FEEDBACK = "feedback"


class ClockState(StrEnum):
    RUNNING = "running"
    MET = "met"
    BREACHED = "breached"
    STOPPED = "stopped"


class ClockLevel(StrEnum):
    """The levels of the escalation ladder, in order.

    A warning to the owner, the breach, of which the owner is notified, and then the manager.
    """

    WARNING = "1"
    BREACH = "2"
    MANAGER = "3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One person's time to contact one customer; instants in UTC.

    ``owner_id`` is who had the lead while it ran, and who breached it. ``met_at`` is when the
    contact took place, whenever it was logged, ``breached_at`` always the due moment, whenever that
    was noticed, and ``stopped_at`` when the lead went to somebody else or was closed.
    """

    id: int = 0
    lead_id: int
    kind: ClockKind
    owner_id: int
    started_at: datetime
    due_at: datetime
    met_at: datetime | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether the customer still waits: running, or breached and not contacted since."""
        return self.met_at is None and self.stopped_at is None

    @property
    def state(self) -> ClockState:
        """The clock's state: breached stays breached, whether met late or handed on afterwards."""
        if self.breached_at is not None:
            return ClockState.BREACHED
        if self.met_at is not None:
            return ClockState.MET
        return ClockState.RUNNING if self.stopped_at is None else ClockState.STOPPED

    def meet(self, at: datetime) -> "Clock":
        """The clock as met by a contact at ``at``. One in time was no breach, even when it was
        logged only after the clock had been escalated."""
        return replace(self, met_at=at, breached_at=self.due_at if at > self.due_at else None)

    def breach(self) -> "Clock":
        return replace(self, breached_at=self.due_at)

    def stop(self, now: datetime) -> "Clock":
        return replace(self, stopped_at=now, breached_at=self._breach_by(now))

    def reopen(self, now: datetime) -> "Clock":
        """The clock as if the contact had not happened: it was logged for the wrong lead, or took
        place at another time."""
        return replace(self, met_at=None, breached_at=self._breach_by(now))

    def gains_by(self, contact: datetime) -> bool:
        """Whether a contact that took place then changes the clock: it waits, or was met only
        later, or stopped as breached though the contact came in time."""
        if self.stopped_at is not None:
            in_time = contact <= min(self.due_at, self.stopped_at)
            return self.breached_at is not None and in_time
        return self.met_at is None or contact < self.met_at

    def _breach_by(self, moment: datetime) -> datetime | None:
        """The breach, also one that due work had no chance to record yet."""
        return self.breached_at or (self.due_at if moment > self.due_at else None)


def kind_for(lead: Lead) -> ClockKind | None:
    """Which clock a lead needs; None for one without an owner, or closed."""
    if lead.owner_id is None or not lead.is_open:
        return None
    if lead.stage is Stage.NURTURE:
        return ClockKind.TOUCH
    match lead.grade:
        case Grade.HIGH:
            return ClockKind.CALL
        case Grade.MEDIUM:
            return ClockKind.MATERIAL
        case Grade.LOW:
            return ClockKind.TOUCH


def rule_for(kind: ClockKind, rules: Clocks) -> ClockRule:
    match kind:
        case ClockKind.CALL:
            return rules.high
        case ClockKind.MATERIAL:
            return rules.medium
        case ClockKind.TOUCH:
            return rules.low
        case ClockKind.FEEDBACK:
            return rules.feedback


def is_pressing(lead: Lead, clock: Clock | None, now: datetime) -> bool:
    """Whether news of the lead is told at once, never gathered with other news.

    It is of high value, or its customer showed interest, or its first contact is due within a day.
    """
    if lead.grade is Grade.HIGH or lead.hot_since is not None:
        return True
    first = clock is not None and clock.kind in (ClockKind.CALL, ClockKind.MATERIAL)
    return first and clock is not None and clock.is_waiting and clock.due_at - now <= _PRESSING


def start_clock(
    lead: Lead, rules: Clocks, calendar: WorkCalendar, now: datetime, former: Clock | None = None
) -> Clock | None:
    """Start a lead's clock for its owner from now on; None when it needs none.

    ``former`` is the clock that it replaces because the lead was regraded: that never buys time for
    the first contact.
    """
    kind = kind_for(lead)
    if kind is None or lead.owner_id is None:
        return None
    due_at = calendar.add(now, rule_for(kind, rules).within)
    if former and ClockKind.TOUCH not in (kind, former.kind) and former.due_at > now:
        due_at = min(due_at, former.due_at)
    return Clock(lead_id=lead.id, kind=kind, owner_id=lead.owner_id, started_at=now, due_at=due_at)


def feedback_clock(
    lead: Lead, rules: Clocks, calendar: WorkCalendar, now: datetime, former: Clock | None = None
) -> Clock | None:
    """Start the clock for feedback on a proposal; None for a lead without an owner, or closed.

    ``former`` is the clock that it continues: the same owner gets no more time.
    """
    if lead.owner_id is None or not lead.is_open:
        return None
    due_at = calendar.add(now, rules.feedback.within)
    if former and former.owner_id == lead.owner_id:
        due_at = min(due_at, former.due_at)
    return Clock(
        lead_id=lead.id,
        kind=ClockKind.FEEDBACK,
        owner_id=lead.owner_id,
        started_at=now,
        due_at=due_at,
    )


def satisfies(contact: FollowUp, clock: Clock, rules: Clocks) -> bool:
    """Whether a logged follow-up is the contact that the clock waits for.

    A rule without methods accepts every one; recorded feedback counts as feedback, whichever way it
    came.
    """
    methods = rule_for(clock.kind, rules).methods
    if clock.kind is ClockKind.FEEDBACK and contact.feedback:
        methods = ()
    return contact.at >= clock.started_at and (not methods or contact.method in methods)


def with_replaced(clock: Clock, clocks: Iterable[Clock]) -> Clock:
    """The clock as begun with the one that it replaced for the same owner, among the lead's
    ``clocks``: a new grade starts no new wait, and contact made before it still counts."""
    if clock.kind not in _FIRST_CONTACT:
        return clock
    begun = clock.started_at
    for other in sorted(clocks, key=lambda one: one.started_at, reverse=True):
        same = other.owner_id == clock.owner_id and other.kind in _FIRST_CONTACT
        if same and other.stopped_at == begun:
            begun = other.started_at
    return replace(clock, started_at=begun)


_FIRST_CONTACT = (ClockKind.CALL, ClockKind.MATERIAL)


def ladder(clock: Clock) -> tuple[ClockLevel, ...]:
    """The levels of a clock's escalation ladder: a missed touch does not go to the manager."""
    levels = tuple(ClockLevel)
    return levels[:-1] if clock.kind is ClockKind.TOUCH else levels


def level_due(clock: Clock, level: ClockLevel, rules: Clocks, calendar: WorkCalendar) -> datetime:
    """When the level is reached."""
    match level:
        case ClockLevel.WARNING:
            whole = calendar.between(clock.started_at, clock.due_at)
            return calendar.add(clock.started_at, int(whole / _MINUTE) * rules.warn_at // 100)
        case ClockLevel.BREACH:
            return clock.due_at
        case ClockLevel.MANAGER:
            return calendar.add(clock.due_at, rules.escalate_after)
