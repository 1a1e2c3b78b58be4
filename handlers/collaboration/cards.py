"""Requests for a lead as its owner and leaders see them, and the answer as the asker does."""

from dataclasses import replace

from handlers.core.context import Turn
from handlers.core.labels import enum_label, home_button, lead_title
from handlers.core.ui import Button, Card, Fact
from sales.collaboration import AccessRequest, AccessState
from sales.errors import LeadNotFound
from sales.leads import Lead, lead_number
from sales.notices import AccessAnswered, AccessAsked, SharingEnded
from sales.people import SYSTEM
from sales.permissions import may_decide_on, may_undo


def request_card(asked: AccessRequest, lead: Lead, turn: Turn) -> Card:
    """Who asks, why, and the answers to choose from; what was answered, when it was."""
    asker = turn.uow.people.get(asked.asker_id)
    value = str(asked.id)
    answers = (
        Button("access.share", turn.text("button.share"), value, "primary"),
        Button("access.hand", turn.text("button.hand_over"), value),
        Button("access.decline", turn.text("button.refuse"), value),
    )
    return Card(
        title=turn.text("access.request_title", name=asker.name, lead=lead_title(lead)),
        facts=(
            Fact(turn.text("access.why"), asked.why),
            Fact(turn.text("people.role"), enum_label(asker.role, turn.language)),
            *_answer_facts(asked, turn),
        ),
        body=turn.text("access.request_body", name=asker.name) if asked.is_open else "",
        buttons=(
            *(answers if asked.is_open else ()),
            Button("lead.show", turn.text("button.open"), lead.number),
        ),
        footnote=turn.text("access.request_why"),
        tone="warning" if asked.is_open else "plain",
        subject=asked.subject,
    )


def answered_card(asked: AccessRequest, lead: Lead, turn: Turn) -> Card:
    """The request after an answer, for who gave it and may not see the lead any more."""
    if asked.state is AccessState.HANDED and turn.actor.id != lead.owner_id:
        title = turn.text("access.did_handed", lead=lead.number, name=_name(asked.asker_id, turn))
        return Card(title=title, buttons=(home_button(turn),), subject=asked.subject)
    return request_card(asked, lead, turn)


def shared_card(asked: AccessRequest, lead: Lead, turn: Turn) -> Card:
    """For the asker: the lead is shared with them."""
    return Card(
        title=turn.text("access.shared_title", lead=lead_title(lead)),
        body=turn.text("access.shared_body", name=_answerer(asked, turn)),
        buttons=(
            Button("lead.show", turn.text("button.open"), lead.number, "primary"),
            Button("followup.log", turn.text("button.log"), lead.number),
        ),
        tone="good",
        subject=lead.subject,
    )


def declined_card(asked: AccessRequest, turn: Turn) -> Card:
    """For the asker: nothing of the lead, but the word that was given."""
    word = turn.text("access.said", word=asked.word) if asked.word else ""
    return Card(
        title=turn.text("access.declined_title"),
        body=turn.text("access.declined_body", name=_answerer(asked, turn)) + word,
        facts=(Fact(turn.text("access.your_why"), asked.why),),
        buttons=(home_button(turn),),
    )


def shared_facts(others: list[int], turn: Turn) -> tuple[Fact, ...]:
    """Who works on a lead beside its owner."""
    names = [_name(person_id, turn) for person_id in others]
    return (Fact(turn.text("lead.shared"), turn.language.listing(names)),) if names else ()


def end_buttons(lead: Lead, others: list[int], turn: Turn) -> tuple[Button, ...]:
    if not may_decide_on(turn.actor, lead):
        return ()
    return tuple(
        Button(
            "access.end",
            turn.text("button.end_share", name=_name(person_id, turn)),
            f"{lead.number}:{person_id}",
        )
        for person_id in others
    )


def merge_buttons(lead: Lead, turn: Turn) -> tuple[Button, ...]:
    """To make one of two leads of the customer, and, for a while, two again."""
    if not may_decide_on(turn.actor, lead):
        return ()
    merge = Button("merge.ask", turn.text("button.merge"), lead.number)
    done = turn.uow.merges.latest(lead.id)
    if done is None or not (done.can_be_undone(turn.now) and may_undo(turn.actor, done, lead)):
        return (merge,)
    undo = turn.text("button.unmerge", part=lead_number(done.loser_id))
    return (merge, Button("merge.undo", undo, str(done.id)))


def asked(notice: AccessAsked, turn: Turn, *, again: bool) -> Card | None:
    """The notice for the owner and the leaders, while they are."""
    request = turn.uow.access.get(notice.request_id)
    lead = turn.uow.leads(SYSTEM).get(request.lead_id)
    if not _is_theirs(lead, turn):
        return _gone_card(lead, request, turn) if again else None
    return request_card(request, lead, turn) if request.is_open or again else None


def answered(notice: AccessAnswered, turn: Turn, *, again: bool) -> Card | None:
    """The notice for who asked."""
    request = turn.uow.access.get(notice.request_id)
    if request.asker_id != turn.actor.id or request.is_open:
        return None
    if request.state is AccessState.DECLINED:
        return declined_card(request, turn)
    try:
        return shared_card(request, turn.leads.get(request.lead_id), turn)
    except LeadNotFound:
        gone = turn.uow.leads(SYSTEM).get(request.lead_id)
        return replace(_gone_card(gone, request, turn), subject=gone.subject) if again else None


def sharing_ended(notice: SharingEnded, turn: Turn, **_again: bool) -> Card | None:
    """The notice for who worked on a lead beside its former owner; nothing of the lead."""
    try:
        turn.leads.get(notice.lead_id)
    except LeadNotFound:
        lead = turn.uow.leads(SYSTEM).get(notice.lead_id)
    else:
        return None
    return Card(
        title=turn.text("access.over_title", lead=lead.number),
        body=turn.text("access.over_pool" if lead.is_pooled else "access.over_owner"),
        buttons=(home_button(turn),),
    )


def _is_theirs(lead: Lead, turn: Turn) -> bool:
    try:
        turn.leads.get(lead.id)
    except LeadNotFound:
        return False
    return may_decide_on(turn.actor, lead)


def _gone_card(lead: Lead, request: AccessRequest, turn: Turn) -> Card:
    return Card(
        title=turn.text("lead.gone_title", lead=lead.number),
        body=turn.text("lead.gone"),
        buttons=(home_button(turn),),
        subject=request.subject,
    )


def _answer_facts(asked: AccessRequest, turn: Turn) -> tuple[Fact, ...]:
    if asked.is_open:
        return ()
    answer = turn.text(f"access.answer_{asked.state}", name=_answerer(asked, turn))
    if asked.word:
        answer = turn.text("access.answer_word", answer=answer, word=asked.word)
    return (Fact(turn.text("access.answer"), answer),)


def _answerer(asked: AccessRequest, turn: Turn) -> str:
    return _name(asked.answered_by, turn) if asked.answered_by else ""


def _name(person_id: int, turn: Turn) -> str:
    return turn.uow.people.get(person_id).name
