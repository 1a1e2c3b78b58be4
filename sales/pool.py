"""The public pool 公海: leads of nobody that any seller may claim [P2].

Knows how a lead is shown there, why it is there, and who may not claim it; when a lead returns
is decided in ``sales.holding``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sales.leads import Grade, Stage, lead_number
from sales.people import Person
from sales.playbook import Pool


class PoolReason(StrEnum):
    """Why a lead is in the pool: without contact for too long, given up by its owner, put
    there by a leader or a rule, left behind by somebody who left, or imported without an owner."""

    IDLE = "idle"
    GIVEN_UP = "given_up"
    PUT = "put"
    LEFT = "left"
    RULE = "rule"
    IMPORTED = "imported"


GIVE_UP_REASONS = ("busy", "not_my_field", "unreachable", "other")
"""Chosen, not typed: everybody who may claim reads them, so no customer's words stand there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One time in the pool. ``detail`` is the chosen reason, or for IDLE after how many days;
    ``put_by`` None when a rule did it; ``left_to`` who got it, ``claimed`` if by claiming."""

    id: int = 0
    lead_id: int
    team_id: int
    entered_at: datetime
    reason: PoolReason
    detail: str = ""
    former_owner_id: int | None = None
    put_by: int | None = None
    left_at: datetime | None = None
    left_to: int | None = None
    claimed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledLead:
    """As much of a lead in the pool as everybody who may claim it sees: neither contacts nor
    what was said, nor whose it was."""

    id: int
    customer: str
    industry: str
    region: str
    product: str
    grade: Grade
    stage: Stage
    pooled_at: datetime
    reason: PoolReason
    detail: str

    @property
    def number(self) -> str:
        return lead_number(self.id)


@dataclass(frozen=True, slots=True)
class PoolQuery:
    """Which leads of the pool; an empty part holds for all. ``text`` is part of a customer."""

    region: str = ""
    industry: str = ""
    grade: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a person has: leads they hold from the pool, claims of the day, open leads in all, and
    when they themselves let the lead in question go."""

    held: int
    today: int
    open_leads: int = 0
    let_go_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a claim is refused: a catalogue key ``pool.refused_<key>``, the limit, or the moment
    from which on it is allowed."""

    key: str
    limit: int = 0
    until: datetime | None = None


def refusal(claims: Claims, person: Person, rules: Pool, now: datetime) -> Refusal | None:
    """None when the person may claim."""
    if claims.let_go_at is not None:
        again = claims.let_go_at + timedelta(days=rules.cooldown_days)
        if again > now:
            return Refusal("cooldown", until=again)
    if person.capacity is not None and person.is_full(claims.open_leads):
        return Refusal("capacity", person.capacity)
    if claims.held >= rules.hold_most:
        return Refusal("held", rules.hold_most)
    if claims.today >= rules.claims_per_day:
        return Refusal("today", rules.claims_per_day)
    return None
