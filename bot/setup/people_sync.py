"""``genjin people``: compares a department or user group with the people here, and imports it.

Everything is shown before it is applied. Nobody's access is ended and nobody is renamed: those are
named, since rules refer to people by name and an admin decides who left.
"""

import sys
from collections.abc import Callable

import typer

from bot.clock import SystemClock
from bot.platforms.directory import Account
from bot.settings import Settings
from bot.setup.answers import Answers, PeopleSource
from bot.setup.current_state import units_of
from bot.setup.platform_lookup import LookedUp, NotConnected, look_up
from bot.setup.steps import CompanySteps
from handlers.composition import COMPOSITION
from handlers.core.context import ContextFactory
from handlers.core.language import Language, Languages
from storage.unit_of_work import UnitOfWorkFactory

DONE, FAILED = 0, 1
_MOST_TOLD = 20


def sync_people(settings: Settings, source: PeopleSource, *, yes: bool) -> int:
    """Show what importing the source would change, ask, and do it; returns the exit status.

    ``yes``: do not ask. Without a terminal to ask at, nothing is changed.
    """
    languages = Languages(
        settings.timezone, settings.genjin_currency, settings.default_locale, settings.countries
    )
    language = languages()

    def tell(key: str, **params: object) -> None:
        sys.stdout.write(language.text(key, **params) + "\n")

    answers = Answers(people=(source,))
    try:
        found = look_up(answers, settings, check=False)
    except NotConnected as error:
        found = LookedUp(findings=list(error.findings))
    for finding in found.findings:
        sys.stdout.write(finding.words(language) + "\n")
    accounts = found.groups.get(source)
    if accounts is None:
        return FAILED
    with units_of(settings) as units:
        if units is None:
            tell("people_sync.no_database", command="genjin setup")
            return FAILED
        contexts = ContextFactory(languages, SystemClock().now, COMPOSITION)
        steps = CompanySteps(answers, found, languages, units, contexts, tell)
        steps.preview()
        _tell_names(accounts, units, language, tell)
        if not (yes or _agreed(language.text("people_sync.ask"))):
            tell("setup.only_preview")
            return DONE
        steps.take_people()
    return DONE


def _tell_names(
    accounts: list[Account],
    units: UnitOfWorkFactory,
    language: Language,
    tell: Callable[..., None],
) -> None:
    """Name who is new, and whose name the directory writes otherwise."""
    new: list[str] = []
    with units(read_only=True) as uow:
        for account in accounts:
            person = uow.people.find(account.platform, account.id)
            if person is None:
                new.append(account.name or account.id)
            elif account.name and person.name.partition(" (")[0] != account.name:
                tell("people_sync.renamed", name=person.name, there=account.name)
    if new:
        tell("people_sync.new", names=language.listing(new[:_MOST_TOLD]))
    if (more := len(new) - _MOST_TOLD) > 0:
        tell("setup.and_more", n=more)


def _agreed(question: str) -> bool:
    return sys.stdin.isatty() and typer.confirm(question, default=False)
