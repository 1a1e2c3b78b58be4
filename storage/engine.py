"""Opens the database: SQLite embedded, or PostgreSQL. Knows connections, not tables.

SQLite gets one writer, so that writers queue in this process instead of waking each other up
on the file's lock, and readers that cannot write. Every writing transaction takes the lock
when it begins: with SQLAlchemy's default mode concurrent read-modify-writes get lost.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from sales.errors import StorageUnavailable
from storage.columns import seal_with
from storage.fields import Fields

DialectName = Literal["sqlite", "postgresql"]

_FIRST_SAFE_SQLITE: Final = (3, 51, 3)
_BUSY_MS: Final = 10_000
_WAL_RETRY_MS: Final = 50
_POOL_WAIT_S: Final = 30


_SQLITE_TROUBLE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)


def sqlite_module() -> ModuleType:
    """The newest SQLite at hand: the ``pysqlite3`` wheel where there is one."""
    try:
        return import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3


def is_unavailable(error: object) -> bool:
    """Whether the database did not answer, or had no room or no time, so that the same may
    well succeed later. A wrong statement, or a write where only reading is allowed, is not."""
    if isinstance(error, NoFreeConnection):
        return True
    if not isinstance(error, DBAPIError):
        return False
    sqlite_code: int | None = getattr(error.orig, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return sqlite_code & 0xFF in _SQLITE_TROUBLE
    return error.connection_invalidated or isinstance(error, OperationalError)


def unavailable(error: object) -> StorageUnavailable | None:
    """What to raise instead of an error that ``is_unavailable``, or that says so itself: SQLAlchemy
    wraps what a column's type raises, such as KeysUnavailable."""
    if isinstance(error, StatementError) and isinstance(error.orig, StorageUnavailable):
        return error.orig
    return StorageUnavailable() if is_unavailable(error) else None


class Database:
    """Where everything is kept. ``writer`` and ``reader`` may be used from any thread."""

    def __init__(self, url: URL, writer: Engine, reader: Engine) -> None:
        self.url = url
        self.writer = writer
        self.reader = reader
        self.fields = Fields()

    def seal_with(self, fields: Fields) -> None:
        """Sealed columns are sealed and opened with these keys from now on."""
        self.fields = fields
        for engine in (self.writer, self.reader):
            seal_with(engine.dialect, fields)

    @property
    def dialect(self) -> DialectName:
        return "sqlite" if self.writer.dialect.name == "sqlite" else "postgresql"

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database."""
        on_file = self.dialect == "sqlite" and self.url.database
        return Path(self.url.database) if on_file and self.url.database else None

    @property
    def has_wal_bug(self) -> bool:
        """Whether this SQLite can corrupt a database that two connections write at once."""
        version: tuple[int, ...] = sqlite_module().sqlite_version_info
        return self.dialect == "sqlite" and version < _FIRST_SAFE_SQLITE

    def write(self) -> AbstractContextManager[Connection]:
        """A writing transaction, committed at the end of the block.

        Raises StorageUnavailable when the database does not answer.
        """
        return _transaction(self.writer)

    def read(self) -> AbstractContextManager[Connection]:
        """A transaction that sees one state of everything and cannot write. Raises as above."""
        return _transaction(self.reader)

    def dispose(self) -> None:
        self.writer.dispose()
        self.reader.dispose()


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        if instead := unavailable(error):
            raise instead from error
        raise


def open_database(database_url: str, data_dir: Path) -> Database:
    """Open what ``DATABASE_URL`` names; empty means ``genjin.db`` in the data directory.

    Takes ``sqlite:///path``, ``postgresql://…`` or ``postgres://…``. Connects only when used.
    Raises ValueError for any other database.
    """
    url = make_url(database_url or f"sqlite:///{data_dir / 'genjin.db'}")
    match url.get_backend_name():
        case "sqlite":
            return _open_sqlite(url)
        case "postgresql" | "postgres":
            return _open_postgresql(url)
        case other:
            raise ValueError(f"DATABASE_URL names {other!r}; use sqlite or postgresql")


def _open_sqlite(url: URL) -> Database:
    if not url.database or url.database == ":memory:":
        raise ValueError("DATABASE_URL: an SQLite database needs a file")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    writer = sqlite_engine(url, begin="BEGIN IMMEDIATE", pool_size=1)
    return Database(url, writer, sqlite_engine(url, begin="BEGIN", pool_size=8, query_only=True))


def sqlite_engine(
    url: URL, *, begin: str, pool_size: int, query_only: bool = False, foreign_keys: bool = True
) -> Engine:
    """An engine that begins its transactions itself, with the pragmas Genjin relies on."""
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        module=sqlite_module(),
        hide_parameters=True,  # Errors end up in logs; what people typed must not.
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_POOL_WAIT_S,
        connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000},
    )
    pragmas = [
        "synchronous = FULL",
        f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
        f"query_only = {'ON' if query_only else 'OFF'}",
    ]

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        # The driver must not begin or end transactions on its own.
        connection.isolation_level = None
        _use_wal(connection)
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    def take_lock(connection: PoolProxiedConnection) -> None:
        connection.cursor().execute(begin)

    # Not the event "begin": one listener slows every statement of the engine down.
    engine.dialect.do_begin = take_lock  # type: ignore[assignment, method-assign]
    return engine


def _use_wal(connection: Any) -> None:
    """Lasts for good once done. SQLite does not wait for its lock when processes that open a
    new database together all ask for it, so this asks again."""
    for _ in range(_BUSY_MS // _WAL_RETRY_MS):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite_module().OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(_WAL_RETRY_MS / 1000)
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")


def _open_postgresql(url: URL) -> Database:
    shape = url.set(drivername="postgresql+psycopg")
    # A server that vanished without a word is noticed, and one that restarted reached again.
    usual: dict[str, Any] = {
        "hide_parameters": True,  # As above.
        "pool_timeout": _POOL_WAIT_S,
        "pool_pre_ping": True,
        "connect_args": {"connect_timeout": 10, "tcp_user_timeout": 30_000},
    }
    writer = create_engine(shape, pool_size=8, max_overflow=4, **usual)
    reader = create_engine(
        shape,
        pool_size=4,
        max_overflow=4,
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
        **usual,
    )
    return Database(url, writer, reader)
