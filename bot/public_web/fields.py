"""The body of a signed call: its fields, documented once, and checked for shape alone.

What the fields mean is decided by the handlers, as for a form in a chat.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from handlers.core.field_limits import LONGEST
from handlers.core.field_limits import LONGEST as LONGEST_PARSED
from handlers.core.text import clean
from handlers.leads.forms import LONGEST as LONGEST_ON_FORM
from handlers.webhooks import LONGEST_CONTRACT, LONGEST_REASON
from sales.contract_signed import SigningState
from sales.errors import Problem
from sales.leads import Authority, Clarity, Timeframe
from sales.playbook import Playbook
from sales.signals import SignalKind

_MOST_PROBLEMS = 50
_KEY_SHOWN = 60


@dataclass(frozen=True, slots=True)
class BodyField:
    """One field of a body. ``form_name`` is its name in the handlers, if that differs; ``longest``
    in characters."""

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
        """The keys this field accepts; none if it accepts free text."""
        if self.members:
            return [member.value for member in self.members]
        return [term.key for term in getattr(playbook.vocabulary, self.terms)] if self.terms else []


class NotAnObject(ValueError):
    """The body is not a JSON object in UTF-8."""


@dataclass(frozen=True, slots=True)
class Body:
    """A parsed body: ``values`` and ``problems`` by the handlers' names; an unknown field by its
    own."""

    values: Mapping[str, str]
    problems: Mapping[str, Problem]


def parse_body(body: bytes, fields: Sequence[BodyField]) -> Body:
    """Parse a body. Raises NotAnObject. ``null`` is the same as absent."""
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
    """Parse a JSON object. Raises NotAnObject."""
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
            # JSON can spell characters that cannot be encoded, and a limit counts some of them.
            return clean(given)
        case int() | float() if field.number and not isinstance(given, bool):
            return f"{given:.2f}" if isinstance(given, float) else f"{given:d}"
        case _:
            return None


def _no_number(name: str) -> float:
    raise ValueError(name)


# What ``POST /intake/leads`` takes, by the lead form's fields.
_FIELDS = (
    BodyField("source", "Channel, a key or a label of the playbook's vocabulary.", "website",
              required=True, terms="sources"),
    BodyField("detail", "Where exactly: campaign, trade fair, page.", "spring fair",
              form_name="source_detail"),
    BodyField("customer", "The company.", "Acme Sample Ltd", required=True),
    BodyField("contact", "The person to talk to.", "Robin Sample"),
    BodyField("title", "Their job title.", "Purchasing manager"),
    BodyField("phone", "With country code; without one it is a number of the company's country. "
              "Several are separated by a slash.", "+44 20 7946 0018"),
    BodyField("email", "Their e-mail address.", "robin@acme.example"),
    BodyField("wechat", "Their WeChat ID.", "robin_sample"),
    BodyField("need", "What they need, in their words.", "a tool to keep track of customers"),
    BodyField("industry", "A key or a label of the vocabulary.", "it", terms="industries"),
    BodyField("region", "A key or a label of the vocabulary.", "east", terms="regions"),
    BodyField("product", "A key or a label of the vocabulary.", "basic", terms="products"),
    BodyField("budget", "In whole currency units, or as people write it; a range is fine.",
              "150-200k", number=True),
    BodyField("authority", "BANT: how far the contact can decide.", "manager", members=Authority),
    BodyField("clarity", "BANT: whether the need is clear.", "clear", members=Clarity),
    BodyField("timeframe", "BANT: when they mean to buy.", "month", members=Timeframe),
)  # fmt: skip
_LONGEST = {**LONGEST_PARSED, **LONGEST_ON_FORM}
FIELDS = tuple(replace(field, longest=_LONGEST.get(field.in_form)) for field in _FIELDS)
BY_FORM_NAME: Mapping[str, BodyField] = {field.in_form: field for field in FIELDS}


_WHO = (
    BodyField("lead", "The lead's number.", "LX001"),
    BodyField("email", "Or the customer's e-mail address.", "robin@acme.example",
              longest=LONGEST["email"]),
    BodyField("phone", "Or their phone, with country code.", "+44 20 7946 0018",
              longest=LONGEST["phone"]),
)  # fmt: skip
_SENDER = BodyField(
    "source", "Who sends it, in a word of yours; calls are limited for each.", "product", longest=40
)
BEHAVIOR = (
    BodyField("kind", "What the customer did.", "product_used", required=True, members=SignalKind),
    *_WHO,
    BodyField("contract", "Or the number of their contract.", "HT-2024-031",
              longest=LONGEST_CONTRACT),
    BodyField("value", "For edition_months the months, for renewal_due the days left, for usage_up "
              "the percent.", "3", number=True),
    _SENDER,
)  # fmt: skip
ESIGN = (
    BodyField("state", "What became of the contract.", "signed", required=True,
              members=SigningState),
    *_WHO,
    BodyField("contract", "The contract's number; alone, it names a lead that has it already.",
              "HT-2024-031", longest=LONGEST_CONTRACT),
    BodyField("amount", "In whole currency units, or as people write it.", "12.5万", number=True,
              longest=LONGEST["amount"]),
    BodyField("reason", "Why it was not signed, in the customer's words.", "wants other terms",
              longest=LONGEST_REASON),
    _SENDER,
)  # fmt: skip
