"""What the organisation tells the app, and what it lets the app do.

Events about its people, of which a leaver's matters here, and the optional permissions with what is
known of each. Knows no message and no card.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

import structlog

from bot.platforms import Dispatch, Memory
from bot.platforms.dingtalk.requests import PLATFORM
from bot.platforms.dingtalk.transport import CallCount
from handlers.core.commands import HOME_ACTION
from handlers.core.requests import Conversation, Request, Sender
from sales.errors import StorageUnavailable

log = structlog.get_logger(__name__)

LEFT: Final = "user_leave_org"
_HANDLED_KEPT = timedelta(days=7)


class OrganisationEvents:
    """Handles the events of the organisation (Stream, type ``EVENT``).

    A person who left is passed on like somebody who writes and is no member any more: their access
    ends, and their leaders are told.
    """

    def __init__(self, dispatch: Dispatch, memory: Memory, quota: CallCount) -> None:
        self._dispatch = dispatch
        self._memory = memory
        self._quota = quota
        self._lock = asyncio.Lock()

    async def take(self, kind: str, event_id: str, data: Mapping[str, Any]) -> bool:
        """Handle one event; False if DingTalk should send it again later."""
        await self._quota.use("messages")
        if kind != LEFT:
            return True
        try:
            # One after the other, since the same event may come twice at once.
            async with self._lock:
                await self._people_left(event_id, left_people(data))
        except StorageUnavailable as error:
            log.warning("dingtalk.event_put_off", kind=kind, reason=type(error).__name__)
            return False
        return True

    async def _people_left(self, event_id: str, people: tuple[str, ...]) -> None:
        handled = f"dingtalk:event:{event_id}"
        if event_id and await self._memory.get(handled) is not None:
            return
        for person in people:
            where = Conversation(PLATFORM, person, private=True)
            sender = Sender(PLATFORM, person, standing="outsider")
            request = Request(f"dingtalk:{event_id}:{person}", HOME_ACTION, sender, where)
            await self._dispatch(request)
        if event_id:
            await self._memory.put(handled, {}, keep=_HANDLED_KEPT)


def left_people(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The user ids that an event names, as a list or alone.

    DingTalk's page for Stream shows ``userId``; its older callbacks wrote ``UserId``.
    """
    named = data.get("userId") or data.get("UserId") or ()
    listed = [named] if isinstance(named, str) else named
    if not isinstance(listed, list | tuple):
        return ()
    return tuple(dict.fromkeys(one for one in listed if isinstance(one, str) and one))


Part = Literal["card", "todo", "calendar", "departments", "members", "leavers"]
State = Literal["works", "lacks", "untried"]


@dataclass(frozen=True, slots=True)
class Permission:
    """An optional permission: its name and loss are the texts of ``part``, ``code`` the console's
    code for it."""

    part: Part
    code: str


PERMISSIONS: Final = (
    Permission("card", "Card.Instance.Write"),
    Permission("todo", "Todo.Todo.Write"),
    Permission("calendar", "Calendar.Event.Write"),
    Permission("departments", "qyapi_get_department_list"),
    Permission("members", "qyapi_get_department_member"),
    Permission("leavers", LEFT),
)
