"""Notices about a lead: its customer wrote again."""

from collections.abc import Mapping

from handlers.core.cards import card_of_lead
from handlers.core.context import Context
from handlers.core.labels import (
    budget_label,
    enum_label,
    lead_title,
    open_button,
    source_label,
    term_label,
)
from handlers.core.ui import Button, Card, Fact
from sales.amounts import parse_budget
from sales.intake import Enquiry
from sales.leads import Lead, Timeframe, mask_contact, mask_email, mask_phone, mask_wechat
from sales.notices import CustomerReturned, LeadCardMoved, LeadShown


def _enquiry_card(enquiry: Enquiry, lead: Lead, context: Context) -> Card:
    """Who wrote again, when and through which channel, and what they said; contacts stay masked."""
    language = context.language
    log = Button("followup.log", context.text("button.log"), lead.number, "primary")
    buttons = [log, Button("lead.show", context.text("button.open"), lead.number)]
    if lead.is_set_aside:
        buttons.append(Button("stage.advance", context.text("button.stage"), lead.number))
    if lead.phone or lead.email:
        buttons.append(Button("contact.ask", context.text("button.contact"), lead.number))
    return Card(
        title=context.text("enquiry.title", lead=lead_title(lead)),
        facts=_facts(enquiry, lead, context),
        body=enquiry.said.get("need", ""),
        buttons=tuple(buttons),
        footnote=context.text("enquiry.why", at=language.moment(enquiry.at)),
        tone="good",
        subject=lead.subject,
    )


def _facts(enquiry: Enquiry, lead: Lead, context: Context) -> tuple[Fact, ...]:
    language, words, said = context.language, context.playbook.vocabulary, enquiry.said
    timeframe = said.get("timeframe", "")
    budget = parse_budget(said["budget"], 1, language.amount_style) if "budget" in said else None
    rows = (
        ("lead.source", source_label(enquiry.source, language, context.playbook)),
        ("lead.contact", _joined(said.get("contact", ""), said.get("title", ""))),
        ("lead.reach", _reach(said, context)),
        ("lead.product", term_label(words.products, said.get("product", ""), language)),
        ("lead.budget", budget_label(*budget, language) if budget else ""),
        ("lead.timeframe", enum_label(Timeframe(timeframe), language) if timeframe else ""),
        ("lead.stage", enum_label(lead.stage, language)),
    )
    return tuple(Fact(context.text(key), value) for key, value in rows if value)


def _reach(said: Mapping[str, str], context: Context) -> str:
    others = (mask_contact(one) for one in said.get("others", "").split(" / ") if one)
    wechat = mask_wechat(said.get("wechat", ""))
    return _joined(
        mask_phone(said.get("phone", "")),
        mask_email(said.get("email", "")),
        *others,
        f"{context.text('lead.wechat')} {wechat}" if wechat else "",
    )


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def returned_card(notice: CustomerReturned, context: Context, *, again: bool) -> Card | None:
    enquiry = context.uow.enquiries.get(notice.enquiry_id)
    return card_of_lead(
        enquiry.lead_id, context, lambda lead: _enquiry_card(enquiry, lead, context), again=again
    )


def shown_card(notice: LeadShown, context: Context, *, again: bool) -> Card | None:
    """The lead's card that answered somebody, in its present state."""
    return card_of_lead(notice.lead_id, context, context.lead_card, again=again)


def moved_card(notice: LeadCardMoved, context: Context, *, again: bool) -> Card | None:
    """The line left of a lead's card once there is a newer one further down."""
    return card_of_lead(
        notice.lead_id, context, lambda lead: _moved_line(lead, context), again=again
    )


def _moved_line(lead: Lead, context: Context) -> Card:
    return Card(
        title="",
        body=context.text("lead.card_moved", lead=lead.number),
        buttons=(open_button(lead, context.language),),
        subject=lead.subject,
    )
