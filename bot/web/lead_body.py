"""The body of a signed call: its fields, documented once, and checked for shape alone.

What the fields mean is read by ``handlers.lead_reader``, as for a form in a chat.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from handlers.cleaning import clean
from handlers.lead_reader import LONGEST
from sales.errors import Problem
from sales.leads import Authority, Clarity, Timeframe
from sales.playbook import Playbook

_MOST_PROBLEMS = 50
_KEY_SHOWN = 60


@dataclass(frozen=True, slots=True)
class BodyField:
    """``form_name`` is the field's name in the lead form, where that differs."""

    name: str
    about: str
    example: str
    required: bool = False
    number: bool = False
    members: type[StrEnum] | None = None
    terms: str = ""
    form_name: str = ""

    @property
    def in_form(self) -> str:
        return self.form_name or self.name

    @property
    def longest(self) -> int | None:
        return LONGEST.get(self.in_form)

    def allowed(self, playbook: Playbook) -> list[str]:
        """The keys this field takes; none when it takes free text."""
        if self.members:
            return [member.value for member in self.members]
        return [term.key for term in getattr(playbook.vocabulary, self.terms)] if self.terms else []


FIELDS = (
    BodyField("source", "Channel, a key or a label of the playbook's vocabulary.", "website",
              required=True, terms="sources"),
    BodyField("detail", "Where exactly: campaign, trade fair, page.", "spring fair",
              form_name="source_detail"),
    BodyField("customer", "The company.", "Acme Sample Ltd", required=True),
    BodyField("contact", "The person to talk to.", "Robin Sample"),
    BodyField("title", "Their job title.", "Purchasing manager"),
    BodyField("phone", "With country code; without one it is read as a Chinese number.",
              "+86 138 1234 5678"),
    BodyField("email", "Their e-mail address.", "robin@acme.example"),
    BodyField("need", "What they need, in their words.", "a tool to keep track of customers"),
    BodyField("industry", "A key or a label of the vocabulary.", "it", terms="industries"),
    BodyField("region", "A key or a label of the vocabulary.", "east", terms="regions"),
    BodyField("product", "A key or a label of the vocabulary.", "basic", terms="products"),
    BodyField("budget", "In whole currency units, or as people write it; a range is fine.",
              "15-20万", number=True),
    BodyField("authority", "BANT: how far the contact can decide.", "manager", members=Authority),
    BodyField("clarity", "BANT: whether the need is clear.", "clear", members=Clarity),
    BodyField("timeframe", "BANT: when they mean to buy.", "month", members=Timeframe),
)  # fmt: skip
BY_NAME: Mapping[str, BodyField] = {field.name: field for field in FIELDS}
BY_FORM_NAME: Mapping[str, BodyField] = {field.in_form: field for field in FIELDS}


class NotAnObject(ValueError):
    """The body is no JSON object in UTF-8."""


@dataclass(frozen=True, slots=True)
class LeadBody:
    """``values`` and ``problems`` by the lead form's names; an unknown field by its own."""

    values: Mapping[str, str]
    problems: Mapping[str, Problem]


def parse_body(body: bytes) -> LeadBody:
    """Raises NotAnObject. ``null`` is the same as absent."""
    try:
        document = json.loads(body.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise NotAnObject from error
    if not isinstance(document, dict):
        raise NotAnObject
    values: dict[str, str] = {}
    problems: dict[str, Problem] = {}
    for name, given in document.items():
        field = BY_NAME.get(name)
        if field is None:
            problems[clean(name)[:_KEY_SHOWN]] = Problem("unknown_field")
        elif (text := _as_text(given, field)) is None:
            problems[field.in_form] = Problem("not_text")
        else:
            values[field.in_form] = text
        if len(problems) == _MOST_PROBLEMS:
            break
    return LeadBody(values, problems)


def _as_text(given: Any, field: BodyField) -> str | None:
    match given:
        case None:
            return ""
        case str():
            return given
        case int() | float() if field.number and not isinstance(given, bool):
            return f"{given:.2f}" if isinstance(given, float) else f"{given:d}"
        case _:
            return None


def _no_number(name: str) -> float:
    raise ValueError(name)
