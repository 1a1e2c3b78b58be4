"""The public pool 公海: leads without an owner that any seller may claim [P2].

Knows how a lead is shown there, why it is there, who may not claim it, and when a lead returns.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum, auto

from sales.calendar import WorkCalendar
from sales.leads import Grade, Stage, lead_number
from sales.people import Person
from sales.playbook import Pool


class PoolReason(StrEnum):
    """Why a lead is in the pool.

    Without contact for too long, given up by its owner, put there by a leader or a rule, left
    behind by somebody who left, or imported without an owner.
    """

    IDLE = "idle"
    GIVEN_UP = "given_up"
    PUT = "put"
    LEFT = "left"
    RULE = "rule"
    IMPORTED = "imported"


GIVE_UP_REASONS = ("busy", "not_my_field", "unreachable", "other")
"""Chosen, not typed: everybody who may claim reads them, so they hold no customer's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStay:
    """One stay in the pool.

    ``detail`` is the chosen reason, or for IDLE the number of days; ``put_by`` None when a rule did
    it; ``left_to`` is who got it, ``claimed`` if by claiming.
    """

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
    """The part of a pooled lead that everybody who may claim it sees.

    Neither contacts nor what was said, nor the former owner.
    """

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
    """A search in the pool; an empty part matches all. ``text`` is part of a customer's name."""

    region: str = ""
    industry: str = ""
    grade: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Claims:
    """What limits a person's claims.

    Leads they hold from the pool, claims of the day, open leads in all, and when they themselves
    let the lead in question go.
    """

    held: int
    today: int
    open_leads: int = 0
    let_go_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClaimRefusal:
    """Why a claim is refused.

    A catalogue key ``pool.refused_<key>``, the limit, or the moment from which on it is allowed.
    """

    key: str
    limit: int = 0
    until: datetime | None = None


def refusal(claims: Claims, person: Person, rules: Pool, now: datetime) -> ClaimRefusal | None:
    """Why the person may not claim; None when they may."""
    if claims.let_go_at is not None:
        again = claims.let_go_at + timedelta(days=rules.cooldown_days)
        if again > now:
            return ClaimRefusal("cooldown", until=again)
    if person.capacity is not None and person.is_full(claims.open_leads):
        return ClaimRefusal("capacity", person.capacity)
    if claims.held >= rules.hold_most:
        return ClaimRefusal("held", rules.hold_most)
    if claims.today >= rules.claims_per_day:
        return ClaimRefusal("today", rules.claims_per_day)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """An extension: the lead stays with its owner ``until`` that day."""

    lead_id: int
    owner_id: int
    by_id: int
    at: datetime
    until: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A warning to the owner that the lead returns on that day."""

    lead_id: int
    owner_id: int
    at: datetime
    returns_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A lead with an owner.

    ``idle_since`` is the last contact that a person logged, or the lead's creation; ``extensions``
    and ``warnings`` are of this owner since ``owned_since``.
    """

    lead_id: int
    owner_id: int
    stage: Stage
    grade: Grade
    idle_since: datetime
    owned_since: datetime
    extensions: tuple[Extension, ...] = field(default=())
    warnings: tuple[Warned, ...] = field(default=())

    @property
    def own_extensions(self) -> int:
        """How often the owner has extended by themselves since the last contact."""
        return sum(
            extension.by_id == self.owner_id and extension.at > self.idle_since
            for extension in self.extensions
        )

    @property
    def warned_for(self) -> date | None:
        """The day of the last warning to the owner, unless something happened since."""
        happened = [
            self.idle_since,
            self.owned_since,
            *(extension.at for extension in self.extensions),
        ]
        standing = [warning.returns_on for warning in self.warnings if warning.at > max(happened)]
        return max(standing, default=None)


class Step(Enum):
    WAIT = auto()
    WARN = auto()
    RETURN = auto()


def counted_from(day: date, count: int, rules: Pool, calendar: WorkCalendar) -> date:
    """``count`` days after a day, of the kind that the playbook counts."""
    if rules.days == "calendar":
        return day + timedelta(days=count)
    return calendar.workday_from(day, count)


def return_day(holding: Holding, rules: Pool, calendar: WorkCalendar) -> date | None:
    """The day on which the lead is due to return; None for never."""
    patience = rules.patience(holding.stage, holding.grade)
    if not patience:
        return None
    idle, owned = calendar.day_of(holding.idle_since), calendar.day_of(holding.owned_since)
    return max(
        counted_from(idle, patience, rules, calendar),
        counted_from(owned, rules.protect_days, rules, calendar),
        *(extension.until for extension in holding.extensions),
    )


def next_step(
    holding: Holding, rules: Pool, calendar: WorkCalendar, today: date
) -> tuple[Step, date]:
    """What is to be done today, and on which day the lead returns."""
    day = return_day(holding, rules, calendar)
    if day is None:
        return Step.WAIT, date.max
    if holding.warned_for and day <= holding.warned_for:
        return Step.RETURN if today >= holding.warned_for else Step.WAIT, holding.warned_for
    if today < calendar.workday_from(day, -rules.warn_days):
        return Step.WAIT, day
    return Step.WARN, max(day, calendar.workday_from(today, rules.warn_days))


def extended_to(holding: Holding, rules: Pool, calendar: WorkCalendar, today: date) -> date | None:
    """Until when the owner can extend by themselves; None when they cannot any more."""
    if holding.own_extensions >= rules.extensions:
        return None
    day = max(today, holding.warned_for or today, return_day(holding, rules, calendar) or today)
    return counted_from(day, rules.extend_days, rules, calendar)
