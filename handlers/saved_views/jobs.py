"""Due work: post a saved view, once a day at most, and schedule its next post."""

from handlers.core.context import Context
from handlers.saved_views.service import (
    calendar_for,
    due_later,
    end_posting,
    schedule_next,
    why_over,
)
from sales.jobs import Job, PostView
from sales.notices import ViewPosted
from sales.posting_times import LATE_AFTER
from sales.saved_views import Posting, PostingEnd


def publish(job: Job[PostView], context: Context) -> None:
    """Put a view into the outbox for its reader or channel.

    After downtime one post is late, and those missed before it are left out; it is left out, too,
    when the next one is due within the hour. A posting whose reader, channel or view is gone ends.
    """
    posting = context.uow.view_postings.find(job.args.posting_id)
    if posting is None or posting.ended_at:
        return
    if why := why_over(posting, context):
        end_posting(posting, why, context)
        return
    if due_at := due_later(posting, job, context):
        key = f"view:{posting.id}:{job.args.day.isoformat()}:{due_at.timestamp():.0f}"
        context.uow.jobs.add(Job(job.args, due_at, key))
        return
    after = max(context.now, job.due_at)
    if not _is_soon_again(posting, job, context) and context.uow.view_postings.post_on(
        posting, job.args.day
    ):
        notice = ViewPosted(posting.id, job.args.day.isoformat())
        context.uow.outbox.add(notice, posting.person_id or posting.channel)
    if schedule_next(posting, after, context) is None:
        end_posting(posting, PostingEnd.NEVER_DUE, context)


def _is_soon_again(posting: Posting, job: Job[PostView], context: Context) -> bool:
    """Whether a late post would come shortly before the next one."""
    if context.now - job.due_at <= LATE_AFTER:
        return False
    following = posting.times.after(context.now, calendar_for(posting, context))
    _, due_at = next(following, (None, None))
    return due_at is not None and due_at - context.now <= LATE_AFTER
