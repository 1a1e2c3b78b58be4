"""Migrates a database to the schema of this version, and reports which one it has.

Everything happens in one transaction under a lock: replicas that start at once wait for each other,
and one that is killed half-way leaves the database unchanged.

A database says beside its revision which versions may run on it (``old_code_may_run``), so that an
upgrade may replace one replica after the other, and can be taken back.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from sales.errors import StorageUnavailable
from storage.database.engine import Database, sqlite_engine, sqlite_module
from storage.database.planner import store_statistics

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import Script

_MIGRATIONS: Final = Path(__file__).parents[1] / "migrations"
_LOCK: Final = 0x6765_6E6A_696E
"""PostgreSQL's advisory lock of migrations: "genjin"."""
_SERVED_BY: Final = "served_by"
"""A column of Alembic's table: "0070>=0064" says of revision 0070 that versions whose newest one is
0064 may run on it, too. What is said about another revision than the database's does not count."""


class SchemaDamaged(Exception):
    """A migration left dangling references; it was rolled back."""


class SchemaNewer(Exception):
    """The database's revision is unknown to this version; nothing was changed."""

    def __init__(self, revision: str) -> None:
        super().__init__(f"the database has the unknown revision {revision}")
        self.revision = revision


class SchemaOlder(Exception):
    """The database's revision predates the first one of this version; nothing was changed.

    ``build`` is the commit whose version can upgrade it.
    """

    build: Final = "422f881"

    def __init__(self, revision: str) -> None:
        super().__init__(f"the database has the old revision {revision}")
        self.revision = revision


class SearchMissing(Exception):
    """This SQLite cannot keep the index of texts; nothing was changed."""


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """The health report for ``doctor``.

    ``problems`` are catalogue keys ``health.<problem>``, worst first; ``revision`` is empty before
    the first migration.
    """

    dialect: str
    engine_version: str = ""
    revision: str = ""
    expected: str = ""
    problems: tuple[str, ...] = ()


def migrate(database: Database) -> None:
    """Run the missing revisions. Raises StorageUnavailable, SchemaNewer, SchemaOlder,
    SchemaDamaged and SearchMissing."""
    if not database.can_search:
        # Without it no lead could be written any more.
        raise SearchMissing
    database.create()
    revision = revision_of(database)
    if _runs_on(database, revision):
        return
    if revision and revision not in known_revisions():
        raise SchemaOlder(revision) if is_too_old(revision) else SchemaNewer(revision)
    # Imported here: most starts change nothing, and Alembic is a twentieth of what a start imports.
    from alembic import command

    with _locked(database) as connection:
        config = _config()
        config.attributes |= {"connection": connection, "fields": database.fields}
        command.upgrade(config, "head")
        _say_who_may_run(connection, oldest_to_run(_scripts(config)))
        if database.dialect == "sqlite":
            store_statistics(connection)
    # A connection of before may not have read the figures.
    database.dispose()


def head() -> str:
    """Return the newest revision this version knows."""
    return max(known_revisions())


@cache
def known_revisions() -> frozenset[str]:
    """Return all revisions that this version can upgrade from.

    They are what their files are named after, ``0047_day_steps.py``, so that none has to be loaded.
    """
    files = (_MIGRATIONS / "versions").glob("[0-9]*_*.py")
    return frozenset(file.name.partition("_")[0] for file in files)


def is_too_old(revision: str) -> bool:
    """Tell whether a revision is of a build before the first release, which also used numbers."""
    return revision < min(known_revisions())


def revision_of(database: Database) -> str:
    """Return the database's revision; empty for a new one."""
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def is_served(database: Database) -> bool:
    """Tell whether this version runs on the database as it is: on its own schema, or on a newer one
    whose revisions let it."""
    return _runs_on(database, revision_of(database))


def oldest_to_run(revisions: "Iterable[Script]") -> str:
    """Return the oldest revision whose versions may run on a database that has all of these.

    That is the newest one that does not declare ``old_code_may_run = True``.
    """
    return max(
        one.revision
        for one in revisions
        if one.module.__dict__.get("old_code_may_run") is not True or one.down_revision is None
    )


def lets_run(revision: str) -> bool:
    """Tell whether versions whose newest revision is this one may run on this version's schema."""
    return revision >= oldest_to_run(_scripts(_config()))


def revisions_after(before: str) -> "tuple[Script, ...]":
    """Return the revisions after ``before``, oldest first; all of them for a new database."""
    found = (one for one in _scripts(_config()) if one.revision > before)
    return tuple(sorted(found, key=lambda one: one.revision))


def check(database: Database) -> DatabaseHealth:
    """Check a database without changing it; never raises for one that does not answer."""
    expected = head()
    try:
        revision = revision_of(database)
        version = _engine_version(database)
    except StorageUnavailable as error:
        problems: tuple[str, ...] = (f"database_{database.trouble(error)}",)
        return DatabaseHealth(database.dialect, expected=expected, problems=problems)
    problems = () if database.can_search else ("database_no_search",)
    if revision != expected:
        ahead = _runs_on(database, revision)
        problems = (*problems, "database_ahead" if ahead else _problem_of(revision))
    return DatabaseHealth(database.dialect, version, revision, expected, problems)


def _problem_of(revision: str) -> str:
    if not revision or revision in known_revisions():
        return "database_schema"
    return "database_too_old" if is_too_old(revision) else "database_newer"


def _engine_version(database: Database) -> str:
    if database.dialect == "sqlite":
        return str(sqlite_module().sqlite_version)
    with database.read() as connection:
        return str(connection.scalar(text("SHOW server_version")))


def _runs_on(database: Database, revision: str) -> bool:
    return revision == head() or (revision > head() and head() >= _oldest_allowed(database))


def _oldest_allowed(database: Database) -> str:
    """Return the oldest revision whose versions may run on the database: its own, unless said."""
    with database.read() as connection:
        row = connection.execute(text("SELECT * FROM alembic_version")).mappings().one()
    about, _, oldest = (row.get(_SERVED_BY) or "").partition(">=")
    revision: str = row["version_num"]
    return oldest if about == revision and oldest else revision


def _say_who_may_run(connection: Connection, oldest: str) -> None:
    names = {column["name"] for column in inspect(connection).get_columns("alembic_version")}
    if _SERVED_BY not in names:
        connection.execute(text(f"ALTER TABLE alembic_version ADD COLUMN {_SERVED_BY} VARCHAR(80)"))
    said = text(f"UPDATE alembic_version SET {_SERVED_BY} = version_num || '>=' || :oldest")  # noqa: S608
    connection.execute(said, {"oldest": oldest})


@contextmanager
def _locked(database: Database) -> Iterator[Connection]:
    """Open a transaction under the migration lock."""
    if database.dialect == "postgresql":
        with database.write() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            # A revision may compute for long between two statements.
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            yield connection
        return
    # SQLite rebuilds tables to change them, which foreign keys would answer by deleting rows;
    # they cannot be switched off inside a transaction, so this has an engine of its own.
    engine = sqlite_engine(database.url, begin="BEGIN IMMEDIATE", pool_size=1, foreign_keys=False)
    try:
        with database.answering(), engine.begin() as connection:
            yield connection
            if connection.execute(text("PRAGMA foreign_key_check")).first():
                raise SchemaDamaged
    finally:
        engine.dispose()


def _scripts(config: "Config") -> "Iterable[Script]":
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(config).walk_revisions()


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config
