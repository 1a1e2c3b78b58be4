"""Classifies driver errors: what keeps a database from answering.

A trouble is temporary: the same request may succeed once it is over. A wrong statement is not a
trouble. Knows error codes; knows no connection and no texts.
"""

import errno
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

Trouble = Literal["unreachable", "denied", "readonly", "full", "io", "damaged"]
"""``denied``: Genjin's account lacks permission. ``io``: the disk itself fails."""

_SQLITE: Final[Mapping[int, Trouble]] = {
    sqlite3.SQLITE_BUSY: "unreachable",
    sqlite3.SQLITE_LOCKED: "unreachable",
    sqlite3.SQLITE_PROTOCOL: "unreachable",
    sqlite3.SQLITE_NOMEM: "unreachable",
    sqlite3.SQLITE_CANTOPEN: "unreachable",
    sqlite3.SQLITE_PERM: "denied",
    sqlite3.SQLITE_AUTH: "denied",
    sqlite3.SQLITE_READONLY: "readonly",
    sqlite3.SQLITE_IOERR: "io",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}
_POSTGRESQL: Final[Mapping[str, Trouble]] = {
    "25006": "readonly",  # a standby, or default_transaction_read_only
    "42501": "denied",
    "53100": "full",
    "58030": "io",
    "XX001": "damaged",
    "XX002": "damaged",
}
_SYSTEM: Final[Mapping[int, Trouble]] = {
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.EROFS: "readonly",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EFBIG: "full",
    errno.EIO: "io",
}


def trouble_of(error: object, *, read_only: bool = False) -> Trouble | None:
    """Return what kept the database from answering; None for a permanent error.

    A write where only reading is allowed (``read_only``) is permanent.
    """
    if isinstance(error, NoFreeConnection):
        return "unreachable"
    if isinstance(error, OSError):
        return _SYSTEM.get(error.errno or 0, "unreachable")
    if not isinstance(error, DBAPIError):
        return None
    code = _sqlite_code(error.orig)
    if code is not None:
        forbidden = read_only and code == sqlite3.SQLITE_READONLY
        return None if forbidden else _SQLITE.get(code & 0xFF)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if read_only and state == "25006":
        return None
    away = error.connection_invalidated or isinstance(error, OperationalError)
    return _POSTGRESQL.get(state, "unreachable" if away else None)


def is_broken_connection(error: BaseException) -> bool:
    """Tell whether an SQLite connection is unusable after this error."""
    code = _sqlite_code(error)
    lasting = {"readonly", "io", "damaged", "denied"}
    return code is not None and (
        _SQLITE.get(code & 0xFF) in lasting or code & 0xFF == sqlite3.SQLITE_CANTOPEN
    )


def trouble_at(path: Path, found: Trouble) -> Trouble:
    """Find the trouble with an SQLite file by inspecting the file.

    SQLite says "cannot open" and "read only" for many causes with different remedies.
    """
    if found not in ("unreachable", "readonly", "io", "denied"):
        return found
    try:
        place = path if path.exists() else path.parent
        if not path.parent.is_dir():
            return found
        disk = os.statvfs(place)
    except PermissionError:
        return "denied"
    except OSError:
        return found
    if disk.f_flag & os.ST_RDONLY:
        return "readonly"
    if disk.f_bavail == 0 or disk.f_favail == 0 < disk.f_files:
        return "full"
    if not (os.access(place, os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK)):
        return "denied"
    return found


def _sqlite_code(error: object) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code
