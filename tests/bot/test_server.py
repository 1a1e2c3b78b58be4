"""The HTTP server on real sockets."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette

from bot.server import OneAtATime, WebServer


async def nothing() -> None:
    """Nothing has to end before this server closes."""


@asynccontextmanager
async def serving(host: str) -> AsyncIterator[WebServer]:
    server = WebServer(Starlette(), host, 0, nothing)
    async with server.serving():
        yield server


class TestListening:
    @pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
    async def test_sends_answers_at_once(self, host: str) -> None:
        """Nagle's algorithm makes the second write of an answer wait 40 ms."""
        async with serving(host) as server:
            port = int(server.address.rpartition(":")[2])
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
            (connection,) = server.connections
            accepted = connection.transport.get_extra_info("socket")
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            writer.close()


class TestOneAtATime:
    async def test_many_who_ask_at_once_take_one_thread(self) -> None:
        going, asked = threading.Event(), []

        def work() -> int:
            asked.append(1)
            going.wait(20)
            return len(asked)

        shared = OneAtATime(work)
        waiting = [asyncio.create_task(shared()) for _ in range(100)]
        await asyncio.sleep(0.01)
        waiting[0].cancel()
        going.set()
        assert await asyncio.gather(*waiting[1:]) == [1] * 99
        assert await shared() == 2
