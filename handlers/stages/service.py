"""Moving a lead along the pipeline, with all that follows from it."""

from datetime import date

from handlers.assignment.service import accept_by_acting
from handlers.core.context import Context
from handlers.core.events import lead_moved
from handlers.followups.actions import close_step
from handlers.opportunities.jobs import plan_repeat
from handlers.response_clocks.service import plan_look_again, settle_clock
from handlers.tasks.handover import settle_move
from sales.leads import OPEN_STAGES, Lead
from sales.pipeline import Move, moved


def carry_out(lead: Lead, wish: Move, context: Context, look_again_on: date | None = None) -> Lead:
    """Move the lead, on record, with everything that follows: tasks, clocks, next step, cards."""
    saved = context.leads.save(moved(lead, wish, context.now))
    detail = {"from": lead.stage, "to": wish.to, "reason": wish.reason}
    context.uow.audit.record(context.actor, "stage.move", lead.subject, detail)
    accept_by_acting(saved, context)
    settle_move(saved, context)
    if wish.to not in OPEN_STAGES and (waiting := context.followups.waiting_on(saved.id)):
        # Nobody is reminded of a customer who has signed or gone.
        close_step(waiting, context)
    plan_look_again(saved, look_again_on, context)
    settle_clock(saved, context)
    lead_moved(saved, lead.stage, context)
    plan_repeat(saved, context)
    context.uow.outbox.refresh(saved.subject)
    return saved
