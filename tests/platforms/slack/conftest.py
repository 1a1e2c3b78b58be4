"""Fixtures: a local Slack, the real platform on it, and a scripted product behind it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.platforms.slack import Patience, SlackConfig, SlackPlatform
from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.core.ui import AnyChart
from tests.conversations.slack import SlackUser
from tests.doubles.slack import LocalSlack

PNG = b"\x89PNG not really"
QUICK = Patience(
    answer_within=2.0,
    profile_within=1.0,
    call_timeout=3.0,
    ping=1.0,
    glance=0.02,
    down_grace=0.2,
    connect_within=1.0,
    recheck_token=0.05,
    first_retry=0.01,
    longest_retry=0.05,
    after_late_ack=0.01,
    finish_within=1.0,
)


IMPATIENT = replace(
    QUICK,
    answer_within=0.1,
    loading_after=0.05,
    at_least=0.01,
    profile_within=0.05,
    call_timeout=0.3,
)


class WaitingNotice:
    """A Memory of one process."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, Any]] = {}

    async def put(self, key: str, value: Mapping[str, Any], *, keep: timedelta) -> None:
        self.values[key] = dict(value)

    async def get(self, key: str) -> dict[str, Any] | None:
        return self.values.get(key)

    async def take(self, key: str) -> dict[str, Any] | None:
        return self.values.pop(key, None)

    async def count(self, key: str, by: int = 1, *, keep: timedelta) -> int:
        total = int(self.values.get(key, {}).get("count", 0)) + by
        self.values[key] = {"count": total}
        return total


@dataclass
class Product:
    """Answers actions by script, once per request id, as the core does.

    A reply may be a function of the request; ``hold`` keeps every answer back until it is set.
    """

    replies: dict[str, Reply | Callable[[Request], Reply]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)
    hold: asyncio.Event | None = None
    _done: set[str] = field(default_factory=set)

    async def dispatch(self, request: Request) -> Reply:
        self.delivered.append(request.id)
        if request.id in self._done:
            return Reply()
        self.requests.append(request)
        if self.hold:
            await self.hold.wait()
        reply = self.replies.get(request.action, Reply())
        reply = reply(request) if callable(reply) else reply
        if not reply.errors:
            self._done.add(request.id)
        return reply

    @property
    def last(self) -> Request:
        return self.requests[-1]


@pytest.fixture
def product() -> Product:
    return Product()


@pytest.fixture
def memory() -> WaitingNotice:
    return WaitingNotice()


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    server = LocalSlack()
    await server.start()
    server.add_user("U1", "Robin Sample", admin=True)
    server.add_user("U2", "样本小李", locale="zh-CN")
    server.add_channel("C1", "sales", {"U1", "U2"})
    server.add_channel("C2", "elsewhere", {"U1", "U2"}, bot=False)
    yield server
    await server.stop()


Start = Callable[..., Awaitable[SlackPlatform]]


@pytest.fixture
async def start(slack: LocalSlack, product: Product, memory: WaitingNotice) -> AsyncIterator[Start]:
    """Start a platform on the local Slack; every one is stopped at the end."""
    started: list[SlackPlatform] = []

    async def build(
        *, socket: bool = True, secret: bool = False, addresses: tuple[str, ...] = (), **more: Any
    ) -> SlackPlatform:
        config = SlackConfig(
            slack.bot_token,
            slack.app_token if socket else "",
            slack.wire.signing_secret if secret else "",
            slack.api_url,
            addresses=addresses,
        )
        more = dict[str, Any](pace=QUICK, draw=draw_chart) | more
        platform = SlackPlatform(config, product.dispatch, memory, **more)
        started.append(platform)
        await platform.start()
        slack.settle = platform.settled
        return platform

    yield build
    for platform in started:
        await platform.stop()


@pytest.fixture
async def platform(start: Start) -> SlackPlatform:
    """Over Socket Mode, connected."""
    started = await start()
    await well(started)
    return started


@pytest.fixture
async def impatient(start: Start) -> SlackPlatform:
    """A platform with short timeouts, for the tests of slow work."""
    started = await start(pace=IMPATIENT)
    await well(started)
    return started


async def well(platform: SlackPlatform) -> None:
    """Wait until it reports that all is well."""
    await becomes(lambda: platform.health().ok)


async def becomes(so: Callable[[], object]) -> None:
    """Poll the platform, which notifies nobody when its health changes."""
    async with asyncio.timeout(5):
        while not so():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def draw_chart(chart: AnyChart, locale: str) -> bytes:
    return PNG + f"{chart.title} {locale}".encode()


@pytest.fixture
def robin(slack: LocalSlack) -> SlackUser:
    return SlackUser(slack, "U1")


@pytest.fixture
def li(slack: LocalSlack) -> SlackUser:
    return SlackUser(slack, "U2")
