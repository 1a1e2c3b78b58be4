"""Whom a notice about a lead goes to, and whether it comes late."""

from datetime import datetime, timedelta

from handlers.turns import Turn
from sales.leads import Lead
from sales.notices import Notice
from sales.people import Person, Role

ON_TIME = timedelta(minutes=5)
"""A notice sent later than this after it was due says that it is late."""


def tell_owner(notice: Notice, lead: Lead, turn: Turn) -> None:
    """The owner; for a lead of nobody, or of somebody who left, the leaders."""
    if lead.owner_id and turn.uow.people.get(lead.owner_id).active:
        turn.uow.outbox.add(notice, lead.owner_id)
    else:
        tell_leaders(notice, lead, turn)


def tell_leaders(notice: Notice, lead: Lead, turn: Turn) -> None:
    for person in leaders_of(lead, turn):
        turn.uow.outbox.add(notice, person.id)


def leaders_of(lead: Lead, turn: Turn) -> list[Person]:
    """The managers of the lead's team; without any, the admins."""
    active = [person for person in turn.uow.people.everyone() if person.active]
    managers = [p for p in active if p.role is Role.MANAGER and p.team_id == lead.team_id]
    return managers or [p for p in active if p.role is Role.ADMIN]


def late_minutes(due_at: datetime, now: datetime) -> int:
    late = now - due_at
    return int(late.total_seconds() // 60) if late > ON_TIME else 0
