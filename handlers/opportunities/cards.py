"""Repeat business in words: what to offer a customer, why, and what came of it."""

from handlers.core.context import Turn
from handlers.core.labels import lead_title, quarter_label, term_label
from handlers.core.ui import Button, Card, Fact, Section
from handlers.signals.cards import what_happened
from sales.leads import Lead, lead_number
from sales.opportunities import Opportunity, OpportunityState
from sales.signals import SignalKind
from sales.targets import Holder, Quarter

SHOWN = 6
"""So many opportunities stand on the board."""


def opportunity_card(opportunity: Opportunity, turn: Turn) -> Card:
    """For who may see the customer's lead; raises LeadNotFound."""
    lead = turn.leads.get(opportunity.lead_id)
    signal = turn.uow.signals(turn.actor).get(opportunity.signal_id)
    return Card(
        title=turn.text("opportunity.title", lead=lead_title(lead)),
        facts=_facts(opportunity, lead, turn),
        body=_body(opportunity, turn),
        buttons=_buttons(opportunity, lead, turn),
        footnote=turn.text("opportunity.why", what=what_happened(signal, turn)),
        tone="good" if opportunity.is_open else "plain",
        subject=opportunity.subject,
    )


def need_of(opportunity: Opportunity, turn: Turn) -> str:
    """What the customer may need, in a line: ``Data analytics module, since they …``."""
    signal = turn.uow.signals(turn.actor).get(opportunity.signal_id)
    what = what_happened(signal, turn)
    product = _product(opportunity, turn)
    if signal.kind is SignalKind.RENEWAL_DUE:
        return turn.text("opportunity.renew", what=what)
    if not product:
        return turn.text("opportunity.more", what=what)
    return turn.text("opportunity.recommend", product=product, what=what)


def opportunities_section(turn: Turn) -> tuple[Section, ...]:
    """Those that wait for an answer, on the board."""
    waiting = turn.uow.opportunities(turn.actor).waiting(SHOWN)
    if not waiting:
        return ()
    lines, buttons = [], []
    for opportunity in waiting:
        lead = turn.leads.get(opportunity.lead_id)
        amount = turn.language.money(opportunity.amount) if opportunity.amount else ""
        quarter = quarter_label(opportunity.quarter, turn.language)
        parts = (lead_title(lead), _product(opportunity, turn), amount, quarter)
        lines.append(" · ".join(part for part in parts if part))
        label = turn.text("button.open_lead", lead=lead.number)
        buttons.append(Button("opportunity.show", label, str(opportunity.id)))
    heading = turn.text("opportunity.heading", n=len(waiting))
    return (Section(heading, tuple(lines), buttons=tuple(buttons)),)


def expected_section(quarter: Quarter, holder: Holder, turn: Turn) -> tuple[Section, ...]:
    """Repeat business that is expected in a quarter from a team's or a person's customers."""
    n, amount = turn.uow.opportunities(turn.actor).expected(quarter, holder)
    if not n:
        return ()
    line = turn.text("opportunity.expected", n=n, amount=turn.language.money(amount))
    return (Section(turn.text("opportunity.repeat"), (line,)),)


def origin_facts(lead: Lead, turn: Turn) -> tuple[Fact, ...]:
    """Of which customer's lead this one came."""
    if lead.origin_id is None:
        return ()
    return (Fact(turn.text("opportunity.origin"), lead_number(lead.origin_id)),)


def _body(opportunity: Opportunity, turn: Turn) -> str:
    match opportunity.state:
        case OpportunityState.OPEN:
            return need_of(opportunity, turn)
        case OpportunityState.ACCEPTED:
            made = lead_number(opportunity.made_id or 0)
            return turn.text("opportunity.became", lead=made)
        case OpportunityState.DISMISSED:
            return turn.text("opportunity.was_dismissed", word=opportunity.word)


def _product(opportunity: Opportunity, turn: Turn) -> str:
    return term_label(turn.playbook.vocabulary.products, opportunity.product, turn.language)


def _facts(opportunity: Opportunity, lead: Lead, turn: Turn) -> tuple[Fact, ...]:
    language, money = turn.language, turn.language.money
    rows = (
        ("lead.product", _product(opportunity, turn)),
        ("opportunity.amount", money(opportunity.amount) if opportunity.amount else ""),
        ("opportunity.quarter", quarter_label(opportunity.quarter, language)),
        ("opportunity.signed", money(lead.amount) if lead.amount else ""),
    )
    return tuple(Fact(turn.text(key), value) for key, value in rows if value)


def _buttons(opportunity: Opportunity, lead: Lead, turn: Turn) -> tuple[Button, ...]:
    customer = Button("lead.show", turn.text("button.open_lead", lead=lead.number), lead.number)
    if opportunity.made_id is not None:
        made = lead_number(opportunity.made_id)
        return (Button("lead.show", turn.text("button.open_lead", lead=made), made), customer)
    if not opportunity.is_open:
        return (customer,)
    value = str(opportunity.id)
    return (
        Button("opportunity.accept", turn.text("opportunity.accept"), value, "primary"),
        Button("opportunity.dismiss", turn.text("opportunity.dismiss"), value),
        customer,
    )
