"""How payloads reach the product: over its socket, or posted to it and signed."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.doubles.slack.workspace import Json, Workspace


class Wire:
    """Sends payloads. With ``http_url`` they are posted there; otherwise they go to the newest
    socket."""

    signing_secret = "local-canary-secret"

    def __init__(
        self,
        space: Workspace,
        until: Callable[[Callable[[], Any]], Awaitable[Any]],
        happened: Callable[[], Awaitable[None]],
    ) -> None:
        self.http_url = ""
        self.sockets: list[web.WebSocketResponse] = []
        self.links = 0
        self.accepting = True
        """False: issued addresses do not work, and are used up anyway."""
        self._space = space
        self._until = until
        self._happened = happened
        self._tickets: set[str] = set()
        self._acks: dict[str, asyncio.Future[Json]] = {}

    def ticket(self) -> str:
        """Issue an address that works once."""
        ticket = self._space.next("ticket")
        self._tickets.add(ticket)
        return ticket

    def linked_since(self, links: int) -> bool:
        """Whether a socket connected after there had been ``links``."""
        return self.links > links and bool(self.sockets)

    async def deliver(self, kind: str, payload: Json, **envelope: Any) -> Json:
        """Send a payload and return its acknowledgement; fails as Slack would after 3 s."""
        if self.http_url:
            return await self._post(kind, payload, envelope)
        await self._until(lambda: self.sockets)
        envelope_id = self._space.next("envelope")
        acknowledged = asyncio.get_running_loop().create_future()
        self._acks[envelope_id] = acknowledged
        await self.sockets[-1].send_json(
            {
                "type": kind,
                "envelope_id": envelope_id,
                "payload": payload,
                "accepts_response_payload": kind != "events_api",
                **envelope,
            }
        )
        try:
            return await asyncio.wait_for(acknowledged, 3)
        except TimeoutError:
            raise AssertionError(f"no acknowledgement of {kind}: Slack shows an error") from None

    def signed(self, raw: bytes, *, secret: str = "", age: int = 0) -> dict[str, str]:
        """The headers that prove ``raw`` comes from Slack."""
        now = datetime.now(UTC)  # noqa: TID251 - Bolt compares with the real clock
        stamp = str(int(now.timestamp()) - age)
        key = (secret or self.signing_secret).encode()
        digest = hmac.new(key, b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
        return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}

    async def _post(self, kind: str, payload: Json, envelope: Json) -> Json:
        if kind == "events_api":
            raw, content = json.dumps(payload), "application/json"
        else:
            form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
            raw, content = urlencode(form), "application/x-www-form-urlencoded"
        headers = {"content-type": content, **self.signed(raw.encode())}
        if "retry_attempt" in envelope:
            headers["x-slack-retry-num"] = str(envelope["retry_attempt"])
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.http_url, data=raw.encode(), headers=headers) as response,
        ):
            text = await response.text()
            assert response.status == 200, (response.status, text)
        if text.startswith("{"):
            return dict(json.loads(text))
        return {"text": text} if text else {}

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every socket to reconnect, then close it."""
        for socket in list(self.sockets):
            await socket.send_json({"type": "disconnect", "reason": reason})
            await socket.close()

    async def drop(self) -> None:
        """Cut every socket without a goodbye."""
        for socket in list(self.sockets):
            request = socket._req
            assert request
            assert request.transport
            request.transport.abort()

    async def link(self, request: web.Request) -> web.StreamResponse:
        """The server's end of the socket."""
        ticket = request.query.get("ticket", "")
        known = ticket in self._tickets
        self._tickets.discard(ticket)
        if not known or not self.accepting:
            return web.Response(status=408)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "debug_info": {}})
        self.sockets.append(socket)
        self.links += 1
        await self._happened()
        try:
            async for message in socket:
                answer = json.loads(message.data)
                waiting = self._acks.pop(answer["envelope_id"], None)
                if waiting and not waiting.done():
                    waiting.set_result(answer.get("payload") or {})
        finally:
            self.sockets.remove(socket)
            await self._happened()
        return socket
