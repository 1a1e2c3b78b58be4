"""A lead's next step: which follow-up holds it, when it is due, and its copy on the lead."""

from dataclasses import replace
from datetime import datetime

from handlers.core.context import Context
from handlers.core.requests import record_id
from sales.errors import Conflict, FollowUpNotFound
from sales.followups import FollowUp
from sales.jobs import EscalateFollowUp, RemindOwner
from sales.leads import Lead


def followup_of(value: str, context: Context) -> FollowUp:
    """The follow-up that a button or form carries; raises FollowUpNotFound for anything else."""
    followup_id = record_id(value)
    if followup_id is None:
        raise FollowUpNotFound
    return context.followups.get(followup_id)


def held_followup(value: str, context: Context) -> tuple[FollowUp, Lead]:
    """The follow-up and its lead, locked for a change.

    The lead is locked first, as everywhere, and the follow-up is read again afterwards, in case
    somebody else was just changing it. Raises FollowUpNotFound, or Conflict when it was moved to
    another lead in that moment.
    """
    lead_id = followup_of(value, context).lead_id
    lead = context.leads.get(lead_id)
    followup = followup_of(value, context)
    if followup.lead_id != lead.id:
        raise Conflict(number=lead.number)
    return followup, lead


def show_next_step(lead: Lead, context: Context) -> Lead:
    """Copy the open next step to the lead, save the lead, and redraw its cards."""
    waiting = context.followups.waiting_on(lead.id)
    context.uow.outbox.refresh(lead.subject)
    return context.leads.save(
        replace(
            lead,
            next_step=waiting.next_step if waiting else "",
            next_at=waiting.next_at if waiting else None,
            next_until=waiting.next_until if waiting else None,
        )
    )


def contacted_on(lead: Lead, at: datetime) -> Lead:
    """The lead after a contact, which may have taken place before the last one known."""
    known = lead.last_contact_at
    return replace(lead, last_contact_at=max(at, known) if known else at)


def close_step(followup: FollowUp, context: Context) -> None:
    """Close the follow-up's next step; nobody is reminded of it any more."""
    context.followups.save(followup.close(context.now))
    context.uow.reminders.acted(followup.id, context.now)
    context.uow.jobs.cancel(RemindOwner, followup.id)
    context.uow.jobs.cancel(EscalateFollowUp, followup.id)
    context.uow.outbox.refresh(followup.subject)
