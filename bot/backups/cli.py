"""``genjin backup``: now, list, verify, restore."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from sqlalchemy.engine import URL

from bot.backups.restoring import gather_ledger, moving, renaming, repeat_erasures
from bot.settings import Settings
from bot.terminal import settings_or_exit
from handlers.core.language import Language, Languages
from storage.backup_runs import BackupRuns
from storage.backups.manifests import Manifest
from storage.backups.repository import (
    BackupRepository,
    ListedBackup,
    NothingToRestore,
    Step,
    silent,
)
from storage.backups.server_backups import write_archive
from storage.backups.service import (
    EXPECTED,
    BackupOutcome,
    back_up,
    problem_of,
    restore_beside,
    restore_server,
    restore_to,
)
from storage.backups.service import verify as verify_all
from storage.erasure.ledger import ledger_path

if TYPE_CHECKING:
    from rich.progress import TaskID

    from bot.app import Storage

app = typer.Typer(
    name="backup",
    help="Encrypted backups, each proved by restoring it.",
    no_args_is_help=True,
)
Place = Annotated[str, typer.Option("--from", help="Only this place, if there are several.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]


@app.command()
def now(
    full: Annotated[
        bool, typer.Option("--full", help="Store everything, not only changes.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Back up the database to every place, and verify each backup by restoring it."""
    from bot.backups.places import open_repositories, prove_keys
    from bot.clock import SystemClock

    settings, language = _settings()
    if not settings.backup_places:
        _stop(language.text("backup.off", setting="GENJIN_BACKUP_TO", off="off"))
    storage = _open(settings)
    prove_keys(storage)
    places = open_repositories(settings, storage)
    with _progress(language, quiet=quiet) as step:
        outcomes = back_up(
            storage.database,
            places,
            settings.genjin_data_dir,
            SystemClock().now,
            full=full,
            step=step,
        )
    if all(outcome.proof for outcome in outcomes):
        today = SystemClock().now().astimezone(settings.timezone).date()
        BackupRuns(storage.database).verified(today, SystemClock().now())
    _say(outcomes, language)


@app.command(name="list")
def list_(place: Place = "") -> None:
    """List the backups in every place, oldest first."""
    settings, language = _settings()
    for repository in _places(settings, place, language):
        typer.echo(repository.where)
        listed = repository.backups()
        for one in listed:
            typer.echo("  " + "  ".join(_row(one, language)))
        if not listed:
            typer.echo("  " + language.text("backup.none", command="genjin backup now"))


@app.command()
def verify(
    backup_id: Annotated[str, typer.Argument(help="The newest, unless an id is given.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    place: Place = "",
    quiet: Quiet = False,
) -> None:
    """Restore backups to a scratch directory and compare everything in them."""
    from bot.clock import SystemClock

    settings, language = _settings()
    outcomes: list[BackupOutcome] = []
    database = _open(settings).database
    with _progress(language, quiet=quiet) as step:
        for repository in _places(settings, place, language):
            listed = repository.backups() if every else []
            outcomes += [
                BackupOutcome(repository.where, None, problem="unreadable", reason=one.id)
                for one in listed
                if one.manifest is None
            ]
            chosen = [one.manifest for one in listed if one.manifest] or [
                _find(repository, language, None, backup_id)
            ]
            data_dir = settings.genjin_data_dir
            outcomes += verify_all(
                database, repository, chosen, data_dir, SystemClock().now, step=step
            )
    _say(outcomes, language)


@app.command()
def restore(
    at: Annotated[
        str, typer.Option(help="The newest not after 2026-11-27 or 2026-11-27T14:00.")
    ] = "",
    to: Annotated[Path | None, typer.Option(help="Another directory than the data's.")] = None,
    backup_id: Annotated[str, typer.Option("--id", help="This backup.")] = "",
    place: Place = "",
    quiet: Quiet = False,
) -> None:
    """Restore a backup as the database, keeping a copy of what is there. Stop the bot first."""
    from bot.clock import SystemClock
    from storage.database.engine import open_database
    from storage.database.process_lock import ProcessLock

    settings, language = _settings()
    storage = _open(settings)
    path, moment = storage.database.path, _moment(at, language)
    places = _places(settings, place, language)
    repository, manifest = _newest(places, language, moment, backup_id)
    lines = gather_ledger(settings, storage.database, places)
    typer.echo(language.text("backup.restoring", id=manifest.id, where=repository.where))
    if manifest.dialect == "postgresql":
        _restore_postgresql(settings, repository, manifest, to, lines, quiet=quiet)
        return
    name = path.name if path else "genjin.db"
    target = to.absolute() / name if to else Path(path or name).absolute()
    there = open_database(f"sqlite:///{target}", target.parent)
    with ProcessLock(there), _progress(language, quiet=quiet) as step:
        try:
            kept = restore_to(
                repository, manifest, target, SystemClock().now(), former=path, step=step
            )
        except EXPECTED as error:
            _stop(_problem(error, language))
    typer.echo(
        language.text("backup.restored", at=_local(manifest.taken_at, language), path=target)
    )
    if kept:
        typer.echo(language.text("backup.kept", path=kept))
    ledger = ledger_path(to.absolute() if to else settings.genjin_data_dir, target)
    _say_erased(repeat_erasures(settings, f"sqlite:///{target}", ledger, lines), lines, language)


def _restore_postgresql(
    settings: Settings,
    repository: BackupRepository,
    manifest: Manifest,
    to: Path | None,
    lines: Sequence[str],
    *,
    quiet: bool,
) -> None:
    """Restore a new database beside the present one; with ``to`` a server's directory, or the
    archive of a dump. Says what is left to do."""
    from bot.clock import SystemClock

    language, database = _settings()[1], _open(settings).database
    ledger = ledger_path(settings.genjin_data_dir, None)
    at, now = _local(manifest.taken_at, language), SystemClock().now()
    repeated: list[int | None] = []

    def repeat(there: URL) -> None:
        url = there.render_as_string(hide_password=False)
        repeated.append(repeat_erasures(settings, url, ledger, lines))

    target = (
        to.absolute() / ("pgdata" if manifest.kind != "dump" else f"{manifest.id}.dump")
        if to
        else None
    )
    if target and target.exists():
        _stop(language.text("backup.is_there", path=target))
    if to:
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _progress(language, quiet=quiet) as step:
        try:
            if target is None:
                there = restore_beside(
                    repository, manifest, database, settings.genjin_data_dir, now, step=step
                )
                repeat(there)
                text, path = "backup.restored_beside", there.database or ""
                commands = renaming(database.url, there, now)
            elif manifest.kind == "dump":
                write_archive(repository, manifest, target, step=step)
                text, path = "backup.archive", str(target)
                commands = [f"pg_restore --exit-on-error --no-owner --dbname=NEW {target}"]
            else:
                restore_server(repository, manifest, database, target, now, then=repeat, step=step)
                text, path, commands = "backup.restored_server", str(target), moving(target)
        except EXPECTED as error:
            _stop(_problem(error, language))
    if repeated:
        _say_erased(repeated[0], lines, language)
    typer.echo(language.text(text, at=at, path=path))
    for command in commands:
        typer.echo(f"  {command}")


def _problem(error: BaseException, language: Language) -> str:
    problem, reason = problem_of(error)
    return language.text(f"backup.problem_{problem}", reason=reason)


def _say_erased(repeated: int | None, lines: Sequence[str], language: Language) -> None:
    """Say what became of those who were erased since the backup."""
    if not lines:
        typer.echo(language.text("backup.no_ledger"))
    elif repeated is None:
        typer.echo(language.text("backup.erasures_later"))
    elif repeated:
        typer.echo(language.text("backup.erasures_repeated", n=repeated))


def _settings() -> tuple[Settings, Language]:
    settings = settings_or_exit()
    return settings, Languages(settings.timezone, default=settings.default_locale)()


def _open(settings: Settings) -> "Storage":
    # Imported here, as in every command: help should not wait for the SDKs.
    from bot.app import open_storage
    from bot.log import configure_logging

    configure_logging(level=50)
    return open_storage(settings)


def _places(settings: Settings, place: str, language: Language) -> list[BackupRepository]:
    """The places with backups, or the one that is asked for."""
    from bot.backups.places import open_repositories

    places = open_repositories(settings, _open(settings))
    if not places:
        _stop(language.text("backup.off", setting="GENJIN_BACKUP_TO", off="off"))
    chosen = [one for one in places if place in ("", one.where)]
    if not chosen:
        names = language.listing([one.where for one in places])
        _stop(language.text("backup.no_such_place", names=names))
    return chosen


def _newest(
    places: Sequence[BackupRepository],
    language: Language,
    at: datetime | None,
    backup_id: str,
) -> tuple[BackupRepository, Manifest]:
    """The backup to restore, from the first place that has the newest one."""
    found: list[tuple[BackupRepository, Manifest]] = []
    for place in places:
        try:
            found.append((place, place.find(at, backup_id)))
        except NothingToRestore:
            continue
        except EXPECTED as error:
            problem, reason = problem_of(error)
            typer.echo(language.text(f"backup.problem_{problem}", reason=reason), err=True)
    if not found:
        _stop(language.text("backup.nothing_found", command="genjin backup list"))
    return max(found, key=lambda pair: pair[1].taken_at)


def _find(
    repository: BackupRepository, language: Language, at: datetime | None, backup_id: str
) -> Manifest:
    return _newest([repository], language, at, backup_id)[1]


def _moment(text: str, language: Language) -> datetime | None:
    """Parse a moment in the company's timezone; a day alone means its end."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        _stop(language.text("backup.no_moment", given=text))
    if len(text.strip()) <= len("2026-11-27"):
        moment += timedelta(days=1, microseconds=-1)
    return moment if moment.tzinfo else moment.replace(tzinfo=language.timezone)


def _row(one: ListedBackup, language: Language) -> list[str]:
    """The columns of a listed backup: taken, id, size, kind, and when it was verified."""
    taken, manifest = _local(one.taken_at, language), one.manifest
    if manifest is None:
        problem = language.text(f"backup.listed_{one.problem}", key_id=one.key_id)
        return [taken, f"{one.id:<33}", f"{'—':>8}", problem]
    verified = language.text("backup.listed_unverified")
    if one.proof:
        at = _local(one.proof.verified_at, language)
        verified = language.text("backup.listed_verified", at=at)
    kind = language.text(f"backup.kind_{manifest.kind}")
    if why := manifest.notes.get("reason"):
        kind += f" ({language.text(f'backup.dump_{why}')})"
    return [taken, f"{one.id:<33}", f"{_size(manifest.stored):>8}", f"{kind}, {verified}"]


def _local(at: datetime, language: Language) -> str:
    return f"{at.astimezone(language.timezone):%Y-%m-%d %H:%M}"


def _say(outcomes: Iterable[BackupOutcome], language: Language) -> None:
    """Print what became of each backup; exit with status 1 if any failed."""
    failed = False
    for outcome in outcomes:
        if outcome.problem or outcome.manifest is None or outcome.proof is None:
            failed = True
            problem = language.text(f"backup.problem_{outcome.problem}", reason=outcome.reason)
            typer.echo(f"✗ {outcome.where}: {problem}", err=True)
            continue
        manifest = outcome.manifest
        text = language.text(
            "backup.done",
            kind=language.text(f"backup.kind_{manifest.kind}"),
            id=manifest.id,
            stored=_size(manifest.stored),
            size=_size(manifest.size),
            opened=outcome.proof.opened,
        )
        typer.echo(f"✓ {outcome.where}: {text}")
    if failed:
        raise typer.Exit(1)


def _stop(problem: str) -> NoReturn:
    typer.echo(f"genjin: {problem}", err=True)
    raise typer.Exit(1)


def _size(size: int) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000  # type: ignore[assignment]
    return f"{size:.3g} GB"


@contextmanager
def _progress(language: Language, *, quiet: bool) -> Iterator[Step]:
    """Show a bar for each step, where somebody looks."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def step(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(language.text(f"backup.step_{name}"), total=total)
            progress.update(tasks[name], completed=done, total=total)

        yield step
