"""``genjin setup`` as a whole: real local Slack and DingTalk, a real database, and no process."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from bot import log
from bot.app import build, open_units
from bot.cli import app
from bot.settings import settings_with
from bot.setup import command
from bot.setup.command import run_setup
from bot.setup.env_file import EnvFile
from sales.errors import StorageUnavailable
from sales.people import Role
from sales.playbook import Block
from storage.unit_of_work import UnitOfWork
from tests.doubles.dingtalk.server import APP, ROBOT, SECRET, DingTalkServer
from tests.doubles.slack.server import Fault, LocalSlack

PEOPLE = """\
name,role,team,email,phone
Fay Sample,finance,,fay@sample.example,
Max Sample,manager,West,,+8613800000009
Nobody,boss,,x@sample.example,
"""
LEADS = "customer,source,need\nNorthwind Sample,fair,a quote\n"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("GENJIN_", "SLACK_", "DINGTALK_", "DATABASE_URL")):
            monkeypatch.delenv(name)
    # The command sets up the logs of its process, which here is that of all tests.
    monkeypatch.setattr(log, "configure_logging", lambda **_: None)


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    server = LocalSlack()
    await server.start()
    server.add_user("U1", "Zoe Sample", admin=True, email="zoe@sample.example")
    server.add_user("U2", "Kay Sample", email="kay@sample.example")
    server.add_user("U3", "Guest Sample", email="guest@other.example", guest="multi")
    server.add_user("U4", "A bot", bot=True)
    for number in range(5):
        server.add_channel(f"C{number}", f"other-{number}")
    server.add_channel("C9", "sales-managers", ["U1"])
    server.space.groups["sales"] = {"U1", "U2", "U3", "U4"}
    yield server
    await server.stop()


@pytest.fixture
async def dingtalk() -> AsyncIterator[DingTalkServer]:
    async with DingTalkServer() as server:
        server.staff = {f"d{n}": f"Staff {n} Sample" for n in range(1, 7)}
        server.departments = {"1": "Sample Ltd", "20": "East sales", "21": "Inside sales"}
        server.below = {1: [20], 20: [21]}
        server.members = {20: ["d1", "d2", "d3"], 21: ["d3", "d4"]}
        server.directory = {"Staff 1 Sample": {"mobile": "13800000001", "state_code": "86"}}
        yield server


class Place:
    """A folder with ``.env`` and a file of answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = folder / ".env"

    async def run(self, answers: Mapping[str, Any], *, offline: bool = False) -> int:
        given = {"data_dir": str(self.folder / "data"), "language": "en", **answers}
        file = self.folder / "answers.yaml"
        file.write_text(yaml.safe_dump(given, allow_unicode=True), encoding="utf-8")
        return await asyncio.to_thread(run_setup, self.env, file, offline=offline)

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    @contextmanager
    def stored(self) -> Iterator[UnitOfWork]:
        units = open_units(settings_with(EnvFile(self.env).values(), {}))
        with units(read_only=True) as uow:
            yield uow
        units.database.dispose()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def in_slack(slack: LocalSlack) -> dict[str, Any]:
    tokens = {"bot_token": slack.bot_token, "app_token": slack.app_token}
    return {"slack": {**tokens, "api_url": slack.api_url}}


def in_dingtalk(server: DingTalkServer) -> dict[str, Any]:
    credentials = {"client_id": APP, "client_secret": SECRET, "robot_code": ROBOT}
    return {"dingtalk": {**credentials, "api_url": server.url, "oapi_url": server.url}}


class TestSlack:
    async def test_a_company_is_there_and_stays_when_it_is_repeated(
        self,
        place: Place,
        slack: LocalSlack,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        place.env.write_text("# mine\nSMTP_FROM=a@sample.example\n")
        answers = {
            **in_slack(slack),
            "country": "DE", "timezone": "Europe/Berlin", "currency": "EUR",
            "hours": "mon-thu 8:30-17:00", "teams": ["East", "West"],
            "admin": "zoe@sample.example", "channel": "#sales-managers",
            "people": [{"slack_group": "@sales", "team": "East"},
                       {"file": place.write("people.csv", PEOPLE), "team": "East"}],
            "leads": place.write("leads.csv", LEADS),
        }  # fmt: skip
        for time in range(2):
            assert await place.run(answers) == 0
            out = capsys.readouterr().out
            assert slack.bot_token not in out
            assert ("Zoe Sample is an admin and" in out) == (time == 0)
            with place.stored() as uow:
                people = {person.name: person for person in uow.people.everyone()}
                assert people.keys() == {"Zoe Sample", "Kay Sample", "Fay Sample", "Max Sample"}
                assert people["Zoe Sample"].role is Role.ADMIN
                assert people["Max Sample"].role is Role.MANAGER
                assert people["Kay Sample"].has_account
                assert not people["Fay Sample"].has_account
                assert [team.name for team in uow.people.teams()] == ["East", "West"]
                rules = uow.playbooks.current().working_hours
                assert rules.country == "DE"
                assert rules.blocks["mon"] == (
                    Block.model_validate({"start": "08:30", "end": "17:00"}),
                )
                assert not rules.blocks.get("fri")
                assert uow.playbooks.number() == 1
                [bound] = uow.channels.of_team(None)
                assert bound.conversation == "C9"
        assert place.env.read_text().startswith("# mine\nSMTP_FROM=a@sample.example\n")
        assert stat.S_IMODE(place.env.stat().st_mode) == 0o600
        assert "row 4: “boss” is no role" in out
        assert "taken before" in out

    async def test_the_admin_is_greeted_with_what_is_left(
        self, place: Place, slack: LocalSlack
    ) -> None:
        assert await place.run({**in_slack(slack), "admin": "U1", "channel": "C9"}) == 0
        genjin = build(settings_with(EnvFile(place.env).values(), {}))
        await genjin.start()
        room = slack.space.direct("U1").id
        await slack.until(lambda: slack.space.visible("U1", room), within=20)
        [message] = slack.space.visible("U1", room)
        shown = str(message.blocks)
        assert shown.count("✅") == 4  # The platform, the rules, the admin and the channel.
        assert shown.count("⬜") == 3
        await genjin.stop()

    async def test_refused_tokens_save_nothing(
        self, place: Place, slack: LocalSlack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        slack.refused_tokens[slack.app_token] = "invalid_auth"
        assert await place.run(in_slack(slack)) == 1
        assert "invalid_auth" in capsys.readouterr().err
        assert not place.env.exists()
        assert not (place.folder / "data").exists()

    async def test_waits_where_slack_asks_for_it_and_says_what_is_missing(
        self, place: Place, slack: LocalSlack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        slack.scopes = slack.scopes.replace("usergroups:read,", "")
        slack.fault("users.info", Fault(status=429, retry_after=0))
        answers = {
            **in_slack(slack), "admin": "U1", "channel": "nowhere",
            "people": [{"slack_group": "sales"}],
        }  # fmt: skip
        assert await place.run(answers) == 0
        out = capsys.readouterr().out
        assert out.count("usergroups:read") == 2
        assert "“nowhere”" in out
        with place.stored() as uow:
            assert [person.name for person in uow.people.everyone()] == ["Zoe Sample"]


class TestDingTalk:
    async def test_imports_a_department_with_all_below(
        self, place: Place, dingtalk: DingTalkServer
    ) -> None:
        answers = {
            **in_dingtalk(dingtalk), "language": "zh-CN", "admin": "13800000001",
            "people": [{"dingtalk_department": "East sales"}],
        }  # fmt: skip
        assert await place.run(answers) == 0
        with place.stored() as uow:
            people = {person.name: person for person in uow.people.everyone()}
            assert len(people) == 4
            assert people["Staff 1 Sample"].role is Role.ADMIN
            assert uow.contacts.get(people["Staff 1 Sample"].id)[0] == "+8613800000001"
            [team] = [team for team in uow.people.teams() if team.name == "East sales"]
            assert people["Staff 4 Sample"].team_id == team.id

    async def test_says_which_permission_is_missing(
        self, place: Place, dingtalk: DingTalkServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        dingtalk.departments = {}
        assert await place.run(in_dingtalk(dingtalk) | {"language": "zh-CN"}) == 0
        assert "qyapi_get_department_list" in capsys.readouterr().out

    async def test_refused_credentials_save_nothing(
        self, place: Place, dingtalk: DingTalkServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        answers = in_dingtalk(dingtalk)
        answers["dingtalk"]["client_secret"] = "wrong"
        assert await place.run(answers) == 1
        captured = capsys.readouterr()
        assert "invalidClientIdOrSecret" in captured.err
        assert "wrong" not in captured.out + captured.err
        assert not place.env.exists()


class TestDialogue:
    """The same at a terminal; one line is typed for every question."""

    def typed(self, monkeypatch: pytest.MonkeyPatch, folder: Path, *lines: str) -> Result:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("GENJIN_DATA_DIR", str(folder / "data"))
        monkeypatch.setattr(command, "_at_terminal", lambda: True)
        return CliRunner().invoke(app, ["setup"], input="".join(f"{line}\n" for line in lines))

    def test_asks_again_for_what_cannot_be_and_offers_what_is_known(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place.write("people.csv", PEOPLE)
        place.env.write_text("GENJIN_TIMEZONE=Europe/Berlin\nKEEP=1\n")
        result = self.typed(
            monkeypatch, place.folder,
            "zh-CN", "de", "", "", "wann", "周一至周五 9:00-17:00", "华东，华南", "web",
            "gone.csv", "people.csv", "", "", "", "",
        )  # fmt: skip
        assert result.exit_code == 0, result.output
        assert EnvFile(place.env).values() == {
            "GENJIN_TIMEZONE": "Europe/Berlin", "KEEP": "1", "GENJIN_LOCALE": "zh-CN",
            "GENJIN_COUNTRY": "DE", "GENJIN_CURRENCY": "EUR", "GENJIN_WEB_CHAT": "on",
        }  # fmt: skip
        assert "已添加团队：华东、华南" in result.output
        assert "新增 2 人" in result.output

    async def test_checks_tokens_at_once(
        self, place: Place, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place.env.write_text(f"SLACK_API_URL={slack.api_url}\n")
        lines = (
            "en", "US", "America/New_York", "", "", "", "slack",
            "xoxb-wrong", slack.app_token, "yes", slack.bot_token, slack.app_token,
            "U1", "sales-managers", "@sales", "", "", "", "",
        )  # fmt: skip
        result = await asyncio.to_thread(self.typed, monkeypatch, place.folder, *lines)
        assert result.exit_code == 0, result.output
        assert "refused the credentials (invalid_auth)" in result.output
        assert "Slack: connected to Sample" in result.output
        assert "Zoe Sample is an admin" in result.output
        assert slack.bot_token not in result.output
        assert EnvFile(place.env).values()["SLACK_BOT_TOKEN"] == slack.bot_token

    def test_without_a_terminal_it_says_what_to_do(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(place.folder)
        result = CliRunner().invoke(app, ["setup"])
        assert result.exit_code == 1
        assert "--answers" in result.output


class TestAlone:
    async def test_without_a_platform_it_is_no_sample(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert await place.run({"teams": "East, West", "timezone": "Europe/Berlin"}) == 0
        assert "genjin admin" not in capsys.readouterr().out
        with place.stored() as uow:
            assert uow.playbooks.current().working_hours.country == "DE"
        settings = settings_with(EnvFile(place.env).values(), {})
        assert settings.has_web_chat
        assert not settings.is_demo
        assert not (place.folder / "data" / "demo.db").exists()

    async def test_names_every_wrong_answer_and_saves_nothing(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        wrong = {"timezone": "Mars", "currency": "XXQ", "hours": "never", "cuntry": "DE"}
        assert await place.run(wrong) == 1
        err = capsys.readouterr().err
        assert all(name in err for name in wrong)
        assert not place.env.exists()

    async def test_postgresql_gets_a_key(self, place: Place) -> None:
        url = "postgresql://nobody@127.0.0.1:9/none"
        with pytest.raises(StorageUnavailable):
            await place.run({"database_url": url})
        kept = EnvFile(place.env).values()["GENJIN_SECRET_KEYS"]
        with pytest.raises(StorageUnavailable):
            await place.run({"database_url": url})
        assert EnvFile(place.env).values()["GENJIN_SECRET_KEYS"] == kept
