"""The question about a lost deal, as it stands."""

from handlers.core.cards import card_of_lead
from handlers.core.context import Context
from handlers.core.ui import Card
from handlers.loss_reviews.cards import asked_card, review_card
from handlers.loss_reviews.service import review_of
from sales.leads import Lead, Stage
from sales.notices import LossReviewAsked


def asked_notice(notice: LossReviewAsked, context: Context, *, again: bool) -> Card | None:
    """Card that asks; once answered, the answer; for a deal that goes on again, the lead's."""

    def draw(lead: Lead) -> Card | None:
        review = review_of(lead, context)
        if lead.stage is not Stage.LOST or review is None:
            return context.lead_card(lead) if again else None
        if review.is_written:
            return review_card(lead, review, context) if again else None
        return asked_card(lead, context)

    return card_of_lead(notice.lead_id, context, draw, again=again)
