"""Open guided forms as JSON, for ``Memory``: they outlive a restart."""

from collections.abc import Mapping
from typing import Any

from bot.platforms.dingtalk.form_storage import (
    form_from_json,
    form_to_json,
    options_from_json,
    value_from_json,
)
from bot.platforms.dingtalk.guided import Filling
from bot.platforms.dingtalk.typed_answers import Wrong


def to_json(filling: Filling) -> dict[str, Any]:
    wrong = filling.wrong and {"key": filling.wrong.key, "params": dict(filling.wrong.params)}
    return {
        "id": filling.id,
        "form": form_to_json(filling.form),
        "locale": filling.locale,
        "answers": dict(filling.answers),
        "todo": filling.todo,
        "asked": filling.asked,
        "errors": dict(filling.errors),
        "wrong": wrong,
        "seen": filling.seen,
        "found": {
            name: [{"value": one.value, "label": one.label} for one in options]
            for name, options in filling.found.items()
        },
    }


def from_json(kept: Mapping[str, Any]) -> Filling:
    return Filling(
        kept["id"],
        form_from_json(kept["form"]),
        kept["locale"],
        {name: value_from_json(value) for name, value in kept["answers"].items()},
        tuple(kept["todo"]),
        tuple(kept["asked"]),
        dict(kept["errors"]),
        Wrong(**kept["wrong"]) if kept["wrong"] else None,
        {name: options_from_json(options) for name, options in kept["found"].items()},
        tuple(kept["seen"]),
    )
