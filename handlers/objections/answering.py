"""Answering an objection: with an approved answer of the library, or in own words."""

from handlers.library.item_card import item_locale
from handlers.library.using import count_use
from handlers.library.writing import store_item
from handlers.objections.lines import objection_line
from handlers.objections.register import LONGEST, answer_title, list_card
from handlers.requests import Reply, record_id
from handlers.turns import Turn
from handlers.ui import Checklist, Choice, Field, Form, LongText, Option
from sales.contacts import mask_contacts
from sales.errors import InvalidInput, ItemNotFound, ObjectionNotFound, Problem
from sales.leads import Lead
from sales.library import Content, Item, ItemKind, Purpose, Tags, Wording
from sales.objections import Objection, ObjectionState

_OFFERED = 20
_LABEL = 75


def answer(turn: Turn) -> Reply:
    """Button: what do we answer?"""
    objection = _objection(turn.pressed, turn)
    lead = turn.leads.get(objection.lead_id)
    return Reply(form=_form(objection, _answers(objection, turn), lead, turn))


def agree(turn: Turn) -> Reply:
    """Form: this is what we answer."""
    objection, lead = _held(turn.pressed, turn)
    own = mask_contacts(turn.typed("answer"))
    chosen = turn.typed("item")
    item = next((one for one in _answers(objection, turn) if str(one.id) == chosen), None)
    if chosen and item is None:
        raise InvalidInput({"item": Problem("choose_one")})
    if item is None and not own:
        raise InvalidInput({"answer": Problem("answer_missing")})
    if len(own) > LONGEST["answer"]:
        raise InvalidInput({"answer": Problem("too_long", n=LONGEST["answer"])})
    proposed = bool(own) and "propose" in turn.ticked("propose")
    if proposed:
        _propose(objection, own, turn)
    saved = _answered(objection, own or _words(item, turn), item, turn)
    said = "objection.answered_proposed" if proposed else "objection.answered"
    return _after(saved, lead, said, turn)


def take(turn: Turn) -> Reply:
    """Button: an approved answer as it is."""
    value, _, item_value = turn.pressed.partition(":")
    objection, lead = _held(value, turn)
    item_id = record_id(item_value)
    if item_id is None:
        raise ItemNotFound
    item = turn.library.get(item_id)
    if not item.is_approved or item.kind is not ItemKind.ANSWER:
        raise ItemNotFound
    saved = _answered(objection, _words(item, turn), item, turn)
    return _after(saved, lead, "objection.answered", turn)


def accept(turn: Turn) -> Reply:
    """Button: the customer is content."""
    objection, lead = _held(turn.pressed, turn)
    if objection.state is not ObjectionState.ANSWERED:
        return Reply(update=list_card(lead, turn), toast=turn.text("objection.not_answered"))
    return _after(
        turn.objections.save(objection.accept(turn.now)), lead, "objection.accepted", turn
    )


def reopen(turn: Turn) -> Reply:
    """Button: the customer is not content after all."""
    objection, lead = _held(turn.pressed, turn)
    if objection.stands:
        return Reply(update=list_card(lead, turn), toast=turn.text("objection.is_open"))
    return _after(turn.objections.save(objection.reopen()), lead, "objection.reopened", turn)


def _objection(value: str, turn: Turn) -> Objection:
    """The objection a button or form carries; raises ObjectionNotFound for anything else."""
    objection_id = record_id(value)
    if objection_id is None:
        raise ObjectionNotFound
    return turn.objections.get(objection_id)


def _held(value: str, turn: Turn) -> tuple[Objection, Lead]:
    """The same, to be changed: its lead is locked first, as everywhere, and it is read again."""
    lead = turn.leads.get(_objection(value, turn).lead_id)
    return _objection(value, turn), lead


def _answered(objection: Objection, words: str, item: Item | None, turn: Turn) -> Objection:
    item_id = item.id if item else None
    saved = turn.objections.save(objection.answered(words, item_id, turn.actor, turn.now))
    if item_id is not None:
        count_use(item_id, objection.lead_id, Purpose.ANSWER, turn)
    return saved


def _after(objection: Objection, lead: Lead, said: str, turn: Turn) -> Reply:
    detail = {"kind": objection.kind, "state": objection.state}
    turn.uow.audit.record(turn.actor, "objection.save", lead.subject, detail)
    turn.uow.outbox.refresh(lead.subject)
    return Reply(update=list_card(lead, turn), toast=turn.text(said))


def _answers(objection: Objection, turn: Turn) -> list[Item]:
    return turn.library.suited(ItemKind.ANSWER, Tags(objection=objection.kind), _OFFERED)


def _words(item: Item | None, turn: Turn) -> str:
    return item.content.words[item_locale(item, turn)].text if item else ""


def _propose(objection: Objection, own: str, turn: Turn) -> None:
    wording = Wording(title=answer_title(objection, turn), text=own)
    words = {turn.language.locale: wording}
    content = Content(words=words, tags=Tags(objection=objection.kind))
    store_item(ItemKind.ANSWER, content, turn)


def _form(objection: Objection, answers: list[Item], lead: Lead, turn: Turn) -> Form:
    text = turn.text
    options = tuple(
        Option(str(item.id), item.content.words[item_locale(item, turn)].title[:_LABEL])
        for item in answers
    )
    pick = Choice(name="item", label=text("objection.from_library"), options=options,
                  value=str(objection.item_id or "")
                  if str(objection.item_id) in {one.value for one in options} else "")  # fmt: skip
    propose = (Option("propose", text("objection.propose_it")),)
    own: tuple[Field, ...] = (
        LongText(name="answer", label=text("objection.own_words"), max_length=LONGEST["answer"],
                 value="" if objection.item_id else objection.answer),
        Checklist(name="propose", label=text("objection.propose"), options=propose),
    )  # fmt: skip
    return Form(
        action="objection.agree",
        title=text("objection.answer_form"),
        intro=f"{lead.number} · {objection_line(objection, turn)}",
        fields=(*((pick,) if options else ()), *own),
        submit=text("button.save"),
        cancel=text("button.cancel"),
        state={"value": str(objection.id)},
    )
