"""What is expected of a deal, changed from its card."""

from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.forecast.forms import expectation_form, read_form
from sales.errors import Conflict
from sales.leads import lead_id_of


def edit(context: Context) -> Reply:
    """Button: open the form of the deal's amount, day and category."""
    lead = context.leads.get(lead_id_of(context.pressed))
    if not lead.is_worked_on:
        return Reply(update=context.lead_card(lead), toast=context.text("forecast.not_open"))
    return Reply(form=expectation_form(lead, context))


def save(context: Context) -> Reply:
    """Form: save what is expected; audited, without the sum."""
    lead = context.leads.get(lead_id_of(context.request.state.get("lead", "")))
    if not lead.is_worked_on or str(lead.version) != context.request.state.get("version"):
        raise Conflict(lead=lead.number)
    changed = read_form(lead, context)
    if changed == lead:
        return Reply(update=context.lead_card(lead), toast=context.text("forecast.unchanged"))
    saved = context.leads.save(changed)
    close = saved.expected_close.isoformat() if saved.expected_close else ""
    detail = {"close": close, "category": saved.category or ""}
    context.uow.audit.record(context.actor, "forecast.save", saved.subject, detail)
    context.uow.outbox.refresh(saved.subject)
    toast = context.text("forecast.saved", lead=saved.number)
    return Reply(update=context.lead_card(saved), toast=toast)
