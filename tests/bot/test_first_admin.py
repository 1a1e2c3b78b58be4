"""Admin codes printed where the process runs, and the language of things that belong to nobody."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import first_admin
from bot.app import Genjin, build, open_units
from bot.cli import app
from bot.settings import read_settings
from handlers.core.language import Language
from sales.people import Person, Role, Team
from tests.bot.test_app import demo, until_ready

NOW = datetime(2024, 3, 1, tzinfo=UTC)
SLACK = {
    "slack_bot_token": "xoxb-sample",
    "slack_signing_secret": "0" * 32,
    "slack_api_url": "http://127.0.0.1:9/",
}


def hire(genjin: Genjin, role: Role, locale: str = "") -> None:
    with genjin.new_uow() as uow:
        teams = uow.people.teams()
        team = teams[0] if teams else uow.people.add_team(Team(name="East"))
        uow.people.add(Person(name=f"{role} {locale}", role=role, team_id=team.id, locale=locale))
        uow.commit()


async def started(tmp_path: Path, **more: object) -> Genjin:
    genjin = build(demo(tmp_path, **more))
    await genjin.start()
    await until_ready(genjin)
    return genjin


class TestStart:
    async def test_prints_a_code_while_there_is_no_admin(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        genjin = await started(tmp_path, **SLACK)
        first = capsys.readouterr().out
        assert "/genjin admin " in first
        await genjin.stop()
        genjin = await started(tmp_path, **SLACK)
        second = capsys.readouterr().out
        assert "/genjin admin " in second
        assert first != second
        hire(genjin, Role.ADMIN)
        await genjin.stop()
        genjin = await started(tmp_path, **SLACK)
        assert "/genjin admin " not in capsys.readouterr().out
        await genjin.stop()

    @pytest.mark.parametrize("chat", ["auto", "on"])
    async def test_prints_none_for_the_local_chat(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], chat: str
    ) -> None:
        genjin = await started(tmp_path, genjin_web_chat=chat)
        await genjin.stop()
        assert "/genjin admin " not in capsys.readouterr().out


class TestCommand:
    def test_prints_a_code_and_stores_its_digest(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("GENJIN_DATA_DIR", str(tmp_path / "data"))
        result = CliRunner().invoke(app, ["admin"])
        assert result.exit_code == 0, result.output
        code = result.output.strip().rpartition(" ")[2]
        with open_units(read_settings())() as uow:
            [stored] = uow.admin_codes.open(datetime.now(UTC))  # noqa: TID251 - the wall's
            assert not stored.only_first
            assert stored.fits(code.replace("-", ""))
            assert not stored.fits("A" * 16)

    @pytest.mark.parametrize("locale", ["en", "zh_CN"])
    @pytest.mark.parametrize("first", [True, False])
    def test_says_how_long_and_where(self, locale: str, first: bool) -> None:
        told = first_admin.words("AB-CD", Language(locale, UTC), first=first)
        assert told.endswith(" AB-CD")
        assert "1" in told


class TestLanguage:
    @pytest.mark.parametrize(
        ("given", "platforms", "told"),
        [
            ("", (), "en"),
            ("", ("dingtalk",), "zh-CN"),
            ("", ("slack",), "en"),
            ("", ("slack", "dingtalk"), "en"),
            ("en", ("dingtalk",), "en"),
            ("zh-CN", ("slack",), "zh-CN"),
        ],
    )
    def test_by_platform(
        self, tmp_path: Path, given: str, platforms: tuple[str, ...], told: str
    ) -> None:
        values = dict(SLACK) if "slack" in platforms else {}
        if "dingtalk" in platforms:
            values |= {"dingtalk_client_id": "d", "dingtalk_client_secret": "s"}
        settings = demo(tmp_path, genjin_locale=given, **values)
        assert settings.default_locale == told
        assert settings.learns_locale == ("slack" in platforms and not given)

    async def test_is_that_of_the_admin_who_was_first(self, tmp_path: Path) -> None:
        genjin = build(demo(tmp_path, **SLACK))
        genjin.prepare_database()
        assert genjin.languages().locale == "en"
        for role, locale in ((Role.REP, "en"), (Role.ADMIN, ""), (Role.ADMIN, "zh_CN")):
            hire(genjin, role, locale)
        genjin.prepare_database()
        assert genjin.languages().locale == "zh_CN"
        genjin.database.dispose()
