"""A database of a version that kept texts in clear: sealed at the next start, and wiped."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from sales.errors import KeysUnavailable
from sales.people import SYSTEM
from storage.database import keys
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.database.keyring import KeyFile
from storage.database.keys import Keys, bring_up
from storage.database.schema import _config, _locked, head, migrate, revision_of
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.database_files import files_of
from tests.databases import Databases, Kind

CANARY = "139 7771 2345"
SEALING = "0031"
LEADS = 1203
"""More than a batch."""


@pytest.fixture
def old(databases: Databases, database_kind: Kind, tmp_path: Path) -> Iterator[Database]:
    """As the version before left it, with texts in use, changed and deleted."""
    database = open_database(databases.empty(database_kind), tmp_path)
    database.create()
    before = ScriptDirectory.from_config(_config()).get_revision(SEALING).down_revision
    assert isinstance(before, str)
    with _locked(database) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, before)
    with database.write() as connection:
        run = connection.exec_driver_sql
        run("INSERT INTO team (id, name) VALUES (1, 'East')")
        run(
            "INSERT INTO person (id, name, role, team_id, locale, active, weight, hours) "
            "VALUES (1, 'Robin Sample', 'rep', 1, 'en', TRUE, 1, '')"
        )
        for number in range(1, LEADS + 1):
            connection.execute(text(_LEAD), {"id": number, "words": words_of(number)})
        run("UPDATE lead SET need = 'shorter' WHERE id IN (100, 200)")
        connection.execute(text("DELETE FROM lead WHERE id = :last"), {"last": LEADS})
        connection.execute(text(_FOLLOWUP), {"words": f"{CANARY} rang"})
    assert holds_canary(database)
    yield database
    database.dispose()
    if database.path is None:
        databases.drop(database.url.render_as_string(hide_password=False))


_LEAD = """
    INSERT INTO lead (
        id, source, customer, industry, contact, title, need, region, product, authority, clarity,
        timeframe, score, grade, stage, stage_since, owner_id, team_id, created_at, created_by,
        next_step, lost_reason, contract, payment, version
    ) VALUES (
        :id, 'ads-Fair', CAST(:words AS TEXT), '', 'Li', '', CAST(:words AS TEXT), '', '',
        'unknown', 'unknown', 'unknown', 0, 'low', 'captured', '2024-01-01', 1, 1, '2024-01-01', 1,
        '', '', 'HT-7', '30%', 0
    )
"""
_FOLLOWUP = """
    INSERT INTO followup (id, lead_id, person_id, at, method, summary, feedback, next_step, version)
    VALUES (1, 7, 1, '2024-01-02', 'call', :words, '', '', 0)
"""


def holds_canary(database: Database) -> bool:
    return any(CANARY.encode() in path.read_bytes() for path in files_of(database))


def started(database: Database, file: Path) -> UnitOfWorkFactory:
    fields = Fields()
    bring_up(database, Keys(database, fields, KeyFile(file), now=lambda: MONDAY))
    return UnitOfWorkFactory(database, fields, now=lambda: MONDAY)


def words_of(number: int) -> str:
    return f"Site {number}. Ring {CANARY}"


def assert_sealed(database: Database, units: UnitOfWorkFactory) -> None:
    assert not holds_canary(database)
    assert revision_of(database) == head()
    with units(read_only=True) as uow:
        lead = uow.leads(SYSTEM).get(7)
        assert (lead.customer, lead.need) == (words_of(7), words_of(7))
        assert (lead.source, lead.contract, lead.payment) == ("ads-Fair", "HT-7", "30%")
        assert uow.leads(SYSTEM).get(100).need == "shorter"
        assert [one.id for one in uow.leads(SYSTEM).search("Site 779.", 9)] == [779]
        assert uow.followups(SYSTEM).of_lead(7, 5)[0].summary == f"{CANARY} rang"
        assert len(uow.duplicates.by_contract("HT-7")) == 50


class TestSealing:
    def test_seals_and_wipes_what_stood_in_clear(self, old: Database, tmp_path: Path) -> None:
        assert_sealed(old, started(old, tmp_path / "secret.keys"))
        assert_sealed(old, started(old, tmp_path / "secret.keys"))

    def test_that_breaks_off_leaves_all_as_it_was(
        self, old: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls, seal = count(), Fields.seal

        def breaks(self: Fields, value: str, place: str) -> bytes:
            if next(calls) == 3 * LEADS:
                raise OSError("the power is gone")
            return seal(self, value, place)

        monkeypatch.setattr(Fields, "seal", breaks)
        with pytest.raises(OSError, match="power"):
            started(old, tmp_path / "secret.keys")
        monkeypatch.undo()
        assert revision_of(old) < SEALING
        assert_sealed(old, started(old, tmp_path / "secret.keys"))

    def test_wipes_at_the_next_start_what_it_could_not(
        self, old: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keys, "scrub", lambda _database: None)
        started(old, tmp_path / "secret.keys")
        monkeypatch.undo()
        assert holds_canary(old)
        assert_sealed(old, started(old, tmp_path / "secret.keys"))

    def test_needs_the_keys(self, old: Database) -> None:
        with pytest.raises(KeysUnavailable):
            migrate(old)

    @pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
    def test_never_gives_the_number_of_a_lead_that_is_gone(
        self, old: Database, tmp_path: Path
    ) -> None:
        units = started(old, tmp_path / "secret.keys")
        with units() as uow:
            lead = uow.leads(SYSTEM).get(7)
            again = replace(lead, id=0, contract="")
            assert uow.leads(SYSTEM).add(again).id > LEADS
