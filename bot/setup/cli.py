"""Runs ``genjin setup``: answers, checks, a preview, ``.env``, then the database.

Credentials are checked before anything is saved; each step that follows is saved by itself, so
that a later one which fails costs nothing of the earlier.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from bot.app import bring_up_alone, open_storage
from bot.clock import SystemClock
from bot.settings import Settings, SettingsError, settings_with
from bot.setup.answers import Answers, BadAnswers, read_answers
from bot.setup.current_state import units_of
from bot.setup.dialogue import Dialogue, Restart
from bot.setup.env_file import EnvFile, EnvFileUnreadable
from bot.setup.platform_lookup import LookedUp, NotConnected, SetupMessage, look_up, put_off
from bot.setup.steps import CompanySteps
from bot.system_locale import system_language
from bot.terminal import refuse_settings
from handlers.composition import COMPOSITION
from handlers.core.context import ContextFactory
from handlers.core.language import Language, Languages
from sales.errors import StorageUnavailable
from storage.database.keyring import new_key
from storage.unit_of_work import UnitOfWorkFactory

FAILED, INTERRUPTED = 1, 130


def run_setup(path: Path, file: Path | None, *, offline: bool, preview: bool = False) -> int:
    """Set the company up from a file, or by asking at the terminal; returns the exit status.

    ``preview``: tell what importing the people of the file would change, and change nothing.
    """
    try:
        env = EnvFile(path)
    except EnvFileUnreadable as error:
        _complain(str(error))
        return FAILED
    language = _language(env.values())
    if file is not None:
        return _from_file(file, env, language, offline=offline, preview=preview)
    if _at_terminal():
        return _from_terminal(Dialogue(env, language, offline=offline), env, offline=offline)
    _complain(language.text("setup.needs_terminal"))
    return FAILED


def _from_file(
    file: Path, env: EnvFile, language: Language, *, offline: bool, preview: bool
) -> int:
    try:
        answers = read_answers(file)
        if answers.language:
            language = language.to(answers.language.replace("-", "_"))
        return _Setup(env, answers, language, offline).run(only_preview=preview)
    except BadAnswers as error:
        for mistake in error.mistakes:
            reason = language.text(mistake.key, **mistake.params)
            where = mistake.where or str(file)
            _complain(language.text("setup.bad_answer", where=where, reason=reason))
    except EnvFileUnreadable as error:
        _complain(str(error))
    except NotConnected as error:
        for finding in error.findings:
            _complain(finding.words(language))
    except SettingsError as error:
        refuse_settings(error)
    _complain(language.text("setup.nothing_saved"))
    return FAILED


def _from_terminal(dialogue: Dialogue, env: EnvFile, *, offline: bool) -> int:
    """Ask, and save after a last look. Whatever ends it, nothing that was typed is lost."""
    try:
        return _by_asking(dialogue, env, offline=offline)
    except (KeyboardInterrupt, typer.Abort):
        dialogue.stop(SetupMessage("setup.interrupted"))
        return INTERRUPTED
    except NotConnected as error:
        dialogue.stop(*error.findings)
    except EnvFileUnreadable as error:
        _complain(str(error))
        dialogue.stop()
    except SettingsError as error:
        dialogue.stop()
        refuse_settings(error)
    except StorageUnavailable:
        dialogue.stop()
        raise  # The command says which database does not answer, and why.
    return FAILED


def _by_asking(dialogue: Dialogue, env: EnvFile, *, offline: bool) -> int:
    answers = dialogue.ask()
    while True:
        setup = _Setup(env, answers, dialogue.language, offline)
        try:
            status = setup.run(confirm=dialogue.confirm)
        except Restart:
            answers = dialogue.ask_again()
        else:
            dialogue.done()
            return status


def _language(values: Mapping[str, str]) -> Language:
    """The language to speak before the company's is known."""
    spoken = os.environ.get("GENJIN_LOCALE") or values.get("GENJIN_LOCALE") or system_language()
    return Language("zh_CN" if spoken == "zh-CN" else "en", UTC)


@dataclass(slots=True)
class _Setup:
    """One run over answers that were checked."""

    env: EnvFile
    answers: Answers
    language: Language
    offline: bool

    def run(self, *, confirm: Callable[[], None] | None = None, only_preview: bool = False) -> int:
        """Set everything up; ``confirm`` is asked once everything is looked up, and may raise."""
        changes = self._changes()
        before = settings_with(self.env.values(), os.environ)
        settings = settings_with(self.env.values() | changes, os.environ)
        found = put_off(self.answers) if self.offline else look_up(self.answers, settings)
        for finding in found.findings:
            self._say(finding.words(self.language))
        if self.answers.people and (confirm or only_preview):
            with self._for_preview(settings) as units:
                self._filling(settings, found, units).preview()
        if only_preview:
            self._tell("setup.only_preview")
            return 0
        if confirm:
            confirm()
        self._write(changes)
        self._fill(settings, found, moved=before.countries.home != settings.countries.home)
        self._tell("setup.next_start")
        return 0

    def _changes(self) -> dict[str, str]:
        """The settings to save, with those that a company needs and nobody has to be asked for."""
        changes = self.answers.settings()
        values = {**self.env.values(), **changes, **os.environ}
        if not values.get("SLACK_BOT_TOKEN") and not values.get("DINGTALK_CLIENT_ID"):
            # Without a platform the settings would be those of the sample company.
            changes.setdefault("GENJIN_WEB_CHAT", values.get("GENJIN_WEB_CHAT") or "on")
        if values.get("DATABASE_URL", "").startswith("postgres") and not values.get(
            "GENJIN_SECRET_KEYS"
        ):
            changes["GENJIN_SECRET_KEYS"] = new_key()
        return changes

    def _write(self, changes: Mapping[str, str]) -> None:
        path = str(self.env.path)
        if names := self.env.write(changes):
            self._tell("setup.env_written", path=path, names=self.language.listing(names))
        else:
            self._tell("setup.env_same", path=path)
        if "GENJIN_SECRET_KEYS" in changes:
            self._tell("setup.new_key", path=path)
        other = [name for name, v in changes.items() if os.environ.get(name, v) != v]
        if other:
            self._tell("setup.env_overruled", names=self.language.listing(other), path=path)

    @contextmanager
    def _for_preview(self, settings: Settings) -> Iterator[UnitOfWorkFactory]:
        """The company's database, or an empty one while there is none."""
        with units_of(settings) as units:
            if units:
                yield units
                return
        with TemporaryDirectory() as folder:
            plain = {"GENJIN_DATA_DIR": folder, "GENJIN_WEB_CHAT": "on"}
            with _units_of_new(settings_with(plain, {})) as scratch:
                yield scratch

    def _fill(self, settings: Settings, found: LookedUp, *, moved: bool) -> None:
        with _units_of_new(settings) as units:
            with units(read_only=True) as uow:
                moved = moved or not uow.playbooks.number()
            filling = self._filling(settings, found, units)
            filling.country = settings.countries.home if moved else ""
            filling.run(chat=settings.has_chat, groups=settings.has_dingtalk)

    def _filling(
        self, settings: Settings, found: LookedUp, units: UnitOfWorkFactory
    ) -> CompanySteps:
        languages = Languages(
            settings.timezone,
            settings.genjin_currency,
            settings.default_locale,
            settings.countries,
        )
        contexts = ContextFactory(languages, SystemClock().now, COMPOSITION)
        return CompanySteps(self.answers, found, languages, units, contexts, self._tell)

    def _tell(self, key: str, **params: object) -> None:
        self._say(self.language.text(key, **params))

    @staticmethod
    def _say(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


@contextmanager
def _units_of_new(settings: Settings) -> Iterator[UnitOfWorkFactory]:
    """A database that is made or migrated if it has to be."""
    storage = open_storage(settings)
    try:
        bring_up_alone(storage)
        yield UnitOfWorkFactory(
            storage.database,
            storage.fields,
            now=SystemClock().now,
            country=settings.countries.home,
        )
    finally:
        storage.database.dispose()


def _at_terminal() -> bool:
    return sys.stdin.isatty()


def _complain(line: str) -> None:
    sys.stderr.write(f"genjin: {line}\n")
