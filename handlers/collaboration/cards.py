"""Access requests as the owner and leaders see them, and the answer as the requester sees it."""

from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.labels import enum_label, home_button, lead_title
from handlers.core.ui import Button, Card, Fact
from sales.collaboration import AccessRequest, AccessState
from sales.leads import Lead, lead_number
from sales.permissions import may_decide_on, may_undo


def request_card(asked: AccessRequest, lead: Lead, context: Context) -> Card:
    """The requester, the reason, and the answers to choose from; once answered, the answer."""
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
    """The request after an answer, for the person who answered, who may no longer see the lead."""
    if asked.state is AccessState.HANDED and context.actor.id != lead.owner_id:
        title = context.text(
            "access.did_handed", lead=lead.number, name=_name(asked.asker_id, context)
        )
        return Card(title=title, buttons=(home_button(context),), subject=asked.subject)
    return request_card(asked, lead, context)


def shared_facts(lead: Lead, others: list[int], context: Context) -> tuple[Fact, ...]:
    """Who works on a lead together with the reader: its owner, and the ``others`` it is shared
    with; empty for a lead that is not shared."""
    if not others:
        return ()
    names = [_name(person_id, context) for person_id in others if person_id != context.actor.id]
    if lead.owner_id not in (None, context.actor.id):
        owner = _name(lead.owner_id or 0, context)
        names.insert(0, context.text("lead.shared_owner", name=owner))
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
    """Buttons to merge two leads of one customer and, for a while, to undo that."""
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


def _answer_facts(asked: AccessRequest, context: Context) -> tuple[Fact, ...]:
    if asked.is_open:
        return ()
    answer = context.text(f"access.answer_{asked.state}", name=answered_by_name(asked, context))
    if asked.word:
        answer = context.text("access.answer_word", answer=answer, word=asked.word)
    return (Fact(context.text("access.answer"), answer),)


def answered_by_name(asked: AccessRequest, context: Context) -> str:
    return _name(asked.answered_by, context) if asked.answered_by else ""


def _name(person_id: int, context: Context) -> str:
    return context.uow.people.get(person_id).name
