"""Write, change, share and read loss reviews."""

from collections.abc import Sequence

from handlers.core.context import Context
from handlers.core.labels import lost_reason_label, term_label
from handlers.core.recipients import people_responsible_for
from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM
from handlers.core.ui import Card
from handlers.library.service import store_item
from handlers.loss_reviews.cards import month_card, review_card
from handlers.loss_reviews.forms import read_review, review_form
from handlers.loss_reviews.service import may_review, review_of
from sales.errors import LossReviewNotFound, ReviewOfOthers
from sales.leads import Lead, Stage, lead_id_of
from sales.library import Content, ItemKind, Tags, Wording
from sales.loss_reviews import LossReview, LossWords
from sales.reports.periods import PeriodKind, ReportPeriod

_QUOTED = 300


def write(context: Context) -> Reply:
    """Button: the form; what is written already is in it."""
    lead = context.leads.get(lead_id_of(context.pressed))
    if lead.stage is not Stage.LOST:
        return Reply(update=context.lead_card(lead), toast=_goes_on(lead, context))
    review = review_of(lead, context)
    _guard(lead, review, context)
    return Reply(form=review_form(lead, review, context))


def save(context: Context) -> Reply:
    """Form: what was learnt; without overwriting what somebody else wrote meanwhile."""
    lead = context.leads.get(lead_id_of(context.request.state.get("lead", "")))
    if lead.stage is not Stage.LOST:
        return Reply(card=context.lead_card(lead), toast=_goes_on(lead, context))
    review = review_of(lead, context)
    _guard(lead, review, context)
    words, share = read_review(review, context)
    if meanwhile := _written_meanwhile(lead, review, words, context):
        return meanwhile
    saved = _store(lead, review, words, context)
    if share:
        saved = _share(lead, saved, context)
    context.uow.outbox.refresh(lead.subject)
    key = "loss_review.saved_shared" if share else "loss_review.saved"
    return Reply(update=context.lead_card(lead), toast=context.text(key))


def show(context: Context) -> Reply:
    """Button: one review in full."""
    lead = context.leads.get(lead_id_of(context.pressed))
    review = review_of(lead, context)
    if review is None or not review.is_written:
        raise LossReviewNotFound
    return Reply(card=review_card(lead, review, context))


def open_list(context: Context) -> Reply:
    """``/loss reviews``: this month's, or last month's while this one has none."""
    month = ReportPeriod.month_of(context.today)
    reviews = _of_month(month, context)
    if not reviews:
        month = month.previous
        reviews = _of_month(month, context)
    return Reply(card=_list_card(month, reviews, context))


def open_list_of(month: ReportPeriod, context: Context) -> Reply:
    """The reviews of a month that was named: ``9月丢单复盘``."""
    return Reply(card=_list_card(month, _of_month(month, context), context))


def open_month(context: Context) -> Reply:
    """Button: another month, in its place."""
    try:
        month = ReportPeriod.of_key(context.pressed)
    except ValueError:
        month = ReportPeriod.month_of(context.today)
    if month.kind is not PeriodKind.MONTH:
        month = ReportPeriod.month_of(month.first)
    return Reply(update=_list_card(month, _of_month(month, context), context))


def _of_month(month: ReportPeriod, context: Context) -> tuple[LossReview, ...]:
    start, end = month.window(context.calendar)
    return context.uow.loss_reviews(context.actor).all_of_period(start, end)


def _list_card(month: ReportPeriod, reviews: Sequence[LossReview], context: Context) -> Card:
    leads = context.leads.some([review.lead_id for review in reviews])
    return month_card(month, reviews, leads, context)


def _guard(lead: Lead, review: LossReview | None, context: Context) -> None:
    """Raise ReviewOfOthers, naming who may, for a review that the actor may not write."""
    if may_review(lead, review, context):
        return
    names = [person.name for person in people_responsible_for(lead, context)]
    if review is not None and review.written_by is not None:
        names = [context.uow.people.get(review.written_by).name]
    raise ReviewOfOthers(lead=lead.number, who=context.language.listing(names))


def _goes_on(lead: Lead, context: Context) -> str:
    return context.text("loss_review.goes_on", lead=lead.number)


def _written_meanwhile(
    lead: Lead, review: LossReview | None, words: LossWords, context: Context
) -> Reply | None:
    """The form again, with what was typed, and what a colleague wrote since it was opened."""
    if review is None or not review.is_written or review.words == words:
        return None
    if context.request.state.get("version") == str(review.version):
        return None
    writer = context.uow.people.get(review.changed_by or review.written_by or 0)
    form = review_form(lead, review.written(words, context.actor, context.now), context)
    said = context.text("loss_review.meanwhile", name=writer.name, words=review.learnt[:_QUOTED])
    return Reply(form=form, errors={WHOLE_FORM: said})


def _store(lead: Lead, review: LossReview | None, words: LossWords, context: Context) -> LossReview:
    reviews = context.uow.loss_reviews(context.actor)
    if review is None:
        lost_at = lead.closed_at or lead.stage_since
        review = reviews.add(LossReview(lead_id=lead.id, lost_at=lost_at))
    saved = reviews.save(review.written(words, context.actor, context.now))
    context.uow.audit.record(context.actor, "loss_review.save", lead.subject, {})
    return saved


def _share(lead: Lead, review: LossReview, context: Context) -> LossReview:
    """Propose the review to the library, without the customer's name; people there decide."""
    text = context.text
    parts = [review.learnt]
    if review.would_have_helped:
        parts += ["", text("loss_review.would_have_helped"), review.would_have_helped]
    if review.competitor:
        parts += ["", text("loss_review.lost_to", name=review.competitor)]
    anonymous = "\n".join(parts).replace(lead.customer, text("loss_review.the_customer"))
    wording = Wording(title=_title(lead, context), text=anonymous)
    content = Content(words={context.language.locale: wording}, tags=Tags(stage=Stage.NEGOTIATION))
    item = store_item(ItemKind.GUIDE, content, context)
    return context.uow.loss_reviews(context.actor).save(review.shared(item.id))


def _title(lead: Lead, context: Context) -> str:
    """``Lost deal: Price · IT``: what it was lost for, and of which industry."""
    key = lead.lost_reason.partition("-")[0]
    reason = lost_reason_label(key, context.language, context.playbook)
    industries = context.playbook.vocabulary.industries
    industry = term_label(industries, lead.industry, context.language)
    about = " · ".join(filter(None, (reason, industry)))
    return context.text("loss_review.library_title", about=about)
