"""Allows one process per SQLite database: a lock on a file beside it, held while it runs.

The kernel releases it when the process ends, however that happens. One-off commands that run beside
the process take no lock, since SQLite itself serialises writes; only the process delivers messages
and runs due jobs. On a network file system neither this nor SQLite's own locks can be trusted.
"""

import os
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from sales.errors import StorageUnavailable
from storage.database.engine import Database

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class DatabaseInUse(StorageUnavailable):
    """Another process runs on this database; ``process`` identifies it, as far as it is known."""

    def __init__(self, database: Path, process: str) -> None:
        super().__init__(database=str(database), process=process or "?")


class ProcessLock:
    """The lock of a database. PostgreSQL needs none: acquiring always succeeds."""

    def __init__(self, database: Database) -> None:
        self._database = database.path.resolve() if database.path else None
        self._file: int | None = None

    @property
    def is_held(self) -> bool:
        return self._database is None or self._file is not None

    def acquire(self) -> None:
        """Acquire the lock until ``release`` or the end of the process; does not wait.

        Raises DatabaseInUse, and StorageUnavailable when the file cannot be written.
        """
        if self.is_held or self._database is None:
            return
        try:
            # Before the database itself is created: of two first starts only one creates it.
            self._database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(f"{self._database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StorageUnavailable from error
        try:
            _lock(file)
        except OSError as error:
            process = os.read(file, 200).decode("utf-8", "replace").strip()
            os.close(file)
            raise DatabaseInUse(self._database, process) from error
        self._file = file
        self._sign(file)

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.release()

    def _sign(self, file: int) -> None:
        """Write who holds the lock, for processes that are refused; a full disk does not matter
        here."""
        try:
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()} ({socket.gethostname()})\n".encode(), 0)
        except OSError:
            return


def _lock(file: int) -> None:
    """Lock the file. Raises OSError when another process holds it."""
    if fcntl:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    import msvcrt

    # Far beyond the written bytes, so that others can read who holds it.
    os.lseek(file, 4096, os.SEEK_SET)
    msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    os.lseek(file, 0, os.SEEK_SET)
