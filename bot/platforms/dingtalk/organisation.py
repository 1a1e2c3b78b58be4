"""What the organisation tells the app, and what it lets the app do.

Events about its people, of which a leaver's matters here, and the optional permissions with what is
known of each. Knows no message and no card.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Literal
from urllib.parse import quote, urlsplit

import structlog

from bot.platforms import DeliveryError, Dispatch, Memory, OptionalPermission
from bot.platforms.dingtalk.client import OpenApi
from bot.platforms.dingtalk.health import Conditions
from bot.platforms.dingtalk.requests import PLATFORM
from bot.platforms.dingtalk.transport import CallCount, NotPermitted, Quota
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

    def __init__(
        self, dispatch: Dispatch, memory: Memory, quota: CallCount, permissions: "Permissions"
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


Part = Literal["todo", "calendar", "departments", "members", "leavers"]
State = Literal["works", "lacks", "untried"]
TellAdmins = Callable[[str, str], Awaitable[None]]
"""Tells the admins once that a part is not permitted, and the codes of what it lacks."""


@dataclass(frozen=True, slots=True)
class Permission:
    """An optional permission: its name and loss are the texts of ``part``, ``code`` the console's
    code for it."""

    part: Part
    code: str


PERMISSIONS: Final = (
    Permission("todo", "Todo.Todo.Write"),
    Permission("calendar", "Calendar.Event.Write"),
    Permission("departments", "qyapi_get_department_list"),
    Permission("members", "qyapi_get_department_member"),
    Permission("leavers", LEFT),
)
_ASK_AGAIN = timedelta(days=1)
_KNOWN_FOR = timedelta(days=400)
_TOLD_FOR = timedelta(days=180)


async def nobody_told(_part: str, _codes: str, /) -> None:
    """The ``TellAdmins`` of a process without a database."""


class Permissions:
    """What is known of the optional permissions; shared by all replicas.

    One that was refused is asked for again after a day, and the admins hear of it once.
    """

    def __init__(
        self, memory: Memory, conditions: Conditions, tell_admins: TellAdmins = nobody_told
    ) -> None:
        self._memory = memory
        self._conditions = conditions
        self._tell_admins = tell_admins
        self._granted: set[Part] = set()

    async def recall(self) -> None:
        """Load what another process, or this one before it restarted, was refused.

        Raises StorageUnavailable.
        """
        for permission in PERMISSIONS:
            if refused := await self._memory.get(_refused(permission.part)):
                self._report(permission.part, str(refused.get("codes") or ""))

    async def is_refused(self, part: Part) -> bool:
        return await self._memory.get(_refused(part)) is not None

    async def refused(self, part: Part, codes: tuple[str, ...]) -> None:
        """Keep that the app lacks what the part needs."""
        named = ", ".join(codes) or next(one.code for one in PERMISSIONS if one.part == part)
        self._granted.discard(part)
        self._report(part, named)
        await self._memory.put(_refused(part), {"codes": named}, keep=_ASK_AGAIN)
        await self._memory.put(_state(part), {"state": "lacks"}, keep=_KNOWN_FOR)
        if await self._memory.count(_told(part), keep=_TOLD_FOR) == 1:
            await self._tell_admins(part, named)

    async def granted(self, part: Part) -> None:
        """Keep that the part works; written once for each process."""
        if part in ("todo", "calendar"):
            self._conditions.clear(part)
        if part in self._granted:
            return
        await self._memory.take(_refused(part))
        await self._memory.put(_state(part), {"state": "works"}, keep=_KNOWN_FOR)
        self._granted.add(part)

    async def states(self) -> tuple[OptionalPermission, ...]:
        """Each optional permission with what is known of it. Raises StorageUnavailable."""
        found: list[OptionalPermission] = []
        for permission in PERMISSIONS:
            known = (await self._memory.get(_state(permission.part)) or {}).get("state")
            state: State = "works" if known == "works" else "lacks" if known else "untried"
            found.append(OptionalPermission(permission.part, permission.code, state))
        return tuple(found)

    async def tried(self, api: OpenApi) -> tuple[OptionalPermission, ...]:
        """``states``, with those that only read tried now. Changes nothing and notifies nobody."""
        reads = {"departments": api.read_a_department, "members": api.read_a_member}
        found: list[OptionalPermission] = []
        for one in await self.states():
            read = reads.get(one.part)
            found.append(replace(one, state=await _tried(read)) if read else one)
        return tuple(found)

    def _report(self, part: Part, codes: str) -> None:
        """Show in ``health()`` what is missing, of what is missed each day."""
        if part in ("todo", "calendar"):
            self._conditions.report(part, part, detail=codes)


async def _tried(read: Callable[[], Awaitable[None]]) -> State:
    try:
        await read()
    except NotPermitted:
        return "lacks"
    except DeliveryError:
        return "untried"
    return "works"


def _refused(part: Part) -> str:
    return f"dingtalk:{part}:refused"


def _state(part: Part) -> str:
    return f"dingtalk:permission:{part}"


def _told(part: Part) -> str:
    return f"dingtalk:{part}:told"


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
