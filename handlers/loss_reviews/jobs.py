"""Due work: ask the owner of a lost deal what was learnt."""

from handlers.core.context import Context
from handlers.core.recipients import notify_owner
from sales.errors import LeadNotFound
from sales.jobs import AskForLossReview, Job
from sales.leads import Stage
from sales.notices import LossReviewAsked
from sales.people import SYSTEM


def ask(job: Job[AskForLossReview], context: Context) -> None:
    """Job: ask once, unless the deal goes on, its review is written, or it is no more."""
    try:
        # Locked first, so that nobody writes the review or takes the deal up meanwhile.
        lead = context.leads.get(job.args.lead_id)
    except LeadNotFound:
        return
    reviews = context.uow.loss_reviews(SYSTEM)
    review = reviews.latest(lead.id)
    if lead.stage is not Stage.LOST or review is None:
        return
    if review.is_written or review.asked_at is not None:
        return
    reviews.save(review.asked(context.now))
    notify_owner(LossReviewAsked(lead.id), lead, context)
