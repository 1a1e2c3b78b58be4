"""The connection itself: opening, goodbye, silence, loss, and a stop that leaves nothing behind."""

import asyncio
import json
import logging
import threading

import pytest

from bot.platforms.dingtalk.connection import SupervisedStream, reopening
from bot.platforms.dingtalk.health import Conditions
from handlers.core.replies import Reply
from handlers.core.requests import Request
from tests.doubles.dingtalk.server import APP, SECRET
from tests.platforms.dingtalk.conftest import Office


def tasks_of_the_stream() -> list[str]:
    return [
        task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("dingtalk")
    ]


class TestOpening:
    async def test_subscribes_to_messages_and_cards(self, office: Office) -> None:
        async with office.running() as platform:
            await office.gateway.ping()
            assert platform.health().ok
            assert platform.health().problem == ""
        (body,) = office.world.opens
        assert body["clientId"] == APP
        assert [one["topic"] for one in body["subscriptions"]] == [
            "*",
            "/v1.0/im/bot/messages/get",
            "/v1.0/card/instances/callback",
        ]

    async def test_keeps_trying_after_refused_credentials_and_says_so(self, office: Office) -> None:
        platform = office.platform(client_secret="wrong")
        await platform.start()
        await office.world.until(lambda: len(office.world.opens) >= 3)
        health = platform.health()
        await platform.stop()
        assert not health.ok
        assert health.problem == "health.dingtalk.credentials"
        assert health.advice == "health.dingtalk.credentials.advice"
        assert office.pauses[:2] == [1, 2]

    async def test_keeps_trying_when_nobody_is_there(self, office: Office) -> None:
        platform = office.platform(api_url="http://127.0.0.1:9")
        await platform.start()
        await office.paused_times(3)
        health = platform.health()
        await platform.stop()
        assert (health.ok, health.problem) == (False, "health.dingtalk.unreachable")

    async def test_survives_an_answer_without_an_endpoint(self, office: Office) -> None:
        office.gateway.endpoint_missing = True
        platform = office.platform()
        await platform.start()
        await office.world.until(lambda: len(office.world.opens) >= 2)
        office.gateway.endpoint_missing = False
        await office.gateway.connected()
        await platform.stop()

    async def test_does_not_block_the_loop_while_it_opens_and_stops_at_once(
        self, office: Office
    ) -> None:
        office.gateway.open_gate = asyncio.Event()
        platform = office.platform()
        await platform.start()
        await office.world.until(lambda: office.world.opens)
        async with asyncio.timeout(1):
            await platform.stop()
        assert tasks_of_the_stream() == []
        office.gateway.open_gate.set()

    async def test_refuses_a_second_connection_of_the_same_app(self, office: Office) -> None:
        async with office.running():
            with pytest.raises(RuntimeError, match="already"):
                await office.platform().start()
        async with office.running():
            pass  # after a stop it may connect again

    def test_waits_longer_each_time_but_never_more_than_a_minute(self) -> None:
        for failures, longest in ((1, 2), (2, 4), (3, 8), (5, 32), (6, 60), (50, 60)):
            waits = [reopening(failures) for _ in range(50)]
            assert longest / 2 <= min(waits) < max(waits) <= longest


class TestConnection:
    async def test_echoes_a_ping(self, office: Office) -> None:
        async with office.running():
            assert await office.gateway.ping("canary") == {"opaque": "canary"}

    async def test_reconnects_after_a_goodbye_and_leaves_no_ghost(self, office: Office) -> None:
        user = office.user()
        async with office.running():
            await office.gateway.disconnect()
            await office.gateway.connected(2)
            assert len(office.gateway.sockets) == 1
            await user.type("/lead")
        assert len(office.script.done) == 1

    async def test_reconnects_after_the_line_was_cut(self, office: Office) -> None:
        user = office.user()
        async with office.running() as platform:
            await office.gateway.abort()
            await office.gateway.connected(2)
            await user.type("/lead")
            assert platform.health().ok
        assert len(office.script.done) == 1

    async def test_finishes_what_it_received_before_it_leaves(self, office: Office) -> None:
        office.user()
        begun, gate = asyncio.Event(), asyncio.Event()

        async def slow(_: Request) -> Reply:
            begun.set()
            await gate.wait()
            return Reply(toast="done")

        office.script.replies["lead.open"] = slow
        async with office.running():
            frame = await office.server.write("u1", "/lead")
            await begun.wait()
            await office.gateway.disconnect()
            gate.set()
            await office.gateway.ack_of(frame)
            await office.gateway.connected(2)
        assert office.world.chat("u1")[-1].text == "done"

    async def test_survives_frames_that_make_no_sense(self, office: Office) -> None:
        user = office.user()
        async with office.running():
            socket = office.gateway.sockets[-1]
            broken = {
                "type": "CALLBACK",
                "data": "broken",
                "headers": {"topic": "/v1.0/im/bot/messages/get"},
            }
            for raw in ("no json", "[]", "{}", '{"type":"CALLBACK"}', json.dumps(broken)):
                await socket.send_str(raw)
            await office.gateway.push("/v1.0/im/bot/messages/get", {"no": "ids"})
            await office.gateway.push("/v1.0/card/instances/callback", {"content": "{"})
            await user.type("/lead")
        assert len(office.script.done) == 1

    async def test_silence_ends_a_connection_only_after_a_ping_was_seen(
        self, office: Office
    ) -> None:
        async def ignore(*_: object) -> None:
            """Nothing is pushed in this test."""

        stream = SupervisedStream(
            office.config(), {"t": ignore}, Conditions(), pause=lambda _: 0.0, idle_limit=0.05
        )
        await stream.start()
        await office.gateway.connected()
        await asyncio.sleep(0.1)
        assert office.gateway.connections == 1
        await office.gateway.ping()
        await office.gateway.connected(2)
        await stream.stop()

    async def test_stop_leaves_no_task_no_thread_and_no_line(self, office: Office) -> None:
        threads = set(threading.enumerate())
        user = office.user()
        async with office.running():
            await user.type("/lead")
        await office.world.until(lambda: not office.gateway.sockets)
        assert tasks_of_the_stream() == []
        assert {one for one in threading.enumerate() if not one.daemon} <= threads

    async def test_stop_gives_up_work_that_never_ends(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.platforms.dingtalk.connection._GRACE", 0.05)
        office.user()
        begun = asyncio.Event()

        async def endless(_: Request) -> Reply:
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError

        office.script.replies["lead.open"] = endless
        async with office.running():
            frame = await office.server.write("u1", "/lead")
            await begun.wait()
        assert tasks_of_the_stream() == []
        assert frame in office.gateway.unacked


class TestLogs:
    async def test_hold_no_secret_token_ticket_session_or_words(
        self, office: Office, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        caplog.set_level(logging.DEBUG)
        user = office.user()
        office.server.webhooks_expired = True
        async with office.running():
            await user.type("/lead canary-words 13800138000")
            office.world.fail_next("batchSend", 500, {"message": "canary-words"})
            await user.type("/lead canary-words")
            await office.gateway.ack_of(await office.server.write("u1", "/lead", senderNick=None))
        written = caplog.text + capsys.readouterr().err
        assert "dingtalk.connected" in written
        for secret in (SECRET, "canary", "ticket/", "13800138000"):
            assert secret not in written
        assert "/robot/sendBySession" in caplog.text  # it did look at the calls
