"""Fixtures: the real SDK against the local DingTalk, with a scripted product behind it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.platforms import Address
from bot.platforms.dingtalk import DingTalkConfig, DingTalkPlatform
from handlers.core.language import Language
from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.core.ui import AnyChart
from tests.conversations.dingtalk import DingTalkUser, FieldNames
from tests.doubles.dingtalk import DingTalkServer
from tests.doubles.dingtalk.server import APP, ROBOT, SECRET
from tests.platforms.memory import KeptMemory

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PNG = b"\x89PNG sample"
TEMPLATE = "sample-template.schema"


class Script:
    """The product: answers by action, and does each request once, as the router does."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply | Callable[[Request], Any]] = {}
        self.asked: list[Request] = []
        self.done: list[Request] = []
        self._ids: set[str] = set()

    async def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        if request.id in self._ids:
            return Reply(toast="already done")
        answer = self.replies.get(request.action, Reply(toast=f"did {request.action}"))
        reply = answer(request) if callable(answer) else answer
        reply = reply if isinstance(reply, Reply) else await reply
        if not reply.errors and reply.form is None:
            self._ids.add(request.id)
            self.done.append(request)
        return reply

    def of(self, action: str) -> list[Request]:
        return [request for request in self.done if request.action == action]


class LivingCards:
    """Implements ``LeadCards``: the newest card of each lead."""

    def __init__(self) -> None:
        self.refs: dict[tuple[str, str], str] = {}

    async def keep(self, to: Address, ref: str, subject: str) -> None:
        self.refs[to.lane, subject] = ref

    async def living(self, to: Address, subject: str) -> str:
        return self.refs.get((to.lane, subject), "")


def new_language(locale: str) -> Language:
    return Language(locale, ZoneInfo("Asia/Shanghai"))


class Office:
    """A server, a memory and a script; builds platforms and people on them."""

    def __init__(self, server: DingTalkServer) -> None:
        self.server = server
        self.world = server.world
        self.gateway = server.gateway
        self.memory = KeptMemory()
        self.script = Script()
        self.lead_cards = LivingCards()
        self.names = FieldNames()
        self.drawn: list[tuple[AnyChart, str]] = []
        self.drawing: bytes | Exception | None = PNG
        self.pauses: list[int] = []
        self.told: list[tuple[str, str]] = []
        """What the admins were told that the app may not do."""
        self._paused = asyncio.Event()

    def config(self, **changes: Any) -> DingTalkConfig:
        given = DingTalkConfig(
            APP, SECRET, ROBOT, api_url=self.server.url, oapi_url=self.server.url
        )
        return replace(given, **changes)

    def platform(self, **changes: Any) -> DingTalkPlatform:
        def draw(chart: AnyChart, locale: str) -> bytes | None:
            self.drawn.append((chart, locale))
            if isinstance(self.drawing, Exception):
                raise self.drawing
            return self.drawing

        def pause(failures: int) -> float:
            self.pauses.append(failures)
            self._paused.set()
            return 0.0

        async def tell_admins(part: str, codes: str) -> None:
            self.told.append((part, codes))

        return DingTalkPlatform(
            self.config(**changes),
            self.names.listening(self.script),
            self.memory,
            draw,
            new_language,
            now=lambda: NOW,
            pause=pause,
            lead_cards=self.lead_cards,
            tell_admins=tell_admins,
        )

    def fail_to_draw(self, failure: Exception | None) -> None:
        """From now on drawing raises, or returns nothing."""
        self.drawing = failure

    @asynccontextmanager
    async def running(self, **changes: Any) -> AsyncIterator[DingTalkPlatform]:
        platform = self.platform(**changes)
        before = self.gateway.connections
        await platform.start()
        try:
            await self.gateway.connected(before + 1)
            yield platform
        finally:
            await platform.stop()

    async def paused_times(self, times: int) -> None:
        """Wait until the platform has failed to connect this many times."""
        while len(self.pauses) < times:
            self._paused.clear()
            await self._paused.wait()

    def user(self, staff_id: str = "u1", name: str = "Robin Sample") -> DingTalkUser:
        return DingTalkUser(self.server, staff_id, name, self.names)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with DingTalkServer() as server:
        yield Office(server)


@pytest.fixture(params=["guided", "card"])
def template(request: pytest.FixtureRequest) -> str:
    """Both ways to draw a form: the settings' ``card_template_id``."""
    return TEMPLATE if request.param == "card" else ""
