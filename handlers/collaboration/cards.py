"""Requests for a lead as its owner and leaders see them, and the answer as the asker does."""

from dataclasses import replace

from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.labels import enum_label, home_button, lead_title
from handlers.core.ui import Button, Card, Fact
from sales.collaboration import AccessRequest, AccessState
from sales.errors import LeadNotFound
from sales.leads import Lead, lead_number
from sales.notices import AccessAnswered, AccessAsked, SharingEnded
from sales.people import SYSTEM
from sales.permissions import may_decide_on, may_undo


def request_card(asked: AccessRequest, lead: Lead, context: Context) -> Card:
    """Who asks, why, and the answers to choose from; what was answered, when it was."""
    asker = context.uow.people.get(asked.asker_id)
    value = str(asked.id)
    answers = (
        Button("access.share", context.text("button.share"), value, "primary"),
        Button("access.hand", context.text("button.hand_over"), value),
        Button("access.decline", context.text("button.refuse"), value),
    )
    return Card(
        title=context.text("access.request_title", name=asker.name, lead=lead_title(lead)),
        facts=(
            Fact(context.text("access.why"), asked.why),
            Fact(context.text("people.role"), enum_label(asker.role, context.language)),
            *_answer_facts(asked, context),
        ),
        body=context.text("access.request_body", name=asker.name) if asked.is_open else "",
        buttons=(
            *(answers if asked.is_open else ()),
            Button("lead.show", context.text("button.open"), lead.number),
        ),
        footnote=context.text("access.request_why"),
        tone="warning" if asked.is_open else "plain",
        subject=asked.subject,
    )


def answered_card(asked: AccessRequest, lead: Lead, context: Context) -> Card:
    """The request after an answer, for who gave it and may not see the lead any more."""
    if asked.state is AccessState.HANDED and context.actor.id != lead.owner_id:
        title = context.text(
            "access.did_handed", lead=lead.number, name=_name(asked.asker_id, context)
        )
        return Card(title=title, buttons=(home_button(context),), subject=asked.subject)
    return request_card(asked, lead, context)


def shared_card(asked: AccessRequest, lead: Lead, context: Context) -> Card:
    """For the asker: the lead is shared with them."""
    return Card(
        title=context.text("access.shared_title", lead=lead_title(lead)),
        body=context.text("access.shared_body", name=_answerer(asked, context)),
        buttons=(
            Button("lead.show", context.text("button.open"), lead.number, "primary"),
            Button("followup.log", context.text("button.log"), lead.number),
        ),
        tone="good",
        subject=lead.subject,
    )


def declined_card(asked: AccessRequest, context: Context) -> Card:
    """For the asker: nothing of the lead, but the word that was given."""
    word = context.text("access.said", word=asked.word) if asked.word else ""
    return Card(
        title=context.text("access.declined_title"),
        body=context.text("access.declined_body", name=_answerer(asked, context)) + word,
        facts=(Fact(context.text("access.your_why"), asked.why),),
        buttons=(home_button(context),),
    )


def shared_facts(others: list[int], context: Context) -> tuple[Fact, ...]:
    """Who works on a lead beside its owner."""
    names = [_name(person_id, context) for person_id in others]
    return (Fact(context.text("lead.shared"), context.language.listing(names)),) if names else ()


def end_buttons(lead: Lead, others: list[int], context: Context) -> tuple[Button, ...]:
    if not may_decide_on(context.actor, lead):
        return ()
    return tuple(
        Button(
            "access.end",
            context.text("button.end_share", name=_name(person_id, context)),
            pack(lead.number, person_id),
        )
        for person_id in others
    )


def merge_buttons(lead: Lead, context: Context) -> tuple[Button, ...]:
    """To make one of two leads of the customer, and, for a while, two again."""
    if not may_decide_on(context.actor, lead):
        return ()
    merge = Button("merge.ask", context.text("button.merge"), lead.number)
    done = context.uow.merges.latest(lead.id)
    if done is None or not (
        done.can_be_undone(context.now) and may_undo(context.actor, done, lead)
    ):
        return (merge,)
    undo = context.text("button.unmerge", part=lead_number(done.loser_id))
    return (merge, Button("merge.undo", undo, str(done.id)))


def asked(notice: AccessAsked, context: Context, *, again: bool) -> Card | None:
    """The notice for the owner and the leaders, while they are."""
    request = context.uow.access.get(notice.request_id)
    lead = context.uow.leads(SYSTEM).get(request.lead_id)
    if not _is_theirs(lead, context):
        return _gone_card(lead, request, context) if again else None
    return request_card(request, lead, context) if request.is_open or again else None


def answered(notice: AccessAnswered, context: Context, *, again: bool) -> Card | None:
    """The notice for who asked."""
    request = context.uow.access.get(notice.request_id)
    if request.asker_id != context.actor.id or request.is_open:
        return None
    if request.state is AccessState.DECLINED:
        return declined_card(request, context)
    try:
        return shared_card(request, context.leads.get(request.lead_id), context)
    except LeadNotFound:
        gone = context.uow.leads(SYSTEM).get(request.lead_id)
        return replace(_gone_card(gone, request, context), subject=gone.subject) if again else None


def sharing_ended(notice: SharingEnded, context: Context, **_again: bool) -> Card | None:
    """The notice for who worked on a lead beside its former owner; nothing of the lead."""
    try:
        context.leads.get(notice.lead_id)
    except LeadNotFound:
        lead = context.uow.leads(SYSTEM).get(notice.lead_id)
    else:
        return None
    return Card(
        title=context.text("access.over_title", lead=lead.number),
        body=context.text("access.over_pool" if lead.is_pooled else "access.over_owner"),
        buttons=(home_button(context),),
    )


def _is_theirs(lead: Lead, context: Context) -> bool:
    try:
        context.leads.get(lead.id)
    except LeadNotFound:
        return False
    return may_decide_on(context.actor, lead)


def _gone_card(lead: Lead, request: AccessRequest, context: Context) -> Card:
    return Card(
        title=context.text("lead.gone_title", lead=lead.number),
        body=context.text("lead.gone"),
        buttons=(home_button(context),),
        subject=request.subject,
    )


def _answer_facts(asked: AccessRequest, context: Context) -> tuple[Fact, ...]:
    if asked.is_open:
        return ()
    answer = context.text(f"access.answer_{asked.state}", name=_answerer(asked, context))
    if asked.word:
        answer = context.text("access.answer_word", answer=answer, word=asked.word)
    return (Fact(context.text("access.answer"), answer),)


def _answerer(asked: AccessRequest, context: Context) -> str:
    return _name(asked.answered_by, context) if asked.answered_by else ""


def _name(person_id: int, context: Context) -> str:
    return context.uow.people.get(person_id).name
