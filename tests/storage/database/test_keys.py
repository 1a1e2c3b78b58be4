"""The keys of a database: proved before anything is sealed, and never invented beside others."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from sales.errors import KeysUnavailable
from sales.people import SYSTEM
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.keyring import KeyFile, Keyring, KeySetting, KeySource, new_key
from storage.database.keys import Keys, bring_up, retire
from storage.database.reseal import reseal
from storage.tables import secret_key
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.storage.company import Company, found_company

PHONE, EMAIL = "+8613800005678", "robin@acme.example"
A, B = new_key("a"), new_key("b")
OTHER_A = new_key("a")


class Process:
    """One process on the database, with the keys that it was given."""

    def __init__(self, database: Database, source: KeySource) -> None:
        self.database = database
        self.fields = Fields()
        self.keys = Keys(database, self.fields, source, now=lambda: MONDAY)
        self.units = UnitOfWorkFactory(database, self.fields, now=lambda: MONDAY)

    def start(self) -> "Process":
        bring_up(self.database, self.keys)
        return self

    def problems(self) -> list[tuple[str, str]]:
        """What is wrong, and the ids of the keys it is about."""
        return [(one.key, one.params.get("ids", "")) for one in self.keys.problems()]

    def refused(self) -> list[tuple[str, str]]:
        """What is wrong, when it does not start; then nothing can be sealed either."""
        with pytest.raises(KeysUnavailable):
            self.start()
        with pytest.raises(KeysUnavailable):
            self.fields.seal("a", "b")
        return self.problems()

    def store(self) -> Company:
        company = found_company(self.units)
        with self.units() as uow:
            uow.leads(SYSTEM).add(company.lead(phone=PHONE, email=EMAIL, need="Two presses"))
            uow.commit()
        return company

    def assert_whole(self) -> None:
        self.database.seal_with(self.fields)
        with self.units(read_only=True) as uow:
            found = uow.duplicates.by_contact(PHONE, "")
            assert found is not None
            assert (found.phone, found.email, found.need) == (PHONE, EMAIL, "Two presses")


Start = Callable[..., Process]


@pytest.fixture
def start(database: Database) -> Start:
    """A process with these keys, in this order."""
    return lambda *keys: Process(database, KeySetting(",".join(keys)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "secret.keys"


def without_proofs(database: Database) -> None:
    """As a version before the proofs left it."""
    with database.write() as connection:
        connection.execute(delete(secret_key))


class TestKeyFile:
    def test_is_made_for_a_database_in_which_nothing_is_sealed(
        self, database: Database, file: Path
    ) -> None:
        process = Process(database, KeyFile(file)).start()
        process.store()
        process.assert_whole()
        [key_id] = read(file).ids
        assert len(key_id) > 8, "two that are made never share an id"
        Process(database, KeyFile(file)).start().assert_whole()

    @pytest.mark.parametrize("proofs", [True, False], ids=["proofs", "no proofs"])
    def test_that_is_lost_is_not_replaced_and_works_again_when_it_is_back(
        self, database: Database, file: Path, proofs: bool
    ) -> None:
        first = Process(database, KeyFile(file)).start()
        first.store()
        if not proofs:
            without_proofs(database)
        kept = file.rename(file.with_name("kept"))
        assert first.problems() == [("keys_gone", "")]
        next_one = Process(database, KeyFile(file))
        assert [key for key, _ in next_one.refused()] == ["keys_missing"]
        assert not file.exists()
        kept.rename(file)
        next_one.start().assert_whole()
        assert next_one.problems() == []

    @pytest.mark.parametrize("content", [b"", b"k1", b"\xff\xfe", b"k1:!!!", b"k1:c2hvcnQ="])
    def test_that_was_damaged_is_left_alone(
        self, database: Database, file: Path, content: bytes
    ) -> None:
        Process(database, KeyFile(file)).start().store()
        file.write_bytes(content)
        assert Process(database, KeyFile(file)).refused() == [("keys_unusable", "")]
        assert file.read_bytes() == content

    def test_that_cannot_be_made_is_told_of(self, database: Database, tmp_path: Path) -> None:
        (tmp_path / "taken").write_text("a file where the directory should be")
        process = Process(database, KeyFile(tmp_path / "taken" / "secret.keys"))
        assert process.refused() == [("keys_unusable", "")]

    def test_is_not_made_by_somebody_who_only_looks(self, database: Database, file: Path) -> None:
        process = Process(database, KeyFile(file))
        process.keys.prove(make=False)
        assert process.problems() == []
        assert not file.exists()


class TestOtherKeys:
    @pytest.mark.parametrize("proofs", [True, False], ids=["proofs", "no proofs"])
    def test_of_the_same_id_are_noticed(
        self, database: Database, start: Start, proofs: bool
    ) -> None:
        start(A).start().store()
        if not proofs:
            without_proofs(database)
        assert start(OTHER_A).refused() == [("keys_wrong", "a")]
        start(A).start().assert_whole()

    @pytest.mark.parametrize("proofs", [True, False], ids=["proofs", "no proofs"])
    def test_of_another_id_are_noticed(
        self, database: Database, start: Start, proofs: bool
    ) -> None:
        start(A).start().store()
        if not proofs:
            without_proofs(database)
        assert start(B).refused() == [("keys_incomplete", "a")]
        with database.read() as connection:
            proved = connection.scalar(select(func.count()).select_from(secret_key))
        assert proved == int(proofs)

    def test_of_two_replicas_on_an_empty_database_one_is_refused(self, start: Start) -> None:
        one, other = start(A), start(B)
        one.keys.prove()
        other.keys.prove()
        one.keys.record()
        with pytest.raises(KeysUnavailable):
            other.keys.record()
        assert other.fields.is_locked
        assert other.problems() == [("keys_incomplete", "a")]

    def test_that_another_replica_uses_are_told_of_while_this_one_runs(self, start: Start) -> None:
        one = start(A).start()
        one.store()
        start(B, A).start()
        assert one.problems() == [("keys_incomplete", "b")]


class TestSeveralKeys:
    @pytest.mark.parametrize("proofs", [True, False], ids=["proofs", "no proofs"])
    @pytest.mark.parametrize("keys", [(A, B), (B, A)], ids=["behind", "in front"])
    def test_a_key_may_be_added_anywhere(
        self, database: Database, start: Start, proofs: bool, keys: tuple[str, ...]
    ) -> None:
        """Blind indexes go by the key that they were made with, and not by a place in the ring."""
        start(A).start().store()
        if not proofs:
            without_proofs(database)
        start(*keys).start().assert_whole()
        start(*reversed(keys)).start().assert_whole()

    def test_a_key_may_be_taken_away_once_nothing_is_sealed_with_it(
        self, database: Database, start: Start
    ) -> None:
        start(A).start().store()
        both = start(B, A).start()
        assert start(B).refused() == [("keys_incomplete", "a")]
        database.seal_with(both.fields)
        assert reseal(database, both.fields).changed > 3
        retire(database, "b", MONDAY)
        both.assert_whole()
        start(B).start().assert_whole()
        start(B, A).start().assert_whole()
        start(A, B).start().assert_whole()
        assert start(B).refused() == [("keys_incomplete", "a")], "it seals again"


class TestUnreadable:
    def test_one_value_takes_no_page_down_and_is_kept(
        self, database: Database, start: Start
    ) -> None:
        process = start(A).start()
        company = process.store()
        strange = Fields(KeySetting(B).read()).seal("Three presses", "lead.need")
        put(database, strange)
        with process.units() as uow:
            found = uow.leads(SYSTEM).get(1)
            assert "cannot be read" in found.need
            assert [one.id for one in uow.leads(SYSTEM).search("Acme", 5)] == [1]
            changed = uow.leads(SYSTEM).save(replace(found, need="".join(found.need)))
            assert changed.version == found.version + 1
            uow.commit()
        assert stored(database) == strange
        assert process.problems() == [("values_unreadable", "")]
        start(A, B).start()
        with process.units(read_only=True) as uow:
            assert uow.leads(company.boss).get(1).phone == PHONE
        both = start(A, B).start()
        with both.units(read_only=True) as uow:
            assert uow.leads(SYSTEM).get(1).need == "Three presses"


def put(database: Database, sealed: bytes) -> None:
    with database.write() as connection:
        connection.exec_driver_sql(
            f"UPDATE lead SET need = {literal(database, sealed)}"  # noqa: S608
        )


def literal(database: Database, value: bytes) -> str:
    return f"x'{value.hex()}'" if database.path else f"'\\x{value.hex()}'"


def stored(database: Database) -> bytes:
    with database.read() as connection:
        return bytes(connection.exec_driver_sql("SELECT need FROM lead").scalar_one())


def read(file: Path) -> Keyring:
    keyring = KeyFile(file).read()
    assert keyring is not None
    return keyring
