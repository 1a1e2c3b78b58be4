"""Remarks: what colleagues say to each other about a lead.

A remark is no contact with the customer and satisfies no clock. Knows who is notified of a remark;
knows no words of a screen.
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
    """People around a lead.

    Those who work on it beside its owner (by id), those who made a remark, and everybody.
    """

    working: frozenset[int]
    spoke: frozenset[int]
    people: Sequence[Person]


def hearers(lead: Lead, remarks: Sequence[Remark], circle: Circle) -> list[Person]:
    """The people to notify of remarks.

    The owner, people who work on the lead, people who spoke before, and people whom a remark names;
    where that is nobody, the leaders, so that no remark is lost. Nobody is notified only of their
    own. Whether they may see the lead is checked on delivery.
    """
    near = circle.working | circle.spoke | {lead.owner_id}
    active = [person for person in circle.people if person.active]
    listeners = [person for person in active if _concerns(person, near, remarks)]
    others = [
        person for person in listeners if any(remark.person_id != person.id for remark in remarks)
    ]
    speakers = {remark.person_id for remark in remarks}
    leaders = leaders_of(lead.team_id, circle.people)
    return others or [person for person in leaders if person.id not in speakers]


def window_of(at: datetime, minutes: int) -> tuple[datetime, datetime]:
    """The window ``[start, end)`` of ``minutes`` minutes that contains a moment.

    Remarks made in one window are batched.
    """
    span = timedelta(minutes=minutes)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    start = epoch + (at - epoch) // span * span
    return start, start + span


def named_in(text: str, people: Sequence[Person]) -> list[Person]:
    """The people whom a remark addresses by ``@name``."""
    named = [person for person in people if person.active and f"@{person.name}" in text]
    return sorted(named, key=lambda person: text.index(f"@{person.name}"))


def _concerns(person: Person, near: frozenset[int | None], remarks: Sequence[Remark]) -> bool:
    return person.id in near or any(f"@{person.name}" in remark.text for remark in remarks)
