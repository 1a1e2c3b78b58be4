"""The review as it is posted: its first screen, and all parts in the thread under it."""

from handlers.core.channel_posts import teams_and_company
from handlers.core.channel_privacy import Audience, audience_of
from handlers.core.context import Context
from handlers.core.ui import Card
from handlers.monthly_review.cards import details_card, review_card
from handlers.monthly_review.content import Shown, shown_review
from sales.notices import ReviewDetails, ReviewReady
from sales.reports.periods import ReportPeriod


def review_notice(notice: ReviewReady, context: Context, **_again: bool) -> Card | None:
    """The first screen, without people and deals where somebody may not see the team's leads; None
    once the team no longer exists, and for a month in which nothing happened."""
    posted = _posted(notice, context)
    return posted and review_card(posted[0], posted=True, because=posted[1].because)


def details_notice(notice: ReviewDetails, context: Context, **_again: bool) -> Card | None:
    """All parts, as ``review_notice``."""
    posted = _posted(notice, context)
    return posted and details_card(posted[0], because=posted[1].because)


def _posted(notice: ReviewReady | ReviewDetails, context: Context) -> tuple[Shown, Audience] | None:
    if notice.team_id not in teams_and_company(context):
        return None
    audience = audience_of(notice.team_id, context)
    if not audience.names and not audience.in_channel:
        return None
    month = ReportPeriod.of_key(notice.month)
    shown = shown_review(month, notice.team_id, context, names=audience.names)
    return None if shown.review.is_empty else (shown, audience)
