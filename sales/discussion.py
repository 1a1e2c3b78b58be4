"""Remarks: what colleagues say to each other about a lead. No contact with the customer: a
remark satisfies no clock.

Knows who hears a remark; knows no words of a screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sales.leads import Lead
from sales.people import Person, leaders_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    id: int = 0
    lead_id: int
    person_id: int
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Circle:
    """Those around a lead: who works on it beside its owner (by id), who spoke, and everybody."""

    working: frozenset[int]
    spoke: frozenset[int]
    people: Sequence[Person]


def hearers(lead: Lead, remarks: Sequence[Remark], circle: Circle) -> list[Person]:
    """Who hears of remarks: the owner, who works on the lead, who spoke before, and whom a
    remark names; where that is nobody, the leaders, so that no word is lost. Nobody hears only
    of their own. Whether they may see the lead is found out when they are told."""
    near = circle.working | circle.spoke | {lead.owner_id}
    active = [person for person in circle.people if person.active]
    told = [person for person in active if _concerns(person, near, remarks)]
    others = [person for person in told if any(one.person_id != person.id for one in remarks)]
    speakers = {one.person_id for one in remarks}
    leaders = leaders_of(lead.team_id, circle.people)
    return others or [person for person in leaders if person.id not in speakers]


def window_of(at: datetime, minutes: int) -> tuple[datetime, datetime]:
    """The span ``[start, end)`` of so many minutes that a moment lies in: what is said in one
    span is told at once."""
    span = timedelta(minutes=minutes)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    start = epoch + (at - epoch) // span * span
    return start, start + span


def named_in(text: str, people: Sequence[Person]) -> list[Person]:
    """Whom a remark speaks to by ``@name``."""
    named = [person for person in people if person.active and f"@{person.name}" in text]
    return sorted(named, key=lambda person: text.index(f"@{person.name}"))


def _concerns(person: Person, near: frozenset[int | None], remarks: Sequence[Remark]) -> bool:
    return person.id in near or any(f"@{person.name}" in one.text for one in remarks)
