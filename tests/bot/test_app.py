"""The process as a whole: it starts whatever is broken, reports it, and recovers with it."""

import asyncio
import os
import re
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.app import Genjin, build
from bot.health import AT_ONCE
from bot.platforms import Health
from bot.run import run_until_stopped, web_chat_link
from bot.settings import Settings
from handlers.core.requests import Conversation, Request, Sender
from sales.people import Role
from tests.world import TestSettings

ASK = Request(
    id="web:1",
    action="board.open",
    sender=Sender("web", "rep-1"),
    conversation=Conversation("web", "dm:rep-1", private=True),
)


def demo(tmp_path: Path, **more: object) -> Settings:
    return TestSettings.of(genjin_data_dir=tmp_path / "data", web_port=0, **more)


async def until_ready(genjin: Genjin) -> None:
    async with asyncio.timeout(20):
        await genjin.ready.wait()


class TestStart:
    async def test_the_demo_has_a_company_and_plans_its_digest(self, tmp_path: Path) -> None:
        genjin = build(demo(tmp_path))
        await genjin.start()
        await until_ready(genjin)
        with genjin.new_uow(read_only=True) as uow:
            assert [person.role for _, person in uow.people.accounts("web")].count(Role.REP) == 3
            assert uow.figures is not None
        reply = await genjin.dispatch(ASK)
        assert reply.card
        assert genjin.health()["ok"]
        await genjin.stop()

    async def test_a_second_start_invents_nobody_anew(self, tmp_path: Path) -> None:
        for _ in range(2):
            genjin = build(demo(tmp_path))
            await genjin.start()
            await until_ready(genjin)
            with genjin.new_uow(read_only=True) as uow:
                assert len(uow.people.everyone()) == 8
            await genjin.stop()

    async def test_a_real_platforms_database_starts_empty(self, tmp_path: Path) -> None:
        genjin = build(demo(tmp_path, genjin_web_chat="on"))
        await genjin.start()
        await until_ready(genjin)
        with genjin.new_uow(read_only=True) as uow:
            assert uow.people.everyone() == []
        assert not (tmp_path / "data" / "demo.db").exists()
        await genjin.stop()


class TestUnreachableDatabase:
    async def test_is_said_and_retried_until_it_is_back(self, tmp_path: Path) -> None:
        genjin = build(demo(tmp_path))
        # Whoever is root may enter any directory, but none may enter a file.
        (tmp_path / "data").touch()
        await genjin.start()
        reply = await genjin.dispatch(ASK)
        assert reply.toast == genjin.languages().text("error.storage_starting")
        async with asyncio.timeout(20):
            await genjin.boot.changed.wait()
        health = genjin.health()
        assert not health["ok"]
        assert genjin.languages().text("health.database_unreachable") == health["waits_for"]
        (tmp_path / "data").unlink()
        await until_ready(genjin)
        genjin.monitor._looked_at = None
        assert genjin.health()["ok"]
        assert (await genjin.dispatch(ASK)).card
        await genjin.stop()

    async def test_does_not_keep_the_process_from_stopping(self, tmp_path: Path) -> None:
        settings = demo(
            tmp_path,
            genjin_web_chat="on",
            database_url="postgresql://nobody@127.0.0.1:9/none",
            genjin_secret_keys="k:" + "A" * 43 + "=",
        )
        genjin = build(settings)
        await genjin.start()
        assert not genjin.health()["ready"]
        async with asyncio.timeout(10):
            await genjin.stop()


class TestRefusedToken:
    async def test_is_shown_with_what_to_do(self, tmp_path: Path) -> None:
        settings = demo(
            tmp_path,
            slack_bot_token="xoxb-none",
            slack_app_token="xapp-none",
            slack_api_url="http://127.0.0.1:9/api/",
        )
        genjin = build(settings)
        await genjin.start()
        await until_ready(genjin)
        slack = genjin.health()["platforms"]["slack"]
        assert not slack["ok"]
        assert slack["problem"]
        assert slack["advice"]
        await genjin.stop()


class TestRun:
    async def test_a_port_in_use_is_named(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        listener = await asyncio.start_server(hold, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        settings = TestSettings.of(genjin_data_dir=tmp_path, web_port=port)
        assert await run_until_stopped(settings) == 3
        assert "WEB_PORT" in capsys.readouterr().err
        listener.close()


class TestWebChatLink:
    def test_is_the_address_where_only_this_machine_is_served(self, tmp_path: Path) -> None:
        address = "http://127.0.0.1:8700"
        assert web_chat_link(demo(tmp_path), address) == address
        assert not (tmp_path / "data" / "web.token").exists()

    def test_has_the_same_token_after_a_restart(self, tmp_path: Path) -> None:
        settings = demo(tmp_path, web_host="0.0.0.0")
        link = web_chat_link(settings, "http://0.0.0.0:8700")
        assert re.fullmatch(r"http://127\.0\.0\.1:8700/\?token=[\w-]{32}", link)
        assert web_chat_link(settings, "http://[::]:8700") == link.replace("127.0.0.1", "[::1]")

    def test_does_not_repeat_a_token_that_an_admin_chose(self, tmp_path: Path) -> None:
        settings = demo(tmp_path, genjin_web_token="canary-" * 6)
        assert "canary" not in web_chat_link(settings, "http://127.0.0.1:8700")

    async def test_is_printed_at_the_start(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        settings = demo(tmp_path, public_url="https://genjin.example")
        running = asyncio.create_task(run_until_stopped(settings))
        printed = ""
        async with asyncio.timeout(20):
            while "token=" not in printed:
                await asyncio.sleep(0.02)
                printed += capsys.readouterr().out
        os.kill(os.getpid(), signal.SIGTERM)
        assert await running == 0
        assert (tmp_path / "data" / "web.token").read_text().strip() in printed


class TestWhatIsMissing:
    def test_admins_are_told_of_something_optional_only_where_it_says_so(
        self, tmp_path: Path
    ) -> None:
        genjin = build(demo(tmp_path))
        quiet = Health(True, "health.dingtalk.todo")
        told = Health(True, "health.dingtalk.work_notice", told=True)
        for shown, patience in ((quiet, None), (told, AT_ONCE)):
            platforms: Any = {"dingtalk": SimpleNamespace(health=lambda shown=shown: shown)}
            genjin.platforms = platforms
            genjin.monitor.expire()
            lasting = genjin.monitor.conditions()
            found = {one.condition.key: one.patience for one in lasting}
            assert found[shown.problem.removeprefix("health.")] == patience
