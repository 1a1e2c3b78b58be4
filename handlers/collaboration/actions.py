"""Requests for a colleague's customer, and the answers: share, hand over or decline [P8].

The button for the requester carries a reference sealed for them: they learn which lead it is only
once it is shared.
"""

from handlers.assignment.service import offer_to
from handlers.collaboration.cards import answered_card, request_card
from handlers.collaboration.service import end_share
from handlers.core.button_values import unpack
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.guards import lead_to_decide
from handlers.core.labels import lead_title
from handlers.core.recipients import notify_leaders, notify_owner
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Form, LongText
from sales.assignments import Why
from sales.collaboration import LONGEST, AccessRequest, AccessState
from sales.errors import LeadNotFound
from sales.leads import Lead, lead_id_of
from sales.notices import AccessAnswered, AccessAsked
from sales.people import SYSTEM, leaders_of
from sales.routing import Assignee


def ask(context: Context) -> Reply:
    """Button below "a colleague cares for this customer": ask why access is needed."""
    lead = context.uow.duplicates.referred(context.pressed, context.actor.id)
    if over := _no_request_needed(lead, context):
        return over
    why = LongText(
        name="why",
        label=context.text("access.why"),
        required=True,
        placeholder=context.text("access.why_example"),
        max_length=LONGEST,
    )
    return Reply(form=_form("access.request", "access.ask", (why,), context))


def request(context: Context) -> Reply:
    """Form: notify the owner and the leaders of the request; the requester is notified of their
    answer."""
    reference = context.uow.duplicates.referred(context.pressed, context.actor.id)
    lead = context.uow.leads(SYSTEM).get(reference.id)
    if over := _no_request_needed(lead, context):
        return over
    with FormReader(context) as form:
        why = form.line("why", LONGEST, missing="access_why_missing")
    asked = context.uow.collaborators.add(
        AccessRequest(lead_id=lead.id, asker_id=context.actor.id, asked_at=context.now, why=why)
    )
    context.uow.audit.record(context.actor, "access.ask", lead.subject, {"request": str(asked.id)})
    _notify_deciders(asked, lead, context)
    return Reply(toast=context.text("access.asked"))


def share(context: Context) -> Reply:
    """Button: share the lead. Both see it and work on it; its owner stays the owner."""
    asked, lead = _locked_request(context)
    if not asked.is_open:
        return _already_answered(asked, lead, context)
    context.uow.collaborators.share(lead.id, asked.asker_id)
    return _save_answer(asked, AccessState.SHARED, lead, context)


def hand_over(context: Context) -> Reply:
    """Button: hand the lead over to the requester."""
    asked, lead = _locked_request(context)
    if not asked.is_open:
        return _already_answered(asked, lead, context)
    asker = context.uow.people.get(asked.asker_id)
    if not (asker.sells and asker.is_there(context.today)):
        return Reply(toast=context.text("access.not_there", name=asker.name))
    why = Why("asked_for", context.actor.name)
    handed = offer_to(lead, Assignee(asker, why, last=True), context)
    return _save_answer(asked, AccessState.HANDED, handed, context)


def decline(context: Context) -> Reply:
    """Button: ask for an optional word of explanation."""
    asked, lead = _locked_request(context)
    if not asked.is_open:
        return _already_answered(asked, lead, context)
    word = LongText(
        name="word",
        label=context.text("access.word"),
        placeholder=context.text("access.word_example"),
        max_length=LONGEST,
    )
    return Reply(form=_form("access.refuse", "access.decline", (word,), context))


def refuse(context: Context) -> Reply:
    """Form: decline. The requester gets the explanation, and learns nothing of the lead."""
    asked, lead = _locked_request(context)
    if not asked.is_open:
        return _already_answered(asked, lead, context)
    with FormReader(context) as form:
        word = form.line("word", LONGEST)
    return _save_answer(asked, AccessState.DECLINED, lead, context, word)


def give(context: Context) -> Reply:
    """Button: give a colleague who was mentioned access to the lead."""
    lead_id, person_id = unpack(context.pressed, lead_id_of, record_id)
    lead = lead_to_decide(lead_id, context)
    sellers = {
        person.id: person
        for person in context.uow.people.everyone()
        if person.active and person.sells
    }
    if person_id not in sellers:
        return Reply(toast=context.text("access.cannot_share"))
    context.uow.collaborators.share(lead.id, sellers[person_id].id)
    context.uow.audit.record(context.actor, "access.give", lead.subject, {"person": str(person_id)})
    context.uow.outbox.refresh(lead.subject)
    name = sellers[person_id].name
    return Reply(
        update=context.lead_card(lead),
        toast=context.text("access.given", name=name, lead=lead_title(lead)),
    )


def end(context: Context) -> Reply:
    """Button on the lead's card: stop sharing the lead with a colleague."""
    lead_id, person_id = unpack(context.pressed, lead_id_of, record_id)
    lead = lead_to_decide(lead_id, context)
    if person_id not in context.uow.collaborators.collaborators(lead.id) or person_id is None:
        return Reply(update=context.lead_card(lead), toast=context.text("access.not_shared"))
    end_share(lead, person_id, context)
    context.uow.outbox.refresh(lead.subject)
    name = context.uow.people.get(person_id).name
    return Reply(update=context.lead_card(lead), toast=context.text("access.ended", name=name))


def _no_request_needed(lead: Lead, context: Context) -> Reply | None:
    """The reply when no request is needed or allowed; None otherwise. The actor may see the lead by
    now, has a request waiting, or was declined recently."""
    try:
        seen = context.leads.get(lead.id)
    except LeadNotFound:
        before = context.uow.collaborators.latest(lead.id, context.actor.id)
    else:
        return Reply(card=context.lead_card(seen))
    if before is None:
        return None
    if before.is_open:
        return Reply(
            toast=context.text("access.waiting", at=context.language.moment(before.asked_at))
        )
    days = (context.now - (before.answered_at or before.asked_at)).days
    left = context.playbook.duplicates.ask_again_days - days
    if before.state is AccessState.DECLINED and left > 0:
        return Reply(toast=context.text("access.declined_lately", n=left))
    return None


def _notify_deciders(asked: AccessRequest, lead: Lead, context: Context) -> None:
    """Notify the owner and the leaders, each once."""
    notice = AccessAsked(asked.id)
    leaders = {person.id for person in leaders_of(lead.team_id, context.uow.people.everyone())}
    if lead.owner_id not in leaders:
        notify_owner(notice, lead, context)
    owner = context.uow.people.get(lead.owner_id) if lead.owner_id else None
    if owner and owner.active and owner.sells:
        notify_leaders(notice, lead, context)


def _locked_request(context: Context) -> tuple[AccessRequest, Lead]:
    """The request that a button carries and its lead, which is locked first. Raises LeadNotFound,
    or OthersDecide for people who only work with the owner."""
    request_id = record_id(context.pressed)
    if request_id is None:
        raise LeadNotFound(number="")
    lead = lead_to_decide(context.uow.collaborators.get(request_id).lead_id, context)
    return context.uow.collaborators.get(request_id), lead


def _already_answered(asked: AccessRequest, lead: Lead, context: Context) -> Reply:
    """The reply when somebody has already answered the request."""
    return Reply(update=request_card(asked, lead, context), toast=context.text("access.settled"))


def _save_answer(
    asked: AccessRequest, state: AccessState, lead: Lead, context: Context, word: str = ""
) -> Reply:
    saved = context.uow.collaborators.save(asked.answer(state, context.actor.id, context.now, word))
    detail = {"request": str(asked.id), "person": str(asked.asker_id)}
    context.uow.audit.record(context.actor, f"access.{state}", lead.subject, detail)
    if state is not AccessState.HANDED:
        # A lead that was handed over has a notice of its own.
        context.uow.outbox.add(AccessAnswered(asked.id), asked.asker_id)
    context.uow.outbox.refresh(asked.subject)
    context.uow.outbox.refresh(lead.subject)
    name = context.uow.people.get(asked.asker_id).name
    return Reply(
        update=answered_card(saved, lead, context),
        toast=context.text(f"access.did_{state}", lead=lead_title(lead), name=name),
    )


def _form(action: str, key: str, fields: tuple[LongText, ...], context: Context) -> Form:
    return Form(
        action=action,
        title=context.text(f"{key}_title"),
        intro=context.text(f"{key}_intro"),
        fields=fields,
        submit=context.text(f"{key}_submit"),
        cancel=context.text("button.cancel"),
        state={"value": context.pressed},
    )
