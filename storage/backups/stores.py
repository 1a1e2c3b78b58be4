"""Where the files of backups are stored: a directory here, a bucket in ``storage.backups.buckets``.

A file appears under its name only once it is complete and on the disk. Knows nothing of what is in
the files.
"""

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from storage.database.private_files import write_new

_PART: Final = 1_048_576
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_DRAFT: Final = ".part"
_PROBE: Final = "write-check-"


class StoreFailure(StrEnum):
    """Why a place cannot be used, where that is known."""

    FULL = "full"
    DENIED = "denied"
    READ_ONLY = "read_only"
    NOT_A_DIRECTORY = "not_directory"
    NO_BUCKET = "no_bucket"
    CREDENTIALS = "credentials"
    UNREACHABLE = "unreachable"
    OTHER = ""


_FAILURES: Final = {
    errno.ENOSPC: StoreFailure.FULL,
    errno.EDQUOT: StoreFailure.FULL,
    errno.EFBIG: StoreFailure.FULL,
    errno.EACCES: StoreFailure.DENIED,
    errno.EPERM: StoreFailure.DENIED,
    errno.EROFS: StoreFailure.READ_ONLY,
    errno.ENOTDIR: StoreFailure.NOT_A_DIRECTORY,
    errno.EEXIST: StoreFailure.NOT_A_DIRECTORY,
    errno.ETIMEDOUT: StoreFailure.UNREACHABLE,
    errno.EHOSTDOWN: StoreFailure.UNREACHABLE,
    errno.ENOTCONN: StoreFailure.UNREACHABLE,
    errno.ESTALE: StoreFailure.UNREACHABLE,
}


class StoreUnavailable(Exception):
    """The place of the backups cannot be read or written; ``reason`` is the system's."""

    def __init__(self, where: str, reason: str, failure: StoreFailure = StoreFailure.OTHER) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason
        self.failure = failure


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

    def tidy(self, before: datetime) -> None:
        """Remove what writers left that were interrupted, of before this moment."""


def probe(store: BackupStore) -> None:
    """Write, list, read and delete a small file. Raises StoreUnavailable if that cannot be done."""
    name, content = f"{_PROBE}{secrets.token_hex(4)}", secrets.token_bytes(64)
    store.put(name, [content])
    try:
        if name not in store.names() or b"".join(store.get(name)) != content:
            raise StoreUnavailable(store.where, "what was written cannot be read")
    except FileMissing as error:
        raise StoreUnavailable(store.where, "what was written cannot be read") from error
    finally:
        store.delete(name)


def is_probe(name: str) -> bool:
    """Whether this is a file that an interrupted ``probe`` left."""
    return name.startswith(_PROBE)


def checked_name(name: str) -> str:
    """Return the name of a file. Raises ValueError for what cannot be one."""
    if not NAME.fullmatch(name):
        raise ValueError(f"no name for a file: {name!r}")
    return name


class DirectoryStore:
    """Files in a directory, which is created when the first one is written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def where(self) -> str:
        return str(self._path.absolute())

    def names(self) -> list[str]:
        files: list[Path] = []
        try:
            for folder, _, names in os.walk(self._path, onerror=_raise):
                files += [Path(folder, name) for name in names]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._failed(error) from error
        found = (path.relative_to(self._path).as_posix() for path in files)
        return sorted(name for name in found if NAME.fullmatch(name))

    def put(self, name: str, content: Iterable[bytes]) -> StoredFile:
        path = self._at(name)
        # The dot keeps it out of ``names``.
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_DRAFT}")
        parts = _Content(content)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                stored = _write(draft, parts)
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
            sync_directory(path.parent)
            sync_directory(self._path)
        except OSError as error:
            if parts.failed:
                raise  # Not this place, but what is to be written cannot be read.
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
            if path.parent != self._path and not any(path.parent.iterdir()):
                path.parent.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._failed(error) from error

    def tidy(self, before: datetime) -> None:
        """Remove drafts, and directories that are left empty without them."""
        try:
            for draft in list(self._path.rglob(f".*{_DRAFT}")):
                if draft.stat().st_mtime < before.timestamp():
                    draft.unlink(missing_ok=True)
            for folder in [path for path in self._path.iterdir() if path.is_dir()]:
                old = folder.stat().st_mtime < before.timestamp()
                if old and not any(folder.iterdir()):
                    folder.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._failed(error) from error

    def _at(self, name: str) -> Path:
        return self._path / checked_name(name)

    def _failed(self, error: OSError) -> StoreUnavailable:
        failure = _FAILURES.get(error.errno or 0, StoreFailure.OTHER)
        return StoreUnavailable(self.where, error.strerror or type(error).__name__, failure)


class _Content:
    """Passes on what is to be written; ``failed`` once it could not be read."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts
        self.failed = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._parts
        except Exception:
            self.failed = True
            raise


def _write(path: Path, content: Iterable[bytes]) -> StoredFile:
    """Write a file for its owner alone and wait until it is on the disk."""
    size, digest = 0, hashlib.sha256()

    def counted() -> Iterator[bytes]:
        nonlocal size
        for part in content:
            digest.update(part)
            size += len(part)
            yield part

    write_new(path, counted())
    return StoredFile(size, digest.hexdigest())


def _raise(error: OSError) -> None:
    raise error


def sync_directory(path: Path) -> None:
    """Make renamed files in a directory last, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
