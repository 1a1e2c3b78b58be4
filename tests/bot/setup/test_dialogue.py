"""``genjin setup`` at a terminal: what is typed, what is said, and that nothing is lost."""

import asyncio
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.setup import cli
from bot.setup.env_file import EnvFile
from sales.people import SYSTEM, Role
from tests.bot.setup.place import PEOPLE, Place
from tests.databases import Databases
from tests.doubles.dingtalk.server import APP, SECRET, DingTalkServer
from tests.doubles.slack.server import LocalSlack

Type: TypeAlias = Callable[..., Result]


@pytest.fixture
def type_(place: Place, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Types one line for every question; where the lines end, the terminal is closed."""
    monkeypatch.chdir(place.folder)
    monkeypatch.setenv("GENJIN_DATA_DIR", str(place.folder / "data"))
    monkeypatch.setattr(cli, "_at_terminal", lambda: True)

    def typed(*lines: str, offline: bool = False) -> Result:
        said = "".join(f"{line}\n" for line in lines)
        return CliRunner().invoke(app, ["setup", *(["--offline"] if offline else [])], input=said)

    return typed


IN_LISBON = ("1", "Portugal", "lisbon", "€", "", "mon-fri 9:00-17:30", "Inside sales, Field sales")
KEPT = ("", "", "", "", "", "", "")


class TestQuestions:
    def test_are_asked_again_for_what_cannot_be(self, place: Place, type_: Type) -> None:
        place.write("people.csv", PEOPLE)
        place.env.write_text("GENJIN_TIMEZONE=Europe/Berlin\nKEEP=1\n")
        result = type_(
            "中文", "德国", "", "", "", "wann", "周一至周五 9:00-17:00", "华东，华南", "网页",
            "gone.csv", "people.csv", "", "", "-", "", "", "", "",
        )  # fmt: skip
        assert result.exit_code == 0, result.output
        assert EnvFile(place.env).values() == {
            "GENJIN_TIMEZONE": "Europe/Berlin", "KEEP": "1", "GENJIN_LOCALE": "zh-CN",
            "GENJIN_COUNTRY": "DE", "GENJIN_CURRENCY": "EUR", "GENJIN_WEB_CHAT": "on",
        }  # fmt: skip
        assert "“wann”不是工作时间。例如：周一至周五" in result.output
        assert "找不到“gone.csv”" in result.output
        assert "已添加团队：华东、华南" in result.output
        assert "新增 2 人" in result.output

    def test_can_be_gone_back_from(self, place: Place, type_: Type) -> None:
        result = type_(
            "back", "1", "Portugal", "lisbon", "back", "back", "Germany", "", "",
            "", "", "", "web", "back", "4", "back", "web", "", "", "back", "", "",
        )  # fmt: skip
        assert result.exit_code == 0, result.output
        assert "This is the first question" in result.output
        values = EnvFile(place.env).values()
        assert (values["GENJIN_COUNTRY"], values["GENJIN_TIMEZONE"]) == ("DE", "Europe/Berlin")

    def test_offer_what_follows_from_the_country(self, place: Place, type_: Type) -> None:
        result = type_("1", "US", "", "", "", "", "", "web", "", "", "")
        assert result.exit_code == 0, result.output
        assert "America/New_York, America/Chicago" in result.output
        assert not any(sign in result.output for sign in ("Shanghai", "CNY", "万", "138"))
        values = EnvFile(place.env).values()
        assert values["GENJIN_TIMEZONE"] == "America/New_York"
        assert values["GENJIN_CURRENCY"] == "USD"
        with place.stored() as uow:
            rules = uow.playbooks.current()
            assert rules.working_hours.country == "US"
            assert not any("China" in region.en for region in rules.vocabulary.regions)

    def test_without_a_terminal_it_says_what_to_do(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(place.folder)
        result = CliRunner().invoke(app, ["setup"])
        assert result.exit_code == 1
        assert "--answers" in result.output


class TestPlatforms:
    async def test_of_slack_are_tried_at_once(
        self, place: Place, slack: LocalSlack, type_: Type
    ) -> None:
        place.env.write_text(f"SLACK_API_URL={slack.api_url}\n")
        result = await asyncio.to_thread(
            type_, *IN_LISBON, "slack",
            slack.app_token, "xoxb-wrong", slack.bot_token, "xoxb-again", slack.app_token,
            "nobody@sample.example", "U1", "nowhere", "other-1", "@sales", "", "", "kay sample",
            "", "", "", "",
        )  # fmt: skip
        out = result.output
        assert result.exit_code == 0, out
        assert "This is the app-level token, which is asked next" in out
        assert "Slack refused this (invalid_auth)" in out
        assert "OAuth & Permissions has the bot token" in out
        assert "This is the bot token again" in out
        assert "Slack: connected to Sample" in out
        assert "Slack knows nobody as “nobody@sample.example”" in out
        assert "Slack shows the bot no channel “nowhere”" in out
        assert "/invite @" in out
        assert "Zoe Sample is an admin" in out
        assert slack.bot_token not in out
        assert slack.app_token not in out
        assert EnvFile(place.env).values()["SLACK_BOT_TOKEN"] == slack.bot_token
        with place.stored() as uow:
            roles = {person.name: person.role for person in uow.people.everyone()}
            assert roles == {"Zoe Sample": Role.ADMIN, "Kay Sample": Role.MANAGER}

    async def test_of_dingtalk_are_tried_at_once(
        self, place: Place, dingtalk: DingTalkServer, type_: Type
    ) -> None:
        place.env.write_text(f"DINGTALK_API_URL={dingtalk.url}\nDINGTALK_OAPI_URL={dingtalk.url}\n")
        result = await asyncio.to_thread(
            type_, "2", "中国", "上海", "人民币", "", "", "华东，华南", "钉钉",
            APP, "wrong-secret", SECRET, "sample", "sample.schema", "AgentId", "",
            "13800000001", "部门:East sales", "华东", "", "-", "",
            "", "", "",
        )  # fmt: skip
        out = result.output
        assert result.exit_code == 0, out
        assert "DingTalk 没有接受" in out
        assert "凭证与基础信息" in out
        assert "Staff 1 Sample 已是管理员" in out
        assert SECRET not in out
        assert "wrong-secret" not in out
        assert "模板 ID 以 .schema 结尾" in out
        assert "AgentId 只有数字" in out
        values = EnvFile(place.env).values()
        assert values["DINGTALK_LEAD_CARD_TEMPLATE_ID"] == "sample.schema"
        assert "DINGTALK_AGENT_ID" not in values
        with place.stored() as uow:
            assert len(uow.people.everyone()) == 4

    async def test_that_do_not_answer_cost_nothing(self, place: Place, type_: Type) -> None:
        place.env.write_text("SLACK_API_URL=http://127.0.0.1:9/\n")
        result = await asyncio.to_thread(type_, *IN_LISBON, "slack", "xoxb-1")
        assert result.exit_code == 130
        assert "Slack did not answer" in result.output
        assert "--offline" in result.output
        assert place.env.read_text() == "SLACK_API_URL=http://127.0.0.1:9/\n"


class TestInterrupted:
    def test_is_gone_on_with_where_it_stopped(self, place: Place, type_: Type) -> None:
        first = type_(*IN_LISBON, "slack", "xoxb-1-secret", offline=True)
        draft = place.folder / ".env.setup"
        assert first.exit_code == 130
        assert "Nothing was changed" in first.output
        assert not place.env.exists()
        assert not (place.folder / "data").exists()
        assert stat.S_IMODE(draft.stat().st_mode) == 0o600

        second = type_("", "xapp-1-secret", "", "", "", "", "", offline=True)
        assert second.exit_code == 0, second.output
        assert "Country: PT" in second.output
        assert "secret" not in first.output + second.output
        values = EnvFile(place.env).values()
        assert (values["GENJIN_COUNTRY"], values["SLACK_BOT_TOKEN"]) == ("PT", "xoxb-1-secret")
        assert not draft.exists()
        with place.stored() as uow:
            assert [team.name for team in uow.people.teams()] == ["Field sales", "Inside sales"]

    def test_keeps_each_list_of_people(self, place: Place, type_: Type) -> None:
        place.write("people.csv", PEOPLE)
        place.write("more.csv", "name,email\nZed Sample,zed@sample.example\n")
        assert type_(*IN_LISBON, "web", "people.csv", "", "", "-", "more.csv").exit_code == 130
        result = type_("", "more.csv", "", "", "", "", "", "", "")
        assert result.exit_code == 0, result.output
        with place.stored() as uow:
            assert len(uow.people.everyone()) == 3

    def test_can_be_gone_back_from(self, place: Place, type_: Type) -> None:
        type_(*IN_LISBON)
        result = type_("back", "North", "web", "", "", "")
        assert result.exit_code == 0, result.output
        with place.stored() as uow:
            assert [team.name for team in uow.people.teams()] == ["North"]

    def test_may_begin_anew(self, place: Place, type_: Type) -> None:
        type_(*IN_LISBON)
        result = type_("new", "1", "US", "", "", "", "", "", "web", "", "", "")
        assert result.exit_code == 0, result.output
        assert EnvFile(place.env).values()["GENJIN_COUNTRY"] == "US"

    def test_is_asked_before_anything_is_saved(self, place: Place, type_: Type) -> None:
        assert type_(*IN_LISBON, "web", "", "", "what", "no").exit_code == 130
        assert not place.env.exists()
        result = type_("", "", "back", "", "yes")
        assert result.exit_code == 0, result.output
        assert place.env.exists()

    @pytest.mark.parametrize("content", ["", "next: [", "next: 1\nplatform: x\nanswers: 3\n"])
    def test_with_a_draft_that_cannot_be_used_begins_anew(
        self, place: Place, type_: Type, content: str
    ) -> None:
        place.write(".env.setup", content)
        assert type_(*IN_LISBON, "web", "", "", "").exit_code == 0


class TestRepeated:
    def test_shows_what_is_there_and_changes_nothing_else(self, place: Place, type_: Type) -> None:
        place.env.write_text("# mine\nSMTP_FROM=a@sample.example  # kept\n")
        assert type_(*IN_LISBON, "web", "", "", "").exit_code == 0
        before = place.env.read_text()
        with place.stored() as uow:
            rules = uow.playbooks.number()
        again = type_(*KEPT, "", "", "", "")
        assert again.exit_code == 0, again.output
        assert "[mon-fri 9:00-17:30]" in again.output
        assert "[Field sales, Inside sales]" in again.output
        assert "nothing had to change" in again.output
        assert place.env.read_text() == before
        assert before.startswith("# mine\nSMTP_FROM=a@sample.example  # kept\n")
        with place.stored() as uow:
            assert uow.playbooks.number() == rules
        type_(*KEPT[:5], "mon-thu 8:00-17:00", "", "", "", "", "")
        with place.stored() as uow:
            hours = uow.playbooks.current().working_hours
            assert not hours.blocks.get("fri")
            assert hours.country == "PT"

    def test_keeps_the_holidays_that_an_admin_chose(self, place: Place, type_: Type) -> None:
        assert type_(*IN_LISBON, "web", "", "", "").exit_code == 0
        with place.stored(read_only=False) as uow:
            rules = uow.playbooks.current()
            hours = rules.working_hours.model_copy(update={"country": "ES"})
            changed = rules.model_copy(update={"working_hours": hours})
            uow.playbooks.store(changed, SYSTEM, datetime(2026, 11, 2, tzinfo=UTC), "test")
            uow.commit()
        assert type_(*KEPT, "", "", "", "").exit_code == 0
        with place.stored() as uow:
            assert uow.playbooks.current().working_hours.country == "ES"


class TestPostgreSQL:
    def test_is_set_up_to_the_end(self, place: Place, type_: Type, databases: Databases) -> None:
        url = databases.empty("postgresql")
        place.write("people.csv", PEOPLE)
        lines = (*IN_LISBON[:4], "oracle://x", "postgresql://nobody:secret@127.0.0.1:9/none", url)
        result = type_(*lines, *IN_LISBON[5:], "web", "people.csv", "", "", "-", "", "", "", "")
        assert result.exit_code == 0, result.output
        assert "That is no address of a database" in result.output
        assert "The database does not answer" in result.output
        assert "secret" not in result.output.replace("nobody:secret@127.0.0.1:9/none\n", "")
        values = EnvFile(place.env).values()
        assert values["DATABASE_URL"] == url
        assert values["GENJIN_SECRET_KEYS"]
        with place.stored() as uow:
            assert {person.name for person in uow.people.everyone()} == {"Fay Sample", "Max Sample"}
        again = type_(*KEPT, "", "", "", "")
        assert again.exit_code == 0, again.output
        assert "[Field sales, Inside sales" in again.output
        assert values == EnvFile(place.env).values()
