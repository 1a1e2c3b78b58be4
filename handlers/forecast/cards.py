"""What is expected of a deal on its card, and the forecast of a quarter in words and as a chart."""

from handlers.core.context import Context
from handlers.core.labels import enum_label
from handlers.core.ui import Button, Fact
from handlers.forecast.service import ASKED_IN
from sales.leads import Lead


def expectation_facts(lead: Lead, context: Context) -> tuple[Fact, ...]:
    """When an open deal is expected to be closed, for how much, and how sure its owner is."""
    if not lead.is_worked_on:
        return ()
    language, day = context.language, lead.expected_close
    parts = []
    if day is not None:
        key = "forecast.overdue" if lead.is_close_overdue(context.today_here) else "forecast.day"
        parts.append(context.text(key, day=language.day(day)))
    elif lead.stage in ASKED_IN:
        parts.append(context.text("forecast.no_day"))
    if lead.amount:
        parts.append(language.money(lead.amount))
    if lead.category is not None:
        parts.append(enum_label(lead.category, language))
    if not parts:
        return ()
    return (Fact(context.text("forecast.expected"), " · ".join(parts)),)


def expectation_button(lead: Lead, context: Context) -> tuple[Button, ...]:
    """The button that changes what is expected of an open deal."""
    if not lead.is_worked_on or lead.is_pooled:
        return ()
    return (Button("forecast.edit", context.text("button.forecast"), lead.number),)
