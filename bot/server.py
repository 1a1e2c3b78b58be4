"""The HTTP server: health, metrics, and the routes of the platforms."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from typing import Any, Generic, TypeVar

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.addresses import ClientAddress
from bot.http_connections import (
    ConnectionLimits,
    Listener,
    Occupancy,
    Refusals,
    raise_descriptor_limit,
    room_below,
)
from bot.http_protocol import HttpProtocol
from handlers.core.incidents import record_incident

Found = TypeVar("Found")
HealthReport = Callable[[], dict[str, Any]]
"""``{"ok": bool, "serves": bool, …}``, without personal data."""


def web_app(
    routes: Sequence[BaseRoute],
    health: HealthReport,
    registry: CollectorRegistry,
    trusted_proxies: Sequence[str] = (),
) -> Starlette:
    """The application: ``/health`` (503 while something is wrong), ``/ready`` (503 while pages
    cannot be served), ``/metrics``, and routes.

    ``trusted_proxies`` are the networks allowed to name a client's address.
    """

    report_health, metrics = OneAtATime(health), OneAtATime(lambda: generate_latest(registry))

    async def show_health(_request: Request) -> Response:
        report = await report_health()
        return JSONResponse(report, status_code=200 if report["ok"] else 503)

    async def show_readiness(_request: Request) -> Response:
        serves = bool((await report_health())["serves"])
        return JSONResponse({"ready": serves}, status_code=200 if serves else 503)

    async def show_metrics(_request: Request) -> Response:
        return Response(await metrics(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/health", show_health),
            Route("/ready", show_readiness),
            Route("/metrics", show_metrics),
            *routes,
        ],
        middleware=[Middleware(ClientAddress, trusted=trusted_proxies), Middleware(Failures)],
    )


class OneAtATime(Generic[Found]):
    """Runs work in a thread and shares its result with all concurrent callers.

    Any number of callers use one thread.
    """

    def __init__(self, work: Callable[[], Found]) -> None:
        self._work = work
        self._running: asyncio.Task[Found] | None = None

    async def __call__(self) -> Found:
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(asyncio.to_thread(self._work))
        return await asyncio.shield(self._running)


class Failures:
    """Responds with an incident number if our own code fails on a request.

    A client that disconnects in the middle of its request is not reported.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - an incident
            incident = record_incident("http.failed", error)
            if not begun:
                words = f"Internal Server Error. Incident: {incident}"
                await PlainTextResponse(words, status_code=500)(scope, receive, send)


def address_at(host: str, port: int) -> str:
    """``http://127.0.0.1:8700`` or ``http://[::1]:8700``."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class PortTaken(Exception):
    """Another process already listens on the address."""


class _Server(uvicorn.Server):
    """Leaves signals to the process, accepts connections within limits, and reports when it
    listens."""

    def __init__(self, config: uvicorn.Config, limits: ConnectionLimits) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._limits = limits
        self._refusals = Refusals()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Like uvicorn's own, except for the listener that accepts connections."""
        await self.lifespan.startup()
        limits = self._limits
        total = min(limits.total, room_below(raise_descriptor_limit()))
        self._occupancy = Occupancy(limits.each, total, limits.trusted, self._refusals)
        self.servers = [
            Listener(bound, self._occupancy, self._refusals, self._protocol, limits.pause)  # type: ignore[misc]
            for bound in sockets or ()
        ]
        for listener in self.servers:
            listener.start(self.config.backlog)  # type: ignore[attr-defined]
        self.started = True
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self._refusals.close()

    @property
    def held(self) -> int:
        return len(self._occupancy)

    def _protocol(self, block: str) -> HttpProtocol:
        protocol = HttpProtocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        protocol.occupy(self._limits, self._occupancy, self._refusals, block)
        return protocol


class WebServer:
    """Uvicorn in this process's loop; ``before_close`` ends streams that would keep it open."""

    def __init__(
        self,
        app: Starlette,
        host: str,
        port: int,
        before_close: Callable[[], Awaitable[None]],
        limits: ConnectionLimits | None = None,
    ) -> None:
        limits = limits or ConnectionLimits()
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            # Our own setting decides who may name the client.
            proxy_headers=False,
            ws="none",
            http=HttpProtocol,
            timeout_keep_alive=limits.idle,  # type: ignore[arg-type] # Only passed to sleep.
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        self._server = _Server(config, limits)
        self._host, self._port = host, port
        self._before_close = before_close
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None

    async def closed(self) -> None:
        """Return once it no longer serves, whatever ended it."""
        if self._task is not None:
            await asyncio.wait({self._task})

    @property
    def address(self) -> str:
        """``http://127.0.0.1:8700``, with the port that was actually bound."""
        if self._socket is None:
            raise RuntimeError("the server does not listen yet")
        return address_at(self._host, self._socket.getsockname()[1])

    @property
    def connections(self) -> Collection[Any]:
        """The protocols of the open connections."""
        return self._server.server_state.connections

    @property
    def requests(self) -> Collection[Any]:
        """The requests being worked on."""
        return self._server.server_state.tasks

    @property
    def held(self) -> int:
        """How many slots are taken, by connections and by those still being opened."""
        return self._server.held

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
        # Protocol 0 would do, but asyncio sends answers at once (TCP_NODELAY) only on sockets that
        # say they are TCP: without it a body waits 40 ms for the acknowledgement of the headers.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self._port))
        except OSError as error:
            listener.close()
            raise PortTaken(f"{self._host}:{self._port}: {error.strerror}") from error
        return listener


class Metrics:
    """The counters of one process for ``/metrics``, in a registry of its own.

    Labels are actions, never people.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Histogram(
            "genjin_request_seconds",
            "Time from a request to its committed reply",
            ("action",),
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 3),
            registry=registry,
        )

    @contextlib.contextmanager
    def timing(self, action: str) -> Iterator[None]:
        """Observe the block's duration. ``action`` is one of a bounded set."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._requests.labels(action).observe(time.perf_counter() - began)
