"""Messages that all commands print alike: which settings are wrong, and why a command failed."""

import sys
from typing import NoReturn

import typer

from bot.settings import Settings, SettingsError, read_settings
from handlers.core.language import Languages

BAD_SETTINGS = 2


def settings_or_exit() -> Settings:
    """The settings; if any are wrong, prints all of them and exits with status 2."""
    try:
        return read_settings()
    except SettingsError as error:
        refuse_settings(error)


def refuse_settings(error: SettingsError) -> NoReturn:
    """Print all settings that are wrong, and exit with status 2."""
    # Imported here, as everywhere: a process that starts draws no table.
    from rich.console import Console
    from rich.table import Table

    table = Table(title="These settings need a look", title_justify="left")
    for column in ("setting", "problem", "example"):
        table.add_column(column, overflow="fold")
    for problem in error.problems:
        table.add_row(problem.name, problem.problem, problem.example)
    Console(stderr=True).print(table)
    raise typer.Exit(BAD_SETTINGS) from None


def fail(key: str, **params: object) -> NoReturn:
    """Print in the settings' language why a command cannot go on, and exit with status 1."""
    settings = read_settings()
    language = Languages(settings.timezone, default=settings.default_locale)()
    problem = language.text(key, **params)
    if language.has(f"{key}.advice"):
        problem += " " + language.text(f"{key}.advice")
    sys.stderr.write(f"genjin: {language.text('cli.failed', problem=problem)}\n")
    sys.exit(1)
