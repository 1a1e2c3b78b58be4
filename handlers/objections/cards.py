"""Objections in one line each, for the lead's card and for the form that wins it."""

from handlers.core.context import Context
from handlers.core.labels import objection_line
from handlers.core.ui import Button, Section
from sales.leads import Lead
from sales.objections import ObjectionState

_SHOWN = 4


def objections_section(lead: Lead, context: Context) -> tuple[Section, ...]:
    """Section of open objections on the lead's card; empty when there are none.

    A customer who has signed counts as content with our answers.
    """
    standing = [objection for objection in context.objections.of_lead(lead.id) if objection.stands]
    if lead.is_customer:
        standing = [objection for objection in standing if objection.state is ObjectionState.OPEN]
    if not standing:
        return ()
    lines = tuple(objection_line(objection, context) for objection in standing[:_SHOWN])
    return (Section(context.text("objection.heading", n=len(standing)), lines),)


def objections_button(lead: Lead, context: Context) -> Button:
    return Button("objection.list", context.text("button.objections"), lead.number)
