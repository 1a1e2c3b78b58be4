"""Which requests open a form, and which forms are on their way.

A form may only be opened within 3 seconds of the press, so one that takes longer has to be
announced by a modal before it is known what the request leads to. Knows no client.
"""

import asyncio
from collections import Counter
from collections.abc import Hashable
from typing import Any, Final

from handlers.core.commands import GLOBAL_SHORTCUTS, MESSAGE_SHORTCUTS
from handlers.core.replies import Reply
from handlers.core.requests import Request

FORMS: Final = frozenset(
    {
        *(shortcut.action for shortcut in (*GLOBAL_SHORTCUTS, *MESSAGE_SHORTCUTS)),
        "bulk.choose",
        "discovery.open",
        "followup.log",
        "followup.open",
        "lead.edit",
        "lead.open",
        "lead.reassign",
        "lead_list.filter",
        "lead_list.sort",
        "offer.decline",
        "pool.ask",
        "pool.filter",
        "proposal.open",
        "proposal.write",
        "reminder.reschedule",
        "reminder.snooze",
        "stage.advance",
        "stage.choose",
        "stage.open",
        "target.edit",
        "task.finish",
        "task.pass",
        "view.rename",
        "view.save",
        "view.schedule",
    }
)
"""Actions that open a form when asked for without a text; what else does is seen at work."""
_MOST: Final = 1_000
"""Kinds of requests remembered: there are a few hundred actions, but outsiders may invent more."""


class OpeningForms:
    """The requests of one process that open forms."""

    def __init__(self) -> None:
        self._kinds = {(action, False) for action in FORMS}
        self._loading: set[Hashable] = set()
        self._waiting: Counter[str] = Counter()

    def opens_form(self, request: Request) -> bool:
        """Whether such a request opened a form before; only those with a trigger can."""
        surface = request.surface
        return (
            surface.kind in ("command", "button")
            and bool(surface.trigger)
            and _kind(request) in self._kinds
        )

    def note(self, request: Request, reply: Reply) -> None:
        """Learn from a reply whether such requests open forms; an error alone tells nothing."""
        if request.surface.kind not in ("command", "button"):
            return
        if reply.form and len(self._kinds) < _MOST:
            self._kinds.add(_kind(request))
        elif reply.card or reply.update:
            self._kinds.discard(_kind(request))

    def is_loading(self, request: Request) -> bool:
        """Whether a form of the person is still on its way: the one that was pressed for again,
        or another one. What was typed is never dropped for that."""
        if not self.opens_form(request):
            return False
        return _press(request) in self._loading or (
            not request.text.strip() and request.surface.user in self._waiting
        )

    def started(self, request: Request, working: asyncio.Task[Any]) -> None:
        """Remember a press until the work on it is done."""
        press, user = _press(request), request.surface.user
        self._loading.add(press)
        self._waiting[user] += 1

        def done(_: asyncio.Task[Any]) -> None:
            self._loading.discard(press)
            self._waiting[user] -= 1
            if not self._waiting[user]:
                del self._waiting[user]

        working.add_done_callback(done)


def _kind(request: Request) -> tuple[str, bool]:
    return request.action, bool(request.text.strip())


def _press(request: Request) -> Hashable:
    surface = request.surface
    where = (surface.channel, surface.message, surface.thread)
    return surface.user, request.action, request.text, str(request.state.get("value", "")), where
