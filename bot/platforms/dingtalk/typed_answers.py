"""Typed answers, read for the fields of a guided form. Pure.

Values are parsed by the product; here a text only finds its field and its option.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.core.requests import Value
from handlers.core.ui import (
    Checklist,
    Choice,
    DateTime,
    Email,
    Field,
    File,
    Form,
    LeadPick,
    LongText,
    Money,
    MultiChoice,
    Number,
    Option,
    PersonPick,
    Phone,
    Text,
)

WithOptions = Choice | PersonPick | LeadPick | MultiChoice | Checklist

_PAIR = re.compile(r"^\s*(?P<label>[^:：\n]{1,60}?)\s*[:：]\s*(?P<value>.*)$")
_SEPARATORS = re.compile(r"[,，、;；\s]+")
_MOMENT = re.compile(r"^(\d{4}-\d{2}-\d{2})\s+(\d{1,2}:\d{2})$")


@dataclass(frozen=True, slots=True)
class Search:
    """A lead that is not in the list has to be looked up with ``action`` and ``text``."""

    field: str
    action: str
    text: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why an answer was not taken: ``dingtalk.problem.<key>`` and its parameters."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


def read_answer(asked: Field, text: str, options: tuple[Option, ...]) -> Value | Wrong | Search:
    """What a typed answer means for one field."""
    typed = text.strip()
    match asked:
        case MultiChoice() | Checklist():
            chosen = [match_option(options, one) for one in _SEPARATORS.split(typed) if one]
            if not chosen or None in chosen:
                return Wrong("choose", {"text": typed})
            return tuple(dict.fromkeys(one.value for one in chosen if one))
        case LeadPick():
            one = match_option(options, typed)
            return one.value if one else Search(asked.name, asked.search, typed)
        case Choice() | PersonPick():
            one = match_option(options, typed)
            return one.value if one else Wrong("choose", {"text": typed})
        case File():
            return Wrong("file")
        case DateTime():
            return _MOMENT.sub(lambda at: f"{at[1]}T{at[2]:0>5}", typed)
        case Text() | LongText() | Number() | Money() | Phone() | Email() if (
            len(typed) > asked.max_length
        ):
            return Wrong("too_long", {"n": len(typed), "most": asked.max_length})
        case _:
            return typed


def match_option(options: tuple[Option, ...], text: str) -> Option | None:
    """The option a person means: its label, value or place, or a part only one label has."""
    typed = text.strip().casefold()
    for name in ("label", "value"):
        for one in options:
            if getattr(one, name).casefold() == typed:
                return one
    place = typed.rstrip(".。)）")
    # No number of more digits is a place, and int() refuses very long ones.
    if place.isdecimal() and len(place) <= 4 and 1 <= int(place) <= len(options):
        return options[int(place) - 1]
    partly = [one for one in options if typed and typed in one.label.casefold()]
    return partly[0] if len(partly) == 1 and not typed.isdecimal() else None


def named_field(form: Form, name: str) -> Field | None:
    """The field a person names by its label, or by its name in the form."""
    typed = name.strip().rstrip("*").strip().casefold()
    return next(
        (one for one in form.fields if typed in {one.label.casefold(), one.name.casefold()}), None
    )


def read_pairs(form: Form, text: str) -> dict[str, str]:
    """``label: value`` lines; a line without a label goes on with the answer before it."""
    pairs: dict[str, str] = {}
    current = ""
    for line in text.strip().splitlines():
        pair = _PAIR.match(line)
        named = named_field(form, pair["label"]) if pair else None
        if pair and named:
            current = named.name
            pairs[current] = pair["value"]
        elif current:
            pairs[current] += f"\n{line}"
        else:
            return {}
    return {name: value for name, value in pairs.items() if value.strip()}
