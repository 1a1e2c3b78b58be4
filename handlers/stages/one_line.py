"""Moves said in one line, ``推进 LX011 成交 12万``, and correcting the deal of a win.

A line moves a lead at once when it says all that the stage requires; otherwise the form opens.
"""

from dataclasses import replace
from decimal import Decimal
from unicodedata import normalize

from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_label, lead_title, term_options
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Fact, Form, LongText, Money, Section, Text, fold
from handlers.stages.deal import LONGEST, deal_fields
from handlers.stages.forms import LONGEST_REASON, NOTHING_SAID, Said
from handlers.stages.service import open_criteria, shown_criteria
from sales.amounts import NotAnAmount, parse_worth, written_amount
from sales.announcements import win_key
from sales.errors import Conflict
from sales.forecast import expecting
from sales.leads import WORKED_STAGES, Lead, Stage, lead_id_of
from sales.pipeline import Move, agreed, skips, why_unusual
from sales.quick_move import is_exact

_SIGNED = "signed"
"""The criterion which the word for a win itself says is met."""


def move_at_once(lead: Lead, said: Said, context: Context) -> tuple[Lead, Move] | None:
    """The lead with what is expected of it, and its move; None where something is still to be
    asked: an amount that is missing or vague, a stage that is skipped, a criterion nobody named."""
    to = said.move.to
    if said.unread or to is None:
        return None
    try:
        amount = _amount(said.move.amount, context)
    except NotAnAmount:
        return None
    if to is Stage.WON:
        return _win(lead, said, amount, context)
    if to not in WORKED_STAGES or skips(lead, to):
        return None
    ticked = shown_criteria(lead, to, context)
    unusual = why_unusual(lead, Move(to=to, ticked=ticked), context.playbook)
    if unusual and not (amount or said.move.close):
        return None
    wish = Move(to=to, ticked=ticked, reason=unusual, note=said.move.note[:LONGEST_REASON])
    expected = expecting(
        lead,
        lead.amount if amount is None else amount,
        lead.expected_close if said.move.close is None else said.move.close,
        by=context.actor.id,
        now=context.now,
    )
    return expected, wish


def _win(
    lead: Lead, said: Said, amount: Decimal | None, context: Context
) -> tuple[Lead, Move] | None:
    """A deal that was being closed is won by its amount alone; an earlier one asks how it came."""
    if amount is None or not is_exact(said.move.amount):
        return None
    if lead.stage not in (Stage.PROPOSAL, Stage.NEGOTIATION):
        return None
    ticked = {*shown_criteria(lead, Stage.WON, context), _SIGNED}
    if {term.key for term in context.playbook.stage(Stage.WON).criteria} - ticked:
        return None
    offered = next(
        (str(one.value) for one in deal_fields(lead, context) if one.name == "specification"), ""
    )
    wish = Move(
        to=Stage.WON,
        ticked=ticked,
        amount=amount,
        contract=said.move.contract,
        note=said.move.note,
        specification=offered,
    )
    return lead, replace(wish, reason=why_unusual(lead, wish, context.playbook))


def _amount(typed: str, context: Context) -> Decimal | None:
    style = context.language.amount_style
    return parse_worth(normalize("NFKC", typed), style) if typed else None


def moved_card(lead: Lead, before: Stage, wish: Move, context: Context) -> Card:
    """What was understood and done, to be corrected or taken back by one press."""
    language, text = context.language, context.text
    names = {"before": enum_label(before, language), "to": enum_label(wish.to, language)}
    stages = text("move.from_to", **names)
    rows = [("lead.stage", stages)]
    if lead.amount is not None:
        rows.append(("forecast.amount", language.money(lead.amount)))
    if lead.expected_close:
        rows.append(("forecast.close", language.day(lead.expected_close)))
    if wish.note:
        rows.append(("move.note", context.said(wish.note)))
    open_ones = term_options(open_criteria(lead, context), language)
    undo = pack(lead.number, lead.version, before)
    unmet = tuple(option.label for option in open_ones)
    return Card(
        title=text("move.done", lead=lead_title(lead), stage=enum_label(lead.stage, language)),
        facts=tuple(Fact(text(key), value) for key, value in rows),
        sections=(Section(text("move.still_open"), unmet),) if unmet else (),
        buttons=(
            Button("forecast.edit", text("button.correct"), lead.number),
            Button("stage.undo", text("button.undo_move"), undo),
            Button("lead.show", text("button.open"), lead.number, "primary"),
        ),
        tone="good",
        confirms=lead.subject,
    )


def correct_deal(context: Context) -> Reply:
    """Button: open the form of the deal that was won."""
    lead = context.leads.get(lead_id_of(context.pressed))
    if not lead.is_customer:
        return Reply(update=context.lead_card(lead), toast=context.text("move.not_won"))
    return Reply(form=deal_form(lead, context))


def save_deal(context: Context) -> Reply:
    """Form: correct what was sold and for how much; audited, without the sum."""
    lead = context.leads.get(lead_id_of(context.request.state.get("lead", "")))
    if not lead.is_customer or str(lead.version) != context.request.state.get("version"):
        raise Conflict(lead=lead.number)
    with FormReader(context) as form:
        amount = form.worth("amount")
        deal = {name: form.words(name, longest) for name, longest in LONGEST.items()}
        wish = Move(to=lead.stage, amount=amount, contract=context.line("contract")[:80], **deal)
    saved = context.leads.save(agreed(lead, wish))
    context.uow.audit.record(context.actor, "deal.save", saved.subject, {})
    context.uow.outbox.refresh(saved.subject)
    if announced := context.uow.announcements.with_key(win_key(saved.id)):
        context.uow.outbox.refresh(announced.subject)
    toast = context.text("deal.saved", lead=saved.number)
    return Reply(update=context.lead_card(saved), toast=toast)


def deal_form(lead: Lead, context: Context, said: Said = NOTHING_SAID) -> Form:
    """The form that corrects the deal of a win, with what was ``said`` of it now."""
    language = context.language
    known = {
        "amount": "" if lead.amount is None
        else written_amount(lead.amount, language.locale, language.amount_style),
        "contract": lead.contract,
        "specification": lead.specification,
        "payment": lead.payment,
        "liability": lead.liability,
    }  # fmt: skip
    given = {"amount": said.move.amount, "contract": said.move.contract}
    known |= {name: value for name, value in given.items() if value}
    return Form(
        action="deal.save",
        title=context.text("deal.correct_title"),
        intro=lead_title(lead),
        fields=fold(
            (
                replace(one, value=known[one.name])
                for one in deal_fields(lead, context)
                if isinstance(one, Money | Text | LongText)
            ),
            *LONGEST,
        ),
        submit=context.text("button.save"),
        cancel=context.text("button.cancel"),
        state={"lead": lead.number, "version": str(lead.version)},
    )
