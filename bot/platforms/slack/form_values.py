"""What somebody answered in one element of a form. Pure."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from handlers.core.requests import Value


def answer(given: Mapping[str, Any], timezone: tzinfo) -> Value:
    """One element's state as a form's answer; an element left empty is ``""`` or ``()``."""
    match given["type"]:
        case "datepicker":
            return given.get("selected_date") or ""
        case "datetimepicker":
            return _moment(given.get("selected_date_time"), timezone)
        case "static_select" | "external_select":
            chosen = given.get("selected_option")
            return str(chosen["value"]) if chosen else ""
        case "multi_static_select" | "multi_external_select" | "checkboxes":
            return tuple(chosen["value"] for chosen in given.get("selected_options") or ())
        case "file_input":
            return ", ".join(str(one.get("name", "")) for one in given.get("files") or ())
        case _:
            return given.get("value") or ""


def _moment(epoch: int | None, timezone: tzinfo) -> str:
    if epoch is None:
        return ""
    return datetime.fromtimestamp(epoch, timezone).strftime("%Y-%m-%dT%H:%M")
