"""What all commands print alike: which settings are wrong, why a command failed, long lists."""

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, NoReturn

import typer

from bot.settings import Settings, SettingsError, read_settings
from handlers.core.language import Languages

if TYPE_CHECKING:
    from handlers.core.context import ContextFactory

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


def contexts_of(settings: Settings) -> "ContextFactory":
    """What a command works with beside the process: the company in the settings' language."""
    # Imported here: `genjin version` should not wait for the handlers.
    from bot.clock import SystemClock
    from handlers.composition import COMPOSITION
    from handlers.core.context import ContextFactory

    languages = Languages(
        settings.timezone, settings.genjin_currency, settings.default_locale, settings.countries
    )
    return ContextFactory(languages, SystemClock().now, COMPOSITION)


def fail(key: str, **params: object) -> NoReturn:
    """Print in the settings' language why a command cannot go on, and exit with status 1."""
    settings = read_settings()
    language = Languages(settings.timezone, default=settings.default_locale)()
    problem = language.text(key, **params)
    if language.has(f"{key}.advice"):
        problem += " " + language.text(f"{key}.advice")
    sys.stderr.write(f"genjin: {language.text('cli.failed', problem=problem)}\n")
    sys.exit(1)


def print_paged(lines: Iterable[str]) -> None:
    """Print lines as they come: through a pager at a terminal when they do not fit on it."""
    rest = iter(lines)
    if not sys.stdout.isatty():
        _print_all(rest, sys.stdout)
        return
    first = list(islice(rest, shutil.get_terminal_size().lines - 2))
    pager = shlex.split(os.environ.get("PAGER", "")) or ["less"]
    following = next(rest, None)
    if following is None or shutil.which(pager[0]) is None:
        _print_all(chain(first, [] if following is None else [following], rest), sys.stdout)
        return
    environment = {"LESS": "FRX", "LESSCHARSET": "utf-8"} | os.environ
    with (
        contextlib.suppress(BrokenPipeError),  # also while what is left is flushed
        subprocess.Popen(  # noqa: S603 - the user's own pager
            pager, stdin=subprocess.PIPE, env=environment, encoding="utf-8"
        ) as running,
    ):
        if running.stdin is not None:
            _print_all(chain(first, [following], rest), running.stdin)


def _print_all(lines: Iterable[str], to: IO[str]) -> None:
    """Write lines until nobody reads them any more, as with ``| head``."""
    try:
        for line in lines:
            to.write(f"{line}\n")
        to.flush()
    except BrokenPipeError:
        if to is sys.stdout:
            # Python itself would flush once more at its end, and complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
