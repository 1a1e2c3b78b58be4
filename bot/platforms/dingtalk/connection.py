"""The Stream connection: one per app and process, reopened until stopped.

A ``DingTalkStreamClient`` with our own loop, because the SDK's blocks the event loop while it
opens, cannot be stopped, drops exceptions, and logs the ticket. Knows frames and acks; what a frame
asks for is up to its handler.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, ClassVar, TypeAlias
from urllib.parse import quote_plus

import httpx
import structlog
from dingtalk_stream import (
    AckMessage,
    CallbackMessage,
    Credential,
    DingTalkStreamClient,
    EventMessage,
)
from dingtalk_stream.version import VERSION_STRING
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.dingtalk.health import Conditions
from bot.supervisor import Supervisor, backoff

log = structlog.get_logger(__name__)
# The libraries log through their own loggers.
_sdk_log = logging.getLogger("bot.platforms.dingtalk.sdk")
_socket_log = logging.getLogger("bot.platforms.dingtalk.socket")

Ack: TypeAlias = Callable[[Any], Awaitable[None]]
"""Acknowledge a frame, with the response DingTalk passes on (a card's update, or None)."""

Handle: TypeAlias = Callable[[Mapping[str, Any], Ack], Awaitable[None]]
"""Handles one frame and acknowledges it. If it raises, that is logged and DingTalk resends."""

HandleEvent: TypeAlias = Callable[[str, str, Mapping[str, Any]], Awaitable[bool]]
"""Handles one event of the organisation: its type, id and data; False to get it again later."""

FRAME_ID = "frameId"
"""The key under which handlers find the id of the frame, beside DingTalk's own data."""

_OPEN_TIMEOUT = 10.0
_PING = 20.0  # a network that drops everything is noticed after two of them
_IDLE_LIMIT = 180.0
_GRACE = 8.0  # DingTalk closes 10 s after it said "disconnect"
_SETTLED = 60.0  # a connection that lasted this long had no trouble
_TOO_SOON = 5.0
reopening = partial(backoff, first=1.0, longest=60.0, spread=0.5)
"""Seconds before a connection is reopened."""


class CannotOpen(Exception):
    """The gateway opened no connection. ``refused``: it did not accept the credentials."""

    def __init__(self, reason: str, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.refused = refused


class SupervisedStream(DingTalkStreamClient):  # type: ignore[misc] # the SDK has no types
    """Receives frames until ``stop``. ``handlers`` are keyed by callback topic.

    ``on_event`` gets the events of the organisation that the app's page subscribes to.
    """

    _in_this_process: ClassVar[set[str]] = set()

    def __init__(
        self,
        config: DingTalkConfig,
        handlers: Mapping[str, Handle],
        conditions: Conditions,
        *,
        pause: Callable[[int], float] = reopening,
        idle_limit: float = _IDLE_LIMIT,
        supervisor: Supervisor | None = None,
        on_event: HandleEvent | None = None,
    ) -> None:
        self._supervisor = supervisor or Supervisor()
        self._on_event = on_event
        super().__init__(Credential(config.client_id, config.client_secret), logger=_sdk_log)
        self._gateway = f"{config.api_url}/v1.0/gateway/connections/open"
        self._handlers = dict(handlers)
        self._conditions = conditions
        self._pause = pause
        self._idle_limit = idle_limit
        self._started = False
        self._at_work: set[asyncio.Task[None]] = set()
        # At DEBUG, websockets logs the request line, which contains the ticket.
        _socket_log.setLevel(logging.INFO)

    async def start(self) -> None:
        """Start; returns at once. Raises RuntimeError if this app is already connected."""
        app = self.credential.client_id
        if app in self._in_this_process:
            raise RuntimeError("this process already has a connection for this DingTalk app")
        self._in_this_process.add(app)
        self._conditions.report("stream", "connecting")
        self._started = True
        self._supervisor.start("dingtalk stream", self._run)

    async def stop(self) -> None:
        """Stop receiving, finish what was received, close."""
        if not self._started:
            return
        self._started = False
        await self._supervisor.stop("dingtalk stream")
        await self._finish_work()  # what a second cancellation cut short
        self._in_this_process.discard(self.credential.client_id)

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            opened, orderly = clock(), False
            try:
                await self._connect_once()
                orderly = True
            except CannotOpen as error:
                self._conditions.report(
                    "credentials" if error.refused else "stream",
                    "credentials" if error.refused else "unreachable",
                )
                log.warning("dingtalk.no_connection", reason=str(error))
            except (OSError, TimeoutError, WebSocketException) as error:
                self._conditions.report("stream", "unreachable")
                log.warning("dingtalk.connection_broke", reason=type(error).__name__)
            except Exception:
                # Whatever it was, a bot that silently stops is worse than one that retries.
                log.exception("dingtalk.connection_failed")
            lasted = clock() - opened
            failures = 0 if lasted > _SETTLED else failures + 1
            if not (orderly and lasted > _TOO_SOON):
                await asyncio.sleep(self._pause(failures))

    async def _connect_once(self) -> None:
        """Hold one connection until DingTalk asks to leave it."""
        endpoint = await self._open()
        async with connect(
            endpoint,
            logger=_socket_log,
            close_timeout=2.0,
            ping_interval=_PING,
            ping_timeout=_PING,
        ) as socket:
            self._conditions.clear("stream", "credentials")
            log.info("dingtalk.connected")
            try:
                await self._receive(socket)
            finally:
                await self._finish_work()

    async def _open(self) -> str:
        """Ask the gateway for an endpoint and its one-time ticket."""
        body = {
            "clientId": self.credential.client_id,
            "clientSecret": self.credential.client_secret,
            "subscriptions": [
                *([{"type": EventMessage.TYPE, "topic": "*"}] if self._on_event else ()),
                *({"type": CallbackMessage.TYPE, "topic": topic} for topic in self._handlers),
            ],
            "ua": f"dingtalk-sdk-python/v{VERSION_STRING}-genjin",
        }
        try:
            async with httpx.AsyncClient(timeout=_OPEN_TIMEOUT) as client:
                response = await client.post(self._gateway, json=body)
            answer = response.json() if response.is_success else {}
        except (httpx.HTTPError, ValueError) as error:
            raise CannotOpen(type(error).__name__) from error
        if not response.is_success:
            raise CannotOpen(
                f"status {response.status_code}", refused=response.status_code in {400, 401, 403}
            )
        if not isinstance(answer, dict) or not {"endpoint", "ticket"} <= answer.keys():
            raise CannotOpen("an answer without an endpoint")
        return f"{answer['endpoint']}?ticket={quote_plus(str(answer['ticket']))}"

    async def _receive(self, socket: ClientConnection) -> None:
        """Read frames until DingTalk asks to disconnect.

        Silence ends the connection too, but only once a ping has shown that this gateway sends any.
        """
        idle = None
        while True:
            async with asyncio.timeout(idle):
                raw = await socket.recv()
            frame = _frame(raw)
            headers = frame.get("headers") or {}
            if frame.get("type") != "SYSTEM":
                self._begin(socket, frame)
            elif headers.get("topic") == self.TAG_DISCONNECT:
                log.info("dingtalk.reconnect_asked")
                return
            else:
                idle = self._idle_limit
                await self._acknowledge(socket, headers.get("messageId"), frame.get("data"))

    def _begin(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        task = asyncio.create_task(self._work(socket, frame), name="dingtalk-frame")
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def _work(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        headers = frame.get("headers") or {}

        async def ack(response: Any) -> None:
            await self._acknowledge(
                socket,
                headers.get("messageId"),
                json.dumps({"response": response}, ensure_ascii=False),
            )

        try:
            if frame.get("type") == EventMessage.TYPE:
                await self._take_event(socket, frame)
                return
            handle = self._handlers.get(str(headers.get("topic")))
            if handle is None:
                log.warning("dingtalk.frame_unknown")
                await ack(None)
            else:
                data = CallbackMessage.from_dict(frame).data
                await handle({**data, FRAME_ID: headers.get("messageId")}, ack)
        except Exception:
            # The last stop before the event loop: not acknowledged, so DingTalk sends it again.
            log.exception("dingtalk.frame_failed")

    async def _take_event(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        """Pass on an event. DingTalk sends one again that was answered with ``LATER``."""
        event = EventMessage.from_dict(frame)
        headers, done = event.headers, True
        if self._on_event is not None:
            kind, event_id = str(headers.event_type or ""), str(headers.event_id or "")
            done = await self._on_event(kind, event_id, event.data)
        status = {"status": "SUCCESS", "message": "success"} if done else {"status": "LATER"}
        await self._acknowledge(socket, headers.message_id, json.dumps(status))

    async def _acknowledge(self, socket: ClientConnection, message_id: Any, content: Any) -> None:
        """Ack on the connection that the frame came by; a lost ack only means a redelivery."""
        if not message_id:
            return
        ack = AckMessage()
        ack.headers.message_id = message_id
        ack.headers.content_type = "application/json"
        try:
            await socket.send(json.dumps({**ack.to_dict(), "data": content}))
        except ConnectionClosed:
            log.info("dingtalk.frame_not_acknowledged")

    async def _finish_work(self) -> None:
        """Let received frames be answered; those that take too long are abandoned, unacked."""
        if self._at_work:
            _, late = await asyncio.wait(set(self._at_work), timeout=_GRACE)
            for task in late:
                task.cancel()
            if late:
                log.warning("dingtalk.frames_given_up", frames=len(late))
                await asyncio.wait(late)


def _frame(raw: str | bytes) -> dict[str, Any]:
    """Parse a frame; one that is no JSON object counts as empty and is answered as unknown."""
    try:
        frame = json.loads(raw)
    except ValueError:
        return {}
    return frame if isinstance(frame, dict) else {}
