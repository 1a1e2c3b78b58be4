"""A connection to a server that can be cut and restored, at one address that stays."""

import asyncio
import contextlib
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
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)

    async def cut(self) -> None:
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
        try:
            with contextlib.suppress(OSError):
                far_reader, far_writer = await self._reach()
                ways = (_copy(reader, far_writer), _copy(far_reader, writer))
                await asyncio.gather(*ways)
        except asyncio.CancelledError:
            return  # cut
        finally:
            writer.close()
            self._passing.discard(task)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
