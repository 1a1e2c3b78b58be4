"""A lead as a card: what is known, why it is yours, what to do next."""

from handlers.core.context import Context
from handlers.core.ui import Button, Fact
from handlers.followups.next_step import due_label
from sales.leads import Lead, mask_email, mask_phone
from sales.permissions import may


def contact_facts(lead: Lead, context: Context) -> tuple[Fact, ...]:
    """The contact with phone and e-mail masked; nothing for who does not reach customers."""
    if not may(context.actor, "contact.ask"):
        return ()
    contact = " · ".join(part for part in (lead.contact, lead.title) if part)
    ways = " · ".join(part for part in (mask_phone(lead.phone), mask_email(lead.email)) if part)
    rows = (("lead.contact", contact), ("lead.reach", ways))
    return tuple(Fact(context.text(key), value) for key, value in rows if value)


def contact_buttons(lead: Lead, context: Context) -> tuple[Button, ...]:
    if not (lead.phone or lead.email) or not may(context.actor, "contact.ask"):
        return ()
    return (Button("contact.ask", context.text("button.contact"), lead.number),)


def next_step_text(lead: Lead, context: Context) -> str:
    """``Nov 27, Fri: send the proposal``; empty without a next step."""
    if lead.next_at is None:
        return ""
    return context.text("lead.next_step", day=due_label(lead.next_at, context), step=lead.next_step)
