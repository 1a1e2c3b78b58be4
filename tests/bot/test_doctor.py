"""``genjin doctor``: a check that fails is reported as a finding, not a traceback."""

import os
import sys
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from subprocess import run
from typing import Any, cast

import pytest

from bot import doctor, fonts
from bot.app import open_units
from bot.doctor import Finding, examine, print_findings
from bot.platforms import OptionalPermission
from handlers.core.language import Languages
from tests.world import TestSettings

CHECKS = ("_settings", "_data_dir", "_database", "_delivery", "_timezone", "_charts", "_platforms")


class Boom(Exception):
    """As a library would raise it; its message is not for the admin."""


def fail(*_: object) -> None:
    raise Boom("xoxb-secret")


async def found(tmp_path: Path, **changes: object) -> dict[str, Finding]:
    settings = TestSettings.of(**{"genjin_data_dir": tmp_path, "web_port": 0} | changes)
    return {finding.about: finding for finding in await examine(settings)}


class TestExamine:
    async def test_draws_a_chart(self, tmp_path: Path) -> None:
        assert (await found(tmp_path))["Charts"].ok

    @pytest.mark.parametrize("locale", ["en", "zh-CN"])
    @pytest.mark.parametrize("check", CHECKS)
    async def test_goes_on_after_a_check_that_fails(
        self, tmp_path: Path, check: str, locale: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if check == "_delivery":
            # It is asked of a database that is there.
            open_units(TestSettings.of(genjin_data_dir=tmp_path)).database.dispose()
        before = await found(tmp_path, genjin_locale=locale)
        monkeypatch.setattr(doctor, check, fail)
        after = await found(tmp_path, genjin_locale=locale)
        words = Languages(TestSettings.of().timezone)(locale)
        failed = [one for one in after.values() if "Boom" in one.said]
        assert [one.said for one in failed] == [words.text("doctor.check_failed", reason="Boom")]
        assert failed[0].advice == words.text("doctor.check_failed_advice")
        lost = 2 if check == "_delivery" else 1
        assert len(after) >= len(before) - lost

    @pytest.mark.parametrize(("people", "enough"), [(8, True), (35, False)])
    def test_says_for_how_many_people_dingtalks_messages_are_enough(
        self, people: int, enough: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(doctor, "count_accounts", lambda *_: people)
        language = Languages(TestSettings.of().timezone)("zh-CN")
        said = doctor._dingtalk_quota(cast("Any", None), language).said
        for figure in (10, 20, people):
            assert f"{figure}人" in said
        assert ("→" not in said) is enough

    async def test_says_that_the_shipped_font_is_gone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as changed:
            changed.setattr(fonts, "FILE", tmp_path / "gone.otf")
            charts = (await found(tmp_path))["Charts"]
        assert not charts.ok
        assert "FileNotFoundError" in charts.said

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda folder: folder.write_text("a file"),
            lambda folder: (folder.mkdir(), (folder / "demo.db").write_bytes(b"no database" * 99)),
            lambda folder: (folder.mkdir(), (folder / "demo.db").mkdir()),
            lambda folder: (folder.mkdir(), (folder / "secret.keys").mkdir()),
            lambda folder: (folder.mkdir(), (folder / "secret.keys").write_bytes(b"\xff\xfe")),
            lambda folder: (folder.mkdir(), (folder / "secret.keys").write_text("no key")),
            lambda folder: folder.symlink_to(folder),
            os.mkfifo,
        ],
        ids=["file", "damaged", "db folder", "key folder", "key bytes", "no key", "loop", "pipe"],
    )
    async def test_finds_what_is_wrong_with_the_data(
        self, tmp_path: Path, spoil: Callable[[Path], object]
    ) -> None:
        spoil(folder := tmp_path / "data [red]")
        findings = await found(folder)
        assert not all(finding.ok for finding in findings.values())


class TestPrint:
    def test_shows_what_is_said_as_it_is(self, capsys: pytest.CaptureFixture[str]) -> None:
        odd = "/srv/[/red] [link=x]"
        print_findings([Finding("a[b]", ok=False, said=odd, advice=odd)], TestSettings.of())
        out = capsys.readouterr().out
        assert "a[b]" in out
        assert out.count(odd) == 2


def test_runs_where_the_terminal_knows_ascii_only(tmp_path: Path) -> None:
    """Status 0 or 1, as it finds things, and no traceback."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "GENJIN_DATA_DIR": str(tmp_path)}
    environment |= {"GENJIN_LOCALE": "zh-CN", "PYTHONPATH": str(Path.cwd())}
    done = run(
        [sys.executable, "-m", "bot", "doctor"], cwd=tmp_path, env=environment, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stdout


class _Permitting:
    """A platform of which only the optional permissions matter."""

    name = "dingtalk"

    async def optional_permissions(self) -> list[OptionalPermission]:
        return [
            OptionalPermission("calendar", "Calendar.Event.Write", "lacks"),
            OptionalPermission("todo", "Todo.Todo.Write", "works"),
        ]


async def test_optional_permissions_are_named_with_their_code_and_loss() -> None:
    platform: Any = _Permitting()
    language = Languages(UTC, default="zh_CN")()
    lacks, works = await doctor._permissions([platform], language)
    assert lacks.ok
    assert "日历应用中日程写权限（Calendar.Event.Write）" in lacks.said
    assert language.text("dingtalk.permission.calendar.without") in lacks.said
    assert works.said == "待办应用中待办写权限（Todo.Todo.Write）：已生效"
