"""Whole backups of either database: taken, proved, pruned and put back."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from sales.jobs import Job, PublishDigest, RemindOwner
from storage.backups.repository import BackupRepository
from storage.backups.service import back_up, restore_to, verify
from storage.backups.stores import DirectoryStore
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.database.keyring import Keyring, new_key, parse_keyring
from storage.tables import lead, work
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MovableClock
from tests.storage.company import Company


@pytest.fixture
def units(database: Database, keys: Keyring, clock: MovableClock) -> UnitOfWorkFactory:
    """Units of work that seal with the keys of the backups."""
    fields = Fields(keys)
    database.seal_with(fields)
    return UnitOfWorkFactory(database, fields, now=clock.now)


@pytest.fixture
def repository(tmp_path: Path, keys: Keyring) -> BackupRepository:
    return BackupRepository(DirectoryStore(tmp_path / "backups"), keys, version="1.0")


class TestABackup:
    def test_is_verified_at_once(
        self,
        database: Database,
        company: Company,
        repository: BackupRepository,
        clock: MovableClock,
        tmp_path: Path,
    ) -> None:
        [outcome] = back_up(database, [repository], tmp_path, clock.now)
        assert (outcome.problem, outcome.reason) == ("", "")
        assert outcome.manifest is not None
        assert outcome.manifest.contents.counts["person"] >= 5
        [listed] = repository.backups()
        assert listed.proof is not None
        [again] = verify(database, repository, [outcome.manifest], tmp_path, clock.now)
        assert again.problem == ""

    def test_fails_in_one_place_alone(
        self,
        database: Database,
        company: Company,
        repository: BackupRepository,
        clock: MovableClock,
        tmp_path: Path,
    ) -> None:
        (tmp_path / "file").write_text("no directory")
        keys = parse_keyring(new_key())
        broken = BackupRepository(DirectoryStore(tmp_path / "file" / "x"), keys, version="1")
        first, second = back_up(database, [broken, repository], tmp_path, clock.now)
        assert (first.problem, second.problem) == ("store_not_directory", "")


class TestRestoring:
    def test_gives_the_leads_back_and_keeps_the_rest(  # noqa: PLR0917 - fixtures
        self,
        database: Database,
        units: UnitOfWorkFactory,
        company: Company,
        repository: BackupRepository,
        clock: MovableClock,
        tmp_path: Path,
    ) -> None:
        if database.path is None:
            pytest.skip("PostgreSQL is restored by its own tools")
        with units() as uow:
            uow.leads(company.admin).add(company.lead())
            uow.commit()
        [outcome] = back_up(database, [repository], tmp_path, clock.now)
        assert outcome.manifest is not None
        with database.write() as connection:
            connection.execute(lead.update().values(customer="changed since"))
        path = database.path
        database.dispose()
        kept = restore_to(repository, outcome.manifest, path, clock.now() + timedelta(hours=1))
        assert kept is not None
        for file, customer in ((path, "Acme"), (kept, "changed since")):
            there = open_database(f"sqlite:///{file}", tmp_path)
            there.seal_with(database.fields)
            with there.read() as connection:
                assert connection.execute(select(lead.c.customer)).scalars().all() == [customer]
            there.dispose()

    def test_posts_nothing_a_second_time(  # noqa: PLR0917 - fixtures
        self,
        database: Database,
        units: UnitOfWorkFactory,
        company: Company,
        repository: BackupRepository,
        clock: MovableClock,
        tmp_path: Path,
    ) -> None:
        if database.path is None:
            pytest.skip("PostgreSQL is restored by its own tools")
        soon = clock.now() + timedelta(hours=1)
        with units() as uow:
            uow.jobs.add(Job(PublishDigest(None, "2026-W48"), soon, "digest:all:2026-W48"))
            uow.jobs.add(Job(RemindOwner(1), soon, "reminder:1"))
            uow.commit()
        [outcome] = back_up(database, [repository], tmp_path, clock.now)
        assert outcome.manifest is not None
        target = tmp_path / "elsewhere" / "genjin.db"
        restore_to(repository, outcome.manifest, target, soon + timedelta(hours=1))
        there = open_database(f"sqlite:///{target}", tmp_path)
        with there.read() as connection:
            waiting = select(work.c.kind).where(work.c.done_at.is_(None))
            assert connection.execute(waiting).scalars().all() == ["reminder"]
        there.dispose()
