"""``genjin erase``, ``genjin person`` and ``genjin retention``, and what is left on the disk."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner

from bot.app import open_units
from bot.cli import app
from sales.people import SYSTEM
from storage.tables import audit
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.storage.company import found_company
from tests.world import TestSettings

NAME, PHONE = "Quentin Probe", "+8613955551234"


@pytest.fixture
def units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterable[UnitOfWorkFactory]:
    """A company with a lead, whose settings are those of a command in the current directory."""
    url = f"sqlite:///{tmp_path / 'genjin.db'}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GENJIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", url)
    opened = open_units(TestSettings.of(genjin_data_dir=tmp_path, database_url=url))
    opened.now = lambda: MONDAY
    company = found_company(opened)
    with opened() as uow:
        lead = company.lead(contact=NAME, phone=PHONE, need=f"{NAME} wants a tool")
        uow.leads(SYSTEM).add(lead)
        robin = uow.people.get(company.robin.id)
        uow.people.save(replace(robin, active=True))
        uow.commit()
    yield opened
    opened.database.dispose()


def index_of(units: UnitOfWorkFactory) -> bytes:
    """All pages of the text index."""
    with units.database.read() as connection:
        return b"".join(connection.scalars(text("SELECT block FROM lead_text_data")))


def run(*words: str, typed: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words), input=typed)
    return result.exit_code, result.output


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
class TestErase:
    @pytest.fixture(autouse=True)
    def speak(self, locale: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GENJIN_LOCALE", locale)

    def test_counts_only_when_asked_to(
        self, units: UnitOfWorkFactory, tmp_path: Path, locale: str
    ) -> None:
        code, output = run("erase", PHONE, "--dry-run")
        assert code == 0
        assert "139****1234" in output
        assert "5555" not in output
        assert ("线索" in output) is (locale == "zh-CN")
        with units(read_only=True) as uow:
            assert uow.leads(SYSTEM).get(1).contact == NAME
        assert not list(tmp_path.glob("*.erasures.jsonl"))

    def test_erases_after_a_question(self, units: UnitOfWorkFactory, tmp_path: Path) -> None:
        code, _ = run("erase", NAME, typed="n\n")
        assert code == 1
        with units(read_only=True) as uow:
            assert uow.leads(SYSTEM).get(1).contact == NAME
        code, output = run("erase", NAME, typed="y\n")
        assert code == 0
        [ledger] = tmp_path.glob("*.erasures.jsonl")
        assert json.loads(ledger.read_text("utf-8"))["uid"][:8] in output
        for path in tmp_path.rglob("*"):
            if path.is_file():
                stored = path.read_bytes()
                assert not [one for one in (b"Quentin", b"Probe", b"55551234") if one in stored]

    def test_leaves_no_piece_of_the_name_in_the_text_index(self, units: UnitOfWorkFactory) -> None:
        with units() as uow:
            lead = uow.leads(SYSTEM).get(1)
            uow.leads(SYSTEM).save(replace(lead, contact="Zqxwv Probe"))
            uow.commit()
        assert b"zqx" in index_of(units)
        assert run("erase", "Zqxwv Probe", "--yes")[0] == 0
        assert b"zqx" not in index_of(units)

    @pytest.mark.parametrize("who", ["Nobody Known", "LX999", "Robin Sample", "   "])
    def test_says_why_not(self, units: UnitOfWorkFactory, who: str) -> None:
        assert units.database
        result = CliRunner().invoke(app, ["erase", who, "--yes"])
        assert result.exit_code == 1
        assert "Traceback" not in result.output

    def test_writes_what_is_stored_of_somebody(
        self, units: UnitOfWorkFactory, tmp_path: Path
    ) -> None:
        to = tmp_path / "person.json"
        assert run("person", NAME, "--to", str(to))[0] == 0
        assert to.stat().st_mode & 0o077 == 0
        written = json.loads(to.read_text("utf-8"))
        assert written["contacts"] == [PHONE]
        assert [one["place"] for one in written["texts"]] == ["lead.need"]
        assert run("person", NAME, "--to", str(to))[0] == 1, "never overwrites"
        with units.database.read() as connection:
            acts = list(connection.scalars(select(audit.c.act).order_by(audit.c.id)))
        assert acts == ["person.export"]

    @pytest.mark.parametrize("place", ["nowhere/person.json", "."])
    def test_says_where_it_cannot_write(
        self, units: UnitOfWorkFactory, tmp_path: Path, place: str
    ) -> None:
        assert units.database
        code, output = run("person", NAME, "--to", str(tmp_path / place))
        assert (code, "--to person.json" in output) == (1, True), output
        assert "Traceback" not in output

    def test_writes_no_file_of_what_was_asked_for_alone(
        self, units: UnitOfWorkFactory, tmp_path: Path
    ) -> None:
        assert units.database
        to = tmp_path / "person.json"
        for who in ("+8613955550000", "nobody@acme.example"):
            assert run("person", who, "--to", str(to))[0] == 1
            assert not to.exists()

    def test_lists_what_is_kept(self, units: UnitOfWorkFactory, locale: str) -> None:
        assert units.database
        code, output = run("retention")
        assert code == 0
        assert ("1095 days" if locale == "en" else "1095 天") in output
