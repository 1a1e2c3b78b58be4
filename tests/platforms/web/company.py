"""A small invented company at a real web chat: uvicorn on loopback, SQLite, a scripted bot."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import uvicorn
from sqlalchemy import Engine, create_engine, delete, event
from starlette.applications import Starlette

from bot.platforms import Dispatch
from bot.platforms.web import Channel, Persona, WebPlatform
from handlers.core.language import Language
from storage.database.encryption import Fields
from storage.database.keyring import new_key, parse_keyring
from storage.tables import transcript
from storage.transcripts import Transcripts
from tests.platforms.memory import KeptMemory
from tests.platforms.web.script import Script

PEOPLE = [
    Persona("robin", "Robin Sample", "rep"),
    Persona("casey", "Casey Sample", "rep"),
    Persona("morgan", "Morgan Sample", "manager"),
    Persona("alex", "Alex Sample", "admin"),
]
CHANNELS = (
    Channel("managers", roles=frozenset({"manager", "admin"})),
    Channel("sales"),
)
FIELDS = Fields(parse_keyring(new_key("test")))
START = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
ABOUT = {
    "command.lead": ("Log a lead, or look one up", "录一条线索，或查一条"),
    "command.followup": ("Write down how it went and what is next", "记下聊得怎么样、下一步做什么"),
    "command.pipeline": ("See what is due today", "看看今天要做什么"),
    "command.people": ("The team, roles and leave", "团队、角色和请假"),
    "command.genjin": ("What I can do for you", "我能帮你做什么"),
}


class CompanyLanguage(Language):
    """The catalogue, with texts for the commands, which belong to another subject."""

    def text(self, key: str, **params: Any) -> str:
        if key.startswith(("command.", "usage.")) and not self.has(key):
            en, zh = ABOUT.get(key, (key, "命令说明"))
            return zh if self.locale == "zh_CN" else en
        return super().text(key, **params)


def language(locale: str) -> Language:
    return CompanyLanguage(locale or "en", ZoneInfo("Asia/Shanghai"))


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@dataclass
class Office:
    """The running chat and its parts."""

    url: str
    platform: WebPlatform
    script: Script
    transcript: Transcripts
    clock: Clock
    engine: Engine

    def begin_anew(self) -> None:
        """Forget everything said and requested; the clock returns to its start."""
        self.script.forget()
        self.clock.now = START
        with self.engine.begin() as link:
            link.execute(delete(transcript))


async def personas() -> list[Persona]:
    return PEOPLE


def engine_at(path: Path) -> Engine:
    """An engine of its own, as another process would have it."""
    engine = create_engine(f"sqlite:///{path}")
    # A test's file need not survive a power cut.
    event.listen(engine, "connect", lambda link, _: link.execute("PRAGMA synchronous=OFF"))
    transcript.create(engine, checkfirst=True)
    return engine


def transcripts_on(engine: Engine) -> Transcripts:
    return Transcripts(engine, FIELDS, poll_seconds=0.05)


@contextlib.asynccontextmanager
async def open_office(
    folder: Path,
    *,
    wrap: Callable[[Dispatch], Dispatch] = lambda dispatch: dispatch,
    heartbeat: float = 15.0,
    port: int = 0,
) -> AsyncIterator[Office]:
    """Serve the chat until the block ends. ``wrap`` wraps the script."""
    script, clock = Script(), Clock()
    engine = engine_at(folder / "web.db")
    kept = transcripts_on(engine)
    platform = WebPlatform(
        wrap(script),
        kept,
        personas,
        clock,
        language,
        memory=KeptMemory(),
        channels=CHANNELS,
        heartbeat=heartbeat,
    )
    app = Starlette(routes=platform.routes())
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="warning", lifespan="off", proxy_headers=False
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await platform.start()
    # Not serve(): it would take over the test runner's signals.
    await server.startup()
    bound = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Office(f"http://127.0.0.1:{bound}", platform, script, kept, clock, engine)
    finally:
        await platform.stop()
        # Not shutdown(): it sleeps a tenth of a second for connections that are idle here.
        for listener in server.servers:
            listener.close()
        for connection in list(server.server_state.connections):
            connection.shutdown()
        await asyncio.gather(*server.server_state.tasks, return_exceptions=True)
        engine.dispose()
