"""The questions about chat platforms: which, their credentials, the first admin, the channel.

Whatever is typed is tried at the platform at once, unless none is to be asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.slack.config import SlackConfig
from bot.settings import Settings, settings_with
from bot.setup.answers import check_answers
from bot.setup.current_state import CurrentState
from bot.setup.draft import Draft
from bot.setup.platform_lookup import (
    LookedUp,
    NotConnected,
    SetupMessage,
    check_dingtalk,
    check_slack,
    look_up,
)
from bot.setup.prompts import NOTHING, NotUnderstood, Prompts


class PlatformQuestions:
    """Each method asks one question and puts its answer into the draft. All raise Back."""

    def __init__(
        self,
        prompts: Prompts,
        draft: Draft,
        values: Mapping[str, str],
        state: CurrentState,
        *,
        offline: bool,
    ) -> None:
        self._prompts = prompts
        self._draft = draft
        self._values = values
        self._state = state
        self._offline = offline

    def platform(self) -> None:
        known = [
            name
            for name, variable in (("slack", "SLACK_BOT_TOKEN"), ("dingtalk", "DINGTALK_CLIENT_ID"))
            if self._values.get(variable)
        ]
        default = "both" if len(known) == 2 else known[0] if known else "web"
        choices = tuple(
            (name, self._prompts.language.text(f"setup.platform_{name}"), others)
            for name, others in (
                ("slack", ()), ("dingtalk", ("钉钉", "ding", "ding talk")),
                ("both", ("两者", "都用", "两个都用")), ("web", ("网页", "browser", "local")),
            )
        )  # fmt: skip
        self._draft.platform = self._prompts.choose(
            "platform", choices, self._draft.platform or default
        )
        for name in ("slack", "dingtalk"):
            if self._draft.platform not in (name, "both"):
                self._draft.answers.pop(name, None)
        if self._draft.platform == "web":
            self._draft.answers.pop("admin", None)
            self._draft.answers.pop("channel", None)

    def slack_bot_token(self) -> None:
        self._token("slack", "bot_token", "xoxb-")

    def slack_app_token(self) -> None:
        self._token("slack", "app_token", "xapp-")

    def dingtalk_client_id(self) -> None:
        while not (
            typed := self._prompts.ask("client_id", self.credential("dingtalk", "client_id"))
        ):
            self._prompts.refuse(NotUnderstood("wrong_empty"))
        if typed in NOTHING:
            self._leave_out("dingtalk")
        else:
            self._draft.answers.setdefault("dingtalk", {})["client_id"] = typed

    def dingtalk_client_secret(self) -> None:
        self._token("dingtalk", "client_secret", "")

    def dingtalk_lead_card(self) -> None:
        self._extra("lead_card_template_id", _template)

    def dingtalk_agent_id(self) -> None:
        self._extra("agent_id", _agent)

    def admin(self) -> None:
        known = self._state.admins
        name = "admin_known" if known else f"admin_{self._draft.platform}"
        names = self._prompts.language.listing(list(known)) if known else ""
        self._looked_up("admin", name, _name_of_admin, names=names)

    def channel(self) -> None:
        name = "channel_known" if self._state.channels else "channel"
        self._looked_up("channel", name, _name_of_channel)

    def _extra(self, name: str, read: Callable[[str], str]) -> None:
        """Ask for what DingTalk does more with, and works without."""
        known = self.credential("dingtalk", name)
        given = self._prompts.until(read, name, known)
        self._draft.answers.setdefault("dingtalk", {})[name] = given

    def _token(self, platform: str, name: str, begins: str) -> None:
        """Ask for a secret until the platform accepts it; "-" goes on without the platform."""
        while True:
            typed = self._prompts.secret(name, self.credential(platform, name))
            if typed in NOTHING:
                self._leave_out(platform)
                return
            if not typed:
                self._prompts.refuse(NotUnderstood("wrong_empty"))
                continue
            token = "".join(typed.split()).strip("'\"")
            if begins and not token.startswith(begins):
                other = f"wrong_{name}_{token[:4]}"
                key = other if self._prompts.language.has(f"setup.{other}") else f"wrong_{name}"
                self._prompts.refuse(NotUnderstood(key))
                continue
            if self._works(platform, name, token):
                self._draft.answers.setdefault(platform, {})[name] = token
                return

    def _leave_out(self, platform: str) -> None:
        """Go on without a platform, and without the questions about it."""
        self._draft.answers.pop(platform, None)
        other = "dingtalk" if platform == "slack" else "slack"
        self._draft.platform = other if self._draft.platform == "both" else "web"
        self._prompts.say("setup.platform_left_out")

    def _works(self, platform: str, name: str, token: str) -> bool:
        """Whether the platform accepts the credentials so far; says what is wrong."""
        if self._offline:
            return True
        try:
            for finding in self._try(platform, name, token):
                mark = "✗" if finding.scopes else "✓"
                self._prompts.line(f"  {mark} " + finding.words(self._prompts.language))
        except NotConnected as error:
            for finding in error.findings:
                self._prompts.line("  ✗ " + finding.words(self._prompts.language))
            return False
        return True

    def _try(self, platform: str, name: str, token: str) -> list[SetupMessage]:
        known = self._values.get
        if platform == "slack":
            bot = token if name == "bot_token" else self.credential("slack", "bot_token")
            slack = SlackConfig(bot, token if name == "app_token" else "")
            return check_slack(replace(slack, api_url=known("SLACK_API_URL") or slack.api_url))
        client = self.credential("dingtalk", "client_id")
        app = DingTalkConfig(client, token, known("DINGTALK_ROBOT_CODE") or client)
        return check_dingtalk(
            replace(
                app,
                api_url=known("DINGTALK_API_URL") or app.api_url,
                oapi_url=known("DINGTALK_OAPI_URL") or app.oapi_url,
            )
        )

    def _looked_up(
        self, field: str, name: str, shown: Callable[[LookedUp], str], **params: object
    ) -> None:
        """Ask for somebody or something that the platform knows, and look it up at once."""

        def read(typed: str) -> str:
            if self._offline:
                return typed
            found = self._look_up({field: typed})
            if not (label := shown(found)):
                for finding in found.findings:
                    self._prompts.line("  ✗ " + finding.words(self._prompts.language))
                raise NotUnderstood("ask_again")
            self._prompts.say("setup.found", name=label)
            if found.channel and not found.channel.member:
                key = "setup.channel_not_member"
                self._prompts.say(key, name=found.channel.name, bot=found.bot or "Genjin")
            return typed

        self._draft.keep(field, self._prompts.until(read, name, self._draft.given(field), **params))

    def members(self, source: Mapping[str, Any]) -> LookedUp | None:
        """The people of a group or department; None while no platform is to be asked."""
        return None if self._offline else self._look_up({"people": [source]})

    def _look_up(self, wanted: Mapping[str, Any]) -> LookedUp:
        try:
            settings = self._settings()
            check = "channel" in wanted  # Which tells the bot's name, to be invited by.
            return look_up(check_answers(wanted), settings, check=check)
        except NotConnected as error:
            return LookedUp(findings=list(error.findings))

    def _settings(self) -> Settings:
        """The settings so far, without the database, which no platform needs."""
        answers = {
            name: self._draft.answers[name]
            for name in ("slack", "dingtalk")
            if name in self._draft.answers
        }
        values = {n: v for n, v in self._values.items() if n != "DATABASE_URL"}
        return settings_with(values | check_answers(answers).settings(), {})

    def credential(self, platform: str, name: str) -> str:
        given = self._draft.answers.get(platform, {}).get(name, "")
        return given or self._values.get(f"{platform}_{name}".upper(), "")


def _template(typed: str) -> str:
    """The id of a card's template. Raises NotUnderstood."""
    if not typed.endswith(".schema") or len(typed.split()) > 1:
        raise NotUnderstood("wrong_template_id")
    return typed


def _agent(typed: str) -> str:
    """The AgentId of an app. Raises NotUnderstood."""
    if not (typed.isascii() and typed.isdigit()):
        raise NotUnderstood("wrong_agent_id")
    return typed


def _name_of_admin(found: LookedUp) -> str:
    return found.admin.name if found.admin else ""


def _name_of_channel(found: LookedUp) -> str:
    return f"#{found.channel.name}" if found.channel else ""
