"""The HTTP side: health, metrics, and the routes the platforms bring."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

HealthReport = Callable[[], dict[str, Any]]
"""``{"ok": bool, …}``, without personal data."""


def web_app(
    routes: Sequence[BaseRoute], health: HealthReport, registry: CollectorRegistry
) -> Starlette:
    """The application: ``/health`` (503 while something is wrong), ``/metrics``, and routes."""

    async def show_health(_request: Request) -> Response:
        report = await asyncio.to_thread(health)
        return JSONResponse(report, status_code=200 if report["ok"] else 503)

    async def show_metrics(_request: Request) -> Response:
        text = await asyncio.to_thread(generate_latest, registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[Route("/health", show_health), Route("/metrics", show_metrics), *routes]
    )


class PortTaken(Exception):
    """Another process listens on the address already."""


class _Server(uvicorn.Server):
    """Leaves signals to the process, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.listening.set()


class WebServer:
    """Uvicorn in this process' loop; ``before_close`` ends streams that would keep it open."""

    def __init__(
        self, app: Starlette, host: str, port: int, before_close: Callable[[], Awaitable[None]]
    ) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        self._server = _Server(config)
        self._host, self._port = host, port
        self._before_close = before_close
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None

    async def closed(self) -> None:
        """Return once it serves no more, whatever ended it."""
        if self._task is not None:
            await asyncio.wait({self._task})

    @property
    def address(self) -> str:
        """``http://127.0.0.1:8700``, with the port that was really taken."""
        if self._socket is None:
            raise RuntimeError("the server does not listen yet")
        port = self._socket.getsockname()[1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{port}"

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Serve within the block. Raises PortTaken."""
        self._socket = self._listen()
        self._task = task = asyncio.create_task(self._server.serve([self._socket]), name="web")
        try:
            await self._server.listening.wait()
            yield
        finally:
            await self._before_close()
            self._server.should_exit = True
            await task
            self._socket.close()

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self._port))
        except OSError as error:
            listener.close()
            raise PortTaken(f"{self._host}:{self._port}: {error.strerror}") from error
        return listener
