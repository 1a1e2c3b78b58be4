"""A customer whom we have already, met at any entrance: who may see the lead is led to it, others
to who cares for it, and are told no more than that [P8]."""

from collections.abc import Mapping

from handlers.contact_alerts import told_of_others
from handlers.core.context import Turn
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


def visible(lead_id: int, turn: Turn) -> Lead | None:
    """The lead, when the actor may see it."""
    try:
        return turn.leads.get(lead_id)
    except LeadNotFound:
        return None


def refuse_same_contact(draft: Lead, turn: Turn) -> Reply | None:
    """The same phone or e-mail is the same customer: said beside the field, with the way on
    below it. None when nobody has the contacts."""
    same = turn.uow.duplicates.by_contact(draft.phone, draft.email, but=draft.id)
    if same is None:
        return None
    field = "phone" if draft.phone and same.phone == draft.phone else "email"
    return refuse_same(field, same, turn)


def refuse_same(field: str, same: Lead, turn: Turn) -> Reply:
    """Said beside ``field``, with a card of what to do instead."""
    seen = visible(same.id, turn)
    words = (
        turn.text("problem.duplicate", lead=lead_title(seen))
        if seen
        else turn.text("problem.duplicate_hidden")
    )
    known = known_reply(same, turn)
    return Reply(errors={field: words}, card=known.card, record=known.record)


def known_reply(same: Lead, turn: Turn) -> Reply:
    """The lead that is there already, or who can be asked for it."""
    seen = visible(same.id, turn)
    if seen:
        return Reply(card=_known_card(seen, turn))
    return Reply(card=_cared_for_card(same, turn), record=told_of_others())


def alike(draft: Lead, turn: Turn) -> Namesake | None:
    """The lead that is likely of the same customer: with a like name."""
    threshold = turn.playbook.duplicates.alike_from
    candidates = turn.uow.duplicates.namesakes(draft.customer, draft.email, but=draft.id)
    named = (one for one in candidates if same_customer(draft.customer, one.customer, threshold))
    return next(named, None)


def _known_card(lead: Lead, turn: Turn) -> Card:
    return Card(
        title=turn.text("duplicate.known", lead=lead_title(lead)),
        body=turn.text("duplicate.known_body"),
        buttons=(
            Button("lead.show", turn.text("button.open"), lead.number, "primary"),
            Button("followup.log", turn.text("button.log"), lead.number),
        ),
    )


def _cared_for_card(lead: Lead, turn: Turn) -> Card:
    reference = turn.uow.duplicates.refer(lead.id, turn.actor.id)
    return Card(
        title=turn.text("duplicate.cared_for"),
        body=turn.text("duplicate.cared_for_body"),
        buttons=(Button("access.ask", turn.text("button.ask_access"), reference, "primary"),),
    )


_KEPT = ("customer", "contact", "title", "phone", "email", "need", "industry", "region", "product")


def came_again(known: Lead, draft: Lead, turn: Turn) -> Enquiry:
    """Keep what was given, and tell the owner, and the leaders while the owner is away; the
    lead itself is for a person to change."""
    said = {name: str(getattr(draft, name)) for name in _KEPT if getattr(draft, name)}
    if draft.timeframe is not Timeframe.UNKNOWN:
        said["timeframe"] = draft.timeframe.value
    if budget := turn.typed("budget"):
        said["budget"] = budget
    enquiry = turn.uow.enquiries.add(
        Enquiry(lead_id=known.id, at=turn.now, source=draft.source, said=said)
    )
    tell_owner_and_cover(CustomerReturned(enquiry.id), known, turn)
    return enquiry


def returned_card(enquiry: Enquiry, lead: Lead, turn: Turn) -> Card:
    """Who came again, when and how, and what they said; contacts stay masked."""
    language = turn.language
    log = Button("followup.log", turn.text("button.log"), lead.number, "primary")
    buttons = [log, Button("lead.show", turn.text("button.open"), lead.number)]
    if lead.is_set_aside:
        buttons.append(Button("stage.advance", turn.text("button.stage"), lead.number))
    if lead.phone or lead.email:
        buttons.append(Button("contact.ask", turn.text("button.contact"), lead.number))
    return Card(
        title=turn.text("enquiry.title", lead=lead_title(lead)),
        facts=_facts(enquiry, lead, turn),
        body=enquiry.said.get("need", ""),
        buttons=tuple(buttons),
        footnote=turn.text("enquiry.why", at=language.moment(enquiry.at)),
        tone="good",
        subject=lead.subject,
    )


def _facts(enquiry: Enquiry, lead: Lead, turn: Turn) -> tuple[Fact, ...]:
    language, words, said = turn.language, turn.playbook.vocabulary, enquiry.said
    timeframe = said.get("timeframe", "")
    budget = parse_budget(said["budget"]) if "budget" in said else None
    rows = (
        ("lead.source", source_label(enquiry.source, language, turn.playbook)),
        ("lead.contact", _joined(said.get("contact", ""), said.get("title", ""))),
        ("lead.reach", _reach(said)),
        ("lead.product", term_label(words.products, said.get("product", ""), language)),
        ("lead.budget", budget_label(*budget, language) if budget else ""),
        ("lead.timeframe", enum_label(Timeframe(timeframe), language) if timeframe else ""),
        ("lead.stage", enum_label(lead.stage, language)),
    )
    return tuple(Fact(turn.text(key), value) for key, value in rows if value)


def _reach(said: Mapping[str, str]) -> str:
    return _joined(mask_phone(said.get("phone", "")), mask_email(said.get("email", "")))


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
