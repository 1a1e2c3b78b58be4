"""The ``genjin`` command: run, doctor, migrate, version."""

import asyncio
import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from bot import VERSION, playbook_cli
from bot.settings import Settings, SettingsError, read_settings

app = typer.Typer(
    name="genjin",
    help="Genjin (跟进): a sales team's follow-ups in Slack, DingTalk and a local web chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(playbook_cli.app)
BAD_SETTINGS = 2
errors = Console(stderr=True)


def settings_or_exit() -> Settings:
    """The settings; names every one that is wrong and ends with status 2."""
    try:
        return read_settings()
    except SettingsError as error:
        table = Table(title="These settings need a look", title_justify="left")
        for column in ("setting", "problem", "example"):
            table.add_column(column, overflow="fold")
        for problem in error.problems:
            table.add_row(problem.name, problem.problem, problem.example)
        errors.print(table)
        raise typer.Exit(BAD_SETTINGS) from None


@app.command()
def run() -> None:
    """Start the bot. With no settings at all it serves a local web chat with a sample team."""
    settings = settings_or_exit()
    # Imported here: `genjin version` and a settings error should not wait for the SDKs.
    from bot.app import run_until_stopped
    from bot.log import configure_logging

    configure_logging()
    sys.exit(asyncio.run(run_until_stopped(settings)))


@app.command()
def doctor() -> None:
    """Check settings, database, tokens, channels, clock and fonts, and say what to do."""
    settings = settings_or_exit()
    from bot.doctor import examine, print_findings
    from bot.log import configure_logging

    configure_logging(level=50)
    findings = asyncio.run(examine(settings))
    print_findings(findings, settings)
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


@app.command()
def migrate() -> None:
    """Bring the database to this version's schema; `run` does it by itself."""
    settings = settings_or_exit()
    from bot.app import open_storage
    from storage.schema import head, migrate, revision_of

    database = open_storage(settings).database
    before = revision_of(database) or "empty"
    migrate(database)
    typer.echo(f"{database.dialect}: {before} → {head()}")
    database.dispose()


@app.command()
def undelivered(
    replay: Annotated[int, typer.Option(help="Send the message with this number again.")] = 0,
) -> None:
    """List messages that were not, or not surely, delivered; send one again."""
    settings = settings_or_exit()
    from bot.app import open_storage
    from bot.clock import SystemClock
    from storage.dead_letters import DeadLetters

    letters = DeadLetters(open_storage(settings).database)
    if replay:
        sent = letters.replay(replay, SystemClock().now())
        typer.echo(f"{replay}: {'waiting to be sent again' if sent else 'nothing to send'}")
        sys.exit(0 if sent else 1)
    for letter in letters.listed(limit=100):
        when = f"{letter.created_at:%Y-%m-%d %H:%M}"
        typer.echo(f"{letter.id}  {when}  {letter.state}  {letter.kind}  {letter.problem}")


@app.command()
def reseal() -> None:
    """Seal phones and e-mails with the newest of GENJIN_SECRET_KEYS, after keys changed."""
    settings = settings_or_exit()
    from bot.app import open_storage
    from storage.reseal import reseal as reseal_all

    storage = open_storage(settings)
    typer.echo(f"{reseal_all(storage.database, storage.fields)} values sealed anew")


@app.command()
def version(
    short: Annotated[bool, typer.Option(help="Only the number.")] = False,
) -> None:
    """Print the version."""
    typer.echo(VERSION if short else f"Genjin {VERSION} (Python {sys.version.split()[0]})")


def main() -> None:
    """The command; what keeps a database from answering is said in words, with status 1."""
    try:
        app()
    except Exception as error:
        # Imported only now, as above.
        from sales.errors import StorageUnavailable
        from storage.schema import SchemaNewer
        from storage.troubles import trouble_of

        if isinstance(error, StorageUnavailable):
            _fail(f"health.database_{trouble_of(error.__cause__) or 'unreachable'}")
        if isinstance(error, SchemaNewer):
            _fail("stop.newer_schema", revision=error.revision)
        raise


def _fail(key: str, **params: str) -> NoReturn:
    from handlers.language import Languages

    settings = read_settings()
    language = Languages(settings.timezone, default=settings.genjin_locale)()
    problem = language.text(key, **params)
    if language.has(f"{key}.advice"):
        problem += " " + language.text(f"{key}.advice")
    sys.stderr.write(f"genjin: {language.text('cli.failed', problem=problem)}\n")
    sys.exit(1)
