"""The forms that move a lead: the target stage, and what that stage asks for."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from handlers.core.choices import lead_options
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_options, lead_title, objection_line, term_options
from handlers.core.ui import (
    Checklist,
    Choice,
    Date,
    Field,
    Form,
    LeadPick,
    LongText,
    Money,
    Option,
    Text,
    fold,
)
from handlers.forecast.forms import expectation_fields, read_expectation
from handlers.stages.deal import LONGEST, deal_fields
from handlers.stages.service import shown_criteria
from sales.leads import WORKED_STAGES, Lead, Stage
from sales.pipeline import Move, goes_back, skips, stages_from, why_unusual
from sales.quick_move import ParsedMove

LONGEST_REASON = 150
OBJECTIONS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Said:
    """What a line said of a move: as typed, as parsed, and in words what was not understood."""

    line: str = ""
    move: ParsedMove = field(default_factory=ParsedMove)
    unread: str = ""


NOTHING_SAID = Said()


def choose_form(
    context: Context, lead: Lead | None, said: Said = NOTHING_SAID, picks: tuple[Option, ...] = ()
) -> Form:
    """Form to choose the stage; the one that was ``said`` is preselected, else the next of the
    lead's possible stages. ``picks`` are the leads that were meant, if several match."""
    stages = stages_from(lead) if lead else tuple(Stage)
    next_one = stages[0] if lead and stages else ""
    fields: list[Field] = [
        Choice(
            name="to",
            label=context.text("move.to"),
            required=True,
            value=said.move.to if said.move.to in stages else next_one,
            options=enum_options(stages, context.language),
        )
    ]
    if lead is None:
        pick = LeadPick(
            name="lead",
            label=context.text("followup.lead"),
            required=True,
            options=picks or lead_options(context),
        )
        fields.insert(0, pick)
    return Form(
        action="stage.choose",
        title=context.text("move.title"),
        intro="\n".join(filter(None, (lead_title(lead) if lead else "", said.unread))),
        fields=tuple(fields),
        submit=context.text("button.next"),
        cancel=context.text("button.cancel"),
        state=({"lead": lead.number} if lead else {}) | ({"said": said.line} if said.line else {}),
    )


def move_form(context: Context, lead: Lead, to: Stage, said: Said = NOTHING_SAID) -> Form:
    """Form of what the stage asks for: its criteria, and what closing or pausing needs; filled with
    what was ``said``."""
    text = context.text
    fields: list[Field] = [*_criteria(context, lead, to)]
    if to is Stage.WON:
        fields += fold(_as_said(deal_fields(lead, context), said), *LONGEST)
    fields += expectation_fields(lead, to, context, said.move)
    if to is Stage.LOST:
        reasons = term_options(context.playbook.vocabulary.lost_reasons, context.language)
        lost = Choice(
            name="lost",
            label=text("move.lost"),
            required=True,
            options=reasons,
            value=said.move.reason,
        )
        fields.append(lost)
    if to in (Stage.LOST, Stage.NURTURE):
        fields.append(_look_again(context, to))
    fields.append(replace(_reason(context, lead, to), value=said.move.note[:LONGEST_REASON]))
    moves = text("move.intro", lead=lead_title(lead), stage=text(f"stage.{to}"))
    standing = before_winning(lead, context) if to is Stage.WON else ""
    return Form(
        action="stage.move",
        title=text("move.title"),
        intro="\n".join(filter(None, (moves, said.unread, standing))),
        fields=tuple(fields),
        submit=text("move.submit"),
        cancel=text("button.cancel"),
        state={"lead": lead.number, "to": to, "version": str(lead.version)},
    )


def _as_said(fields: tuple[Field, ...], said: Said) -> list[Field]:
    """The fields of the deal with the amount and the contract that were said."""
    given = {"amount": said.move.amount, "contract": said.move.contract}
    return [
        replace(one, value=given[one.name])
        if isinstance(one, Money | Text) and given.get(one.name)
        else one
        for one in fields
    ]


def read_move(context: Context, lead: Lead, to: Stage) -> tuple[Lead, Move, date | None]:
    """Read the lead with what is now expected of it, the move, and the day on which the lead is
    looked at again.

    Raises InvalidInput naming every field that is wrong.
    """
    note = context.typed("reason")[:LONGEST_REASON]
    with FormReader(context) as form:
        reasons = [term.key for term in context.playbook.vocabulary.lost_reasons]
        lost = form.one_of("lost", reasons) if to is Stage.LOST else ""
        amount = form.worth("amount") if to is Stage.WON else None
        asked = LONGEST if to is Stage.WON else {}
        deal = {name: form.words(name, longest) for name, longest in asked.items()}
        move = Move(
            to=to,
            ticked=context.ticked("criteria"),
            note=note,
            amount=amount,
            contract=context.line("contract")[:80],
            **deal,
        )
        unusual = why_unusual(lead, move, context.playbook)
        if to is Stage.LOST:
            move = replace(move, reason=lost)
        elif unusual:
            move = replace(move, reason=unusual)
            if not note:
                form.refuse("reason", f"{unusual}_reason")
        if to in WORKED_STAGES:
            lead = read_expectation(lead, form)
        return lead, move, form.day("look_again")


def _criteria(context: Context, lead: Lead, to: Stage) -> tuple[Field, ...]:
    """Checkboxes of the criteria; those backed by records are ticked, for a person to confirm."""
    criteria = context.playbook.stage(to).criteria
    if not criteria:
        return ()
    shown = shown_criteria(lead, to, context)
    ticked = tuple(criterion.key for criterion in criteria if criterion.key in shown)
    return (
        Checklist(
            name="criteria",
            label=context.text("move.criteria"),
            options=term_options(criteria, context.language),
            value=ticked,
            hint=context.text("move.criteria_hint") if ticked else "",
        ),
    )


def _reason(context: Context, lead: Lead, to: Stage) -> LongText:
    if to is Stage.LOST:
        return LongText(
            name="reason", label=context.text("move.lost_note"), max_length=LONGEST_REASON
        )
    if skips(lead, to):
        label = context.text("move.back_reason" if goes_back(lead, to) else "move.skip_reason")
        return LongText(name="reason", label=label, required=True, max_length=LONGEST_REASON)
    return LongText(
        name="reason",
        label=context.text("move.note"),
        hint=context.text("move.note_hint") if context.playbook.stage(to).criteria else "",
        max_length=LONGEST_REASON,
    )


def _look_again(context: Context, to: Stage) -> Date:
    rules = context.playbook.revival
    days = rules.nurture_days if to is Stage.NURTURE else rules.lost_days
    day = context.today + timedelta(days=days)
    return Date(
        name="look_again",
        label=context.text("move.look_again"),
        hint=context.text("move.look_again_hint"),
        value=day.isoformat(),
    )


def before_winning(lead: Lead, context: Context) -> str:
    """Hint at what the customer has not accepted yet; empty when nothing is open."""
    standing = [objection for objection in context.objections.of_lead(lead.id) if objection.stands]
    if not standing:
        return ""
    lines = "\n".join(
        objection_line(objection, context) for objection in standing[:OBJECTIONS_SHOWN]
    )
    return context.text("objection.before_winning", n=len(standing)) + "\n" + lines
