"""What follows a restore: the ledger of erasures, and what is left to do on PostgreSQL.

The ledger outlives every restore (decision 38). It is gathered from the live data directory and
from the newest backup of every place, so that a new machine has it too; whoever is in it is erased
again at once, and not only when the bot starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from pydantic import SecretStr
from sqlalchemy.engine import URL

from bot.clock import SystemClock
from bot.erasure.cli import search_on
from bot.erasure.ledger import LedgerKeeper, ledger_of
from bot.settings import Settings
from bot.terminal import contexts_of
from handlers.core.language import Language
from sales.erasure import ErasureState
from sales.errors import StorageUnavailable
from storage.backups.manifests import Manifest
from storage.backups.repository import BackupRepository
from storage.backups.service import EXPECTED, restore_beside, restore_server, restore_to
from storage.backups.streams import Step
from storage.database.engine import Database, open_database
from storage.database.process_lock import ProcessLock
from storage.erasure.ledger import add_missing, ledger_path, read_ledger

log = structlog.get_logger(__name__)
_RECENT = 1000


def gather_ledger(
    settings: Settings, database: Database, places: Sequence[BackupRepository]
) -> list[str]:
    """Collect the lines of every copy of the ledger that can be read."""
    lines: list[str] = []
    try:
        lines += read_ledger(ledger_of(settings, database))
    except OSError as error:
        log.warning("erasure.ledger_unreadable", problem=error.strerror)
    for place in places:
        try:
            lines += place.newest_ledger()
        except EXPECTED as error:
            log.warning("erasure.ledger_unreadable", where=place.where, problem=str(error))
    return list(dict.fromkeys(lines))


def repeat_erasures(
    settings: Settings, database_url: str, ledger: Path, lines: Sequence[str]
) -> int | None:
    """Put a gathered ledger beside a restored database, and erase again whoever is in it.

    Returns how many were; None when it has to wait for the next start. Migrates the database.
    Raises OSError when the ledger cannot be written.
    """
    from bot.app import open_units

    add_missing(ledger, lines)
    if not lines:
        return 0
    there = settings.model_copy(update={"database_url": SecretStr(database_url)})
    contexts = contexts_of(settings)
    try:
        units = open_units(there)
        try:
            with units() as uow:
                repeated = LedgerKeeper(ledger, units.fields).repeat(contexts.unasked(uow))
                uow.commit()
            with units(read_only=True) as uow:
                begun = [
                    one.id
                    for one in uow.erasures.latest(_RECENT)
                    if one.state is ErasureState.RUNNING
                ]
            for erasure_id in begun:
                search_on(erasure_id, units, contexts)
        finally:
            units.database.dispose()
    except (StorageUnavailable, *EXPECTED) as error:
        log.exception("erasure.not_repeated", problem=type(error).__name__)
        return None
    return repeated


def target_of(manifest: Manifest, to: Path | None, database: Path | None) -> Path | None:
    """Where a backup is restored to; None: as a new database of the present server."""
    if manifest.dialect == "postgresql":
        name = f"{manifest.id}.dump" if manifest.kind == "dump" else "pgdata"
        return to.absolute() / name if to else None
    if to:
        return to.absolute() / (database.name if database else "genjin.db")
    return (database or Path("genjin.db")).absolute()


@dataclass(frozen=True, slots=True)
class Restorer:
    """Restores backups of a deployment, and says what became of it and what is left to do."""

    settings: Settings
    database: Database
    places: Sequence[BackupRepository]
    language: Language
    step: Step

    def restore(self, repository: BackupRepository, manifest: Manifest, target: Path | None) -> str:
        """Restore a backup to ``target_of`` it; returns what to say. Raises what is EXPECTED."""
        lines = gather_ledger(self.settings, self.database, self.places)
        if manifest.dialect == "sqlite":
            if target is None:
                raise AssertionError("a file is restored to a file")
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return self._file(repository, manifest, target, lines)
        return self._postgresql(repository, manifest, target, lines)

    def _file(
        self, repository: BackupRepository, manifest: Manifest, target: Path, lines: Sequence[str]
    ) -> str:
        former, there = self.database.path, open_database(f"sqlite:///{target}", target.parent)
        with ProcessLock(there):
            kept = restore_to(
                repository, manifest, target, SystemClock().now(), former=former, step=self.step
            )
        is_live = former is not None and target == former.absolute()
        beside = self.settings.genjin_data_dir if is_live else target.parent
        repeated = repeat_erasures(
            self.settings, f"sqlite:///{target}", ledger_path(beside, target), lines
        )
        said = [self.language.text("backup.restored", at=self._at(manifest), path=target)]
        if kept:
            said.append(self.language.text("backup.kept", path=kept))
        return "\n".join([*said, *self._erased(repeated, lines)])

    def _postgresql(
        self,
        repository: BackupRepository,
        manifest: Manifest,
        target: Path | None,
        lines: Sequence[str],
    ) -> str:
        """Restore beside the present database, or into a directory; never over what is there."""
        database, now, said = self.database, SystemClock().now(), list[str]()

        def repeat(there: URL) -> None:
            url = there.render_as_string(hide_password=False)
            ledger = ledger_path(self.settings.genjin_data_dir, None)
            said.extend(self._erased(repeat_erasures(self.settings, url, ledger, lines), lines))

        if target is None:
            data_dir = self.settings.genjin_data_dir
            there = restore_beside(repository, manifest, database, data_dir, now, step=self.step)
            repeat(there)
            text, path, commands = "beside", there.database, renaming(database.url, there, now)
        elif manifest.kind == "dump":
            # Imported here: PostgreSQL's driver is not loaded where there is none.
            from storage.backups.postgresql.service import write_archive

            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_archive(repository, manifest, target, step=self.step)
            text, path = "archive", str(target)
            commands = [f"pg_restore --exit-on-error --no-owner --dbname=NEW {target}"]
        else:
            restore_server(repository, manifest, database, target, now, then=repeat, step=self.step)
            text, path, commands = "server", str(target), moving(target)
        done = self.language.text(
            f"backup.restored_{text}",
            at=self._at(manifest),
            path=path,
            server="PostgreSQL",
            option="--to",
        )
        return "\n".join([*said, done, *(f"  {command}" for command in commands)])

    def _at(self, manifest: Manifest) -> str:
        return f"{manifest.taken_at.astimezone(self.language.timezone):%Y-%m-%d %H:%M}"

    def _erased(self, repeated: int | None, lines: Sequence[str]) -> list[str]:
        """Say what became of those who were erased since the backup."""
        if not lines:
            return [self.language.text("backup.no_ledger", command="genjin erase")]
        if repeated is None:
            return [self.language.text("backup.erasures_later")]
        return [self.language.text("backup.erasures_repeated", n=repeated)] if repeated else []


def renaming(present: URL, restored: URL, now: datetime) -> list[str]:
    """The commands that put a restored database of PostgreSQL in the place of the present one."""
    kept = f"{present.database}_before_{now.astimezone(UTC):%Y%m%dt%H%M%S}"
    from storage.backups.postgresql.tools import conninfo  # As above.

    where = conninfo(present.set(database="postgres"), secret=False)
    return [
        f'psql "{where}" -c \'ALTER DATABASE "{old}" RENAME TO "{new}"\''
        for old, new in ((present.database, kept), (restored.database, present.database))
    ]


def moving(target: Path) -> list[str]:
    """The commands that start PostgreSQL on a restored directory, as its own user."""
    return [
        f"chown -R postgres: {target}",
        f"pg_ctl -D {target} -l {target.parent / 'postgresql.log'} start",
    ]
