"""What a proof proves, on both databases: each of its checks can fail."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from sales.audit_chain import START
from sales.people import SYSTEM
from storage.audit.check import check_audit
from storage.backups.audit_chain import AuditTampered, check_chain
from storage.backups.manifests import BackupOutcome, Manifest
from storage.backups.repository import BackupRepository
from storage.backups.service import back_up, verify
from storage.backups.stores import DirectoryStore
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.keyring import Keyring
from storage.erasure.ledger import append_to_ledger, ledger_path
from storage.tables import lead
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MovableClock
from tests.storage.company import Company


@pytest.fixture
def database(fresh_database: Database, keys: Keyring) -> Database:
    """A database of its own, since it is damaged."""
    fresh_database.seal_with(Fields(keys))
    return fresh_database


@pytest.fixture
def units(database: Database, clock: MovableClock) -> UnitOfWorkFactory:
    return UnitOfWorkFactory(database, database.fields, now=clock.now)


class Prover:
    """Backs up and verifies a database with one sealed lead and one audit entry."""

    def __init__(self, database: Database, keys: Keyring, clock: MovableClock, path: Path) -> None:
        self.database, self.clock, self.path = database, clock, path
        self.repository = BackupRepository(DirectoryStore(path / "b"), keys, version="1")

    def take(self) -> BackupOutcome:
        [outcome] = back_up(self.database, [self.repository], self.path, self.clock.now)
        return outcome

    def taken(self) -> Manifest:
        outcome = self.take()
        assert (outcome.problem, outcome.reason) == ("", "")
        assert outcome.manifest is not None
        return outcome.manifest

    def problem_of(self, manifest: Manifest) -> str:
        [outcome] = verify(self.database, self.repository, [manifest], self.path, self.clock.now)
        return outcome.problem


@pytest.fixture
def prover(  # noqa: PLR0917 - fixtures
    database: Database,
    units: UnitOfWorkFactory,
    company: Company,
    keys: Keyring,
    clock: MovableClock,
    tmp_path: Path,
) -> Prover:
    with units() as uow:
        uow.leads(SYSTEM).add(company.lead(phone="+8613955551234"))
        uow.audit.record(company.boss, "lead.assign", "lead:1", {"to": "2"})
        uow.commit()
    return Prover(database, keys, clock, tmp_path)


def test_a_manifest_names_what_is_there(prover: Prover) -> None:
    manifest = prover.taken()
    assert manifest.contents.counts["lead"] == 1
    head = check_audit(prover.database).head
    assert head is not None
    # Whatever waited was sealed first.
    assert manifest.contents.chain == f"{head.number}:{head.digest}"
    assert head.number == 1
    [listed] = prover.repository.backups()
    assert listed.proof is not None
    assert listed.proof.opened >= 1
    assert prover.problem_of(manifest) == ""


@pytest.mark.parametrize("what", ["revision", "counts", "audit_head", "chain"])
def test_other_contents_are_not_verified(prover: Prover, what: str) -> None:
    manifest = prover.taken()
    contents = manifest.contents
    wrong = {
        "revision": replace(contents, revision="0001"),
        "counts": replace(contents, counts={**contents.counts, "lead": 2}),
        "audit_head": replace(contents, audit_head="1:0"),
        "chain": replace(contents, chain=f"1:{START.hex()}"),
    }[what]
    assert prover.problem_of(replace(manifest, contents=wrong)) == "damaged"


def test_a_sealed_value_has_to_open(prover: Prover) -> None:
    with prover.database.write() as connection:
        sealed = connection.exec_driver_sql("SELECT phone FROM lead").scalar_one()
        broken = bytes(sealed)[:-1] + bytes((bytes(sealed)[-1] ^ 1,))
        change = text("UPDATE lead SET phone = :broken")
        connection.execute(change, {"broken": broken})
    outcome = prover.take()
    assert (outcome.problem, outcome.proof) == ("damaged", None)
    assert "lead.phone" in outcome.reason


def test_an_entry_of_the_audit_that_was_changed_is_noticed(prover: Prover) -> None:
    prover.taken()
    with prover.database.write() as connection:
        if prover.database.dialect == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        else:
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER ALL")
        connection.exec_driver_sql("UPDATE audit SET subject = 'lead:7'")
    outcome = prover.take()
    assert (outcome.problem, outcome.proof) == ("audit", None)


def test_a_chain_that_leads_elsewhere_is_noticed(prover: Prover, keys: Keyring) -> None:
    head = prover.taken().contents.chain
    check_chain(prover.database, "here", head, keys)
    for other in ("9" + head, f"1:{START.hex()}"):
        with pytest.raises(AuditTampered):
            check_chain(prover.database, "here", other, keys)


def test_the_ledger_of_erasures_is_in_every_backup(prover: Prover) -> None:
    prover.taken()
    assert prover.repository.newest_ledger() == []
    path = ledger_path(prover.path, prover.database.path)
    append_to_ledger(path, ["one", "two"])
    prover.clock.advance(timedelta(days=1))
    manifest = prover.taken()
    with prover.database.write() as connection:
        connection.execute(update(lead).values(customer="Probe & Co"))
    path.unlink()
    prover.clock.advance(timedelta(days=1))
    prover.taken()
    assert prover.repository.newest_ledger() == ["one", "two"]
    stored = Path(prover.repository.where) / manifest.id / "erasures"
    stored.write_bytes(stored.read_bytes()[:-1])
    assert prover.problem_of(manifest) == "damaged"
