"""The rarer actions of a card as Slack's overflow menus, and what was chosen in one. Pure.

Overflow menus rather than a select: a select goes on showing what was chosen last, and choosing
that again tells nobody. An overflow takes five choices and no question before one of them, so
what asks first, or says more than a choice can carry, stays a button.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from bot.platforms.slack.mrkdwn import width
from bot.platforms.slack.render import Block, plain
from handlers.core.ui import Button

ACTION = "slack.menu"
"""The id that all menus share; what is done stands in what is chosen."""
MAX_CHOICES = 5
_MAX_VALUE = 150
_BETWEEN = " · "


def split(more: Sequence[Button]) -> tuple[list[Button], list[Button]]:
    """What stays a button, and what goes into menus."""
    chosen = [button for button in more if _fits(button)]
    if len(chosen) < 2:
        return list(more), []
    return [button for button in more if button not in chosen], chosen


def menu(buttons: Sequence[Button]) -> Block:
    """One menu, for the end of a row of buttons."""
    choices = [{"text": plain(one.label, 75), "value": _carried(one)} for one in buttons]
    return {"type": "overflow", "action_id": ACTION, "options": choices}


def lines(buttons: Sequence[Button]) -> list[Block]:
    """As few menus as hold ``buttons``, each in a line that names what it holds."""
    count = -(-len(buttons) // MAX_CHOICES)
    return [
        {
            "type": "section",
            "text": plain(_BETWEEN.join(button.label for button in part), 3000),
            "accessory": menu(part),
        }
        for part in _parts(buttons, count)
    ]


def chosen(pressed: dict[str, Any]) -> tuple[str, str]:
    """Action and value of what was chosen in a menu."""
    action, _, value = str(pressed["selected_option"]["value"]).partition(" ")
    return action, value


def _fits(button: Button) -> bool:
    return button.confirm is None and width(_carried(button)) <= _MAX_VALUE


def _carried(button: Button) -> str:
    return f"{button.action} {button.value}"


def _parts(buttons: Sequence[Button], count: int) -> list[Sequence[Button]]:
    size, longer = divmod(len(buttons), count)
    starts = [part * size + min(part, longer) for part in range(count + 1)]
    return [buttons[start:end] for start, end in pairwise(starts)]
