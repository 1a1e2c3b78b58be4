"""A connection to a server that can be cut and restored, at one address that stays.

It may also go silent, as a network that drops every packet, or answer in the server's place, as a
proxy does whose server is away.
"""

import asyncio
import contextlib
import re
import socket
from collections.abc import Awaitable, Callable
from typing import Self

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Reach = Callable[[], Awaitable[Connection]]


class Relay:
    """Forwards what comes to ``port`` on 127.0.0.1.

    Until ``open`` and after ``cut`` nobody is let in. Use as an async context manager.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port: int = taken.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.Task[None]] = set()
        self._silent = False
        self._answer = b""
        self.let_in = 0
        """How many connections were accepted, whatever became of them."""

    @classmethod
    def to_port(cls, port: int, host: str = "127.0.0.1") -> Self:
        return cls(lambda: asyncio.open_connection(host, port))

    @classmethod
    def to_socket(cls, path: str) -> Self:
        return cls(lambda: asyncio.open_unix_connection(path))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def open(self) -> None:
        """Let everybody through. Connections that went silent are closed, as when a network finds
        out that it no longer knows them."""
        await self.cut()
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)

    async def go_silent(self) -> None:
        """Accept connections, keep those there are, and let nothing through in either direction."""
        self._silent = True
        if self._server is None:
            self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)

    async def answer(self, response: bytes) -> None:
        """Close all connections, and answer every request with this from now on."""
        await self.open()
        self._answer = response

    async def cut(self) -> None:
        self._silent, self._answer = False, b""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for task in tuple(self._passing):
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._passing.add(task)
        self.let_in += 1
        try:
            with contextlib.suppress(OSError):
                if self._silent:
                    await asyncio.Event().wait()
                if self._answer:
                    return await _respond(reader, writer, self._answer)
                far_reader, far_writer = await self._reach()
                ways = (self._copy(reader, far_writer), self._copy(far_reader, writer))
                await asyncio.gather(*ways)
        except asyncio.CancelledError:
            return None  # cut
        finally:
            writer.close()
            self._passing.discard(task)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65_536):
                if self._silent:
                    await asyncio.Event().wait()
                writer.write(chunk)
                await writer.drain()
            if self._silent:
                await asyncio.Event().wait()
        except OSError:
            pass
        finally:
            writer.close()


async def _respond(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, response: bytes
) -> None:
    """Read one request and answer it."""
    with contextlib.suppress(asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        if length := re.search(rb"(?i)content-length: (\d+)", head):
            await reader.readexactly(int(length[1]))
        writer.write(response)
        await writer.drain()
