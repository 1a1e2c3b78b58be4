"""Ends access to a lead that its owner shared; it lasts only as long as they own the lead."""

from handlers.core.context import Context
from sales.leads import Lead
from sales.notices import SharingEnded
from sales.people import SYSTEM


def end_sharing(lead: Lead, context: Context) -> None:
    """Stop sharing a lead that is leaving its owner, and notify each collaborator. The next owner
    can share it again."""
    for person_id in context.uow.collaborators.collaborators(lead.id):
        end_share(lead, person_id, context)
        if person_id != context.actor.id:
            context.uow.outbox.add(SharingEnded(lead.id), person_id)


def end_share(lead: Lead, person_id: int, context: Context) -> None:
    """End one colleague's access to the lead."""
    context.uow.collaborators.end(lead.id, person_id)
    detail = {"person": str(person_id)}
    context.uow.audit.record(context.actor, "access.end", lead.subject, detail)
    close_previews(lead, context)


def close_previews(lead: Lead, context: Context) -> None:
    """Close preview links to the lead's proposals for people who lost the lead. People who still
    have it create new ones."""
    context.uow.proposals(SYSTEM).close_previews(lead.id, context.now)
