"""The questions about importing people: where from, a look at who they are, and who leads whom."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import Any, Final

from bot.setup import company
from bot.setup.answers import BadAnswers, check_answers
from bot.setup.people_file import Colleague, PeopleTable, of_teams, read_people, with_roles
from bot.setup.platform_lookup import LookedUp, team_of
from bot.setup.prompts import NOTHING, Back, NotUnderstood, Prompts, file_typed
from handlers.core.labels import enum_label
from handlers.core.language import Languages
from sales.countries import Countries
from sales.imports.sheet import Unreadable
from sales.people import Role

_DEPARTMENT: Final = ("dept:", "department:", "部门:", "部门：")
_MOST_SHOWN: Final = 5
_ROLES: Final = (Role.REP, Role.MANAGER, Role.SERVICE, Role.PRODUCT, Role.FINANCE)


class PeopleQuestions:
    """Asks for sources until there are no more.

    ``answers`` are those of the dialogue, to which the sources are added; ``members`` looks a group
    up, and returns None while no platform is asked.
    """

    def __init__(
        self,
        prompts: Prompts,
        answers: dict[str, Any],
        platform: str,
        members: Callable[[Mapping[str, Any]], LookedUp | None],
    ) -> None:
        self._prompts = prompts
        self._answers = answers
        self._platform = platform
        self._members = members

    def ask(self, keep: Callable[[], None]) -> None:
        """Raises Back at the first source; at a later one, the one before is taken back.

        ``keep`` is called after each source, so that an interruption loses none.
        """
        sources: list[dict[str, Any]] = self._answers.setdefault("people", [])
        while True:
            try:
                source = self._source(more=bool(sources))
            except Back:
                if not sources:
                    raise
                sources.pop()
                continue
            if source is None:
                return
            try:
                sources.append(self._details(source))
            except Back:
                continue
            keep()

    def _source(self, *, more: bool) -> dict[str, Any] | None:
        """Where people are read; None for nowhere, or no more."""
        name = "people_more" if more else f"people_{self._platform or 'web'}"
        while True:
            typed = self._prompts.ask(name)
            if not typed or typed.casefold() in NOTHING:
                return None
            try:
                return self._source_typed(typed)
            except NotUnderstood as error:
                self._prompts.refuse(error)

    def _source_typed(self, typed: str) -> dict[str, Any]:
        lower = typed.casefold()
        if start := next((one for one in _DEPARTMENT if lower.startswith(one)), ""):
            return {"dingtalk_department": typed[len(start) :].strip()}
        if typed.startswith("@"):
            return {"slack_group": typed[1:].strip()}
        try:
            return {"file": str(file_typed(typed))}
        except NotUnderstood:
            if "." in typed or "/" in typed or "\\" in typed:
                raise
        # A bare word is no file: the group or department of the only platform.
        match self._platform:
            case "slack":
                return {"slack_group": typed}
            case "dingtalk":
                return {"dingtalk_department": typed}
        raise NotUnderstood("wrong_file", file=typed)

    def _details(self, source: dict[str, Any]) -> dict[str, Any]:
        """The source with what it does not say itself. Raises Back."""
        table = self._table(source)
        if table is None:
            raise Back
        people = list(table.people)
        self._show(table)
        if table.people:
            people = self._narrow(people, source)
        elif not self._is_unseen(source):
            raise Back
        if "file" not in source or any(not one.team for one in people):
            [asked] = check_answers({"people": [source]}).people
            source["team"] = self._prompts.ask("people_team", team_of(asked))
        if not people or any(not one.sure for one in people):
            source["role"] = self._role()
        if people:
            self._name_roles("managers", people, table.leaders, source)
            self._name_roles("admins", people, (), source)
        try:
            check_answers({"people": [source]})
        except BadAnswers as error:
            mistake = error.mistakes[0]
            self._prompts.refuse(
                NotUnderstood(mistake.key.removeprefix("setup."), **mistake.params)
            )
            raise Back from error
        return source

    @staticmethod
    def _is_unseen(source: Mapping[str, Any]) -> bool:
        """Whether nobody looked who the people are: they are in a platform that was not asked."""
        return "file" not in source

    def _table(self, source: Mapping[str, Any]) -> PeopleTable | None:
        """Who is in the source; None if it cannot be read, which is told."""
        if file := source.get("file"):
            return self._table_of_file(str(file))
        found = self._members(source)
        if found is None:
            return PeopleTable()
        for finding in found.findings:
            self._prompts.line("  ✗ " + finding.words(self._prompts.language))
        if not found.groups:
            return None
        [(asked, accounts)] = found.groups.items()
        people = tuple(company.of_account(one, team=team_of(asked)) for one in accounts)
        return PeopleTable(people)

    def _table_of_file(self, typed: str) -> PeopleTable | None:
        language = self._prompts.language
        file = file_typed(typed)
        try:
            countries = Countries.parse(str(self._answers.get("country", "")))
            table = read_people(
                file.read_bytes(),
                role=Role.REP,
                team="",
                countries=countries,
                languages=Languages(UTC),
            )
        except OSError as error:
            reason = error.strerror or ""
            self._prompts.refuse(NotUnderstood("file_missing", file=typed, reason=reason))
        except Unreadable as error:
            reason = language.text(f"import.unreadable_{error.problem}", **error.params)
            self._prompts.refuse(
                NotUnderstood("people_unreadable", source=file.name, reason=reason)
            )
        else:
            if not table.missing:
                return table
            self._prompts.refuse(NotUnderstood("people_no_names", source=file.name))
        return None

    def _show(self, table: PeopleTable) -> None:
        """A preview: which columns were understood, the first people, and who is left out."""
        language, say = self._prompts.language, self._prompts.say
        say("setup.preview_people", n=len(table.people))
        if table.columns:
            columns = [
                f"{heading} → {language.text(f'setup.column_{field}')}"
                for heading, field in table.columns
            ]
            say("setup.preview_columns", columns=language.listing(columns))
        for one in table.people[:_MOST_SHOWN]:
            shown = (one.name, one.team, enum_label(one.role, language) if one.sure else "")
            self._prompts.line("    " + " · ".join(filter(None, shown)))
        if (more := len(table.people) - _MOST_SHOWN) > 0:
            say("setup.and_more", n=more)
        for bad in table.bad[:_MOST_SHOWN]:
            reason = language.text(f"setup.row_{bad.reason}", value=bad.value)
            say("setup.preview_bad_row", row=bad.row, reason=reason)
        if (more := len(table.bad) - _MOST_SHOWN) > 0:
            say("setup.and_more", n=more)
        if table.left:
            names = language.listing([one.name for one in table.left[:_MOST_SHOWN]])
            say("setup.preview_left", names=names, n=len(table.left))

    def _narrow(self, people: list[Colleague], source: dict[str, Any]) -> list[Colleague]:
        """Of a list of several departments, those that are wanted."""
        teams = Counter(one.team for one in people if one.team)
        if len(teams) < 2:
            return people
        listed = ", ".join(f"{team} ({n})" for team, n in teams.most_common(20))

        def read(typed: str) -> str:
            wanted = check_answers({"people": [{**source, "only_teams": typed}]}).people[0]
            known = {team.casefold() for team in teams}
            for team in wanted.only_teams:
                if team.casefold() not in known:
                    raise NotUnderstood("wrong_department", typed=team)
            return ", ".join(wanted.only_teams)

        typed = self._prompts.until(read, "people_departments", "", teams=listed)
        if not typed:
            return people
        source["only_teams"] = typed
        [chosen] = check_answers({"people": [source]}).people
        return list(of_teams(people, chosen.only_teams))

    def _role(self) -> str:
        language = self._prompts.language
        choices = [(role.value, enum_label(role, language), (role.value,)) for role in _ROLES]
        return self._prompts.choose("people_role", choices, Role.REP.value)

    def _name_roles(
        self,
        field: str,
        people: Sequence[Colleague],
        proposed: Sequence[str],
        source: dict[str, Any],
    ) -> None:
        """Ask which of the people have a role, by names that each fit one of them."""
        names = {one.name for one in people}

        def read(typed: str) -> str:
            wanted = _names(field, typed, source)
            _, unknown = with_roles(people, [(name, Role.MANAGER) for name in wanted])
            if unknown:
                raise NotUnderstood("wrong_person", typed=", ".join(unknown))
            return ", ".join(wanted)

        default = ", ".join(name for name in proposed if name in names)
        if typed := self._prompts.until(read, f"people_{field}", default):
            source[field] = typed


def _names(field: str, typed: str, source: Mapping[str, Any]) -> tuple[str, ...]:
    [read] = check_answers({"people": [{**source, field: typed}]}).people
    return read.managers if field == "managers" else read.admins
