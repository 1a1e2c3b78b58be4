"""A lead's objections: the list with what to do about each, and writing one down."""

from handlers.automation.events import happened
from handlers.labels import lead_title, term_options
from handlers.leads import lead_options
from handlers.library.item_card import item_locale
from handlers.objections.lines import kind_label, objection_line
from handlers.offers import accept_by_acting
from handlers.requests import Reply
from handlers.turns import Turn
from handlers.ui import Button, Card, Choice, Field, Form, LeadPick, LongText, Section
from sales.contacts import mask_contacts
from sales.errors import InvalidInput, Problem
from sales.leads import Lead, lead_id_of, parse_lead_number
from sales.library import ItemKind, Tags
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
