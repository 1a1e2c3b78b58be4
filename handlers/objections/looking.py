"""An approved answer, read before it is taken."""

from handlers.library.item_card import item_locale
from handlers.objections.lines import objection_line
from handlers.requests import Reply, record_id
from handlers.turns import Turn
from handlers.ui import Button, Card, Fact
from sales.errors import ItemNotFound, ObjectionNotFound
from sales.library import ItemKind


def look(turn: Turn) -> Reply:
    """Button: what would we say?"""
    value, _, item_value = turn.pressed.partition(":")
    objection_id, item_id = record_id(value), record_id(item_value)
    if objection_id is None:
        raise ObjectionNotFound
    if item_id is None:
        raise ItemNotFound
    objection = turn.objections.get(objection_id)
    lead = turn.leads.get(objection.lead_id)
    item = turn.library.get(item_id)
    if not item.is_approved or item.kind is not ItemKind.ANSWER:
        raise ItemNotFound
    wording = item.content.words[item_locale(item, turn)]
    text = turn.text
    return Reply(
        card=Card(
            title=wording.title,
            facts=(Fact(text("objection.about"), objection_line(objection, turn)),),
            body=wording.text,
            buttons=(
                Button("objection.take", text("button.take_answer"), turn.pressed, "primary"),
                Button("objection.answer", text("button.answer_objection"), str(objection.id)),
                Button("objection.list", text("button.objections"), lead.number),
            ),
        )
    )
