"""Repeat business in words: what to offer a customer, why, and the result."""

from handlers.core.cards import card_of_lead
from handlers.core.context import Context
from handlers.core.labels import lead_title, quarter_label, term_label
from handlers.core.ui import Button, Card, Fact, Row, Section
from handlers.signals.cards import what_happened
from sales.leads import Lead, lead_number
from sales.notices import OpportunityFound
from sales.opportunities import Opportunity, OpportunityState
from sales.people import SYSTEM
from sales.signals import SignalKind

SHOWN = 4
"""Number of opportunities on the board."""
_COUNTED = 99


def opportunity_card(opportunity: Opportunity, context: Context) -> Card:
    """Card of an opportunity, for people who may see the customer's lead; raises LeadNotFound."""
    lead = context.leads.get(opportunity.lead_id)
    signal = context.uow.signals(context.actor).get(opportunity.signal_id)
    return Card(
        title=context.text("opportunity.title", lead=lead_title(lead)),
        facts=_facts(opportunity, lead, context),
        body=_body(opportunity, context),
        buttons=_buttons(opportunity, lead, context),
        footnote=context.text("opportunity.why", what=what_happened(signal, context)),
        tone="good" if opportunity.is_open else "plain",
        subject=opportunity.subject,
    )


def need_of(opportunity: Opportunity, context: Context) -> str:
    """What the customer may need, in one line: ``Data analytics module, since they …``."""
    signal = context.uow.signals(context.actor).get(opportunity.signal_id)
    what = what_happened(signal, context)
    product = _product(opportunity, context)
    if signal.kind is SignalKind.RENEWAL_DUE:
        return context.text("opportunity.renew", what=what)
    if not product:
        return context.text("opportunity.more", what=what)
    return context.text("opportunity.recommend", product=product, what=what)


def opportunities_section(context: Context) -> tuple[Section, ...]:
    """Section of opportunities on the board that wait for an answer."""
    waiting = context.uow.opportunities(context.actor).waiting(_COUNTED)
    if not waiting:
        return ()
    rows = []
    for opportunity in waiting[:SHOWN]:
        lead = context.leads.get(opportunity.lead_id)
        amount = context.language.money(opportunity.amount) if opportunity.amount else ""
        quarter = quarter_label(opportunity.quarter, context.language)
        parts = (lead_title(lead), _product(opportunity, context), amount, quarter)
        label = context.text("button.open_lead", lead=lead.number)
        button = Button("opportunity.show", label, str(opportunity.id))
        rows.append(Row(" · ".join(part for part in parts if part), button))
    more = len(waiting) - len(rows)
    lines = (context.text("opportunity.more_later", n=more),) if more else ()
    heading = context.text("opportunity.heading", n=len(waiting))
    return (Section(heading, lines, rows=tuple(rows)),)


def origin_facts(lead: Lead, context: Context) -> tuple[Fact, ...]:
    """Facts naming the customer's lead that this one came from."""
    if lead.origin_id is None:
        return ()
    return (Fact(context.text("opportunity.origin"), lead_number(lead.origin_id)),)


def _body(opportunity: Opportunity, context: Context) -> str:
    match opportunity.state:
        case OpportunityState.OPEN:
            return need_of(opportunity, context)
        case OpportunityState.ACCEPTED:
            made = lead_number(opportunity.made_id or 0)
            return context.text("opportunity.became", lead=made)
        case OpportunityState.DISMISSED:
            return context.text("opportunity.was_dismissed", word=opportunity.word)


def _product(opportunity: Opportunity, context: Context) -> str:
    return term_label(context.playbook.vocabulary.products, opportunity.product, context.language)


def _facts(opportunity: Opportunity, lead: Lead, context: Context) -> tuple[Fact, ...]:
    language, money = context.language, context.language.money
    rows = (
        ("lead.product", _product(opportunity, context)),
        ("opportunity.amount", money(opportunity.amount) if opportunity.amount else ""),
        ("opportunity.quarter", quarter_label(opportunity.quarter, language)),
        ("opportunity.signed", money(lead.amount) if lead.amount else ""),
    )
    return tuple(Fact(context.text(key), value) for key, value in rows if value)


def _buttons(opportunity: Opportunity, lead: Lead, context: Context) -> tuple[Button, ...]:
    customer = Button("lead.show", context.text("button.open_lead", lead=lead.number), lead.number)
    if opportunity.made_id is not None:
        made = lead_number(opportunity.made_id)
        return (Button("lead.show", context.text("button.open_lead", lead=made), made), customer)
    if not opportunity.is_open:
        return (customer,)
    value = str(opportunity.id)
    return (
        Button("opportunity.accept", context.text("opportunity.accept"), value, "primary"),
        Button("opportunity.dismiss", context.text("opportunity.dismiss"), value),
        customer,
    )


def opportunity_notice(notice: OpportunityFound, context: Context, *, again: bool) -> Card | None:
    opportunity = context.uow.opportunities(SYSTEM).get(notice.opportunity_id)
    if not opportunity.is_open and not again:
        return None

    def draw(_customer: Lead) -> Card:
        return opportunity_card(opportunity, context)

    return card_of_lead(opportunity.lead_id, context, draw, again=again)
