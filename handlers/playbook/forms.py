"""A form for any record of the playbook, generated from its type, and the reading of it."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.requests import WHOLE_FORM
from handlers.core.ui import Form
from handlers.playbook.cards import heading
from handlers.playbook.field_types import FieldSpec, Kind
from handlers.playbook.paths import Place
from handlers.playbook.wording import fields_of, slot_label
from sales.errors import DraftNotFound, InvalidInput, Problem
from sales.playbook import Playbook
from sales.playbook.changes import Path, with_part
from sales.playbook.shape import Slot, is_list, is_mapping, is_marked, is_record, slots
from sales.playbook.vocabulary import AskedAlong, GivenKey

_TITLE = 24


@dataclass(frozen=True, slots=True)
class Question:
    """A field of the form: one value of ``record``.

    The record is the place's own, or one nested ``inside`` it whose values are asked for along with
    it.
    """

    slot: Slot
    kind: Kind
    record: Any
    inside: str = ""

    @property
    def name(self) -> str:
        return f"{self.inside}.{self.slot.name}" if self.inside else self.slot.name

    def among(self, part: dict[str, Any]) -> dict[str, Any]:
        """The record, as JSON, that holds the value."""
        return part.get(self.inside) or {} if self.inside else part


def part_form(place: Place, context: Context) -> Form:
    """Form for the single values of a record, filled with the present ones."""
    record = place.part or _blank(place)
    fields = tuple(
        question.kind.field(
            FieldSpec(
                name=question.name,
                label=slot_label(question.record, question.slot, context),
                hint=_hint(question.slot, question.kind, context),
                value=question.among(record).get(question.slot.name, question.slot.default),
                context=context,
            )
        )
        for question in asked_of(place)
    )
    if not fields:
        raise DraftNotFound
    return Form(
        action="playbook.change",
        title=context.text("rules.form_new" if place.is_new else "rules.form_title"),
        intro=heading(place, context),
        fields=fields,
        submit=context.text("button.rules_look"),
        cancel=context.text("button.cancel"),
        state={"value": str(place), "base": str(context.uow.playbooks.number())},
    )


def asked_of(place: Place) -> list[Question]:
    """The fields in the form of a place."""
    if not is_record(place.type) and not is_mapping(place.type):
        raise DraftNotFound
    along = [
        Question(slot, one, nested.type, nested.name)
        for nested in slots(place.type)
        if is_marked(nested, AskedAlong)
        for slot, one in fields_of(nested.type)
    ]
    own = [Question(slot, one, place.type) for slot, one in fields_of(place.type)]
    return [*(one for one in own if not is_marked(one.slot, GivenKey)), *along]


def read_part(place: Place, context: Context) -> Playbook:
    """The playbook with what was typed. Raises InvalidInput naming every field that is wrong."""
    asked = asked_of(place)
    part: dict[str, Any] = dict(place.part or _blank(place))
    for nested in {question.inside for question in asked if question.inside}:
        part[nested] = dict(part[nested])
    with FormReader(context) as form:
        for question in asked:
            question.among(part)[question.slot.name] = question.kind.read(question.name, form)
    path = place.path
    if place.is_new:
        path = (*path[:-1], str(len(place.parent.part)))
    return validated(
        with_part(place.document, path, part), path, {question.name for question in asked}
    )


def validated(document: Any, path: Path = (), fields: set[str] | None = None) -> Playbook:
    """Validate a document; raises InvalidInput with each mistake at its field or the whole form."""
    try:
        return Playbook.model_validate(document)
    except ValidationError as error:
        problems: dict[str, Problem] = {}
        for mistake in error.errors(include_url=False, include_input=False):
            where = tuple(str(step) for step in mistake["loc"])
            below = where[len(path) :] if where[: len(path)] == path else ()
            paths = {".".join(below[:1]), ".".join(below[:2]), _BESIDE.get(mistake["type"], "")}
            name = max(paths & (fields or set()), default=WHOLE_FORM, key=len)
            problem = Problem("rules_key") if name == "key" else _problem(mistake["type"])
            problems.setdefault(name, problem)
        raise InvalidInput(problems) from error


_BESIDE = {"rules_nobody_told": "details.person"}
"""Values that do not fit together, and the field to correct."""
_MISFITS = {
    "rules_thresholds": Problem("rules_thresholds"),
    "rules_target": Problem("rules_target"),
    "rules_block": Problem("rules_hours"),
    "rules_country": Problem("rules_country"),
    "rules_some_work": Problem("rules_some_work"),
    "rules_nothing_done": Problem("rules_nothing_done"),
    "rules_nobody_told": Problem("rules_nobody_told"),
    "rules_no_objection": Problem("rules_no_objection"),
    "rules_each_once": Problem("rules_each_once"),
    "rules_forms_source": Problem("rules_forms_source"),
    "rules_recommended_product": Problem("rules_recommended_product"),
    "rules_mail_domain": Problem("rules_mail_domain"),
    "rules_lets_everybody_in": Problem("rules_lets_everybody_in"),
    "rules_no_admin": Problem("rules_no_admin"),
}


def _problem(kind: str) -> Problem:
    return _MISFITS.get(kind, Problem("rules_misfit"))


def _blank(place: Place) -> dict[str, Any]:
    """A new record: its defaults, and a free key where it needs one."""
    blank: dict[str, Any] = {}
    if not is_record(place.type):
        return blank
    for slot in slots(place.type):
        if is_marked(slot, GivenKey) and is_list(place.parent.type):
            taken = {record.get(slot.name) for record in place.parent.part}
            blank[slot.name] = next(f"r{n}" for n in range(1, 1000) if f"r{n}" not in taken)
        elif slot.default is not None or slot.optional:
            blank[slot.name] = deepcopy(slot.default)
    return blank


def _hint(slot: Slot, kind: Kind, context: Context) -> str:
    """Hint of a field: the shipped value, or how to write one."""
    written = getattr(kind, "problem", "")
    if written:
        return context.text(f"problem.{written}")
    if slot.default in (None, "", [], {}):
        return ""
    text = kind.say(slot.default, context)
    return context.text("rules.usually", value=text) if text else ""
