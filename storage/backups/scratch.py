"""A private directory for copies under way, for one backup, check or restore at a time.

What a process that was killed left in it is removed by the next one.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

SCRATCH: Final = "backup-work"
_LOCK: Final = ".lock"


class BackupUnderWay(Exception):
    """Another process is taking, checking or restoring a backup of this data directory."""


@contextmanager
def scratch_directory(data_dir: Path) -> Iterator[Path]:
    """Create an empty directory, and empty it at the end.

    Raises BackupUnderWay and OSError.
    """
    path = data_dir / SCRATCH
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            if fcntl:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BackupUnderWay from error
        _empty(path)
        try:
            yield path
        finally:
            _empty(path)
    finally:
        os.close(lock)


def _empty(path: Path) -> None:
    for entry in path.iterdir():
        if entry.name == _LOCK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
