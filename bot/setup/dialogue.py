"""Asks for the answers of ``genjin setup`` at a terminal, each checked as it is typed.

Offers what the settings and the database say, and changes neither. What was typed is kept in a
draft until everything is done, so that an interruption costs nothing.
"""

import os
import re
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any, Final

import typer

from bot.settings import SettingsError, settings_with
from bot.setup.answers import Answers, BadAnswers, check_answers
from bot.setup.current_state import (
    CurrentState,
    hours_in_words,
    read_current_state,
    why_unreachable,
)
from bot.setup.draft import Draft, DraftFile
from bot.setup.env_file import EnvFile
from bot.setup.people_questions import PeopleQuestions
from bot.setup.platform_lookup import SetupMessage
from bot.setup.platform_questions import PlatformQuestions
from bot.setup.prompts import NOTHING, Back, NotUnderstood, Prompts, edit_lines, file_typed
from bot.setup.regions import currency_of, different_zones, zones_of
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
    "dingtalk_lead_card_template_id", "dingtalk_agent_id",
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
        self._state = CurrentState()

    @property
    def language(self) -> Language:
        return self._prompts.language

    def ask(self) -> Answers:
        """Ask everything, or what is left of an earlier run. Raises typer.Abort."""
        edit_lines()
        self._state = read_current_state(self._values, {})
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
        if self._draft.answers and self._file.path.exists():
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
        try:
            typed = self._prompts.ask("resume").casefold()
        except Back:
            draft.next = _STEPS[self._before(_STEPS.index(draft.next))]
            return True
        if typed in _ANEW:
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
                self._questions[name]()
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
            case name if name.startswith("dingtalk_"):
                asked = platform in ("dingtalk", "both")
            case "admin":
                asked = platform != "web"
            case _:
                return True
        # What follows the first credential means nothing without it.
        if name == "slack_app_token":
            return asked and bool(self._platforms.credential("slack", "bot_token"))
        if name in _STEPS[_STEPS.index("dingtalk_client_id") + 1 : _STEPS.index("admin")]:
            return asked and bool(self._platforms.credential("dingtalk", "client_id"))
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
        platform, _, field = name.partition("_")
        if field and platform in ("slack", "dingtalk"):
            given = answers.get(platform, {}).get(field)
            if field in ("lead_card_template_id", "agent_id"):
                return str(given or "")
            return self.language.text("setup.typed_secret") if given else ""
        return str(answers.get(name, ""))

    @property
    def _platforms(self) -> PlatformQuestions:
        return PlatformQuestions(
            self._prompts, self._draft, self._values, self._state, offline=self._offline
        )

    @property
    def _questions(self) -> Mapping[str, Callable[[], None]]:
        platforms = self._platforms
        return {
            "language": self._ask_language,
            "country": self._ask_country,
            "timezone": self._ask_timezone,
            "currency": self._ask_currency,
            "database": self._ask_database,
            "hours": self._ask_hours,
            "teams": self._ask_teams,
            "platform": platforms.platform,
            "slack_bot_token": platforms.slack_bot_token,
            "slack_app_token": platforms.slack_app_token,
            "dingtalk_client_id": platforms.dingtalk_client_id,
            "dingtalk_client_secret": platforms.dingtalk_client_secret,
            "dingtalk_lead_card_template_id": platforms.dingtalk_lead_card,
            "dingtalk_agent_id": platforms.dingtalk_agent_id,
            "admin": platforms.admin,
            "channel": platforms.channel,
            "people": self._ask_people,
            "leads": self._ask_leads,
        }

    # The questions, in their order.

    def _ask_language(self) -> None:
        default = self._draft.given("language") or self._values.get("GENJIN_LOCALE", "")
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
        before = self._draft.given("country")
        self._field("country", before or self._values.get("GENJIN_COUNTRY") or guess)
        if before and before != self._draft.given("country"):
            # They were suggested by the country that is no longer meant.
            self._draft.keep("timezone", "")
            self._draft.keep("currency", "")

    def _ask_timezone(self) -> None:
        home = self._home
        known = self._values.get("GENJIN_TIMEZONE") or system_timezone("")
        if home and timezone_country(known) not in ("", home):
            known = ""
        zones = zones_of(home)
        examples = different_zones(home)[:6] or ("Europe/Lisbon", "Asia/Shanghai")
        self._field(
            "timezone",
            self._draft.given("timezone") or known or (zones[0] if zones else "UTC"),
            examples=self.language.listing(list(examples)),
        )

    def _ask_currency(self) -> None:
        home = self._home
        was = self._values.get("GENJIN_COUNTRY", "")[:2]
        known = self._values.get("GENJIN_CURRENCY", "") if was in ("", home) else ""
        usual = currency_of(home) or "USD"
        self._field("currency", self._draft.given("currency") or known or usual, usual=usual)

    def _ask_database(self) -> None:
        known = self._draft.given("database_url") or self._values.get("DATABASE_URL", "")
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
            self._state = read_current_state(self._values | answers.settings(), {})
            return

    def _ask_hours(self) -> None:
        known = self._state.hours
        was = hours_in_words(known, self.language) if known else ""
        usual = "" if known else self._usual_hours
        self._field("hours", self._draft.given("hours") or was or usual, same=was)

    def _ask_teams(self) -> None:
        was = ", ".join(self._state.teams)
        self._field("teams", self._draft.given("teams") or was, same=was)

    def _ask_people(self) -> None:
        questions = PeopleQuestions(
            self._prompts, self._draft.answers, self._draft.platform, self._platforms.members
        )
        questions.ask(lambda: self._file.save(self._draft))

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

        typed = self._prompts.until(read, "leads", self._draft.given("leads"))
        self._draft.keep("leads", typed)

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
        self._draft.keep(name, "" if same and understood == same else understood)

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

    @property
    def _usual_hours(self) -> str:
        """Office hours as they are most common where the company is."""
        if self._home in _WITH_LONG_LUNCH:
            return hours_in_words(WorkingHours().blocks, self.language)
        return hours_in_words(parse_hours("9:00-17:30"), self.language)

    @property
    def _home(self) -> str:
        """The country of the company as answered; of several, the first."""
        given = self._draft.given("country")
        return given.partition(",")[0].strip() if "=" not in given.partition(",")[0] else ""

    def _speak(self, chosen: str) -> None:
        self._prompts.language = Language(chosen.replace("-", "_"), UTC)


def _without_password(url: str) -> str:
    """A database's address as it may be shown."""
    return _PASSWORD.sub(r"\1:…@", url)
