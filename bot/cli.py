"""The ``genjin`` command: run, setup, doctor, migrate, backup, audit, erase and others."""

import asyncio
import contextlib
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from bot import VERSION, playbook_cli
from bot.audit import cli as audit_cli
from bot.backups import cli as backup_cli
from bot.terminal import fail, settings_or_exit
from handlers.core.language import Languages
from sales.erasure import ErasureReason
from storage.database.private_files import create_privately

app = typer.Typer(
    name="genjin",
    help="Genjin (跟进): a sales team's follow-ups in Slack, DingTalk and a local web chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(playbook_cli.app)
app.add_typer(backup_cli.app)
app.add_typer(audit_cli.app)


@app.command()
def run() -> None:
    """Start the bot. With no settings at all it serves a local web chat with a sample team."""
    settings = settings_or_exit()
    # Imported here: `genjin version` and a settings error should not wait for the SDKs.
    from bot.log import configure_logging
    from bot.run import run_process

    configure_logging()
    sys.exit(run_process(settings))


@app.command()
def setup(
    answers: Annotated[
        Path | None, typer.Option(help="A YAML file of answers; without it, you are asked.")
    ] = None,
    offline: Annotated[bool, typer.Option(help="Check no credentials; look nobody up.")] = False,
    preview: Annotated[
        bool, typer.Option(help="With --answers: show what importing people would change.")
    ] = False,
) -> None:
    """Set up a company: language, hours, teams, platforms, admin, people. May be repeated."""
    from bot.log import configure_logging
    from bot.setup.cli import run_setup

    configure_logging(level=50)
    sys.exit(run_setup(Path(".env"), answers, offline=offline, preview=preview))


@app.command()
def people(
    department: Annotated[str, typer.Option(help="A department of DingTalk: name or id.")] = "",
    slack_group: Annotated[str, typer.Option(help="A user group of Slack.")] = "",
    team: Annotated[str, typer.Option(help="Their team; by default named like the group.")] = "",
    manager: Annotated[
        list[str] | None, typer.Option(help="Who of them is a manager; may be repeated.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Compare a department or user group with the people here; import it after showing what
    changes."""
    settings = settings_or_exit()
    from bot.setup.answers import PeopleSource
    from bot.setup.people_sync import sync_people

    if bool(department) == bool(slack_group):
        fail("people_sync.which", command="genjin people --department NAME")
    source = PeopleSource(
        dingtalk_department=department,
        slack_group=slack_group,
        team=team,
        managers=tuple(manager or ()),
    )
    sys.exit(sync_people(settings, source, yes=yes))


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
def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; say what an upgrade would meet.")
    ] = False,
) -> None:
    """Bring the database to this version's schema; `run` does it by itself."""
    settings = settings_or_exit()
    from bot.app import bring_up_alone, open_storage
    from storage.database.schema import head, is_served, lets_run, revision_of

    storage = open_storage(settings)
    database = storage.database
    database.create()
    before = revision_of(database)
    if not check:
        bring_up_alone(storage)
    after = max(before, head())
    typer.echo(f"{database.dialect}: {before or 'empty'} → {after}")
    if is_served(database) and before == after:
        typer.echo("This version runs on it as it is.")
    elif before and lets_run(before):
        typer.echo("Replicas of the version before may go on running.")
    elif before:
        typer.echo("Replicas of the version before have to end first.")
    database.dispose()


@app.command()
def undelivered(
    replay: Annotated[int, typer.Option(help="Send the message with this number again.")] = 0,
) -> None:
    """List messages that were not, or not certainly, delivered; send one again."""
    settings = settings_or_exit()
    from bot.app import open_storage
    from bot.clock import SystemClock
    from storage.outbox.dead_letters import DeadLetters

    letters = DeadLetters(open_storage(settings).database)
    if replay:
        sent = letters.replay(replay, SystemClock().now())
        typer.echo(f"{replay}: {'waiting to be sent again' if sent else 'nothing to send'}")
        sys.exit(0 if sent else 1)
    for letter in letters.listed(limit=100):
        when = f"{letter.created_at:%Y-%m-%d %H:%M}"
        typer.echo(f"{letter.id}  {when}  {letter.state}  {letter.kind}  {letter.problem}")


@app.command()
def web_link() -> None:
    """Print the link that opens the web chat of a process with the same settings."""
    settings = settings_or_exit()
    from bot.run import web_chat_link
    from bot.server import address_at

    if not settings.has_web_chat:
        typer.echo("The web chat is off. Switch it on with GENJIN_WEB_CHAT=on.", err=True)
        raise typer.Exit(1)
    typer.echo(web_chat_link(settings, address_at(settings.web_host, settings.web_port)))


@app.command()
def admin() -> None:
    """Print a one-time code: the person who sends it to the bot within the hour becomes an
    admin."""
    settings = settings_or_exit()
    from bot import first_admin
    from bot.app import open_units
    from bot.clock import SystemClock

    languages = Languages(settings.timezone, default=settings.default_locale)
    with open_units(settings)() as uow:
        code = first_admin.code_for_anybody(uow, SystemClock().now())
        uow.commit()
    typer.echo(first_admin.words(code, languages(), first=False))


@app.command()
def reseal() -> None:
    """Seal what is stored with the newest of the secret keys, after a new one was put in front."""
    settings = settings_or_exit()
    from bot.app import open_units
    from bot.clock import SystemClock
    from storage.audit.seals import ChainBroken, seal_entries, sign_head_again
    from storage.database.keys import retire
    from storage.database.reseal import reseal as reseal_all

    units = open_units(settings)
    done = reseal_all(units.database, units.fields)
    typer.echo(f"{done.changed} values sealed anew")
    # Entries that are not sealed yet carry marks made with the other keys.
    with contextlib.suppress(ChainBroken):
        seal_entries(units.database, SystemClock().now(), tries=100)
    if not sign_head_again(units.database):
        typer.echo("The audit log is broken, see: genjin audit verify", err=True)
        raise typer.Exit(1)
    if done.unreadable:
        typer.echo(f"{done.unreadable} values cannot be opened and stay as they are", err=True)
        raise typer.Exit(1)
    retire(units.database, units.fields.newest, SystemClock().now())
    typer.echo("The other keys may be taken away now; restart after that.")
    typer.echo("Backups of before still need them: keep a copy for as long as you keep those.")


@app.command()
def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
) -> None:
    """Delete what is older than the playbook keeps it, as `run` does daily."""
    settings = settings_or_exit()
    from bot.app import open_units
    from bot.clock import SystemClock
    from storage.database.retention import count_old, purge_old

    units = open_units(settings)
    with units(read_only=True) as uow:
        keep = uow.playbooks.current().retention
    counts = (count_old if dry_run else purge_old)(units.database, keep, SystemClock().now())
    for name, rows in counts.items():
        typer.echo(f"{name:<20}{rows:>10}")


@app.command()
def retention() -> None:
    """List what is kept how long, as the admins see it in chat, and how much is due to go."""
    settings = settings_or_exit()
    from bot.app import open_units
    from bot.clock import SystemClock
    from bot.retention import retention_lines
    from storage.database.retention import count_old

    units = open_units(settings)
    language = Languages(settings.timezone, default=settings.default_locale)()
    with units(read_only=True) as uow:
        keep = uow.playbooks.current().retention
    typer.echo("\n".join(retention_lines(keep, language)))
    due = sum(count_old(units.database, keep, SystemClock().now()).values())
    typer.echo(language.text("retention.overdue", n=due))


@app.command()
def erase(
    who: Annotated[str, typer.Argument(help="A phone, an e-mail, a lead's number or a full name.")],
    reason: Annotated[ErasureReason, typer.Option(help="Why.")] = ErasureReason.REQUESTED,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a customer's contact or a former colleague on request, after showing what and where."""
    settings = settings_or_exit()
    from bot.erasure.cli import erase_from_terminal

    erase_from_terminal(settings, who, reason, dry_run=dry_run, yes=yes)


@app.command()
def person(
    who: Annotated[str, typer.Argument(help="A phone, an e-mail, a lead's number or a full name.")],
    to: Annotated[Path, typer.Option(help="A new file.")],
) -> None:
    """Write what is stored of a person, to be given to them on request."""
    settings = settings_or_exit()
    from bot.erasure.cli import write_person

    try:
        write_person(settings, who, to)
    except OSError as error:
        there = isinstance(error, FileExistsError) and not to.is_dir()
        key = "erasure.file_is_there" if there else "erasure.file_not_written"
        fail(key, path=to, example="--to person.json")


@app.command()
def version(
    short: Annotated[bool, typer.Option(help="Only the number.")] = False,
) -> None:
    """Print the version."""
    typer.echo(VERSION if short else f"Genjin {VERSION} (Python {sys.version.split()[0]})")


def main() -> None:
    """Run a command; failures for lack of the database or keys are explained in words."""
    from bot.log import configure_logging

    create_privately()
    # Commands say themselves what became of what; `run` begins to log.
    configure_logging(level=50)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks ✓ or 跟 shows a question mark; that is no reason to fail.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except Exception as error:
        # Imported only now, as above.
        from sales.erasure import ErasureNotFound, ErasureSubjectNotFound, StillActive
        from sales.errors import KeysUnavailable, LeadNotFound, StorageUnavailable
        from storage.backups.scratch import BackupUnderWay
        from storage.database.process_lock import DatabaseInUse
        from storage.database.schema import SchemaNewer, SchemaOlder, SearchMissing
        from storage.database.troubles import trouble_of

        match error:
            case DatabaseInUse():
                fail("health.database_in_use", **error.params)
            case BackupUnderWay():
                fail("backup.under_way")
            case KeysUnavailable():
                fail(f"error.{error.key}", **error.params)
            case ErasureNotFound() | ErasureSubjectNotFound() | StillActive() | LeadNotFound():
                fail(f"error.{error.key}", **error.params)
            case StorageUnavailable():
                fail(f"health.database_{trouble_of(error.__cause__) or 'unreachable'}")
            case SchemaNewer():
                fail("stop.newer_schema", revision=error.revision)
            case SearchMissing():
                fail("stop.no_search")
            case SchemaOlder():
                fail("stop.older_schema", revision=error.revision, build=error.build)
        raise
