"""Due work: the review of a month, once for each team and the company, where channels are bound."""

from handlers.core.channel_posts import post_to_channels, teams_and_company
from handlers.core.context import Context
from sales.jobs import Job, PublishReview
from sales.notices import ReviewDetails, ReviewReady
from sales.reports.periods import ReportPeriod
from sales.reports.review import last_due, review_due


def ensure_reviews(context: Context) -> None:
    """Schedule the review of the month that is due next. Idempotent."""
    newest = last_due(context.now, context.calendar, context.playbook.review)
    _schedule(newest.next, context)


def publish_review(job: Job[PublishReview], context: Context) -> None:
    """Job: put a month's review in the outbox for every bound channel, and schedule the next one.
    After downtime, of the last month alone."""
    month = ReportPeriod.of_key(job.args.month)
    newest = last_due(context.now, context.calendar, context.playbook.review)
    if month >= newest:
        for team_id in teams_and_company(context):
            notices = ReviewReady(team_id, month.key), ReviewDetails(team_id, month.key)
            post_to_channels(team_id, context.uow, *notices)
        newest = month.next
    _schedule(newest, context)


def _schedule(month: ReportPeriod, context: Context) -> None:
    due_at = review_due(month, context.calendar, context.playbook.review)
    context.uow.jobs.add(Job(PublishReview(month.key), due_at, f"review:{month.key}"))
