"""The Stream half of the local DingTalk: opening, the websocket, frames pushed and acknowledged."""

import asyncio
import itertools
import json
from typing import Any

from aiohttp import WSMsgType, web

from tests.doubles.dingtalk.world import World

MESSAGES = "/v1.0/im/bot/messages/get"
CARDS = "/v1.0/card/instances/callback"


class Gateway:
    """Holds the connections of one app and pushes frames into the newest."""

    def __init__(self, world: World, credentials: dict[str, str]) -> None:
        self._world = world
        self._credentials = credentials
        self._numbers = itertools.count(1)
        self._tickets: set[str] = set()
        self.base = ""
        self.sockets: list[web.WebSocketResponse] = []
        self.connections = 0
        self.unacked: dict[str, dict[str, Any]] = {}
        self._acked_frames: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.open_gate: asyncio.Event | None = None
        self.endpoint_missing = False

    async def open(self, request: web.Request) -> web.Response:
        body = await request.json()
        self._world.opens.append(body)
        await self._world.changed()
        if self.open_gate is not None:
            await self.open_gate.wait()
        if fault := self._world.fault("open"):
            return web.json_response(fault.body, status=fault.status)
        if self._credentials.get(body["clientId"]) != body["clientSecret"]:
            return web.json_response({"code": "authFailed"}, status=401)
        if self.endpoint_missing:
            return web.json_response({})
        ticket = f"ticket/{next(self._numbers)}+secret="
        self._tickets.add(ticket)
        endpoint = f"{self.base.replace('http', 'ws', 1)}/connect"
        return web.json_response({"endpoint": endpoint, "ticket": ticket})

    async def connect(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        self.connections += 1
        await self._world.changed()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._acked(json.loads(message.data))
        finally:
            self.sockets.remove(socket)
            await self._world.changed()
        return socket

    async def _acked(self, ack: dict[str, Any]) -> None:
        self._world.acks.append(ack)
        message_id = ack["headers"]["messageId"]
        self.unacked.pop(message_id, None)
        if not self._acked_frames[message_id].done():
            self._acked_frames[message_id].set_result(ack)
        await self._world.changed()

    async def connected(self, connections: int = 1) -> None:
        """Wait until the n-th connection since the start is up."""
        await self._world.until(lambda: self.connections >= connections and self.sockets)

    async def push_event(self, kind: str, data: dict[str, Any], event_id: str = "") -> str:
        """Send an event of the organisation; returns the frame's id."""
        event_id = event_id or f"event-{next(self._numbers)}"
        headers = {
            "eventType": kind,
            "eventId": event_id,
            "eventCorpId": "corp",
            "eventBornTime": "1700000000000",
            "eventUnifiedAppId": "unified-app",
        }
        assert {"type": "EVENT", "topic": "*"} in self._world.opens[-1]["subscriptions"]
        return await self.push("*", data, kind="EVENT", headers=headers)

    async def event_status(self, message_id: str) -> str:
        """Wait for the acknowledgement of an event; returns the status that it names."""
        async with asyncio.timeout(5.0):
            ack = await asyncio.shield(self._acked_frames[message_id])
        assert ack["code"] == 200
        status = json.loads(ack["data"])["status"]
        assert status in {"SUCCESS", "LATER"}
        return str(status)

    async def push(
        self,
        topic: str,
        data: dict[str, Any],
        kind: str = "CALLBACK",
        headers: dict[str, str] | None = None,
    ) -> str:
        """Send one frame; returns its message id."""
        message_id = f"frame-{next(self._numbers)}"
        frame = {
            "specVersion": "1.0",
            "type": kind,
            "data": json.dumps(data, ensure_ascii=False),
            "headers": {
                "appId": "app",
                "connectionId": "c",
                "messageId": message_id,
                "contentType": "application/json",
                "time": "1700000000000",
                "topic": topic,
                **(headers or {}),
            },
        }
        self.unacked[message_id] = frame
        self._acked_frames[message_id] = asyncio.get_running_loop().create_future()
        await self.sockets[-1].send_str(json.dumps(frame))
        return message_id

    async def ack_of(self, message_id: str, seconds: float = 5.0) -> Any:
        """Wait for the acknowledgement of a frame; returns its response."""
        try:
            async with asyncio.timeout(seconds):
                ack = await asyncio.shield(self._acked_frames[message_id])
        except TimeoutError:
            raise AssertionError(f"no acknowledgement of {message_id} in time") from None
        assert ack["code"] == 200
        return json.loads(ack["data"]).get("response") if ack["data"] else None

    async def redeliver(self) -> None:
        """Resend what was not acknowledged, as DingTalk does after a while."""
        for frame in list(self.unacked.values()):
            await self.sockets[-1].send_str(json.dumps(frame))

    async def ping(self, opaque: str = "x") -> Any:
        message_id = await self.push("ping", {"opaque": opaque}, kind="SYSTEM")
        await self._world.until(
            lambda: any(ack["headers"]["messageId"] == message_id for ack in self._world.acks)
        )
        return json.loads(self._world.acks[-1]["data"])

    async def disconnect(self) -> None:
        """Announce the end, as DingTalk does about every 12 hours."""
        await self.push("disconnect", {}, kind="SYSTEM")

    async def abort(self) -> None:
        """Drop the connection without a goodbye."""
        for socket in list(self.sockets):
            transport = socket._req.transport if socket._req else None
            if transport is not None:
                transport.abort()
