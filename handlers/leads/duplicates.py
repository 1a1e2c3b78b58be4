"""A customer whom we have already, met at any entrance: who may see the lead is led to it, others
to who cares for it, and are told no more than that [P8]."""

from handlers.contact_alerts import told_of_others
from handlers.core.context import Context
from handlers.core.labels import lead_title
from handlers.core.recipients import tell_owner_and_cover
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card
from sales.duplicates import same_customer
from sales.errors import LeadNotFound
from sales.intake import Enquiry
from sales.leads import Lead, Timeframe
from sales.notices import CustomerReturned
from storage.leads.duplicates import Namesake


def visible(lead_id: int, context: Context) -> Lead | None:
    """The lead, when the actor may see it."""
    try:
        return context.leads.get(lead_id)
    except LeadNotFound:
        return None


def refuse_same_contact(draft: Lead, context: Context) -> Reply | None:
    """The same phone or e-mail is the same customer: said beside the field, with the way on
    below it. None when nobody has the contacts."""
    same = context.uow.duplicates.by_contact(draft.phone, draft.email, but=draft.id)
    if same is None:
        return None
    field = "phone" if draft.phone and same.phone == draft.phone else "email"
    return refuse_same(field, same, context)


def refuse_same(field: str, same: Lead, context: Context) -> Reply:
    """Said beside ``field``, with a card of what to do instead."""
    seen = visible(same.id, context)
    words = (
        context.text("problem.duplicate", lead=lead_title(seen))
        if seen
        else context.text("problem.duplicate_hidden")
    )
    known = known_reply(same, context)
    return Reply(errors={field: words}, card=known.card, record=known.record)


def known_reply(same: Lead, context: Context) -> Reply:
    """The lead that is there already, or who can be asked for it."""
    seen = visible(same.id, context)
    if seen:
        return Reply(card=_known_card(seen, context))
    return Reply(card=_cared_for_card(same, context), record=told_of_others())


def alike(draft: Lead, context: Context) -> Namesake | None:
    """The lead that is likely of the same customer: with a like name."""
    threshold = context.playbook.duplicates.alike_from
    candidates = context.uow.duplicates.namesakes(draft.customer, draft.email, but=draft.id)
    named = (one for one in candidates if same_customer(draft.customer, one.customer, threshold))
    return next(named, None)


def _known_card(lead: Lead, context: Context) -> Card:
    return Card(
        title=context.text("duplicate.known", lead=lead_title(lead)),
        body=context.text("duplicate.known_body"),
        buttons=(
            Button("lead.show", context.text("button.open"), lead.number, "primary"),
            Button("followup.log", context.text("button.log"), lead.number),
        ),
    )


def _cared_for_card(lead: Lead, context: Context) -> Card:
    reference = context.uow.duplicates.refer(lead.id, context.actor.id)
    return Card(
        title=context.text("duplicate.cared_for"),
        body=context.text("duplicate.cared_for_body"),
        buttons=(Button("access.ask", context.text("button.ask_access"), reference, "primary"),),
    )


_KEPT = ("customer", "contact", "title", "phone", "email", "need", "industry", "region", "product")


def came_again(known: Lead, draft: Lead, context: Context) -> Enquiry:
    """Keep what was given, and tell the owner, and the leaders while the owner is away; the
    lead itself is for a person to change."""
    said = {name: str(getattr(draft, name)) for name in _KEPT if getattr(draft, name)}
    if draft.timeframe is not Timeframe.UNKNOWN:
        said["timeframe"] = draft.timeframe.value
    if budget := context.typed("budget"):
        said["budget"] = budget
    enquiry = context.uow.enquiries.add(
        Enquiry(lead_id=known.id, at=context.now, source=draft.source, said=said)
    )
    tell_owner_and_cover(CustomerReturned(enquiry.id), known, context)
    return enquiry
