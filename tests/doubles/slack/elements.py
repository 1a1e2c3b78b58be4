"""Checks what Slack would refuse in texts, options and elements, by its documented limits."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Block = Mapping[str, Any]
Problems = list[str]
DATE = r"!date\^\d{1,11}\^[^|<>]*\{date[^|<>]*\|[^|<>]+>"
PING = re.compile(rf"<(?!{DATE})[!@#]")
"""What notifies people; a date, which Slack shows each reader in their own timezone, does not."""


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def options(given: Sequence[Block], *, most: int = 100, least: int = 1) -> Problems:
    found = [f"{len(given)} options"] if not least <= len(given) <= most else []
    for one in given:
        found += keys("option", one, {"text", "value", "description"})
        found += text(one.get("text"), 75, "option")
        found += length(one.get("value"), 150, "option value")
    return found


def text(given: Any, limit: int, where: str, *, plain: bool = False) -> Problems:
    """Check a text object of at most ``limit``, plain where Slack requires plain."""
    if not isinstance(given, Mapping):
        return [f"{where}: no text object"]
    found = length(given.get("text"), limit, where)
    match given.get("type"):
        case "plain_text":
            found += keys(where, given, {"type", "text", "emoji"})
        case "mrkdwn" if not plain:
            found += keys(where, given, {"type", "text", "verbatim"})
            if PING.search(given.get("text", "")):
                found.append(f"{where}: unescaped mention")
        case other:
            found.append(f"{where}: text type {other}")
    return found


def length(given: Any, limit: int, where: str) -> Problems:
    if not isinstance(given, str) or not given:
        return [f"{where}: empty or no string"]
    return [f"{where}: {units(given)} over {limit}"] if units(given) > limit else []


def keys(where: str, given: Mapping[str, Any], known: set[str]) -> Problems:
    return [f"{where}: unknown {name}" for name in given if name not in known]


def element_problems(element: Block, allowed: set[str]) -> Problems:
    kind = element.get("type", "")
    if kind not in allowed:
        return [f"element {kind} not allowed here"]
    found = keys(kind, element, {"type", "action_id", *ELEMENTS[kind]})
    found += length(element.get("action_id"), 255, "action_id")
    if "placeholder" in element:
        found += text(element["placeholder"], 150, "placeholder", plain=True)
    if "confirm" in element:
        found += _confirm(element["confirm"])
    return found + _VALUES[kind](element)


def _confirm(given: Block) -> Problems:
    found = keys("confirm", given, {"title", "text", "confirm", "deny", "style"})
    for name, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        found += text(given.get(name), limit, f"confirm {name}")
    return found


def _button(element: Block) -> Problems:
    found = text(element.get("text"), 75, "button", plain=True)
    if "value" in element:
        found += length(element["value"], 2000, "button value")
    if "accessibility_label" in element:
        found += length(element["accessibility_label"], 75, "accessibility_label")
    style = element.get("style", "primary")
    return found + (["button style"] if style not in {"primary", "danger"} else [])


def _overflow(element: Block) -> Problems:
    return options(element.get("options", []), most=5, least=2)


def _typed(element: Block) -> Problems:
    most = element.get("max_length", 3000)
    found = ["max_length"] if not 1 <= most <= 3000 else []
    if "initial_value" in element:
        found += length(element["initial_value"], most, "initial_value")
    return found


def _day(element: Block) -> Problems:
    given = element.get("initial_date", "2026-01-01")
    return [] if re.fullmatch(r"\d{4}-\d\d-\d\d", given) else ["initial_date"]


def _moment(element: Block) -> Problems:
    given = element.get("initial_date_time", 1_800_000_000)
    return [] if isinstance(given, int) and len(str(given)) == 10 else ["initial_date_time"]


def _menu(element: Block) -> Problems:
    most = 10 if element["type"] == "checkboxes" else 100
    if "option_groups" in element:
        found = _groups(element)
    else:
        found = options(element.get("options", []), most=most)
    chosen = [element["initial_option"]] if "initial_option" in element else []
    chosen += element.get("initial_options", [])
    strays = [one for one in chosen if one not in every_option(element)]
    found += ["initial_options empty"] if element.get("initial_options") == [] else []
    return found + (["initial option not among the options"] if strays else [])


def every_option(element: Block) -> list[Any]:
    """The options of a menu, in groups or not."""
    groups = element.get("option_groups", ())
    return [*element.get("options", ()), *(one for group in groups for one in group["options"])]


def _groups(element: Block) -> Problems:
    """At most 100 groups of at most 100 options, instead of options, in menus alone."""
    groups = element["option_groups"]
    found = ["options and groups"] if "options" in element else []
    found += [f"{len(groups)} groups"] if not 1 <= len(groups) <= 100 else []
    for group in groups:
        found += keys("option group", group, {"label", "options"})
        found += text(group.get("label"), 75, "option group", plain=True)
        found += options(group.get("options", []))
    return found


def _searched(element: Block) -> Problems:
    chosen = [element["initial_option"]] if "initial_option" in element else []
    return options(chosen, least=0)


def _file(element: Block) -> Problems:
    return [] if 1 <= element.get("max_files", 10) <= 10 else ["max_files"]


_MENU = {"placeholder", "options", "option_groups", "initial_option", "confirm", "focus_on_load"}
_MENUS = {"placeholder", "options", "option_groups", "initial_options", "confirm", "focus_on_load"}
ELEMENTS: dict[str, set[str]] = {
    "button": {"text", "value", "style", "confirm", "url", "accessibility_label"},
    "overflow": {"options", "confirm"},
    "plain_text_input": {
        "initial_value",
        "multiline",
        "min_length",
        "max_length",
        "placeholder",
        "focus_on_load",
    },
    "datepicker": {"initial_date", "placeholder", "confirm"},
    "datetimepicker": {"initial_date_time", "confirm"},
    "static_select": _MENU,
    "users_select": {"placeholder", "initial_user", "confirm", "focus_on_load"},
    "multi_static_select": _MENUS,
    "checkboxes": _MENUS - {"placeholder", "option_groups"},
    "file_input": {"filetypes", "max_files"},
    "external_select": _MENU - {"options", "option_groups"} | {"min_query_length"},
    "multi_external_select": _MENUS - {"options", "option_groups"} | {"min_query_length"},
}
_VALUES: dict[str, Callable[[Block], Problems]] = {
    "button": _button,
    "overflow": _overflow,
    "plain_text_input": _typed,
    "datepicker": _day,
    "datetimepicker": _moment,
    "static_select": _menu,
    "users_select": lambda element: length(element.get("initial_user", "U1"), 30, "user"),
    "multi_static_select": _menu,
    "checkboxes": _menu,
    "file_input": _file,
    "external_select": _searched,
    "multi_external_select": _searched,
}
