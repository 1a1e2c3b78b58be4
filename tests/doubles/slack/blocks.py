"""What Slack would refuse in blocks and views, by its documented limits.

Written from docs.slack.dev, not from the renderer. Every function gives a list of problems.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Block = Mapping[str, Any]
Problems = list[str]
MESSAGE_BLOCKS = {
    "section", "divider", "header", "context", "actions", "rich_text", "table",
    "data_visualization",
}
MODAL_BLOCKS = {"section", "divider", "header", "context", "actions", "input", "rich_text"}
_PING = re.compile(r"<[!@#]")


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def message(text: str, blocks: Sequence[Block]) -> Problems:
    """A message's fallback text and its blocks together."""
    found = ["no fallback text"] if not text else []
    found += ["text over 40,000"] if units(text) > 40_000 else []
    found += ["unescaped mention in text"] if _PING.search(text) else []
    found += ["no blocks"] if not blocks else []
    found += ["over 50 blocks"] if len(blocks) > 50 else []
    kinds = [block.get("type") for block in blocks]
    found += ["over one table"] if kinds.count("table") > 1 else []
    found += ["over two charts"] if kinds.count("data_visualization") > 2 else []
    return found + _each(blocks, MESSAGE_BLOCKS) + _unique(blocks)


def view(body: Mapping[str, Any]) -> Problems:
    """A modal."""
    known = {"type", "callback_id", "title", "submit", "close", "private_metadata", "blocks"}
    found = _keys("view", body, known)
    found += ["view type"] if body.get("type") != "modal" else []
    found += text(body.get("title"), 24, "title", plain=True)
    for name in ("submit", "close"):
        if name in body:
            found += text(body[name], 24, name, plain=True)
    blocks = body.get("blocks", [])
    has_input = any(block.get("type") == "input" for block in blocks)
    found += ["inputs without submit"] if has_input and "submit" not in body else []
    found += ["over 100 blocks"] if not 1 <= len(blocks) <= 100 else []
    found += ["metadata over 3000"] if units(body.get("private_metadata", "")) > 3000 else []
    found += ["callback over 255"] if units(body.get("callback_id", "")) > 255 else []
    found += ["view over 250 KB"] if len(json.dumps(body)) > 250_000 else []
    return found + _each(blocks, MODAL_BLOCKS) + _unique(blocks)


def options(given: Sequence[Block], *, most: int = 100, least: int = 1) -> Problems:
    found = [f"{len(given)} options"] if not least <= len(given) <= most else []
    for one in given:
        found += _keys("option", one, {"text", "value", "description"})
        found += text(one.get("text"), 75, "option")
        found += _length(one.get("value"), 150, "option value")
    return found


def text(given: Any, limit: int, where: str, *, plain: bool = False) -> Problems:
    """A text object of at most ``limit``, plain where Slack wants it plain."""
    if not isinstance(given, Mapping):
        return [f"{where}: no text object"]
    found = _length(given.get("text"), limit, where)
    match given.get("type"):
        case "plain_text":
            found += _keys(where, given, {"type", "text", "emoji"})
        case "mrkdwn" if not plain:
            found += _keys(where, given, {"type", "text", "verbatim"})
            if _PING.search(given.get("text", "")):
                found.append(f"{where}: unescaped mention")
        case other:
            found.append(f"{where}: text type {other}")
    return found


def _length(given: Any, limit: int, where: str) -> Problems:
    if not isinstance(given, str) or not given:
        return [f"{where}: empty or no string"]
    return [f"{where}: {units(given)} over {limit}"] if units(given) > limit else []


def _keys(where: str, given: Mapping[str, Any], known: set[str]) -> Problems:
    return [f"{where}: unknown {name}" for name in given if name not in known]


def _each(blocks: Iterable[Block], allowed: set[str]) -> Problems:
    found: Problems = []
    for block in blocks:
        kind = block.get("type", "")
        if kind not in allowed:
            found.append(f"block {kind} not allowed here")
            continue
        found += _BLOCKS[kind](block)
        if "block_id" in block:
            found += _length(block["block_id"], 255, "block_id")
    return found


def _unique(blocks: Iterable[Block]) -> Problems:
    block_ids = [block["block_id"] for block in blocks if "block_id" in block]
    found = ["block_id twice"] if len(set(block_ids)) < len(block_ids) else []
    actions = [
        element["action_id"]
        for block in blocks
        for element in [*block.get("elements", ()), block.get("element") or {}]
        if "action_id" in element
    ]
    return found + (["action_id twice"] if len(set(actions)) < len(actions) else [])


def _section(block: Block) -> Problems:
    found = _keys("section", block, {"type", "block_id", "text", "fields", "accessory"})
    if "text" in block:
        found += text(block["text"], 3000, "section")
    elif "fields" not in block:
        found.append("section without text and fields")
    fields = block.get("fields", [])
    found += ["over 10 fields"] if len(fields) > 10 else []
    for field in fields:
        found += text(field, 2000, "field")
    return found


def _header(block: Block) -> Problems:
    known = {"type", "block_id", "text"}
    return _keys("header", block, known) + text(block.get("text"), 150, "header", plain=True)


def _divider(block: Block) -> Problems:
    return _keys("divider", block, {"type", "block_id"})


def _context(block: Block) -> Problems:
    found = _keys("context", block, {"type", "block_id", "elements"})
    found += ["context elements"] if not 1 <= len(block["elements"]) <= 10 else []
    for element in block["elements"]:
        found += text(element, 3000, "context")
    return found


def _actions(block: Block) -> Problems:
    found = _keys("actions", block, {"type", "block_id", "elements"})
    found += ["actions elements"] if not 1 <= len(block["elements"]) <= 25 else []
    for element in block["elements"]:
        found += _element(element, {"button"})
    return found


def _input(block: Block) -> Problems:
    known = {"type", "block_id", "label", "hint", "optional", "element", "dispatch_action"}
    found = _keys("input", block, known) + text(block.get("label"), 2000, "label", plain=True)
    if "hint" in block:
        found += text(block["hint"], 2000, "hint", plain=True)
    return found + _element(block["element"], set(_ELEMENTS) - {"button"})


def _rich_text(block: Block) -> Problems:
    found = _keys("rich_text", block, {"type", "block_id", "elements"})
    for section in block["elements"]:
        found += ["rich text part"] if section.get("type") != "rich_text_section" else []
        for element in section["elements"]:
            match element["type"]:
                case "text":
                    found += _keys("rich text", element, {"type", "text", "style"})
                    found += _length(element["text"], 3000, "rich text")
                case "link":
                    found += _keys("link", element, {"type", "url", "text", "style"})
                    found += _length(element["url"], 3000, "link")
                case other:
                    found.append(f"rich text {other}: may ping")
    return found


def _table(block: Block) -> Problems:
    rows = block["rows"]
    found = _keys("table", block, {"type", "block_id", "rows", "column_settings"})
    found += ["table rows"] if not 1 <= len(rows) <= 100 else []
    found += ["table columns"] if not 1 <= len(rows[0]) <= 20 else []
    found += ["ragged table"] if len({len(row) for row in rows}) != 1 else []
    cells = [cell for row in rows for cell in row]
    for cell in cells:
        found += ["cell type"] if cell.get("type") != "raw_text" else []
        found += _length(cell.get("text"), 10_000, "cell")
    total = sum(units(cell.get("text", "")) for cell in cells)
    return found + (["table text over 10,000"] if total > 10_000 else [])


def _chart(block: Block) -> Problems:
    chart = block["chart"]
    found = _keys("chart", block, {"type", "block_id", "title", "chart"})
    found += _length(block.get("title"), 50, "chart title")
    found += _keys("chart", chart, {"type", "series", "axis_config"})
    found += ["chart type"] if chart["type"] not in {"bar", "line", "area"} else []
    series, labels = chart["series"], chart["axis_config"]["categories"]
    found += ["chart series"] if not 1 <= len(series) <= 12 else []
    found += ["chart categories"] if not 1 <= len(labels) <= 20 else []
    names = [one["name"] for one in series]
    found += ["series names twice"] if len(set(names)) < len(names) else []
    found += ["categories twice"] if len(set(labels)) < len(labels) else []
    for label in [*names, *labels]:
        found += _length(label, 20, "chart label")
    for one in series:
        found += ["chart data"] if [point["label"] for point in one["data"]] != labels else []
        finite = all(math.isfinite(point["value"]) for point in one["data"])
        found += [] if finite else ["chart value"]
    return found


def _element(element: Block, allowed: set[str]) -> Problems:
    kind = element.get("type", "")
    if kind not in allowed:
        return [f"element {kind} not allowed here"]
    found = _keys(kind, element, {"type", "action_id", *_ELEMENTS[kind]})
    found += _length(element.get("action_id"), 255, "action_id")
    if "placeholder" in element:
        found += text(element["placeholder"], 150, "placeholder", plain=True)
    if "confirm" in element:
        found += _confirm(element["confirm"])
    return found + _VALUES[kind](element)


def _confirm(given: Block) -> Problems:
    found = _keys("confirm", given, {"title", "text", "confirm", "deny", "style"})
    for name, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        found += text(given.get(name), limit, f"confirm {name}")
    return found


def _button(element: Block) -> Problems:
    found = text(element.get("text"), 75, "button", plain=True)
    if "value" in element:
        found += _length(element["value"], 2000, "button value")
    style = element.get("style", "primary")
    return found + (["button style"] if style not in {"primary", "danger"} else [])


def _typed(element: Block) -> Problems:
    most = element.get("max_length", 3000)
    found = ["max_length"] if not 1 <= most <= 3000 else []
    if "initial_value" in element:
        found += _length(element["initial_value"], most, "initial_value")
    return found


def _day(element: Block) -> Problems:
    given = element.get("initial_date", "2026-01-01")
    return [] if re.fullmatch(r"\d{4}-\d\d-\d\d", given) else ["initial_date"]


def _moment(element: Block) -> Problems:
    given = element.get("initial_date_time", 1_800_000_000)
    return [] if isinstance(given, int) and len(str(given)) == 10 else ["initial_date_time"]


def _menu(element: Block) -> Problems:
    most = 10 if element["type"] == "checkboxes" else 100
    found = options(element.get("options", []), most=most)
    chosen = [element["initial_option"]] if "initial_option" in element else []
    chosen += element.get("initial_options", [])
    strays = [one for one in chosen if one not in element.get("options", [])]
    found += ["initial_options empty"] if element.get("initial_options") == [] else []
    return found + (["initial option not among the options"] if strays else [])


def _searched(element: Block) -> Problems:
    chosen = [element["initial_option"]] if "initial_option" in element else []
    return options(chosen, least=0)


_BLOCKS: dict[str, Callable[[Block], Problems]] = {
    "section": _section, "header": _header, "divider": _divider, "context": _context,
    "actions": _actions, "input": _input, "rich_text": _rich_text, "table": _table,
    "data_visualization": _chart,
}
_MENU = {"placeholder", "options", "initial_option", "confirm", "focus_on_load"}
_MENUS = {"placeholder", "options", "initial_options", "confirm", "focus_on_load"}
_ELEMENTS: dict[str, set[str]] = {
    "button": {"text", "value", "style", "confirm", "url"},
    "plain_text_input": {"initial_value", "multiline", "min_length", "max_length", "placeholder"},
    "datepicker": {"initial_date", "placeholder", "confirm"},
    "datetimepicker": {"initial_date_time", "confirm"},
    "static_select": _MENU,
    "multi_static_select": _MENUS,
    "checkboxes": _MENUS - {"placeholder"},
    "external_select": _MENU - {"options"} | {"min_query_length"},
    "multi_external_select": _MENUS - {"options"} | {"min_query_length"},
}
_VALUES: dict[str, Callable[[Block], Problems]] = {
    "button": _button, "plain_text_input": _typed, "datepicker": _day,
    "datetimepicker": _moment, "static_select": _menu, "multi_static_select": _menu,
    "checkboxes": _menu, "external_select": _searched, "multi_external_select": _searched,
}
