"""The weekly digest: when it is due, which channels receive it, and what its buttons open.

A week of a team or of the company is posted once: the job's key identifies it. After downtime the
last missed week is posted, late; earlier weeks are left to the reports.
"""

from dataclasses import replace
from datetime import datetime

from handlers.core.button_values import unpack
from handlers.core.channel_posts import (
    post_to_channels,
    teams_and_company,
    weekly_notice,
)
from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.core.ui import Card
from handlers.digests.cards import digest_card
from handlers.digests.content import DigestContent
from handlers.digests.details import details_card
from handlers.digests.noise import tell_admins
from handlers.digests.records import a_team, a_week, parse_button_value
from handlers.lead_lists.cards import list_card
from handlers.lead_lists.service import ListPlace
from sales.calendar import week_after
from sales.channel_privacy import sees_team
from sales.errors import UnknownAction
from sales.jobs import Job, PublishDigest
from sales.lead_lists import LeadQuery, LeadSort
from sales.notices import DigestDetails, DigestReady
from sales.posting_times import LATE_AFTER
from sales.reports import Number
from storage.unit_of_work import UnitOfWork

_COMPANY = "company"


def ensure_digests(context: Context) -> None:
    """Schedule the next digest for every team and for the company. Idempotent."""
    due_at, week = context.calendar.next_digest(context.now, context.playbook.digest)
    for team_id in teams_and_company(context):
        _schedule(team_id, week, due_at, context)


def publish(job: Job[PublishDigest], context: Context) -> None:
    """Put a digest in the outbox for every channel bound to its team or to the company, and
    schedule the next one."""
    team_id, week = job.args.team_id, job.args.week
    calendar, rule = context.calendar, context.playbook.digest
    newest = week_after(calendar.next_digest(context.now, rule)[1], -1)
    if calendar.digest_due(week, rule) < calendar.digest_due(newest, rule):
        # Several weeks were missed: only the last of them is due now.
        following = newest
    else:
        following = week_after(week)
        late = context.now - job.due_at > LATE_AFTER
        post(team_id, week, context.uow, late=late)
        if team_id is None:
            tell_admins(week, context)
    _schedule(team_id, following, calendar.digest_due(following, rule), context)


def post(team_id: int | None, week: str, uow: UnitOfWork, *, late: bool = False) -> None:
    """Post a digest, with its details in its thread, to every channel bound to it."""
    first_screen = DigestReady(team_id, week, late)
    post_to_channels(team_id, uow, first_screen, DigestDetails(team_id, week))


def _schedule(team_id: int | None, week: str, due_at: datetime, context: Context) -> None:
    whose = _COMPANY if team_id is None else team_id
    context.uow.jobs.add(Job(PublishDigest(team_id, week), due_at, f"digest:{whose}:{week}"))


def content_of(team_id: int | None, week: str, context: Context) -> DigestContent | None:
    """What the digest of a team, or (None) of the company, is made of; None when the team no longer
    exists."""
    teams = context.uow.people.teams()
    team = next((team for team in teams if team.id == team_id), None)
    if team is None and team_id is not None:
        return None
    return DigestContent(team, week, context)


def weekly_card(
    team_id: int | None,
    week: str,
    context: Context,
    *,
    totals_only: bool = False,
    because: str = "",
) -> Card | None:
    """The first screen of a digest as of now; None when the team no longer exists. ``because`` says
    why it has totals only."""
    content = content_of(team_id, week, context)
    if content is None:
        return None
    return digest_card(content, totals_only=totals_only, because=because)


def weekly_details(
    team_id: int | None,
    week: str,
    context: Context,
    *,
    totals_only: bool = False,
    because: str = "",
) -> Card | None:
    """The rest of a digest, as ``weekly_card``."""
    content = content_of(team_id, week, context)
    if content is None:
        return None
    return details_card(content, totals_only=totals_only, because=because)


def show(context: Context) -> Reply:
    """Button on a digest: the leads behind a number as a list, as far as the person may see
    them."""
    opened = parse_button_value(context.pressed)
    query = LeadQuery.of_figure(opened.figure)
    sort = _ORDERS.get(opened.number, LeadSort.PRESSING)
    return Reply(card=list_card(ListPlace(query=query, sort=sort), context))


def details(context: Context) -> Reply:
    """Button on a digest: the rest of it, for platforms without threads; of a team that the person
    does not see, only totals."""
    team_id, week = unpack(context.pressed, a_team, a_week)
    if not week or not _is_meant_for(team_id, context):
        raise UnknownAction(action="digest.details")
    totals_only = not sees_team(context.actor, team_id)
    card = weekly_details(team_id, week, context, totals_only=totals_only)
    if card is None:
        raise UnknownAction(action="digest.details")
    return Reply(card=card)


def _is_meant_for(team_id: int | None, context: Context) -> bool:
    """Whether the actor may know a digest's totals: it is their team's, or posted where they
    are."""
    if sees_team(context.actor, team_id) or context.actor.team_id == team_id:
        return True
    where = context.request.conversation
    bound = context.uow.channels.of_channel(where.platform, where.id)
    return bound is not None and bound.team_id == team_id


_ORDERS = {
    Number.WON: LeadSort.VALUE,
    Number.NEW: LeadSort.NEWEST,
    Number.HIGH_VALUE: LeadSort.NEWEST,
    Number.STUCK: LeadSort.VALUE,
}


def digest_notice(notice: DigestReady, context: Context, **_again: bool) -> Card | None:
    card = weekly_notice(notice, weekly_card, context)
    if card is None or not notice.late:
        return card
    due_at = context.calendar.digest_due(notice.week, context.playbook.digest)
    late = context.text("digest.late", at=context.language.moment(due_at))
    return replace(card, footnote=f"{card.footnote}\n{late}")


def details_notice(notice: DigestDetails, context: Context, **_again: bool) -> Card | None:
    return weekly_notice(notice, weekly_details, context)
