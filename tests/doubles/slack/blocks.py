"""Checks what Slack would refuse in blocks and views, by its documented limits.

Written from docs.slack.dev, not from the renderer. Every function returns a list of problems.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tests.doubles.slack.elements import (
    ELEMENTS,
    PING,
    Block,
    Problems,
    element_problems,
    keys,
    length,
    options,
    text,
    units,
)

__all__ = ["Problems", "message", "options", "view"]
MESSAGE_BLOCKS = {
    "section",
    "divider",
    "header",
    "context",
    "actions",
    "rich_text",
    "table",
    "data_visualization",
    "image",
}
VIEW_BLOCKS = {"section", "divider", "header", "context", "actions", "input", "rich_text"}
"""A modal's, and a Home tab's."""


def message(text: str, blocks: Sequence[Block]) -> Problems:
    """A message's fallback text and its blocks together."""
    found = ["no fallback text"] if not text else []
    found += ["text over 40,000"] if units(text) > 40_000 else []
    found += ["unescaped mention in text"] if PING.search(text) else []
    found += ["no blocks"] if not blocks else []
    found += ["over 50 blocks"] if len(blocks) > 50 else []
    kinds = [block.get("type") for block in blocks]
    found += ["over one table"] if kinds.count("table") > 1 else []
    found += ["over two charts"] if kinds.count("data_visualization") > 2 else []
    return found + _each(blocks, MESSAGE_BLOCKS) + _unique(blocks)


def home(body: Mapping[str, Any]) -> Problems:
    """A Home tab."""
    found = keys("home", body, {"type", "blocks", "private_metadata", "callback_id"})
    blocks = body.get("blocks", [])
    found += ["over 100 blocks"] if not 1 <= len(blocks) <= 100 else []
    return found + _each(blocks, VIEW_BLOCKS) + _unique(blocks)


def view(body: Mapping[str, Any]) -> Problems:
    """A modal, or a Home tab."""
    if body.get("type") == "home":
        return home(body)
    known = {"type", "callback_id", "title", "submit", "close", "private_metadata", "blocks"}
    found = keys("view", body, known)
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
    focused = [b for b in blocks if b.get("element", {}).get("focus_on_load")]
    found += ["focus twice"] if len(focused) > 1 else []
    found += ["view over 250 KB"] if len(json.dumps(body)) > 250_000 else []
    return found + _each(blocks, VIEW_BLOCKS) + _unique(blocks)


def _each(blocks: Iterable[Block], allowed: set[str]) -> Problems:
    found: Problems = []
    for block in blocks:
        kind = block.get("type", "")
        if kind not in allowed:
            found.append(f"block {kind} not allowed here")
            continue
        found += _BLOCKS[kind](block)
        if "block_id" in block:
            found += length(block["block_id"], 255, "block_id")
    return found


def _unique(blocks: Iterable[Block]) -> Problems:
    block_ids = [block["block_id"] for block in blocks if "block_id" in block]
    found = ["block_id twice"] if len(set(block_ids)) < len(block_ids) else []
    actions = [
        element["action_id"]
        for block in blocks
        for element in [
            *block.get("elements", ()),
            block.get("element") or {},
            block.get("accessory") or {},
        ]
        if "action_id" in element
    ]
    return found + (["action_id twice"] if len(set(actions)) < len(actions) else [])


def _section(block: Block) -> Problems:
    found = keys("section", block, {"type", "block_id", "text", "fields", "accessory"})
    if "text" in block:
        found += text(block["text"], 3000, "section")
    elif "fields" not in block:
        found.append("section without text and fields")
    fields = block.get("fields", [])
    found += ["over 10 fields"] if len(fields) > 10 else []
    for field in fields:
        found += text(field, 2000, "field")
    if "accessory" in block:
        found += element_problems(block["accessory"], {"button", "overflow"})
    return found


def _header(block: Block) -> Problems:
    known = {"type", "block_id", "text"}
    return keys("header", block, known) + text(block.get("text"), 150, "header", plain=True)


def _divider(block: Block) -> Problems:
    return keys("divider", block, {"type", "block_id"})


def _context(block: Block) -> Problems:
    found = keys("context", block, {"type", "block_id", "elements"})
    found += ["context elements"] if not 1 <= len(block["elements"]) <= 10 else []
    for element in block["elements"]:
        found += text(element, 3000, "context")
    return found


def _actions(block: Block) -> Problems:
    found = keys("actions", block, {"type", "block_id", "elements"})
    found += ["actions elements"] if not 1 <= len(block["elements"]) <= 25 else []
    for element in block["elements"]:
        found += element_problems(element, {"button", "overflow"})
    return found


def _input(block: Block) -> Problems:
    known = {"type", "block_id", "label", "hint", "optional", "element", "dispatch_action"}
    found = keys("input", block, known) + text(block.get("label"), 2000, "label", plain=True)
    if "hint" in block:
        found += text(block["hint"], 2000, "hint", plain=True)
    return found + element_problems(block["element"], set(ELEMENTS) - {"button", "overflow"})


def _rich_text(block: Block) -> Problems:
    found = keys("rich_text", block, {"type", "block_id", "elements"})
    for section in block["elements"]:
        found += ["rich text part"] if section.get("type") != "rich_text_section" else []
        for element in section["elements"]:
            match element["type"]:
                case "text":
                    found += keys("rich text", element, {"type", "text", "style"})
                    found += length(element["text"], 3000, "rich text")
                case "link":
                    found += keys("link", element, {"type", "url", "text", "style"})
                    found += length(element["url"], 3000, "link")
                case "date":
                    found += keys("date", element, {"type", "timestamp", "format", "fallback"})
                    found += length(element["fallback"], 3000, "date fallback")
                    found += [] if isinstance(element["timestamp"], int) else ["date timestamp"]
                case other:
                    found.append(f"rich text {other}: may ping")
    return found


def _table(block: Block) -> Problems:
    rows = block["rows"]
    found = keys("table", block, {"type", "block_id", "rows", "column_settings"})
    found += ["table rows"] if not 1 <= len(rows) <= 100 else []
    found += ["table columns"] if not 1 <= len(rows[0]) <= 20 else []
    found += ["ragged table"] if len({len(row) for row in rows}) != 1 else []
    settings = block.get("column_settings", [])
    found += ["column settings"] if len(settings) > 20 else []
    for setting in settings:
        found += keys("column setting", setting, {"align", "is_wrapped"})
        found += (
            ["alignment"] if setting.get("align") not in {None, "left", "center", "right"} else []
        )
    found += ["formatted heading"] if any(cell["type"] != "raw_text" for cell in rows[0]) else []
    texts = []
    for cell in (cell for row in rows for cell in row):
        match cell.get("type"):
            case "raw_text":
                texts.append(cell.get("text", ""))
                found += length(texts[-1], 10_000, "cell")
            case "rich_text":
                found += _rich_text(cell)
                texts += [
                    one.get("text", "") for part in cell["elements"] for one in part["elements"]
                ]
            case other:
                found.append(f"cell {other}")
    total = sum(map(units, texts))
    return found + (["table text over 10,000"] if total > 10_000 else [])


def _image(block: Block) -> Problems:
    """A picture of Slack's own; one of an address would show what anybody may read."""
    found = keys("image", block, {"type", "block_id", "slack_file", "title", "alt_text"})
    found += length(block.get("alt_text"), 2000, "alt_text")
    found += text(block.get("title"), 2000, "image title", plain=True)
    file = block.get("slack_file", {})
    found += keys("slack_file", file, {"id"})
    fits = re.fullmatch(r"F[A-Z0-9]{8,}", str(file.get("id")))
    return found + ([] if fits else ["slack_file id"])


def _chart(block: Block) -> Problems:
    chart = block["chart"]
    found = keys("chart", block, {"type", "block_id", "title", "chart"})
    found += length(block.get("title"), 50, "chart title")
    found += keys("chart", chart, {"type", "series", "axis_config"})
    found += ["chart type"] if chart["type"] not in {"bar", "line", "area"} else []
    series, labels = chart["series"], chart["axis_config"]["categories"]
    found += ["chart series"] if not 1 <= len(series) <= 12 else []
    found += ["chart categories"] if not 1 <= len(labels) <= 20 else []
    names = [one["name"] for one in series]
    found += ["series names twice"] if len(set(names)) < len(names) else []
    found += ["categories twice"] if len(set(labels)) < len(labels) else []
    for label in [*names, *labels]:
        found += length(label, 20, "chart label")
    for one in series:
        found += ["chart data"] if [point["label"] for point in one["data"]] != labels else []
        finite = all(math.isfinite(point["value"]) for point in one["data"])
        found += [] if finite else ["chart value"]
    return found


_BLOCKS: dict[str, Callable[[Block], Problems]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "rich_text": _rich_text,
    "table": _table,
    "data_visualization": _chart,
    "image": _image,
}
