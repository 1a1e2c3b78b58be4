"""Notices about a lead's stage: look at it again, and what happened to its contract."""

from handlers.core.cards import card_of_lead
from handlers.core.context import Context
from handlers.core.labels import enum_label, lead_title, lost_reason_label
from handlers.core.ui import Button, Card, Fact
from handlers.stages.contract_signed import signing_card
from sales.contract_signed import SigningVerdict
from sales.leads import Lead
from sales.notices import LookAgain, SigningReported
from sales.people import SYSTEM


def _look_again_card(lead: Lead, context: Context) -> Card:
    """Reminder that a lead was set aside for now or is of low value, and why."""
    reason = lead.lost_reason and lost_reason_label(
        lead.lost_reason, context.language, context.playbook
    )
    since = context.language.day_of(lead.stage_since)
    facts = [Fact(context.text("lead.stage"), enum_label(lead.stage, context.language))]
    if reason:
        facts.append(Fact(context.text("move.lost"), reason))
    return Card(
        title=context.text("move.look_again_title", lead=lead_title(lead)),
        facts=(*facts, Fact(context.text("move.since"), since)),
        body=lead.need,
        buttons=(
            Button("followup.log", context.text("button.log"), lead.number, "primary"),
            Button("stage.advance", context.text("button.stage"), lead.number),
            Button("lead.show", context.text("button.open"), lead.number),
        ),
        footnote=context.text("move.why_now" if lead.is_set_aside else "move.why_low"),
        subject=lead.subject,
    )


def look_again_card(notice: LookAgain, context: Context, *, again: bool) -> Card | None:
    def draw(lead: Lead) -> Card:
        return _look_again_card(lead, context) if lead.rests else context.lead_card(lead)

    return card_of_lead(notice.lead_id, context, draw, again=again)


def signed_card(notice: SigningReported, context: Context, *, again: bool) -> Card | None:
    """Card of a signing; once a person has settled the amount, the lead's card."""
    signing = context.uow.signings(SYSTEM).get(notice.signing_id)

    def draw(lead: Lead) -> Card:
        settled = signing.verdict is SigningVerdict.SETTLED
        return context.lead_card(lead) if settled else signing_card(signing, lead, context)

    return card_of_lead(signing.lead_id, context, draw, again=again)
