"""The body of a signed call: its fields, documented once, and checked for shape alone.

What the fields mean is read behind the door, as for a form in a chat.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from handlers.core.text import clean
from sales.errors import Problem
from sales.playbook import Playbook

_MOST_PROBLEMS = 50
_KEY_SHOWN = 60


@dataclass(frozen=True, slots=True)
class BodyField:
    """``form_name`` is the field's name behind the door, where that differs; ``longest`` in
    characters."""

    name: str
    about: str
    example: str
    required: bool = False
    number: bool = False
    members: type[StrEnum] | None = None
    terms: str = ""
    form_name: str = ""
    longest: int | None = None

    @property
    def in_form(self) -> str:
        return self.form_name or self.name

    def allowed(self, playbook: Playbook) -> list[str]:
        """The keys this field takes; none when it takes free text."""
        if self.members:
            return [member.value for member in self.members]
        return [term.key for term in getattr(playbook.vocabulary, self.terms)] if self.terms else []


class NotAnObject(ValueError):
    """The body is no JSON object in UTF-8."""


@dataclass(frozen=True, slots=True)
class Body:
    """``values`` and ``problems`` by the names behind the door; an unknown field by its own."""

    values: Mapping[str, str]
    problems: Mapping[str, Problem]


def parse_body(body: bytes, fields: Sequence[BodyField]) -> Body:
    """Raises NotAnObject. ``null`` is the same as absent."""
    by_name = {field.name: field for field in fields}
    values: dict[str, str] = {}
    problems: dict[str, Problem] = {}
    for name, given in parse_object(body).items():
        field = by_name.get(name)
        if field is None:
            problems[clean(name)[:_KEY_SHOWN]] = Problem("unknown_field")
        elif (text := _as_text(given, field)) is None:
            problems[field.in_form] = Problem("not_text")
        else:
            values[field.in_form] = text
        if len(problems) == _MOST_PROBLEMS:
            break
    return Body(values, problems)


def parse_object(body: bytes) -> dict[str, Any]:
    """Raises NotAnObject."""
    try:
        document = json.loads(body.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise NotAnObject from error
    if not isinstance(document, dict):
        raise NotAnObject
    return document


def _as_text(given: Any, field: BodyField) -> str | None:
    match given:
        case None:
            return ""
        case str():
            # JSON can spell what no encoding takes, and a limit is counted by some of it.
            return clean(given)
        case int() | float() if field.number and not isinstance(given, bool):
            return f"{given:.2f}" if isinstance(given, float) else f"{given:d}"
        case _:
            return None


def _no_number(name: str) -> float:
    raise ValueError(name)
