"""Repeat business in words: what to offer a customer, why, and the result."""

from collections.abc import Sequence

from handlers.core.cards import card_of_lead
from handlers.core.context import Context
from handlers.core.labels import home_button, lead_title, page_buttons, quarter_label, term_label
from handlers.core.ui import Button, Card, Fact, Row, Section
from handlers.signals.cards import what_happened
from sales.leads import Lead, lead_number
from sales.notices import OpportunityFound
from sales.opportunities import Opportunity, OpportunityState
from sales.people import SYSTEM
from sales.signals import SignalKind

SHOWN = 4
"""Number of opportunities on the board."""


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
    opportunities = context.uow.opportunities(context.actor)
    waiting = opportunities.waiting(SHOWN + 1)
    if not waiting:
        return ()
    total = len(waiting) if len(waiting) <= SHOWN else opportunities.count_waiting()
    return (
        Section(
            context.text("opportunity.heading", n=total),
            rows=_rows(waiting[:SHOWN], context),
            opens=Button("opportunity.list", context.text("button.whole_list", n=total)),
        ),
    )


def waiting_card(page: int, context: Context) -> Card:
    """A page of the opportunities that wait for an answer, newest first. Pages count from 0; one
    that there is no longer becomes the last."""
    opportunities, rows = context.uow.opportunities(context.actor), context.request.rows
    total = opportunities.count_waiting()
    pages = -(-total // rows)
    page = min(page, max(0, pages - 1))
    shown = opportunities.waiting(rows, page * rows) if total else []
    return Card(
        title=context.text("opportunity.heading" if total else "opportunity.none", n=total),
        sections=(Section(rows=_rows(shown, context)),) if shown else (),
        buttons=(
            *page_buttons("opportunity.page", page, pages, str, context.language),
            home_button(context),
        ),
    )


def _rows(opportunities: Sequence[Opportunity], context: Context) -> tuple[Row, ...]:
    leads = context.leads.some([one.lead_id for one in opportunities])
    return tuple(_row(one, leads[one.lead_id], context) for one in opportunities)


def _row(opportunity: Opportunity, lead: Lead, context: Context) -> Row:
    """``LX001 · Acme · Data analytics · 20万 · Q1 2027``, with the button that shows it."""
    amount = context.language.money(opportunity.amount) if opportunity.amount else ""
    quarter = quarter_label(opportunity.quarter, context.language)
    parts = (lead_title(lead), _product(opportunity, context), amount, quarter)
    label = context.text("button.open_lead", lead=lead.number)
    button = Button("opportunity.show", label, str(opportunity.id))
    return Row(" · ".join(part for part in parts if part), button)


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
