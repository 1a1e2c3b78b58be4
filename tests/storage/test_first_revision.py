"""The first revision took the place of 24: what they made is what it makes, and is taken over.

``schema_0040`` holds the schema as the last of them left it, dumped from a database of each kind.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from sales.people import SYSTEM
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.database.keyring import KeyFile
from storage.database.keys import Keys, bring_up
from storage.database.schema import SchemaOlder, check, head, migrate, revision_of
from storage.database.types import sealed_columns
from storage.tables import metadata
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.databases import Databases, Kind
from tests.storage.company import found_company

DUMPS = Path(__file__).parent / "schema_0040"
FILLED_ONCE = {place for _, place in sealed_columns(metadata)}
"""Columns that were added to rows which were there, with a default that nobody needs since."""


@pytest.fixture
def old(databases: Databases, database_kind: Kind, tmp_path: Path) -> Iterator[Database]:
    """As the chain of old revisions left it."""
    database = open_database(databases.empty(database_kind), tmp_path)
    database.create()
    script = (DUMPS / f"{database_kind}.sql").read_text()
    link = database.writer.raw_connection()
    if database_kind == "sqlite":
        link.cursor().executescript(script)
    else:
        link.cursor().execute(script)
    link.commit()
    link.close()
    yield database
    database.dispose()
    databases.drop(database.url.render_as_string(hide_password=False))


def described(connection: Connection) -> dict[str, Any]:
    """All tables by name, and all triggers with what they do; the order of columns is no part."""
    inspector = inspect(connection)
    tables: dict[str, Any] = {}
    for name in inspector.get_table_names():
        columns = [
            (
                one["name"],
                str(one["type"]),
                one["nullable"],
                None if f"{name}.{one['name']}" in FILLED_ONCE else one["default"],
            )
            for one in inspector.get_columns(name)
        ]
        tables[name] = {
            "columns": sorted(columns),
            "key": inspector.get_pk_constraint(name),
            "references": sorted(inspector.get_foreign_keys(name), key=repr),
            "unique": sorted(inspector.get_unique_constraints(name), key=repr),
            "checks": sorted(inspector.get_check_constraints(name), key=repr),
            "indexes": sorted(map(repr, map(_plain, inspector.get_indexes(name)))),
        }
    rows = connection.execute(text(TRIGGERS[connection.dialect.name]))
    triggers = {name: " ".join(does.split()) for name, does in rows}
    return tables | {"triggers": triggers}


def _plain(index: Any) -> dict[str, Any]:
    """SQLAlchemy gives the condition of an index as an object of its own."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


TRIGGERS = {
    "sqlite": (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
        "UNION SELECT name, 'autoincrement' FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"
    ),
    "postgresql": (
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
        "UNION SELECT 'function ' || proname, prosrc FROM pg_proc "
        "WHERE pronamespace = 'public'::regnamespace"
    ),
}


def started(database: Database, tmp_path: Path) -> UnitOfWorkFactory:
    fields, now = Fields(), lambda: MONDAY
    bring_up(database, Keys(database, fields, KeyFile(tmp_path / "secret.keys"), now=now))
    return UnitOfWorkFactory(database, fields, now=now)


class TestFirstRevision:
    def test_makes_what_the_old_ones_made(self, old: Database, database: Database) -> None:
        migrate(old)  # Through the revisions that came after.
        with old.read() as before, database.read() as now:
            assert described(now) == described(before)

    def test_takes_a_database_of_the_old_ones_over(self, old: Database, tmp_path: Path) -> None:
        for _ in range(2):
            units = started(old, tmp_path)
            assert check(old).problems == ()
        company = found_company(units)
        with units() as uow:
            lead = uow.leads(SYSTEM).add(company.lead(customer="Acme", phone="+8613800005678"))
            uow.audit.record(company.robin, "lead.create", lead.subject, {})
            uow.commit()
        with started(old, tmp_path)(read_only=True) as uow:
            assert uow.leads(SYSTEM).search("Acme", 5) == [lead]
        assert revision_of(old) == head()
        with pytest.raises(DBAPIError, match="append-only"), old.write() as connection:
            connection.execute(text("DELETE FROM audit"))

    def test_never_gives_the_number_of_a_lead_that_is_gone(
        self, old: Database, database: Database, tmp_path: Path
    ) -> None:
        for one in (old, database):
            units = started(one, tmp_path / str(one is old))
            company = found_company(units)
            with units() as uow:
                first = uow.leads(SYSTEM).add(company.lead())
                uow.commit()
            with one.write() as connection:
                connection.execute(text("DELETE FROM stage_interval"))
                connection.execute(text("DELETE FROM lead"))
            with units() as uow:
                assert uow.leads(SYSTEM).add(replace(first, id=0)).id > first.id


class TestOlder:
    @pytest.mark.parametrize("revision", ["0001", "0032"])
    def test_is_refused_and_left_alone(self, old: Database, revision: str) -> None:
        with old.write() as connection:
            update = text("UPDATE alembic_version SET version_num = :revision")
            connection.execute(update, {"revision": revision})
        assert check(old).problems == ("database_too_old",)
        with pytest.raises(SchemaOlder, match=revision):
            migrate(old)
        assert revision_of(old) == revision
