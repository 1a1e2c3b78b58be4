"""Recipients of notices, whether a notice is late, and the teams and channels of leaders."""

from datetime import datetime, timedelta

from handlers.core.context import Context
from sales.leads import Lead
from sales.notices import Notice
from sales.people import Person, Role, Team, leaders_of
from storage.channels import BoundChannel

ON_TIME = timedelta(minutes=5)
"""A notice sent later than this after it was due says that it is late."""


def notify_owner(notice: Notice, lead: Lead, context: Context) -> None:
    """Notify the owner. If the lead has none, or they left, no longer sell or cannot be reached,
    notify the leaders."""
    for person in people_responsible_for(lead, context):
        context.uow.outbox.add(notice, person.id)


def people_responsible_for(lead: Lead, context: Context) -> list[Person]:
    """The lead's owner, or else the leaders of its team."""
    owner = context.uow.people.get(lead.owner_id) if lead.owner_id else None
    if owner and owner.active and owner.sells and not owner.unreachable:
        return [owner]
    return leaders_of(lead.team_id, context.uow.people.everyone())


def notify_owner_and_cover(notice: Notice, lead: Lead, context: Context) -> None:
    """Notify the owner; while the owner is away and cannot act at once, the other leaders, too."""
    notify_owner(notice, lead, context)
    owner = context.uow.people.get(lead.owner_id) if lead.owner_id else None
    if owner not in people_responsible_for(lead, context):
        return
    if owner and not owner.is_there(context.today):
        for person in leaders_beside_owner(lead, context):
            context.uow.outbox.add(notice, person.id)


def leaders_beside_owner(lead: Lead, context: Context) -> list[Person]:
    """The leaders of the lead's team who do not own the lead themselves."""
    leaders = leaders_of(lead.team_id, context.uow.people.everyone())
    return [person for person in leaders if person.id != lead.owner_id]


def notify_leaders(notice: Notice, lead: Lead, context: Context) -> None:
    """Notify the managers of the lead's team; without any, the admins."""
    for person in leaders_of(lead.team_id, context.uow.people.everyone()):
        context.uow.outbox.add(notice, person.id)


def delivery_note(person: Person, context: Context) -> str:
    """One sentence on a notice's delivery, for the person who assigned something. It says that the
    assignee is notified now, or what keeps the message from them."""
    lane = context.uow.outbox.lane_of(person.id)
    if lane is None or person.unreachable:
        return context.text("told.unreachable", name=person.name)
    if context.uow.refusals.of_lane(lane):
        return context.text("told.waits", name=person.name)
    return context.text("told.now", name=person.name)


def late_minutes(due_at: datetime, now: datetime) -> int:
    late = now - due_at
    return int(late.total_seconds() // 60) if late > ON_TIME else 0


def led_teams(context: Context) -> list[Team]:
    """The teams whose targets the actor sets."""
    match context.actor.role:
        case Role.ADMIN:
            return context.uow.people.teams()
        case Role.MANAGER:
            return [team for team in context.uow.people.teams() if team.id == context.actor.team_id]
        case _:
            return []


def led_channels(context: Context) -> list[BoundChannel]:
    """The channels that belong to the teams which the actor leads."""
    channels = context.uow.channels
    return [bound for team in led_teams(context) for bound in channels.of_team(team.id)]
