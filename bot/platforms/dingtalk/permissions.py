"""The optional permissions of the app: which there are, and what is known of each.

Knows no message and no card: whoever tries something says here how it went.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal

from bot.platforms import DeliveryError, Memory, OptionalPermission
from bot.platforms.dingtalk.client import OpenApi
from bot.platforms.dingtalk.health import Conditions
from bot.platforms.dingtalk.transport import NotPermitted

LEFT: Final = "user_leave_org"

Optional = Literal[
    "card",
    "button_card",
    "work_notice",
    "read_status",
    "todo",
    "calendar",
    "departments",
    "members",
    "leavers",
]
State = Literal["works", "lacks", "untried"]
TellAdmins = Callable[[str, str], Awaitable[None]]
"""Tells the admins once that a part is not permitted, and the codes of what it lacks."""

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Permission:
    """An optional permission: its name and loss are the texts of ``part``, ``code`` the console's
    code for it. After a refusal it is not tried for ``ask_again``."""

    part: Optional
    code: str
    ask_again: timedelta = _DAY


PERMISSIONS: Final = (
    Permission("card", "Card.Instance.Write", _HOUR),
    Permission("button_card", "Card.Instance.Write", _HOUR),
    # Whoever may send by the robot may ask this, and every app may send work notices.
    Permission("read_status", "qyapi_robot_sendmsg"),
    Permission("work_notice", "qyapi_base"),
    Permission("todo", "Todo.Todo.Write"),
    Permission("calendar", "Calendar.Event.Write"),
    Permission("departments", "qyapi_get_department_list"),
    Permission("members", "qyapi_get_department_member"),
    Permission("leavers", LEFT),
)
_BY_PART: Final = {permission.part: permission for permission in PERMISSIONS}
_MISSED: Final = ("card", "button_card", "todo", "calendar")
"""People miss these each day: a refusal is shown in ``health()``, and the admins are told."""
_KNOWN_FOR: Final = timedelta(days=400)
_TOLD_FOR: Final = timedelta(days=180)


async def nobody_told(_part: str, _codes: str, /) -> None:
    """The ``TellAdmins`` of a process without a database."""


class Permissions:
    """What is known of the optional permissions; shared by all replicas.

    One that was refused is tried again after a while, and the admins hear of it once.
    """

    def __init__(
        self, memory: Memory, conditions: Conditions, tell_admins: TellAdmins = nobody_told
    ) -> None:
        self._memory = memory
        self._conditions = conditions
        self._tell_admins = tell_admins
        self._granted: set[Optional] = set()

    async def recall(self) -> None:
        """Load what another process, or this one before it restarted, was refused.

        Raises StorageUnavailable.
        """
        for permission in PERMISSIONS:
            if refused := await self._memory.get(_refused(permission.part)):
                self._report(permission.part, str(refused.get("codes") or ""))

    async def is_refused(self, part: Optional) -> bool:
        """Whether DingTalk has just refused it, so that it need not be tried."""
        return await self._memory.get(_refused(part)) is not None

    async def refused(self, part: Optional, why: str = "") -> None:
        """Keep that DingTalk does not take what the part needs: ``why`` are the codes of what the
        app lacks, or DingTalk's words."""
        permission = _BY_PART[part]
        named = why or permission.code
        self._granted.discard(part)
        self._report(part, named)
        await self._memory.put(_refused(part), {"codes": named}, keep=permission.ask_again)
        await self._memory.put(_state(part), {"state": "lacks"}, keep=_KNOWN_FOR)
        if part in _MISSED and await self._memory.count(_told(part), keep=_TOLD_FOR) == 1:
            await self._tell_admins(part, named)

    async def granted(self, part: Optional) -> None:
        """Keep that the part works; written once for each process."""
        if part in _MISSED:
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

    def _report(self, part: Optional, codes: str) -> None:
        """Show in ``health()`` what is missing, of what is missed each day."""
        if part in _MISSED:
            self._conditions.report(part, part, detail=codes)


async def _tried(read: Callable[[], Awaitable[None]]) -> State:
    try:
        await read()
    except NotPermitted:
        return "lacks"
    except DeliveryError:
        return "untried"
    return "works"


def _refused(part: Optional) -> str:
    return f"dingtalk:{part}:refused"


def _state(part: Optional) -> str:
    return f"dingtalk:permission:{part}"


def _told(part: Optional) -> str:
    return f"dingtalk:{part}:told"
