"""Asks the platforms what ``genjin setup`` needs of them: whether the credentials work, who the
admin is, which channel is meant, and who is in the groups to import.

Changes nothing, neither there nor here.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final

from bot.platforms import DeliveryError, Refused
from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.dingtalk.directory import DingTalkDirectory
from bot.platforms.directory import Account, Directory, FoundChannel, NotInDirectory, Reached
from bot.platforms.slack.config import SlackConfig
from bot.platforms.slack.directory import SlackDirectory
from bot.settings import Settings
from bot.setup.answers import Answers, PeopleSource
from handlers.core.language import Language
from handlers.people.forms import LONGEST_TEAM

SLACK: Final = "Slack"
DINGTALK: Final = "DingTalk"
_PATIENCE: Final = 120.0
"""Seconds for all look-ups; a large user group takes a call for each member."""
_CHECK_PATIENCE: Final = 20.0
_WITHDRAWN: Final = frozenset({"account_inactive", "token_revoked", "token_expired"})
"""Slack's codes for a token that was right once."""


@dataclass(frozen=True, slots=True)
class SetupMessage:
    """Something to tell: a catalogue key below ``setup.``, and its values.

    ``scopes`` are permissions to name in it as ``names``, as the platform's console calls them.
    """

    key: str
    params: Mapping[str, object] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()

    def words(self, language: Language) -> str:
        """The message in a language."""
        if not self.scopes:
            return language.text(self.key, **self.params)
        names = [_scope_name(scope, language) for scope in self.scopes]
        return language.text(self.key, **self.params, names=language.listing(names))


def _scope_name(scope: str, language: Language) -> str:
    key = f"setup.scope_{scope.lower()}"
    return f"{language.text(key)} ({scope})" if language.has(key) else scope


class NotConnected(Exception):
    """A platform refused the credentials, or did not answer. ``findings`` say it, and what helps;
    ``refused`` if other credentials are needed."""

    def __init__(self, *findings: SetupMessage, refused: bool = False) -> None:
        super().__init__(findings[0].key)
        self.findings = findings
        self.refused = refused


@dataclass(slots=True)
class LookedUp:
    """What the platforms answered; ``findings`` include what they do not know.

    ``bot`` is the name by which people mention the bot in Slack.
    """

    admin: Account | None = None
    channel: FoundChannel | None = None
    groups: dict[PeopleSource, list[Account]] = field(default_factory=dict)
    findings: list[SetupMessage] = field(default_factory=list)
    bot: str = ""


def put_off(answers: Answers) -> LookedUp:
    """What was not looked up, as no platform was to be asked."""
    wanted = [answers.admin, answers.channel]
    wanted += [source.slack_group or source.dingtalk_department for source in answers.people]
    left = filter(None, wanted)
    return LookedUp(findings=[SetupMessage("setup.put_off", {"wanted": one}) for one in left])


def check_slack(config: SlackConfig) -> list[SetupMessage]:
    """Use the tokens once, the app-level one if there is one. Raises NotConnected."""
    return asyncio.run(_check(SLACK, SlackDirectory(config)))


def check_dingtalk(config: DingTalkConfig) -> list[SetupMessage]:
    """Use the credentials once. Raises NotConnected."""
    return asyncio.run(_check(DINGTALK, DingTalkDirectory(config)))


def look_up(answers: Answers, settings: Settings, *, check: bool = True) -> LookedUp:
    """Look up the people and channels of the answers. Raises NotConnected.

    ``check``: use every credential first, and tell what it found.
    """
    return asyncio.run(_look_up(answers, settings, check))


def _directories(settings: Settings) -> dict[str, Directory]:
    found: dict[str, Directory] = {}
    if settings.has_slack:
        found[SLACK] = SlackDirectory(
            SlackConfig(
                bot_token=settings.slack_bot_token.get_secret_value(),
                app_token=settings.slack_app_token.get_secret_value(),
                api_url=settings.slack_api_url,
            )
        )
    if settings.has_dingtalk:
        found[DINGTALK] = DingTalkDirectory(
            DingTalkConfig(
                settings.dingtalk_client_id,
                settings.dingtalk_client_secret.get_secret_value(),
                settings.robot_code,
                api_url=settings.dingtalk_api_url,
                oapi_url=settings.dingtalk_oapi_url,
            )
        )
    return found


async def _check(name: str, directory: Directory) -> list[SetupMessage]:
    try:
        return _reached(name, await _checked(name, directory))
    finally:
        await directory.close()


async def _checked(name: str, directory: Directory) -> Reached:
    try:
        async with asyncio.timeout(_CHECK_PATIENCE):
            return await directory.check()
    except Refused as error:
        raise _refused(name, error) from error
    except (DeliveryError, TimeoutError) as error:
        raise NotConnected(_silent(name, error)) from error


def _refused(name: str, error: Refused) -> NotConnected:
    if error.detail:
        scopes = tuple(error.detail.split(", "))
        return NotConnected(SetupMessage("setup.lacks", {"platform": name}, scopes), refused=True)
    gone = error.code in _WITHDRAWN
    return NotConnected(
        SetupMessage("setup.refused", {"platform": name, "code": error.code}),
        SetupMessage("setup.refused_withdrawn" if gone else f"setup.refused_{name.lower()}"),
        refused=True,
    )


def _reached(name: str, reached: Reached) -> list[SetupMessage]:
    key = "setup.checked" if reached.organisation else "setup.checked_unnamed"
    findings = [SetupMessage(key, {"platform": name, "name": reached.organisation})]
    if reached.missing:
        findings.append(SetupMessage("setup.lacks", {"platform": name}, reached.missing))
    return findings


def _silent(name: str, error: Exception) -> SetupMessage:
    code = str(error) or type(error).__name__
    return SetupMessage("setup.no_answer", {"platform": name, "code": code})


async def _look_up(answers: Answers, settings: Settings, check: bool) -> LookedUp:
    found = LookedUp()
    async with AsyncExitStack() as stack:
        directories = _directories(settings)
        for directory in directories.values():
            stack.push_async_callback(directory.close)
        try:
            async with asyncio.timeout(_PATIENCE):
                for name, directory in directories.items() if check else ():
                    reached = await _checked(name, directory)
                    found.findings += _reached(name, reached)
                    found.bot = found.bot or reached.bot
                await _find_admin(answers.admin.strip(), directories, found)
                await _find_channel(answers.channel.strip(), directories, found)
                for source in answers.people:
                    await _find_members(source, directories, found)
        except TimeoutError as error:
            raise NotConnected(_silent(" / ".join(directories), error)) from error
    return found


async def _find_admin(wanted: str, directories: Mapping[str, Directory], found: LookedUp) -> None:
    if not wanted:
        return
    if not directories:
        params = {"platform": f"{SLACK} / {DINGTALK}", "wanted": wanted}
        found.findings.append(SetupMessage("setup.no_platform", params))
        return
    for name, directory in directories.items():
        try:
            found.admin = await directory.person(wanted)
            return
        except NotInDirectory:
            continue
        except DeliveryError as error:
            found.findings.append(_unanswered(name, error))
    platforms = " / ".join(directories)
    params = {"platform": platforms, "wanted": wanted}
    found.findings.append(SetupMessage("setup.admin_unknown", params))


async def _find_channel(wanted: str, directories: Mapping[str, Directory], found: LookedUp) -> None:
    if not wanted:
        return
    directory = directories.get(SLACK)
    if directory is None:
        found.findings.append(SetupMessage("setup.channel_dingtalk"))
        return
    try:
        found.channel = await directory.channel(wanted)
    except NotInDirectory:
        found.findings.append(SetupMessage("setup.channel_unknown", {"wanted": wanted}))
    except DeliveryError as error:
        found.findings.append(_unanswered(SLACK, error))


async def _find_members(
    source: PeopleSource, directories: Mapping[str, Directory], found: LookedUp
) -> None:
    if source.file:
        return
    name = SLACK if source.slack_group else DINGTALK
    wanted = source.slack_group or source.dingtalk_department
    directory = directories.get(name)
    if directory is None:
        found.findings.append(
            SetupMessage("setup.no_platform", {"platform": name, "wanted": wanted})
        )
        return
    try:
        found.groups[source] = await directory.members(wanted)
    except NotInDirectory:
        params = {"platform": name, "wanted": wanted}
        found.findings.append(SetupMessage("setup.people_unknown", params))
    except DeliveryError as error:
        found.findings.append(_unanswered(name, error))


def _unanswered(name: str, error: DeliveryError) -> SetupMessage:
    """Why a look-up failed though the credentials work: mostly a permission."""
    if isinstance(error, Refused):
        return _refused(name, error).findings[0]
    return _silent(name, error)


def team_of(source: PeopleSource) -> str:
    """The team of the people of a source; a department is its own team where none is named."""
    return source.team or (
        "" if source.dingtalk_department.isdecimal() else source.dingtalk_department[:LONGEST_TEAM]
    )
