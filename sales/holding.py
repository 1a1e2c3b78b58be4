"""How long an owner holds a lead before it returns to the public pool.

Decided anew every working day from facts alone, so that contact, an extension or a changed
playbook take effect without anything to undo. Nobody loses a lead unwarned: what became due at
once, by a changed rule or after downtime, is announced first.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum, auto

from sales.calendar import WorkCalendar
from sales.leads import Grade, Stage
from sales.playbook import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """Somebody kept a lead for its owner ``until`` that day."""

    lead_id: int
    owner_id: int
    by_id: int
    at: datetime
    until: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """The owner was told that the lead returns on that day."""

    lead_id: int
    owner_id: int
    at: datetime
    returns_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """An owned lead. ``idle_since`` is the last contact that a person logged, or the lead's
    creation; ``extensions`` and ``warnings`` are of this owner since ``owned_since``."""

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
            one.by_id == self.owner_id and one.at > self.idle_since for one in self.extensions
        )

    @property
    def warned_for(self) -> date | None:
        """The day that the owner was last told, unless something happened since."""
        happened = [self.idle_since, self.owned_since, *(one.at for one in self.extensions)]
        standing = [one.returns_on for one in self.warnings if one.at > max(happened)]
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
    """On which day the lead is due back; None for never."""
    patience = rules.patience(holding.stage, holding.grade)
    if not patience:
        return None
    idle, owned = calendar.day_of(holding.idle_since), calendar.day_of(holding.owned_since)
    return max(
        counted_from(idle, patience, rules, calendar),
        counted_from(owned, rules.protect_days, rules, calendar),
        *(one.until for one in holding.extensions),
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
    """Until when the owner can keep the lead by themselves; None when they cannot any more."""
    if holding.own_extensions >= rules.extensions:
        return None
    day = max(today, holding.warned_for or today, return_day(holding, rules, calendar) or today)
    return counted_from(day, rules.extend_days, rules, calendar)
