"""Notices for leaders about work that must be handed over."""

from dataclasses import replace

from handlers.core.context import Context
from handlers.core.guards import may_change
from handlers.core.ui import Card
from handlers.handover_of_work.cards import preview_card
from sales.notices import PersonUnreachable
from sales.transfers import TransferRequest, TransferRule


def unreachable_card(notice: PersonUnreachable, context: Context, **_again: bool) -> Card | None:
    """For a leader: the work of a person who cannot be reached, and who would get it. It can be
    handed over with one button. None once the person can be reached again."""
    person = context.uow.people.get(notice.person_id)
    if not (person.active and person.unreachable and may_change(context.actor, person)):
        return None
    plan = preview_card(TransferRequest(person, TransferRule.RULES, None, context.actor), context)
    if not plan.sections:
        return None
    return replace(
        plan,
        title=context.text("unreachable.title", name=person.name),
        body=context.text("unreachable.body", name=person.name),
        tone="warning",
    )
