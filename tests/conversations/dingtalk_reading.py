"""Reads a DingTalk chat as a person does: links, questions, complaints, and form cards."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from tests.conversations.driver import SeenForm
from tests.doubles.dingtalk.world import CardInstance

SIGN, ASKS, WRONG = "📝", "❓", "⚠️"
LINK = re.compile(
    r"\[(?P<label>[^\]]*)\]\(dtmd://dingtalkclient/sendMessage\?content=(?P<c>[^)]*)\)"
)
PICTURE = re.compile(r"!\[[^\]]*\]\(@media\d+\)")
FIELD = re.compile(r"^\*\*(?P<label>.+?)\*\* (?P<rest>.*)$", re.MULTILINE)
ASKED = re.compile(r"^\*\*(?P<label>.+?)\*\* \((?:必填|选填|required|optional)\)$", re.MULTILINE)
COMPLAINT = re.compile(rf"^\*\*(?P<label>.+?)\*\* .*?{WRONG} (?P<why>.*?)\s*$", re.MULTILINE)
GO_ON = ("完成", "done", "保留", "keep", "跳过", "skip")
SUBMIT = ("提交", "submit")
EMPTY = {"—", "(必填)", "(required)"}
# The product writes look-alikes for what would be markup; they read as what they look like.
_LOOKALIKES = str.maketrans("［］＜｀＊＼", "[]<`*\\")


def links_of(text: str) -> dict[str, str]:
    """What each link of a message sends, by its label."""
    return {found["label"]: unquote(found["c"]) for found in LINK.finditer(text)}


def visible(text: str) -> str:
    """A markdown message as it reads."""
    text = LINK.sub(lambda found: found["label"], text)
    text = re.sub(r"(?m)\*\*|^#+ |^> ", "", text).replace("  \n", "\n")
    return text.translate(_LOOKALIKES)


def first_of(links: Mapping[str, str], words: tuple[str, ...]) -> str:
    return next((links[word] for word in words if word in links), "")


def value_of(field: Any, shown: str) -> str | tuple[str, ...]:
    if shown in {*GO_ON, *SUBMIT} or re.match(r"修改 |change ", shown):
        shown = "—" if not isinstance(field.value, tuple) else ""
    values = {one.label: one.value for one in getattr(field, "options", ())}
    if isinstance(field.value, tuple):
        return tuple(values.get(one, one) for one in shown.split("、") if one not in EMPTY)
    return "" if shown in EMPTY else values.get(shown, shown)


def card_answer(field: Mapping[str, Any], value: str | tuple[str, ...]) -> Any:
    """A value as the client sends it; None if the list does not have it."""
    if "options" not in field:
        if field["type"] == "DATETIME" and isinstance(value, str):
            return value.replace("T", " ")
        return value
    places = {one["value"]: place for place, one in enumerate(field["options"])}
    if isinstance(value, tuple):
        return {"index": [places[one] for one in value], "value": list(value)} if value else None
    return {"index": places[value], "value": value} if value in places else None


def seen_card(card: CardInstance) -> SeenForm:
    fields, values, errors, choices = {}, {}, {}, {}
    for one in card.fields:
        if one.get("readOnly"):
            continue
        name, (label, _, why) = one["name"], one["label"].partition(f" {WRONG} ")
        fields[name] = label
        default = one.get("defaultValue", "")
        value = default["value"] if isinstance(default, dict) else default
        values[name] = tuple(value) if isinstance(value, list) else value
        if why:
            errors[name] = why
        if "options" in one:
            choices[name] = tuple(option["text"] for option in one["options"])
    return SeenForm(card.params["title"], fields, values, errors, choices)


def keep_typed(field: dict[str, Any], answers: Mapping[str, Any], missing: list[str]) -> None:
    if field["name"] in answers:
        field["defaultValue"] = answers[field["name"]]
    if field["name"] in missing and WRONG not in field["label"]:
        field["label"] += f" {WRONG} {field['requiredMsg']}"


def form_json(card: CardInstance, changed: Mapping[str, Any]) -> str:
    return json.dumps({"fields": [changed.get(one["name"], one) for one in card.fields]})


def shown_in(field: Mapping[str, Any]) -> str:
    """The content of a card's field, as its reader sees it."""
    default = field.get("defaultValue", "")
    value = default["value"] if isinstance(default, dict) else default
    labels = {one["value"]: one["text"] for one in field.get("options", ())}
    return "、".join(labels.get(one, str(one)) for one in _listed(value))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
