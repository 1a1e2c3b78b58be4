"""Due work: the review of a month, once for each team and the company, where channels are bound."""

from handlers.core.context import Context
from sales.jobs import Job, PublishReview
from sales.notices import ReviewReady
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
        for team_id in (*(team.id for team in context.uow.people.teams()), None):
            for bound in context.uow.channels.of_team(team_id):
                notice = ReviewReady(team_id, month.key)
                context.uow.outbox.add(notice, (bound.platform, bound.conversation))
        newest = month.next
    _schedule(newest, context)


def _schedule(month: ReportPeriod, context: Context) -> None:
    due_at = review_due(month, context.calendar, context.playbook.review)
    context.uow.jobs.add(Job(PublishReview(month.key), due_at, f"review:{month.key}"))
