"""Migrations: safe when run concurrently, whole or not at all, and equal to the tables."""

import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import UniqueConstraint, inspect, text
from sqlalchemy.exc import DBAPIError

from sales.errors import StorageUnavailable
from storage.database.engine import Database, open_database
from storage.database.schema import (
    SchemaNewer,
    SearchMissing,
    _config,
    check,
    head,
    known_revisions,
    migrate,
    revision_of,
)
from storage.tables import lead, metadata
from tests.databases import Databases, Kind


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a table is one that our code reads and writes as such: triggers fill the index of
    searches, and SQLite keeps it in several tables."""
    return not (kind == "table" and str(name).startswith("lead_text"))


class TestMigrate:
    def test_gives_exactly_the_tables(self, database: Database) -> None:
        with database.read() as connection:
            context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
            assert compare_metadata(context, metadata) == []

    def test_is_refused_by_an_sqlite_without_trigrams(
        self, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        database = open_database(databases.empty("sqlite"), tmp_path)
        assert database.can_search
        # As a build without FTS5 has it.
        monkeypatch.setattr(Database, "can_search", False)
        with pytest.raises(SearchMissing):
            migrate(database)
        database.create()
        assert check(database).problems == ("database_no_search", "database_schema")
        database.dispose()

    def test_files_are_named_after_their_revisions(self) -> None:
        scripts = ScriptDirectory.from_config(_config())
        assert head() == scripts.get_current_head()
        assert known_revisions() == {script.revision for script in scripts.walk_revisions()}

    def test_runs_once_when_replicas_start_together(
        self, databases: Databases, database_kind: Kind, tmp_path: Path
    ) -> None:
        url = databases.empty(database_kind)
        replicas = [open_database(url, tmp_path) for _ in range(6)]
        with ThreadPoolExecutor(len(replicas)) as pool:
            list(pool.map(migrate, replicas))
        assert {revision_of(replica) for replica in replicas} == {head()}
        for replica in replicas:
            replica.dispose()

    def test_leaves_nothing_when_killed_half_way(
        self, databases: Databases, database_kind: Kind, tmp_path: Path
    ) -> None:
        url = databases.empty(database_kind)
        killed = subprocess.run(
            [sys.executable, "-c", _DIES_IN_MIGRATION, url], check=False, capture_output=True
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
        replica = open_database(url, tmp_path)
        with replica.read() as connection:
            assert inspect(connection).get_table_names() == []
        migrate(replica)
        assert revision_of(replica) == head()
        replica.dispose()


_DIES_IN_MIGRATION = textwrap.dedent("""
    import os, signal, sys
    from pathlib import Path
    from sqlalchemy import event
    from sqlalchemy.engine import Engine
    from storage.database.engine import open_database
    from storage.database.schema import migrate

    @event.listens_for(Engine, "before_cursor_execute")
    def die_late(connection, cursor, statement, *rest):
        if statement.strip().startswith("CREATE TABLE transcript"):
            os.kill(os.getpid(), signal.SIGKILL)

    migrate(open_database(sys.argv[1], Path(".")))
""")


class TestCheck:
    def test_is_content_with_a_migrated_database(self, database: Database) -> None:
        health = check(database)
        assert health.problems == ()
        assert health.revision == health.expected == head()
        assert health.engine_version

    def test_tells_of_a_schema_that_is_behind(
        self, databases: Databases, database_kind: Kind, tmp_path: Path
    ) -> None:
        empty = open_database(databases.empty(database_kind), tmp_path)
        empty.create()
        assert check(empty).problems == ("database_schema",)
        empty.dispose()

    def test_tells_of_a_schema_that_is_ahead_and_leaves_it_alone(self, database: Database) -> None:
        with database.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        assert check(database).problems == ("database_newer",)
        with pytest.raises(SchemaNewer, match="9999"):
            migrate(database)
        assert revision_of(database) == "9999"

    @pytest.mark.parametrize("content", [b"", b"hello " * 2000, bytes(8192)])
    def test_tells_of_a_file_that_is_no_database(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "genjin.db").write_bytes(content)
        odd = open_database("", tmp_path)
        expected = "database_damaged" if content.strip(b"\0") else "database_schema"
        assert check(odd).problems[0] in (expected, "database_damaged")
        odd.dispose()

    def test_tells_of_a_database_that_is_not_there(self, tmp_path: Path) -> None:
        gone = open_database(f"postgresql:///genjin?host={tmp_path}", tmp_path)
        assert check(gone).problems == ("database_unreachable",)


class TestAudit:
    @pytest.mark.parametrize("attempt", ["UPDATE audit SET act = 'x'", "DELETE FROM audit"])
    def test_cannot_be_changed_or_dropped(self, database: Database, attempt: str) -> None:
        with database.write() as connection:
            connection.execute(
                text(
                    "INSERT INTO audit (at, actor_id, act, subject, detail) "
                    "VALUES ('2026-11-23 09:00:00', 1, 'lead.create', 'lead:1', '{}')"
                )
            )
        with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
            connection.execute(text(attempt))
        with database.read() as connection:
            assert connection.scalar(text("SELECT act FROM audit")) == "lead.create"


class TestReader:
    def test_refuses_to_write(self, database: Database) -> None:
        with pytest.raises(DBAPIError), database.read() as connection:
            connection.execute(text("INSERT INTO team (name) VALUES ('East')"))


class TestOpen:
    def test_a_lost_file_is_not_replaced_by_an_empty_one(self, tmp_path: Path) -> None:
        lost = open_database("", tmp_path)
        assert check(lost).problems == ("database_unreachable",)
        with pytest.raises(StorageUnavailable), lost.write():
            pass
        assert list(tmp_path.iterdir()) == []

    def test_a_new_file_can_be_opened_by_many_at_once(self, tmp_path: Path) -> None:
        """SQLite answers "database is locked" at once, without waiting, to some of those who
        switch a new file to WAL in the same moment (5 of 1,200 before it was asked again)."""

        def reach(database: Database) -> int:
            with database.write() as connection:
                return int(connection.scalar(text("SELECT 1")) or 0)

        with ThreadPoolExecutor(8) as pool:
            for number in range(40):
                file = f"sqlite:///{tmp_path / str(number)}.db"
                together = [open_database(file, tmp_path) for _ in range(8)]
                together[0].create()
                assert list(pool.map(reach, together)) == [1] * 8
                for database in together:
                    database.dispose()


class TestReferences:
    def test_what_refers_to_a_lead_is_found_by_an_index(self) -> None:
        """Else the database reads the whole table for each lead that an undone import removes."""
        for table in metadata.sorted_tables:
            keys = [index.columns for index in table.indexes] + [table.primary_key.columns]
            firsts = {next(iter(columns)) for columns in keys}
            firsts |= {
                next(iter(one.columns))
                for one in table.constraints
                if isinstance(one, UniqueConstraint)
            }
            for key in table.foreign_keys:
                if key.column is lead.c.id:
                    assert key.parent in firsts, f"{table.name}.{key.parent.name}"
