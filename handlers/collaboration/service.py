"""Colleagues who work on a lead beside its owner: they do as long as it is that owner's."""

from handlers.core.context import Context
from sales.leads import Lead
from sales.notices import SharingEnded
from sales.people import SYSTEM


def end_sharing(lead: Lead, context: Context) -> None:
    """The lead is not its owner's any more: what the owner shared ends with that, and each hears
    of it; who has it next can share it again."""
    for person_id in context.uow.collaborators.collaborators(lead.id):
        end_share(lead, person_id, context)
        if person_id != context.actor.id:
            context.uow.outbox.add(SharingEnded(lead.id), person_id)


def end_share(lead: Lead, person_id: int, context: Context) -> None:
    """One colleague does not work on the lead any more."""
    context.uow.collaborators.end(lead.id, person_id)
    detail = {"person": str(person_id)}
    context.uow.audit.record(context.actor, "access.end", lead.subject, detail)
    close_previews(lead, context)


def close_previews(lead: Lead, context: Context) -> None:
    """A link by which somebody looked at a proposal shows nothing to who lost the lead; who has
    it still makes another."""
    context.uow.proposals(SYSTEM).close_previews(lead.id, context.now)
