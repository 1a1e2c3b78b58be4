"""The Friday sync between departments: which deals are stuck, why, and who has to act [P24].

Storage provides the deals with something overdue; what holds each of them up is decided here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sales.clocks import Clock
from sales.leads import Lead, Stage
from sales.playbook import Playbook
from sales.reports import Risk, entered_before, stalls_of
from sales.tasks import Task, TaskKind


class Cause(StrEnum):
    """What holds a deal up."""

    CLOCK = "clock"
    QUESTION = "question"
    INVOICE = "invoice"
    TASK = "task"
    STEP = "step"
    STAGE = "stage"
    IDLE = "idle"


_OF_RISKS = {Risk.STALLED: Cause.IDLE, Risk.STAGE: Cause.STAGE}
_OF_TASKS = {TaskKind.SUPPORT: Cause.QUESTION, TaskKind.INVOICE: Cause.INVOICE}


@dataclass(frozen=True, slots=True)
class Blocked:
    """One reason.

    ``on``: the person it waits for, None for nobody; ``since``: when it was due, for a stage when
    the lead entered it, and the last activity of an idle lead.
    """

    cause: Cause
    on: int | None
    since: datetime


@dataclass(frozen=True, slots=True)
class StuckDeal:
    lead: Lead
    reasons: tuple[Blocked, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckLook:
    """What to look for in a team.

    What is overdue at ``now``, and leads that are stalled (``sales.reports.stalls_of``). ``limit``
    deals, the most valuable first.
    """

    team_id: int
    now: datetime
    idle_since: datetime
    entered_before: Mapping[Stage, datetime]
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckFacts:
    """The deals that were found, the most valuable first, with their overdue tasks and clocks.

    ``imported_at`` is when those from files came, by id; ``total`` counts all there are.
    """

    leads: tuple[Lead, ...] = ()
    tasks: tuple[Task, ...] = ()
    clocks: tuple[Clock, ...] = ()
    imported_at: Mapping[int, datetime] = field(default_factory=dict)
    total: int = 0


def stuck_look(
    team_id: int, now: datetime, playbook: Playbook, limits: Mapping[Stage, timedelta]
) -> StuckLook:
    """``limits``: how long each stage may last (``sales.reports.stage_limit``)."""
    return StuckLook(
        team_id=team_id,
        now=now,
        idle_since=now - timedelta(days=playbook.reminders.stalled_days),
        entered_before=entered_before(now, limits),
        limit=playbook.sync.deals,
    )


def stuck_deals(facts: StuckFacts, look: StuckLook) -> tuple[StuckDeal, ...]:
    """Why each deal is stuck, in the order of the facts."""
    return tuple(StuckDeal(lead, tuple(_reasons(lead, facts, look))) for lead in facts.leads)


def waited_for(deals: Iterable[StuckDeal]) -> list[tuple[int | None, int]]:
    """How many of the deals wait for each person, the largest number first."""
    counted = Counter(on for deal in deals for on in {reason.on for reason in deal.reasons})
    return sorted(counted.items(), key=lambda item: (-item[1], item[0] or 0))


def worth(lead: Lead) -> Decimal | None:
    """A deal's value: its amount, else the upper or the only known end of its budget."""
    return lead.amount or lead.budget_high or lead.budget_low


def _reasons(lead: Lead, facts: StuckFacts, look: StuckLook) -> Iterable[Blocked]:
    for clock in facts.clocks:
        if clock.lead_id == lead.id:
            yield Blocked(Cause.CLOCK, lead.owner_id, clock.due_at)
    for task in facts.tasks:
        if task.lead_id == lead.id:
            yield Blocked(_OF_TASKS.get(task.kind, Cause.TASK), task.assignee_id, task.due_at)
    if not lead.is_open:
        return
    if lead.next_at is not None and lead.is_overdue(look.now):
        yield Blocked(Cause.STEP, lead.owner_id, lead.next_at)
    came = facts.imported_at.get(lead.id)
    for stall in stalls_of(lead, look.idle_since, look.entered_before, came):
        yield Blocked(_OF_RISKS[stall.reason], lead.owner_id, stall.since)
