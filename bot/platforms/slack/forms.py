"""Forms as Slack modals: drawing them, their metadata, and parsing the answers. Pure.

A field's block id ends in a tag of the whole form: Slack keeps what was typed where ids stay the
same, so the same form keeps its input and a changed one shows its new values.
"""

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from datetime import date, datetime, tzinfo
from hashlib import sha256
from typing import Any, assert_never

from bot.platforms.slack.markup import Block, cut, plain, unescaped
from handlers.core.language import Language
from handlers.core.requests import Value
from handlers.core.ui import (
    Checklist,
    Choice,
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

METADATA_LIMIT = 3000
"""Characters Slack accepts in ``private_metadata``."""
MAX_FIELDS = 95
"""A view can hold 100 blocks; the rest is for the intro and messages beside fields."""
MAX_OPTIONS = 100
"""Options Slack accepts in a menu, in a group of one, and as answers of a search."""
MAX_BOXES = 10
MORE = "form.more"
"""The button that shows a form's folded fields; the adapter answers it itself."""
_MOST_GROUPED = (2_000, 400, MAX_OPTIONS)
"""Options of a menu in groups; the next smaller number where the view would be too large."""
_VIEW_BYTES = 240_000
"""Slack accepts views of 250 KB."""


@dataclass(frozen=True, slots=True)
class FormContext:
    """What a modal carries from drawing to submission, in ``private_metadata``.

    Slack returns it untouched and shows it to nobody; it is still not trusted for rights.
    ``search`` maps the names of searchable fields to their actions; ``message`` is the time stamp
    of the card whose button opened the form, empty if it cannot be redrawn; ``home`` means that it
    was opened from the Home tab.
    """

    action: str
    state: Mapping[str, str] = dataclasses.field(default_factory=dict)
    channel: str = ""
    direct: bool = False
    title: str = ""
    thread: str = ""
    message: str = ""
    home: bool = False
    search: Mapping[str, str] = dataclasses.field(default_factory=dict)
    folded: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    """The values of fields that are not shown yet."""

    def pack(self) -> str:
        filled = {name: value for name, value in asdict(self).items() if value}
        return json.dumps(filled, ensure_ascii=False, separators=(",", ":"))


def unpack(metadata: str, action: str) -> FormContext:
    """Parse the metadata; ``action`` (the view's callback) is used if there is none."""
    try:
        stored = json.loads(metadata or "{}")
    except ValueError:
        stored = {}
    field_names = FormContext.__dataclass_fields__
    return FormContext(
        **({"action": action} | {k: v for k, v in stored.items() if k in field_names})
    )


def option(choice: Option) -> Block:
    return {"text": plain(choice.label, 75), "value": cut(choice.value, 150)}


def options(choices: Sequence[Option]) -> list[Block]:
    """Answers of a search, at most 100."""
    return [option(choice) for choice in choices[:MAX_OPTIONS]]


def form_view(
    form: Form,
    metadata: str,
    language: Language,
    errors: Mapping[str, str] | None = None,
    *,
    more: str = "",
) -> Block:
    """The modal of ``form``. ``errors`` are written under their fields, for when Slack cannot show
    them itself. ``more`` is where the folded fields are kept, which are then not shown."""
    is_short = all(_option_count(field) <= MAX_OPTIONS for field in form.fields)
    for most in _MOST_GROUPED:
        view = _form_view(form, metadata, language, errors or {}, most)
        if is_short or len(json.dumps(view)) <= _VIEW_BYTES:
            break
    return _folded(view, form, more, language) if more else view


def _folded(view: Block, form: Form, more: str, language: Language) -> Block:
    """The modal without its folded fields, and with the button that shows them."""
    folded = {field.name for field in form.fields if field.folded}
    blocks = [
        block
        for block in view["blocks"]
        if block.get("block_id", "").partition("~")[0] not in folded
    ]
    button = _more_button(more, language.text("slack.more_fields", n=len(folded)))
    return view | {"blocks": [*blocks, button]}


def _form_view(
    form: Form,
    metadata: str,
    language: Language,
    errors: Mapping[str, str],
    most: int,
) -> Block:
    """The modal with at most ``most`` options in a menu."""
    tag = sha256(repr(form).encode()).hexdigest()[:8]
    beside = _placed(errors, [field.name for field in form.fields])
    blocks: list[Block] = []
    if form.intro:
        blocks.append({"type": "section", "text": plain(form.intro, 3000)})
    for field in form.fields[:MAX_FIELDS]:
        blocks.append(_input(field, tag, language, most))
        if message := beside.get(field.name):
            blocks.append({"type": "context", "elements": [plain(f"⚠️ {message}", 1000)]})
    if not beside:
        _focus(blocks)
    return {
        "type": "modal",
        "callback_id": form.action,
        "title": plain(form.title, 24),
        "submit": plain(form.submit, 24),
        "close": plain(form.cancel, 24),
        "private_metadata": metadata,
        "blocks": blocks[:100],
    }


def _focus(blocks: Iterable[Block]) -> None:
    """Put the cursor into the first line that is still empty; Slack focuses none by itself."""
    for block in blocks:
        element = block.get("element", {})
        if element.get("type") == "plain_text_input" and "initial_value" not in element:
            element["focus_on_load"] = True
            return


def _more_button(more: str, label: str) -> Block:
    button = {"type": "button", "action_id": MORE, "value": more, "text": plain(label, 75)}
    return {"type": "actions", "block_id": MORE, "elements": [button]}


def kept_for_more(payload: Mapping[str, Any]) -> str:
    """Where the fields are kept that a press in a modal asks for; "" for any other payload."""
    pressed: Sequence[Mapping[str, Any]] = payload.get("actions") or ({},)
    in_modal = payload.get("type") == "block_actions" and "view" in payload
    return (
        str(pressed[0].get("value", "")) if in_modal and pressed[0].get("action_id") == MORE else ""
    )


def unfolded(view: Mapping[str, Any], blocks: Sequence[Block]) -> Block:
    """An open modal with all fields, and what was typed so far."""
    typed = view.get("state", {}).get("values", {})
    shown = deepcopy(list(blocks))
    for block in shown:
        if block["type"] == "input" and block["block_id"] in typed:
            element = block["element"]
            _refill(element, typed[block["block_id"]].get(element["action_id"], {}))
    properties = ("type", "callback_id", "title", "submit", "close", "private_metadata")
    return {name: view[name] for name in properties if view.get(name)} | {"blocks": shown[:100]}


def without_more(view: Mapping[str, Any], words: str) -> Block:
    """An open modal whose further fields are gone: a sentence takes the button's place."""
    kept = [block for block in view["blocks"] if block.get("block_id") != MORE]
    return unfolded(view, [*kept, {"type": "context", "elements": [plain(words, 1000)]}])


def context_of(form: Form, **place: Any) -> FormContext:
    """What the modal of ``form`` must carry; ``place`` is where it was asked for."""
    search = {field.name: field.search for field in form.fields if isinstance(field, LeadPick)}
    return FormContext(action=form.action, state=dict(form.state), search=search, **place)


def notice_view(title: str, text: str, close: str) -> Block:
    """A modal that only shows a text."""
    return {
        "type": "modal",
        "title": plain(title, 24),
        "close": plain(close, 24),
        "blocks": [{"type": "section", "text": plain(text, 3000)}],
    }


def field_errors(view: Mapping[str, Any], errors: Mapping[str, str]) -> dict[str, str]:
    """``errors`` by the block ids of a submitted view; unknown ones go to its first field."""
    ids = {block["element"]["action_id"]: block["block_id"] for block in _inputs(view)}
    return {ids[name]: cut(text, 1000) for name, text in _placed(errors, list(ids)).items()}


def refilled(view: Mapping[str, Any], errors: Mapping[str, str]) -> Block:
    """A submitted view redrawn with everything typed, and the errors beside it.

    For an answer that came after the acknowledgement, when the modal shows something else.
    """
    properties = ("type", "callback_id", "title", "submit", "close", "private_metadata")
    typed = view.get("state", {}).get("values", {})
    blocks: list[Block] = []
    by_block = field_errors(view, errors)
    for original in view["blocks"]:
        if original["type"] == "context":
            continue
        block = deepcopy(original)
        blocks.append(block)
        if block["type"] == "input":
            answer = typed.get(block["block_id"], {}).get(block["element"]["action_id"], {})
            _refill(block["element"], answer)
            if message := by_block.get(block["block_id"]):
                blocks.append({"type": "context", "elements": [plain(f"⚠️ {message}", 1000)]})
    return {name: view[name] for name in properties if view.get(name)} | {"blocks": blocks[:100]}


_INITIAL = {
    "value": "initial_value",
    "selected_date": "initial_date",
    "selected_date_time": "initial_date_time",
    "selected_user": "initial_user",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
}


def _refill(element: Block, answer: Mapping[str, Any]) -> None:
    element.pop("focus_on_load", None)  # The cursor stays where somebody types.
    for given, initial in _INITIAL.items():
        element.pop(initial, None)
        if answer.get(given):
            element[initial] = answer[given]


def _inputs(view: Mapping[str, Any]) -> list[Block]:
    return [block for block in view.get("blocks", ()) if block["type"] == "input"]


def _placed(errors: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Place every error at a field that exists: its own, or the first."""
    placed: dict[str, str] = {}
    if names:
        for name, text in errors.items():
            target = name if name in names else names[0]
            placed[target] = f"{placed[target]} {text}" if target in placed else text
    return placed


def _input(field: Field, tag: str, language: Language, most: int) -> Block:
    element = _element(field, language, most) | {"action_id": field.name}
    takes_placeholder = element["type"] not in ("checkboxes", "datetimepicker", "file_input")
    if field.placeholder and takes_placeholder:
        element["placeholder"] = plain(field.placeholder, 150)
    block: Block = {
        "type": "input",
        "block_id": f"{field.name}~{tag}",
        "label": plain(field.label, 2000),
        "optional": not field.required,
        "element": element,
    }
    hints = (field.hint, _left_out(field, language, most))
    if hint := " ".join(filter(None, hints)):
        block["hint"] = plain(hint, 2000)
    return block


def _left_out(field: Field, language: Language, most: int) -> str:
    """How many of a field's options its menu has no room for, in words; empty for none."""
    total = _option_count(field)
    if total <= most:
        return ""
    return language.text("slack.options_left_out", shown=most, total=total)


def _option_count(field: Field) -> int:
    """The options of a menu; those of a searched one come as they are asked for."""
    match field:
        case Choice() | PersonPick() | MultiChoice() | Checklist():
            return len(field.options)
        case _:
            return 0


def _element(field: Field, language: Language, most: int) -> Block:
    match field:
        case Text():
            return _line(field.value, field.max_length)
        case LongText():
            return _line(field.value, field.max_length, multiline=True)
        case Number() | Money() | Phone() | Email():
            # Slack's own number and e-mail inputs refuse a wrong answer in their words and
            # a wrong value to start with altogether; ours come back with an example.
            return _line(field.value, field.max_length)
        case Date():
            return {"type": "datepicker"} | _start_day(field.value)
        case DateTime():
            return {"type": "datetimepicker"} | _start_moment(field.value, language)
        case Choice() | PersonPick():
            return _one_of(field, most)
        case MultiChoice():
            return _boxes(field.options, field.value, "multi_static_select", most)
        case Checklist():
            kind = "checkboxes" if len(field.options) <= MAX_BOXES else "multi_static_select"
            return _boxes(field.options, field.value, kind, most)
        case LeadPick():
            return _search(field.options, field.value)
        case File():
            return {"type": "file_input", "filetypes": list(field.kinds), "max_files": 1}
        case _:
            assert_never(field)


def _line(value: str, limit: int, *, multiline: bool = False) -> Block:
    longest = max(1, min(limit, 3000))
    element: Block = {
        "type": "plain_text_input",
        "multiline": multiline,
        "max_length": longest,
    }
    if value:
        element["initial_value"] = cut(value, longest)
    return element


def _start_day(value: str) -> Block:
    try:
        return {"initial_date": date.fromisoformat(value).isoformat()}
    except ValueError:
        return {}


def _start_moment(value: str, language: Language) -> Block:
    try:
        local = datetime.fromisoformat(value).replace(tzinfo=language.timezone)
    except ValueError:
        return {}
    return {"initial_date_time": int(local.timestamp())}


def _one_of(field: Choice | PersonPick, most: int) -> Block:
    """A menu. Slack's own list of people only where all of them may be chosen: it cannot be
    narrowed to those who work here, and those of other platforms are not in it."""
    if isinstance(field, PersonPick) and field.directory:
        return {"type": "users_select"} | ({"initial_user": field.value} if field.value else {})
    return _select(field.options, field.value, most)


def _select(choices: Sequence[Option], value: str, most: int) -> Block:
    if not choices:
        # Slack refuses an empty menu; a searched one that finds nothing says so itself.
        return {"type": "external_select", "min_query_length": 0}
    shown = _with_chosen(choices, {value}, most)
    element: Block = {"type": "static_select"} | _menu_options(shown)
    chosen = [option(choice) for choice in shown if choice.value == value]
    return element | ({"initial_option": chosen[0]} if chosen else {})


def _boxes(choices: Sequence[Option], value: Iterable[str], kind: str, most: int) -> Block:
    chosen_values = set(value)
    if not choices:
        return {"type": "multi_external_select", "min_query_length": 0}
    shown = _with_chosen(choices, chosen_values, most)
    element: Block = {"type": kind} | _menu_options(shown)
    chosen = [option(choice) for choice in shown if choice.value in chosen_values]
    return element | ({"initial_options": chosen} if chosen else {})


def _menu_options(shown: Sequence[Option]) -> Block:
    """The options; more than Slack accepts in a list as groups, named by their first and last."""
    if len(shown) <= MAX_OPTIONS:
        return {"options": [option(choice) for choice in shown]}
    groups = [shown[start : start + MAX_OPTIONS] for start in range(0, len(shown), MAX_OPTIONS)]
    return {
        "option_groups": [
            {
                "label": plain(f"{cut(group[0].label, 35)} – {cut(group[-1].label, 35)}", 75),
                "options": [option(choice) for choice in group],
            }
            for group in groups
        ]
    }


def _search(choices: Sequence[Option], value: str) -> Block:
    element: Block = {"type": "external_select", "min_query_length": 0}
    if value:
        by_value = {choice.value: choice for choice in choices}
        element["initial_option"] = option(by_value.get(value, Option(value, value)))
    return element


def _with_chosen(choices: Sequence[Option], chosen: set[str], limit: int) -> list[Option]:
    """At most ``limit`` choices in their order, always including the chosen ones."""
    if len(choices) <= limit:
        return list(choices)
    spare = limit - sum(choice.value in chosen for choice in choices)
    shown = []
    for choice in choices:
        if choice.value in chosen:
            shown.append(choice)
        elif spare > 0:
            shown.append(choice)
            spare -= 1
    return shown[:limit]


def read_answer(given: Mapping[str, Any], timezone: tzinfo) -> Value:
    """Parse one element's state as a form's answer; an empty element is ``""`` or ``()``."""
    match given["type"]:
        case "datepicker":
            return given.get("selected_date") or ""
        case "users_select":
            return given.get("selected_user") or ""
        case "datetimepicker":
            return _moment(given.get("selected_date_time"), timezone)
        case "static_select" | "external_select":
            chosen = given.get("selected_option")
            return str(chosen["value"]) if chosen else ""
        case "multi_static_select" | "multi_external_select" | "checkboxes":
            return tuple(chosen["value"] for chosen in given.get("selected_options") or ())
        case "file_input":
            return ", ".join(str(file.get("name", "")) for file in given.get("files") or ())
        case _:
            return unescaped(given.get("value") or "")


def _moment(epoch: int | None, timezone: tzinfo) -> str:
    if epoch is None:
        return ""
    return datetime.fromtimestamp(epoch, timezone).strftime("%Y-%m-%dT%H:%M")
