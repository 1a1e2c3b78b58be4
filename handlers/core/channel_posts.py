"""What comes to a team's and the company's channels when it is due: digest, review, agenda.

A post is a first screen with what matters; the rest is posted in its thread, on platforms that have
threads, and a button opens it everywhere. Both carry the thread's name (``Card.starts`` and
``Card.thread``), by which delivery finds the first screen. Each is composed when it is delivered,
for those who read the channel then.
"""

from datetime import datetime
from typing import Protocol

from handlers.core.channel_privacy import audience_of
from handlers.core.context import Context
from handlers.core.ui import Card
from sales.notices import DigestDetails, DigestReady, Notice, SyncDue
from sales.posting_times import LATE_AFTER
from storage.unit_of_work import UnitOfWork


def post_to_channels(team_id: int | None, uow: UnitOfWork, *notices: Notice) -> None:
    """Put the notices, the first screen first, in the outbox for every channel bound to the team,
    or with None to the company."""
    for bound in uow.channels.of_team(team_id):
        for notice in notices:
            uow.outbox.add(notice, (bound.platform, bound.conversation))


def teams_and_company(context: Context) -> tuple[int | None, ...]:
    """Whose channels posts may be for: every team, and None for the company."""
    return (*(team.id for team in context.uow.people.teams()), None)


def thread_name(kind: str, team_id: int | None, period: str) -> str:
    """The name of the thread under a post: ``digest:1:2026-W47``, ``review:all:2026-10``."""
    return f"{kind}:{'all' if team_id is None else team_id}:{period}"


def late_line(due_at: datetime, context: Context) -> str:
    """Says when a post was due; empty for one in time."""
    if context.now - due_at <= LATE_AFTER:
        return ""
    return context.text("digest.late", at=context.language.moment(due_at))


class WeeklyCard(Protocol):
    """Draws a team channel's weekly card; ``because`` says why it has totals only."""

    def __call__(
        self, team_id: int | None, week: str, context: Context, *, totals_only: bool, because: str
    ) -> Card | None: ...


def weekly_notice(
    notice: DigestReady | DigestDetails | SyncDue, draw: WeeklyCard, context: Context
) -> Card | None:
    """The card of a week as its audience may see it."""
    audience = audience_of(notice.team_id, context)
    return draw(
        notice.team_id,
        notice.week,
        context,
        totals_only=not audience.names,
        because=audience.because,
    )
