"""A form for any record of the playbook, made from its type, and what was typed in it."""

from typing import Any

from pydantic import ValidationError

from handlers.playbook.asking import Asked, Kind
from handlers.playbook.pages import heading
from handlers.playbook.places import Place
from handlers.playbook.words import fields_of, slot_label
from handlers.requests import WHOLE_FORM
from handlers.turns import Turn
from handlers.ui import Form
from sales.errors import DraftNotFound, InvalidInput, Problem
from sales.playbook import Playbook
from sales.playbook.changes import Path, with_part
from sales.playbook.shape import Slot, is_list, is_mapping, is_record, slots
from sales.playbook.terms import GivenKey

_TITLE = 24


def part_form(place: Place, turn: Turn) -> Form:
    """Asks for the single values of a record, filled with what stands there."""
    kind, known = place.type, place.part or _blank(place)
    fields = tuple(
        one.field(
            Asked(
                name=slot.name,
                label=slot_label(kind, slot, turn),
                hint=_hint(slot, one, turn),
                value=known.get(slot.name, slot.default),
                turn=turn,
            )
        )
        for slot, one in asked_of(place)
    )
    if not fields:
        raise DraftNotFound
    return Form(
        action="playbook.change",
        title=turn.text("rules.form_title"),
        intro=heading(place, turn),
        fields=fields,
        submit=turn.text("button.rules_look"),
        cancel=turn.text("button.cancel"),
        state={"value": str(place), "base": str(turn.uow.playbooks.number())},
    )


def asked_of(place: Place) -> list[tuple[Slot, Kind]]:
    """The fields that the form of a place has."""
    if not is_record(place.type) and not is_mapping(place.type):
        raise DraftNotFound
    found = fields_of(place.type)
    return [
        (slot, one)
        for slot, one in found
        if not any(mark is GivenKey or isinstance(mark, GivenKey) for mark in slot.marks)
    ]


def read_part(place: Place, turn: Turn) -> Playbook:
    """The playbook with what was typed. Raises InvalidInput naming every field that is wrong."""
    asked = asked_of(place)
    part: dict[str, Any] = dict(place.part or _blank(place))
    problems: dict[str, Problem] = {}
    for slot, one in asked:
        try:
            part[slot.name] = one.read(slot.name, turn)
        except InvalidInput as error:
            problems |= error.problems
    if problems:
        raise InvalidInput(problems)
    path = place.path
    if place.is_new:
        path = (*path[:-1], str(len(place.parent.part)))
    return validated(with_part(place.document, path, part), path, {s.name for s, _ in asked})


def validated(document: Any, path: Path = (), fields: set[str] | None = None) -> Playbook:
    """Raises InvalidInput with each mistake at its field, or at the whole form."""
    try:
        return Playbook.model_validate(document)
    except ValidationError as error:
        problems: dict[str, Problem] = {}
        for found in error.errors(include_url=False, include_input=False):
            where = tuple(str(step) for step in found["loc"])
            below = where[len(path)] if where[: len(path)] == path and where[len(path) :] else ""
            name = below if below in (fields or set()) else WHOLE_FORM
            problem = Problem("rules_key") if name == "key" else _problem(found["type"])
            problems.setdefault(name, problem)
        raise InvalidInput(problems) from error


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
}


def _problem(kind: str) -> Problem:
    return _MISFITS.get(kind, Problem("rules_misfit"))


def _blank(place: Place) -> dict[str, Any]:
    """A new record: its defaults, and a free key where it needs one."""
    blank: dict[str, Any] = {}
    if not is_record(place.type):
        return blank
    for slot in slots(place.type):
        given = any(mark is GivenKey or isinstance(mark, GivenKey) for mark in slot.marks)
        if given and is_list(place.parent.type):
            taken = {record.get(slot.name) for record in place.parent.part}
            blank[slot.name] = next(f"r{n}" for n in range(1, 1000) if f"r{n}" not in taken)
        elif slot.default is not None or slot.optional:
            blank[slot.name] = slot.default
    return blank


def _hint(slot: Slot, kind: Kind, turn: Turn) -> str:
    """What is shipped, or how it is written."""
    written = getattr(kind, "problem", "")
    if written:
        return turn.text(f"problem.{written}")
    if slot.default in (None, "", [], {}):
        return ""
    said = kind.say(slot.default, turn)
    return turn.text("rules.usually", value=said) if said else ""
