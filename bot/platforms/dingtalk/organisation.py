"""What the organisation tells the app about its people, of which a leaver's event matters here, and
what the calendar and the to-do list share.

Knows no message and no card.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit

import structlog

from bot.platforms import Dispatch, Memory
from bot.platforms.dingtalk.client import OpenApi
from bot.platforms.dingtalk.permissions import LEFT, Permissions
from bot.platforms.dingtalk.requests import PLATFORM
from bot.platforms.dingtalk.transport import CallCount, Quota
from handlers.core.commands import HOME_ACTION
from handlers.core.requests import Conversation, Request, Sender
from sales.errors import StorageUnavailable

log = structlog.get_logger(__name__)

_HANDLED_KEPT: Final = timedelta(days=7)
_KNOWN_FOR: Final = timedelta(days=400)


class OrganisationEvents:
    """Handles the events of the organisation (Stream, type ``EVENT``).

    A person who left is passed on like somebody who writes and is no member any more: their access
    ends, and their leaders are told.
    """

    def __init__(
        self, dispatch: Dispatch, memory: Memory, quota: CallCount, permissions: Permissions
    ) -> None:
        self._dispatch = dispatch
        self._permissions = permissions
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
        await self._permissions.granted("leavers")
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


class UnionIds:
    """People's ids in the calendar and the to-do list, looked up once: a call for each would double
    what these cost of the month's calls."""

    def __init__(self, api: OpenApi, memory: Memory) -> None:
        self._api = api
        self._memory = memory

    async def of(self, person: str) -> str:
        """The person's union id. Raises StorageUnavailable and the errors of a call."""
        key = f"dingtalk:union:{person}"
        if known := await self._memory.get(key):
            return str(known["id"])
        union = await self._api.union_id(person)
        await self._memory.put(key, {"id": union}, keep=_KNOWN_FOR)
        return union


class LeadLinks:
    """Addresses that open a lead from outside the chat; empty without a web chat for everybody.

    DingTalk documents no link into a robot's chat, so there it is the lead's number that is sent.
    """

    def __init__(self, chat_url: str) -> None:
        self._chat_url = chat_url

    def page(self, lead: str) -> str:
        """The page of the lead with this number."""
        if not self._chat_url or not lead:
            return ""
        parts = urlsplit(self._chat_url)
        return parts._replace(path=parts.path or "/", fragment=lead).geturl()

    def in_client(self, lead: str) -> str:
        """The page, opened inside DingTalk beside what the person is looking at."""
        page = self.page(lead)
        opened = f"dingtalk://dingtalkclient/page/link?url={quote(page, safe='')}&pc_slide=true"
        return opened if page else ""


@dataclass(frozen=True, slots=True)
class Extras:
    """What the calendar and the to-do list share."""

    api: OpenApi
    memory: Memory
    permissions: Permissions
    quota: Quota
    unions: UnionIds
    links: LeadLinks
