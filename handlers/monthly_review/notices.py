"""The review posted to a channel, as those who read there may see it."""

from handlers.core.channel_privacy import reason, verdict_here
from handlers.core.context import Context
from handlers.core.ui import Card
from handlers.monthly_review.cards import review_card
from handlers.monthly_review.content import shown_review
from sales.channel_privacy import sees_team
from sales.notices import ReviewReady
from sales.people import SYSTEM
from sales.reports.periods import ReportPeriod


def review_notice(notice: ReviewReady, context: Context, **_again: bool) -> Card | None:
    """The first screen; None once the team no longer exists. Where somebody may not see the team's
    leads, without people and deals."""
    teams = {team.id for team in context.uow.people.teams()}
    if notice.team_id is not None and notice.team_id not in teams:
        return None
    names, because = sees_team(context.actor, notice.team_id), ""
    if context.actor == SYSTEM:
        verdict = verdict_here(context)
        names = verdict is not None and verdict.names
        because = reason(verdict, context) if verdict and not names else ""
    elif not names:
        return None
    month = ReportPeriod.of_key(notice.month)
    it = shown_review(month, notice.team_id, context, names=names)
    return review_card(it, posted=True, because=because)
