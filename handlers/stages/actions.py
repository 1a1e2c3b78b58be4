"""``/stage``: move a lead along the pipeline, close it, or set it aside for later."""

from dataclasses import replace

from handlers.core.button_values import unpack
from handlers.core.context import Context
from handlers.core.labels import enum_label
from handlers.core.recipients import notify_owner
from handlers.core.replies import Reply
from handlers.stages.forms import choose_form, move_form, read_move
from handlers.stages.service import carry_out
from sales.contacts import mask_contacts
from sales.discussion import Remark
from sales.errors import Conflict, InvalidInput, Problem
from sales.jobs import Job, ReviveLead
from sales.leads import Lead, Stage, lead_id_of, parse_lead_number
from sales.notices import LookAgain
from sales.pipeline import UNDONE, Move, stage_once_sent, stages_from, why_unusual


def open_command(context: Context) -> Reply:
    """``/stage``: choose lead and stage; with a number, only the stage."""
    text = context.request.text.strip()
    lead_id = parse_lead_number(text)
    if lead_id is None:
        leads = context.leads.search(text, 2) if text else []
        lead = leads[0] if len(leads) == 1 else None
        return Reply(form=choose_form(context, lead))
    return _choose(context.leads.get(lead_id), context)


def advance(context: Context) -> Reply:
    """Button on a lead's card: choose the stage."""
    return _choose(context.leads.get(lead_id_of(context.pressed)), context)


def choose(context: Context) -> Reply:
    """Form: the stage is chosen; show the form with what the stage asks for."""
    lead = context.leads.get(
        lead_id_of(context.request.state.get("lead", "") or context.typed("lead"))
    )
    to = context.typed("to")
    allowed = stages_from(lead)
    if to not in allowed:
        names = [enum_label(stage, context.language) for stage in allowed]
        raise InvalidInput({"to": Problem("stage", stages=context.language.listing(names) or "—")})
    return Reply(form=move_form(context, lead, Stage(to)))


def move(context: Context) -> Reply:
    """Form: move the lead and audit the reason."""
    lead = context.leads.get(lead_id_of(context.request.state.get("lead", "")))
    to = context.request.state.get("to", "")
    if to not in stages_from(lead) or str(lead.version) != context.request.state.get("version"):
        raise Conflict(lead=lead.number)
    wish, look_again_on = read_move(context, lead, Stage(to))
    if wish.note and wish.to is not Stage.LOST:
        _note_why(lead, wish, context)
    saved = carry_out(lead, wish, context, look_again_on)
    return Reply(update=context.lead_card(saved), toast=moved_text(saved, context))


def undo(context: Context) -> Reply:
    """Button: take back the move that a sent proposal made, unless something changed since."""
    lead_id, version, before = unpack(context.pressed, lead_id_of, str, Stage)
    lead = context.leads.get(lead_id)
    made = version == str(lead.version) and lead.stage is Stage.PROPOSAL
    if not made or stage_once_sent(replace(lead, stage=before)) is None:
        return Reply(update=context.lead_card(lead), toast=context.text("move.changed"))
    saved = carry_out(lead, Move(to=before, reason=UNDONE), context)
    return Reply(update=context.lead_card(saved), toast=moved_text(saved, context))


def to_aftersales(context: Context) -> Reply:
    """Button: move a won lead to after-sales.

    If the stage asks for anything, its form comes first.
    """
    lead = context.leads.get(lead_id_of(context.pressed))
    if lead.stage is not Stage.WON:
        return Reply(update=context.lead_card(lead), toast=context.text("move.not_won"))
    if why_unusual(lead, wish := Move(to=Stage.AFTERSALES), context.playbook):
        return Reply(form=move_form(context, lead, Stage.AFTERSALES))
    saved = carry_out(lead, wish, context)
    return Reply(update=context.lead_card(saved), toast=moved_text(saved, context))


def moved_text(lead: Lead, context: Context) -> str:
    """What happened to the lead: moved forward or set aside."""
    if lead.is_set_aside:
        return context.text(f"move.done_{lead.stage}", lead=lead.number)
    stage = enum_label(lead.stage, context.language)
    return context.text("move.done", lead=lead.number, stage=stage)


def _note_why(lead: Lead, wish: Move, context: Context) -> None:
    """Save the note about a move in the lead's discussion.

    The audit log, which nobody can change, holds no free text.
    """
    stage = enum_label(wish.to, context.language)
    note = mask_contacts(context.text("move.noted", stage=stage, note=wish.note))
    context.discussion.add(
        Remark(lead_id=lead.id, person_id=context.actor.id, at=context.now, text=note)
    )


def look_again(job: Job[ReviveLead], context: Context) -> None:
    """Due work: remind of a lead that was set aside, or is of low value."""
    lead = context.leads.get(job.args.lead_id)
    if not lead.rests:
        return
    notify_owner(LookAgain(lead.id), lead, context)


def _choose(lead: Lead, context: Context) -> Reply:
    if not stages_from(lead):
        return Reply(toast=context.text("move.at_the_end", lead=lead.number))
    return Reply(form=choose_form(context, lead))
