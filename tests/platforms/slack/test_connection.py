"""Staying connected: refused tokens, silence, reconnects, HTTP mode, a clean stop."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC
from functools import partial
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
import uvicorn
from starlette.applications import Starlette

from bot.platforms import Address
from bot.platforms.slack import SlackConfig, SlackPlatform
from bot.platforms.slack.connection import sdk_logger
from handlers.core.language import LOCALES, Language
from handlers.core.replies import Reply
from handlers.core.ui import Card, Form, Text
from tests.conversations.slack import SlackUser
from tests.doubles.slack import Fault, LocalSlack
from tests.platforms.slack.conftest import (
    IMPATIENT,
    QUICK,
    Product,
    Start,
    WaitingNotice,
    becomes,
    well,
)

BOARD = Reply(card=Card("Board"))
ANY_ZONE = UTC


class TestHealth:
    async def test_a_refused_token_is_tried_again_until_it_is_taken(
        self, start: Start, slack: LocalSlack
    ) -> None:
        slack.refused_tokens[slack.bot_token] = "invalid_auth"
        platform = await start()
        await becomes(lambda: platform.health().problem == "health.slack.refused_token")
        await slack.until(lambda: len(slack.calls("auth.test")) >= 3)
        assert platform.health().detail == "invalid_auth"
        slack.refused_tokens.clear()
        await well(platform)

    async def test_a_refused_app_token_is_tried_again_until_it_is_taken(
        self, start: Start, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        slack.refused_tokens[slack.app_token] = "not_allowed_token_type"
        platform = await start()
        await becomes(lambda: platform.health().problem == "health.slack.refused_app_token")
        slack.refused_tokens.clear()
        await well(platform)
        await robin.type("/pipeline")
        assert product.last.action == "board.open"

    async def test_starts_without_slack_and_recovers_when_it_comes(
        self, start: Start, slack: LocalSlack
    ) -> None:
        await slack.stop()
        platform = await start()
        await becomes(lambda: platform.health().problem == "health.slack.unreachable")
        await slack.start()
        await well(platform)

    async def test_a_token_revoked_later_shows(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        slack.refused_tokens[slack.bot_token] = "token_revoked"
        await becomes(lambda: platform.health().problem == "health.slack.refused_token")

    async def test_missing_rights_are_named(self, start: Start, slack: LocalSlack) -> None:
        slack.scopes = (
            "chat:write,commands,app_mentions:read,channels:read,groups:read,files:read,im:history,im:write,"
            "users:read,users:read.email"
        )
        platform = await start()
        await becomes(lambda: platform.health().problem == "health.slack.missing_scope")
        assert platform.health().detail == "files:write"

    async def test_hearing_nothing_is_a_problem(self, start: Start) -> None:
        platform = await start(socket=False)
        assert platform.health().problem == "health.slack.no_way_in"

    @pytest.mark.parametrize("locale", LOCALES)
    @pytest.mark.parametrize(
        "name",
        [
            "starting",
            "refused_token",
            "refused_app_token",
            "unreachable",
            "disconnected",
            "no_way_in",
            "missing_scope",
        ],
    )
    def test_every_problem_has_words_and_advice(self, locale: str, name: str) -> None:
        language = Language(locale, ANY_ZONE)
        assert language.has(f"health.slack.{name}")
        assert language.has(f"health.slack.{name}.advice")

    async def test_pauses_grow_to_their_limit(self, start: Start, slack: LocalSlack) -> None:
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            await asyncio.sleep(0 if len(waits) < 12 else 0.02)

        slack.refused_tokens[slack.bot_token] = "invalid_auth"
        await start(socket=False, secret=True, sleep=sleep, jitter=lambda: 0.0)
        await slack.until(lambda: len(slack.calls("auth.test")) >= 8)
        assert waits[:4] == [0.01, 0.02, 0.04, 0.05]


class TestReconnect:
    async def test_after_slack_asks_for_it(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        product.replies["board.open"] = BOARD
        for reason in ("warning", "refresh_requested", "link_disabled"):
            links = slack.wire.links
            await slack.wire.disconnect(reason)
            await slack.until(partial(slack.wire.linked_since, links))
            await robin.type("/pipeline")
        assert len(await robin.messages()) == 3

    async def test_after_a_cut(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        await slack.wire.drop()
        await slack.until(lambda: not slack.wire.sockets)
        await robin.type("/pipeline")
        assert product.last.action == "board.open"
        await well(platform)

    async def test_when_slack_gave_out_an_address_that_does_not_work(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        """The SDK alone would try the dead address for ever."""
        slack.wire.accepting = False
        await slack.wire.disconnect()
        await becomes(lambda: platform.health().problem == "health.slack.disconnected")
        slack.wire.accepting = True
        await well(platform)
        await robin.type("/pipeline")
        assert product.last.action == "board.open"


class TestStop:
    async def test_finishes_the_answer_under_way_and_leaves_nothing_running(
        self, start: Start, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        before = asyncio.all_tasks()
        platform = await start(pace=IMPATIENT)
        await well(platform)
        product.replies["board.open"] = BOARD
        product.hold = asyncio.Event()
        await robin.acts.command("/pipeline", "", slack.space.direct("U1"))
        asyncio.get_running_loop().call_later(0.05, product.hold.set)
        await platform.stop()
        running = {repr(task) for task in asyncio.all_tasks() - before}
        assert not [task for task in running if "slack_sdk" in task or "bot/platforms" in task]
        assert [message.text for message in await robin.messages()] == ["Board"]
        await slack.until(lambda: not slack.wire.sockets)

    async def test_before_a_connection_is_made(self, start: Start, slack: LocalSlack) -> None:
        slack.fault("apps.connections.open", Fault(held=asyncio.Event()))
        platform = await start(pace=IMPATIENT)
        await asyncio.wait_for(platform.stop(), 2)

    async def test_gives_up_on_work_that_never_ends(
        self, start: Start, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        platform = await start(pace=IMPATIENT)
        await well(platform)
        product.hold = asyncio.Event()
        await robin.acts.command("/pipeline", "", slack.space.direct("U1"))
        await asyncio.wait_for(platform.stop(), 3)


class TestHttpMode:
    @pytest.fixture
    async def http(self, start: Start, slack: LocalSlack) -> AsyncIterator[SlackPlatform]:
        platform = await start(socket=False, secret=True)
        config = uvicorn.Config(
            Starlette(routes=platform.routes()), port=0, log_level="error", lifespan="off"
        )
        server = uvicorn.Server(config)
        serving = asyncio.get_running_loop().create_task(server.serve())
        await becomes(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        slack.wire.http_url = f"http://127.0.0.1:{port}/slack/events"
        await well(platform)
        yield platform
        server.should_exit = True
        await serving

    async def test_commands_forms_and_buttons_work(
        self, http: SlackPlatform, product: Product, robin: SlackUser
    ) -> None:
        form = Form("lead.create", "Log", (Text(name="a", label="A"),), "Save", "Cancel")
        product.replies |= {
            "lead.open": Reply(form=form),
            "lead.create": Reply(errors={"a": "Say more"}),
            "board.open": BOARD,
        }
        await robin.type("/lead")
        await robin.submit({"a": "1"})
        open_form = await robin.form()
        assert open_form
        assert open_form.errors == {"a": "Say more"}
        await robin.type("pipeline")
        assert (await robin.messages())[-1].text == "Board"

    async def test_work_is_done_before_it_is_acknowledged(
        self, http: SlackPlatform, product: Product, robin: SlackUser, slack: LocalSlack
    ) -> None:
        await robin.acts.say("pipeline", slack.space.direct("U1"))
        assert product.last.action == "board.open"

    async def test_unsigned_stale_and_foreign_requests_are_refused(
        self, http: SlackPlatform, slack: LocalSlack, product: Product
    ) -> None:
        raw = urlencode({"command": "/lead", "text": "", "user_id": "U1"}).encode()
        proofs = [
            {},
            slack.wire.signed(raw, secret="other"),
            slack.wire.signed(raw, age=600),
            slack.wire.signed(b"another body"),
        ]
        async with aiohttp.ClientSession() as session:
            for proof in proofs:
                answer = await session.post(slack.wire.http_url, data=raw, headers=proof)
                assert answer.status == 401
        assert product.requests == []

    @pytest.mark.parametrize(("age", "waits"), [(0, 1.0), (2, 0.5), (5, 1.0)])
    async def test_slacks_patience_is_counted_from_when_it_sent(
        self, start: Start, slack: LocalSlack, product: Product, age: int, waits: float
    ) -> None:
        pace = replace(QUICK, answer_within=1.0, at_least=0.05)
        platform = await start(socket=False, secret=True, pace=pace)
        await well(platform)
        product.hold = asyncio.Event()
        room = {"channel_id": "D0U1", "channel_name": "directmessage"}
        asked = {"command": "/pipeline", "text": "", "user_id": "U1", "user_name": "robin"}
        raw = urlencode(asked | room | {"trigger_id": f"t{age}"}).encode()
        began = asyncio.get_running_loop().time()
        headers = [
            (name.encode(), value.encode())
            for name, value in slack.wire.signed(raw, age=age).items()
        ]
        scope = {
            "type": "http",
            "method": "POST",
            "headers": [*headers, (b"content-length", str(len(raw)).encode())],
        }
        answered: list[Any] = []
        messages = [{"type": "http.request", "body": raw, "more_body": False}]

        async def receive() -> Any:
            return messages.pop()

        async def send(message: Any) -> None:
            answered.append(message)

        await platform.routes()[0].app(scope, receive, send)
        took = asyncio.get_running_loop().time() - began
        product.hold.set()
        assert answered[0]["status"] == 200
        if waits < 1:
            assert took < 0.9
        else:
            assert took >= 0.99

    async def test_bodies_too_large_are_refused_unread(
        self, http: SlackPlatform, slack: LocalSlack
    ) -> None:
        async def endless() -> AsyncIterator[bytes]:
            yield b"x"

        async with aiohttp.ClientSession() as session:
            answer = await session.post(slack.wire.http_url, data=b"x" * 1_000_001)
            assert answer.status == 413
            answer = await session.post(slack.wire.http_url, data=endless())
            assert answer.status == 411

    async def test_slacks_address_check_is_answered(
        self, http: SlackPlatform, slack: LocalSlack
    ) -> None:
        raw = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
        headers = {"content-type": "application/json", **slack.wire.signed(raw)}
        async with aiohttp.ClientSession() as session:
            answer = await session.post(slack.wire.http_url, data=raw, headers=headers)
            assert (await answer.json())["challenge"] == "abc"

    async def test_slacks_check_of_our_certificate_brings_no_payload_along(
        self, http: SlackPlatform, slack: LocalSlack, product: Product
    ) -> None:
        payload = {"command": "/lead", "text": "", "user_id": "U1", "ssl_check": "1"}
        inside = {"payload": json.dumps(payload), "ssl_check": "1"}
        async with aiohttp.ClientSession() as session:
            for fields in ({"ssl_check": "1", "token": "x"}, payload, inside):
                answer = await session.post(slack.wire.http_url, data=fields)
                assert (answer.status, await answer.text()) == (200, "")
        assert product.requests == []

    def test_without_a_secret_there_is_no_route(
        self, product: Product, memory: WaitingNotice
    ) -> None:
        platform = SlackPlatform(SlackConfig("xoxb-1", "xapp-1"), product.dispatch, memory)
        assert platform.routes() == []


class TestLogs:
    async def test_hold_no_tokens_names_or_words(
        self,
        start: Start,
        slack: LocalSlack,
        product: Product,
        caplog: pytest.LogCaptureFixture,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        robin = SlackUser(slack, "U1")
        caplog.set_level(logging.DEBUG)
        slack.refused_tokens[slack.bot_token] = "invalid_auth"
        platform = await start()
        await slack.until(lambda: len(slack.calls("auth.test")) >= 2)
        slack.refused_tokens.clear()
        await well(platform)
        slack.wire.accepting = False
        await slack.wire.disconnect()
        await becomes(lambda: not platform.health().ok)
        slack.wire.accepting = True
        await well(platform)
        slack.fault("chat.postMessage", Fault("not_in_channel"), Fault(lost=True))
        product.replies["board.open"] = BOARD
        await robin.type("pipeline +86 138 0000 0000 canary@example.com")
        with contextlib.suppress(Exception):
            await platform.post(Address("slack", "channel", "C1"), Card("x"), locale="en")
        captured = capsys.readouterr()
        written = caplog.text + captured.out + captured.err
        assert "slack" in written
        for secret in ("canary", "ticket0", "138 0000", "Robin", "/response/"):
            assert secret not in written, secret

    def test_the_sdk_is_redacted(self, caplog: pytest.LogCaptureFixture) -> None:
        error = ValueError("wss://x/link?ticket=abc&y=1 xoxb-1-2 xapp-3")
        url = "https://hooks.slack.com/commands/T1/2/3"
        sdk_logger().error("Failed for %s", url, exc_info=error)
        for secret in ("abc", "xoxb", "xapp", "T1"):
            assert secret not in caplog.text
        assert "ValueError" in caplog.text

    def test_settings_show_no_secrets(self) -> None:
        assert "xoxb" not in repr(SlackConfig("xoxb-1", "xapp-1", "secret"))


async def test_an_app_of_a_whole_organisation_says_what_to_do(
    platform: SlackPlatform, slack: LocalSlack
) -> None:
    slack.space.org_wide = True
    await becomes(lambda: platform.health().problem == "health.slack.org_install")
    assert not platform.health().ok
