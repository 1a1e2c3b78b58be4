"""Who asks, as Slack knows them: name, language, and whether they run the workspace.

Knows nothing of roles in the sales team. Names are kept in memory for an hour, nowhere else.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms import DeliveryError
from bot.platforms.slack.calls import sent
from handlers.requests import Sender

log = structlog.get_logger(__name__)
_KEEP = 3600.0
_MOST = 5000


@dataclass(frozen=True, slots=True)
class Workspace:
    """Ours, from ``auth.test``: whose people may use the bot."""

    team: str = ""
    enterprise: str = ""
    bot_user: str = ""
    bot: str = ""
    url: str = ""
    """Where people open it, with a slash at the end."""


@dataclass(frozen=True, slots=True)
class Profile:
    """``outsider``: a bot, somebody who left, or a guest of another company's workspace in a
    shared channel; they get no answer. ``bot``: no person at all."""

    name: str = ""
    locale: str = ""
    is_owner: bool = False
    email: str = ""
    outsider: bool = False
    bot: bool = False


class People:
    """Profiles by user id, asked from Slack once an hour each."""

    def __init__(self, client: AsyncWebClient, clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[float, Profile]] = {}
        self._asking: dict[str, asyncio.Task[Profile | None]] = {}
        self._direct: dict[str, str] = {}

    async def sender(self, sender: Sender, workspace: Workspace, *, within: float) -> Sender | None:
        """``sender`` with what Slack knows, or None for an outsider.

        When Slack takes longer than ``within`` seconds, what is known must do; the answer
        still comes in for the next time. Until Slack has said who they are, and which workspace
        is ours, they may be anybody: the sender is doubtful.
        """
        profile = self._fresh(sender.id)
        if profile is None:
            asking = self._asking.get(sender.id) or self._ask(sender.id, workspace)
            await asyncio.wait({asking}, timeout=within)
            profile = (asking.result() if asking.done() else None) or self._stale(sender.id)
        if profile is None:
            return replace(sender, doubtful=True)
        if profile.outsider:
            return None
        return Sender(
            sender.platform,
            sender.id,
            profile.name or sender.name,
            profile.locale,
            profile.is_owner,
            profile.email,
            doubtful=not workspace.team,
        )

    async def is_bot(self, user: str, workspace: Workspace) -> bool:
        """Only who is known to be one: who cannot be looked up counts as a person."""
        profile = self._fresh(user)
        if profile is None:
            profile = await (self._asking.get(user) or self._ask(user, workspace))
        return profile is not None and profile.bot

    async def is_direct(self, user: str, channel: str) -> bool:
        """Whether ``channel`` is the bot's own 1:1 with ``user``, and not one between people."""
        if not channel.startswith("D"):
            return False
        if user not in self._direct:
            try:
                opened = await sent(self._client.conversations_open(users=user))
            except DeliveryError as error:
                log.warning("slack.direct_unknown", reason=str(error))
                return False
            self._keep_small(self._direct)
            self._direct[user] = str(opened["channel"]["id"])
        return self._direct[user] == channel

    async def finish(self) -> None:
        """Give up the questions under way."""
        for task in self._asking.values():
            task.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    def _ask(self, user: str, workspace: Workspace) -> asyncio.Task[Profile | None]:
        task = asyncio.get_running_loop().create_task(self._learn(user, workspace))
        self._asking[user] = task
        task.add_done_callback(lambda _: self._asking.pop(user, None))
        return task

    async def _learn(self, user: str, workspace: Workspace) -> Profile | None:
        try:
            found = await sent(self._client.users_info(user=user, include_locale=True))
        except DeliveryError as error:
            log.warning("slack.profile_unknown", reason=str(error))
            return None
        profile = _profile(found["user"], workspace)
        if workspace.team:
            # Before auth.test has answered nobody can be told from an outsider.
            self._keep_small(self._known)
            self._known[user] = (self._clock(), profile)
        return profile

    def _fresh(self, user: str) -> Profile | None:
        learnt, profile = self._known.get(user, (0.0, None))
        return profile if profile and self._clock() - learnt < _KEEP else None

    def _stale(self, user: str) -> Profile | None:
        return self._known[user][1] if user in self._known else None

    @staticmethod
    def _keep_small(kept: dict[str, Any]) -> None:
        if len(kept) >= _MOST:
            del kept[next(iter(kept))]


def _profile(user: dict[str, Any], workspace: Workspace) -> Profile:
    shown = user.get("profile", {})
    name = shown.get("display_name") or shown.get("real_name") or user.get("real_name") or ""
    company = user.get("enterprise_user", {}).get("enterprise_id", "")
    ours = (
        not workspace.team
        or user.get("team_id", workspace.team) == workspace.team
        or (bool(workspace.enterprise) and company == workspace.enterprise)
    )
    return Profile(
        name=name,
        locale=user.get("locale", ""),
        is_owner=bool(user.get("is_admin") or user.get("is_owner")),
        email=str(shown.get("email") or ""),
        bot=bool(user.get("is_bot")),
        outsider=not ours or any(user.get(flag) for flag in ("deleted", "is_bot", "is_stranger")),
    )
