"""Adds overdue items to people's DingTalk to-do lists, beside the message about them.

Needs the permission Todo.Todo.Write. Without it nothing is lost: the robot's message is there, and
``health()`` says what is missing.
"""

from datetime import timedelta
from typing import Final

import structlog

from bot.platforms import DeliveryError, Memory, Suspended, Throttled, Unavailable
from bot.platforms.dingtalk.client import OpenApi
from bot.platforms.dingtalk.health import Conditions
from bot.platforms.dingtalk.transport import NotPermitted
from handlers.core.ui import Card, Todo
from sales.errors import StorageUnavailable

log = structlog.get_logger(__name__)

_REFUSED: Final = "dingtalk:todo:refused"
_ASK_AGAIN = timedelta(days=1)
_KEPT = timedelta(days=180)


class Todos:
    """To-dos for posted cards. ``on`` False: they are switched off."""

    def __init__(self, api: OpenApi, memory: Memory, conditions: Conditions, *, on: bool) -> None:
        self._api = api
        self._memory = memory
        self._conditions = conditions
        self._on = on

    async def recall(self) -> None:
        """Load what another process, or this one before it restarted, was refused.

        Raises StorageUnavailable.
        """
        if self._on and (refused := await self._memory.get(_REFUSED)):
            self._report(str(refused.get("scopes") or ""))

    async def add(self, person: str, card: Card, ref: str) -> None:
        """Add the to-do of the posted card ``ref`` to the person's list.

        Only if there is one and DingTalk accepts it. Raises nothing: the message is out.
        """
        if not self._on or card.todo is None:
            return
        try:
            await self._add(person, card, card.todo, ref)
        except StorageUnavailable as error:
            log.warning("dingtalk.todo_not_added", reason=type(error).__name__)

    async def _add(self, person: str, card: Card, todo: Todo, ref: str) -> None:
        if await self._memory.get(_REFUSED):
            return
        try:
            union = await self._api.union_id(person)
            source = f"{card.subject}:{todo.due_at.timestamp():.0f}"
            task = await self._api.add_todo(
                union, card.title, card.body, due_at=todo.due_at, source=source
            )
        except NotPermitted as error:
            scopes = ", ".join(error.scopes)
            self._report(scopes)
            await self._memory.put(_REFUSED, {"scopes": scopes}, keep=_ASK_AGAIN)
            return
        except DeliveryError as error:
            log.warning("dingtalk.todo_not_added", reason=str(error))
            return
        self._conditions.clear("todo")
        await self._memory.put(_key(ref), {"union": union, "task": task}, keep=_KEPT)

    async def redraw(self, ref: str, card: Card) -> bool:
        """Close the to-do once the posted card no longer asks for anything; False if there was
        none.

        Raises Throttled, Unavailable and Suspended, and then it is still open.
        """
        key = _key(ref)
        if card.todo is not None:
            return await self._memory.get(key) is not None
        stored = await self._memory.take(key)
        if stored is None:
            return False
        try:
            await self._api.finish_todo(str(stored["union"]), str(stored["task"]))
        except (Throttled, Unavailable, Suspended):
            await self._memory.put(key, stored, keep=_KEPT)
            raise
        except DeliveryError as error:
            log.warning("dingtalk.todo_not_closed", reason=str(error))
        return True

    def _report(self, scopes: str) -> None:
        self._conditions.report("todo", "todo", detail=scopes)


def _key(ref: str) -> str:
    return f"dingtalk:todo:{ref}"
