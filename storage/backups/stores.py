"""Where the files of backups are stored: a directory, or a bucket of an S3-compatible service.

A file appears under its name only once it is complete and on the disk. Knows nothing of what is in
the files.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

_PART: Final = 1_048_576
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(/[A-Za-z0-9][A-Za-z0-9.-]*)*")
_DRAFT: Final = ".part"


class StoreUnavailable(Exception):
    """The place of the backups cannot be read or written; ``reason`` is the system's."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


class FileMissing(Exception):
    """There is no file of this name in the store."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was written: its bytes, and their SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


class BackupStore(Protocol):
    """A place for files. All methods block, and raise StoreUnavailable."""

    @property
    def where(self) -> str:
        """The place, for people; holds no secret."""

    def names(self) -> list[str]:
        """List all files, in order."""

    def put(self, name: str, content: Iterable[bytes]) -> StoredFile:
        """Write a new file, whole or not at all."""

    def get(self, name: str) -> Iterator[bytes]:
        """Read a file in parts. Raises FileMissing, at the first part."""

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""


class DirectoryStore:
    """Files in a directory, which is created when the first one is written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def where(self) -> str:
        return str(self._path.absolute())

    def names(self) -> list[str]:
        try:
            files = [path for path in self._path.rglob("*") if path.is_file()]
        except OSError as error:
            raise self._failed(error) from error
        names = (path.relative_to(self._path).as_posix() for path in files)
        return sorted(name for name in names if _NAME.fullmatch(name))

    def put(self, name: str, content: Iterable[bytes]) -> StoredFile:
        path = self._at(name)
        # The dot keeps it out of ``names``.
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_DRAFT}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                stored = _write(draft, content)
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
            _sync_directory(path.parent)
            _sync_directory(self._path)
        except OSError as error:
            raise self._failed(error) from error
        return stored

    def get(self, name: str) -> Iterator[bytes]:
        try:
            with self._at(name).open("rb") as file:
                while part := file.read(_PART):
                    yield part
        except (FileNotFoundError, NotADirectoryError) as error:
            raise FileMissing(name) from error
        except OSError as error:
            raise self._failed(error) from error

    def delete(self, name: str) -> None:
        path = self._at(name)
        try:
            path.unlink(missing_ok=True)
            for draft in path.parent.glob(f".*{_DRAFT}"):
                draft.unlink(missing_ok=True)
            if path.parent != self._path and not any(path.parent.iterdir()):
                path.parent.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._failed(error) from error

    def _at(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"no name for a file: {name!r}")
        return self._path / name

    def _failed(self, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(self.where, error.strerror or type(error).__name__)


def _write(path: Path, content: Iterable[bytes]) -> StoredFile:
    """Write a file for its owner alone and wait until it is on the disk."""
    size, digest = 0, hashlib.sha256()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for part in content:
            file.write(part)
            digest.update(part)
            size += len(part)
        file.flush()
        os.fsync(file.fileno())
    return StoredFile(size, digest.hexdigest())


def _sync_directory(path: Path) -> None:
    """Make renamed files in a directory last, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
