"""Notices to a channel: what is announced there, and that a win was taken back."""

from handlers.announcements.cards import announcement_card
from handlers.announcements.cards import taken_back_card as back_card
from handlers.announcements.service import detail_here
from handlers.core.context import Context
from handlers.core.ui import Card
from sales.announcements import Announcement, Detail, Occasion
from sales.errors import LeadNotFound
from sales.leads import Lead
from sales.notices import DealAnnounced, WinTakenBack


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
    if not holds or redrawn or notice.round < announcement.round or detail is Detail.NOTHING:
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


def _found(announcement_id: int, context: Context) -> tuple[Announcement, Lead] | None:
    """The announcement with its lead, as far as the reader may see it."""
    announcement = context.uow.announcements.find(announcement_id)
    if announcement is None:
        return None
    try:
        return announcement, context.leads.get(announcement.lead_id)
    except LeadNotFound:
        return None
