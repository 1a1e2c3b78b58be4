"""Asks for the answers of ``genjin setup`` at a terminal, each checked as it is typed.

Offers what the settings and the database say, and changes neither. What was typed is kept in a
draft until everything is done, so that an interruption costs nothing.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any, Final

import typer

from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.slack.config import SlackConfig
from bot.settings import Settings, SettingsError, settings_with
from bot.setup.answers import Answers, BadAnswers, check_answers
from bot.setup.draft import Draft, DraftFile
from bot.setup.env_file import EnvFile
from bot.setup.lookup import (
    LookedUp,
    NotConnected,
    SetupMessage,
    check_dingtalk,
    check_slack,
    look_up,
)
from bot.setup.people_questions import PeopleQuestions
from bot.setup.places import currency_of, different_zones, zones_of
from bot.setup.present import Present, hours_in_words, present, why_unreachable
from bot.setup.prompts import NOTHING, Back, NotUnderstood, Prompts, edit_lines, file_typed
from bot.system_locale import system_timezone, timezone_country
from handlers.core.language import Language
from sales.imports.files import read_sheet
from sales.imports.sheet import Unreadable
from sales.playbook import WorkingHours
from sales.working_hours import parse_hours
from storage.database.keyring import new_key

_STEPS: Final = (
    "language", "country", "timezone", "currency", "database", "hours", "teams", "platform",
    "slack_bot_token", "slack_app_token", "dingtalk_client_id", "dingtalk_client_secret",
    "admin", "channel", "people", "leads",
)  # fmt: skip
_WITH_LONG_LUNCH: Final = ("CN", "TW", "HK", "MO")
_LANGUAGES: Final = {"en": "English", "zh-CN": "简体中文"}
_YES: Final = frozenset({"y", "yes", "ok", "是", "好", "确认", "对"})
_NO: Final = frozenset({"n", "no", "否", "不", "取消"})
_ANEW: Final = frozenset({"new", "重来", "重新开始"})
_PASSWORD: Final = re.compile(r"(://[^:@/\s]{1,200}):[^@\s]{1,300}@")
_OURS: Final = ("GENJIN_", "SLACK_", "DINGTALK_", "DATABASE_URL", "PUBLIC_URL")


class Restart(Exception):
    """The person wants to change something before it is saved."""


class Dialogue:
    """One run of questions. ``language`` is the one that was chosen last."""

    def __init__(self, env: EnvFile, language: Language, *, offline: bool) -> None:
        self._env = env
        self._values = env.values() | {
            name: value for name, value in os.environ.items() if name.startswith(_OURS)
        }
        self._prompts = Prompts(language)
        self._offline = offline
        self._file = DraftFile(env.path)
        self._draft = Draft()
        self._present = Present()

    @property
    def language(self) -> Language:
        return self._prompts.language

    def ask(self) -> Answers:
        """Ask everything, or what is left of an earlier run. Raises typer.Abort."""
        edit_lines()
        self._present = present(self._values, {})
        if not self._resume():
            self._greet()
        return self._walk(self._draft.next or _STEPS[0])

    def ask_again(self) -> Answers:
        """Go back from the confirmation to the last question."""
        return self._walk(_STEPS[-1], back=True)

    def confirm(self) -> None:
        """Ask whether everything may be saved. Raises Restart, or typer.Abort for no."""
        while True:
            try:
                typed = self._prompts.ask("confirm", self.language.text("setup.yes")).casefold()
            except Back:
                raise Restart from None
            if typed in _NO:
                raise typer.Abort
            if typed in _YES or typed == self.language.text("setup.yes"):
                return
            self._prompts.refuse(NotUnderstood("wrong_yes"))

    def done(self) -> None:
        """Everything is saved where it belongs."""
        self._file.forget()

    def stop(self, *findings: SetupMessage) -> None:
        """Say why it ends, and that nothing was lost."""
        typer.echo("")
        for finding in findings:
            typer.echo(finding.words(self.language))
        if self._draft.answers:
            self._prompts.say("setup.draft_kept", path=str(self._file.path))

    def _greet(self) -> None:
        say = self._prompts.say
        if self._env.values():
            say("setup.hello_known", path=str(self._env.path))
        say("setup.hello")

    def _resume(self) -> bool:
        """Whether an earlier run is gone on with."""
        draft = self._file.read()
        if draft is None or draft.next not in _STEPS:
            return False
        self._draft = draft
        if chosen := draft.answers.get("language"):
            self._speak(chosen)
        self._summarise("setup.resumed")
        if self._prompts.ask("resume").casefold() in _ANEW:
            self._draft = Draft()
            self._file.forget()
            return False
        return True

    def _walk(self, step: str, *, back: bool = False) -> Answers:
        """Ask from this question to the last; each of them can be gone back from."""
        at = _STEPS.index(step)
        if back:
            at = self._before(len(_STEPS))
        while at < len(_STEPS):
            name = _STEPS[at]
            if not self._is_asked(name):
                at += 1
                continue
            self._draft.next = name
            try:
                getattr(self, f"_ask_{name}")()
            except Back:
                at = self._before(at)
            else:
                at += 1
                self._draft.next = _STEPS[min(at, len(_STEPS) - 1)]
                self._file.save(self._draft)
        self._summarise("setup.summary")
        return check_answers(self._draft.answers)

    def _before(self, at: int) -> int:
        """The question before this one, among those that are asked."""
        asked = [place for place in range(at) if self._is_asked(_STEPS[place])]
        if not asked:
            self._prompts.say("setup.first_question")
        return asked[-1] if asked else at

    def _is_asked(self, name: str) -> bool:
        platform = self._draft.platform
        match name:
            case "slack_bot_token" | "slack_app_token" | "channel":
                asked = platform in ("slack", "both")
            case "dingtalk_client_id" | "dingtalk_client_secret":
                asked = platform in ("dingtalk", "both")
            case "admin":
                asked = platform != "web"
            case _:
                return True
        # The second of two credentials means nothing without the first.
        if name == "slack_app_token":
            return asked and bool(self._credential("slack", "bot_token"))
        if name == "dingtalk_client_secret":
            return asked and bool(self._credential("dingtalk", "client_id"))
        return asked

    def _summarise(self, key: str) -> None:
        """List what was answered, without secrets."""
        typer.echo("")
        self._prompts.say(key)
        for name in _STEPS:
            if said := self._said(name):
                label = self.language.text(f"setup.name_{name}")
                self._prompts.say("setup.summary_line", name=label, value=said)

    def _said(self, name: str) -> str:
        answers = self._draft.answers
        match name:
            case "language":
                return _LANGUAGES.get(answers.get(name, ""), "")
            case "platform":
                key = f"setup.platform_{self._draft.platform}"
                return self.language.text(key) if self._draft.platform else ""
            case "database":
                return _without_password(answers.get("database_url", ""))
            case "people":
                return self.language.listing(
                    [one.named for one in check_answers({"people": answers.get(name, [])}).people]
                )
        if name in _STEPS[8:12]:
            platform, _, field = name.partition("_")
            given = answers.get(platform, {}).get(field)
            return self.language.text("setup.typed_secret") if given else ""
        return str(answers.get(name, ""))

    # The questions, in their order.

    def _ask_language(self) -> None:
        default = self._given("language") or self._values.get("GENJIN_LOCALE", "")
        choices = (
            ("en", _LANGUAGES["en"], ("英语", "英文")),
            ("zh-CN", _LANGUAGES["zh-CN"], ("中文", "chinese", "zh", "zh_cn", "cn", "汉语")),
        )
        spoken = default or self.language.locale.replace("_", "-")
        chosen = self._prompts.choose("language", choices, spoken)
        self._draft.answers["language"] = chosen
        self._speak(chosen)

    def _ask_country(self) -> None:
        zone = self._values.get("GENJIN_TIMEZONE") or system_timezone("")
        guess = timezone_country(zone) or ("CN" if self.language.locale == "zh_CN" else "")
        self._field("country", self._values.get("GENJIN_COUNTRY") or guess)

    def _ask_timezone(self) -> None:
        home = self._home
        known = self._values.get("GENJIN_TIMEZONE") or system_timezone("")
        if home and timezone_country(known) not in ("", home):
            known = ""
        zones = zones_of(home)
        examples = different_zones(home)[:6] or ("Europe/Lisbon", "Asia/Shanghai")
        self._field(
            "timezone",
            known or (zones[0] if zones else "UTC"),
            examples=self.language.listing(list(examples)),
        )

    def _ask_currency(self) -> None:
        home = self._home
        was = self._values.get("GENJIN_COUNTRY", "")[:2]
        known = self._values.get("GENJIN_CURRENCY", "") if was in ("", home) else ""
        usual = currency_of(home) or "USD"
        self._field("currency", known or usual, usual=usual)

    def _ask_database(self) -> None:
        known = self._given("database_url") or self._values.get("DATABASE_URL", "")
        built_in = self.language.text("setup.built_in")
        shown = _without_password(known) or built_in
        while True:
            typed = self._prompts.ask("database", shown)
            if typed == shown:
                return
            if typed.casefold() in ("sqlite", built_in.casefold(), *NOTHING):
                self._draft.answers.pop("database_url", None)
                return
            answers = self._checked("database", {"database_url": typed})
            if answers is None:
                continue
            if why := why_unreachable(self._values | answers.settings()):
                self._prompts.refuse(NotUnderstood("wrong_database_reached", reason=why))
                continue
            self._draft.answers["database_url"] = typed
            self._present = present(self._values | answers.settings(), {})
            return

    def _ask_hours(self) -> None:
        known = self._present.hours
        was = hours_in_words(known, self.language) if known else ""
        usual = "" if known else self._usual_hours
        self._field("hours", self._given("hours") or was or usual, same=was)

    def _ask_teams(self) -> None:
        was = ", ".join(self._present.teams)
        self._field("teams", self._given("teams") or was, same=was)

    def _ask_platform(self) -> None:
        known = [
            name
            for name, variable in (("slack", "SLACK_BOT_TOKEN"), ("dingtalk", "DINGTALK_CLIENT_ID"))
            if self._values.get(variable)
        ]
        default = "both" if len(known) == 2 else known[0] if known else "web"
        choices = tuple(
            (name, self.language.text(f"setup.platform_{name}"), others)
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

    def _ask_slack_bot_token(self) -> None:
        self._token("slack", "bot_token", "xoxb-")

    def _ask_slack_app_token(self) -> None:
        self._token("slack", "app_token", "xapp-")

    def _ask_dingtalk_client_id(self) -> None:
        while not (
            typed := self._prompts.ask("client_id", self._credential("dingtalk", "client_id"))
        ):
            self._prompts.refuse(NotUnderstood("wrong_empty"))
        if typed in NOTHING:
            self._leave_out("dingtalk")
        else:
            self._draft.answers.setdefault("dingtalk", {})["client_id"] = typed

    def _ask_dingtalk_client_secret(self) -> None:
        self._token("dingtalk", "client_secret", "")

    def _ask_admin(self) -> None:
        dingtalk = self._draft.platform == "dingtalk"
        known = self._present.admins
        name = "admin_known" if known else "admin_dingtalk" if dingtalk else "admin_slack"
        names = self.language.listing(list(known)) if known else ""
        self._looked_up("admin", name, _name_of_admin, names=names)

    def _ask_channel(self) -> None:
        name = "channel_known" if self._present.channels else "channel"
        self._looked_up("channel", name, _name_of_channel)

    def _ask_people(self) -> None:
        questions = PeopleQuestions(
            self._prompts, self._draft.answers, self._draft.platform, self._members
        )
        questions.ask()

    def _ask_leads(self) -> None:
        def read(typed: str) -> str:
            path = file_typed(typed)
            try:
                rows = len(read_sheet(path.read_bytes()).rows)
            except OSError as error:
                raise NotUnderstood(
                    "file_missing", file=typed, reason=error.strerror or ""
                ) from error
            except Unreadable as error:
                key = f"import.unreadable_{error.problem}"
                reason = self.language.text(key, **error.params)
                raise NotUnderstood("people_unreadable", source=path.name, reason=reason) from error
            self._prompts.say("setup.leads_found", file=path.name, n=rows)
            return str(path)

        typed = self._prompts.until(read, "leads", self._given("leads"))
        self._keep("leads", typed)

    # What several questions have in common.

    def _field(self, name: str, default: str, same: str = "", **params: object) -> None:
        """Ask for a field of the answers until what is typed can be one. Enter on ``same``, which
        is in force already, is no answer."""

        def read(typed: str) -> str:
            if same and typed == same:
                return typed
            try:
                value = getattr(check_answers({name: typed}), name)
            except BadAnswers as error:
                mistake = error.mistakes[0]
                raise NotUnderstood(mistake.key.removeprefix("setup."), **mistake.params) from error
            return ", ".join(value) if isinstance(value, tuple) else str(value)

        understood = self._prompts.until(read, name, default, **params)
        self._keep(name, "" if same and understood == same else understood)

    def _checked(self, name: str, answers: Mapping[str, Any]) -> Answers | None:
        """The answers; None if settings cannot be like that, which is told."""
        try:
            checked = check_answers(answers)
            settings_with({**checked.settings(), "GENJIN_SECRET_KEYS": new_key()}, {})
        except BadAnswers as error:
            mistake = error.mistakes[0]
            self._prompts.refuse(
                NotUnderstood(mistake.key.removeprefix("setup."), **mistake.params)
            )
        except SettingsError:
            self._prompts.refuse(NotUnderstood(f"wrong_{name}"))
        else:
            return checked
        return None

    def _token(self, platform: str, name: str, begins: str) -> None:
        """Ask for a secret until the platform accepts it; "-" goes on without the platform."""
        while True:
            typed = self._prompts.secret(name, self._credential(platform, name))
            if typed in NOTHING:
                self._leave_out(platform)
                return
            if not typed:
                self._prompts.refuse(NotUnderstood("wrong_empty"))
                continue
            token = "".join(typed.split()).strip("'\"")
            if begins and not token.startswith(begins):
                other = f"wrong_{name}_{token[:4]}"
                key = other if self.language.has(f"setup.{other}") else f"wrong_{name}"
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
                self._prompts.line("  ✓ " + finding.words(self.language))
        except NotConnected as error:
            for finding in error.findings:
                self._prompts.line("  ✗ " + finding.words(self.language))
            return False
        return True

    def _try(self, platform: str, name: str, token: str) -> list[SetupMessage]:
        known = self._values.get
        if platform == "slack":
            bot = token if name == "bot_token" else self._credential("slack", "bot_token")
            slack = SlackConfig(bot, token if name == "app_token" else "")
            return check_slack(replace(slack, api_url=known("SLACK_API_URL") or slack.api_url))
        client = self._credential("dingtalk", "client_id")
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
                    self._prompts.line("  ✗ " + finding.words(self.language))
                raise NotUnderstood("ask_again")
            self._prompts.say("setup.found", name=label)
            if found.channel and not found.channel.member:
                key = "setup.channel_not_member"
                self._prompts.say(key, name=found.channel.name, bot=found.bot or "Genjin")
            return typed

        self._keep(field, self._prompts.until(read, name, self._given(field), **params))

    def _members(self, source: Mapping[str, Any]) -> LookedUp | None:
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

    def _credential(self, platform: str, name: str) -> str:
        given = self._draft.answers.get(platform, {}).get(name, "")
        return given or self._values.get(f"{platform}_{name}".upper(), "")

    def _given(self, name: str) -> str:
        return str(self._draft.answers.get(name, ""))

    def _keep(self, name: str, value: str) -> None:
        if value:
            self._draft.answers[name] = value
        else:
            self._draft.answers.pop(name, None)

    @property
    def _usual_hours(self) -> str:
        """Office hours as they are most common where the company is."""
        if self._home in _WITH_LONG_LUNCH:
            return hours_in_words(WorkingHours().blocks, self.language)
        return hours_in_words(parse_hours("9:00-17:30"), self.language)

    @property
    def _home(self) -> str:
        """The country of the company as answered; of several, the first."""
        given = self._given("country")
        return given.partition(",")[0].strip() if "=" not in given.partition(",")[0] else ""

    def _speak(self, chosen: str) -> None:
        self._prompts.language = Language(chosen.replace("-", "_"), UTC)


def _name_of_admin(found: LookedUp) -> str:
    return found.admin.name if found.admin else ""


def _name_of_channel(found: LookedUp) -> str:
    return f"#{found.channel.name}" if found.channel else ""


def _without_password(url: str) -> str:
    """A database's address as it may be shown."""
    return _PASSWORD.sub(r"\1:…@", url)
