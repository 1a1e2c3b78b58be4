"""The notice that a customer asked something on a proposal's page, or accepted it there."""

from handlers.core.cards import card_of_lead
from handlers.core.context import Context
from handlers.core.labels import enum_label, lead_title
from handlers.core.lead_facts import contact_buttons
from handlers.core.ui import Button, Card, Fact
from handlers.proposals.cards import accepted_amount
from sales.leads import Lead, mask_email
from sales.notices import ProposalAnswered, ProposalMailFailed
from sales.people import SYSTEM
from sales.proposals import CustomerReply, ReplyKind


def answered_notice(notice: ProposalAnswered, context: Context, *, again: bool) -> Card | None:
    """The card of what the customer wrote."""
    reply = context.uow.proposals(SYSTEM).reply(notice.reply_id)
    if reply is None:
        return None
    return card_of_lead(
        reply.lead_id, context, lambda lead: _card(reply, lead, context), again=again
    )


def _card(reply: CustomerReply, lead: Lead, context: Context) -> Card:
    text, accepted = context.text, reply.kind is ReplyKind.ACCEPTED
    log = Button(
        "followup.log", text("button.log"), lead.number, "plain" if accepted else "primary"
    )
    move = Button("stage.advance", text("button.stage"), lead.number, "primary")
    show = Button("proposal.show", text("button.show_proposal"), str(reply.proposal_id))
    return Card(
        title=text(f"proposal.{reply.kind}_title", lead=lead_title(lead)),
        facts=_facts(reply, lead, context),
        body=reply.words,
        buttons=(
            *((move,) if accepted and not lead.is_customer else ()),
            log,
            *contact_buttons(lead, context),
        ),
        more=(Button("lead.show", text("button.open"), lead.number), show),
        footnote=text(f"proposal.{reply.kind}_why", at=context.language.moment(reply.at)),
        tone="good",
        subject=lead.subject,
    )


def _facts(reply: CustomerReply, lead: Lead, context: Context) -> tuple[Fact, ...]:
    rows = (
        ("proposal.reply_name", reply.name),
        ("proposal.accepted_edition", accepted_amount(reply, context)),
        ("lead.stage", enum_label(lead.stage, context.language)),
    )
    return tuple(Fact(context.text(key), value) for key, value in rows if value)


def mail_failed_notice(notice: ProposalMailFailed, context: Context, *, again: bool) -> Card | None:
    """The card of a mail that did not reach the customer, and what to do instead."""
    mail = context.uow.proposals(SYSTEM).mail(notice.mail_id)
    if mail is None:
        return None

    def draw(lead: Lead) -> Card:
        text = context.text
        show = Button("proposal.show", text("button.show_proposal"), str(mail.proposal_id))
        return Card(
            title=text("proposal.mail_failed_title", lead=lead_title(lead)),
            facts=(Fact(text("proposal.mail_to"), mask_email(mail.address)),),
            body=text(f"proposal.mail_failed_{mail.problem}"),
            buttons=(show, Button("lead.show", text("button.open"), lead.number)),
            tone="warning",
        )

    return card_of_lead(mail.lead_id, context, draw, again=again)
