"""The workspace's directory for ``genjin setup``: check of the tokens, people, groups, channels.

Knows no process: it opens a client of its own and sends nobody anything.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.platforms import Refused, Throttled
from bot.platforms.directory import Account, FoundChannel, NotInDirectory, Reached
from bot.platforms.slack.client import sent
from bot.platforms.slack.config import SlackConfig
from bot.platforms.slack.connection import SCOPES, web_client
from bot.platforms.slack.people import Profile, Workspace, read_profile

_PAGE: Final = 200
_MOST_PAGES: Final = 50
_MOST_PAUSES: Final = 20
"""How often a directory that limits our calls is waited for, in one look-up."""


class SlackDirectory:
    """The people and channels of the workspace that the bot token belongs to."""

    def __init__(self, config: SlackConfig) -> None:
        self._config = config
        self._client = web_client(config, config.bot_token)
        self._workspace = Workspace()

    async def check(self) -> Reached:
        """Use both tokens. The app-level one opens no socket: Slack only hands out its address."""
        response = await self._ask(self._client.auth_test)
        self._workspace = Workspace(
            team=str(response.get("team_id") or ""),
            enterprise=str(response.get("enterprise_id") or ""),
        )
        if self._config.app_token:
            token = self._config.app_token
            await self._ask(lambda: self._client.apps_connections_open(app_token=token))
        headers = {name.lower(): value for name, value in response.headers.items()}
        granted = set(str(headers.get("x-oauth-scopes", "")).replace(" ", "").split(","))
        missing = (
            tuple(scope for scope in SCOPES if scope not in granted) if granted != {""} else ()
        )
        bot = str(response.get("user") or "")
        return Reached(str(response.get("team") or ""), missing, bot)

    async def person(self, wanted: str) -> Account:
        wanted = wanted.strip()
        if "@" not in wanted.strip("@"):
            return await self._account(wanted.lstrip("@"))
        try:
            response = await self._ask(lambda: self._client.users_lookupByEmail(email=wanted))
        except Refused as error:
            raise _unknown(error, wanted, "users_not_found", "user_not_found") from error
        return await self._account(str(response["user"]["id"]))

    async def members(self, group: str) -> list[Account]:
        response = await self._ask(lambda: self._client.usergroups_list(include_users=True))
        wanted = group.strip().lstrip("@").casefold()
        for one in response["usergroups"]:
            names = {str(one.get(key) or "").casefold() for key in ("handle", "name", "id")}
            if wanted in names and not one.get("date_delete"):
                users = [str(user) for user in one.get("users") or ()]
                profiles = [(user, await self._profile(user)) for user in users]
                return [_account(*one) for one in profiles if one[1].standing == "member"]
        raise NotInDirectory(group)

    async def channel(self, wanted: str) -> FoundChannel:
        wanted = wanted.strip().lstrip("#")
        async for channel in self._channels():
            if wanted in (channel["id"], channel.get("name")):
                member = bool(channel.get("is_member"))
                return FoundChannel(str(channel["id"]), str(channel.get("name") or ""), member)
        raise NotInDirectory(wanted)

    async def close(self) -> None:
        """Nothing to close: each call opens a session of its own."""

    async def _channels(self) -> Any:
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await self._ask(
                partial(
                    self._client.conversations_list,
                    types="public_channel,private_channel",
                    exclude_archived=True,
                    limit=_PAGE,
                    cursor=cursor,
                )
            )
            for channel in page["channels"]:
                yield channel
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if not cursor:
                return

    async def _account(self, user: str) -> Account:
        profile = await self._profile(user)
        if profile.standing != "member":
            raise NotInDirectory(user)
        return _account(user, profile)

    async def _profile(self, user: str) -> Profile:
        if not self._workspace.team:
            await self.check()
        try:
            response = await self._ask(
                lambda: self._client.users_info(user=user, include_locale=True)
            )
        except Refused as error:
            raise _unknown(error, user, "user_not_found", "user_not_visible") from error
        return read_profile(response["user"], self._workspace)

    @staticmethod
    async def _ask(call: Callable[..., Awaitable[AsyncSlackResponse]]) -> AsyncSlackResponse:
        """Make a call, and wait as long as Slack says where there were too many."""
        for _ in range(_MOST_PAUSES):
            try:
                return await sent(call())
            except Throttled as error:
                await asyncio.sleep(error.retry_after)
        return await sent(call())


def _account(user: str, profile: Profile) -> Account:
    return Account("slack", user, profile.name, profile.email, locale=profile.locale)


def _unknown(error: Refused, wanted: str, *codes: str) -> Exception:
    return NotInDirectory(wanted) if error.code in codes else error
