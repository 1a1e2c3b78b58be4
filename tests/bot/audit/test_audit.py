"""``genjin audit``, and what health and doctor say of a broken audit log."""

import contextlib
import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.app import open_units
from bot.audit.health import AuditHealth
from bot.audit.words import AuditWords
from bot.cli import app
from bot.doctor import examine
from handlers.composition import COMPOSITION
from handlers.core.context import ContextFactory
from handlers.core.language import Languages
from handlers.core.ui import Card
from handlers.digests.noise import bot_week_card
from handlers.leads.actions import REASONS
from sales.audit_chain import AuditEntry
from sales.bulk_acts import BulkKind
from sales.contact_alerts import Window
from sales.contract_signed import SigningState, SigningVerdict
from sales.discovery import Needs
from sales.duplicates import DIFFERENT
from sales.erasure import ErasedKind, ErasureReason
from sales.leads import ForecastCategory, Grade, Lead, Stage
from sales.library import ItemKind
from sales.notices import BotWeek
from sales.objections import ObjectionState
from sales.people import SYSTEM, Role
from sales.pool import GIVE_UP_REASONS, PoolReason
from sales.signals import SignalKind
from sales.tasks import TaskKind
from sales.transfers import TransferRule
from storage.alerts import Alert, AlertStore
from storage.audit.check import begin_again
from storage.audit.seals import seal_entries
from storage.backups.runs import BackupRuns
from storage.database.engine import sqlite_module
from storage.unit_of_work import UnitOfWorkFactory
from tests.bot.audit.recorded import recorded_acts, recorded_details
from tests.clock import MONDAY, MovableClock
from tests.storage.company import found_company
from tests.world import TestSettings


@pytest.fixture
def units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterable[UnitOfWorkFactory]:
    """A company whose settings are those of a command in the current directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GENJIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GENJIN_TIMEZONE", "Asia/Shanghai")
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


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENJIN_LOCALE", "en")


@pytest.mark.usefixtures("english")
class TestShow:
    @pytest.mark.parametrize("typed", ["LX001", "lx1", "LX-001", "#lx 1", "ＬＸ００１", "lead:1"])
    def test_finds_a_lead_as_people_type_its_number(
        self, units: UnitOfWorkFactory, typed: str
    ) -> None:
        status, said = run("show", typed)
        assert status == 0
        moved, assigned = said.splitlines()
        # In the company's timezone: MONDAY is 9 o'clock UTC.
        assert moved == (
            "2026-11-23 17:00  LX001  Robin Sample  moved the stage"
            "  from: Screened  to: Won  reason: To call"
        )
        assert assigned.endswith("LX001  Bo Sample  assigned the lead  to: Kim Sample")

    def test_filters_by_person_and_day(self, units: UnitOfWorkFactory) -> None:
        assert run("show", "--person", "robin")[1].count("\n") == 1
        assert "moved the stage" in run("show", "--person", "Robin Sample")[1]
        assert "exported a file" in run("show", "--person", "genjin")[1]
        assert run("show", "--person", "1", "--since", "2026-11-23")[1].count("\n") == 1
        assert run("show", "--since", "2026-11-24")[0] == 1

    def test_says_what_it_did_not_understand(self, units: UnitOfWorkFactory) -> None:
        for words, answer in (
            (("--person", "Sample"), "Kim Sample (person:"),
            (("--person", "Nemo"), "called “Nemo”"),
            (("what",), "called “what”"),
            (("--since", "whenever"), "not a day"),
        ):
            status, said = run("show", *words)
            assert (status, answer in said) == (2, True), said
        assert run("show", "LX999") == (1, "Nothing of the kind is on record.\n")

    def test_says_that_there_is_more(self, units: UnitOfWorkFactory) -> None:
        said = run("show", "--limit", "1")[1]
        assert "exported a file" in said
        assert "2 older entries are not shown" in said
        assert run("show", "--limit", "0")[1].count("\n") == 3

    def test_prints_json_for_programs(self, units: UnitOfWorkFactory) -> None:
        lines = run("show", "lx1", "--json")[1].splitlines()
        first, second = map(json.loads, lines)
        assert first["at"] == "2026-11-23T09:00:00+00:00"
        assert (first["act"], first["subject"]) == ("stage.move", "lead:1")
        assert second["detail"]["to"].isdecimal()
        assert (second["words"], second["about"]) == ("assigned the lead", "LX001")

    def test_lists_many_a_page_at_a_time(self, units: UnitOfWorkFactory) -> None:
        with units() as uow:
            for number in range(2500):
                uow.audit.record(SYSTEM, "export.create", "export", {"n": str(number)})
            uow.commit()
        lines = run("show", "export", "--limit", "2400", "--json")[1].splitlines()
        assert [json.loads(line)["detail"]["n"] for line in lines] == [
            str(number) for number in range(100, 2500)
        ]


class TestChinese:
    def test_is_spoken_where_it_is_set(
        self, units: UnitOfWorkFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GENJIN_LOCALE", "zh-CN")
        assert "变更了阶段" in run("show", "LX001")[1]
        assert "日志完整" in run("verify")[1]
        assert "不是日期" in run("show", "--since", "whenever")[1]


@pytest.mark.usefixtures("english")
class TestVerify:
    def test_finds_what_was_changed_and_begins_again(
        self, units: UnitOfWorkFactory, tmp_path: Path
    ) -> None:
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

    def test_prints_json_for_programs(self, units: UnitOfWorkFactory, tmp_path: Path) -> None:
        status, said = run("verify", "--json")
        found = json.loads(said)
        assert (status, found["whole"], found["checked"], found["problems"]) == (0, True, 3, [])
        tamper(tmp_path)
        status, said = run("verify", "--json")
        [problem] = json.loads(said)["problems"]
        assert (status, problem["key"]) == (1, "entries_changed")
        assert problem["params"] == {"first": "1", "last": "3"}

    def test_compares_with_a_head_that_was_noted(self, units: UnitOfWorkFactory) -> None:
        with units() as uow:
            noted = uow.audit.head().anchor
        assert run("verify", "--head", noted)[0] == 0
        status, said = run("verify", "--head", noted, "--head", f"7:{noted[2:]}")
        assert (status, "once went on to seal 7 (the one that was given" in said) == (1, True)
        assert run("verify", "--head", "whatever")[0] == 2


@pytest.mark.usefixtures("english")
class TestBackups:
    def test_their_heads_tell_that_a_database_was_put_back(
        self, units: UnitOfWorkFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GENJIN_BACKUP_TO", str(tmp_path / "elsewhere"))
        earlier = tmp_path / "earlier.db"
        with closing(sqlite_module().connect(tmp_path / "genjin.db")) as link:
            link.execute("VACUUM INTO ?", (str(earlier),))
        with units() as uow:
            uow.audit.record(SYSTEM, "export.create", "export", {"kind": "csv"})
            uow.commit()
        backup = CliRunner().invoke(app, ["backup", "now", "--quiet"])
        assert backup.exit_code == 0, backup.output
        assert "!" not in run("verify")[1]
        units.database.dispose()
        for ending in ("-wal", "-shm"):
            (tmp_path / f"genjin.db{ending}").unlink(missing_ok=True)
        earlier.replace(tmp_path / "genjin.db")
        status, said = run("verify")
        assert (status, "no restore is on record" in said) == (1, True), said
        [problem] = json.loads(run("verify", "--json")[1])["problems"]
        assert problem["key"] == "cut_off"
        assert run("begin-again")[0] == 0
        assert run("verify")[0] == 0

    def test_who_restored_one_is_not_accused(
        self, units: UnitOfWorkFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """On record, with what it was restored over; what is cut off later still shows."""
        # The sample company's backups would be kept apart.
        monkeypatch.setenv("GENJIN_WEB_CHAT", "on")
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'genjin.db'}")
        earlier = backed_up(monkeypatch, tmp_path / "one")
        record_export(units)
        backed_up(monkeypatch, tmp_path / "two")
        monkeypatch.setenv("GENJIN_BACKUP_TO", f"{tmp_path / 'one'},{tmp_path / 'two'}")
        units.database.dispose()
        assert ".before-" in genjin("backup", "restore", "--quiet", "--id", earlier)
        status, said = run("verify")
        assert (status, "! A backup was restored, which is on record" in said) == (0, True), said
        assert len(json.loads(run("verify", "--json")[1])["backups_with_other_heads"]) == 1
        said = run("show", "database")[1]
        assert "restored a backup" in said
        assert earlier in said
        units.database.dispose()
        for _ in range(2):
            with units() as uow:
                uow.audit.resume(SYSTEM)
                uow.commit()
        assert run("show", "database")[1].count("began to run on the restored database") == 1
        cut_off(tmp_path, units, monkeypatch)
        status, said = run("verify")
        assert (status, "no restore is on record" in said) == (1, True), said


def genjin(*words: str) -> str:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return result.output


def record_export(units: UnitOfWorkFactory) -> None:
    with units() as uow:
        uow.audit.record(SYSTEM, "export.create", "export", {"kind": "csv"})
        uow.commit()


def backed_up(monkeypatch: pytest.MonkeyPatch, place: Path) -> str:
    """Back up to one place; returns the backup's id."""
    monkeypatch.setenv("GENJIN_BACKUP_TO", str(place))
    genjin("backup", "now", "--quiet")
    return max(path.name for path in place.iterdir() if path.name.startswith("20"))


def cut_off(directory: Path, units: UnitOfWorkFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a copy of the database back after more was recorded and backed up."""
    copy = directory / "copy.db"
    with closing(sqlite_module().connect(directory / "genjin.db")) as link:
        link.execute("VACUUM INTO ?", (str(copy),))
    record_export(units)
    backed_up(monkeypatch, directory / "three")
    units.database.dispose()
    for ending in ("-wal", "-shm"):
        (directory / f"genjin.db{ending}").unlink(missing_ok=True)
    copy.replace(directory / "genjin.db")


LABELLED: dict[str, Iterable[object]] = {
    "category": ForecastCategory,
    "fields": (*Lead.__dataclass_fields__, *Needs.__dataclass_fields__),
    "from": Stage,
    "grade": Grade,
    "kind": (*ItemKind, *BulkKind, *ErasedKind, *SignalKind, "csv", "xlsx"),
    "platform": ("slack", "dingtalk", "mail", "web"),
    "reason": (
        *REASONS, *GIVE_UP_REASONS, *PoolReason, *ErasureReason, *DIFFERENT,
        "skip", "unticked", "undone", "proposal_sent", "e-signature",
    ),
    "refused": ("depth", "again", "overruled", "storm"),
    "role": Role,
    "rule": TransferRule,
    "standing": ("guest", "outsider"),
    "state": (*ObjectionState, *SigningState),
    "task": TaskKind,
    "verdict": SigningVerdict,
    "window": Window,
}  # fmt: skip


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
class TestWords:
    def test_every_act_and_detail_has_words(self, locale: str) -> None:
        language = Languages(TestSettings.of().timezone)(locale)
        acts, details = recorded_acts(), recorded_details()
        assert {"erasure.carry_out", "erasure.done", "person.export", "admin.claim"} <= acts
        assert {"fields", "reason", "replayed"} <= details
        assert {act for act in acts if not language.has(f"audit.act.{act}")} == set()
        assert {name for name in details if not language.has(f"audit.detail.{name}")} == set()

    def test_every_value_that_is_chosen_has_words(
        self, units: UnitOfWorkFactory, locale: str
    ) -> None:
        languages = Languages(TestSettings.of().timezone, default=locale)
        with units(read_only=True) as uow:
            context = ContextFactory(languages, units.now, COMPOSITION).unasked(uow)
            words = AuditWords(context)
        for name, values in LABELLED.items():
            for value in map(str, values):
                line = words.line(AuditEntry(1, MONDAY, 0, "lead.update", "lead:1", {name: value}))
                said = line.rpartition(": ")[2]
                assert "{" not in said, line
                if locale == "zh-CN":
                    own = value in ("csv", "xlsx", "slack")
                    assert own or not re.search(r"[a-z]{3}", said), line
                elif "_" in value:
                    assert value not in line


class TestPager:
    def test_gets_what_does_not_fit_and_may_be_left(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """At a terminal; the pager stops reading after a line."""
        code = (
            "from bot.terminal import print_paged\n"
            "print_paged(f'line {n}' for n in range(100_000))\n"
            "print('after')"
        )
        said = in_terminal([sys.executable, "-c", code], {"PAGER": "head -n 1"})
        assert said.split() == ["line", "0", "after"]
        short = code.replace("100_000", "3")
        assert in_terminal([sys.executable, "-c", short], {"PAGER": "false"}).count("line") == 3


def in_terminal(command: list[str], environment: dict[str, str]) -> str:
    """Return what a command prints at a terminal of 24 lines."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs,
        env=os.environ | {"LINES": "24", "COLUMNS": "80"} | environment,
    ):  # fmt: skip
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):  # Linux: the other end was closed
            while part := os.read(ours, 65536):
                said += part
    os.close(ours)
    return said.decode()


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

    def test_remembers_how_far_the_log_went(self, units: UnitOfWorkFactory, tmp_path: Path) -> None:
        """An earlier state of the whole database is a genuine log."""
        earlier = (tmp_path / "genjin.db").read_bytes()
        clock = MovableClock()
        health = AuditHealth(units.database, clock)
        with units() as uow:
            uow.audit.record(SYSTEM, "export.create", "export", {"kind": "csv"})
            uow.commit()
        seal_entries(units.database, MONDAY)
        assert list(health.look()) == []
        units.database.dispose()
        for ending in ("-wal", "-shm"):
            (tmp_path / f"genjin.db{ending}").unlink(missing_ok=True)
        (tmp_path / "genjin.db").write_bytes(earlier)
        clock.advance(timedelta(hours=2))
        [condition] = health.look()
        assert condition.key == "audit_broken"


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
