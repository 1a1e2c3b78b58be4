"""Move a lead along the pipeline, with everything that follows from it."""

from datetime import date

from handlers.core.context import Context
from handlers.core.events import LeadMoved
from sales.leads import Lead
from sales.pipeline import Move, moved


def carry_out(lead: Lead, wish: Move, context: Context, look_again_on: date | None = None) -> Lead:
    """Move the lead, audited, with everything that follows: tasks, clocks, next step, cards."""
    saved = context.leads.save(moved(lead, wish, context.now))
    detail = {"from": lead.stage, "to": wish.to, "reason": wish.reason}
    context.uow.audit.record(context.actor, "stage.move", lead.subject, detail)
    context.publish(LeadMoved(saved, lead.stage, look_again_on))
    context.uow.outbox.refresh(saved.subject)
    return saved
