"""``genjin backup``: now, list, verify, restore."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.backups.problems import advice_text, dump_text, problem_text
from bot.backups.restore import Restorer, target_of
from bot.settings import Settings
from bot.terminal import settings_or_exit
from handlers.core.language import Language, Languages
from sales.errors import KeysUnavailable
from storage.backups.manifests import BackupOutcome, Manifest
from storage.backups.repository import BackupRepository, ListedBackup, NothingToRestore
from storage.backups.runs import BackupRuns
from storage.backups.scratch import BackupUnderWay
from storage.backups.service import EXPECTED, back_up, problem_of
from storage.backups.service import verify as verify_all
from storage.backups.streams import Step, silent
from storage.database.private_files import KEYS
from storage.database.process_lock import DatabaseInUse

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
    from bot.backups.destinations import open_repositories, prove_keys
    from bot.clock import SystemClock

    settings, language = _settings()
    if not settings.backup_places:
        _stop(language.text("backup.off", setting="GENJIN_BACKUP_TO", off="off"))
    storage = _open(settings)
    path = storage.database.path
    if path and not path.exists():
        _stop(language.text("backup.no_database", path=path, command="genjin run"))
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
    if all(outcome.proof and not outcome.problem for outcome in outcomes):
        today = SystemClock().now().astimezone(settings.timezone).date()
        BackupRuns(storage.database).verified(today, SystemClock().now())
    _say(outcomes, language)


@app.command(name="list")
def list_(place: Place = "") -> None:
    """List the backups in every place, oldest first. Ends with status 1 if one cannot be read."""
    settings, language = _settings()
    failed = False
    for repository in _places(settings, place, language):
        typer.echo(repository.where)
        try:
            listed = repository.backups()
        except EXPECTED as error:
            _complain(error, repository.where, language)
            failed = True
            continue
        for one in listed:
            typer.echo("  " + "  ".join(_row(one, language)))
        if not listed:
            typer.echo("  " + language.text("backup.none", command="genjin backup now"))
    if failed:
        raise typer.Exit(1)


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
            try:
                chosen, unread = _chosen(repository, backup_id, every=every)
            except NothingToRestore:
                command = "genjin backup list" if backup_id else "genjin backup now"
                key = "nothing_found" if backup_id else "none"
                typer.echo(
                    f"✗ {repository.where}: {language.text(f'backup.{key}', command=command)}",
                    err=True,
                )
                outcomes.append(BackupOutcome(repository.where))
                continue
            except EXPECTED as error:
                problem, reason = problem_of(error)
                outcomes.append(BackupOutcome(repository.where, problem=problem, reason=reason))
                continue
            outcomes += unread
            data_dir = settings.genjin_data_dir
            outcomes += verify_all(
                database, repository, chosen, data_dir, SystemClock().now, step=step
            )
    _say(outcomes, language)


@app.command()
def restore(
    at: Annotated[
        str,
        typer.Option(help="Not after: 2026-11-27, 'yesterday 18:00' or '昨天 18:00'."),
    ] = "",
    to: Annotated[Path | None, typer.Option(help="Another directory than the data's.")] = None,
    backup_id: Annotated[str, typer.Option("--id", help="This backup.")] = "",
    place: Place = "",
    quiet: Quiet = False,
) -> None:
    """Restore a backup as the database, keeping a copy of what is there. Stop the bot first."""
    settings, language = _settings()
    moment = _moment(at, settings, language)
    path = _open(settings).database.path
    if to and to.exists() and not to.is_dir():
        _stop(language.text("backup.not_a_directory", path=to, example="--to /tmp/look"))
    places = _places(settings, place, language)
    repository, manifest = _newest(places, language, moment, backup_id)
    target = target_of(manifest, to, path)
    if target and manifest.dialect == "postgresql" and target.exists():
        _stop(language.text("backup.is_there", path=target, example="--to /srv/pg2"))
    typer.echo(
        language.text(
            "backup.restoring",
            id=manifest.id,
            where=repository.where,
            at=_local(manifest.taken_at, language),
        )
    )
    here = str(to or path or settings.genjin_data_dir)
    with _progress(language, quiet=quiet) as step, _explained(repository.where, language, here):
        restorer = Restorer(settings, _open(settings).database, places, language, step)
        said = restorer.restore(repository, manifest, target)
    typer.echo(said)


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
    from bot.backups.destinations import keyring_of, open_stores, repositories

    stores = open_stores(settings)
    if not stores:
        _stop(language.text("backup.off", setting="GENJIN_BACKUP_TO", off="off"))
    chosen = [one for one in stores if not place or _is_named(one.where, place)]
    if not chosen:
        names = language.listing([one.where for one in stores])
        _stop(language.text("backup.no_such_place", names=names))
    try:
        return repositories(chosen, keyring_of(_open(settings)))
    except KeysUnavailable:
        for store in chosen:
            with _explained(store.where, language):
                if store.names():
                    file, setting = settings.genjin_data_dir / KEYS, "GENJIN_SECRET_KEYS=2026-11:…="
                    _stop(language.text("backup.no_keys", file=file, setting=setting))
        _stop(language.text("backup.none", command="genjin backup now"))


def _is_named(where: str, typed: str) -> bool:
    """Whether a place is meant, by a path of whatever form or by its beginning or end."""
    typed = typed.rstrip("/")
    return where in (typed, str(Path(typed).absolute())) or where.startswith(f"{typed}/")


def _chosen(
    repository: BackupRepository, backup_id: str, *, every: bool
) -> tuple[list[Manifest], list[BackupOutcome]]:
    """The backups to verify, and those that cannot even be read. Raises as ``find`` does."""
    if not every:
        return [repository.find(backup_id=backup_id)], []
    listed = repository.backups()
    if not listed:
        raise NothingToRestore("")
    unread = [
        BackupOutcome(repository.where, problem="unreadable", reason=one.id)
        for one in listed
        if one.manifest is None
    ]
    return [one.manifest for one in listed if one.manifest], unread


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
            _complain(error, place.where, language)
    if not found:
        _stop(language.text("backup.nothing_found", command="genjin backup list"))
    return max(found, key=lambda pair: pair[1].taken_at)


def _moment(text: str, settings: Settings, language: Language) -> datetime | None:
    from bot.backups.point_in_time import NotAMoment, parse_past
    from bot.clock import SystemClock
    from handlers.core.context import date_order

    if not text:
        return None
    present = SystemClock().now().astimezone(settings.timezone)
    try:
        return parse_past(text, present, date_order(settings.countries.home))
    except NotAMoment:
        _stop(language.text("backup.no_moment", given=text[:60]))


def _complain(error: BaseException, where: str, language: Language) -> None:
    """Print what is wrong in a place, and what to do about it."""
    problem, reason = problem_of(error)
    _complain_of(problem, reason, where, language)


def _complain_of(problem: str, reason: str, where: str, language: Language) -> None:
    typer.echo(f"✗ {where}: {problem_text(problem, reason, language)}", err=True)
    if advice := advice_text(problem, where, language):
        typer.echo(f"  {advice}", err=True)


@contextmanager
def _explained(where: str, language: Language, here: str = "") -> Iterator[None]:
    """Explain an expected failure, of a place or of the files ``here``; exit with status 1."""
    try:
        yield
    except (BackupUnderWay, DatabaseInUse):
        raise
    except EXPECTED as error:
        _complain(error, (here if isinstance(error, OSError) else "") or where, language)
        raise typer.Exit(1) from None


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
        kind += f" ({dump_text(why, language)})"
    return [taken, f"{one.id:<33}", f"{_size(manifest.stored):>8}", f"{kind} · {verified}"]


def _local(at: datetime, language: Language) -> str:
    return f"{at.astimezone(language.timezone):%Y-%m-%d %H:%M}"


def _say(outcomes: Iterable[BackupOutcome], language: Language) -> None:
    """Print what became of each backup; exit with status 1 if any failed."""
    failed = False
    for outcome in outcomes:
        if outcome.problem:
            _complain_of(outcome.problem, outcome.reason, outcome.where, language)
        if outcome.problem or outcome.manifest is None or outcome.proof is None:
            failed = True
        if outcome.manifest is None or outcome.proof is None:
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
        if head := manifest.contents.chain.partition(":")[2]:
            typer.echo("  " + language.text("backup.audit_head", head=head))
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
