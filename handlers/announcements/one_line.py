"""A move said in one line, carried out: what was understood, and a win celebrated."""

from dataclasses import replace

from handlers.announcements.cards import celebration_card
from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Fact
from handlers.stages import actions as stages
from handlers.stages.one_line import move_at_once, moved_card
from handlers.stages.service import carry_out
from sales.leads import Lead, Stage, lead_id_of
from sales.pipeline import Move


def move_as_said(context: Context) -> Reply:
    """Move the lead at once, as the line says; where something is missing by now, ask for it."""
    lead = context.leads.get(lead_id_of(context.request.state.get("lead", "")))
    line = context.request.text
    planned = move_at_once(lead, stages.read_line(line, context), context)
    if planned is None:
        return stages.as_said(lead, line, context)
    before, (expected, wish) = lead.stage, planned
    if wish.note:
        stages.note_why(lead, wish, context)
    carry_out(expected, wish, context)
    # Read again: what follows from a move may have changed the lead once more.
    saved = context.leads.get(lead.id)
    if wish.to is not Stage.WON:
        return Reply(card=moved_card(saved, before, wish, context))
    return Reply(card=_won_card(saved, before, wish, context))


def _won_card(lead: Lead, before: Stage, wish: Move, context: Context) -> Card:
    """The celebration, with what was understood beside the amount."""
    card = celebration_card(lead, before, context)
    rows = (("lead.contract", lead.contract), ("move.note", context.said(wish.note)))
    said = tuple(Fact(context.text(key), value) for key, value in rows if value)
    correct = Button("deal.edit", context.text("button.correct"), lead.number)
    opens, *others = card.buttons
    return replace(
        card, facts=(*card.facts, *said), buttons=(opens, correct, *others), exact=(lead.contract,)
    )
