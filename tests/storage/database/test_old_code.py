"""Old and new versions on one database: who may run, and what a revision that lets them changes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, text

from storage.database import schema
from storage.database.engine import Database
from storage.database.schema import (
    SchemaNewer,
    check,
    head,
    is_served,
    known_revisions,
    lets_run,
    migrate,
    oldest_to_run,
    revisions_after,
)
from tests.databases import Databases, Kind
from tests.storage.former import database_before

FIRST_TO_DECLARE = "0061"
ADDITIVE = [
    one.revision
    for one in revisions_after("")
    if one.module.__dict__.get("old_code_may_run") is True
]


@pytest.fixture
def version(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes this process one of the version whose newest revision is the given one."""
    every = known_revisions()

    def become(newest: str) -> None:
        known = frozenset(revision for revision in every if revision <= newest)
        monkeypatch.setattr(schema, "known_revisions", lambda: known)

    return become


def say(database: Database, revision: str, served_by: str | None) -> None:
    with database.write() as connection:
        connection.execute(
            text("UPDATE alembic_version SET version_num = :revision, served_by = :said"),
            {"revision": revision, "said": served_by},
        )


class TestOldVersion:
    def test_runs_on_a_newer_schema_that_lets_it(
        self, database: Database, version: Callable[[str], None]
    ) -> None:
        version("0062")
        assert is_served(database)
        migrate(database)
        assert check(database).problems == ("database_ahead",)
        assert check(database).revision > head()

    def test_refuses_one_that_does_not(
        self, database: Database, version: Callable[[str], None]
    ) -> None:
        version("0061")
        assert not is_served(database)
        assert check(database).problems == ("database_newer",)
        with pytest.raises(SchemaNewer):
            migrate(database)

    @pytest.mark.parametrize(
        "said", [None, "", "9998>=0001", "9999>=", "9999", ">=0001", "9999>=9999", "nonsense"]
    )
    def test_takes_nothing_for_granted(self, database: Database, said: str | None) -> None:
        """Somebody may have changed the revision, and not what was said about another one."""
        say(database, "9999", said)
        assert not is_served(database)
        assert check(database).problems == ("database_newer",)

    def test_believes_what_is_said_of_a_revision_it_does_not_know(self, database: Database) -> None:
        say(database, "9999", f"9999>={head()}")
        migrate(database)
        assert check(database).problems == ("database_ahead",)

    def test_refuses_a_database_from_before_anything_was_said(
        self, fresh_database: Database
    ) -> None:
        with fresh_database.write() as connection:
            connection.execute(text("ALTER TABLE alembic_version DROP COLUMN served_by"))
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        assert not is_served(fresh_database)


class TestRevisions:
    def test_declare_whether_old_code_may_run(self) -> None:
        for one in revisions_after(FIRST_TO_DECLARE):
            assert isinstance(one.module.__dict__.get("old_code_may_run"), bool), one.revision

    def test_let_run_what_they_say(self) -> None:
        assert lets_run("0062")
        assert not lets_run("0061")
        assert not lets_run("")

    def test_of_before_the_audit_chain_write_no_marks(self) -> None:
        every = revisions_after("")
        assert oldest_to_run(every) >= "0062"
        assert oldest_to_run(one for one in every if one.revision < "0062") < FIRST_TO_DECLARE

    @pytest.mark.parametrize("revision", ADDITIVE)
    def test_that_let_old_code_run_only_add(
        self, revision: str, databases: Databases, database_kind: Kind, tmp_path: Path
    ) -> None:
        """What old code reads stays, and what it does not write has a value of its own."""
        with (
            database_before(revision, databases, database_kind, tmp_path) as former,
            schema._locked(former) as connection,
        ):
            before = shape(connection)
            config = schema._config()
            config.attributes |= {"connection": connection, "fields": former.fields}
            command.upgrade(config, revision)
            after = shape(connection)
        for table, columns in before.items():
            kept = {name: after[table][name] for name in columns}
            assert kept == columns, table
            for name in after[table].keys() - columns.keys():
                assert after[table][name]["may_be_left_out"], f"{table}.{name}"


def shape(connection: Connection) -> dict[str, dict[str, Any]]:
    """Every table's columns and unique constraints, for comparison."""
    look = inspect(connection)
    tables: dict[str, dict[str, Any]] = {}
    for table in look.get_table_names():
        if table.startswith(("lead_text", "alembic")):
            continue
        tables[table] = {
            column["name"]: {
                "type": str(column["type"]),
                "may_be_left_out": bool(column["nullable"] or column["default"]),
            }
            for column in look.get_columns(table)
        }
        for unique in look.get_unique_constraints(table):
            # A new one would refuse what old code writes.
            name = f"unique {sorted(unique['column_names'])}"
            tables[table][name] = {"may_be_left_out": False}
    return tables
