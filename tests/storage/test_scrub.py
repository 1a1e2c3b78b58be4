"""What a revision asked to be wiped is gone from the files after the next start."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import keys
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.database.keyring import KeyFile
from storage.database.keys import Keys, bring_up
from storage.database.schema import migrate
from storage.tables import memory
from tests.clock import MONDAY
from tests.database_files import files_of
from tests.databases import Databases, Kind

CANARY = "139 7771 2345"
LEFT = "still here"
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@pytest.fixture
def written(databases: Databases, database_kind: Kind, tmp_path: Path) -> Iterator[Database]:
    """As a revision leaves it that took texts in clear away."""
    database = open_database(databases.empty(database_kind), tmp_path)
    database.create()
    migrate(database)
    known = {"at": MONDAY.replace(tzinfo=None)}
    with database.write() as connection:
        insert = text("INSERT INTO inbound (id, at) VALUES (:id, :at)")
        rows = [{"id": f"{CANARY} {number}"} | known for number in range(1200)]
        connection.execute(insert, [*rows, {"id": LEFT} | known])
    with database.write() as connection:
        connection.execute(text("DELETE FROM inbound WHERE id <> :left"), {"left": LEFT})
        asked = {"key": "storage.database.scrub:inbound", "total": 0, "forget_at": NEVER}
        connection.execute(memory.insert(), [asked])
    assert holds_canary(database)
    yield database
    database.dispose()
    if database.path is None:
        databases.drop(database.url.render_as_string(hide_password=False))


def holds_canary(database: Database) -> bool:
    return any(CANARY.encode() in path.read_bytes() for path in files_of(database))


def start(database: Database, tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "secret.keys")
    bring_up(database, Keys(database, Fields(), file, now=lambda: MONDAY))


def assert_wiped(database: Database) -> None:
    assert not holds_canary(database)
    with database.read() as connection:
        assert connection.scalars(text("SELECT id FROM inbound")).all() == [LEFT]
        assert connection.scalars(text("SELECT key FROM memory")).all() == []


class TestScrub:
    def test_wipes_what_was_taken_away(self, written: Database, tmp_path: Path) -> None:
        start(written, tmp_path)
        assert_wiped(written)
        start(written, tmp_path)
        assert_wiped(written)

    def test_wipes_at_the_next_start_what_it_could_not(
        self, written: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keys, "scrub", lambda _database: None)
        start(written, tmp_path)
        monkeypatch.undo()
        assert holds_canary(written)
        start(written, tmp_path)
        assert_wiped(written)
