"""An SQLite database as pages: a consistent copy, what changed in it, and the file made of both.

The copy is made by SQLite's backup API under a read transaction: one moment of the database, while
others go on writing. Pages are compared by their hashes; a database of 1 GB has 4 MB of them.
"""

import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from storage.backups.sealing import BackupDamaged
from storage.database.engine import sqlite_module

Advance = Callable[[int, int], None]
"""Takes progress: the bytes that are done, and all of them."""

_HASH: Final = 16
_STEP: Final = 2_000
"""Pages that are copied at once."""
_NUMBER: Final = struct.Struct(">I")
_BUSY_S: Final = 30.0


def _nobody(_done: int, _all: int) -> None:
    """The ``Advance`` that nobody sees."""


@dataclass(frozen=True, slots=True)
class FileSum:
    """The size in bytes and the SHA-256, in hexadecimal digits, of a database file."""

    size: int
    sha256: str


def copy_database(source: Path, target: Path, advance: Advance = _nobody) -> None:
    """Copy a database in use to a new file, as of one moment.

    Raises the driver's DatabaseError and OSError.
    """
    target.touch(mode=0o600, exist_ok=False)
    module = sqlite_module()

    def moved(_status: int, left: int, pages: int) -> None:
        advance(pages - left, pages)

    uri = f"file:{quote(str(source.absolute()))}?mode=rw"
    with (
        closing(module.connect(uri, uri=True, timeout=_BUSY_S, isolation_level=None)) as origin,
        closing(module.connect(target, isolation_level=None)) as copy,
    ):
        origin.execute("PRAGMA query_only = ON")
        # Without a transaction of its own the copy would start again at every change.
        origin.execute("BEGIN")
        origin.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        origin.backup(copy, pages=_STEP, progress=moved, sleep=0)
        origin.execute("ROLLBACK")


def open_copy(path: Path) -> Any:
    """Open a copy that nobody writes to, without creating files beside it; the caller closes it."""
    uri = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    return sqlite_module().connect(uri, uri=True, isolation_level=None)


def page_size_of(path: Path) -> int:
    """Return the page size, in bytes, from a database's header (SQLite file format, 1.3.2)."""
    with path.open("rb") as file:
        header = file.read(100)
    size = int.from_bytes(header[16:18], "big")
    return 65_536 if size == 1 else size


def pages_of(path: Path, page_size: int) -> Iterator[bytes]:
    """Read a file page by page; the last one may be cut off."""
    with path.open("rb", buffering=page_size * 64) as file:
        while page := file.read(page_size):
            yield page


def sum_of(path: Path) -> FileSum:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileSum(path.stat().st_size, digest)


def page_hashes(path: Path, page_size: int) -> bytes:
    """Return the 16-byte hashes of all pages, one after the other."""
    hashes = bytearray()
    for page in pages_of(path, page_size):
        hashes += _hash(page)
    return bytes(hashes)


def changed_pages(before: bytes, after: bytes) -> list[int]:
    """Compare two results of ``page_hashes``: the numbers, from 0, of new and changed pages."""
    return [
        start // _HASH
        for start in range(0, len(after), _HASH)
        if before[start : start + _HASH] != after[start : start + _HASH]
    ]


def read_changes(path: Path, page_size: int, numbers: Iterable[int]) -> Iterator[bytes]:
    """Read pages as ``apply_changes`` takes them: each with its number before it."""
    with path.open("rb") as file:
        for number in numbers:
            file.seek(number * page_size)
            yield _NUMBER.pack(number) + file.read(page_size)


def write_file(path: Path, content: Iterable[bytes]) -> None:
    """Write a new file, for its owner alone."""
    path.touch(mode=0o600, exist_ok=False)
    with path.open("wb") as file:
        for part in content:
            file.write(part)


def apply_changes(
    path: Path, name: str, content: Iterable[bytes], *, page_size: int, size: int
) -> None:
    """Write changed pages into a copy of the base, and cut it to its new ``size`` in bytes.

    Raises BackupDamaged, naming ``name``, for pages that cannot be of this file.
    """
    record = _NUMBER.size + page_size
    waiting = bytearray()
    with path.open("r+b") as file:
        for part in content:
            waiting += part
            whole = len(waiting) - len(waiting) % record
            for start in range(0, whole, record):
                (number,) = _NUMBER.unpack_from(waiting, start)
                if number * page_size >= size:
                    raise BackupDamaged(name, "a page beyond the end")
                file.seek(number * page_size)
                file.write(waiting[start + _NUMBER.size : start + record])
            del waiting[:whole]
        if waiting:
            raise BackupDamaged(name, "half a page at the end")
        file.truncate(size)


def _hash(page: bytes) -> bytes:
    return hashlib.blake2b(page, digest_size=_HASH).digest()
