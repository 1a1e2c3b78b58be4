"""A customer whom we have already, met at any entrance: who may see the lead is led to it, others
to who cares for it, and are told no more than that [P8]."""

from collections.abc import Mapping

from handlers.contact_alerts import told_of_others
from handlers.core.context import Context
from handlers.core.labels import budget_label, enum_label, lead_title, source_label, term_label
from handlers.core.recipients import tell_owner_and_cover
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Fact
from sales.amounts import parse_budget
from sales.duplicates import same_customer
from sales.errors import LeadNotFound
from sales.intake import Enquiry
from sales.leads import Lead, Timeframe, mask_email, mask_phone
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


def returned_card(enquiry: Enquiry, lead: Lead, context: Context) -> Card:
    """Who came again, when and how, and what they said; contacts stay masked."""
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
    budget = parse_budget(said["budget"]) if "budget" in said else None
    rows = (
        ("lead.source", source_label(enquiry.source, language, context.playbook)),
        ("lead.contact", _joined(said.get("contact", ""), said.get("title", ""))),
        ("lead.reach", _reach(said)),
        ("lead.product", term_label(words.products, said.get("product", ""), language)),
        ("lead.budget", budget_label(*budget, language) if budget else ""),
        ("lead.timeframe", enum_label(Timeframe(timeframe), language) if timeframe else ""),
        ("lead.stage", enum_label(lead.stage, language)),
    )
    return tuple(Fact(context.text(key), value) for key, value in rows if value)


def _reach(said: Mapping[str, str]) -> str:
    return _joined(mask_phone(said.get("phone", "")), mask_email(said.get("email", "")))


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
