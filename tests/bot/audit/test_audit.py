"""``genjin audit``, and what health and doctor say of a broken audit log."""

import ast
import sqlite3
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import handlers
from bot.app import open_units
from bot.audit.health import AuditHealth
from bot.cli import app
from bot.doctor import examine
from handlers.composition import COMPOSITION
from handlers.core.context import ContextFactory
from handlers.core.language import Languages
from handlers.core.ui import Card
from handlers.digests.noise import bot_week_card
from sales.notices import BotWeek
from sales.people import SYSTEM
from storage.alerts import Alert, AlertStore
from storage.audit_check import begin_again
from storage.audit_seals import seal_entries
from storage.backup_runs import BackupRuns
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY, MovableClock
from tests.storage.company import found_company
from tests.world import TestSettings


@pytest.fixture
def units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterable[UnitOfWorkFactory]:
    """A company whose settings are those of a command in the current directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GENJIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'genjin.db'}")
    opened = open_units(
        TestSettings.of(
            genjin_data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'genjin.db'}"
        )
    )
    opened.now = lambda: MONDAY
    company = found_company(opened)
    with opened() as uow:
        lead = uow.leads(SYSTEM).add(company.lead())
        detail = {"from": "screened", "to": "won", "reason": "call"}
        uow.audit.record(company.robin, "stage.move", lead.subject, detail)
        to = {"to": str(company.kim.id)}
        uow.audit.record(company.boss, "lead.assign", lead.subject, to)
        uow.audit.record(SYSTEM, "export.create", "export", {"kind": "csv"})
        uow.commit()
    seal_entries(opened.database, MONDAY)
    yield opened
    opened.database.dispose()


def tamper(tmp_path: Path) -> None:
    link = sqlite3.connect(tmp_path / "genjin.db")
    link.execute("DROP TRIGGER audit_no_update")
    link.execute("UPDATE audit SET actor_id = 2 WHERE id = 2")
    link.commit()
    link.close()


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["audit", *words])
    return result.exit_code, result.output


class TestCommand:
    def test_shows_who_did_what_with_a_lead(
        self, units: UnitOfWorkFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GENJIN_LOCALE", "en")
        status, said = run("show", "lx1")
        lines = said.splitlines()
        assert (status, len(lines)) == (0, 2)
        assert "LX001  Robin Sample  moved the stage  from: Screened  to: Won" in lines[0]
        assert "LX001  Bo Sample  assigned the lead  to: Kim Sample" in lines[1]
        assert run("show", "LX999")[0] == 1
        assert "exported a file" in run("show")[1]

    def test_speaks_chinese(
        self, units: UnitOfWorkFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GENJIN_LOCALE", "zh-CN")
        assert "变更了阶段" in run("show", "LX001")[1]
        assert "日志完整" in run("verify")[1]

    def test_finds_what_was_changed_and_begins_again(
        self, units: UnitOfWorkFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GENJIN_LOCALE", "en")
        with units() as uow:
            head = uow.audit.head()
        status, said = run("verify")
        assert (status, head.digest in said) == (0, True)
        assert run("begin-again")[0] == 1, "there is no reason to"
        tamper(tmp_path)
        status, said = run("verify")
        assert status == 1
        assert "✗ Entries 1 to 3: at least one was changed" in said
        assert "begin-again" in said
        assert run("begin-again")[0] == 0
        status, said = run("verify")
        assert (status, "A new chain was begun" in said) == (0, True)


def recorded_acts() -> set[str]:
    """What handlers record, as far as it is written out."""
    return {
        argument.value
        for path in Path(handlers.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(("audit.record", "_record", "_record_posting"))
        for argument in node.args[:2]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


class TestWords:
    def test_every_act_has_words_in_both_languages(self) -> None:
        acts = recorded_acts()
        assert len(acts) > 70
        for locale in ("en", "zh-CN"):
            language = Languages(TestSettings.of().timezone)(locale)
            assert {act for act in acts if not language.has(f"audit.act.{act}")} == set()


class TestHealth:
    def test_tells_the_admins_until_a_new_chain_begins(
        self, units: UnitOfWorkFactory, tmp_path: Path
    ) -> None:
        clock = MovableClock()
        health = AuditHealth(units.database, clock)
        assert list(health.look()) == []
        tamper(tmp_path)
        clock.advance(timedelta(hours=2))
        [condition] = health.look()
        assert (condition.key, condition.serious) == ("audit_broken", False)
        for locale in ("en", "zh-CN"):
            language = Languages(TestSettings.of().timezone)(locale)
            assert "1" in condition.problem(language)
            assert "genjin audit verify" in condition.advice(language)
        begin_again(units.database, MONDAY)
        clock.advance(60)
        assert list(health.look()) == []


class TestWeek:
    @pytest.mark.parametrize("locale", ["en", "zh-CN"])
    def test_names_a_break_as_long_as_it_lasts(self, units: UnitOfWorkFactory, locale: str) -> None:
        languages = Languages(TestSettings.of().timezone, default=locale)
        contexts = ContextFactory(languages, units.now, COMPOSITION)

        def card() -> Card | None:
            with units(read_only=True) as uow:
                return bot_week_card(BotWeek("2026-W47"), contexts.unasked(uow))

        store = AlertStore(units.database)
        assert card() is None
        store.claim(Alert("audit_broken", "audit_broken", {"n": "3"}), MONDAY)
        shown = card()
        assert shown is not None
        assert "3" in shown.sections[0].lines[0]
        assert "genjin audit verify" in shown.sections[0].lines[1]
        later = MONDAY + timedelta(days=1)
        store.take_over(later, later)
        assert card() is None

    def test_says_when_a_backup_was_last_verified(self, units: UnitOfWorkFactory) -> None:
        languages = Languages(TestSettings.of().timezone, default="zh-CN")
        contexts = ContextFactory(languages, units.now, COMPOSITION)
        AlertStore(units.database).claim(Alert("audit_broken", "audit_broken", {"n": "3"}), MONDAY)
        runs, said = BackupRuns(units.database), list[str]()
        for is_verified in (False, True):
            with units() as uow:
                uow.backup_runs.ask(MONDAY.date(), MONDAY)
                uow.commit()
            if is_verified:
                runs.verified(MONDAY.date(), MONDAY)
            with units(read_only=True) as uow:
                card = bot_week_card(BotWeek("2026-W47"), contexts.unasked(uow))
            assert card is not None
            said.append(card.sections[-1].lines[0])
        assert said[0] == "还没有任何备份通过验证。"
        assert said[1].startswith("最近一次通过验证的备份：")


class TestDoctor:
    async def test_says_whether_the_log_is_whole(
        self, units: UnitOfWorkFactory, tmp_path: Path
    ) -> None:
        settings = TestSettings.of(
            genjin_data_dir=tmp_path,
            database_url=f"sqlite:///{tmp_path / 'genjin.db'}",
            web_port=0,
        )
        found = {finding.about: finding for finding in await examine(settings)}
        assert found["Audit log"].ok
        tamper(tmp_path)
        found = {finding.about: finding for finding in await examine(settings)}
        assert not found["Audit log"].ok
