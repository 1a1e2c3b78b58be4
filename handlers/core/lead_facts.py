"""Facts about a lead that the cards of several subjects show."""

from handlers.core.context import Context
from handlers.core.due_dates import due_label
from handlers.core.labels import enum_label, lost_reason_label, term_label
from handlers.core.ui import Button, Fact
from sales.leads import Lead, Stage, mask_email, mask_phone, mask_wechat
from sales.people import Role
from sales.permissions import may


def loss_text(lead: Lead, context: Context) -> str:
    """Why a lead was lost, as far as somebody said; empty for one that is not."""
    if lead.stage is not Stage.LOST:
        return ""
    return context.said(lost_reason_label(lead.lost_reason, context.language, context.playbook))


def sum_facts(lead: Lead, context: Context) -> tuple[Fact, ...]:
    # What is only expected of an open deal is no matter of those it may be handed to.
    signed = lead.amount if lead.is_customer else None
    amount = context.language.money(signed) if signed is not None else ""
    rows = (("lead.amount", amount), ("lead.contract", lead.contract))
    return tuple(Fact(context.text(key), value) for key, value in rows if value)


def terms_facts(lead: Lead, context: Context) -> tuple[Fact, ...]:
    """The deal's terms. Product people see only what is delivered, not payment and liability."""
    terms = {"specification": lead.specification}
    if context.actor.role is not Role.PRODUCT:
        terms |= {"payment": lead.payment, "liability": lead.liability}
    return tuple(
        Fact(context.text(f"deal.{name}"), value) for name, value in terms.items() if value
    )


def deal_facts(lead: Lead, context: Context) -> tuple[Fact, ...]:
    """What was sold, by whom and for how much; no personal data from the customer's side."""
    words, language = context.playbook.vocabulary, context.language
    owner = (
        context.uow.people.get(lead.owner_id).name if lead.owner_id else context.text("lead.nobody")
    )
    rows = (
        ("lead.stage", enum_label(lead.stage, language)),
        # Free text about a customer is for those who sell.
        ("move.lost", loss_text(lead, context) if context.actor.sells else ""),
        ("lead.industry", term_label(words.industries, lead.industry, language)),
        ("lead.product", term_label(words.products, lead.product, language)),
    )
    facts = tuple(Fact(context.text(key), value) for key, value in rows if value)
    seller = Fact(context.text("lead.owner"), owner)
    return (*facts, *sum_facts(lead, context), *terms_facts(lead, context), seller)


def contact_facts(lead: Lead, context: Context) -> tuple[Fact, ...]:
    """The contact with phone and e-mail masked; empty for people who may not contact customers."""
    if not may(context.actor, "contact.ask"):
        return ()
    contact = " · ".join(part for part in (lead.contact, lead.title) if part)
    rows = (("lead.contact", contact), ("lead.reach", masked_ways(lead, context)))
    return tuple(Fact(context.text(key), value) for key, value in rows if value)


def masked_ways(lead: Lead, context: Context) -> str:
    """Every way to reach the contact, masked, in one line."""
    ways = [*map(mask_phone, lead.phones), *map(mask_email, lead.emails)]
    if lead.wechat:
        ways.append(f"{context.text('lead.wechat')} {mask_wechat(lead.wechat)}")
    return " · ".join(ways)


def contact_buttons(lead: Lead, context: Context) -> tuple[Button, ...]:
    if not lead.is_reachable or not may(context.actor, "contact.ask"):
        return ()
    return (Button("contact.ask", context.text("button.contact"), lead.number),)


def call_button(lead: Lead, context: Context) -> tuple[Button, ...]:
    """Shows the contact at one press, of a lead that is to be called now."""
    if not lead.is_reachable or not may(context.actor, "contact.call"):
        return ()
    label = context.text("button.phone" if lead.phones else "button.contact")
    return (Button("contact.call", label, lead.number),)


def next_step_text(lead: Lead, context: Context) -> str:
    """``Nov 27, Fri: send the proposal``; empty without a next step."""
    if lead.next_at is None:
        return ""
    return context.text("lead.next_step", day=due_label(lead, context), step=lead.next_step)
