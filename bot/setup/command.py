"""Runs ``genjin setup``: answers, checks, ``.env``, then the database.

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

from bot.app import bring_up_alone, open_storage
from bot.clock import SystemClock
from bot.platforms.directory import Account, FoundChannel
from bot.settings import Settings, SettingsError, settings_with
from bot.setup import company
from bot.setup.answers import Answers, BadAnswers, PeopleSource, read_answers
from bot.setup.company import AdminUnclear, Taken
from bot.setup.dialogue import ask_answers
from bot.setup.env_file import EnvFile, EnvFileUnreadable
from bot.setup.lookup import LookedUp, NotConnected, look_up, put_off, team_of
from bot.setup.people_file import PeopleTable, read_people
from bot.system_locale import system_language
from bot.terminal import refuse_settings
from handlers.composition import COMPOSITION
from handlers.core.context import Context, ContextFactory
from handlers.core.language import Language, Languages
from handlers.people.newcomers import active_admins
from sales.imports.sheet import Unreadable
from sales.people import Person
from storage.database.keyring import new_key
from storage.unit_of_work import UnitOfWorkFactory

FAILED = 1


def run_setup(path: Path, file: Path | None, *, offline: bool) -> int:
    """Set the company up from a file, or by asking at the terminal; returns the exit status."""
    try:
        env = EnvFile(path)
        language = _language(env.values())
        if file is not None:
            answers = read_answers(file)
        elif _at_terminal():
            answers, language = ask_answers(env, language, offline=offline)
        else:
            _complain(language.text("setup.needs_terminal"))
            return FAILED
        if answers.language:
            language = Language(answers.language.replace("-", "_"), language.timezone)
        return _Setup(env, answers, language, offline).run()
    except BadAnswers as error:
        for where, reason in error.mistakes:
            _complain(language.text("setup.bad_answer", where=where or str(file), reason=reason))
    except EnvFileUnreadable as error:
        _complain(str(error))
    except NotConnected as error:
        _complain(language.text(error.finding.key, **error.finding.params))
    except SettingsError as error:
        refuse_settings(error)
    return FAILED


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

    def run(self) -> int:
        changes = self._changes()
        settings = settings_with(self.env.values() | changes, os.environ)
        found = put_off(self.answers) if self.offline else look_up(self.answers, settings)
        self._write(changes)
        for finding in found.findings:
            self._tell(finding.key, **finding.params)
        self._fill(settings, found)
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

    def _fill(self, settings: Settings, found: LookedUp) -> None:
        clock = SystemClock()
        languages = Languages(
            settings.timezone,
            settings.genjin_currency,
            settings.default_locale,
            settings.countries,
        )
        storage = open_storage(settings)
        try:
            bring_up_alone(storage)
            units = UnitOfWorkFactory(
                storage.database,
                storage.fields,
                now=clock.now,
                country=settings.countries.home,
            )
            contexts = ContextFactory(languages, clock.now, COMPOSITION)
            filling = _Filling(self.answers, found, languages, units, contexts, self._tell)
            filling.run(chat=settings.has_chat)
        finally:
            storage.database.dispose()

    def _tell(self, key: str, **params: object) -> None:
        sys.stdout.write(self.language.text(key, **params) + "\n")
        sys.stdout.flush()


@dataclass(slots=True)
class _Filling:
    """Fills the database, step by step; each has a unit of work of its own."""

    answers: Answers
    found: LookedUp
    languages: Languages
    units: UnitOfWorkFactory
    contexts: ContextFactory
    tell: Callable[..., None]

    def run(self, *, chat: bool) -> None:
        """Fill it. ``chat``: real people write to the bot; a chat on this machine alone needs no
        admin of its own."""
        self._hours()
        self._teams()
        if chat:
            self._admin(self.found.admin)
        for source in self.answers.people:
            self._people(source)
        if self.found.channel:
            self._channel(self.found.channel)
        if self.answers.leads:
            self._leads(self.answers.leads)

    @contextmanager
    def _context(self) -> Iterator[Context]:
        with self.units() as uow:
            yield self.contexts.unasked(uow)
            uow.commit()

    def _hours(self) -> None:
        answers = self.answers
        said = answers.country or answers.timezone or answers.currency
        country = self.languages().countries.home if said else ""
        with self._context() as context:
            changed = company.set_hours(self.answers.hours, country, context)
        self.tell("setup.hours_set" if changed else "setup.hours_same")

    def _teams(self) -> None:
        with self._context() as context:
            added = company.add_teams(self.answers.teams, context)
        if added:
            self.tell("setup.teams_added", names=self.languages().listing(added))
        elif self.answers.teams:
            self.tell("setup.teams_same")

    def _admin(self, account: Account | None) -> None:
        if account is None:
            with self._context() as context:
                if not active_admins(context.uow.people.everyone()):
                    self.tell("setup.admin_later")
            return
        try:
            with self._context() as context:
                person, news = company.make_admin(account, self.languages, context)
        except AdminUnclear:
            self.tell("setup.admin_unclear", wanted=self.answers.admin)
            return
        self.tell("setup.admin_made" if news else "setup.admin_is", name=person.name)

    def _people(self, source: PeopleSource) -> None:
        if source.file:
            self._people_of_file(source, source.file)
        elif source in self.found.groups:
            name = source.slack_group or source.dingtalk_department
            people = [
                company.of_account(account, role=source.role, team=team_of(source))
                for account in self.found.groups[source]
            ]
            with self._context() as context:
                taken = company.add_people(people, self.languages, context)
            self._tell_taken(name, taken)

    def _people_of_file(self, source: PeopleSource, file: Path) -> None:
        content = self._read(file)
        if content is None:
            return
        try:
            table: PeopleTable = read_people(
                content,
                role=source.role,
                team=source.team,
                country=self.languages().countries.home,
                languages=self.languages,
            )
        except Unreadable:
            self.tell("setup.people_unreadable", source=file.name)
            return
        if table.missing:
            self.tell("setup.people_no_names", source=file.name)
            return
        with self._context() as context:
            taken = company.add_people(table.people, self.languages, context)
        self._tell_taken(file.name, taken)
        language = self.languages()
        for bad in table.bad:
            reason = language.text(f"setup.row_{bad.reason}", value=bad.value)
            self.tell("setup.people_bad_row", source=file.name, row=bad.row, reason=reason)

    def _tell_taken(self, source: str, taken: Taken) -> None:
        counts = {name: taken.counts.get(name, 0) for name in ("added", "linked", "known")}
        self.tell("setup.people_done", source=source, **counts)
        if taken.doubtful:
            names = self.languages().listing(taken.doubtful)
            self.tell("setup.people_doubtful", source=source, names=names)

    def _channel(self, channel: FoundChannel) -> None:
        with self._context() as context:
            bound = company.bind_channel(channel, "slack", context)
        if bound is None:
            self.tell("setup.channel_no_admin", name=channel.name)
            return
        self.tell("setup.channel_bound", name=channel.name)
        if not channel.member:
            self.tell("setup.channel_not_member", name=channel.name)

    def _leads(self, file: Path) -> None:
        content = self._read(file)
        if content is None:
            return
        with self._context() as context:
            admin = self._importer(context)
            if admin is None:
                self.tell("setup.leads_no_admin", file=file.name)
                return
            reply = company.take_leads(file.name, content, admin, context)
        if reply is None:
            self.tell("setup.leads_same", file=file.name)
        else:
            said = reply.toast or (reply.card.title if reply.card else "")
            self.tell("setup.leads_taken", file=file.name, answer=said)

    def _importer(self, context: Context) -> Person | None:
        """The admin who gets the preview: the one of the answers, else the first that can."""
        account = self.found.admin
        if account and (person := context.uow.people.find(account.platform, account.id)):
            return person
        admins = active_admins(context.uow.people.everyone())
        return next((admin for admin in admins if admin.has_account), None)

    def _read(self, file: Path) -> bytes | None:
        try:
            return file.read_bytes()
        except OSError as error:
            self.tell("setup.file_missing", file=str(file), reason=error.strerror or "")
            return None


def _at_terminal() -> bool:
    return sys.stdin.isatty()


def _complain(line: str) -> None:
    sys.stderr.write(f"genjin: {line}\n")
