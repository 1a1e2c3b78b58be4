"""Buttons as ``dtmd`` links: pressing one sends its text as the person's own message.

The text reads well (``接受 LX001 #k3f9x2``) and ends in a token. What the token stands for is kept
in ``Memory`` under the person it was shown to, so that nobody can make up an action or press
another person's button.
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from bot.platforms import Memory
from bot.platforms.dingtalk.forms.storage import confirm_from_json
from handlers.core.ui import Button, Confirm

ANYONE = "*"
"""The owner of a button in a group: everybody who sees it may press, their rights decide."""

SHOW_PICTURES = "dingtalk.pictures"
"""The action of a button that asks for the same again, as pictures; it stays in the platform."""

_KEPT = timedelta(days=30)
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is misread
_PLACES = 4
_TAIL = re.compile(rf"(?<!^)#(?P<card>[{_ALPHABET}]{{{_PLACES}}})(?P<nth>[{_ALPHABET}]{{1,2}})$")
_NUMBER = re.compile(r"\bLX\d+\b")
_LONGEST_LABEL = 40
_WORDS_OF_A_GROUP = 200


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed. ``declined``: the answer to its question was no."""

    action: str
    value: str
    label: str
    confirm: Confirm | None = None
    declined: bool = False


def link(label: str, words: str) -> str:
    """A markdown link that sends ``words`` when pressed; ``label`` is already escaped."""
    return f"[{label}](dtmd://dingtalkclient/sendMessage?content={quote(words, safe='')})"


def lead_numbers(text: str) -> list[str]:
    return _NUMBER.findall(text)


def looks_pressed(text: str) -> bool:
    return _TAIL.search(text.strip()) is not None


class Links:
    """Stores the buttons that were shown, and looks them up again."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def offer(
        self,
        owner: str,
        buttons: Iterable[Button],
        about: str = "",
        *,
        group: str = "",
    ) -> dict[Button, str]:
        """Store what the buttons mean for ``owner``, and return the text that each sends.

        ``about`` is the text the buttons belong to: a lead's number in it becomes part of their
        text. In a ``group`` that text can be typed as well, without its token: whether a link that
        is pressed there reaches the robot is not known (decision 41).
        """
        meant: list[tuple[Button, str, Mapping[str, Any]]] = [
            (
                button,
                _label(button, about),
                {
                    "action": button.action,
                    "value": button.value,
                    "label": button.label,
                    "confirm": asdict(button.confirm) if button.confirm else None,
                    "declined": False,
                },
            )
            for button in dict.fromkeys(buttons)
        ]
        if group and meant:
            await self._add_typed_words(group, [(words, meaning) for _, words, meaning in meant])
        return await self._keep(owner, meant)

    async def typed_in(self, group: str, text: str) -> Pressed | None:
        """The button of a group whose text somebody typed, the newest of several; or whose label,
        if only one button has it."""
        row = await self._memory.get(_group_key(group))
        typed = " ".join(text.split()).casefold()
        shown = (row or {}).get("words", ())
        meant = [meaning for words, meaning in shown if words == typed]
        labelled = [meaning for _, meaning in shown if meaning["label"].casefold() == typed]
        if not meant and len(labelled) != 1:
            return None
        meaning = [*labelled, *meant][-1]
        return Pressed(**{**meaning, "confirm": confirm_from_json(meaning["confirm"])})

    async def _add_typed_words(
        self, group: str, meant: list[tuple[str, Mapping[str, Any]]]
    ) -> None:
        row = await self._memory.get(_group_key(group)) or {}
        new = {words.casefold(): dict(meaning) for words, meaning in meant}
        before = [[words, m] for words, m in row.get("words", ()) if words not in new]
        words = [*before, *([words, m] for words, m in new.items())][-_WORDS_OF_A_GROUP:]
        await self._memory.put(_group_key(group), {"words": words}, keep=_KEPT)

    async def offer_confirm(
        self,
        owner: str,
        pressed: Pressed,
        confirm: Confirm,
    ) -> tuple[str, str]:
        """The texts of yes and no for a button that asks before it acts."""
        yes, no = Button("", confirm.yes, "yes"), Button("", confirm.no, "no")
        meaning = {
            "action": pressed.action,
            "value": pressed.value,
            "label": pressed.label,
            "confirm": None,
        }
        words = await self._keep(
            owner,
            [
                (yes, confirm.yes, {**meaning, "declined": False}),
                (no, confirm.no, {**meaning, "declined": True}),
            ],
        )
        return words[yes], words[no]

    async def find(self, person: str, text: str) -> Pressed | None:
        """The button whose text ``person`` sent; None if they have no such button."""
        typed = text.strip()
        tail = _TAIL.search(typed)
        if tail is None:
            return None
        for owner in (person, ANYONE):
            row = await self._memory.get(_key(owner, tail["card"]))
            nth = _ALPHABET.index(tail["nth"][-1]) + (
                len(_ALPHABET) * (_ALPHABET.index(tail["nth"][0]) + 1) if tail["nth"][1:] else 0
            )
            if row and nth < len(row["shown"]):
                words, meaning = row["shown"][nth]
                # Comparing the text keeps a reused token from meaning another button.
                if words.casefold() == typed[: tail.start()].strip().casefold():
                    return Pressed(**{**meaning, "confirm": confirm_from_json(meaning["confirm"])})
        return None

    async def _keep(
        self,
        owner: str,
        shown: list[tuple[Button, str, Mapping[str, Any]]],
    ) -> dict[Button, str]:
        if not shown:
            return {}
        card = "".join(secrets.choice(_ALPHABET) for _ in range(_PLACES))
        await self._memory.put(
            _key(owner, card),
            {"shown": [[words, dict(meaning)] for _, words, meaning in shown]},
            keep=_KEPT,
        )
        return {
            button: f"{words} #{card}{_nth(place)}"
            for place, (button, words, _) in enumerate(shown)
        }


def _key(owner: str, card: str) -> str:
    return f"dingtalk:links:{owner}:{card}"


def _group_key(group: str) -> str:
    return f"dingtalk:words:{group}"


def _nth(place: int) -> str:
    rest, last = divmod(place, len(_ALPHABET))
    return (_ALPHABET[rest - 1] if rest else "") + _ALPHABET[last]


def _label(button: Button, about: str) -> str:
    label = " ".join(button.label.split())[:_LONGEST_LABEL]
    number = _NUMBER.search(button.value.upper()) or _NUMBER.search(about)
    return label if number is None or number[0] in label else f"{label} {number[0]}"
