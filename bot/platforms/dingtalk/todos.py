"""Adds what people have to do to their DingTalk to-do lists, beside the message about it.

Needs the permission Todo.Todo.Write. Without it nothing is lost: the robot's message is there, and
``health()`` says what is missing.
"""

from datetime import timedelta
from typing import Any

import structlog

from bot.platforms import DeliveryError, Suspended, Throttled, Unavailable
from bot.platforms.dingtalk.organisation import Extras
from bot.platforms.dingtalk.requests import digest_of
from bot.platforms.dingtalk.transport import NotPermitted
from handlers.core.ui import Card, Todo
from sales.errors import StorageUnavailable

log = structlog.get_logger(__name__)

_KEPT = timedelta(days=180)
_MOST_FACTS = 6


class Todos:
    """To-dos for posted cards. ``on`` False: they are switched off.

    A thing is one to-do, however many cards were posted about it.
    """

    def __init__(self, extras: Extras, *, on: bool) -> None:
        self._extras = extras
        self._on = on

    async def add(self, person: str, card: Card, ref: str) -> None:
        """Add the to-do of the posted card ``ref`` to the person's list.

        Only if there is one and DingTalk accepts it. Raises nothing: the message is out.
        """
        if not self._on or card.todo is None or self._extras.quota.is_short:
            return
        try:
            await self._add(person, card, card.todo, ref)
        except StorageUnavailable as error:
            log.warning("dingtalk.todo_not_added", reason=type(error).__name__)

    async def _add(self, person: str, card: Card, todo: Todo, ref: str) -> None:
        key = _key(person, card, ref)
        if await self._extras.permissions.is_refused("todo") or await self._extras.memory.get(key):
            return
        opens = self._extras.links.in_client(todo.lead)
        title, about = self._said(card, todo)
        try:
            union = await self._extras.unions.of(person)
            task = await self._extras.api.add_todo(
                union,
                title,
                about,
                due_at=todo.due_at,
                source=f"{card.subject}:{todo.due_at.timestamp():.0f}",
                opens={"appUrl": opens, "pcUrl": opens} if opens else None,
            )
        except NotPermitted as error:
            await self._extras.permissions.refused("todo", error.detail)
            return
        except DeliveryError as error:
            log.warning("dingtalk.todo_not_added", reason=str(error))
            return
        await self._extras.permissions.granted("todo")
        await self._extras.memory.put(key, _held(union, task, todo, (title, about)), keep=_KEPT)

    async def redraw(self, person: str, ref: str, card: Card) -> bool:
        """Close the to-do once the posted card no longer asks for anything, or else move and rename
        it; False if there was none.

        Raises Throttled, Unavailable and Suspended, and then it is still open.
        """
        key = await self._place(person, ref, card)
        held = await self._extras.memory.get(key)
        if held is None:
            return False
        if card.todo is not None:
            await self._change(key, held, card, card.todo)
            return True
        stored = await self._extras.memory.take(key)
        if stored is None:
            return False
        try:
            await self._extras.api.finish_todo(str(stored["union"]), str(stored["task"]))
        except (Throttled, Unavailable, Suspended):
            await self._extras.memory.put(key, stored, keep=_KEPT)
            raise
        except DeliveryError as error:
            log.warning("dingtalk.todo_not_closed", reason=str(error))
        return True

    def _said(self, card: Card, todo: Todo) -> tuple[str, str]:
        """Title and description of the to-do."""
        return todo.title or card.title, _description(card, self._extras.links.page(todo.lead))

    async def _change(self, key: str, held: dict[str, Any], card: Card, todo: Todo) -> None:
        title, about = self._said(card, todo)
        union, task = str(held["union"]), str(held["task"])
        now = _held(union, task, todo, (title, about))
        if held == now:
            return
        try:
            await self._extras.api.redraw_todo(union, task, title, about, todo.due_at)
        except (Throttled, Unavailable, Suspended):
            raise
        except DeliveryError as error:
            log.warning("dingtalk.todo_not_changed", reason=str(error))
        await self._extras.memory.put(key, now, keep=_KEPT)

    async def _place(self, person: str, ref: str, card: Card) -> str:
        """Where the to-do is kept: by its card if a version added it that kept it so."""
        former = f"dingtalk:todo:{ref}"
        return former if await self._extras.memory.get(former) else _key(person, card, ref)


def _key(person: str, card: Card, ref: str) -> str:
    return f"dingtalk:todo:{person}:{card.subject or ref}"


def _held(union: str, task: str, todo: Todo, said: tuple[str, str]) -> dict[str, Any]:
    """What is kept of a to-do; of what it says only a digest, since it may name somebody."""
    due = int(todo.due_at.timestamp())
    return {"union": union, "task": task, "due": due, "digest": digest_of({"said": said})}


def _description(card: Card, page: str) -> str:
    """What to do, or else about what and whom, without any contact; and where the lead is."""
    facts = [f"{fact.label}：{fact.value}" for fact in card.facts[:_MOST_FACTS]]
    return "\n".join(filter(None, ([card.body] if card.body else facts) + [page]))
