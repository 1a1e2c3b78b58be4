"""``/stage``: move a lead along the pipeline, close it, or set it aside to look at again."""

from handlers.core.context import Turn
from handlers.core.labels import enum_label, lead_title, lost_reason_label
from handlers.core.recipients import tell_owner
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Fact
from handlers.followups.next_step import read_day
from handlers.lead_card.card import lead_card
from handlers.stages.forms import choose_form, move_form, read_move
from handlers.stages.service import carry_out
from sales.contacts import mask_contacts
from sales.discussion import Remark
from sales.errors import Conflict, InvalidInput, Problem
from sales.leads import Lead, Stage, lead_id_of, parse_lead_number
from sales.notices import LookAgain
from sales.pipeline import Move, stages_from, why_unusual
from storage.jobs import Work


def open_command(turn: Turn) -> Reply:
    """``/stage``: choose lead and stage; with a number, the stage."""
    text = turn.request.text.strip()
    lead_id = parse_lead_number(text)
    if lead_id is None:
        found = turn.leads.search(text, 2) if text else []
        lead = found[0] if len(found) == 1 else None
        return Reply(form=choose_form(turn, lead))
    return _choose(turn.leads.get(lead_id), turn)


def advance(turn: Turn) -> Reply:
    """Button on a lead's card."""
    return _choose(turn.leads.get(lead_id_of(turn.pressed)), turn)


def choose(turn: Turn) -> Reply:
    """Form: the stage is chosen; now what it asks for."""
    lead = turn.leads.get(lead_id_of(turn.request.state.get("lead", "") or turn.typed("lead")))
    to = turn.typed("to")
    allowed = stages_from(lead)
    if to not in allowed:
        names = [enum_label(stage, turn.language) for stage in allowed]
        raise InvalidInput({"to": Problem("stage", stages=turn.language.listing(names) or "—")})
    return Reply(form=move_form(turn, lead, Stage(to)))


def move(turn: Turn) -> Reply:
    """Form: the move itself, with its reason on record."""
    lead = turn.leads.get(lead_id_of(turn.request.state.get("lead", "")))
    to = turn.request.state.get("to", "")
    if to not in stages_from(lead) or str(lead.version) != turn.request.state.get("version"):
        raise Conflict(lead=lead.number)
    wish = read_move(turn, lead, Stage(to))
    if wish.note and wish.to is not Stage.LOST:
        _note_why(lead, wish, turn)
    saved = carry_out(lead, wish, turn, read_day("look_again", turn))
    return Reply(update=lead_card(saved, turn), toast=moved_text(saved, turn))


def to_aftersales(turn: Turn) -> Reply:
    """Button: on from the signature; where the stage asks for anything, its form comes first."""
    lead = turn.leads.get(lead_id_of(turn.pressed))
    if lead.stage is not Stage.WON:
        return Reply(update=lead_card(lead, turn), toast=turn.text("move.not_won"))
    if why_unusual(lead, wish := Move(to=Stage.AFTERSALES), turn.playbook):
        return Reply(form=move_form(turn, lead, Stage.AFTERSALES))
    saved = carry_out(lead, wish, turn)
    return Reply(update=lead_card(saved, turn), toast=moved_text(saved, turn))


def moved_text(lead: Lead, turn: Turn) -> str:
    """What became of the lead: forward, or set aside."""
    if lead.is_set_aside:
        return turn.text(f"move.done_{lead.stage}", lead=lead.number)
    stage = enum_label(lead.stage, turn.language)
    return turn.text("move.done", lead=lead.number, stage=stage)


def _note_why(lead: Lead, wish: Move, turn: Turn) -> None:
    """What was said about a move stands in the lead's talk: the record of acts, which nobody can
    change, holds no free text."""
    stage = enum_label(wish.to, turn.language)
    said = mask_contacts(turn.text("move.noted", stage=stage, note=wish.note))
    turn.remarks.add(Remark(lead_id=lead.id, person_id=turn.actor.id, at=turn.now, text=said))


def look_again(work: Work, turn: Turn) -> None:
    """Due work: remind of a lead that was set aside, or is of low value."""
    lead = turn.leads.get(int(work.subject))
    if not lead.rests:
        return
    tell_owner(LookAgain(lead.id), lead, turn)


def look_again_card(lead: Lead, turn: Turn) -> Card:
    """The reminder that a lead was set aside for now or is of low value, and why."""
    reason = lead.lost_reason and lost_reason_label(lead.lost_reason, turn.language, turn.playbook)
    since = turn.language.day_of(lead.stage_since)
    facts = [Fact(turn.text("lead.stage"), enum_label(lead.stage, turn.language))]
    if reason:
        facts.append(Fact(turn.text("move.lost"), reason))
    return Card(
        title=turn.text("move.look_again_title", lead=lead_title(lead)),
        facts=(*facts, Fact(turn.text("move.since"), since)),
        body=lead.need,
        buttons=(
            Button("followup.log", turn.text("button.log"), lead.number, "primary"),
            Button("stage.advance", turn.text("button.stage"), lead.number),
            Button("lead.show", turn.text("button.open"), lead.number),
        ),
        footnote=turn.text("move.why_now" if lead.is_set_aside else "move.why_low"),
        subject=lead.subject,
    )


def _choose(lead: Lead, turn: Turn) -> Reply:
    if not stages_from(lead):
        return Reply(toast=turn.text("move.at_the_end", lead=lead.number))
    return Reply(form=choose_form(turn, lead))
