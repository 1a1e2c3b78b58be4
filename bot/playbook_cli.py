"""``genjin playbook``: show, check, apply, history, restore."""

from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from bot.playbook_file import BadPlaybook, read_playbook, write_playbook
from bot.settings import Settings
from sales.people import SYSTEM
from sales.playbook import Playbook

app = typer.Typer(name="playbook", help="The rules of the process, as YAML.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]


@app.command()
def show(version: Annotated[int, typer.Option(help="An older version.")] = 0) -> None:
    """Print the playbook in force, or an older version of it."""
    from bot.app import open_units

    with open_units(_settings())(read_only=True) as uow:
        playbook = uow.playbooks.version(version) if version else uow.playbooks.current()
    if playbook is None:
        typer.echo(f"There is no version {version}.", err=True)
        raise typer.Exit(1)
    typer.echo(write_playbook(playbook), nl=False)


@app.command()
def check(file: File) -> None:
    """Say whether a file is a playbook; name the line of every mistake."""
    _read(file)
    typer.echo(f"{file} is a playbook.")


@app.command()
def apply(file: File) -> None:
    """Put a file in force; what was before stays in the history."""
    typer.echo(f"Version {_store(_read(file))} is in force.")


@app.command()
def history() -> None:
    """List the versions, the newest first."""
    from bot.app import open_units

    with open_units(_settings())(read_only=True) as uow:
        for one in uow.playbooks.versions():
            at = f"{one.stored_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            typer.echo(f"{one.number:>4}  {at}  {one.by}  {one.why}".rstrip())


@app.command()
def restore(version: int) -> None:
    """Put an older version in force again, as a new one."""
    from bot.app import open_units

    with open_units(_settings())(read_only=True) as uow:
        playbook = uow.playbooks.version(version)
    if playbook is None:
        typer.echo(f"There is no version {version}; see: genjin playbook history", err=True)
        raise typer.Exit(1)
    typer.echo(f"Version {_store(playbook)} is in force, with what version {version} says.")


def _settings() -> Settings:
    from bot.cli import settings_or_exit

    return settings_or_exit()


def _read(file: Path) -> Playbook:
    try:
        return read_playbook(file.read_text(encoding="utf-8"))
    except BadPlaybook as error:
        for mistake in error.mistakes:
            typer.echo(f"{file}: {mistake}", err=True)
    except UnicodeDecodeError:
        typer.echo(f"{file}: the file must be UTF-8 text", err=True)
    raise typer.Exit(1)


def _store(playbook: Playbook) -> int:
    from bot.app import open_units
    from bot.clock import SystemClock

    with open_units(_settings())() as uow:
        now = SystemClock().now()
        number = uow.playbooks.store(playbook, SYSTEM, now)
        uow.audit.record(SYSTEM, "playbook.apply", f"playbook:{number}", {})
        uow.commit()
    return number
