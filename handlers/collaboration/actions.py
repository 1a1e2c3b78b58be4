"""Asking for a customer whom a colleague cares for, and answering: share, hand over, decline [P8].

The asker's button carries a reference that was sealed for them: which lead it is, they learn only
once it is shared.
"""

from handlers.assignment.service import offer_to
from handlers.collaboration.cards import answered_card, request_card
from handlers.collaboration.service import end_share, lead_to_decide
from handlers.core.context import Turn
from handlers.core.labels import lead_title
from handlers.core.recipients import tell_leaders, tell_owner
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Form, LongText
from handlers.lead_card.card import lead_card
from sales.assignments import Why
from sales.collaboration import LONGEST, AccessRequest, AccessState
from sales.errors import InvalidInput, LeadNotFound, Problem
from sales.leads import Lead, lead_id_of
from sales.notices import AccessAnswered, AccessAsked
from sales.people import SYSTEM, leaders_of
from sales.routing import Chosen


def ask(turn: Turn) -> Reply:
    """Button below "a colleague cares for this customer": why is it needed?"""
    lead = turn.uow.duplicates.referred(turn.pressed, turn.actor.id)
    if over := _nothing_to_ask(lead, turn):
        return over
    why = LongText(
        name="why",
        label=turn.text("access.why"),
        required=True,
        placeholder=turn.text("access.why_example"),
        max_length=LONGEST,
    )
    return Reply(form=_form("access.request", "access.ask", (why,), turn))


def request(turn: Turn) -> Reply:
    """Form: the owner and the leaders hear who asks and why; the asker hears their answer."""
    found = turn.uow.duplicates.referred(turn.pressed, turn.actor.id)
    lead = turn.uow.leads(SYSTEM).get(found.id)
    if over := _nothing_to_ask(lead, turn):
        return over
    why = _words("why", turn)
    if not why:
        raise InvalidInput({"why": Problem("access_why_missing")})
    asked = turn.uow.access.add(
        AccessRequest(lead_id=lead.id, asker_id=turn.actor.id, asked_at=turn.now, why=why)
    )
    turn.uow.audit.record(turn.actor, "access.ask", lead.subject, {"request": str(asked.id)})
    _tell_who_may_answer(asked, lead, turn)
    return Reply(toast=turn.text("access.asked"))


def share(turn: Turn) -> Reply:
    """Button: both see the lead and work on it; it stays its owner's."""
    asked, lead = _held(turn)
    if not asked.is_open:
        return _settled(asked, lead, turn)
    turn.uow.access.share(lead.id, asked.asker_id)
    return _answered(asked, AccessState.SHARED, lead, turn)


def hand(turn: Turn) -> Reply:
    """Button: the lead is the asker's from now on."""
    asked, lead = _held(turn)
    if not asked.is_open:
        return _settled(asked, lead, turn)
    asker = turn.uow.people.get(asked.asker_id)
    if not (asker.sells and asker.is_there(turn.today)):
        return Reply(toast=turn.text("access.not_there", name=asker.name))
    why = Why("asked_for", turn.actor.name)
    handed = offer_to(lead, Chosen(asker, why, last=True), turn)
    return _answered(asked, AccessState.HANDED, handed, turn)


def decline(turn: Turn) -> Reply:
    """Button: a word with it?"""
    asked, lead = _held(turn)
    if not asked.is_open:
        return _settled(asked, lead, turn)
    word = LongText(
        name="word",
        label=turn.text("access.word"),
        placeholder=turn.text("access.word_example"),
        max_length=LONGEST,
    )
    return Reply(form=_form("access.refuse", "access.decline", (word,), turn))


def refuse(turn: Turn) -> Reply:
    """Form: declined; the asker hears the word, and nothing of the lead."""
    asked, lead = _held(turn)
    if not asked.is_open:
        return _settled(asked, lead, turn)
    return _answered(asked, AccessState.DECLINED, lead, turn, _words("word", turn))


def give(turn: Turn) -> Reply:
    """Button: a colleague who was spoken to works on the lead, too."""
    number, _, person = turn.pressed.partition(":")
    lead = lead_to_decide(lead_id_of(number), turn)
    person_id = record_id(person)
    known = {one.id: one for one in turn.uow.people.everyone() if one.active and one.sells}
    if person_id not in known:
        return Reply(toast=turn.text("access.cannot_share"))
    turn.uow.access.share(lead.id, known[person_id].id)
    turn.uow.audit.record(turn.actor, "access.give", lead.subject, {"person": str(person_id)})
    turn.uow.outbox.refresh(lead.subject)
    name = known[person_id].name
    return Reply(
        update=lead_card(lead, turn),
        toast=turn.text("access.given", name=name, lead=lead_title(lead)),
    )


def end(turn: Turn) -> Reply:
    """Button on the lead's card: its owner works on it alone again."""
    number, _, person = turn.pressed.partition(":")
    lead = lead_to_decide(lead_id_of(number), turn)
    person_id = record_id(person)
    if person_id not in turn.uow.access.collaborators(lead.id) or person_id is None:
        return Reply(update=lead_card(lead, turn), toast=turn.text("access.not_shared"))
    end_share(lead, person_id, turn)
    turn.uow.outbox.refresh(lead.subject)
    name = turn.uow.people.get(person_id).name
    return Reply(update=lead_card(lead, turn), toast=turn.text("access.ended", name=name))


def _nothing_to_ask(lead: Lead, turn: Turn) -> Reply | None:
    """The lead came to be theirs, or they asked already."""
    try:
        seen = turn.leads.get(lead.id)
    except LeadNotFound:
        before = turn.uow.access.latest(lead.id, turn.actor.id)
    else:
        return Reply(card=lead_card(seen, turn))
    if before is None:
        return None
    if before.is_open:
        return Reply(toast=turn.text("access.waiting", at=turn.language.moment(before.asked_at)))
    days = (turn.now - (before.answered_at or before.asked_at)).days
    left = turn.playbook.duplicates.ask_again_days - days
    if before.state is AccessState.DECLINED and left > 0:
        return Reply(toast=turn.text("access.declined_lately", n=left))
    return None


def _tell_who_may_answer(asked: AccessRequest, lead: Lead, turn: Turn) -> None:
    """The owner, and the leaders, who may be the same."""
    notice = AccessAsked(asked.id)
    leaders = {person.id for person in leaders_of(lead.team_id, turn.uow.people.everyone())}
    if lead.owner_id not in leaders:
        tell_owner(notice, lead, turn)
    owner = turn.uow.people.get(lead.owner_id) if lead.owner_id else None
    if owner and owner.active and owner.sells:
        tell_leaders(notice, lead, turn)


def _held(turn: Turn) -> tuple[AccessRequest, Lead]:
    """The request a button carries and its lead, which is locked first; raises LeadNotFound, or
    OthersDecide for who only works with the owner."""
    request_id = record_id(turn.pressed)
    if request_id is None:
        raise LeadNotFound(number="")
    lead = lead_to_decide(turn.uow.access.get(request_id).lead_id, turn)
    return turn.uow.access.get(request_id), lead


def _settled(asked: AccessRequest, lead: Lead, turn: Turn) -> Reply:
    """Somebody answered before."""
    return Reply(update=request_card(asked, lead, turn), toast=turn.text("access.settled"))


def _answered(
    asked: AccessRequest, state: AccessState, lead: Lead, turn: Turn, word: str = ""
) -> Reply:
    saved = turn.uow.access.save(asked.answer(state, turn.actor.id, turn.now, word))
    detail = {"request": str(asked.id), "person": str(asked.asker_id)}
    turn.uow.audit.record(turn.actor, f"access.{state}", lead.subject, detail)
    if state is not AccessState.HANDED:
        # A lead that is handed over is told of as one.
        turn.uow.outbox.add(AccessAnswered(asked.id), asked.asker_id)
    turn.uow.outbox.refresh(asked.subject)
    turn.uow.outbox.refresh(lead.subject)
    name = turn.uow.people.get(asked.asker_id).name
    return Reply(
        update=answered_card(saved, lead, turn),
        toast=turn.text(f"access.did_{state}", lead=lead_title(lead), name=name),
    )


def _words(name: str, turn: Turn) -> str:
    words = turn.line(name)
    if len(words) > LONGEST:
        raise InvalidInput({name: Problem("too_long", n=LONGEST)})
    return words


def _form(action: str, key: str, fields: tuple[LongText, ...], turn: Turn) -> Form:
    return Form(
        action=action,
        title=turn.text(f"{key}_title"),
        intro=turn.text(f"{key}_intro"),
        fields=fields,
        submit=turn.text(f"{key}_submit"),
        cancel=turn.text("button.cancel"),
        state={"value": turn.pressed},
    )
