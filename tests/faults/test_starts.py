"""Every platform starts where nothing is there yet, reports what it waits for, and recovers.

The real SDKs against local servers; the connection to each of them can be cut. ``python -m
tests.faults.starts`` does the same with whole processes, many times.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from bot.app import Genjin, build
from bot.doctor import examine
from bot.settings import Settings
from handlers.core.language import LOCALES
from tests.conversations.dingtalk import DingTalkUser
from tests.conversations.slack import SlackUser
from tests.databases import Databases, Kind
from tests.doubles.dingtalk import DingTalkServer
from tests.doubles.dingtalk.server import APP, ROBOT, SECRET
from tests.doubles.slack import LocalSlack
from tests.faults.relay import Relay
from tests.platforms.mail.conftest import Serve, certificate, serve
from tests.world import TestSettings

__all__ = ["certificate", "serve"]
KEYS = "k:" + "A" * 43 + "="


@dataclass
class Far:
    """The far side of one platform: what a process is set to, and the way there."""

    settings: dict[str, Any]
    relay: Relay | None = None
    ask: Callable[[str], Awaitable[str]] | None = None
    """Type a line as a person there; gives all that the person can read."""
    kept: list[object] = field(default_factory=list)


@asynccontextmanager
async def slack(*, http: bool = False) -> AsyncIterator[Far]:
    server = LocalSlack()
    await server.start()
    server.add_user("ROBIN", "Robin Sample", locale="zh-CN", admin=True)
    user = SlackUser(server, "ROBIN")

    async def ask(line: str) -> str:
        await user.type(line)
        return "\n".join(message.text for message in await user.messages())

    port = int(server.url.rpartition(":")[2])
    async with Relay.to_port(port) as relay:
        given: dict[str, Any] = {
            "slack_bot_token": server.bot_token,
            "slack_api_url": f"{relay.url}/api/",
        }
        given |= (
            {"slack_signing_secret": "s" * 32} if http else {"slack_app_token": server.app_token}
        )
        yield Far(given, relay, None if http else ask)
    await server.stop()


@asynccontextmanager
async def dingtalk() -> AsyncIterator[Far]:
    async with DingTalkServer() as server:
        user = DingTalkUser(server, "robin", "Robin Sample", is_admin=True)

        async def ask(line: str) -> str:
            await user.type(line)
            return "\n".join(message.text for message in await user.messages())

        port = int(server.url.rpartition(":")[2])
        async with Relay.to_port(port) as relay:
            settings = {
                "dingtalk_client_id": APP,
                "dingtalk_client_secret": SECRET,
                "dingtalk_robot_code": ROBOT,
                "dingtalk_api_url": relay.url,
                "dingtalk_oapi_url": relay.url,
                "genjin_locale": "zh-CN",
            }
            yield Far(settings, relay, ask)


@asynccontextmanager
async def web() -> AsyncIterator[Far]:
    yield Far({"genjin_web_chat": "on"})


@pytest.fixture(params=["slack", "slack-http", "dingtalk", "mail", "web"])
async def far(request: pytest.FixtureRequest, serve: Serve) -> AsyncIterator[Far]:
    match request.param:
        case "slack":
            opened = slack()
        case "slack-http":
            opened = slack(http=True)
        case "dingtalk":
            opened = dingtalk()
        case "mail":
            async with Relay.to_port(serve().port, "localhost") as relay:
                url = f"smtp://127.0.0.1:{relay.port}"
                yield Far({"smtp_url": url, "smtp_from": "bot@sample.example"}, relay)
            return
        case _:
            opened = web()
    async with opened as side:
        yield side


class Ground:
    """Where the data will be: an SQLite directory, or a PostgreSQL behind a relay."""

    def __init__(self, data: Path, relay: Relay | None, database: str) -> None:
        self.data, self.relay = data, relay
        self.settings: dict[str, Any] = {"genjin_data_dir": data, "web_port": 0}
        if relay:
            self.settings["database_url"] = (
                f"postgresql://postgres@127.0.0.1:{relay.port}/{database}"
            )
            self.settings["genjin_secret_keys"] = KEYS
            self.settings["genjin_backup_to"] = str(data.parent / "backups")

    async def mend(self) -> None:
        if self.relay:
            await self.relay.open()
        else:
            self.data.unlink(missing_ok=True)

    async def cut(self) -> None:
        if self.relay:
            await self.relay.cut()
        else:
            # Whoever is root may enter any directory, but none may enter a file.
            self.data.touch()


@pytest.fixture
async def ground(
    database_kind: Kind, databases: Databases, tmp_path: Path
) -> AsyncIterator[Ground]:
    if database_kind == "sqlite":
        yield Ground(tmp_path / "data", None, "")
        return
    url = databases.empty("postgresql")
    place = make_url(url)
    async with Relay.to_socket(f"{place.query['host']}/.s.PGSQL.5432") as relay:
        yield Ground(tmp_path / "data", relay, str(place.database))
    databases.drop(url)


@asynccontextmanager
async def started(settings: Settings) -> AsyncIterator[Genjin]:
    genjin = build(settings)
    genjin.boot._pause = lambda _: 0.05
    genjin.supervisor._pause = lambda _: 0.05
    if mail := genjin.platforms.get("email"):
        mail._check_every = 0.05  # type: ignore[attr-defined]
    await genjin.start()
    try:
        yield genjin
    finally:
        await genjin.stop()


async def until(so: Callable[[], object], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not so():  # noqa: ASYNC110 - the product has no event for it
            await asyncio.sleep(0.02)


async def health(genjin: Genjin) -> dict[str, Any]:
    genjin.monitor._looked_at = None  # a test has no time to wait for a fresh look
    return await asyncio.to_thread(genjin.health)


async def until_ok(genjin: Genjin, *, ok: bool = True) -> None:
    async with asyncio.timeout(20):
        while (await health(genjin))["ok"] is not ok:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)


class TestStart:
    async def test_on_nothing_at_all(self, far: Far, ground: Ground) -> None:
        await ground.mend()
        if far.relay:
            await far.relay.open()
        async with started(TestSettings.of(**ground.settings, **far.settings)) as genjin:
            await until_ok(genjin)
            if far.ask:
                assert genjin.languages("zh-CN").text("error.unexpected")[:6] not in await far.ask(
                    "/genjin"
                )

    async def test_with_the_database_away(self, far: Far, ground: Ground) -> None:
        await ground.cut()
        if far.relay:
            await far.relay.open()
        async with started(TestSettings.of(**ground.settings, **far.settings)) as genjin:
            words = genjin.languages()
            await until(lambda: genjin.boot.waits_for)
            assert genjin.boot.waits_for
            waits = await health(genjin)
            assert not waits["ok"]
            assert waits["waits_for"] == words.text("health.database_unreachable")
            if far.relay:
                await until(lambda: all(p.health().ok for p in genjin.platforms.values()))
            if far.ask:
                said = await far.ask("/genjin")
                assert genjin.languages("zh-CN").text("error.storage_starting") in said
            await ground.mend()
            await until_ok(genjin)
            if far.ask:
                said = await far.ask("/genjin")
                assert said.count(genjin.languages("zh-CN").text("error.storage_starting")) == 1

    @pytest.mark.in_turn
    async def test_with_the_platform_away(self, far: Far, ground: Ground) -> None:
        if far.relay is None:
            pytest.skip("the web chat has no far side")
        await ground.mend()
        async with started(TestSettings.of(**ground.settings, **far.settings)) as genjin:
            await genjin.ready.wait()
            await until_ok(genjin, ok=False)
            assert [one for one in (await health(genjin))["conditions"] if one["advice"]]
            await far.relay.open()
            await until_ok(genjin)

    @pytest.mark.in_turn
    async def test_doctor_says_the_truth(
        self, far: Far, ground: Ground, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await ground.cut()
        settings = TestSettings.of(**ground.settings, **far.settings)
        with monkeypatch.context() as impatient:
            # The platform is away, too: waiting longer for it shows nothing more.
            impatient.setattr("bot.doctor._PATIENCE", 0.5)
            findings = await examine(settings)
        words = " ".join(one.said for one in findings if not one.ok)
        both = [build(settings).languages(locale) for locale in LOCALES]
        assert any(one.text("health.database_unreachable") in words for one in both)
        await ground.mend()
        if far.relay:
            await far.relay.open()
        findings = await examine(settings)
        assert [one for one in findings if not one.ok] == []
        assert not ground.data.exists(), "doctor changes nothing"
