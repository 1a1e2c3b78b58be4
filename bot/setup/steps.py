"""Fills the company's database with what was answered, and tells what became of each answer."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.platforms.directory import Account, FoundChannel
from bot.setup import company
from bot.setup.answers import Answers, PeopleSource
from bot.setup.company import AdminUnclear, PersonUpdate, Taken
from bot.setup.people_file import PeopleTable, of_teams, read_people, with_roles
from bot.setup.platform_lookup import LookedUp, team_of
from handlers.core.context import Context, ContextFactory
from handlers.core.labels import enum_label
from handlers.core.language import Language, Languages
from handlers.people.newcomers import active_admins
from sales.imports.sheet import Unreadable
from sales.people import Person, Role
from storage.unit_of_work import UnitOfWorkFactory

_MOST_TOLD: Final = 20
"""Lines of one kind; a table of a whole company would fill the screen."""


@dataclass(slots=True)
class CompanySteps:
    """Fills the database, step by step; each has a unit of work of its own, so that a later one
    which fails costs nothing of the earlier.

    ``country`` is where the company is at home, "" to leave its holidays as they are.
    """

    answers: Answers
    found: LookedUp
    languages: Languages
    units: UnitOfWorkFactory
    contexts: ContextFactory
    tell: Callable[..., None]
    country: str = ""

    def run(self, *, chat: bool, groups: bool) -> None:
        """Fill it. ``chat``: real people write to the bot; a chat on this machine alone needs no
        admin of its own. ``groups``: the managers' channel is one of DingTalk's, which only
        somebody in it can bind."""
        self._rules()
        self._teams()
        self.take_people()
        if chat:
            self._admin(self.found.admin)
        if self.found.channel:
            self._channel(self.found.channel)
        elif not self.answers.channel:
            self._tell_bound(groups=groups)
        if self.answers.leads:
            self._leads(self.answers.leads)

    def take_people(self) -> None:
        """Import the people of all sources."""
        for source in self.answers.people:
            if table := self.table_of(source):
                with self._context() as context:
                    taken = company.add_people(table.people, table.left, self.languages, context)
                self._tell_taken(source.named, taken)
                self._tell_rows(source.named, table)

    def preview(self) -> None:
        """Tell what importing the people would change, and change nothing."""
        with self.units() as uow:
            context = self.contexts.unasked(uow)
            company.add_teams(self.answers.teams, context)
            for source in self.answers.people:
                if table := self.table_of(source):
                    taken = company.add_people(table.people, table.left, self.languages, context)
                    self._tell_taken(source.named, taken, foreseen=True)
                    self._tell_rows(source.named, table)
            # Nothing is committed: the unit of work takes everything back.

    def table_of(self, source: PeopleSource) -> PeopleTable | None:
        """The people of a source with the roles that were given them; None if it cannot be read,
        which is told."""
        if source.file:
            table = self._table_of_file(source, source.file)
        elif source in self.found.groups:
            people = [
                company.of_account(account, role=source.role, team=team_of(source))
                for account in self.found.groups[source]
            ]
            table = PeopleTable(tuple(people))
        else:
            table = None
        return self._chosen(source, table) if table else None

    def _chosen(self, source: PeopleSource, table: PeopleTable) -> PeopleTable:
        named = [
            *((name, Role.MANAGER) for name in source.managers),
            *((name, Role.ADMIN) for name in source.admins),
        ]
        people, unknown = with_roles(of_teams(table.people, source.only_teams), named)
        if unknown:
            names = self.languages().listing(unknown)
            self.tell("setup.people_nobody", source=source.named, names=names)
        return PeopleTable(people, table.bad, left=table.left)

    def _table_of_file(self, source: PeopleSource, file: Path) -> PeopleTable | None:
        content = self._read(file)
        if content is None:
            return None
        try:
            table = read_people(
                content,
                role=source.role,
                team=source.team,
                countries=self.languages().countries,
                languages=self.languages,
            )
        except Unreadable as error:
            reason = self.languages().text(f"import.unreadable_{error.problem}", **error.params)
            self.tell("setup.people_unreadable", source=file.name, reason=reason)
            return None
        if table.missing:
            self.tell("setup.people_no_names", source=file.name)
            return None
        return table

    @contextmanager
    def _context(self) -> Iterator[Context]:
        with self.units() as uow:
            yield self.contexts.unasked(uow)
            uow.commit()

    def _rules(self) -> None:
        with self._context() as context:
            changed = company.set_rules(self.answers.hours, self.country, context)
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

    def _tell_taken(self, source: str, taken: Taken, *, foreseen: bool = False) -> None:
        counts = {name: taken.counts.get(name, 0) for name in ("added", "linked", "known")}
        key = "setup.people_foreseen" if foreseen else "setup.people_done"
        self.tell(key, source=source, updated=len(taken.updates), **counts)
        language = self.languages()
        updates = [_update_in_words(update, language) for update in taken.updates]
        self._tell_lines(updates)
        if taken.doubtful:
            names = language.listing(taken.doubtful)
            self.tell("setup.people_doubtful", source=source, names=names)
        if taken.gone:
            shown = language.listing(taken.gone[:_MOST_TOLD])
            self.tell("setup.people_gone", source=source, names=shown, n=len(taken.gone))

    def _tell_rows(self, source: str, table: PeopleTable) -> None:
        language = self.languages()
        for bad in table.bad[:_MOST_TOLD]:
            reason = language.text(f"setup.row_{bad.reason}", value=bad.value)
            self.tell("setup.people_bad_row", source=source, row=bad.row, reason=reason)
        if (more := len(table.bad) - _MOST_TOLD) > 0:
            self.tell("setup.and_more", n=more)

    def _tell_lines(self, lines: Sequence[str]) -> None:
        for line in lines[:_MOST_TOLD]:
            self.tell("setup.line", text=line)
        if (more := len(lines) - _MOST_TOLD) > 0:
            self.tell("setup.and_more", n=more)

    def _channel(self, channel: FoundChannel) -> None:
        with self._context() as context:
            bound = company.bind_channel(channel, "slack", context)
        if bound is None:
            self.tell("setup.channel_no_admin", name=channel.name)
            return
        self.tell("setup.channel_bound", name=channel.name)
        if not channel.member:
            bot = self.found.bot or "Genjin"
            self.tell("setup.channel_not_member", name=channel.name, bot=bot)

    def _tell_bound(self, *, groups: bool) -> None:
        """Say that a channel was bound in chat, or how a group of DingTalk's is."""
        with self._context() as context:
            is_bound = context.uow.channels.any()
        if is_bound:
            self.tell("setup.channel_known")
        elif groups:
            self.tell("setup.channel_dingtalk")

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


def _update_in_words(update: PersonUpdate, language: Language) -> str:
    parts = []
    if update.team:
        parts.append(
            language.text("setup.update_team", before=update.team[0], after=update.team[1])
        )
    if update.role:
        before, after = (enum_label(role, language) for role in update.role)
        parts.append(language.text("setup.update_role", before=before, after=after))
    if update.contacts:
        parts.append(language.text("setup.update_contacts"))
    return language.text("setup.update_of", name=update.name, changes=language.listing(parts))
