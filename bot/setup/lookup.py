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
from handlers.people.forms import LONGEST_TEAM

SLACK: Final = "Slack"
DINGTALK: Final = "DingTalk"
_PATIENCE: Final = 120.0
"""Seconds for all look-ups; a large user group takes a call for each member."""
_CHECK_PATIENCE: Final = 20.0


@dataclass(frozen=True, slots=True)
class SetupMessage:
    """Something to tell: a catalogue key below ``setup.``, and its values."""

    key: str
    params: Mapping[str, str] = field(default_factory=dict)


class NotConnected(Exception):
    """A platform refused the credentials, or did not answer. ``finding`` says it."""

    def __init__(self, finding: SetupMessage) -> None:
        super().__init__(finding.key)
        self.finding = finding


@dataclass(slots=True)
class LookedUp:
    """What the platforms answered; ``findings`` include what they do not know."""

    admin: Account | None = None
    channel: FoundChannel | None = None
    groups: dict[PeopleSource, list[Account]] = field(default_factory=dict)
    findings: list[SetupMessage] = field(default_factory=list)


def put_off(answers: Answers) -> LookedUp:
    """What was not looked up, as no platform was to be asked."""
    wanted = [answers.admin, answers.channel]
    wanted += [source.slack_group or source.dingtalk_department for source in answers.people]
    left = filter(None, wanted)
    return LookedUp(findings=[SetupMessage("setup.put_off", {"wanted": one}) for one in left])


def check(settings: Settings) -> list[SetupMessage]:
    """Use every credential of the settings once. Raises NotConnected."""
    return asyncio.run(_check(settings))


def look_up(answers: Answers, settings: Settings) -> LookedUp:
    """Look up the people and channels of the answers. Raises NotConnected."""
    return asyncio.run(_look_up(answers, settings))


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


async def _check(settings: Settings) -> list[SetupMessage]:
    findings: list[SetupMessage] = []
    async with AsyncExitStack() as stack:
        for name, directory in _directories(settings).items():
            stack.push_async_callback(directory.close)
            findings += _reached(name, await _checked(name, directory))
    return findings


async def _checked(name: str, directory: Directory) -> Reached:
    try:
        async with asyncio.timeout(_CHECK_PATIENCE):
            return await directory.check()
    except Refused as error:
        key = "setup.lacks" if error.detail else "setup.refused"
        params = {"platform": name, "names": error.detail, "code": error.code}
        raise NotConnected(SetupMessage(key, params)) from error
    except (DeliveryError, TimeoutError) as error:
        raise NotConnected(_silent(name, error)) from error


def _reached(name: str, reached: Reached) -> list[SetupMessage]:
    key = "setup.checked" if reached.organisation else "setup.checked_unnamed"
    findings = [SetupMessage(key, {"platform": name, "name": reached.organisation})]
    if reached.missing:
        names = ", ".join(reached.missing)
        findings.append(SetupMessage("setup.lacks", {"platform": name, "names": names}))
    return findings


def _silent(name: str, error: Exception) -> SetupMessage:
    code = str(error) or type(error).__name__
    return SetupMessage("setup.no_answer", {"platform": name, "code": code})


async def _look_up(answers: Answers, settings: Settings) -> LookedUp:
    found = LookedUp()
    async with AsyncExitStack() as stack:
        directories = _directories(settings)
        for directory in directories.values():
            stack.push_async_callback(directory.close)
        try:
            async with asyncio.timeout(_PATIENCE):
                for name, directory in directories.items():
                    found.findings += _reached(name, await _checked(name, directory))
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
    if isinstance(error, Refused) and error.detail:
        return SetupMessage("setup.lacks", {"platform": name, "names": error.detail})
    return _silent(name, error)


def team_of(source: PeopleSource) -> str:
    """The team of the people of a source; a department is its own team where none is named."""
    return source.team or (
        "" if source.dingtalk_department.isdecimal() else source.dingtalk_department[:LONGEST_TEAM]
    )
