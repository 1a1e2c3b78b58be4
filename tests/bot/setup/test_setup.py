"""``genjin setup`` as a whole: real local Slack and DingTalk, a real database, and no process."""

import asyncio
import stat

import pytest

from bot.app import build, open_units
from bot.settings import settings_with
from bot.setup.answers import PeopleSource
from bot.setup.env_file import EnvFile
from bot.setup.people_sync import sync_people
from sales.errors import StorageUnavailable
from sales.people import SYSTEM, Role
from sales.playbook import Block
from tests.bot.setup.place import LEADS, PEOPLE, Place, in_dingtalk, in_slack
from tests.doubles.dingtalk.server import DingTalkServer
from tests.doubles.slack.server import Fault, LocalSlack


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
        self, place: Place, dingtalk: DingTalkServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        answers = {
            **in_dingtalk(dingtalk), "language": "zh-CN", "admin": "13800000001",
            "people": [{"dingtalk_department": "East sales"}],
        }  # fmt: skip
        assert await place.run(answers) == 0
        assert "请把机器人加进管理群" in capsys.readouterr().out
        with place.stored() as uow:
            people = {person.name: person for person in uow.people.everyone()}
            assert len(people) == 4
            assert people["Staff 1 Sample"].role is Role.ADMIN
            assert uow.contacts.get(people["Staff 1 Sample"].id)[0] == "+8613800000001"
            [team] = [team for team in uow.people.teams() if team.name == "East sales"]
            assert people["Staff 4 Sample"].team_id == team.id

    async def test_compares_a_department_later_and_imports_who_is_new(
        self, place: Place, dingtalk: DingTalkServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        source = PeopleSource(dingtalk_department="East sales")
        people = [{"dingtalk_department": "East sales"}]
        assert await place.run({**in_dingtalk(dingtalk), "people": people}) == 0
        dingtalk.members[21].append("d5")
        dingtalk.staff["d4"] = "Staff 4 Renamed"
        settings = settings_with(EnvFile(place.env).values(), {})
        for yes, there in ((False, 4), (True, 5)):
            capsys.readouterr()
            assert await asyncio.to_thread(sync_people, settings, source, yes=yes) == 0
            out = capsys.readouterr().out
            assert "New: Staff 5 Sample" in out
            assert "Staff 4 Sample is called Staff 4 Renamed there" in out
            with place.stored() as uow:
                assert len(uow.people.everyone()) == there
        dingtalk.members = {}
        assert await asyncio.to_thread(sync_people, settings, source, yes=True) == 1
        assert "qyapi_get_department_member" in capsys.readouterr().out

    async def test_says_which_permission_is_missing(
        self, place: Place, dingtalk: DingTalkServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        dingtalk.departments = {}
        assert await place.run(in_dingtalk(dingtalk) | {"language": "zh-CN"}) == 0
        assert "通讯录部门信息读权限 (qyapi_get_department_list)" in capsys.readouterr().out

    async def test_says_which_permission_the_import_of_people_needs(
        self, place: Place, dingtalk: DingTalkServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        dingtalk.members = {}
        people = [{"dingtalk_department": "East sales"}]
        answers = {**in_dingtalk(dingtalk), "language": "zh-CN", "people": people}
        assert await place.run(answers) == 0
        out = capsys.readouterr().out
        assert "通讯录部门成员读权限 (qyapi_get_department_member)" in out

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

    async def test_leaves_the_sample_company_as_it_is(self, place: Place) -> None:
        data = place.folder / "data"
        alone = {"GENJIN_DATA_DIR": str(data)}
        open_units(settings_with(alone, {})).database.dispose()
        before = (data / "demo.db").read_bytes()
        assert await place.run({"country": "PT", "timezone": "Europe/Lisbon"}) == 0
        with place.stored() as uow:
            assert uow.people.everyone() == []
            assert not uow.leads(SYSTEM).any()
        assert (data / "demo.db").read_bytes() == before
        assert settings_with(alone, {}).is_demo

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


LATER = """\
name,role,team,email,phone,status
Fay Sample,,West,fay@sample.example,+8613800000008,active
Max Sample,rep,West,,+8613800000009,active
New Sample,,West,new@sample.example,,active
Zed Sample,,West,zed@sample.example,,terminated
"""


class TestPeople:
    """Importing people again, and a look before anything is saved."""

    async def test_are_brought_up_to_date(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = place.write("people.csv", PEOPLE + "Zed Sample,,West,zed@sample.example,\n")
        given = {"teams": ["East", "West"], "people": [{"file": file, "team": "East"}]}
        assert await place.run(given) == 0
        place.write("people.csv", LATER)
        capsys.readouterr()
        for time in range(2):
            assert await place.run(given) == 0
            out = capsys.readouterr().out
            if time == 0:
                assert "1 added, 0 linked, 2 there already, 2 updated" in out
                assert "Fay Sample: team East → West, phone or e-mail" in out
                assert "Max Sample: role manager → rep" in out
            else:
                assert "0 added, 0 linked, 3 there already, 0 updated" in out
            assert "Here, but not in people.csv (1): Zed Sample" in out
            with place.stored() as uow:
                people = {person.name: person for person in uow.people.everyone()}
                assert len(people) == 4
                assert people["Zed Sample"].active
                assert uow.contacts.get(people["Fay Sample"].id)[0] == "+8613800000008"

    async def test_can_be_looked_at_before(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        given = {"people": [{"file": place.write("people.csv", PEOPLE), "admins": "Fay Sample"}]}
        assert await place.run(given, preview=True) == 0
        assert "2 to add" in capsys.readouterr().out
        assert not place.env.exists()
        assert not (place.folder / "data").exists()
        assert await place.run(given) == 0
        with place.stored() as uow:
            people = {person.name: person.role for person in uow.people.everyone()}
            assert people["Fay Sample"] is Role.ADMIN
        place.write("people.csv", LATER)
        capsys.readouterr()
        assert await place.run(given, preview=True) == 0
        assert "1 to add, 0 to link, 2 there already" in capsys.readouterr().out
        with place.stored() as uow:
            assert len(uow.people.everyone()) == 2

    async def test_of_an_admin_stay_admins(self, place: Place) -> None:
        file = place.write("people.csv", "name,role,email\nKay Sample,admin,kay@sample.example\n")
        assert await place.run({"people": [{"file": file}]}) == 0
        place.write("people.csv", "name,role,email\nKay Sample,rep,kay@sample.example\n")
        assert await place.run({"people": [{"file": file}]}) == 0
        with place.stored() as uow:
            [kay] = uow.people.everyone()
            assert kay.role is Role.ADMIN
