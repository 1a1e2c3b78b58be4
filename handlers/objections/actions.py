"""A lead's objections: list them with what to do about each, and record new ones."""

from handlers.assignment.service import accept_by_acting
from handlers.core.automation_events import record_event
from handlers.core.button_values import pack, unpack
from handlers.core.choices import lead_options
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import lead_title, objection_label, objection_line, term_options
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
from handlers.library.labels import item_locale
from handlers.library.service import count_use, store_item
from sales.contacts import mask_contacts
from sales.errors import ItemNotFound, ObjectionNotFound
from sales.leads import Lead, lead_id_of, parse_lead_number
from sales.library import Content, Item, ItemKind, Purpose, Tags, Wording
from sales.objections import Objection, ObjectionState
from sales.playbook import Trigger

LONGEST = {"said": 500, "answer": 3000}
"""Maximum number of characters per field."""
_SUGGESTED = 2
_SHOWN = 10
_BUTTON_TITLE = 50


def open_command(context: Context) -> Reply:
    """``/objection``: the form; with a lead, its list; with the objection, the form filled in."""
    first, _, rest = context.request.text.strip().partition(" ")
    lead_id = parse_lead_number(first)
    if lead_id is not None:
        lead = context.leads.get(lead_id)
        if rest.strip():
            return Reply(form=_form(lead, context, said=rest.strip()))
        return Reply(card=list_card(lead, context))
    text = context.request.text.strip()
    leads = context.leads.search(text, 2) if text else []
    if len(leads) == 1:
        return Reply(card=list_card(leads[0], context))
    return Reply(form=_form(None, context, said="" if leads else text))


def show(context: Context) -> Reply:
    """Button on a lead's card: show its objections."""
    return Reply(card=list_card(context.leads.get(lead_id_of(context.pressed)), context))


def add(context: Context) -> Reply:
    """Button: record what the customer said."""
    return Reply(form=_form(context.leads.get(lead_id_of(context.pressed)), context))


def create(context: Context) -> Reply:
    """Form: record an objection; the list then suggests approved answers."""
    number = context.request.state.get("lead", "") or context.typed("lead")
    with FormReader(context) as form:
        if parse_lead_number(number) is None:
            form.refuse("lead", "lead_missing")
        kinds = [term.key for term in context.playbook.vocabulary.objections]
        kind = form.one_of("kind", kinds)
        said = form.words("said", LONGEST["said"], missing="said_missing")
    lead = context.leads.get(lead_id_of(number))
    accept_by_acting(lead, context)
    context.objections.add(
        Objection(
            lead_id=lead.id,
            kind=kind,
            said=mask_contacts(said),
            raised_by=context.actor.id,
            raised_at=context.now,
        )
    )
    record_event(Trigger.OBJECTION, lead, context, objection=context.typed("kind"))
    context.uow.audit.record(
        context.actor, "objection.create", lead.subject, {"kind": context.typed("kind")}
    )
    context.uow.outbox.refresh(lead.subject)
    return Reply(card=list_card(lead, context), toast=context.text("objection.saved"))


def list_card(lead: Lead, context: Context) -> Card:
    """List of objections, open ones first, each with the actions it allows."""
    objections = context.objections.of_lead(lead.id)
    standing = sum(objection.stands for objection in objections)
    add_one = Button("objection.add", context.text("button.add_objection"), lead.number)
    return Card(
        title=context.text("objection.title", lead=lead_title(lead)),
        body="" if objections else context.text("objection.none"),
        sections=tuple(_section(objection, lead, context) for objection in objections[:_SHOWN]),
        buttons=(add_one, Button("lead.show", context.text("button.open"), lead.number)),
        footnote=context.text("objection.more", n=_SHOWN) if len(objections) > _SHOWN else "",
        tone="warning" if standing else "plain",
    )


def _section(objection: Objection, lead: Lead, context: Context) -> Section:
    answer = objection.answer and context.text("objection.answer_is", words=objection.answer)
    return Section(
        objection_line(objection, context),
        (answer[:1000],) if answer else (),
        buttons=_buttons(objection, lead, context),
    )


def _buttons(objection: Objection, lead: Lead, context: Context) -> tuple[Button, ...]:
    value, text = str(objection.id), context.text
    answer = Button("objection.answer", text("button.answer_objection"), value)
    accept = Button("objection.accept", text("button.customer_accepts"), value, "primary")
    match objection.state:
        case ObjectionState.OPEN:
            return (*_suggestions(objection, lead, context), answer)
        case ObjectionState.ANSWERED:
            return (accept, answer)
        case ObjectionState.ACCEPTED:
            return (Button("objection.reopen", text("button.reopen"), value),)


def _suggestions(objection: Objection, lead: Lead, context: Context) -> tuple[Button, ...]:
    """Buttons for approved answers to this kind of objection, each to be read before it is used."""
    tags = Tags(objection=objection.kind, product=lead.product)
    answers = context.library.suited(ItemKind.ANSWER, tags, _SUGGESTED)
    return tuple(
        Button(
            "objection.look",
            context.text(
                "button.look_answer",
                title=item.content.words[item_locale(item, context)].title[:_BUTTON_TITLE],
            ),
            pack(objection.id, item.id),
        )
        for item in answers
    )


def _form(lead: Lead | None, context: Context, said: str = "") -> Form:
    text = context.text
    fields: list[Field] = [
        Choice(name="kind", label=text("objection.kind"), required=True,
               options=term_options(context.playbook.vocabulary.objections, context.language)),
        LongText(name="said", label=text("objection.said"), required=True,
                 value=said[: LONGEST["said"]], max_length=LONGEST["said"],
                 placeholder=text("objection.said_example")),
    ]  # fmt: skip
    if lead is None:
        pick = LeadPick(
            name="lead", label=text("followup.lead"), required=True, options=lead_options(context)
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


def answer_title(objection: Objection, context: Context) -> str:
    """Title of an answer to the objection in the library."""
    return objection.said.replace("\n", " ")[:120] or objection_label(objection.kind, context)


_OFFERED = 20
_LABEL = 75


def answer(context: Context) -> Reply:
    """Button: open the form for our answer."""
    objection = _objection(context.pressed, context)
    lead = context.leads.get(objection.lead_id)
    return Reply(form=_answer_form(objection, _answers(objection, context), lead, context))


def agree(context: Context) -> Reply:
    """Form: record the agreed answer."""
    objection, lead = _held(context.pressed, context)
    answers = {str(item.id): item for item in _answers(objection, context)}
    own = mask_contacts(context.typed("answer"))
    with FormReader(context) as form:
        item = form.pick("item", answers) if context.typed("item") else None
        if item is None and not own:
            form.refuse("answer", "answer_missing")
        if len(own) > LONGEST["answer"]:
            form.refuse("answer", "too_long", n=LONGEST["answer"])
    proposed = bool(own) and "propose" in context.ticked("propose")
    if proposed:
        _propose(objection, own, context)
    saved = _answered(objection, own or _words(item, context), item, context)
    key = "objection.answered_proposed" if proposed else "objection.answered"
    return _after(saved, lead, key, context)


def take_answer(context: Context) -> Reply:
    """Button: use an approved answer unchanged."""
    value, item_id = unpack(context.pressed, str, record_id)
    objection, lead = _held(value, context)
    if item_id is None:
        raise ItemNotFound
    item = context.library.get(item_id)
    if not item.is_approved or item.kind is not ItemKind.ANSWER:
        raise ItemNotFound
    saved = _answered(objection, _words(item, context), item, context)
    return _after(saved, lead, "objection.answered", context)


def accept(context: Context) -> Reply:
    """Button: the customer accepted the answer."""
    objection, lead = _held(context.pressed, context)
    if objection.state is not ObjectionState.ANSWERED:
        return Reply(update=list_card(lead, context), toast=context.text("objection.not_answered"))
    return _after(
        context.objections.save(objection.accept(context.now)), lead, "objection.accepted", context
    )


def reopen(context: Context) -> Reply:
    """Button: the customer no longer accepts the answer; the objection is open again."""
    objection, lead = _held(context.pressed, context)
    if objection.stands:
        return Reply(update=list_card(lead, context), toast=context.text("objection.is_open"))
    return _after(context.objections.save(objection.reopen()), lead, "objection.reopened", context)


def _objection(value: str, context: Context) -> Objection:
    """Find the objection of a button or form; raises ObjectionNotFound for anything else."""
    objection_id = record_id(value)
    if objection_id is None:
        raise ObjectionNotFound
    return context.objections.get(objection_id)


def _held(value: str, context: Context) -> tuple[Objection, Lead]:
    """Load the objection to change it.

    Its lead is locked first, as everywhere, then the objection is reread.
    """
    lead = context.leads.get(_objection(value, context).lead_id)
    return _objection(value, context), lead


def _answered(objection: Objection, words: str, item: Item | None, context: Context) -> Objection:
    item_id = item.id if item else None
    saved = context.objections.save(objection.answered(words, item_id, context.actor, context.now))
    if item_id is not None:
        count_use(item_id, objection.lead_id, Purpose.ANSWER, context)
    return saved


def _after(objection: Objection, lead: Lead, said: str, context: Context) -> Reply:
    detail = {"kind": objection.kind, "state": objection.state}
    context.uow.audit.record(context.actor, "objection.save", lead.subject, detail)
    context.uow.outbox.refresh(lead.subject)
    return Reply(update=list_card(lead, context), toast=context.text(said))


def _answers(objection: Objection, context: Context) -> list[Item]:
    return context.library.suited(ItemKind.ANSWER, Tags(objection=objection.kind), _OFFERED)


def _words(item: Item | None, context: Context) -> str:
    return item.content.words[item_locale(item, context)].text if item else ""


def _propose(objection: Objection, own: str, context: Context) -> None:
    wording = Wording(title=answer_title(objection, context), text=own)
    words = {context.language.locale: wording}
    content = Content(words=words, tags=Tags(objection=objection.kind))
    store_item(ItemKind.ANSWER, content, context)


def _answer_form(objection: Objection, answers: list[Item], lead: Lead, context: Context) -> Form:
    text = context.text
    options = tuple(
        Option(str(item.id), item.content.words[item_locale(item, context)].title[:_LABEL])
        for item in answers
    )
    offered = {option.value for option in options}
    pick = Choice(name="item", label=text("objection.from_library"), options=options,
                  value=str(objection.item_id or "")
                  if str(objection.item_id) in offered else "")  # fmt: skip
    propose = (Option("propose", text("objection.propose_it")),)
    own: tuple[Field, ...] = (
        LongText(name="answer", label=text("objection.own_words"), max_length=LONGEST["answer"],
                 value="" if objection.item_id else objection.answer),
        Checklist(name="propose", label=text("objection.propose"), options=propose),
    )  # fmt: skip
    return Form(
        action="objection.agree",
        title=text("objection.answer_form"),
        intro=f"{lead.number} · {objection_line(objection, context)}",
        fields=(*((pick,) if options else ()), *own),
        submit=text("button.save"),
        cancel=text("button.cancel"),
        state={"value": str(objection.id)},
    )


def look(context: Context) -> Reply:
    """Button: preview an approved answer."""
    objection_id, item_id = unpack(context.pressed, record_id, record_id)
    if objection_id is None:
        raise ObjectionNotFound
    if item_id is None:
        raise ItemNotFound
    objection = context.objections.get(objection_id)
    lead = context.leads.get(objection.lead_id)
    item = context.library.get(item_id)
    if not item.is_approved or item.kind is not ItemKind.ANSWER:
        raise ItemNotFound
    wording = item.content.words[item_locale(item, context)]
    text = context.text
    return Reply(
        card=Card(
            title=wording.title,
            facts=(Fact(text("objection.about"), objection_line(objection, context)),),
            body=wording.text,
            buttons=(
                Button("objection.take", text("button.take_answer"), context.pressed, "primary"),
                Button("objection.answer", text("button.answer_objection"), str(objection.id)),
                Button("objection.list", text("button.objections"), lead.number),
            ),
        )
    )
