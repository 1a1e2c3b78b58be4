"""The company's people, their roles and teams, and who is at work today."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

_WORD = re.compile(r"[^\W\d_]+")


class Role(StrEnum):
    """A person's role in the process; decides what they see and may do [P1]."""

    REP = "rep"
    MANAGER = "manager"
    ADMIN = "admin"
    SERVICE = "service"
    PRODUCT = "product"
    FINANCE = "finance"


SELLERS = frozenset({Role.REP, Role.MANAGER, Role.ADMIN})
"""Roles that own leads; the others come to a lead by a task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    id: int = 0
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person who works with the bot.

    ``weight`` is the share of a pool's leads, relative to the others'; 0 means none. ``capacity``
    is how many open leads the rules give at most; None for any number. ``hours`` are the person's
    own working hours, as ``sales.working_hours`` writes them; empty: the company's. ``away_until``
    is the first day back; None while at work. ``has_account`` False: expected, but they have not
    written to the bot yet, and cannot be notified. ``unreachable``: no platform that they wrote
    from accepts a message to them any more. ``timezone`` is their own, chosen with the notices;
    empty for the company's.
    """

    id: int = 0
    name: str
    role: Role
    team_id: int
    locale: str = ""
    active: bool = True
    away_until: date | None = None
    weight: int = 1
    capacity: int | None = None
    hours: str = ""
    # Known of a person, but not stored with them.
    has_account: bool = field(default=True, compare=False)
    unreachable: bool = field(default=False, compare=False)
    timezone: str = field(default="", compare=False)

    @property
    def sells(self) -> bool:
        return self.role in SELLERS

    def is_full(self, open_leads: int) -> bool:
        """Whether the number of open leads reaches the person's capacity."""
        return self.capacity is not None and open_leads >= self.capacity

    def is_there(self, today: date) -> bool:
        """Whether leads may be assigned to this person today."""
        return self.active and not self.why_absent(today)

    def why_absent(self, today: date) -> str:
        """``no_account``, ``unreachable`` or ``absent``; empty for people at work and reachable."""
        if not self.has_account:
            return "no_account"
        if self.unreachable:
            return "unreachable"
        return "absent" if self.away_until is not None and self.away_until > today else ""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's account on one platform."""

    platform: str
    external_id: str
    person_id: int

    @property
    def lane(self) -> str:
        """The 1:1 conversation with the account, as delivery names it."""
        return f"{self.platform}:person:{self.external_id}"


def leaders_of(team_id: int | None, people: Iterable[Person]) -> list[Person]:
    """The active managers of a team; without any, and of the company (None), the active admins.

    Unreachable people lead nobody, unless there is nobody else.
    """
    active = [person for person in people if person.active]
    managers = [p for p in active if p.role is Role.MANAGER and p.team_id == team_id]
    admins = [person for person in active if person.role is Role.ADMIN]
    for leaders in (managers, admins):
        if reached := [person for person in leaders if not person.unreachable]:
            return reached
    return managers or admins


SYSTEM = Person(id=0, name="Genjin", role=Role.ADMIN, team_id=0)
"""The actor when no person asked: reminders, time-outs, digests."""


def called_in(words: str, people: Iterable[Person]) -> list[Person]:
    """The people whom words call by their name, or by a part of it that stands alone: ``Dana``,
    ``小演`` for 何小演. Whole names outrank parts, and longer ones those within them."""
    said, everyone = words.casefold(), list(people)
    whole = [person for person in everyone if person.name.casefold() in said]
    names = {person.name for person in whole}
    whole = [one for one in whole if not any(one.name in name for name in names - {one.name})]
    return whole or [person for person in everyone if _is_called_by_a_part(person, said)]


def _is_called_by_a_part(person: Person, said: str) -> bool:
    name = person.name.casefold()
    if not name.isascii() and " " not in name:
        return len(name) > 2 and name[1:] in said
    spoken = set(_WORD.findall(said))
    return any(len(part) > 1 and part in spoken for part in _WORD.findall(name))
