"""A lead's objections: the list with what to do about each, and writing one down."""

from handlers.assignment.service import accept_by_acting
from handlers.core.context import Turn
from handlers.core.events import happened
from handlers.core.labels import lead_title, term_options
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import (
    Button,
    Card,
    Checklist,
    Choice,
    Fact,
    Field,
    Form,
    LeadPick,
    LongText,
    Option,
    Section,
)
from handlers.leads.forms import lead_options
from handlers.library.actions import count_use, store_item
from handlers.library.labels import item_locale
from handlers.objections.cards import kind_label, objection_line
from sales.contacts import mask_contacts
from sales.errors import InvalidInput, ItemNotFound, ObjectionNotFound, Problem
from sales.leads import Lead, lead_id_of, parse_lead_number
from sales.library import Content, Item, ItemKind, Purpose, Tags, Wording
from sales.objections import Objection, ObjectionState
from sales.playbook import Trigger

LONGEST = {"said": 500, "answer": 3000}
"""Characters that a field takes."""
_SUGGESTED = 2
_SHOWN = 10
_BUTTON_TITLE = 50


def open_command(turn: Turn) -> Reply:
    """``/objection``: the form; with a lead its list; with what was said, the form filled."""
    first, _, rest = turn.request.text.strip().partition(" ")
    lead_id = parse_lead_number(first)
    if lead_id is not None:
        lead = turn.leads.get(lead_id)
        if rest.strip():
            return Reply(form=_form(lead, turn, said=rest.strip()))
        return Reply(card=list_card(lead, turn))
    text = turn.request.text.strip()
    found = turn.leads.search(text, 2) if text else []
    if len(found) == 1:
        return Reply(card=list_card(found[0], turn))
    return Reply(form=_form(None, turn, said="" if found else text))


def show(turn: Turn) -> Reply:
    """Button on a lead's card."""
    return Reply(card=list_card(turn.leads.get(lead_id_of(turn.pressed)), turn))


def add(turn: Turn) -> Reply:
    """Button: what did the customer say?"""
    return Reply(form=_form(turn.leads.get(lead_id_of(turn.pressed)), turn))


def create(turn: Turn) -> Reply:
    """Form: an objection is written down; the list then offers approved answers."""
    number = turn.request.state.get("lead", "") or turn.typed("lead")
    problems: dict[str, Problem] = {}
    kinds = {term.key for term in turn.playbook.vocabulary.objections}
    said = turn.typed("said")
    if parse_lead_number(number) is None:
        problems["lead"] = Problem("lead_missing")
    if turn.typed("kind") not in kinds:
        problems["kind"] = Problem("choose_one")
    if not said:
        problems["said"] = Problem("said_missing")
    if len(said) > LONGEST["said"]:
        problems["said"] = Problem("too_long", n=LONGEST["said"])
    if problems:
        raise InvalidInput(problems)
    lead = turn.leads.get(lead_id_of(number))
    accept_by_acting(lead, turn)
    turn.objections.add(
        Objection(
            lead_id=lead.id,
            kind=turn.typed("kind"),
            said=mask_contacts(said),
            raised_by=turn.actor.id,
            raised_at=turn.now,
        )
    )
    happened(Trigger.OBJECTION, lead, turn, objection=turn.typed("kind"))
    turn.uow.audit.record(
        turn.actor, "objection.create", lead.subject, {"kind": turn.typed("kind")}
    )
    turn.uow.outbox.refresh(lead.subject)
    return Reply(card=list_card(lead, turn), toast=turn.text("objection.saved"))


def list_card(lead: Lead, turn: Turn) -> Card:
    """Those that stand first, each with what can be done about it."""
    objections = turn.objections.of_lead(lead.id)
    standing = sum(one.stands for one in objections)
    add_one = Button("objection.add", turn.text("button.add_objection"), lead.number)
    return Card(
        title=turn.text("objection.title", lead=lead_title(lead)),
        body="" if objections else turn.text("objection.none"),
        sections=tuple(_section(one, lead, turn) for one in objections[:_SHOWN]),
        buttons=(add_one, Button("lead.show", turn.text("button.open"), lead.number)),
        footnote=turn.text("objection.more", n=_SHOWN) if len(objections) > _SHOWN else "",
        tone="warning" if standing else "plain",
    )


def _section(objection: Objection, lead: Lead, turn: Turn) -> Section:
    answer = objection.answer and turn.text("objection.answer_is", words=objection.answer)
    return Section(
        objection_line(objection, turn),
        (answer[:1000],) if answer else (),
        buttons=_buttons(objection, lead, turn),
    )


def _buttons(objection: Objection, lead: Lead, turn: Turn) -> tuple[Button, ...]:
    value, text = str(objection.id), turn.text
    answer = Button("objection.answer", text("button.answer_objection"), value)
    accept = Button("objection.accept", text("button.customer_accepts"), value, "primary")
    match objection.state:
        case ObjectionState.OPEN:
            return (*_suggestions(objection, lead, turn), answer)
        case ObjectionState.ANSWERED:
            return (accept, answer)
        case ObjectionState.ACCEPTED:
            return (Button("objection.reopen", text("button.reopen"), value),)


def _suggestions(objection: Objection, lead: Lead, turn: Turn) -> tuple[Button, ...]:
    """Approved answers to this kind of objection, each to be read before it is taken."""
    wanted = Tags(objection=objection.kind, product=lead.product)
    found = turn.library.suited(ItemKind.ANSWER, wanted, _SUGGESTED)
    return tuple(
        Button(
            "objection.look",
            turn.text(
                "button.look_answer",
                title=item.content.words[item_locale(item, turn)].title[:_BUTTON_TITLE],
            ),
            f"{objection.id}:{item.id}",
        )
        for item in found
    )


def _form(lead: Lead | None, turn: Turn, said: str = "") -> Form:
    text = turn.text
    fields: list[Field] = [
        Choice(name="kind", label=text("objection.kind"), required=True,
               options=term_options(turn.playbook.vocabulary.objections, turn.language)),
        LongText(name="said", label=text("objection.said"), required=True,
                 value=said[: LONGEST["said"]], max_length=LONGEST["said"],
                 placeholder=text("objection.said_example")),
    ]  # fmt: skip
    if lead is None:
        pick = LeadPick(
            name="lead", label=text("followup.lead"), required=True, options=lead_options(turn)
        )
        fields.insert(0, pick)
    return Form(
        action="objection.create",
        title=text("objection.form"),
        intro=lead_title(lead) if lead else "",
        fields=tuple(fields),
        submit=text("button.save"),
        cancel=text("button.cancel"),
        state={"lead": lead.number} if lead else {},
    )


def answer_title(objection: Objection, turn: Turn) -> str:
    """What an answer to it is called in the library."""
    return objection.said.replace("\n", " ")[:120] or kind_label(objection.kind, turn)


_OFFERED = 20
_LABEL = 75


def answer(turn: Turn) -> Reply:
    """Button: what do we answer?"""
    objection = _objection(turn.pressed, turn)
    lead = turn.leads.get(objection.lead_id)
    return Reply(form=_answer_form(objection, _answers(objection, turn), lead, turn))


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


def _answer_form(objection: Objection, answers: list[Item], lead: Lead, turn: Turn) -> Form:
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
