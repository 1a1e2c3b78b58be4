"""Current problems of the adapter, for ``health()``: one entry per part, newest finding wins.

Holds catalogue keys and DingTalk's own codes only; no message, name or secret.
"""

from collections.abc import Iterable
from typing import Literal, TypeAlias

from bot.platforms import Health
from sales.refusals import Reason

Part: TypeAlias = Literal[
    "stream",
    "credentials",
    "scope",
    "calls",
    "messages",
    "card",
    "button_card",
    "work_notice",
    "todo",
    "calendar",
]

# What an admin must fix first comes first: refused credentials explain a silent stream.
_ORDER: tuple[Part, ...] = (
    "credentials",
    "scope",
    "stream",
    "calls",
    "messages",
    "work_notice",
    "card",
    "button_card",
    "todo",
    "calendar",
)
_HARMLESS: frozenset[Part] = frozenset(
    {"messages", "card", "button_card", "work_notice", "todo", "calendar"}
)
_TOLD: frozenset[Part] = frozenset({"work_notice"})
"""Harmless, and yet the admins are told as long as it lasts; of a permission they are told once."""


class Conditions:
    """The findings of all parts of the adapter."""

    def __init__(self) -> None:
        self._found: dict[Part, Health] = {}

    def report(self, part: Part, problem: str, *, detail: str = "", ok: bool = False) -> None:
        """Record a problem; ``problem`` completes the keys ``health.dingtalk.<problem>`` and its
        ``.advice``."""
        key = f"health.dingtalk.{problem}"
        refuses = Reason.CREDENTIALS if part == "credentials" else None
        harmless = ok or part in _HARMLESS
        told = part in _TOLD
        self._found[part] = Health(harmless, key, f"{key}.advice", detail, refuses, told)

    def clear(self, *parts: Part) -> None:
        for part in parts:
            self._found.pop(part, None)

    def has(self, part: Part) -> bool:
        return part in self._found

    def health(self) -> Health:
        """The most serious finding; all is well if there is none."""
        return _first(self._found[part] for part in _ORDER if part in self._found)


def _first(findings: Iterable[Health]) -> Health:
    ranked = sorted(findings, key=lambda health: health.ok)
    return ranked[0] if ranked else Health(ok=True)
