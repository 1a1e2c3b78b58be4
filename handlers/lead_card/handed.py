"""A won lead as the people see it to whom it was handed over."""

from handlers.core.context import Turn
from handlers.core.labels import home_button, lead_title
from handlers.core.ui import Card
from handlers.discovery.cards import discovery_section
from handlers.discussion.cards import talk_button, talk_section
from handlers.lead_card.history import history_button, history_section
from handlers.leads.cards import contact_buttons, contact_facts
from handlers.objections.cards import objections_button, objections_section
from handlers.signals.cards import signals_section
from handlers.stages.deal import deal_facts
from handlers.tasks.cards import tasks_section
from sales.leads import Lead
from sales.permissions import HISTORY


def handed_card(lead: Lead, turn: Turn) -> Card:
    """The lead for service, product and finance; their own tasks on it, nobody else's."""
    tasks = turn.tasks.of_lead(lead.id)
    knows_history = turn.actor.role in HISTORY
    return Card(
        title=lead_title(lead),
        facts=(*deal_facts(lead, turn), *contact_facts(lead, turn)),
        body=lead.need if knows_history else "",
        sections=(
            *(discovery_section(lead, turn) if knows_history else ()),
            *(objections_section(lead, turn) if knows_history else ()),
            *tasks_section(tasks, turn),
            *talk_section(lead, turn),
            *(signals_section(lead, turn) if knows_history else ()),
            *(history_section(lead, tasks, turn) if knows_history else ()),
        ),
        buttons=(
            *contact_buttons(lead, turn),
            *((objections_button(lead, turn),) if knows_history else ()),
            talk_button(lead, turn),
            *((history_button(lead, turn),) if knows_history else ()),
            home_button(turn),
        ),
        footnote=turn.text("task.why_seen"),
        subject=lead.subject,
        exact=(lead.contract, *(task.result.invoice for task in tasks)),
    )
