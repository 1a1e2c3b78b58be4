"""Repeat business offered to the customer's owner: accepted as a lead, or dismissed [P15]."""

from handlers.assignment.service import create_and_assign, create_and_keep
from handlers.core.button_values import offset
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import lead_title
from handlers.core.recipients import notify_owner
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Form, LongText
from handlers.leads.duplicates import visible_lead
from handlers.opportunities.cards import need_of, opportunity_card, waiting_card
from sales.assignments import Why
from sales.errors import Conflict, LeadNotFound
from sales.leads import Lead
from sales.notices import OpportunityFound
from sales.opportunities import Opportunity, opportunity_of, repeat_lead
from sales.people import SYSTEM
from sales.permissions import may_decide_on
from sales.routing import Assignee
from sales.scoring import scored
from sales.signals import Signal

LONGEST_WORD = 150


def begin_opportunity(signal: Signal, lead: Lead, context: Context) -> None:
    """Record the opportunity that a customer's signal suggests, and notify the owner.

    Does nothing while an opportunity of the same kind waits for an answer.
    """
    opportunities = context.uow.opportunities(SYSTEM)
    if any(other.kind is signal.kind for other in opportunities.open_of(lead.id)):
        return
    opportunity = opportunities.add(
        opportunity_of(signal, lead, context.playbook.repeat, context.today)
    )
    notify_owner(OpportunityFound(opportunity.id), lead, context)


def show(context: Context) -> Reply:
    """Button: show one opportunity."""
    return Reply(card=opportunity_card(_opportunity(context), context))


def show_waiting(context: Context) -> Reply:
    """Button on the board: all opportunities that wait for an answer."""
    return Reply(card=waiting_card(0, context))


def show_page(context: Context) -> Reply:
    """Button: another page of them, in its place."""
    return Reply(update=waiting_card(offset(context.pressed), context))


def accept(context: Context) -> Reply:
    """Button: accept the opportunity as a lead of the customer's owner, worked like any other."""
    opportunity, origin = _held(context)
    draft = repeat_lead(opportunity, origin, need_of(opportunity, context), context.now)
    draft = scored(draft, context.playbook.scoring)
    made = _assign(draft, origin, context)
    saved = context.uow.opportunities(context.actor).save(opportunity.accepted(made))
    context.uow.audit.record(
        context.actor, "opportunity.accept", made.subject, {"of": origin.number}
    )
    context.uow.outbox.refresh(opportunity.subject)
    toast = context.text("opportunity.accepted", lead=made.number)
    if visible_lead(made.id, context) is None:
        return Reply(update=opportunity_card(saved, context), toast=toast)
    return Reply(card=context.lead_card(made), toast=toast)


def _assign(draft: Lead, origin: Lead, context: Context) -> Lead:
    """Assign the new lead to the customer's owner, whoever accepted the opportunity.

    While there is no owner at work, a leader who accepts keeps it; a colleague who only works on
    the customer leaves it to the owner's return, or to the routing rules.
    """
    owner = context.uow.people.get(origin.owner_id) if origin.owner_id else None
    owner = owner if owner and owner.active and owner.sells else None
    decides = may_decide_on(context.actor, origin)
    if decides and (owner in (None, context.actor) or not owner.is_there(context.today)):
        return create_and_keep(draft, context)
    first = Assignee(owner, Why("repeat", origin.number), last=True) if owner else None
    made, _ = create_and_assign(draft, context, first=first)
    return made


def dismiss(context: Context) -> Reply:
    """Button: ask for the reason to dismiss the opportunity."""
    opportunity = _opportunity(context)
    lead = context.leads.get(opportunity.lead_id)
    word = LongText(
        name="word",
        label=context.text("opportunity.word"),
        hint=context.text("opportunity.word_example"),
        required=True,
        max_length=LONGEST_WORD,
    )
    return Reply(
        form=Form(
            action="opportunity.drop",
            title=context.text("opportunity.drop_title"),
            intro=lead_title(lead),
            fields=(word,),
            submit=context.text("opportunity.drop_submit"),
            cancel=context.text("button.cancel"),
            state={"value": str(opportunity.id)},
        )
    )


def drop(context: Context) -> Reply:
    """Form: dismiss the opportunity, with a reason."""
    opportunity, origin = _held(context)
    with FormReader(context) as form:
        word = form.line("word", LONGEST_WORD, missing="word_missing")
    saved = context.uow.opportunities(context.actor).save(opportunity.dismissed(word))
    context.uow.audit.record(context.actor, "opportunity.drop", origin.subject, {})
    context.uow.outbox.refresh(saved.subject)
    return Reply(update=opportunity_card(saved, context), toast=context.text("opportunity.dropped"))


def _opportunity(context: Context) -> Opportunity:
    opportunity_id = record_id(context.pressed)
    if opportunity_id is None:
        raise LeadNotFound(number="")
    return context.uow.opportunities(context.actor).get(opportunity_id)


def _held(context: Context) -> tuple[Opportunity, Lead]:
    """Load an opportunity that still waits for an answer, its lead locked first.

    Raises Conflict.
    """
    lead = context.leads.get(_opportunity(context).lead_id)
    opportunity = _opportunity(context)
    if not opportunity.is_open:
        raise Conflict(number=lead.number)
    return opportunity, lead
