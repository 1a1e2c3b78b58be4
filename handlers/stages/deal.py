"""What a customer buys and on which terms: asked for when a lead is won, shown afterwards [P13].

The form is prefilled from the sent proposal and the last deal.
"""

from handlers.core.context import Context
from handlers.core.labels import enum_label
from handlers.core.lead_facts import terms_facts
from handlers.core.ui import Field, LongText, Money, Section, Text
from sales.amounts import written_amount
from sales.leads import Lead
from sales.proposals import Proposal
from sales.quotes import Edition, Quote

LONGEST = {"specification": 300, "payment": 200, "liability": 200}
"""Maximum number of characters of the fields beside amount and contract."""


def deal_fields(lead: Lead, context: Context) -> tuple[Field, ...]:
    """Fields of the deal; only the amount is required."""
    text = context.text
    sent = next(
        (proposal for proposal in context.proposals.of_lead(lead.id) if proposal.is_out), None
    )
    last = context.leads.last_deal()
    edition = sent.offering.edition if sent else None
    payment = (last.payment if last else "") or _standing_terms(sent, context)
    prefilled = {
        "specification": _specification(sent, edition, context),
        "payment": payment[: LONGEST["payment"]],
        "liability": last.liability if last else "",
    }
    return (
        Money(
            name="amount", label=text("move.amount"), required=True,
            value=_amount(lead, sent, edition, context), hint=_quoted(sent, context),
        ),
        Text(name="contract", label=text("move.contract"), max_length=80, value=lead.contract),
        *(
            LongText(
                name=name, label=text(f"deal.{name}"), max_length=longest, value=prefilled[name]
            )
            for name, longest in LONGEST.items()
        ),
    )  # fmt: skip


def deal_section(lead: Lead, context: Context) -> tuple[Section, ...]:
    """Section of the deal on the lead's card, which shows the sum itself."""
    if not lead.is_customer:
        return ()
    lines = tuple(
        context.text("rules.line", label=fact.label, value=fact.value)
        for fact in terms_facts(lead, context)
    )
    return (Section(context.text("deal.heading"), lines),) if lines else ()


def _amount(lead: Lead, sent: Proposal | None, edition: Edition | None, context: Context) -> str:
    locale, style = context.language.locale, context.language.amount_style
    if sent and edition:
        return written_amount(sent.offering.quote.total(edition).net, locale, style)
    return "" if lead.amount is None else written_amount(lead.amount, locale, style)


def _quoted(sent: Proposal | None, context: Context) -> str:
    """The amounts offered, or an example of how an amount is written."""
    quote = sent.offering.quote if sent else Quote()
    if not quote.editions:
        return context.text("move.amount_example")
    language = context.language
    offered = [
        f"{enum_label(edition, language)} {language.price(quote.total(edition).net)}"
        for edition in quote.editions
    ]
    return context.text("deal.quoted", offers=language.listing(offered))


def _specification(sent: Proposal | None, edition: Edition | None, context: Context) -> str:
    """``Advanced: Pipeline ×2, Reports``."""
    if sent is None:
        return ""
    lines = [
        line.name if line.quantity == 1 else f"{line.name} ×{line.quantity}"
        for line in sent.offering.quote.lines
        if edition is None or line.price(edition) is not None
    ]
    text = context.language.listing(lines)
    if text and edition:
        text = context.text("rules.line", label=enum_label(edition, context.language), value=text)
    return text[: LONGEST["specification"]]


def _standing_terms(sent: Proposal | None, context: Context) -> str:
    if sent and sent.offering.terms:
        return sent.offering.terms
    return context.playbook.proposals.terms.of(context.language.locale)
