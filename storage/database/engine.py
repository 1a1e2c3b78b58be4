"""Opens the database: SQLite embedded, or PostgreSQL. Knows connections, not tables.

Nothing is touched until the first use, so a process starts even where its database cannot be
reached.

SQLite gets one writer, so that writers queue in this process instead of retrying on the file's
lock, and readers that cannot write. Every writing transaction takes the lock when it begins: with
SQLAlchemy's default mode concurrent read-modify-writes get lost.
"""

import select
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal
from urllib.parse import quote
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, FromClause, create_engine, event, make_url
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import SQLAlchemyError, StatementError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from sales.errors import StorageUnavailable
from storage.database.encryption import Fields
from storage.database.fair_pool import FairPool
from storage.database.statement_cache import cache_statements
from storage.database.troubles import Trouble, is_broken_connection, trouble_at, trouble_of
from storage.database.types import seal_with

DialectName = Literal["sqlite", "postgresql"]

_FIRST_SAFE_SQLITE: Final = (3, 51, 3)
_FIRST_TRIGRAMS: Final = (3, 34)
_BUSY_MS: Final = 10_000
_WAL_RETRY_MS: Final = 50
_POOL_WAIT_S: Final = 30
_ASK_EVERY_S: Final = 5.0
_IDLE_S: Final = 60
"""How long a transaction that writes may do nothing: the server ends it then, with its locks."""
_KEEPALIVES: Final = (
    "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
)
"""A minute, after which the server ends the sessions of a client that it no longer reaches; by
itself it would keep them, and their locks, for two hours."""
"""Seconds after which a pooled connection is asked again whether it still works."""
_STATEMENTS: Final = 2000
"""How many compiled statements are kept; there are over a thousand different ones."""


def sqlite_module() -> ModuleType:
    """Return the newest SQLite available: the ``pysqlite3`` wheel where installed."""
    try:
        return import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3


Admit = Callable[[], None]
"""Called before every use of a database; raises StorageUnavailable while it may not be used."""


def anybody() -> None:
    """The ``Admit`` of a database that is always available."""


class Database:
    """A database. ``writer`` and ``reader`` may be used from any thread.

    ``seen`` collects the troubles that callers met, until somebody takes it away.
    """

    def __init__(self, url: URL, writer: Engine, reader: Engine, *, admit: Admit = anybody) -> None:
        self.url = url
        self.writer = writer
        self.reader = reader
        self.admit = admit
        self.seen: set[Trouble] = set()
        self.fields = Fields()
        for engine in (writer, reader):
            cache_statements(engine)

    def seal_with(self, fields: Fields) -> None:
        """Encrypt and decrypt sealed columns with these keys from now on."""
        self.fields = fields
        for engine in (self.writer, self.reader):
            seal_with(engine.dialect, fields)

    @property
    def dialect(self) -> DialectName:
        return "sqlite" if self.writer.dialect.name == "sqlite" else "postgresql"

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database; None for PostgreSQL."""
        on_file = self.dialect == "sqlite" and self.url.database
        return Path(self.url.database) if on_file and self.url.database else None

    @property
    def has_wal_bug(self) -> bool:
        """Whether this SQLite can corrupt a database that two connections write at once."""
        version: tuple[int, ...] = sqlite_module().sqlite_version_info
        return self.dialect == "sqlite" and version < _FIRST_SAFE_SQLITE

    @property
    def can_search(self) -> bool:
        """Whether the database has the index of texts: this SQLite may be built without FTS5, or
        without its trigrams."""
        if self.dialect != "sqlite":
            return True
        module = sqlite_module()
        if module.sqlite_version_info < _FIRST_TRIGRAMS:
            return False
        link = module.connect(":memory:")
        try:
            link.execute("CREATE VIRTUAL TABLE probe USING fts5(words, tokenize = 'trigram')")
        except module.OperationalError:
            return False
        finally:
            link.close()
        return True

    def behind(self, admit: Admit) -> "Database":
        """Return the same database, guarded by ``admit``."""
        same = Database(self.url, self.writer, self.reader, admit=admit)
        same.seen, same.fields = self.seen, self.fields
        return same

    def connect(self, *, read_only: bool = False) -> Connection:
        """Open a connection whose transaction begins with the first statement; the caller closes
        it.

        Raises StorageUnavailable.
        """
        self.admit()
        with self.answering(read_only=read_only):
            return (self.reader if read_only else self.writer).connect()

    def write(self) -> AbstractContextManager[Connection]:
        """Open a writing transaction, committed at the end of the block.

        Raises StorageUnavailable when the database does not answer.
        """
        return self._transaction(self.writer)

    def read(self) -> AbstractContextManager[Connection]:
        """Open a read-only transaction on one consistent snapshot. Raises as ``write``."""
        return self._transaction(self.reader, read_only=True)

    @contextmanager
    def _transaction(self, engine: Engine, *, read_only: bool = False) -> Iterator[Connection]:
        self.admit()
        with self.answering(read_only=read_only), engine.begin() as connection:
            yield connection

    @contextmanager
    def answering(self, *, read_only: bool = False) -> Iterator[None]:
        """Turn driver errors into StorageUnavailable, and record their trouble in ``seen``.

        Covers every sign that the database does not answer, or has no room or no time.
        ``read_only``: a write is a bug.
        """
        try:
            yield
        except SQLAlchemyError as error:
            if isinstance(error, StatementError) and isinstance(error.orig, StorageUnavailable):
                # SQLAlchemy wraps errors raised by a column's type, such as KeysUnavailable.
                raise error.orig from error
            trouble = trouble_of(error, read_only=read_only)
            if trouble is None:
                raise
            self.seen.add(trouble)
            raise StorageUnavailable from error

    def trouble(self, error: StorageUnavailable) -> Trouble:
        """Return the trouble behind an error that this database raised."""
        trouble = trouble_of(error.__cause__) or "unreachable"
        return trouble_at(self.path, trouble) if self.path else trouble

    def create(self) -> None:
        """Create the file of an SQLite database and its directory, for their owner alone, if
        missing.

        Nothing else creates them: people who lost a file must not find an empty one. Raises
        StorageUnavailable.
        """
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self.path.exists():
                self.path.touch(mode=0o600)
        except OSError as error:
            raise StorageUnavailable from error

    def dispose(self) -> None:
        self.writer.dispose()
        self.reader.dispose()


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
    writer = sqlite_engine(url, begin="BEGIN IMMEDIATE", pool_size=1)
    return Database(url, writer, sqlite_engine(url, begin="BEGIN", pool_size=8, query_only=True))


class _HintingCompiler(SQLiteCompiler):
    """Writes the hints of a query, ``INDEXED BY …``, which SQLAlchemy leaves out for SQLite."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:  # noqa: ARG002
        return text


def sqlite_engine(
    url: URL, *, begin: str, pool_size: int, query_only: bool = False, foreign_keys: bool = True
) -> Engine:
    """Create an engine that begins its transactions itself, with the pragmas Genjin relies on."""
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        module=sqlite_module(),
        hide_parameters=True,  # Errors end up in logs; user input must not.
        poolclass=FairPool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_POOL_WAIT_S,
        query_cache_size=_STATEMENTS,
        connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000},
    )
    pragmas = [
        "synchronous = FULL",
        f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
        f"query_only = {'ON' if query_only else 'OFF'}",
        # What is deleted or replaced is overwritten: an erased person stays in no free space. Costs
        # nothing measurable, since these pages are written anyway.
        "secure_delete = ON",
    ]

    @event.listens_for(engine, "do_connect")
    def open_what_is_there(
        _dialect: Any, _entry: Any, where: list[Any], how: dict[str, Any]
    ) -> None:
        where[0], how["uri"] = f"file:{quote(where[0])}?mode=rw", True

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        # The driver must not begin or end transactions on its own.
        connection.isolation_level = None
        _use_wal(connection)
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    def take_lock(connection: PoolProxiedConnection) -> None:
        connection.cursor().execute(begin)

    _drop_broken_connections(engine)
    engine.dialect.statement_compiler = _HintingCompiler
    # Not the event "begin": a listener slows down every statement of the engine.
    engine.dialect.do_begin = take_lock  # type: ignore[assignment, method-assign]
    return engine


def _use_wal(connection: Any) -> None:
    """Switch to WAL mode, which persists. Retries, because SQLite does not wait for its lock when
    processes that open a new database together all ask for it."""
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


def _drop_broken_connections(engine: Engine) -> None:
    """Replace the connections in the pool.

    A connection opened while the disk was read-only stays read-only, and one that met a damaged
    page may keep it.
    """

    @event.listens_for(engine, "handle_error")
    def note(context: ExceptionContext) -> None:
        if is_broken_connection(context.original_exception):
            context.is_disconnect = True


def _open_postgresql(url: URL) -> Database:
    shape = url.set(drivername="postgresql+psycopg")
    # Detects a server that vanished silently, and reconnects to one that restarted.
    usual: dict[str, Any] = {
        "hide_parameters": True,  # As above.
        "pool_timeout": _POOL_WAIT_S,
        "query_cache_size": _STATEMENTS,
        "pool_pre_ping": True,
        "connect_args": {"connect_timeout": 10, "tcp_user_timeout": 30_000},
    }
    writer = create_engine(shape, pool_size=8, max_overflow=4, **usual)
    reader = create_engine(
        shape,
        pool_size=4,
        max_overflow=4,
        isolation_level="REPEATABLE READ",
        **usual,
    )

    # Not the execution option: it makes a listener of every connection, slowing every statement.
    @event.listens_for(reader, "connect")
    def never_write(connection: Any, _entry: ConnectionPoolEntry) -> None:
        connection.read_only = True

    idle = f"; SET idle_in_transaction_session_timeout = '{_IDLE_S}s'"
    for engine, silence in ((writer, _KEEPALIVES + idle), (reader, _KEEPALIVES)):
        _ask_now_and_then(engine)
        _limit_silence(engine, silence)
    return Database(url, writer, reader)


def _limit_silence(engine: Engine, settings: str) -> None:
    """Have the server forget a replica that is cut off or frozen, so that it locks nobody out.

    Not as a start-up option: poolers such as PgBouncer refuse those.
    """

    @event.listens_for(engine, "connect")
    def limit(connection: Any, _entry: ConnectionPoolEntry) -> None:
        connection.autocommit = True
        connection.execute(settings)
        connection.autocommit = False


def _ask_now_and_then(engine: Engine) -> None:
    """Ask the server only every few seconds whether a pooled connection still works.

    In between it is enough that there is nothing to read: a server that stops or restarts closes
    its connections, which shows at once. Asking takes as long as a short statement.
    """
    ask = engine.dialect.do_ping
    asked: WeakKeyDictionary[Any, float] = WeakKeyDictionary()

    def works(connection: Any) -> bool:
        now, before = time.monotonic(), asked.get(connection)
        if before and now - before < _ASK_EVERY_S and not _can_be_read(connection):
            return True
        alive = ask(connection)
        asked[connection] = now
        return alive

    engine.dialect.do_ping = works  # type: ignore[assignment, method-assign]


def _can_be_read(connection: Any) -> bool:
    """Tell whether the server has sent something unasked, such as that it is shutting down."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
