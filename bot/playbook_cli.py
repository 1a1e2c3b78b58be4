"""``genjin playbook``: show, check, try, apply, history, restore."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from bot.terminal import contexts_of, settings_or_exit
from handlers.core.context import Context
from handlers.playbook.actions import LONGEST_WHY, store
from handlers.playbook.cards import difference_lines
from handlers.playbook.dry_run import acts_sections, trial, trial_card, trial_lines
from handlers.playbook.paths import unknown_lines
from sales.people import SYSTEM
from sales.playbook import Playbook

app = typer.Typer(name="playbook", help="The rules of the process, as YAML.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]


@app.command()
def show(version: Annotated[int, typer.Option(help="An older version.")] = 0) -> None:
    """Print the playbook in force, or an older version of it."""
    # Imported here, as in _read: the process itself reads no YAML.
    from bot.playbook_file import write_playbook

    with _context(read_only=True) as context:
        playbook = context.uow.playbooks.version(version) if version else context.playbook
    if playbook is None:
        typer.echo(f"There is no version {version}.", err=True)
        raise typer.Exit(1)
    typer.echo(write_playbook(playbook), nl=False)


@app.command()
def check(file: File) -> None:
    """Say whether a file is a playbook; name the line of every mistake, and everybody who is named
    and not there."""
    playbook = _read(file)
    typer.echo(f"{file} is a playbook.")
    with _context(read_only=True) as context:
        _warn(playbook, context)


@app.command(name="try")
def try_(
    file: File,
    days: Annotated[int, typer.Option(min=1, max=366, help="How far to look back.")] = 30,
) -> None:
    """Say how a file differs, and what it would have done with the leads of the last days."""
    playbook = _read(file)
    with _context(read_only=True) as context:
        for line in difference_lines(context.playbook, playbook, context):
            typer.echo(line)
        typer.echo("")
        result = trial(playbook, days, context)
        acts = acts_sections(playbook, result.since, context)
        for line in trial_lines(trial_card(result, acts, context)):
            typer.echo(line)


@app.command()
def apply(file: File, why: Annotated[str, typer.Option(help="For the history.")] = "") -> None:
    """Put a file in force; what was before stays in the history."""
    typer.echo(f"Version {_store(_read(file), why)} is in force.")


@app.command()
def history() -> None:
    """List the versions, the newest first."""
    with _context(read_only=True) as context:
        for version in context.uow.playbooks.versions():
            at = f"{version.stored_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            typer.echo(f"{version.number:>4}  {at}  {version.by}  {version.why}".rstrip())


@app.command()
def restore(version: int) -> None:
    """Put an older version in force again, as a new one."""
    with _context(read_only=True) as context:
        playbook = context.uow.playbooks.version(version)
    if playbook is None:
        typer.echo(f"There is no version {version}; see: genjin playbook history", err=True)
        raise typer.Exit(1)
    typer.echo(f"Version {_store(playbook, '')} is in force, with what version {version} says.")


def _read(file: Path) -> Playbook:
    from bot.playbook_file import BadPlaybook, read_playbook

    try:
        return read_playbook(file.read_text(encoding="utf-8"))
    except BadPlaybook as error:
        for mistake in error.mistakes:
            typer.echo(f"{file}: {mistake}", err=True)
    except UnicodeDecodeError:
        typer.echo(f"{file}: the file must be UTF-8 text", err=True)
    raise typer.Exit(1)


def _store(playbook: Playbook, why: str) -> int:
    """Store the playbook; prints what differs, too."""
    with _context() as context:
        for line in difference_lines(context.playbook, playbook, context):
            typer.echo(line)
        _warn(playbook, context)
        number = store(playbook, SYSTEM, why[:LONGEST_WHY], context)
        context.uow.commit()
    return number


def _warn(playbook: Playbook, context: Context) -> None:
    """Warn about names that match nobody: people may join later, so the file is not refused."""
    for line in unknown_lines(playbook, context):
        typer.echo(line, err=True)


@contextmanager
def _context(*, read_only: bool = False) -> Iterator[Context]:
    """The company as it is now, in the language of the settings."""
    # Imported here: `genjin version` should not wait for the SDKs.
    from bot.app import open_units

    settings = settings_or_exit()
    with open_units(settings)(read_only=read_only) as uow:
        yield contexts_of(settings).unasked(uow)
