"""A customer whom we have writes again by themselves: kept, and told to who works with them."""

from collections.abc import Mapping

from handlers.labels import budget_label, enum_label, lead_title, source_label, term_label
from handlers.telling import tell_owner_and_cover
from handlers.turns import Turn
from handlers.ui import Button, Card, Fact
from sales.amounts import parse_budget
from sales.intake import Enquiry
from sales.leads import Lead, Timeframe, mask_email, mask_phone
from sales.notices import CustomerReturned

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
