"""The organisation's directory for ``genjin setup``: check of the app, people, departments.

Knows no process: it opens no stream and sends nobody anything.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeVar

from bot.platforms import Refused, Throttled
from bot.platforms.dingtalk.client import ROOT_DEPARTMENT, OpenApi, PersonDetails
from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.dingtalk.health import Conditions, Part
from bot.platforms.dingtalk.requests import PLATFORM
from bot.platforms.dingtalk.transport import Transport
from bot.platforms.directory import Account, FoundChannel, NotInDirectory, Reached
from sales.refusals import Reason

T = TypeVar("T")
_GONE: Final = frozenset({"33012", "40003", "60121"})
_MOST_DEPARTMENTS: Final = 2000
_MOST_PAUSES: Final = 20
DEPARTMENTS, MEMBERS = "qyapi_get_department_list", "qyapi_get_department_member"
"""The permissions without which no department can be imported."""


class Uncounted:
    """Counts no calls: the database, where the month's are counted, may not exist yet."""

    async def use(self, part: Part, by: int = 1) -> None:
        pass


class DingTalkDirectory:
    """The people of the organisation that the app belongs to."""

    def __init__(self, config: DingTalkConfig) -> None:
        self._transport = Transport(config, Uncounted(), Conditions())
        self._api = OpenApi(config, self._transport)

    async def check(self) -> Reached:
        """Fetch a token with the credentials, and read the organisation's name with it."""
        try:
            await self._ask(lambda: self._api.subdepartments(ROOT_DEPARTMENT))
        except Refused as error:
            if error.reason is not Reason.SCOPE:
                raise
            return Reached("", tuple(filter(None, error.detail.split(", "))) or (DEPARTMENTS,))
        name = ""
        try:
            name = await self._ask(lambda: self._api.department(str(ROOT_DEPARTMENT)))
        except Refused as error:
            if error.reason is not Reason.SCOPE:
                raise
        return Reached(name)

    async def person(self, wanted: str) -> Account:
        """The person with this user id or phone; DingTalk finds nobody by e-mail."""
        wanted = wanted.strip()
        digits = wanted.removeprefix("+86").replace(" ", "").replace("-", "")
        if digits.isdecimal() and len(digits) >= 8:
            person = await self._ask(lambda: self._api.person_by_phone(digits))
            wanted = person or wanted
        try:
            details = await self._ask(lambda: self._api.person(wanted))
        except Refused as error:
            if error.code in _GONE:
                raise NotInDirectory(wanted) from error
            raise
        return _account(wanted, details)

    async def members(self, group: str) -> list[Account]:
        """The people of the department with this name or id, and of all departments below it.

        Raises NotInDirectory also for a name that two departments have; their ids tell them apart.
        """
        below = await self._named(DEPARTMENTS, self._tree)
        wanted = group.strip()
        if wanted.isdecimal() and (int(wanted) in below or int(wanted) == ROOT_DEPARTMENT):
            places = [int(wanted)]
        else:
            named = [one for listed in below.values() for one in listed]
            places = [department for department, name in named if name == wanted]
        if len(places) != 1:
            raise NotInDirectory(group)
        accounts: dict[str, Account] = {}
        while places:
            place = places.pop(0)
            ask = partial(self._ask, partial(self._api.department_people, place))
            people = await self._named(MEMBERS, ask)
            accounts |= {person: _account(person, details) for person, details in people}
            places += [department for department, _ in below.get(place, ())]
        return list(accounts.values())

    async def channel(self, wanted: str) -> FoundChannel:
        """Raises NotInDirectory: DingTalk tells an app of no groups but its own."""
        raise NotInDirectory(wanted)

    async def close(self) -> None:
        await self._transport.close()

    async def _tree(self) -> dict[int, list[tuple[int, str]]]:
        """The departments right below each department."""
        below: dict[int, list[tuple[int, str]]] = {}
        waiting = [ROOT_DEPARTMENT]
        while waiting and len(below) < _MOST_DEPARTMENTS:
            place = waiting.pop(0)
            below[place] = await self._ask(partial(self._api.subdepartments, place))
            waiting += [department for department, _ in below[place] if department not in below]
        return below

    @staticmethod
    async def _named(permission: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask, and name the permission that is missing where DingTalk does not."""
        try:
            return await ask()
        except Refused as error:
            if error.reason is not Reason.SCOPE or error.detail:
                raise
            raise Refused(error.code, reason=Reason.SCOPE, detail=permission) from error

    @staticmethod
    async def _ask(call: Callable[[], Awaitable[T]]) -> T:
        """Make a call, and wait as long as DingTalk says where there were too many."""
        for _ in range(_MOST_PAUSES):
            try:
                return await call()
            except Throttled as error:
                await asyncio.sleep(error.retry_after)
        return await call()


def _account(person: str, details: PersonDetails) -> Account:
    return Account(PLATFORM, person, details.name, details.email, details.phone)
