"""A lead as those see it who come to it by a task: what their part needs, and no more [P1].

Service reaches the customer; product needs to know what was said; finance needs what is billed.
"""

from handlers.deal import sum_facts, terms_facts
from handlers.discovery.card import discovery_section
from handlers.history import history_section
from handlers.labels import enum_label, lead_title, term_label
from handlers.objections.lines import objections_button, objections_section
from handlers.signal_lines import signals_section
from handlers.talk.lines import talk_button, talk_section
from handlers.task_lines import home_button, tasks_section
from handlers.turns import Turn
from handlers.ui import Button, Card, Fact
from handlers.whole_history import history_button
from sales.leads import Lead, mask_email, mask_phone
from sales.permissions import HISTORY, may


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


def deal_facts(lead: Lead, turn: Turn) -> tuple[Fact, ...]:
    """What was sold, by whom, for how much; nothing of persons on the customer's side."""
    words, language = turn.playbook.vocabulary, turn.language
    owner = turn.uow.people.get(lead.owner_id).name if lead.owner_id else turn.text("lead.nobody")
    rows = (
        ("lead.stage", enum_label(lead.stage, language)),
        ("lead.industry", term_label(words.industries, lead.industry, language)),
        ("lead.product", term_label(words.products, lead.product, language)),
    )
    facts = tuple(Fact(turn.text(key), value) for key, value in rows if value)
    seller = Fact(turn.text("lead.owner"), owner)
    return (*facts, *sum_facts(lead, turn), *terms_facts(lead, turn), seller)


def contact_facts(lead: Lead, turn: Turn) -> tuple[Fact, ...]:
    """The contact with phone and e-mail masked; nothing for who does not reach customers."""
    if not may(turn.actor, "contact.ask"):
        return ()
    contact = " · ".join(part for part in (lead.contact, lead.title) if part)
    ways = " · ".join(part for part in (mask_phone(lead.phone), mask_email(lead.email)) if part)
    rows = (("lead.contact", contact), ("lead.reach", ways))
    return tuple(Fact(turn.text(key), value) for key, value in rows if value)


def contact_buttons(lead: Lead, turn: Turn) -> tuple[Button, ...]:
    if not (lead.phone or lead.email) or not may(turn.actor, "contact.ask"):
        return ()
    return (Button("contact.ask", turn.text("button.contact"), lead.number),)
