"""When a lost deal's owner is asked what was learnt, and the review of a lead."""

from datetime import timedelta

from handlers.core.context import Context
from sales.jobs import AskForLossReview, Job
from sales.leads import Lead, Stage
from sales.loss_reviews import LossReview, is_asked_about, may_write
from sales.people import SYSTEM


def plan_loss_review(lead: Lead, before: Stage, context: Context) -> None:
    """After a deal moved to lost: its review is open, and its owner is asked on their next working
    morning, when the loss is no longer fresh; nobody is asked twice about a deal. One that goes on
    is not asked about."""
    if before is Stage.LOST:
        forget_question(lead, context)
    if lead.stage is not Stage.LOST or lead.closed_at is None:
        return
    reviews = context.uow.loss_reviews(SYSTEM)
    review = reviews.latest(lead.id)
    if review is not None:
        review = reviews.save(review.lost_again(lead.closed_at))
    elif is_asked_about(lead, context.playbook.loss_review):
        review = reviews.add(LossReview(lead_id=lead.id, lost_at=lead.closed_at))
    if review is not None and not review.is_written and review.asked_at is None:
        _ask_next_morning(lead, context)


def forget_question(lead: Lead, context: Context) -> None:
    """After a loss was taken back: do not ask about it."""
    context.uow.jobs.cancel(AskForLossReview, lead.id)


def review_of(lead: Lead, context: Context) -> LossReview | None:
    """The review of a lead, written or open, as the actor may see it; None without one."""
    return context.uow.loss_reviews(context.actor).latest(lead.id)


def may_review(lead: Lead, review: LossReview | None, context: Context) -> bool:
    """Whether the actor may write, or change, what was learnt from a deal that is lost."""
    return lead.stage is Stage.LOST and may_write(context.actor, lead, review)


def _ask_next_morning(lead: Lead, context: Context) -> None:
    calendar = context.calendar_of(lead.owner_id)
    tomorrow = calendar.day_of(context.now) + timedelta(days=1)
    morning = calendar.next_opening(calendar.midnight(tomorrow))
    lost = int(lead.closed_at.timestamp()) if lead.closed_at else 0
    key = f"loss_review:{lead.id}:{lost}"
    context.uow.jobs.add(Job(AskForLossReview(lead.id), morning, key))
