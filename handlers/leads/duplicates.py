"""Duplicate detection: an existing customer's lead, wherever the customer comes up again [P8].

People who may see the lead are taken to it; others learn only that a colleague cares for the
customer, and can ask for access.
"""

from handlers.contact_alerts import record_matches
from handlers.core.context import Context
from handlers.core.labels import lead_title
from handlers.core.recipients import notify_owner_and_cover
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card
from sales.duplicates import same_customer
from sales.errors import LeadNotFound
from sales.intake import Enquiry
from sales.leads import Lead, Timeframe
from sales.notices import CustomerReturned
from storage.leads.duplicates import Namesake


def visible_lead(lead_id: int, context: Context) -> Lead | None:
    """The lead, if the actor may see it."""
    try:
        return context.leads.get(lead_id)
    except LeadNotFound:
        return None


def refuse_same_contact(draft: Lead, context: Context, stored: Lead | None = None) -> Reply | None:
    """Refuse a lead with an existing phone number, e-mail or WeChat id: the same contact is the
    same customer. The error appears beside the field, with what to do next below it. None when the
    contacts are new."""
    # Leads from before WeChat ids were compared may share one; only a new one is refused.
    changed = stored is None or stored.wechat != draft.wechat
    others = (*draft.others, draft.wechat_key) if changed else draft.others
    same = context.uow.duplicates.by_contact(draft.phone, draft.email, others, but=draft.id)
    if same is None:
        return None
    shared = {"phone": {*draft.phones} & {*same.phones}, "email": {*draft.emails} & {*same.emails}}
    field = next((name for name, contacts in shared.items() if contacts), "wechat")
    return refuse_same(field, same, context)


def refuse_same(field: str, same: Lead, context: Context) -> Reply:
    """An error beside ``field``, with a card of what to do instead."""
    seen = visible_lead(same.id, context)
    words = (
        context.text("problem.duplicate", lead=lead_title(seen))
        if seen
        else context.text("problem.duplicate_hidden")
    )
    reply = known_reply(same, context)
    return Reply(errors={field: words}, card=reply.card, record=reply.record)


def known_reply(same: Lead, context: Context) -> Reply:
    """The existing lead, or a card to ask for access to it."""
    seen = visible_lead(same.id, context)
    if seen:
        return Reply(card=_known_card(seen, context))
    return Reply(card=_hidden_lead_card(same, context), record=record_matches())


def similar_lead(draft: Lead, context: Context) -> Namesake | None:
    """A lead that is likely of the same customer, because its name is similar."""
    threshold = context.playbook.duplicates.alike_from
    candidates = context.uow.duplicates.namesakes(draft.customer, draft.email, but=draft.id)
    named = (
        candidate
        for candidate in candidates
        if same_customer(draft.customer, candidate.customer, threshold)
    )
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


def _hidden_lead_card(lead: Lead, context: Context) -> Card:
    reference = context.uow.duplicates.refer(lead.id, context.actor.id)
    return Card(
        title=context.text("duplicate.cared_for"),
        body=context.text("duplicate.cared_for_body"),
        buttons=(Button("access.ask", context.text("button.ask_access"), reference, "primary"),),
    )


_KEPT = (
    "customer", "contact", "title", "phone", "email", "wechat", "need", "industry", "region",
    "product",
)  # fmt: skip


def record_enquiry(lead: Lead, draft: Lead, context: Context) -> Enquiry:
    """Record the enquiry and notify the owner, and the leaders while the owner is away. The lead
    itself is left for a person to change."""
    given = {name: str(getattr(draft, name)) for name in _KEPT if getattr(draft, name)}
    if draft.others:
        given["others"] = " / ".join(draft.others)
    if draft.timeframe is not Timeframe.UNKNOWN:
        given["timeframe"] = draft.timeframe.value
    if budget := context.typed("budget"):
        given["budget"] = budget
    enquiry = context.uow.enquiries.add(
        Enquiry(lead_id=lead.id, at=context.now, source=draft.source, said=given)
    )
    notify_owner_and_cover(CustomerReturned(enquiry.id), lead, context)
    return enquiry
