"""``/stage``: move a lead along the pipeline, close it, or set it aside for later."""

from dataclasses import replace

from handlers.core.button_values import unpack
from handlers.core.choices import lead_option
from handlers.core.command_lines import named_lead
from handlers.core.commands import echoed
from handlers.core.context import Context
from handlers.core.labels import enum_label
from handlers.core.recipients import notify_owner
from handlers.core.replies import Reply
from handlers.forecast.forms import expectation_form
from handlers.stages.forms import (
    LONGEST_REASON,
    Said,
    choose_form,
    move_form,
    read_move,
)
from handlers.stages.one_line import deal_form, move_at_once
from handlers.stages.service import carry_out
from sales.contacts import mask_contacts
from sales.days import NamedDay, named_days
from sales.discussion import Remark
from sales.errors import Conflict, InvalidInput, Problem
from sales.jobs import Job, ReviveLead
from sales.leads import WORKED_STAGES, Lead, Stage, lead_id_of
from sales.notices import LookAgain
from sales.pipeline import (
    UNDONE,
    Move,
    next_stage,
    stage_once_sent,
    stages_from,
    why_unusual,
)
from sales.quick_move import LONGEST, ParsedMove, parse_move

_NAME_WORDS, _NAME_LEAST = 5, 2
_CHOICES = 20


def open_command(context: Context) -> Reply:
    """``/stage``: choose lead and stage. ``/stage LX011 won 120k``, like ``推进 A科技 成交 12万``,
    opens the form of that move, filled with what was said."""
    text = context.request.text.strip()
    if not text:
        return Reply(form=choose_form(context, None))
    if named := named_lead(text):
        lead = context.leads.get(named.lead_id)
        return as_said(lead, f"{named.before} {named.after}".strip(), context)
    candidates, rest = _by_name(text, context)
    if len(candidates) == 1:
        return as_said(candidates[0], rest, context)
    said = read_line(
        rest, context, unread="" if candidates else _unread("lead", text, rest, context)
    )
    picks = tuple(lead_option(lead) for lead in candidates)
    return Reply(form=choose_form(context, None, said, picks))


def _by_name(text: str, context: Context) -> tuple[list[Lead], str]:
    """The leads that the line's first words, or those before the stage, name, and the rest of the
    line."""
    move = parse_move(text, _reasons(context))
    if move.before and (found := _of_customer(move.before, context)):
        return found, text.partition(move.before)[2].strip()
    words = text.split()
    for count in range(min(len(words), _NAME_WORDS), 0, -1):
        if found := _of_customer(" ".join(words[:count]), context):
            return found, " ".join(words[count:])
    return [], text


def _of_customer(name: str, context: Context) -> list[Lead]:
    """The leads whose customer's name holds these words; if only one is the actor's own, that."""
    if len(name) < _NAME_LEAST:
        return []
    named = [
        lead
        for lead in context.leads.search(name, _CHOICES)
        if name.casefold() in lead.customer.casefold()
    ]
    own = [lead for lead in named if lead.owner_id == context.actor.id]
    return own if len(own) == 1 else named


def _reasons(context: Context) -> dict[str, tuple[str, ...]]:
    return {term.key: (term.en, term.zh) for term in context.playbook.vocabulary.lost_reasons}


def _days(words: str, context: Context) -> tuple[NamedDay, ...]:
    """The days of today and later that the words name."""
    today, calendar = context.today_here, context.calendar_of(context.actor.id)
    named = named_days(words, today, calendar, order=context.figures)
    return tuple(day for day in named if day.day >= today)


def read_line(line: str, context: Context, *, unread: str = "") -> Said:
    """What a line says of a move; the words before the stage that name no lead go into the note."""
    line, cut = line[:LONGEST], line[LONGEST:]
    move = parse_move(line, _reasons(context), lambda words: _days(words, context))
    if move.before:
        note = " ".join(part for part in (move.before, move.note) if part)
        move = replace(move, note=note, before="")
    if move.to is None and line and not unread:
        unread = context.text("move.no_stage", words=echoed(line))
    elif cut := move.note[LONGEST_REASON:] + cut:
        unread = context.text("move.cut", words=echoed(cut))
    return Said(line, move, unread)


def _unread(what: str, text: str, rest: str, context: Context) -> str:
    move = parse_move(rest, _reasons(context))
    words = move.before or ("" if move.to else text)
    return context.text(f"move.no_{what}", words=echoed(words)) if words else ""


def as_said(lead: Lead, line: str, context: Context) -> Reply:
    """The move that was said: made at once when the line says all that it takes, else its form."""
    allowed = stages_from(lead)
    if not allowed or not line:
        return _choose(lead, context)
    said = read_line(line, context)
    if said.move.to in allowed and move_at_once(lead, said, context):
        at_once = replace(
            context.request, action="stage.said", text=line, state={"lead": lead.number}, values={}
        )
        return Reply(instead=at_once)
    if said.move.to in allowed:
        return Reply(form=move_form(context, lead, said.move.to, said))
    if said.move.to is Stage.WON and lead.is_customer and said.move.amount:
        return Reply(form=deal_form(lead, context, said))
    if said.move.to is lead.stage and (said.move.amount or said.move.close):
        # It is there already: what is said of it is all there is to save.
        return Reply(form=expectation_form(lead, context, said.move))
    if said.move.to is not None:
        stage = enum_label(said.move.to, context.language)
        key = "move.there_already" if said.move.to is lead.stage else "move.not_from_here"
        now = enum_label(lead.stage, context.language)
        said = replace(said, unread=context.text(key, stage=stage, now=now))
    return Reply(form=choose_form(context, lead, said))


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
    said = read_line(context.request.state.get("said", ""), context)
    takes_worth = Stage(to) is Stage.WON or Stage(to) in WORKED_STAGES
    if not takes_worth and (said.move.amount or said.move.close):
        # The form has no field for them: the words are kept in its note.
        said = replace(said, move=ParsedMove(to=said.move.to, note=said.line[:LONGEST_REASON]))
    # That no stage was understood is settled now.
    return Reply(form=move_form(context, lead, Stage(to), replace(said, unread="")))


def move(context: Context) -> Reply:
    """Form: move the lead and audit the reason."""
    lead = context.leads.get(lead_id_of(context.request.state.get("lead", "")))
    to = context.request.state.get("to", "")
    if to not in stages_from(lead) or str(lead.version) != context.request.state.get("version"):
        raise Conflict(lead=lead.number)
    lead, wish, look_again_on = read_move(context, lead, Stage(to))
    if wish.note and wish.to is not Stage.LOST:
        note_why(lead, wish, context)
    saved = carry_out(lead, wish, context, look_again_on)
    return Reply(update=context.lead_card(saved), toast=moved_text(saved, context))


def undo(context: Context) -> Reply:
    """Button: take back the move that a sent proposal or a line made, unless something changed
    since."""
    lead_id, version, before = unpack(context.pressed, lead_id_of, str, Stage)
    lead = context.leads.get(lead_id)
    sent = lead.stage is Stage.PROPOSAL and stage_once_sent(replace(lead, stage=before))
    made = sent or (lead.stage in WORKED_STAGES and next_stage(before) is lead.stage)
    if not made or version != str(lead.version):
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


def note_why(lead: Lead, wish: Move, context: Context) -> None:
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
