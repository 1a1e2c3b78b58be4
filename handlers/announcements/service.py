"""What is announced and where: a win, a win taken back, and what a rule announces."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.core.channel_privacy import verdict_of
from handlers.core.context import Context
from handlers.core.events import DealNoteworthy
from sales.announcements import (
    Announcement,
    Detail,
    Honour,
    Month,
    Occasion,
    big_key,
    detail_for,
    has_advanced,
    is_big,
    ranked,
    rule_key,
    win_key,
    worked_along,
)
from sales.channel_privacy import Readers, Told
from sales.followups import FollowUp
from sales.leads import Lead, Stage
from sales.notices import DealAnnounced, WinTakenBack
from sales.people import SYSTEM, Person
from sales.targets import Sold
from storage.channels import BoundChannel

_SAME_MOVE = timedelta(minutes=10)
_LOOKED_THROUGH = 200
"""Number of follow-ups searched for the colleagues who wrote them."""


def announce_move(lead: Lead, before: Stage, context: Context) -> None:
    """Announce a win, or a big deal that moves on, to the team's channel; correct the announcement
    of a win taken back."""
    if lead.stage is Stage.WON and before is not Stage.WON:
        _announce_win(lead, context)
    elif before is Stage.WON and not lead.is_customer:
        _take_back(lead, context)
    elif has_advanced(lead, before):
        big_from = context.uow.announcements.settings(lead.team_id).big_from
        if is_big(lead, big_from):
            announce(lead, Occasion.BIG, big_key(lead), "", context)


def channel_for(team_id: int, context: Context) -> BoundChannel | None:
    """The channel where a team's news are announced; None when it has none.

    The one that a leader chose, as long as it is the team's; without a choice the first that
    receives its digests.
    """
    chosen = context.uow.announcements.settings(team_id)
    channels = context.uow.channels.of_team(team_id)
    if not chosen.conversation:
        return channels[0] if channels else None
    same = (bound for bound in channels if (bound.platform, bound.conversation) == chosen.channel)
    return next(same, None)


def detail_here(announcement: Announcement, context: Context) -> Detail:
    """How much may be told where the card is composed for.

    People have rights of their own; a channel that is not the team's any more learns nothing.
    """
    if context.actor != SYSTEM:
        return Detail.CUSTOMER
    bound = context.uow.channels.of_channel(announcement.platform, announcement.conversation)
    if bound is None or bound.team_id != announcement.team_id:
        return Detail.NOTHING
    return detail_in(bound, context)


def detail_in(bound: BoundChannel, context: Context) -> Detail:
    """How much may be told in a channel, from the readers that came with the request."""
    readers = context.request.conversation.readers or Readers(Told.FAILED)
    colleagues = [account for account, _ in context.uow.people.accounts(bound.platform)]
    return detail_for(readers, verdict_of(bound, context), colleagues)


def history_of(lead: Lead, context: Context) -> list[FollowUp]:
    """The contacts with the customer, newest first."""
    return context.followups.of_lead(lead.id, _LOOKED_THROUGH)


def first_contact(history: Sequence[FollowUp]) -> datetime | None:
    return min((followup.at for followup in history), default=None)


def colleagues_on(lead: Lead, history: Sequence[FollowUp], context: Context) -> list[Person]:
    """The colleagues who worked on the lead beside its owner."""
    involved: list[int | None] = [followup.person_id for followup in history]
    involved += context.uow.collaborators.collaborators(lead.id)
    involved += [task.assignee_id for task in context.tasks.of_lead(lead.id) if not task.is_open]
    return worked_along(lead, involved, context.uow.people.everyone())


def announce_noteworthy(event: DealNoteworthy, context: Context) -> None:
    """Announce what a rule has announced. A win is announced once, whoever announces it."""
    lead = event.lead
    if lead.stage is Stage.WON:
        announce(lead, Occasion.WON, win_key(lead.id), event.words, context)
    elif not _just_told(lead, context):
        key = rule_key(event.rule, event.event_id)
        announce(lead, Occasion.RULE, key, event.words, context)


def _just_told(lead: Lead, context: Context) -> bool:
    """Whether the lead's last move has just been announced as a big deal's, so that a rule about
    the same move has nothing to add."""
    fresh = context.now - lead.stage_since < _SAME_MOVE
    return fresh and context.uow.announcements.with_key(big_key(lead)) is not None


def honours_of(team_id: int, month: Month, context: Context) -> list[Honour]:
    """What each person of a team won in a month, the best first."""
    start, end = context.midnight(month.first), context.midnight(month.next.first)
    sold = context.uow.targets.sold([team_id], start, end, with_lost=False, with_open=False)
    won: dict[int, Sold] = {}
    for (_, owner_id), part in sold.items():
        if owner_id is not None:
            won[owner_id] = won.get(owner_id, Sold()) + part
    return ranked(
        Honour(person, won[person.id].won, won[person.id].revenue)
        for person in context.uow.people.members(team_id)
        if person.id in won
    )


def _announce_win(lead: Lead, context: Context) -> None:
    if not context.uow.announcements.settings(lead.team_id).wins:
        return
    former = context.uow.announcements.with_key(win_key(lead.id))
    if former is not None:
        again = former.once_more(lead.owner_id, context.now)
        context.uow.announcements.save(again)
        context.uow.outbox.refresh(again.subject)
        _post(again, context)
        return
    announce(lead, Occasion.WON, win_key(lead.id), "", context)


def announce(lead: Lead, occasion: Occasion, key: str, words: str, context: Context) -> None:
    """Announce a deal to its team's channel, once for each key."""
    bound = channel_for(lead.team_id, context)
    if bound is None:
        return
    added = context.uow.announcements.add(
        Announcement(
            team_id=lead.team_id,
            lead_id=lead.id,
            occasion=occasion,
            key=key,
            platform=bound.platform,
            conversation=bound.conversation,
            person_id=lead.owner_id,
            stage=lead.stage,
            words=words,
            at=context.now,
        )
    )
    if added is not None:
        _post(added, context)


def _post(announcement: Announcement, context: Context) -> None:
    notice = DealAnnounced(announcement.id, announcement.round)
    context.uow.outbox.add(notice, (announcement.platform, announcement.conversation))


def _take_back(lead: Lead, context: Context) -> None:
    """Redraw the posted announcement; where cards cannot be redrawn, a correction follows."""
    announcement = context.uow.announcements.with_key(win_key(lead.id))
    if announcement is None:
        return
    context.uow.outbox.refresh(announcement.subject)
    notice = WinTakenBack(announcement.id, announcement.round)
    context.uow.outbox.add(notice, (announcement.platform, announcement.conversation))
