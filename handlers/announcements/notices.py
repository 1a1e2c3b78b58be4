"""Notices to a channel: what is announced there, and that a win was taken back."""

from handlers.announcements.cards import announcement_card, honours_card, not_announced_card
from handlers.announcements.cards import taken_back_card as back_card
from handlers.announcements.service import detail_here, detail_in, honours_of
from handlers.core.context import Context
from handlers.core.ui import Card
from sales.announcements import Announcement, Detail, Month, Occasion
from sales.channel_privacy import Withheld, sees_team
from sales.errors import LeadNotFound
from sales.leads import Lead
from sales.notices import AnnouncementWithheld, DealAnnounced, HonoursPosted, WinTakenBack
from sales.people import SYSTEM


def announced_card(notice: DealAnnounced, context: Context, *, again: bool) -> Card | None:
    """The announcement; None when the win was taken back meanwhile, when the posted card says it
    already, or when somebody from outside the company reads there."""
    found = _found(notice.announcement_id, context)
    if found is None:
        return None
    announcement, lead = found
    detail = detail_here(announcement, context)
    holds = announcement.occasion is not Occasion.WON or lead.is_customer
    if again:
        if holds:
            return announcement_card(announcement, lead, detail, context)
        return back_card(announcement, lead, detail, context, subject=announcement.subject)
    redrawn = bool(notice.round) and context.uow.announcements.is_redrawn(announcement)
    if not holds or redrawn or notice.round < announcement.round:
        return None
    if detail is Detail.NOTHING:
        _tell_of_outsiders(announcement.team_id, context)
        return None
    return announcement_card(announcement, lead, detail, context)


def taken_back_card(notice: WinTakenBack, context: Context, *, again: bool) -> Card | None:
    """The correction of an announcement that was posted where no card can be redrawn."""
    found = _found(notice.announcement_id, context)
    if found is None or again:
        return None
    announcement, lead = found
    posted = context.uow.announcements.is_posted(announcement)
    redrawn = context.uow.announcements.is_redrawn(announcement)
    if lead.is_customer or notice.round < announcement.round or not posted or redrawn:
        return None
    detail = detail_here(announcement, context)
    return back_card(announcement, lead, detail, context, subject="")


def honours_notice(notice: HonoursPosted, context: Context, **_again: bool) -> Card | None:
    """The honours of a month; None without a win, where they are switched off, and where not only
    colleagues read."""
    team_id, month = notice.team_id, Month.parse(notice.month)
    if not context.uow.announcements.settings(team_id).honours:
        return None
    honours = honours_of(team_id, month, context)
    if not honours:
        return None
    if not _may_read(team_id, context):
        _tell_of_outsiders(team_id, context)
        return None
    return honours_card(team_id, month, honours, context)


def withheld_card(notice: AnnouncementWithheld, context: Context, **_again: bool) -> Card | None:
    """For a leader: something was not announced, why, and what to do; None once the channel is not
    the team's any more."""
    bound = context.uow.channels.of_channel(notice.platform, notice.conversation)
    if bound is None or bound.team_id != notice.team_id:
        return None
    if not sees_team(context.actor, notice.team_id):
        return None
    return not_announced_card(bound, notice.team_id, context)


def _tell_of_outsiders(team_id: int, context: Context) -> None:
    """Raise Withheld where it is the team's channel and somebody from outside reads there."""
    where = context.request.conversation
    bound = context.uow.channels.of_channel(where.platform, where.id)
    ours = bound is not None and bound.team_id == team_id
    if bound is not None and ours and detail_in(bound, context) is Detail.NOTHING:
        raise Withheld(team_id)


def _may_read(team_id: int, context: Context) -> bool:
    if context.actor != SYSTEM:
        return sees_team(context.actor, team_id)
    where = context.request.conversation
    bound = context.uow.channels.of_channel(where.platform, where.id)
    if bound is None or bound.team_id != team_id:
        return False
    return detail_in(bound, context) in (Detail.CUSTOMER, Detail.COLLEAGUES)


def _found(announcement_id: int, context: Context) -> tuple[Announcement, Lead] | None:
    """The announcement with its lead, as far as the reader may see it."""
    announcement = context.uow.announcements.find(announcement_id)
    if announcement is None:
        return None
    try:
        return announcement, context.leads.get(announcement.lead_id)
    except LeadNotFound:
        return None
