"""The buttons of a lead's card, the most useful first."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from handlers.collaboration.cards import end_buttons, merge_buttons
from handlers.core.context import Context
from handlers.core.labels import lead_title, open_button, task_label
from handlers.core.replies import Reply
from handlers.core.ui import MOST_IN_MENU, Button, Card, Section
from handlers.discussion.cards import talk_button
from handlers.forecast.cards import expectation_button
from handlers.lead_card.history import history_button
from handlers.loss_reviews.cards import review_buttons
from handlers.nurture.cards import nurture_buttons
from handlers.objections.cards import objections_button
from handlers.signals.cards import intent_buttons
from sales.leads import Lead, Stage, lead_id_of, lead_number
from sales.next_actions import Situation, in_order
from sales.permissions import may, may_decide_on
from sales.tasks import Task


def lead_buttons(
    lead: Lead, context: Context, *, asked: bool, tasks: Sequence[Task], others: list[int]
) -> list[Button]:
    """All buttons, the next step first and as the only primary one.

    ``asked``: the reader has an open offer for the lead. ``tasks`` are the lead's, newest first;
    ``others`` are the people it is shared with.
    """
    overdue = lead.is_overdue(context.now)
    situation = Situation(
        asked=asked,
        feedback=_waits_for_feedback(lead, context),
        overdue=overdue,
        of_others=lead.owner_id not in (None, context.actor.id),
    )
    buttons = [
        *(_offer_buttons(lead, context) if asked else ()),
        *_daily_buttons(lead, context),
        *_pool_buttons(lead, context),
        *nurture_buttons(lead, context),
        *review_buttons(lead, context),
        *(_reschedule(lead, context) if overdue else ()),
        *_first_task(tasks, context),
        *_contact(lead, context),
        *intent_buttons(lead, context),
        *end_buttons(lead, others, context),
        *merge_buttons(lead, context),
    ]
    order = in_order(lead, situation, (button.action for button in buttons))
    # Several buttons of one action, one per colleague, keep their order.
    buttons.sort(key=lambda button: order.index(button.action))
    return [replace(buttons[0], style="primary"), *buttons[1:]]


def _offer_buttons(lead: Lead, context: Context) -> tuple[Button, ...]:
    accept = Button("offer.accept", context.text("button.accept"), lead.number)
    return (accept, Button("offer.decline", context.text("button.decline"), lead.number))


def _daily_buttons(lead: Lead, context: Context) -> Iterator[Button]:
    text, number = context.text, lead.number
    yield Button("followup.log", text("button.log"), number)
    yield Button("stage.advance", text("button.stage"), number)
    yield Button("discovery.log", text("button.discovery"), number)
    yield Button("proposal.write", text("button.proposal"), number)
    yield Button("lead.edit", text("button.edit"), number)
    yield from expectation_button(lead, context)
    yield objections_button(lead, context)
    yield Button("support.ask", text("button.ask_colleague"), number)
    yield talk_button(lead, context)
    yield history_button(lead, context)
    if may(context.actor, "lead.reassign") and may_decide_on(context.actor, lead):
        yield Button("lead.reassign", text("button.reassign"), number)


def _pool_buttons(lead: Lead, context: Context) -> Iterator[Button]:
    text, number = context.text, lead.number
    if lead.is_worked_on and not lead.is_pooled and may_decide_on(context.actor, lead):
        yield Button("pool.ask", text("button.to_pool"), number)
    if lead.is_pooled and may(context.actor, "pool.claim"):
        yield Button("pool.claim", text("button.claim", lead=number), number)
    if lead.is_pooled and may(context.actor, "pool.pick"):
        yield Button("pool.pick", text("button.hand", lead=number), number)


def _reschedule(lead: Lead, context: Context) -> tuple[Button, ...]:
    waiting = context.followups.waiting_on(lead.id)
    if waiting is None:
        return ()
    return (Button("reminder.reschedule", context.text("button.reschedule"), str(waiting.id)),)


def _first_task(tasks: Sequence[Task], context: Context) -> tuple[Button, ...]:
    """The task that has waited longest; the card lists all open ones."""
    for task in reversed(tasks):
        if task.is_open:
            return (Button("task.show", task_label(task.kind, context.language), str(task.id)),)
    return ()


def _contact(lead: Lead, context: Context) -> tuple[Button, ...]:
    """The contact button. Repeat business has its contact on the original lead."""
    has_contact = lead.is_reachable
    if not has_contact and lead.origin_id is None:
        return ()
    number = lead.number if has_contact else lead_number(lead.origin_id or 0)
    return (Button("contact.ask", context.text("button.contact"), number),)


def _waits_for_feedback(lead: Lead, context: Context) -> bool:
    """Whether a sent proposal waits for feedback. Queried only in the proposal stage, since only
    the next step depends on it."""
    return lead.stage is Stage.PROPOSAL and any(
        proposal.is_out for proposal in context.proposals.of_lead(lead.id)
    )


def rest_button(lead: Lead, more: Sequence[Button], context: Context) -> Button | None:
    """Opens the list of ``more`` where that is too long for a short menu."""
    if len(more) <= MOST_IN_MENU:
        return None
    return Button("lead.more", context.text("button.more_actions"), lead.number)


def open_more(context: Context) -> Reply:
    """Button: everything else that can be done with the lead."""
    lead = context.leads.get(lead_id_of(context.pressed))
    return Reply(
        card=Card(
            title=lead_title(lead),
            sections=(Section(buttons=context.lead_card(lead).more),),
            buttons=(open_button(lead, context.language),),
            confirms=lead.subject,
        )
    )
