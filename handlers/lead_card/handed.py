"""A won lead as seen by the people it was handed over to."""

from dataclasses import replace

from handlers.core.context import Context
from handlers.core.labels import home_button, lead_title
from handlers.core.lead_facts import contact_buttons, contact_facts, deal_facts
from handlers.core.ui import Card
from handlers.discovery.cards import discovery_section
from handlers.discussion.cards import talk_button
from handlers.lead_card.buttons import rest_button
from handlers.lead_card.history import history_button, latest_sections, log_button
from handlers.objections.cards import objections_button, objections_section
from handlers.signals.cards import signals_section
from handlers.tasks.cards import tasks_section
from sales.leads import Lead
from sales.next_actions import AT_ONCE
from sales.permissions import HISTORY


def handed_card(lead: Lead, context: Context) -> Card:
    """The lead for service, product and finance, with only their own tasks on it."""
    tasks = context.tasks.of_lead(lead.id)
    knows_history = context.actor.role in HISTORY
    buttons = (
        *contact_buttons(lead, context),
        *((log_button(lead, context),) if knows_history else ()),
        *((objections_button(lead, context),) if knows_history else ()),
        talk_button(lead, context),
        *((history_button(lead, context),) if knows_history else ()),
        home_button(context),
    )
    latest, earlier = latest_sections(lead, tasks, context, with_history=knows_history)
    seldom = (
        *(discovery_section(lead, context) if knows_history else ()),
        *(signals_section(lead, context) if knows_history else ()),
        *earlier,
    )
    return Card(
        title=lead_title(lead),
        facts=(*contact_facts(lead, context), *deal_facts(lead, context)),
        facts_at_once=6,
        body=lead.need if knows_history else "",
        sections=(
            *tasks_section(tasks, context),
            *(objections_section(lead, context) if knows_history else ()),
            *latest,
            *(replace(section, folded=True) for section in seldom),
        ),
        buttons=buttons[:AT_ONCE],
        more=buttons[AT_ONCE:],
        rest=rest_button(lead, buttons[AT_ONCE:], context),
        footnote=context.text("task.why_seen"),
        subject=lead.subject,
        whole_lead=True,
        exact=(lead.contract, *(task.result.invoice for task in tasks)),
    )
