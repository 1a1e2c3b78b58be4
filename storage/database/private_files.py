"""Keeps files private to the process' account: the database, its journal, the keys.

Only what is clearly ours is changed: files that this account owns, and a data directory that it
owns and that contains only files and backups. A directory with other subdirectories in it, such as
a home or a system directory, is left as it is and reported.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_OF_A_DISK: Final = frozenset({"lost+found", "backups", "backup-work", "demo-backups"})
KEYS: Final = "secret.keys"


def create_privately() -> None:
    """Make files that this process creates readable by its account alone."""
    os.umask(_OTHERS)


def write_new(path: Path, content: Iterable[bytes]) -> None:
    """Write a new file for its owner alone; it is on the disk when this returns.

    Raises FileExistsError, and OSError with what was written so far left there.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for part in content:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())


def make_private(data_dir: Path, database: Path | None) -> None:
    """Remove other accounts' rights to existing files."""
    for path in _files(data_dir, database):
        _tighten(path)
    if _is_data_only(data_dir):
        _tighten(data_dir)


def exposed(data_dir: Path, database: Path | None) -> list[Path]:
    """List the files others can still read: not ours to change, or on a disk without
    permissions."""
    return [path for path in (data_dir, *_files(data_dir, database)) if _is_open(path)]


def _files(data_dir: Path, database: Path | None) -> Iterator[Path]:
    yield data_dir / KEYS
    if database is not None:
        for ending in ("", "-wal", "-shm", ".lock"):
            yield database.with_name(f"{database.name}{ending}")


def _is_data_only(path: Path) -> bool:
    try:
        return path.is_dir() and not any(
            one.is_dir(follow_symlinks=False) and one.name not in _OF_A_DISK
            for one in os.scandir(path)
        )
    except OSError:
        return False


def _is_open(path: Path) -> bool:
    try:
        return os.name == "posix" and bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return False


def _tighten(path: Path) -> None:
    """Remove others' rights from a file, not following a link: its target may not be ours."""
    if os.name != "posix" or path.is_symlink() or not _is_open(path):
        return
    try:
        status = path.stat()
        # Nor a directory that everybody may write to by design, such as /tmp.
        if status.st_uid == os.geteuid() and not status.st_mode & stat.S_ISVTX:
            path.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)
    except OSError:
        return  # ``exposed`` reports it.
