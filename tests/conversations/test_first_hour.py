"""The first hour on each platform, from an empty database.

Who becomes admin, who is let in, and in which language. Real SDKs, local servers.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette

from bot.server import WebServer
from handlers.core.language import Language
from sales.people import Person, Role
from sales.playbook import Admission, Newcomers, Playbook
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.conversations.dingtalk import DingTalkUser, FieldNames
from tests.conversations.slack import SlackUser
from tests.conversations.stages import FRIDAY
from tests.conversations.web import WebUser
from tests.doubles.dingtalk import DingTalkServer
from tests.doubles.dingtalk.server import APP, ROBOT, SECRET
from tests.doubles.slack import LocalSlack
from tests.world import TestSettings, World, open_world

LEAD = {"customer": "Acme Sample Ltd", "source": "ads"}


@asynccontextmanager
async def slack_world(
    database: Database, fields: Fields, **more: Any
) -> AsyncIterator[tuple[World, LocalSlack]]:
    server = LocalSlack()
    await server.start()
    settings = TestSettings.of(
        slack_bot_token=server.bot_token,
        slack_app_token=server.app_token,
        slack_api_url=server.api_url,
        **more,
    )
    async with open_world(settings, database, fields, FRIDAY) as world:
        world.prepare_database()
        platform: Any = world.platforms["slack"]
        server.settle = platform.settled
        async with asyncio.timeout(10):
            while not platform.health().ok:  # noqa: ASYNC110 - the far side has no event of ours
                await asyncio.sleep(0.01)
        yield world, server
    await server.stop()


@asynccontextmanager
async def dingtalk_world(
    database: Database, fields: Fields, **more: Any
) -> AsyncIterator[tuple[World, DingTalkServer, Callable[..., DingTalkUser]]]:
    """With nothing set but what the guide says."""
    async with DingTalkServer() as server:
        settings = TestSettings.of(
            dingtalk_client_id=APP,
            dingtalk_client_secret=SECRET,
            dingtalk_robot_code=ROBOT,
            dingtalk_api_url=server.url,
            dingtalk_oapi_url=server.url,
            **more,
        )
        names = FieldNames()
        async with open_world(settings, database, fields, FRIDAY) as world:
            world.listen = names.listening
            world.prepare_database()
            await server.gateway.connected(1)

            def user(account: str, name: str, *, is_admin: bool = False) -> DingTalkUser:
                return DingTalkUser(server, account, name, names, is_admin=is_admin)

            yield world, server, user


def everyone(world: World) -> dict[str, Person]:
    with world.new_uow(read_only=True) as uow:
        return {person.name: person for person in uow.people.everyone()}


def words(world: World, locale: str) -> Language:
    return world.languages(locale)


def code_in(printed: str) -> str:
    return printed.strip().rpartition(" ")[2]


class TestSlack:
    async def test_from_a_strangers_home_tab_to_the_first_lead(
        self, database: Database, fields: Fields
    ) -> None:
        async with slack_world(database, fields) as (world, server):
            server.add_user("UAMY", "Amy Sample", owner=True)
            server.add_user("UZOE", "Zoe Sample", email="zoe@sample.example")
            amy, zoe = SlackUser(server, "UAMY"), SlackUser(server, "UZOE")
            say = words(world, "en").text

            for account in (zoe, amy):
                await account.acts.open_home()
                await server.settled()
            assert everyone(world) == {}
            assert say("newcomer.start_title") in repr(server.space.homes["UZOE"])

            await zoe.type("/pipeline")
            assert say("newcomer.no_admin") in (await zoe.messages())[-1].text
            assert everyone(world) == {}

            await amy.type("hello")
            assert everyone(world)["Amy Sample"].role is Role.ADMIN
            await world.settle()
            let_in = say("button.let_in", role=say("role.rep"), team=say("team.first"))
            await amy.press(let_in, within=say("newcomer.asks_title", name="Zoe Sample"))
            await world.settle()
            shown = [message.text for message in await amy.messages()]
            assert any(say("newcomer.in_title", name="Zoe Sample") in text for text in shown)

            assert say("newcomer.let_in_title", name="Zoe Sample") in (
                (await zoe.messages())[-1].text
            )
            await zoe.press(say("button.new_lead"))
            await zoe.submit(LEAD)
            assert "Acme Sample Ltd" in (await zoe.messages())[-1].text
            await zoe.acts.open_home()
            await server.settled()
            assert "LX001" in repr(server.space.homes["UZOE"])

    async def test_a_rep_who_becomes_a_guest_has_no_access(
        self, database: Database, fields: Fields
    ) -> None:
        async with slack_world(database, fields) as (world, server):
            server.add_user("UAMY", "Amy Sample", owner=True)
            rob = server.add_user("UROB", "Rob Sample", admin=True)
            for account in ("UAMY", "UROB"):
                await SlackUser(server, account).type("hello")
            rob.admin, rob.guest = False, "single"
            platform: Any = world.platforms["slack"]
            platform._people._known.clear()  # as after five minutes
            user = SlackUser(server, "UROB")
            await user.type("/people")
            say = words(world, "en").text
            assert say("error.guest_refused") in (await user.messages())[-1].text
            assert not everyone(world)["Rob Sample"].active
            await user.acts.open_home()
            await server.settled()
            assert say("error.guest_refused") in repr(server.space.homes["UROB"])
            await world.settle()
            told = (await SlackUser(server, "UAMY").messages())[-1].text
            assert say("outsider.guest_title", name="Rob Sample", platform="Slack") in told

    async def test_the_company_speaks_its_first_admins_language(
        self, database: Database, fields: Fields
    ) -> None:
        async with slack_world(database, fields) as (world, server):
            server.add_user("UAMY", "Amy Sample", owner=True, locale="zh-CN")
            await SlackUser(server, "UAMY").type("/pipeline")
            assert world.languages().locale == "zh_CN"
            world.languages.default = "en"
            world.prepare_database()
            assert world.languages().locale == "zh_CN"

    async def test_an_explicit_language_stands(self, database: Database, fields: Fields) -> None:
        async with slack_world(database, fields, genjin_locale="en") as (world, server):
            server.add_user("UAMY", "Amy Sample", owner=True, locale="zh-CN")
            await SlackUser(server, "UAMY").type("/pipeline")
            assert world.languages().locale == "en"


class TestDingTalk:
    async def test_following_the_guide_gives_a_chinese_bot(
        self, database: Database, fields: Fields
    ) -> None:
        async with dingtalk_world(database, fields) as (world, _, user):
            say = words(world, "zh_CN").text
            boss, zoe = user("boss", "林样例", is_admin=True), user("zoe", "赵样例")
            await boss.type("帮助")
            first = (await boss.messages())[-1].text
            assert say("help.title") in first
            assert everyone(world)["林样例"].role is Role.ADMIN

            await zoe.type("帮助")
            assert "林样例" in (await zoe.messages())[-1].text
            assert "赵样例" not in everyone(world)
            await world.settle()
            let_in = say("button.let_in", role=say("role.rep"), team=say("team.first"))
            await boss.press(let_in, within=say("newcomer.asks_title", name="赵样例"))
            await world.settle()
            welcome = say("newcomer.let_in_title", name="赵样例")
            assert any(welcome in message.text for message in await zoe.messages())
            assert everyone(world)["赵样例"].role is Role.REP
            await zoe.type("录线索")
            assert await zoe.form()

    @pytest.mark.parametrize("told", [False, None])
    async def test_whoever_is_no_administrator_needs_the_code(
        self,
        database: Database,
        fields: Fields,
        capsys: pytest.CaptureFixture[str],
        told: bool | None,
    ) -> None:
        async with dingtalk_world(database, fields) as (world, server, user):
            say = words(world, "zh_CN").text
            capsys.readouterr()
            world._offer_admin_code()
            printed = capsys.readouterr().out
            assert "/genjin 管理员 " in printed
            server.staff["zoe"] = "赵样例"
            await server.gateway.ack_of(await server.write("zoe", "帮助", isAdmin=told))
            assert everyone(world) == {}
            zoe = user("zoe", "赵样例")
            assert say("newcomer.no_admin") in (await zoe.messages())[-1].text
            await zoe.type(f"/genjin 管理员 {code_in(printed)}")
            shown = [message.text for message in await zoe.messages()]
            assert any(say("admin_code.done_title", name="赵样例") in text for text in shown)
            assert everyone(world)["赵样例"].role is Role.ADMIN
            capsys.readouterr()  # What was logged meanwhile.
            world._offer_admin_code()
            assert capsys.readouterr().out == ""

    async def test_english_words_are_answered_in_english(
        self, database: Database, fields: Fields
    ) -> None:
        async with dingtalk_world(database, fields) as (world, _, user):
            boss = user("boss", "Lin Sample", is_admin=True)
            await boss.type("what can you do")
            assert everyone(world)["Lin Sample"].locale == "en"
            await boss.type("/genjin")
            assert words(world, "en").text("help.title") in (await boss.messages())[-1].text
            await boss.type("漏斗")
            await boss.type("/genjin")
            assert words(world, "zh_CN").text("help.title") in (await boss.messages())[-1].text

    async def test_an_explicit_language_stands(self, database: Database, fields: Fields) -> None:
        async with dingtalk_world(database, fields, genjin_locale="en") as (world, _, user):
            boss = user("boss", "Lin Sample", is_admin=True)
            await boss.type("/genjin")
            assert words(world, "en").text("help.title") in (await boss.messages())[-1].text
            await boss.type("帮助")
            assert words(world, "zh_CN").text("help.title") in (await boss.messages())[-1].text

    async def test_a_department_lets_its_people_in(
        self, database: Database, fields: Fields
    ) -> None:
        async with dingtalk_world(database, fields) as (world, server, user):
            server.departments = {"881": "销售部"}
            server.directory["赵样例"] = {"dept_id_list": [881]}
            await user("boss", "林样例", is_admin=True).type("帮助")
            rule = Admission(name="销售", department="销售部")
            world.rules(Playbook(newcomers=Newcomers(rules=(rule,))))
            zoe, yan = user("zoe", "赵样例"), user("yan", "严样例")
            await zoe.type("帮助")
            await yan.type("帮助")
            assert set(everyone(world)) == {"林样例", "赵样例"}


class TestWeb:
    async def test_the_persona_owns_the_chat(self, database: Database, fields: Fields) -> None:
        settings = TestSettings.of(genjin_web_chat="on", genjin_locale="en")
        async with open_world(settings, database, fields, FRIDAY) as world:
            world.prepare_database()

            async def end_streams() -> None:
                await world.platforms["web"].stop()

            server = WebServer(Starlette(routes=world.routes), "127.0.0.1", 0, end_streams)
            async with server.serving(), WebUser(server.address, "admin") as user:
                await user.type("/genjin")
                assert await user.messages()
            assert [person.role for person in everyone(world).values()] == [Role.ADMIN]
