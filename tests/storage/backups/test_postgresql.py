"""A PostgreSQL server that is copied whole: full, changes, proved by a server made of both."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from sales.jobs import Job, PublishDigest, RemindOwner
from storage.audit.seals import seal_entries
from storage.backups.manifests import Manifest
from storage.backups.postgresql.base_backups import look_at
from storage.backups.repository import BackupRepository
from storage.backups.service import back_up, restore_beside, restore_server, verify
from storage.backups.stores import DirectoryStore
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.database.keyring import Keyring
from storage.database.schema import migrate
from storage.tables import lead, work
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MovableClock
from tests.storage.backups.server import TOOLS, OwnServer, own_server
from tests.storage.company import Company

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    with own_server() as started:
        yield started


@pytest.fixture
def database(server: OwnServer, keys: Keyring, tmp_path: Path) -> Iterator[Database]:
    server.execute("DROP DATABASE IF EXISTS genjin WITH (FORCE)")
    server.execute("CREATE DATABASE genjin")
    opened = open_database(server.url("genjin"), tmp_path)
    migrate(opened)
    opened.seal_with(Fields(keys))
    yield opened
    opened.dispose()


@pytest.fixture
def units(database: Database, clock: MovableClock) -> UnitOfWorkFactory:
    return UnitOfWorkFactory(database, database.fields, now=clock.now)


@pytest.fixture
def repository(tmp_path: Path, keys: Keyring) -> BackupRepository:
    return BackupRepository(DirectoryStore(tmp_path / "backups"), keys, version="1.0")


def take(
    database: Database, repository: BackupRepository, clock: MovableClock, tmp_path: Path
) -> Manifest:
    [outcome] = back_up(database, [repository], tmp_path, clock.now)
    assert (outcome.problem, outcome.reason) == ("", "")
    assert outcome.manifest is not None
    assert outcome.proof is not None
    return outcome.manifest


def add_lead(units: UnitOfWorkFactory, company: Company) -> None:
    with units() as uow:
        uow.leads(company.admin).add(company.lead())
        uow.audit.record(company.admin, "lead.add", "lead:1", {})
        uow.commit()


def customers(url: str, keys: Keyring, tmp_path: Path) -> list[str]:
    there = open_database(url, tmp_path)
    there.seal_with(Fields(keys))
    try:
        with there.read() as connection:
            return list(connection.execute(select(lead.c.customer)).scalars())
    finally:
        there.dispose()


def test_changes_are_proved_and_restored(  # noqa: PLR0917 - fixtures
    server: OwnServer,
    database: Database,
    units: UnitOfWorkFactory,
    company: Company,
    repository: BackupRepository,
    clock: MovableClock,
    keys: Keyring,
    tmp_path: Path,
) -> None:
    base = take(database, repository, clock, tmp_path)
    soon = clock.now() + timedelta(hours=30)
    add_lead(units, company)
    with units() as uow:
        uow.jobs.add(Job(PublishDigest(None, "2026-W48"), soon, "digest:all:2026-W48"))
        uow.jobs.add(Job(RemindOwner(1), soon, "reminder:1"))
        uow.commit()
    clock.advance(timedelta(days=1))
    changes = take(database, repository, clock, tmp_path)
    assert (base.kind, changes.kind, changes.base) == ("base", "increment", base.id)
    assert changes.stored < base.stored
    number, _, _ = changes.contents.chain.partition(":")
    assert int(number) >= 1
    with database.write() as connection:
        connection.execute(lead.update().values(customer="changed since"))
    later = soon + timedelta(hours=1)

    # Beside the present database, which stays as it is.
    there = restore_beside(repository, changes, database, tmp_path, later)
    url = there.render_as_string(hide_password=False)
    assert customers(url, keys, tmp_path) == ["Acme"]
    assert customers(server.url("genjin"), keys, tmp_path) == ["changed since"]
    restored = open_database(url, tmp_path)
    with restored.read() as connection:
        waiting = select(work.c.kind).where(work.c.done_at.is_(None))
        assert connection.execute(waiting).scalars().all() == ["reminder"]
    restored.dispose()
    server.execute(f'DROP DATABASE "{there.database}"')

    # As a directory from which a server starts.
    target = Path(str(server.directory)) / "restored"
    seen: list[str] = []
    # What one that was killed has left is in nobody's way.
    target.with_name(f".{target.name}.part").mkdir(parents=True)
    restore_server(
        repository,
        changes,
        database,
        target,
        later,
        then=lambda url: seen.extend(
            customers(url.render_as_string(hide_password=False), keys, tmp_path)
        ),
    )
    assert seen == ["Acme"]
    assert (target / "PG_VERSION").exists()
    assert not (target / "postmaster.pid").exists()
    # On a timeline of its own: no later change can be taken against what this server has left.
    assert (target / "pg_wal" / "00000002.history").exists()

    # A damaged copy that the changes need is replaced by a whole one.
    data = Path(repository.where) / base.id / "data"
    data.write_bytes(data.read_bytes()[:-1])
    clock.advance(timedelta(days=1))
    assert take(database, repository, clock, tmp_path).kind == "base"


@pytest.mark.campaign(cases=0)  # The bounds themselves: test_bounds.
def test_rows_that_come_and_go_meanwhile_are_no_fault(
    database: Database,
    company: Company,
    repository: BackupRepository,
    clock: MovableClock,
    tmp_path: Path,
) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            row = {"kind": "view", "subject": "", "args": {}, "due_at": clock.now()}
            with database.write() as connection:
                connection.execute(work.insert(), row | {"key": f"busy:{number}"})
                if number % 3 == 0:
                    old = work.c.key == f"busy:{number - 2}"
                    connection.execute(work.delete().where(old))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        manifests = [take(database, repository, clock, tmp_path) for _ in range(2)]
    finally:
        stop.set()
        writer.join()
    assert [one.kind for one in manifests] == ["base", "increment"]
    assert all(one.meanwhile and one.meanwhile.added["work"] for one in manifests)
    # The bounds are near: a table that nobody touched has to have exactly its rows.
    wrong = replace(manifests[1].contents, counts={**manifests[1].contents.counts, "team": 9})
    off = replace(manifests[1], contents=wrong)
    [outcome] = verify(database, repository, [off], tmp_path, clock.now)
    assert outcome.problem == "damaged"


def test_damage_is_noticed(  # noqa: PLR0917 - fixtures
    database: Database,
    units: UnitOfWorkFactory,
    company: Company,
    repository: BackupRepository,
    clock: MovableClock,
    tmp_path: Path,
) -> None:
    add_lead(units, company)
    manifest = take(database, repository, clock, tmp_path)
    for name, file in manifest.files.items():
        path = Path(repository.where) / manifest.id / name
        whole = path.read_bytes()
        assert len(whole) == file.size
        path.write_bytes(whole[:-5] + bytes((whole[-5] ^ 1,)) + whole[-4:])
        [outcome] = verify(database, repository, [manifest], tmp_path, clock.now)
        assert outcome.problem == "damaged", name
        path.write_bytes(whole)


def test_an_audit_log_that_was_tampered_with_is_not_verified(  # noqa: PLR0917 - fixtures
    database: Database,
    units: UnitOfWorkFactory,
    company: Company,
    repository: BackupRepository,
    clock: MovableClock,
    tmp_path: Path,
) -> None:
    add_lead(units, company)
    seal_entries(database, clock.now())
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER ALL")
        connection.exec_driver_sql("UPDATE audit SET act = 'lead.close'")
        connection.exec_driver_sql("ALTER TABLE audit ENABLE TRIGGER ALL")
    [outcome] = back_up(database, [repository], tmp_path, clock.now)
    assert (outcome.problem, outcome.proof) == ("audit", None)


def test_a_server_that_cannot_be_copied_says_why(
    server: OwnServer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(server.url("genjin"))
    assert look_at(url).reason == ""
    server.execute("DROP ROLE IF EXISTS plain")
    server.execute("CREATE ROLE plain LOGIN")
    assert look_at(make_url(server.url("genjin", "plain"))).reason == "role"
    monkeypatch.setenv("PATH", str(Path(shutil.which("env") or "/usr/bin/env").parent))
    assert look_at(url).reason == "tools"
    server.execute("ALTER SYSTEM SET summarize_wal = off")
    server.execute("SELECT pg_reload_conf()")
    try:
        assert wait_for(lambda: look_at(url).reason == "summaries")
    finally:
        server.execute("ALTER SYSTEM RESET summarize_wal")
        server.execute("SELECT pg_reload_conf()")


def wait_for(true: Callable[[], bool]) -> bool:
    for _ in range(100):
        if true():
            return True
        time.sleep(0.05)
    return False


RUN_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from sqlalchemy import make_url
from storage.backups.postgresql.scratch_server import started
tools, data = map(Path, sys.argv[1:3])
with started(tools, data, make_url(sys.argv[3])):
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells no child that we are gone")
def test_a_server_made_for_a_proof_ends_with_a_killed_process() -> None:
    with own_server() as made:
        made.stop()
        child = subprocess.Popen(
            [sys.executable, "-c", RUN_UNTIL_KILLED, str(TOOLS), str(made.data), made.url()],
            stdout=subprocess.PIPE,
        )
        assert child.stdout
        assert child.stdout.readline() == b"up\n"
        assert (made.data / "postmaster.pid").exists()
        child.kill()
        child.communicate()
        until = time.monotonic() + 20
        while (made.data / "postmaster.pid").exists():
            assert time.monotonic() < until
            time.sleep(0.05)
