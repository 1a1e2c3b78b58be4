"""Puts a restored SQLite file in the place of a database, and keeps what was there.

The steps are written down beside the database before the first one is taken, so that a process that
is killed in between is finished by the next start or the next restore: never is a new file opened
with the journal of an old one. The caller holds the database's ``ProcessLock``.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from sales.errors import StorageUnavailable
from storage.backups.stores import sync_directory

log = structlog.get_logger(__name__)
_JOURNALS: Final = ("-wal", "-shm", "-journal")
_PLAN: Final = ".restoring"


def plan_of(database: Path) -> Path:
    """The file that says how to finish a replacement."""
    return database.with_name(f"{database.name}{_PLAN}")


def kept_name(database: Path, now: datetime) -> Path:
    """Return a new name under which the present database is kept."""
    stem = f"{database.name}.before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    names = (database.with_name(stem + (f"-{n}" if n else "")) for n in range(1000))
    return next(name for name in names if not name.exists())


def replace_database(database: Path, restored: Path, now: datetime) -> Path | None:
    """Move a restored file, of the same directory, into the database's place.

    Returns where the former database is kept; None if there was none. Raises OSError.
    """
    if restored.parent != database.parent:
        raise ValueError("the restored file must lie beside the database")
    kept = kept_name(database, now)
    there_before = database.exists()
    _sync_file(restored)
    plan = {"restored": restored.name, "kept": kept.name}
    draft = plan_of(database).with_suffix(".draft")
    draft.write_text(json.dumps(plan), encoding="utf-8")
    _sync_file(draft)
    draft.replace(plan_of(database))
    sync_directory(database.parent)
    finish_replacing(database)
    return kept if there_before else None


def finish_replacing(database: Path) -> bool:
    """Take the steps that are left of an interrupted replacement; False if there is none.

    Raises OSError, and ValueError for a plan that cannot be read.
    """
    try:
        plan = json.loads(plan_of(database).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    restored, kept = (database.with_name(Path(str(plan[key])).name) for key in ("restored", "kept"))
    # Once the restored file has moved, what lies there is the new database with its own journal.
    if restored.exists():
        for ending in (*_JOURNALS, ""):
            there, to = Path(f"{database}{ending}"), Path(f"{kept}{ending}")
            if there.exists() and to.exists():
                there.unlink()  # Made since the former one was moved, by who looked for it.
            elif there.exists():
                there.rename(to)
        sync_directory(database.parent)
        restored.rename(database)
        sync_directory(database.parent)
    plan_of(database).unlink()
    sync_directory(database.parent)
    return True


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def finish_restore(database: Path | None) -> None:
    """Finish a restore that was interrupted, before anybody opens the database file.

    Raises StorageUnavailable, and stays unfinished until it can be.
    """
    try:
        if database and finish_replacing(database):
            log.warning("backup.restore_finished", database=str(database))
    except (OSError, ValueError) as error:
        raise StorageUnavailable from error
