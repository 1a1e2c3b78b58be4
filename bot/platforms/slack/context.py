"""What a modal carries from its drawing to its answer, in ``private_metadata``.

Slack gives it back untouched and shows it to nobody; it is still not trusted for rights.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

LIMIT = 3000
"""Characters Slack takes in ``private_metadata``."""


@dataclass(frozen=True, slots=True)
class FormContext:
    """``search`` maps the names of searchable fields to their actions; ``message`` is the
    time stamp of the card whose button opened the form, empty when it cannot be redrawn;
    ``home`` that it was opened from the Home tab."""

    action: str
    state: Mapping[str, str] = field(default_factory=dict)
    channel: str = ""
    direct: bool = False
    title: str = ""
    thread: str = ""
    message: str = ""
    home: bool = False
    search: Mapping[str, str] = field(default_factory=dict)

    def pack(self) -> str:
        filled = {name: value for name, value in asdict(self).items() if value}
        return json.dumps(filled, ensure_ascii=False, separators=(",", ":"))


def unpack(metadata: str, action: str) -> FormContext:
    """Read it back; ``action`` (the view's callback) stands in when there is nothing."""
    try:
        found = json.loads(metadata or "{}")
    except ValueError:
        found = {}
    known = FormContext.__dataclass_fields__
    return FormContext(**({"action": action} | {k: v for k, v in found.items() if k in known}))
