"""Due work: the honours of a month for each team with a channel; what could not be posted."""

from handlers.announcements.service import channel_for
from handlers.core.context import Context
from sales.announcements import Month, honours_due
from sales.jobs import Job, PublishHonours, TellOfWithheld
from sales.notices import AnnouncementWithheld, HonoursPosted
from sales.people import leaders_of


def ensure_honours(context: Context) -> None:
    """Schedule the honours of the month that ends next. Idempotent."""
    month = Month.before(context.today)
    if honours_due(month, context.calendar) <= context.now:
        month = month.next
    _schedule(month, context)


def publish_honours(job: Job[PublishHonours], context: Context) -> None:
    """Job: post a month's honours to the channel of every team that wants them, and schedule the
    next ones. After downtime, of the last month alone."""
    month, newest = Month.parse(job.args.month), Month.before(context.today)
    if month >= newest:
        for team in context.uow.people.teams():
            bound = channel_for(team.id, context)
            if bound and context.uow.announcements.settings(team.id).honours:
                notice = HonoursPosted(team.id, str(month))
                context.uow.outbox.add(notice, (bound.platform, bound.conversation))
    _schedule(max(month.next, newest), context)


def tell_of_withheld(job: Job[TellOfWithheld], context: Context) -> None:
    """Job: tell the leaders of a team that something was not announced, and why."""
    args = job.args
    notice = AnnouncementWithheld(args.team_id, args.platform, args.conversation)
    for person in leaders_of(args.team_id, context.uow.people.everyone()):
        context.uow.outbox.add(notice, person.id)


def _schedule(month: Month, context: Context) -> None:
    due_at = honours_due(month, context.calendar)
    context.uow.jobs.add(Job(PublishHonours(str(month)), due_at, f"honours:{month}"))
