"""What Slack knows of a person: name, language, user groups, membership and admin rights.

Whether they run the workspace and whether they are a member of it at all. Knows nothing of roles in
the sales team. Profiles are kept in memory for minutes, nowhere else.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms import DeliveryError, Refused, Throttled
from bot.platforms.slack.client import read
from handlers.core.requests import Sender
from sales.channel_privacy import Readers, Told

log = structlog.get_logger(__name__)
_KEEP = 300.0
"""Seconds; a person who became a guest or was deactivated passes for no longer than this."""
_KEEP_GROUPS = 300.0
_NO_GROUPS_AGAIN = 3600.0
"""Seconds until user groups are fetched again that the app may not read, or that the
workspace's plan does not have."""
_MOST = 5000
_MOST_NAMED = 20
"""Mentions of one message whose names are looked up."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Our own workspace, from ``auth.test``: its people may use the bot."""

    team: str = ""
    enterprise: str = ""
    bot_user: str = ""
    bot: str = ""
    name: str = ""
    url: str = ""
    """The URL where people open it, with a trailing slash."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What Slack knows of a user.

    ``guest``: of the workspace, invited to some of its channels. ``outsider``: a bot, a deactivated
    user, or a person of another company in a shared channel. ``bot``: not a person at all.
    ``email`` is empty until Slack has had it confirmed.
    """

    name: str = ""
    locale: str = ""
    is_owner: bool = False
    email: str = ""
    guest: bool = False
    outsider: bool = False
    bot: bool = False

    @property
    def standing(self) -> Literal["member", "guest", "outsider"]:
        if self.outsider:
            return "outsider"
        return "guest" if self.guest else "member"


class People:
    """Profiles by user id, fetched from Slack once an hour each."""

    def __init__(
        self,
        client: AsyncWebClient,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._clock = clock
        self._sleep = sleep
        self._known: dict[str, tuple[float, Profile]] = {}
        self._asking: dict[str, asyncio.Task[Profile | None]] = {}
        self._direct: dict[str, str] = {}
        self._groups: dict[str, frozenset[str]] = {}
        self._groups_again_at = float("-inf")
        self._listing: asyncio.Task[None] | None = None

    async def sender(self, sender: Sender, workspace: Workspace, *, within: float) -> Sender:
        """``sender`` with what Slack knows.

        If Slack takes longer than ``within`` seconds, what is known is used; the response is still
        stored for next time. Until Slack has said who they are, and which workspace is ours, they
        may be anybody: the sender is doubtful.
        """
        profile, groups = self._fresh(sender.id), self._groups
        if profile is None:
            asking = self._asking.get(sender.id) or self._ask(sender.id, workspace)
            listing = self._listing_groups()
            await asyncio.wait({asking, *listing}, timeout=within)
            profile = (asking.result() if asking.done() else None) or self._stale(sender.id)
            groups = self._groups
        if profile is None:
            return replace(sender, doubtful=True)
        return replace(
            sender,
            name=profile.name or sender.name,
            locale=profile.locale,
            is_owner=profile.is_owner,
            email=profile.email,
            doubtful=not workspace.team,
            standing=profile.standing,
            groups=groups.get(sender.id, frozenset()),
        )

    async def names(
        self, users: Iterable[str], workspace: Workspace, *, within: float
    ) -> dict[str, str]:
        """The names of users by id; of those whom Slack does not tell in time there is none."""
        wanted = list(users)[:_MOST_NAMED]
        asking = {
            self._asking.get(user) or self._ask(user, workspace)
            for user in wanted
            if self._fresh(user) is None
        }
        if asking:
            await asyncio.wait(asking, timeout=within)
        profiles = {user: self._stale(user) for user in wanted}
        return {user: profile.name for user, profile in profiles.items() if profile}

    async def is_bot(self, user: str, workspace: Workspace) -> bool:
        """Whether a user is known to be a bot: users who cannot be looked up count as people."""
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
                opened = await read(
                    lambda: self._client.conversations_open(users=user), self._sleep
                )
            except DeliveryError as error:
                log.warning("slack.direct_unknown", reason=str(error))
                return False
            self._keep_small(self._direct)
            self._direct[user] = str(opened["channel"]["id"])
        return self._direct[user] == channel

    async def finish(self) -> None:
        """Cancel the look-ups under way."""
        tasks: list[asyncio.Task[Any]] = [*self._asking.values()]
        tasks += [self._listing] if self._listing else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ask(self, user: str, workspace: Workspace) -> asyncio.Task[Profile | None]:
        task = asyncio.get_running_loop().create_task(self._fetch_profile(user, workspace))
        self._asking[user] = task
        task.add_done_callback(lambda _: self._asking.pop(user, None))
        return task

    async def _fetch_profile(self, user: str, workspace: Workspace) -> Profile | None:
        try:
            response = await read(
                lambda: self._client.users_info(user=user, include_locale=True), self._sleep
            )
        except DeliveryError as error:
            log.warning("slack.profile_unknown", reason=str(error))
            return None
        profile = read_profile(response["user"], workspace)
        if workspace.team:
            # Before auth.test has answered nobody can be told from an outsider.
            self._keep_small(self._known)
            self._known[user] = (self._clock(), profile)
        return profile

    def _listing_groups(self) -> set[asyncio.Task[None]]:
        """The look-up of the workspace's user groups, if one is due."""
        if self._listing and not self._listing.done():
            return {self._listing}
        if self._clock() < self._groups_again_at:
            return set()
        self._listing = asyncio.get_running_loop().create_task(self._fetch_groups())
        return {self._listing}

    async def _fetch_groups(self) -> None:
        """Fetch who is in which user group.

        Free plans have none, and older installations of the app may not read them: then nobody is
        in any.
        """
        try:
            response = await read(
                lambda: self._client.usergroups_list(include_users=True), self._sleep
            )
        except DeliveryError as error:
            log.info("slack.groups_unknown", reason=str(error))
            self._groups_again_at = self._clock() + _NO_GROUPS_AGAIN
            return
        self._groups = _members_of(response["usergroups"])
        self._groups_again_at = self._clock() + _KEEP_GROUPS

    def _fresh(self, user: str) -> Profile | None:
        learnt, profile = self._known.get(user, (0.0, None))
        return profile if profile and self._clock() - learnt < _KEEP else None

    def _stale(self, user: str) -> Profile | None:
        return self._known[user][1] if user in self._known else None

    @staticmethod
    def _keep_small(cache: dict[str, Any]) -> None:
        if len(cache) >= _MOST:
            del cache[next(iter(cache))]


def _members_of(groups: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """The handles and names of the groups that each user is in."""
    groups_by_user: dict[str, set[str]] = {}
    for group in groups:
        if group.get("date_delete"):
            continue
        names = {str(group.get(key) or "") for key in ("handle", "name")} - {""}
        for user in group.get("users") or ():
            groups_by_user.setdefault(str(user), set()).update(names)
    return {user: frozenset(names) for user, names in groups_by_user.items()}


_SLACKBOT = "USLACKBOT"
_OUTSIDE = ("deleted", "is_bot", "is_stranger", "is_workflow_bot", "is_connector_bot")


def read_profile(user: Mapping[str, Any], workspace: Workspace) -> Profile:
    """Read a user as ``users.info`` returns it."""
    shown = user.get("profile") or {}
    name = shown.get("display_name") or shown.get("real_name") or user.get("real_name") or ""
    enterprise = user.get("enterprise_user") or {}
    ours = (
        not workspace.team
        or user.get("team_id", workspace.team) == workspace.team
        or (bool(workspace.enterprise) and enterprise.get("enterprise_id") == workspace.enterprise)
    )
    # Slack says that its own Slackbot is no bot.
    bot = bool(user.get("is_bot")) or user.get("id") == _SLACKBOT
    guest = bool(user.get("is_restricted") or user.get("is_ultra_restricted"))
    runs_it = any(user.get(flag) for flag in ("is_admin", "is_owner", "is_primary_owner"))
    return Profile(
        name=name,
        locale=user.get("locale") or "",
        is_owner=runs_it and ours and not guest,
        email="" if user.get("is_email_confirmed") is False else str(shown.get("email") or ""),
        guest=guest,
        bot=bot,
        outsider=not ours or bot or any(user.get(flag) for flag in _OUTSIDE),
    )


_PAGE: Final = 200
_MOST_PAGES: Final = 100
_NOT_THERE: Final = ("channel_not_found", "not_in_channel")
"""Slack's codes for a channel that the bot is not in; a private one it does not even admit to."""
_MOST_LOOKED_UP: Final = 40
"""Most unknown users to look up, whether they are bots; any more count as people."""


class Members:
    """The members of channels. ``problem``: Slack's code for why the last look-up failed, empty if
    it did not."""

    def __init__(
        self,
        client: AsyncWebClient,
        people: People,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._people = people
        self._sleep = sleep
        self.problem = ""

    async def readers(self, channel: str, known: Collection[str], workspace: Workspace) -> Readers:
        """The people who read a channel. Raises nothing: a failed look-up says so."""
        try:
            members = await self._members(channel)
        except DeliveryError as error:
            self.problem = _error_code(error)
            log.warning("slack.members_unknown", reason=self.problem)
            return Readers(Told.ABSENT if self.problem in _NOT_THERE else Told.FAILED)
        self.problem = ""
        if workspace.bot_user and workspace.bot_user not in members:
            return Readers(Told.ABSENT)
        members -= {workspace.bot_user}
        for user in sorted(members - set(known))[:_MOST_LOOKED_UP]:
            if await self._people.is_bot(user, workspace):
                members.discard(user)
        return Readers(Told.ALL, frozenset(members))

    async def _members(self, channel: str) -> set[str]:
        members: set[str] = set()
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = await read(
                partial(
                    self._client.conversations_members,
                    channel=channel,
                    limit=_PAGE,
                    cursor=cursor or None,
                ),
                self._sleep,
            )
            members.update(page["members"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return members
        raise Refused("too_many_members")


def _error_code(error: DeliveryError) -> str:
    match error:
        case Refused():
            return f"{error.code}: {error.detail}" if error.detail else error.code
        case Throttled():
            return "ratelimited"
        case _:
            return str(error)
