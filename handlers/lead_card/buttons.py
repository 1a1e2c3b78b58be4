"""What can be done from a lead's card, the most wanted first."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from handlers.collaboration.cards import end_buttons, merge_buttons
from handlers.core.context import Turn
from handlers.core.ui import Button
from handlers.discussion.cards import talk_button
from handlers.lead_card.history import history_button
from handlers.objections.cards import objections_button
from handlers.signals.cards import intent_buttons
from handlers.tasks.forms import kind_label
from sales.leads import Lead, Stage, lead_number
from sales.next_actions import Situation, in_order
from sales.permissions import may, may_decide_on
from sales.tasks import Task


def lead_buttons(
    lead: Lead, turn: Turn, *, asked: bool, tasks: Sequence[Task], others: list[int]
) -> list[Button]:
    """All of them, the next step first and alone in primary. ``asked`` is the reader, whether
    they take the lead; ``tasks`` are the lead's, newest first, ``others`` share it."""
    today = turn.midnight(turn.today)
    overdue = lead.is_open and lead.next_at is not None and lead.next_at < today
    situation = Situation(asked=asked, feedback=_waits_for_feedback(lead, turn), overdue=overdue)
    found = [
        *(_answers(lead, turn) if asked else ()),
        *_every_day(lead, turn),
        *_of_pool(lead, turn),
        *(_reschedule(lead, turn) if overdue else ()),
        *_first_task(tasks, turn),
        *_contact(lead, turn),
        *intent_buttons(lead, turn),
        *end_buttons(lead, others, turn),
        *merge_buttons(lead, turn),
    ]
    order = in_order(lead, situation, (button.action for button in found))
    # Several of one action, one for each colleague, keep their order.
    found.sort(key=lambda button: order.index(button.action))
    return [replace(found[0], style="primary"), *found[1:]]


def _answers(lead: Lead, turn: Turn) -> tuple[Button, ...]:
    accept = Button("offer.accept", turn.text("button.accept"), lead.number)
    return (accept, Button("offer.decline", turn.text("button.decline"), lead.number))


def _every_day(lead: Lead, turn: Turn) -> Iterator[Button]:
    text, number = turn.text, lead.number
    yield Button("followup.log", text("button.log"), number)
    yield Button("stage.advance", text("button.stage"), number)
    yield Button("discovery.log", text("button.discovery"), number)
    yield Button("proposal.write", text("button.proposal"), number)
    yield Button("lead.edit", text("button.edit"), number)
    yield objections_button(lead, turn)
    yield Button("support.ask", text("button.ask_colleague"), number)
    yield talk_button(lead, turn)
    yield history_button(lead, turn)
    if may(turn.actor, "lead.reassign") and may_decide_on(turn.actor, lead):
        yield Button("lead.reassign", text("button.reassign"), number)


def _of_pool(lead: Lead, turn: Turn) -> Iterator[Button]:
    text, number = turn.text, lead.number
    if lead.is_worked_on and not lead.is_pooled and may_decide_on(turn.actor, lead):
        yield Button("pool.ask", text("button.to_pool"), number)
    if lead.is_pooled and may(turn.actor, "pool.claim"):
        yield Button("pool.claim", text("button.claim", lead=number), number)
    if lead.is_pooled and may(turn.actor, "pool.pick"):
        yield Button("pool.pick", text("button.hand", lead=number), number)


def _reschedule(lead: Lead, turn: Turn) -> tuple[Button, ...]:
    waiting = turn.followups.waiting_on(lead.id)
    if waiting is None:
        return ()
    return (Button("reminder.reschedule", turn.text("button.reschedule"), str(waiting.id)),)


def _first_task(tasks: Sequence[Task], turn: Turn) -> tuple[Button, ...]:
    """The task that has waited longest; the card lists all that are open."""
    for task in reversed(tasks):
        if task.is_open:
            return (Button("task.show", kind_label(task.kind, turn.language), str(task.id)),)
    return ()


def _contact(lead: Lead, turn: Turn) -> tuple[Button, ...]:
    """Repeat business has its contact on the lead that it came of."""
    known = bool(lead.phone or lead.email)
    if not known and lead.origin_id is None:
        return ()
    number = lead.number if known else lead_number(lead.origin_id or 0)
    return (Button("contact.ask", turn.text("button.contact"), number),)


def _waits_for_feedback(lead: Lead, turn: Turn) -> bool:
    """Only where the proposal is what the lead is about: the query is for the next step alone."""
    return lead.stage is Stage.PROPOSAL and any(
        proposal.is_out for proposal in turn.proposals.of_lead(lead.id)
    )
