"""Move a lead along the pipeline, with everything that follows from it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from handlers.core.context import Context
from handlers.core.events import LeadMoved
from sales.evidence import evidence_of
from sales.leads import Lead, Stage
from sales.pipeline import PROPOSAL_SENT, Move, moved, stage_once_sent
from sales.playbook import Criterion

LOOKED_THROUGH = 20
"""Number of follow-ups searched for evidence."""


def carry_out(lead: Lead, wish: Move, context: Context, look_again_on: date | None = None) -> Lead:
    """Move the lead, audited, with everything that follows: tasks, clocks, next step, cards."""
    saved = context.leads.save(moved(lead, wish, context.now))
    detail = {"from": lead.stage, "to": wish.to, "reason": wish.reason}
    context.uow.audit.record(context.actor, "stage.move", lead.subject, detail)
    context.publish(LeadMoved(saved, lead.stage, look_again_on))
    context.uow.outbox.refresh(saved.subject)
    return saved


def move_once_sent(lead: Lead, worth: Decimal | None, context: Context) -> Lead:
    """Move a lead whose proposal was sent, unless it is that far already.

    ``worth`` is what was offered: expected of the deal while nobody has said otherwise.
    """
    to = stage_once_sent(lead)
    if to and worth and lead.amount is None:
        lead = replace(lead, amount=worth)
    return carry_out(lead, Move(to=to, reason=PROPOSAL_SENT), context) if to else lead


def shown_criteria(lead: Lead, to: Stage, context: Context) -> frozenset[str]:
    """The keys of a stage's entry criteria that the lead's records show to be met."""
    discovery = context.discoveries.latest(lead.id)
    needs = discovery.needs if discovery else None
    contacts = context.followups.of_lead(lead.id, LOOKED_THROUGH)
    sent = next(
        (proposal.sent_at for proposal in context.proposals.of_lead(lead.id) if proposal.is_out),
        None,
    )
    feedback = any(sent and contact.at >= sent and contact.feedback for contact in contacts)
    shown = evidence_of(lead, needs, contacted=bool(contacts), feedback=feedback)
    criteria = context.playbook.stage(to).criteria
    return frozenset(criterion.key for criterion in criteria if criterion.shown_by in shown)


def open_criteria(lead: Lead, context: Context) -> tuple[Criterion, ...]:
    """The entry criteria of the lead's stage that no record shows to be met."""
    shown = shown_criteria(lead, lead.stage, context)
    criteria = context.playbook.stage(lead.stage).criteria
    return tuple(criterion for criterion in criteria if criterion.key not in shown)
