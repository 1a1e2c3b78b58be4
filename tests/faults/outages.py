"""Half an hour without a chat platform, on the clock of the test: a scene to play it in.

The product with Slack and DingTalk, each behind a relay through which the real SDKs reach the local
server. One of them is away in one of the ways in which far sides are; an admin is on both.
"""

import asyncio
import re
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, Literal

import aiohttp
import httpx
import pytest
from sqlalchemy import select

from bot.platforms.slack.config import Patience
from bot.sending import at_once
from handlers.assignment.service import create_and_assign
from handlers.core.ui import Card
from sales.leads import Lead
from sales.notices import DigestReady, LeadOffered, Notice
from sales.people import Identity, Person, Role
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.outbox.outbox import Recipient
from storage.tables import message
from tests.conversations.stages import FRIDAY, settings_for
from tests.doubles.dingtalk import DingTalkServer
from tests.doubles.slack import LocalSlack
from tests.faults.relay import Relay
from tests.world import TestSettings, World, open_world

Name = Literal["slack", "dingtalk"]
PLATFORMS: Final[tuple[Name, ...]] = ("slack", "dingtalk")
OTHER: Final[dict[Name, Name]] = {"slack": "dingtalk", "dingtalk": "slack"}
STEP: Final = timedelta(seconds=30)
OUTAGE: Final = timedelta(minutes=30)
FIRST: Final = 1001
"""The number of the first message; no offer of the product's own has it."""
ONCE_EVERY: Final = 3
_NUMBER: Final = re.compile(r"number (\d+)")
_QUICK: Final = Patience(
    ping=0.5, glance=0.05, down_grace=0.3, connect_within=1.0, first_retry=0.05, longest_retry=0.2
)
_SERVER_ERROR: Final = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/html\r\n"
    b"Content-Length: 4\r\nConnection: close\r\n\r\noops"
)
_BUSY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\nRetry-After: 120\r\n"
    b"Content-Length: 4\r\nConnection: close\r\n\r\nbusy"
)


def is_once(number: int) -> bool:
    return number % ONCE_EVERY == 0


@dataclass
class Scene:
    """The product, its two far sides, and what was put into the outbox."""

    world: World
    slack: LocalSlack
    dingtalk: DingTalkServer
    relays: dict[Name, Relay]
    people: dict[str, Person]
    put: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """For each conversation the numbers put into the outbox, in order."""

    def texts(self, platform: Name, address: str) -> list[str]:
        """What stands in a conversation: a person's name, or ``channel``."""
        if platform == "slack":
            room = "C1" if address == "channel" else self.slack.space.direct(address.upper()).id
            return [
                f"{one.text} {one.blocks!r}"
                for one in self.slack.space.messages
                if one.channel == room
            ]
        chat = "cid-managers" if address == "channel" else address
        return [one.text for one in self.dingtalk.world.chat(chat) if one.author == "bot"]

    def numbers(self, platform: Name, address: str) -> list[int]:
        """The numbers of the messages that stand in a conversation, in order."""
        found = (_NUMBER.search(text) for text in self.texts(platform, address))
        return [int(one[1]) for one in found if one]

    def write(self, platform: Name) -> None:
        """Put a message for Robin and one for the channel into the outbox."""
        with self.world.new_uow() as uow:
            for address, to in self._conversations(platform).items():
                number = FIRST + sum(map(len, self.put.values()))
                notice = DigestReady(number, "2024-W09") if is_once(number) else LeadOffered(number)
                uow.outbox.add(notice, to)
                self.put[address].append(number)
            uow.commit()

    def _conversations(self, platform: Name) -> dict[str, Recipient]:
        channel = "C1" if platform == "slack" else "cid-managers"
        return {"robin": self.people["robin"].id, "channel": (platform, channel)}

    def bring_lead(self) -> Lead:
        """A new lead, offered to Robin by the rules: a response clock runs."""
        with self.world.new_uow() as uow:
            context = self.world.context(uow)
            draft = Lead(
                customer="Beech Sample Ltd",
                source="website",
                team_id=self.people["robin"].team_id,
                created_at=context.now,
                stage_since=context.now,
                created_by=self.people["ada"].id,
            )
            lead, _ = create_and_assign(draft, context)
            uow.commit()
        return lead

    async def pass_time(self, by: timedelta, *, every: Callable[[int], None] | None = None) -> None:
        """Do what is due, deliver, and look after health, every half a minute."""
        for step in range(int(by / STEP)):
            self.world.clock.advance(STEP)
            if every:
                await asyncio.to_thread(every, step)
            await self.world.jobs.tick()
            await self.world.delivery.drain()
            self.world.monitor.expire()
            await self.world.alerts.tell(await asyncio.to_thread(self.world.monitor.conditions))

    async def settle_health(self, platform: Name, *, ok: bool) -> None:
        """Wait, in real time, until the platform's own loops have noticed."""
        async with asyncio.timeout(30):
            while self.world.platforms[platform].health().ok is not ok:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def told(self, platform: Name) -> list[str]:
        """The alerts in the admin's chat, in order."""
        return [
            text
            for text in self.texts(platform, "ada")
            if "Genjin needs you" in text or "No longer" in text or "could not reach you" in text
        ]

    def states(self) -> dict[int, str]:
        """What we say of each numbered message."""
        with self.world.database.read() as connection:
            rows = connection.execute(select(message.c.kind, message.c.fields, message.c.state))
            numbered = {LeadOffered.kind: "offer_id", DigestReady.kind: "team_id"}
            said = {row.fields.get(numbered.get(row.kind, ""), 0): row.state for row in rows.all()}
        mine = {number for numbers in self.put.values() for number in numbers}
        return {number: state for number, state in said.items() if number in mine}


def _number(notice: Notice) -> int:
    """The number of a message of the test; 0 for the product's own."""
    match notice:
        case LeadOffered(number) if number >= 0:
            return number
        case DigestReady(number) if number:
            return number
        case _:
            return 0


def _with_numbers(world: World, put: dict[str, list[int]]) -> None:
    """Compose what the test put into the outbox as a card with its number, sent at once."""
    sender: Any = world.delivery._sender
    compose, hold = sender._compose, sender._hold

    def mine(notice: Notice) -> int:
        number = _number(notice)
        return number if any(number in numbers for numbers in put.values()) else 0

    def composed(notice: Notice, to: Recipient, **more: Any) -> tuple[Card, str] | None:
        if number := mine(notice):
            return Card(title=f"number {number}"), "en"
        return compose(notice, to, **more)  # type: ignore[no-any-return]

    def held(notice: Notice, to: Recipient, conversation: str) -> Any:
        rule = at_once if mine(notice) else hold
        return rule(notice, to, conversation)

    sender._compose, sender._hold = composed, held


def _hurry(world: World, patch: pytest.MonkeyPatch) -> None:
    """Let the platforms notice within moments what takes them minutes."""
    slack: Any = world.platforms["slack"]
    slack._pace = slack._connection._pace = _QUICK
    dingtalk: Any = world.platforms["dingtalk"]
    dingtalk._stream._pause = lambda _: 0.05
    dingtalk._transport._client.timeout = httpx.Timeout(0.5)
    patch.setattr("bot.platforms.dingtalk.connection._PING", 0.3)
    patch.setattr("bot.platforms.dingtalk.connection._OPEN_TIMEOUT", 0.5)


async def _hurry_calls(world: World) -> None:
    slack: Any = world.platforms["slack"]
    slack._session._timeout = aiohttp.ClientTimeout(total=0.5, sock_connect=0.3)


@asynccontextmanager
async def scene(
    database: Database, fields: Fields, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Scene]:
    """Both platforms connected; Robin reads ``only`` on the one under test."""
    slack = LocalSlack()
    await slack.start()
    for account, name in (("ADA", "Ada Admin"), ("ROBIN", "Robin Sample")):
        slack.add_user(account, name)
    slack.add_channel("C1", "managers", {"ADA"})
    async with (
        DingTalkServer() as dingtalk,
        Relay.to_port(int(slack.url.rsplit(":", 1)[1])) as to_slack,
        Relay.to_port(int(dingtalk.url.rsplit(":", 1)[1])) as to_dingtalk,
    ):
        dingtalk.staff |= {"ada": "Ada Admin", "robin": "Robin Sample"}
        await to_slack.open()
        await to_dingtalk.open()
        slack.socket_port = to_slack.port
        dingtalk.gateway.base = to_dingtalk.url
        far = f"http://localhost:{to_dingtalk.port}"
        settings = TestSettings.of(
            **settings_for(dingtalk) | {"dingtalk_api_url": far, "dingtalk_oapi_url": far},
            slack_bot_token=slack.bot_token,
            slack_app_token=slack.app_token,
            slack_api_url=f"http://localhost:{to_slack.port}/api/",
        )
        async with open_world(settings, database, fields, FRIDAY) as world:
            _hurry(world, monkeypatch)
            await _hurry_calls(world)
            await world.boot.run()
            relays: dict[Name, Relay] = {"slack": to_slack, "dingtalk": to_dingtalk}
            found = Scene(world, slack, dingtalk, relays, {})
            _with_numbers(world, found.put)
            for platform in PLATFORMS:
                await found.settle_health(platform, ok=True)
            world.ready.set()
            yield found
    await slack.stop()


def hire(scene: Scene, platform: Name) -> None:
    """Ada, an admin on both platforms, and Robin, who sells and is on this one alone."""
    world = scene.world
    world.hire(platform, {_account(platform, "robin"): ("Robin Sample", Role.REP)}, "en")
    with world.new_uow() as uow:
        robin = uow.people.everyone()[0]
        ada = uow.people.add(
            Person(name="Ada Admin", role=Role.ADMIN, team_id=robin.team_id, locale="en")
        )
        for name in (platform, OTHER[platform]):
            uow.people.link(Identity(name, _account(name, "ada"), ada.id), world.clock.now())
        uow.commit()
    scene.people = {"robin": robin, "ada": replace(ada)}


def _account(platform: Name, name: str) -> str:
    return name.upper() if platform == "slack" else name


class NoNames:
    """A resolver that finds nothing, on this machine: every name is unknown for now."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self._loop = asyncio.get_running_loop()
        self._resolve = self._loop.getaddrinfo

    def begin(self) -> None:
        async def unknown(host: Any, *rest: Any, **more: Any) -> Any:
            if host in ("localhost", b"localhost"):
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
            return await self._resolve(host, *rest, **more)

        self._patch.setattr(self._loop, "getaddrinfo", unknown)

    def end(self) -> None:
        self._patch.setattr(self._loop, "getaddrinfo", self._resolve)


Away = Callable[[Scene, Relay, NoNames], Awaitable[None]]


async def refused(_scene: Scene, relay: Relay, _names: NoNames) -> None:
    await relay.cut()


async def no_names(scene: Scene, _relay: Relay, names: NoNames) -> None:
    slack: Any = scene.world.platforms["slack"]
    slack._session.connector.clear_dns_cache()
    names.begin()
    for relay in scene.relays.values():
        await relay.open()


async def silent(_scene: Scene, relay: Relay, _names: NoNames) -> None:
    await relay.go_silent()


async def server_errors(_scene: Scene, relay: Relay, _names: NoNames) -> None:
    await relay.answer(_SERVER_ERROR)


async def busy(_scene: Scene, relay: Relay, _names: NoNames) -> None:
    await relay.answer(_BUSY)


AWAY: Final[dict[str, Away]] = {
    "connection refused": refused,
    "no name resolved": no_names,
    "silent": silent,
    "500 to everything": server_errors,
    "503 with Retry-After": busy,
}
UNCLEAR: Final = frozenset({"silent", "500 to everything"})
"""Ways in which nobody can know whether a message arrived: what goes out at most once is not sent
again."""
WHOLE_NETWORK: Final = frozenset({"no name resolved"})
"""Ways in which the other platform is away as well: nobody can be told before it is over."""
