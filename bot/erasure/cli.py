"""``genjin erase`` and ``genjin person``: what they find, remove and write is in
``handlers.erasure``.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import typer

from bot.erasure.ledger import LedgerKeeper, ledger_of
from bot.settings import Settings
from bot.terminal import contexts_of
from handlers.core.context import Context, ContextFactory
from handlers.core.language import Language
from handlers.erasure import service
from handlers.erasure.cards import preview_card
from handlers.erasure.service import FoundPeople
from sales.erasure import (
    Erasure,
    ErasurePreview,
    ErasureReason,
    ErasureState,
    ErasureSubjectNotFound,
)
from storage.unit_of_work import UnitOfWorkFactory


def erase_from_terminal(
    settings: Settings, who: str, reason: ErasureReason, *, dry_run: bool, yes: bool
) -> None:
    """Find, preview and erase a person; asks before it erases. Exits with status 1 when it does
    not."""
    from bot.app import open_units

    units = open_units(settings)
    contexts = contexts_of(settings)
    language = contexts.languages()
    with units() as uow:
        context = contexts.unasked(uow)
        found = _chosen(service.find_people(who, context), context.language)
        erasure, seen = service.preview(found, reason, context, everywhere=True)
        _print_preview(found, erasure, seen, context)
        if dry_run:
            return
        uow.commit()
    if not yes and not typer.confirm(language.text("erasure.confirm_title")):
        with units() as uow:
            uow.erasures.forget(uow.erasures.get(erasure.id))
            uow.commit()
        typer.echo(language.text("erasure.dropped"))
        raise typer.Exit(1)
    with units() as uow:
        service.carry_out(uow.erasures.get(erasure.id), contexts.unasked(uow))
        uow.commit()
    keeper = LedgerKeeper(ledger_of(settings, units.database), units.fields)
    keeper.write(units)
    done = search_on(erasure.id, units, contexts)
    keeper.write(units)
    _print_count(dict(done.tally), language)
    typer.echo(language.text("erasure.done_title"))
    typer.echo(f"{language.text('erasure.entry')}: {done.entry}")


def write_person(settings: Settings, who: str, to: Path) -> None:
    """Write what is stored of a person into a new file that only its owner can read. Raises
    OSError, and ErasureSubjectNotFound when nothing is stored."""
    from bot.app import open_units

    units = open_units(settings)
    with units() as uow:
        context = contexts_of(settings).unasked(uow)
        found = _chosen(service.find_people(who, context), context.language)
        collected = service.collect(found, context)
        if not (found.contacts or found.colleagues or collected["visits"] or collected["texts"]):
            # A file of what was asked for alone would look as if that was stored.
            raise ErasureSubjectNotFound
        text = json.dumps(collected, ensure_ascii=False, indent=2)
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        uow.commit()
    typer.echo(str(to))


def search_on(erasure_id: int, units: UnitOfWorkFactory, contexts: ContextFactory) -> Erasure:
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
