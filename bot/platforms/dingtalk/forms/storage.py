"""Serialises forms as JSON, so that an open form survives a restart in ``Memory``.

Knows the intents of ``handlers.core.ui`` and nothing of DingTalk.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from handlers.core.requests import Value
from handlers.core.ui import (
    Button,
    Checklist,
    Choice,
    Confirm,
    Date,
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

_KINDS: Mapping[str, type[Field]] = {
    kind.__name__: kind
    for kind in (
        Text,
        LongText,
        Number,
        Money,
        Phone,
        Email,
        Date,
        DateTime,
        Choice,
        MultiChoice,
        Checklist,
        PersonPick,
        LeadPick,
        File,
    )
}


def form_to_json(form: Form) -> dict[str, Any]:
    fields = [{"kind": type(field).__name__} | asdict(field) for field in form.fields]
    return {
        "action": form.action,
        "title": form.title,
        "fields": fields,
        "submit": form.submit,
        "cancel": form.cancel,
        "state": dict(form.state),
        "intro": form.intro,
    }


def form_from_json(stored: Mapping[str, Any]) -> Form:
    return Form(**{**stored, "fields": tuple(_field(field) for field in stored["fields"])})


def _field(stored: Mapping[str, Any]) -> Field:
    given = dict(stored)
    kind = _KINDS[given.pop("kind")]
    if "options" in given:
        given["options"] = options_from_json(given["options"])
    if "kinds" in given:
        given["kinds"] = tuple(given["kinds"])
    given["value"] = value_from_json(given["value"])
    return kind(**given)


def options_from_json(stored: Any) -> tuple[Option, ...]:
    return tuple(Option(**option) for option in stored)


def confirm_from_json(stored: Any) -> Confirm | None:
    return Confirm(**stored) if stored else None


def buttons_from_json(stored: Any) -> tuple[Button, ...]:
    return tuple(
        Button(**{**button, "confirm": confirm_from_json(button["confirm"])}) for button in stored
    )


def value_from_json(stored: Any) -> Value:
    return tuple(stored) if isinstance(stored, list | tuple) else str(stored)


def prefilled(form: Form) -> dict[str, Value]:
    """The values in the fields before a person types."""
    return {field.name: field.value for field in form.fields}


def refilled(form: Form, answers: Mapping[str, Value]) -> Form:
    """The form with ``answers`` in its fields."""
    return replace(form, fields=tuple(_refilled(field, answers) for field in form.fields))


def _refilled(field: Field, answers: Mapping[str, Value]) -> Field:
    answer = answers.get(field.name, field.value)
    if isinstance(field, MultiChoice | Checklist):
        chosen = (answer,) if isinstance(answer, str) else answer
        return replace(field, value=tuple(item for item in chosen if item))
    return replace(field, value=answer if isinstance(answer, str) else "".join(answer[:1]))
