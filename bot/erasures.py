"""Keeps the ledger of erasures beside the database, and repeats them after a restore.

The command ``genjin erase`` is here too: what it finds and removes is ``handlers.erasure``.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import structlog
import typer

from bot.clock import SystemClock
from bot.health import Condition
from bot.settings import Settings
from handlers.composition import COMPOSITION
from handlers.core.context import Context, ContextFactory
from handlers.core.language import Language, Languages
from handlers.erasure import service
from handlers.erasure.cards import preview_card
from handlers.erasure.service import FoundPeople
from sales.erasure import Erasure, ErasurePreview, ErasureReason, ErasureState
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.scrub import empty_journal, forget_words
from storage.erasure.ledger import (
    Ledger,
    append_to_ledger,
    ledger_path,
    line_of,
    parse_ledger,
    read_ledger,
)
from storage.unit_of_work import UnitOfWorkFactory

log = structlog.get_logger(__name__)


def ledger_of(settings: Settings, database: Database) -> Path:
    """Where the ledger of a database is kept."""
    return ledger_path(settings.genjin_data_dir, database.path)


class LedgerKeeper:
    """The ledger in a file apart from the database."""

    def __init__(self, path: Path, fields: Fields) -> None:
        self.path = path
        self._fields = fields
        self._written: set[str] = set()
        self._wiped: set[str] = set()

    def read(self) -> Ledger:
        """Return what the ledger holds; what cannot be read is logged. Raises OSError."""
        ledger = parse_ledger(read_ledger(self.path), self._fields)
        if ledger.damaged or ledger.missing_keys:
            keys = " ".join(ledger.missing_keys)
            log.error("erasure.ledger_lines_unreadable", damaged=ledger.damaged, missing_keys=keys)
        return ledger

    def conditions(self) -> list[Condition]:
        """What is wrong with the ledger: erasures that a restore would not repeat."""
        try:
            ledger = parse_ledger(read_ledger(self.path), self._fields)
        except OSError as error:
            params = {"file": str(self.path), "reason": error.strerror or ""}
            return [Condition("ledger_unreadable", "", params, serious=False)]
        found = []
        if ledger.damaged:
            params = {"file": str(self.path), "n": str(ledger.damaged)}
            found.append(Condition("ledger_damaged", "", params, serious=False))
        if ledger.missing_keys and not self._fields.is_locked:
            params = {"file": str(self.path), "keys": ", ".join(ledger.missing_keys)}
            found.append(Condition("ledger_key_missing", "", params, serious=False))
        return found

    def repeat(self, context: Context) -> int:
        """Erase again whoever is in the ledger and not erased in this database, which is so after
        an older backup was restored. Returns how many; the caller commits."""
        try:
            entries = self.read().entries
        except OSError as error:
            log.exception("erasure.ledger_unreadable", problem=error.strerror)
            return 0
        self._written |= {entry.uid for entry in entries}
        repeated = service.replay(entries, context)
        if repeated:
            log.warning("erasure.repeated", erasures=len(repeated))
        return len(repeated)

    def write(self, units: UnitOfWorkFactory) -> int:
        """Add what the database has and the file lacks; returns how many lines. After an erasure is
        done, the database's journal is emptied. Raises OSError and StorageUnavailable."""
        with units(read_only=True) as uow:
            begun = uow.erasures.carried_out()
        done = {one.uid for one in begun if one.state is ErasureState.DONE}
        if not done <= self._wiped:
            forget_words(units.database)
            if empty_journal(units.database):
                self._wiped |= done
        known = [one for one in begun if one.uid not in self._written]
        if not known:
            return 0
        there = {entry.uid for entry in self.read().entries}
        new = [one for one in known if one.uid not in there]
        append_to_ledger(self.path, [line_of(one, self._fields) for one in new])
        self._written |= {one.uid for one in known}
        return len(new)


def erase_from_terminal(
    settings: Settings, who: str, reason: ErasureReason, *, dry_run: bool, yes: bool
) -> None:
    """Find, preview and erase a person; asks before it erases. Exits with status 1 when it does
    not."""
    from bot.app import open_units

    units = open_units(settings)
    languages = Languages(
        settings.timezone, settings.genjin_currency, settings.default_locale, settings.countries
    )
    contexts = ContextFactory(languages, SystemClock().now, COMPOSITION)
    with units() as uow:
        context = contexts.unasked(uow)
        found = _chosen(service.find_people(who, context), context.language)
        erasure, seen = service.preview(found, reason, context, everywhere=True)
        _print_preview(found, erasure, seen, context)
        if dry_run:
            return
        uow.commit()
    if not yes and not typer.confirm(languages().text("erasure.confirm_title")):
        with units() as uow:
            uow.erasures.forget(uow.erasures.get(erasure.id))
            uow.commit()
        typer.echo(languages().text("erasure.dropped"))
        raise typer.Exit(1)
    with units() as uow:
        service.carry_out(uow.erasures.get(erasure.id), contexts.unasked(uow))
        uow.commit()
    keeper = LedgerKeeper(ledger_of(settings, units.database), units.fields)
    keeper.write(units)
    done = _search_on(erasure.id, units, contexts)
    keeper.write(units)
    _print_count(dict(done.tally), languages())
    typer.echo(languages().text("erasure.done_title"))
    typer.echo(f"{languages().text('erasure.entry')}: {done.entry}")


def write_person(settings: Settings, who: str, to: Path) -> None:
    """Write what is stored of a person into a new file that only its owner can read. Raises
    FileExistsError."""
    from bot.app import open_units

    units = open_units(settings)
    languages = Languages(
        settings.timezone, settings.genjin_currency, settings.default_locale, settings.countries
    )
    contexts = ContextFactory(languages, SystemClock().now, COMPOSITION)
    with units() as uow:
        context = contexts.unasked(uow)
        found = _chosen(service.find_people(who, context), context.language)
        text = json.dumps(service.collect(found, context), ensure_ascii=False, indent=2)
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        uow.commit()
    typer.echo(str(to))


def _search_on(erasure_id: int, units: UnitOfWorkFactory, contexts: ContextFactory) -> Erasure:
    """Search everything, a few rows a transaction, as the process would; it may run beside it."""
    while True:
        with units() as uow:
            moved = service.go_on(uow.erasures.get(erasure_id), contexts.unasked(uow))
            uow.commit()
        if moved.state is ErasureState.DONE:
            return moved


def _chosen(found: FoundPeople, language: Language) -> FoundPeople:
    """Ask which of several is meant: the numbers of leads, or of one colleague."""
    if found.is_clear:
        return found
    entries: list[FoundPeople] = [FoundPeople(colleagues=(one,)) for one in found.colleagues]
    labels = [language.text("erasure.colleague", name=one.name) for one in found.colleagues]
    for contact in found.contacts:
        entries.append(FoundPeople((contact,)))
        labels.append(contact.label)
    for number, label in enumerate(labels, 1):
        typer.echo(f"{number}  {label}")
    typed = typer.prompt(language.text("erasure.chosen"))
    numbers = [int(one) for one in typed.replace(",", " ").split() if one.isdecimal()]
    picked = [entries[one - 1] for one in dict.fromkeys(numbers) if 0 < one <= len(entries)]
    contacts = tuple(contact for one in picked for contact in one.contacts)
    colleagues = tuple(person for one in picked for person in one.colleagues)
    if not picked or len(colleagues) > 1 or (colleagues and contacts):
        sys.stderr.write(language.text("problem.erasure_one_person") + "\n")
        raise typer.Exit(1)
    return FoundPeople(contacts, colleagues, found.forms)


def _print_preview(
    found: FoundPeople, erasure: Erasure, seen: ErasurePreview, context: Context
) -> None:
    """Show in a terminal what the card shows in chat."""
    card = preview_card(erasure, seen, found, context)
    for fact in card.facts:
        typer.echo(f"{fact.label}: {fact.value}")
    for section in card.sections:
        typer.echo(f"\n{section.heading}")
        for line in section.lines:
            typer.echo(f"- {line}")
    typer.echo(f"\n{card.footnote}")


def _print_count(count: Mapping[str, int], language: Language) -> None:
    for name, n in sorted(count.items()):
        typer.echo(language.text("erasure.line", where=language.text(f"erasure.in_{name}"), n=n))
