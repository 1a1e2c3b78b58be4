"""``genjin backup`` on both databases: what was erased since a backup stays erased."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from bot.app import open_units
from bot.cli import app
from sales.people import SYSTEM
from storage.database.engine import open_database
from storage.database.keyring import new_key
from storage.tables import lead
from storage.unit_of_work import UnitOfWorkFactory
from tests.databases import Databases
from tests.storage.backups.server import TOOLS, own_server
from tests.storage.company import found_company
from tests.world import TestSettings

pytestmark = pytest.mark.slow
PHONE = "+8613955551234"


@pytest.fixture(params=["sqlite", "dump", "copy"])
def url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """SQLite, a PostgreSQL that is dumped, and one that is copied whole."""
    match request.param:
        case "sqlite":
            yield f"sqlite:///{tmp_path / 'data' / 'genjin.db'}"
        case "dump":
            made = databases.new("postgresql")
            yield made
            databases.drop(made)
        case _:
            with own_server() as server:
                server.execute("CREATE DATABASE genjin")
                yield server.url("genjin")


@pytest.fixture
def units(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[UnitOfWorkFactory]:
    """A company with one lead, whose settings are those of a command in this directory."""
    monkeypatch.chdir(tmp_path)
    data, keys = tmp_path / "data", new_key("k1")
    for name, value in {
        "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}",
        "GENJIN_DATA_DIR": str(data),
        "GENJIN_SECRET_KEYS": keys,
        "GENJIN_BACKUP_TO": str(tmp_path / "backups"),
        "GENJIN_WEB_CHAT": "on",
        "GENJIN_LOCALE": "en",
        "DATABASE_URL": url,
    }.items():
        monkeypatch.setenv(name, value)
    opened = open_units(
        TestSettings.of(genjin_data_dir=data, database_url=url, genjin_secret_keys=keys)
    )
    company = found_company(opened)
    with opened() as uow:
        uow.leads(SYSTEM).add(company.lead(contact="Mei Probe", phone=PHONE))
        uow.commit()
    yield opened
    opened.database.dispose()


def genjin(*words: str) -> str:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return result.output


def contacts(url: str, units: UnitOfWorkFactory, tmp_path: Path) -> list[tuple[str, str | None]]:
    there = open_database(url, tmp_path)
    there.seal_with(units.fields)
    try:
        with there.read() as connection:
            rows = connection.execute(select(lead.c.contact, lead.c.phone).order_by(lead.c.id))
            return [tuple(row) for row in rows]
    finally:
        there.dispose()


def restored(said: str, url: str, tmp_path: Path) -> str:
    """The URL of what was restored."""
    if url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'data' / 'genjin.db'}"
    database = next(line for line in said.splitlines() if line.startswith("The database "))
    name = database.split()[2]
    present = url.partition("?")[0].rpartition("/")[2]
    assert f'ALTER DATABASE "{present}" RENAME TO "{present}_before_' in said
    assert f'ALTER DATABASE "{name}" RENAME TO "{present}"' in said
    return url.replace(f"/{present}?", f"/{name}?")


def test_an_erasure_outlives_a_restore_and_a_new_machine(
    url: str, units: UnitOfWorkFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = genjin("backup", "now", "--quiet")
    assert "Verified" in said
    first = genjin("backup", "list").split()
    genjin("erase", PHONE, "--yes")
    # In another place, since of one day the newest is kept.
    monkeypatch.setenv("GENJIN_BACKUP_TO", str(tmp_path / "more"))
    genjin("backup", "now", "--quiet")
    monkeypatch.setenv("GENJIN_BACKUP_TO", f"{tmp_path / 'backups'},{tmp_path / 'more'}")
    backup_id = next(word for word in first if word.startswith("20") and "Z-" in word)

    # The one from before, while the ledger is there.
    units.database.dispose()
    said = genjin("backup", "restore", "--id", backup_id, "--quiet")
    assert "erased again" in said
    there = restored(said, url, tmp_path)
    assert contacts(there, units, tmp_path) == [("", None)]
    if url.startswith("sqlite"):
        kept = next((tmp_path / "data").glob("genjin.db.before-*Z"))
        assert contacts(f"sqlite:///{kept}", units, tmp_path) == [("", None)]
    else:
        drop(there)

    # A new machine has the keys and the backups: the ledger comes from the newest.
    for ledger in (tmp_path / "data").glob("*.erasures.jsonl"):
        ledger.unlink()
    said = genjin("backup", "restore", "--id", backup_id, "--quiet")
    assert "erased again" in said
    there = restored(said, url, tmp_path)
    assert contacts(there, units, tmp_path) == [("", None)]
    assert list((tmp_path / "data").glob("*.erasures.jsonl"))
    if not url.startswith("sqlite"):
        drop(there)


def test_a_restore_elsewhere_takes_the_ledger_along(
    url: str, units: UnitOfWorkFactory, tmp_path: Path
) -> None:
    genjin("backup", "now", "--quiet")
    genjin("erase", PHONE, "--yes")
    directory = Path(url.rpartition("host=")[2]) / "to" if "gj-" in url else tmp_path / "to"
    said = genjin("backup", "restore", "--to", str(directory), "--quiet")
    if url.startswith("sqlite"):
        assert contacts(f"sqlite:///{directory / 'genjin.db'}", units, tmp_path) == [("", None)]
        assert (directory / "genjin.erasures.jsonl").exists()
    elif "gj-" in url:
        assert "erased again" in said
        assert (directory / "pgdata" / "PG_VERSION").exists()
        assert "pg_ctl" in said
    else:
        assert len(list(directory.glob("*.dump"))) == 1
    shutil.rmtree(directory)


def drop(url: str) -> None:
    name = url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as link:
        link.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
