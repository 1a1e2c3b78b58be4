"""Asks for the answers of ``genjin setup`` at a terminal, each checked as it is typed.

Offers what the settings say, and saves nothing.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any, Final

import typer
from babel.numbers import get_territory_currencies

from bot.settings import SettingsError, settings_with
from bot.setup.answers import Answers, BadAnswers, check_answers
from bot.setup.env_file import EnvFile
from bot.setup.lookup import NotConnected, check
from bot.setup.people_file import role_names
from bot.system_locale import system_timezone, timezone_country
from handlers.core.language import Language, Languages
from sales.people import Role

_DEPARTMENT: Final = "dept:"
_PLATFORMS: Final = ("slack", "dingtalk", "both", "web")
_ADDRESSES: Final = ("_API_URL", "_OAPI_URL")
_SECRETS: Final = frozenset({"bot_token", "app_token", "client_secret"})


def ask_answers(env: EnvFile, language: Language, *, offline: bool) -> tuple[Answers, Language]:
    """Ask everything; returns the answers, and the language that was chosen."""
    asked = _Dialogue(env.values(), language, offline)
    if env.values():
        asked.say("setup.hello_known", path=str(env.path))
    asked.say("setup.hello")
    asked.place()
    asked.field("hours", "setup.ask_hours")
    asked.field("teams", "setup.ask_teams")
    asked.platforms()
    asked.people()
    asked.field("leads", "setup.ask_leads", accept=_a_file)
    return check_answers(asked.given), asked.language


@dataclass(slots=True)
class _Dialogue:
    values: Mapping[str, str]
    language: Language
    offline: bool
    given: dict[str, Any] = field(default_factory=dict)

    def say(self, key: str, **params: object) -> None:
        typer.echo(self.language.text(key, **params))

    def ask(self, key: str, default: str = "", *, secret: bool = False) -> str:
        """One line; for a secret that is known, Enter keeps it without showing it."""
        answer: str = typer.prompt(
            self.language.text(key),
            default=default,
            show_default=bool(default) and not secret,
            hide_input=secret,
        )
        return answer.strip()

    def field(
        self,
        name: str,
        key: str,
        default: str = "",
        accept: Callable[[str], str] | None = None,
    ) -> str:
        """Ask for a field of the answers until what is typed can be one, or is empty."""
        while typed := self.ask(key, default):
            try:
                typed = accept(typed) if accept else typed
                check_answers({name: typed})
            except BadAnswers as error:
                self.say("setup.not_understood", reason=error.mistakes[0][1])
            except ValueError as error:
                self.say("setup.not_understood", reason=str(error))
            else:
                self.given[name] = typed
                return typed
        return ""

    def place(self) -> None:
        """Language, country, timezone and currency; each one suggests the next."""
        values = self.values
        spoken = values.get("GENJIN_LOCALE") or self.language.locale.replace("_", "-")
        chosen = self.field("language", "setup.ask_language", spoken)
        if chosen:
            self.language = Language(chosen.replace("-", "_"), UTC)
        usual = "Asia/Shanghai" if self.language.locale == "zh_CN" else "UTC"
        zone = values.get("GENJIN_TIMEZONE") or system_timezone(usual)
        home = values.get("GENJIN_COUNTRY") or timezone_country(zone)
        country = self.field(
            "country",
            "setup.ask_country",
            home,
            lambda typed: typed.upper() if len(typed) == 2 else typed,
        )
        self.field("timezone", "setup.ask_timezone", zone)
        money = values.get("GENJIN_CURRENCY") or _currency_of(country)
        self.field("currency", "setup.ask_currency", money, str.upper)

    def platforms(self) -> None:
        known = [name for name, variable in (("slack", "SLACK_BOT_TOKEN"),
                                             ("dingtalk", "DINGTALK_CLIENT_ID"))
                 if self.values.get(variable)]  # fmt: skip
        default = "both" if len(known) == 2 else known[0] if known else "web"
        chosen = ""
        while chosen not in _PLATFORMS:
            chosen = self.ask("setup.ask_platform", default).lower()
        if chosen in ("slack", "both"):
            self._credentials("slack", ("bot_token", "app_token"))
        if chosen in ("dingtalk", "both"):
            self._credentials("dingtalk", ("client_id", "client_secret"))
        if chosen == "web":
            return
        key = "setup.ask_admin_dingtalk" if chosen == "dingtalk" else "setup.ask_admin_slack"
        self.field("admin", key)
        if chosen != "dingtalk":
            self.field("channel", "setup.ask_channel")

    def people(self) -> None:
        roles = role_names(Languages(UTC))
        sources: list[dict[str, Any]] = []
        while typed := self.ask("setup.ask_people"):
            source = _source(typed)
            if (file := source.get("file")) and not Path(file).is_file():
                self.say("setup.file_missing", file=file, reason="")
                continue
            source["team"] = self.ask("setup.ask_people_team")
            role = self.ask("setup.ask_people_role", Role.REP.value).casefold()
            source["role"] = roles.get(role, role)
            try:
                check_answers({"people": [source]})
            except BadAnswers as error:
                self.say("setup.not_understood", reason=error.mistakes[0][1])
            else:
                sources.append(source)
        self.given["people"] = sources

    def _credentials(self, platform: str, names: tuple[str, ...]) -> None:
        """Ask for a platform's credentials until it accepts them; empty the first to go on."""
        while True:
            typed = {
                name: self.ask(
                    f"setup.ask_{name}",
                    self.values.get(f"{platform}_{name}".upper(), ""),
                    secret=name in _SECRETS,
                )
                for name in names
            }
            self.given[platform] = {name: value for name, value in typed.items() if value}
            if not self.given[platform] or self._works(platform):
                return
            if not self.ask("setup.ask_again"):
                del self.given[platform]
                return

    def _works(self, platform: str) -> bool:
        """Whether the settings are whole and the platform accepts them; says what is wrong."""
        others = {n: v for n, v in self.values.items() if not n.startswith(("SLACK_", "DINGTALK_"))}
        address = {n: v for n, v in self.values.items() if n.endswith(_ADDRESSES)}
        answers = check_answers({platform: self.given[platform]})
        try:
            settings = settings_with({**others, **address, **answers.settings()}, os.environ)
            if not self.offline:
                for finding in check(settings):
                    self.say(finding.key, **finding.params)
        except SettingsError as error:
            for problem in error.problems:
                self.say("setup.bad_answer", where=problem.name, reason=problem.problem)
            return False
        except NotConnected as error:
            self.say(error.finding.key, **error.finding.params)
            return False
        return True


def _source(typed: str) -> dict[str, Any]:
    if typed.startswith("@"):
        return {"slack_group": typed[1:]}
    if typed.lower().startswith(_DEPARTMENT):
        return {"dingtalk_department": typed[len(_DEPARTMENT) :].strip()}
    return {"file": str(Path(typed).expanduser())}


def _a_file(typed: str) -> str:
    path = Path(typed).expanduser()
    if not path.is_file():
        raise ValueError(typed)
    return str(path)


def _currency_of(country: str) -> str:
    paid = get_territory_currencies(country[:2].upper()) if country else []
    return paid[0] if paid else "USD"
