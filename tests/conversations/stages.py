"""The stages of a story: the product on one platform, with its people at their clients."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from starlette.applications import Starlette

from bot.platforms.web.access import COOKIE, PARAMETER
from bot.server import WebServer
from handlers.core.language import Language
from sales.leads import Lead
from sales.people import SYSTEM, Role
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.conversations.browser import Windows
from tests.conversations.dingtalk import DingTalkUser, FieldNames
from tests.conversations.driver import SeenMessage, User
from tests.conversations.slack import SlackUser
from tests.conversations.web import WebUser, loopback_client
from tests.doubles.dingtalk import DingTalkServer
from tests.doubles.dingtalk.server import APP, LEAD_TEMPLATE, ROBOT, SECRET
from tests.doubles.slack import LocalSlack
from tests.world import TestSettings, World, open_world

SHANGHAI = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2024, 3, 1, 10, 0, tzinfo=SHANGHAI)
"""When every story begins."""
SITE = "https://offers.example"
TOKEN = "a-token-of-the-stages-" + "x" * 16
"""Where customers would reach the product's pages."""
PEOPLE = {
    "max": ("Max Manager", Role.MANAGER),
    "robin": ("Robin Sample", Role.REP),
    "dana": ("Dana Example", Role.REP),
}
Read = Callable[[], Awaitable[list[SeenMessage]]]


@dataclass
class Stage:
    """One platform's stage. ``channel`` is the managers' channel: typed in and read there."""

    world: World
    people: dict[str, User]
    type_in_channel: Callable[[str], Awaitable[None]]
    press_in_channel: Callable[[str], Awaitable[None]]
    read_channel: Read
    locale: str
    bind: str = "button.bind"
    """The button that sends the digests, with names, to the channel."""
    edits: bool = True
    """Whether posted cards change in place here."""

    @property
    def language(self) -> Language:
        return self.world.languages(self.locale)

    def say(self, key: str, **params: Any) -> str:
        return self.language.text(key, **params)

    async def newest(self, name: str, containing: str, button: str = "") -> SeenMessage:
        """The newest message to a person that contains the text, and has the button."""
        for _ in range(200):
            seen = await self.people[name].messages()
            found = [m for m in seen if containing in m.text and {button} <= {"", *m.buttons}]
            if found:
                return found[-1]
            await asyncio.sleep(0.02)  # a page is notified over its event stream
        raise AssertionError(f"nothing with {containing!r} in {[m.text for m in seen[-4:]]}")

    async def press_behind_more(self, name: str, label: str, *, within: str) -> None:
        """Press a button of the newest card, by way of its *more* where menus are short."""
        person = self.people[name]
        if label not in (await self.newest(name, within)).buttons:
            await person.press(self.say("button.more_actions"), within=within)
            await self.newest(name, within, label)
        await person.press(label, within=within)

    async def posted_since(self, count: int) -> list[SeenMessage]:
        """What the channel received after its first ``count`` messages; waits for the first."""
        for _ in range(200):
            if new := (await self.read_channel())[count:]:
                return new
            await asyncio.sleep(0.02)
        raise AssertionError("nothing new in the channel")

    async def travel(self, month: int, day: int, hour: int = 9, minute: int = 0) -> None:
        await self.world.travel(datetime(2024, month, day, hour, minute, tzinfo=SHANGHAI))


Open = Callable[[Database, Fields, datetime], Any]


@asynccontextmanager
async def slack_side(
    people: Mapping[str, tuple[str, Role]],
) -> AsyncIterator[tuple[LocalSlack, dict[str, str]]]:
    """A local Slack with people and the managers' channel, and the settings that lead to it."""
    server = LocalSlack()
    await server.start()
    for account, (name, _) in people.items():
        server.add_user(account.upper(), name)
    server.add_channel("C1", "managers", {"MAX"})
    settings = {
        "slack_bot_token": server.bot_token,
        "slack_app_token": server.app_token,
        "slack_api_url": server.api_url,
    }
    yield server, settings
    await server.stop()


def settings_for(server: DingTalkServer) -> dict[str, str]:
    """The settings that lead to a local DingTalk."""
    return {
        "dingtalk_client_id": APP,
        "dingtalk_client_secret": SECRET,
        "dingtalk_robot_code": ROBOT,
        "dingtalk_api_url": server.url,
        "dingtalk_oapi_url": server.url,
    }


@asynccontextmanager
async def slack_stage(database: Database, fields: Fields, now: datetime) -> AsyncIterator[Stage]:
    async with (
        slack_side(PEOPLE) as (server, given),
        open_world(TestSettings.of(**given, public_url=SITE), database, fields, now) as world,
    ):
        world.hire("slack", {a.upper(): given for a, given in PEOPLE.items()}, "en")
        platform: Any = world.platforms["slack"]
        server.settle = platform.settled
        await _until(lambda: platform.health().ok)
        people = {account: SlackUser(server, account.upper()) for account in PEOPLE}
        boss = people["max"]
        yield Stage(
            world,
            dict(people),
            lambda line: boss.type(line, channel="C1"),
            lambda label: boss.press(label, channel="C1"),
            lambda: boss.messages(channel="C1"),
            "en",
        )


@asynccontextmanager
async def dingtalk_stage(
    database: Database,
    fields: Fields,
    now: datetime,
    template: str = "",
    lead_template: str = "",
) -> AsyncIterator[Stage]:
    async with DingTalkServer() as server:
        settings = TestSettings.of(
            **settings_for(server),
            dingtalk_card_template_id=template,
            dingtalk_lead_card_template_id=lead_template,
            genjin_locale="zh-CN",
            public_url=SITE,
        )
        names = FieldNames()
        async with open_world(settings, database, fields, now) as world:
            world.listen = names.listening
            world.hire("dingtalk", PEOPLE, "zh_CN")
            await server.gateway.connected(1)
            people = {a: DingTalkUser(server, a, PEOPLE[a][0], names) for a in PEOPLE}
            boss = people["max"]
            yield Stage(
                world,
                dict(people),
                lambda line: boss.type(line, channel="cid-managers"),
                boss.press,  # private answers to a group come 1:1
                lambda: boss.messages(channel="cid-managers"),
                "zh_CN",
                bind="button.bind_names",
                edits=bool(lead_template),
            )


@asynccontextmanager
async def card_stage(database: Database, fields: Fields, now: datetime) -> AsyncIterator[Stage]:
    async with dingtalk_stage(
        database, fields, now, "sample-template.schema", LEAD_TEMPLATE
    ) as stage:
        yield stage


@asynccontextmanager
async def web_stage(database: Database, fields: Fields, now: datetime) -> AsyncIterator[Stage]:
    async with _web_world(database, fields, now, "en") as entered, AsyncExitStack() as open_:
        world, url, cookie = entered

        async def enter(account: str, **more: Any) -> WebUser:
            client = loopback_client(cookies={COOKIE: cookie})
            return await open_.enter_async_context(WebUser(url, account, client=client, **more))

        people = {account: await enter(account) for account in PEOPLE}
        channel = await enter("max", conversation="managers")
        yield Stage(world, dict(people), channel.type, channel.press, channel.messages, "en")


def browser_stage(windows: Windows) -> Open:
    """The stage in a real browser."""

    @asynccontextmanager
    async def stage(database: Database, fields: Fields, now: datetime) -> AsyncIterator[Stage]:
        locale, port = windows.locale, windows.free_port()
        async with _web_world(database, fields, now, locale, port) as (world, url, cookie):
            windows.port = urlsplit(url).port or 0
            async with windows.lent(url, cookie) as enter:
                *entered, channel = await asyncio.gather(*map(enter, (*PEOPLE, "max")))
                people = dict(zip(PEOPLE, entered, strict=True))
                await channel.go_to("managers")
                yield Stage(world, people, channel.type, channel.press, channel.messages, locale)

    return stage


@asynccontextmanager
async def _web_world(
    database: Database, fields: Fields, now: datetime, locale: str, port: int = 0
) -> AsyncIterator[tuple[World, str, str]]:
    """The world, its chat's address, and the cookie of a browser that opened the chat's link.

    With a public address, nobody gets in without it.
    """
    named = locale.replace("_", "-")
    settings = TestSettings.of(
        genjin_web_chat="on", genjin_locale=named, public_url=SITE, genjin_web_token=TOKEN
    )
    async with open_world(settings, database, fields, now) as world:
        world.hire("web", PEOPLE, locale)

        async def end_streams() -> None:
            await world.platforms["web"].stop()

        server = WebServer(Starlette(routes=world.routes), "127.0.0.1", port, end_streams)
        async with server.serving(), loopback_client(base_url=server.address) as browser:
            entered = await browser.get("/", params={PARAMETER: TOKEN})
            yield world, server.address, entered.cookies[COOKIE]


async def _until(so: Callable[[], object]) -> None:
    """Poll the state of a far side, with a bound, so that a failure says so."""
    async with asyncio.timeout(10):
        while not so():  # noqa: ASYNC110 - the far side has no event of ours
            await asyncio.sleep(0.01)


STAGES = {
    "slack": slack_stage,
    "dingtalk-guided": dingtalk_stage,
    "dingtalk-cards": card_stage,
    "web": web_stage,
}


LEADS = 8
"""More than DingTalk shows at once, and less than a page elsewhere."""


def sow(stage: Stage, customer: str = "Sample {n:02} Works") -> None:
    """Leads of Robin's, each a day older than the one before; every fourth is from the north.

    ``customer`` names them by their number ``n``, from 1 on.
    """
    with stage.world.new_uow() as uow:
        [robin] = [person for person in uow.people.everyone() if person.name == "Robin Sample"]
        for number in range(LEADS):
            uow.leads(SYSTEM).add(
                Lead(
                    source="ads",
                    customer=customer.format(n=number + 1),
                    region="east" if number % 4 else "north",
                    phone=f"+861381234560{number}",
                    owner_id=robin.id,
                    team_id=robin.team_id,
                    created_at=FRIDAY - timedelta(days=number),
                    stage_since=FRIDAY,
                    created_by=robin.id,
                )
            )
        uow.commit()
