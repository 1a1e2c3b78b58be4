"""The one form of a loss review, and its parser."""

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import lead_title
from handlers.core.lead_facts import loss_text
from handlers.core.ui import Checklist, Field, Form, LongText, Option, Text
from sales.contacts import mask_contacts
from sales.leads import Lead
from sales.loss_reviews import LossReview, LossWords
from sales.permissions import may

LONGEST = {"learnt": 1000, "would_have_helped": 1000, "competitor": 80}
"""Maximum number of characters per field."""
SHARE = "share"


def review_form(lead: Lead, review: LossReview | None, context: Context) -> Form:
    """The form, filled with what is written already."""
    words = review.words if review else LossWords()
    fields: list[Field] = [
        LongText(
            name=name,
            label=context.text(f"loss_review.{name}"),
            required=name == "learnt",
            value=getattr(words, name),
            placeholder=context.text(f"loss_review.{name}_example"),
            max_length=LONGEST[name],
        )
        for name in ("learnt", "would_have_helped")
    ]
    competitor = Text(
        name="competitor",
        label=context.text("loss_review.competitor"),
        value=words.competitor,
        hint=context.text("loss_review.competitor_hint"),
        max_length=LONGEST["competitor"],
    )
    fields.append(competitor)
    if _may_share(review, context):
        fields.append(_share(context))
    lost = context.text("loss_review.intro", lead=lead_title(lead), reason=loss_text(lead, context))
    return Form(
        action="loss_review.save",
        title=context.text("loss_review.form"),
        intro=lost,
        fields=tuple(fields),
        submit=context.text("button.save"),
        cancel=context.text("button.cancel"),
        state={"lead": lead.number, "version": str(review.version if review else -1)},
    )


def read_review(review: LossReview | None, context: Context) -> tuple[LossWords, bool]:
    """The words, without contacts, and whether to share them in the library."""
    with FormReader(context) as form:
        words = LossWords(
            learnt=mask_contacts(form.words("learnt", LONGEST["learnt"], missing="learnt_missing")),
            would_have_helped=mask_contacts(
                form.words("would_have_helped", LONGEST["would_have_helped"])
            ),
            competitor=mask_contacts(form.line("competitor", LONGEST["competitor"])),
        )
        share = SHARE in form.some_of("share", (SHARE,))
    return words, share and _may_share(review, context)


def _may_share(review: LossReview | None, context: Context) -> bool:
    shared = review is not None and review.item_id is not None
    return not shared and may(context.actor, "library.create")


def _share(context: Context) -> Checklist:
    return Checklist(
        name="share",
        label=context.text("loss_review.share"),
        options=(Option(SHARE, context.text("loss_review.share_yes")),),
        hint=context.text("loss_review.share_hint"),
    )
