"""Repeat business, laid before the customer's owner: taken up as a lead, or dismissed [P15]."""

from handlers.assignment.service import keep_lead, place_lead
from handlers.core.context import Turn
from handlers.core.labels import lead_title
from handlers.core.recipients import tell_owner
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Form, LongText
from handlers.lead_card.card import lead_card
from handlers.leads.duplicates import visible
from handlers.opportunities.cards import need_of, opportunity_card
from sales.assignments import Why
from sales.errors import Conflict, InvalidInput, LeadNotFound, Problem
from sales.leads import Lead
from sales.notices import OpportunityFound
from sales.opportunities import Opportunity, opportunity_of, repeat_lead
from sales.people import SYSTEM
from sales.permissions import may_decide_on
from sales.routing import Chosen
from sales.scoring import scored
from sales.signals import Signal

LONGEST_WORD = 150


def begin_opportunity(signal: Signal, lead: Lead, turn: Turn) -> None:
    """Keep what the customer's signal suggests and tell the owner; nothing while one of the same
    kind waits for an answer."""
    opportunities = turn.uow.opportunities(SYSTEM)
    if any(known.kind is signal.kind for known in opportunities.open_of(lead.id)):
        return
    found = opportunities.add(opportunity_of(signal, lead, turn.playbook.repeat, turn.today))
    tell_owner(OpportunityFound(found.id), lead, turn)


def show(turn: Turn) -> Reply:
    """Button: one opportunity."""
    return Reply(card=opportunity_card(_opportunity(turn), turn))


def accept(turn: Turn) -> Reply:
    """Button: it becomes a lead of the customer's owner, worked like any other."""
    opportunity, origin = _held(turn)
    draft = repeat_lead(opportunity, origin, need_of(opportunity, turn), turn.now)
    draft = scored(draft, turn.playbook.scoring)
    made = _given(draft, origin, turn)
    saved = turn.uow.opportunities(turn.actor).save(opportunity.accepted(made))
    turn.uow.audit.record(turn.actor, "opportunity.accept", made.subject, {"of": origin.number})
    turn.uow.outbox.refresh(opportunity.subject)
    toast = turn.text("opportunity.accepted", lead=made.number)
    if visible(made.id, turn) is None:
        return Reply(update=opportunity_card(saved, turn), toast=toast)
    return Reply(card=lead_card(made, turn), toast=toast)


def _given(draft: Lead, origin: Lead, turn: Turn) -> Lead:
    """The customer's owner gets it, whoever took it up. While there is none who is there, a
    leader keeps it; who only works on the customer leaves it to the owner's return, or to the
    rules."""
    owner = turn.uow.people.get(origin.owner_id) if origin.owner_id else None
    owner = owner if owner and owner.active and owner.sells else None
    decides = may_decide_on(turn.actor, origin)
    if decides and (owner in (None, turn.actor) or not owner.is_there(turn.today)):
        return keep_lead(draft, turn)
    first = Chosen(owner, Why("repeat", origin.number), last=True) if owner else None
    made, _ = place_lead(draft, turn, first=first)
    return made


def dismiss(turn: Turn) -> Reply:
    """Button: why not?"""
    opportunity = _opportunity(turn)
    lead = turn.leads.get(opportunity.lead_id)
    word = LongText(
        name="word",
        label=turn.text("opportunity.word"),
        hint=turn.text("opportunity.word_example"),
        required=True,
        max_length=LONGEST_WORD,
    )
    return Reply(
        form=Form(
            action="opportunity.drop",
            title=turn.text("opportunity.drop_title"),
            intro=lead_title(lead),
            fields=(word,),
            submit=turn.text("opportunity.drop_submit"),
            cancel=turn.text("button.cancel"),
            state={"value": str(opportunity.id)},
        )
    )


def drop(turn: Turn) -> Reply:
    """Form: dismissed, with a word."""
    opportunity, origin = _held(turn)
    word = turn.line("word")
    if not word:
        raise InvalidInput({"word": Problem("word_missing")})
    if len(word) > LONGEST_WORD:
        raise InvalidInput({"word": Problem("too_long", n=LONGEST_WORD)})
    saved = turn.uow.opportunities(turn.actor).save(opportunity.dismissed(word))
    turn.uow.audit.record(turn.actor, "opportunity.drop", origin.subject, {})
    turn.uow.outbox.refresh(saved.subject)
    return Reply(update=opportunity_card(saved, turn), toast=turn.text("opportunity.dropped"))


def _opportunity(turn: Turn) -> Opportunity:
    opportunity_id = record_id(turn.pressed)
    if opportunity_id is None:
        raise LeadNotFound(number="")
    return turn.uow.opportunities(turn.actor).get(opportunity_id)


def _held(turn: Turn) -> tuple[Opportunity, Lead]:
    """One that still waits for an answer, with its lead locked first. Raises Conflict."""
    lead = turn.leads.get(_opportunity(turn).lead_id)
    opportunity = _opportunity(turn)
    if not opportunity.is_open:
        raise Conflict(number=lead.number)
    return opportunity, lead
