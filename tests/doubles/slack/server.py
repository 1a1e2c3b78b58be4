"""The project's own Slack on 127.0.0.1: Web API, Socket Mode and HTTP mode.

``violations`` lists everything Slack would have refused; ``stop`` fails if there are any.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from tests.doubles.slack.web_api import Refusal, WebApi
from tests.doubles.slack.wire import Wire
from tests.doubles.slack.workspace import BOT_USER, Json, Message, Person, Room, Workspace

SCOPES = (
    "app_mentions:read,channels:read,chat:write,commands,files:read,files:write,groups:read,im:history,im:write,"
    "usergroups:read,users:read,users:read.email"
)
_MANIFEST = Path(__file__).parents[3] / "manifest.yaml"


@dataclass(frozen=True, slots=True)
class Fault:
    """What one call meets: a code or status, or a reply that gets lost on the way.

    ``acted`` runs the method before the fault; ``held`` keeps the reply until it is set.
    """

    error: str = ""
    status: int = 200
    retry_after: int | str | None = None
    lost: bool = False
    acted: bool = False
    held: asyncio.Event | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call that came in: method, arguments, and when (monotonic seconds)."""

    method: str
    args: Json = field(repr=False)
    at: float = 0.0


class LocalSlack:
    """``wire`` carries payloads to the product; ``space`` is what people see."""

    bot_token = "xoxb-local-canary-token"
    app_token = "xapp-local-canary-token"

    def __init__(self) -> None:
        self.older = 0.0
        self.space = Workspace(lambda: time.monotonic() + self.older)
        self.api = WebApi(self)
        self.journal: list[Call] = []
        self.violations: list[str] = []
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.refused_tokens: dict[str, str] = {}
        self.unknown_blocks: set[str] = set()
        self.looks_until_processed = 1
        """How often ``files.info`` is asked in vain for a picture that was just uploaded."""
        self.scopes = SCOPES
        self.settle: Callable[[], Awaitable[None]] | None = None
        """The product's own signal for "all is answered"; without it, a quiet moment has to do."""
        self.commands = {
            entry["command"]
            for entry in yaml.safe_load(_MANIFEST.read_text("utf-8"))["features"]["slash_commands"]
        }
        self.changed = asyncio.Condition()
        self.wire = Wire(self.space, self.until, self._happened)
        self._peers: set[object] = set()
        self._calls_open = 0
        self._port = 0
        self.socket_port = 0
        """Where the socket is said to be, if not here: at a relay."""
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def connections(self) -> int:
        """How many connections all Web API calls came over."""
        return len(self._peers)

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files-pri/{file}", self._download)
        app.router.add_post("/response/{id}", self._respond)
        app.router.add_get("/link", self.wire.link)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port or self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close down; the same port is taken again by another ``start``."""
        for socket in list(self.wire.sockets):
            await socket.close()
        if self._runner:
            await self._runner.cleanup()
        assert not self.violations, self.violations

    def add_user(
        self,
        id: str,  # noqa: A002
        name: str,
        locale: str = "en-US",
        admin: bool = False,
        **more: Any,
    ) -> Person:
        person = Person(id, name, locale, admin, **more)
        self.space.people[id] = person
        self.space.direct(id)
        return person

    def add_channel(
        self,
        id: str,  # noqa: A002
        name: str,
        members: Collection[str] = (),
        *,
        bot: bool = True,
    ) -> Room:
        room = Room(id, name, {*members, BOT_USER} if bot else set(members))
        self.space.rooms[id] = room
        return room

    def fault(self, method: str, *faults: Fault) -> None:
        """Make the next calls of ``method`` meet these faults, one each."""
        self.faults[method].extend(faults)

    def calls(self, method: str) -> list[Call]:
        return [call for call in self.journal if call.method == method]

    async def until(self, what: Callable[[], Any], within: float = 5.0) -> Any:
        """Wait for a condition; woken by whatever happens on this server."""
        async with asyncio.timeout(within), self.changed:
            return await self.changed.wait_for(what)

    async def settled(self) -> None:
        """Wait until everything is answered: as the product says, or if nothing came in for a
        moment."""
        if self.settle:
            await self.settle()
            return
        while True:
            seen = len(self.journal)
            await asyncio.sleep(0.06)
            if len(self.journal) == seen and not self._calls_open:
                return

    def socket_url(self) -> str:
        host = f"127.0.0.1:{self.socket_port or self._port}"
        return f"ws://{host}/link?ticket={self.wire.ticket()}&app_id=A0GENJIN"

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method, args = request.match_info["method"], await _arguments(request)
        self.journal.append(Call(method, args, time.monotonic()))
        self._peers.add(request.transport and request.transport.get_extra_info("peername"))
        self._calls_open += 1
        try:
            fault = self.faults[method].popleft() if self.faults[method] else None
            if fault is None:
                return self._answer(method, args, request)
            if fault.acted or fault.lost:
                self._answer(method, args, request)
            return await _broken(fault, request)
        finally:
            self._calls_open -= 1
            await self._happened()

    def _answer(self, method: str, args: Json, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        wanted = self.app_token if method == "apps.connections.open" else self.bot_token
        headers = {"x-oauth-scopes": self.scopes}
        refusal = self.refused_tokens.get(token)
        if token != wanted or refusal:
            return web.json_response({"ok": False, "error": refusal or "invalid_auth"})
        if method not in self.api.methods:
            self.violations.append(f"unknown method {method}")
            return web.json_response({"ok": False, "error": "unknown_method"})
        try:
            return web.json_response(
                {"ok": True, **self.api.methods[method](args)}, headers=headers
            )
        except Refusal as refused:
            return web.json_response(refused.body, headers=headers)

    async def _upload(self, request: web.Request) -> web.Response:
        self.api.uploads[request.match_info["file"]]["content"] = await request.read()
        return web.Response(text="OK")

    async def _download(self, request: web.Request) -> web.Response:
        """A person's upload; without the bot's token Slack shows its sign-in page."""
        self.journal.append(Call("download", {}, time.monotonic()))
        if request.headers.get("Authorization") != f"Bearer {self.bot_token}":
            return web.Response(text="<html>sign in</html>", content_type="text/html")
        return web.Response(body=self.space.files[request.match_info["file"]][1])

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.journal.append(Call("response_url", body, time.monotonic()))
        try:
            if self.faults["response_url"]:
                return await _broken(self.faults["response_url"].popleft(), request)
            return self._response(request.match_info["id"], body)
        finally:
            await self._happened()

    def _response(self, url_id: str, body: Json) -> web.Response:
        url = self.space.response_urls[url_id]
        url.uses += 1
        if url.expired or url.uses > 5:
            code = "expired_url" if url.expired else "used_url"
            return web.json_response({"ok": False, "error": code}, status=404)
        try:
            self.api.accept(body)
        except Refusal as refused:
            return web.json_response(refused.body, status=404)
        if body.get("replace_original") and url.original:
            url.original.text, url.original.blocks = body["text"], body["blocks"]
            url.original.edits += 1
        else:
            only_for = url.user if body.get("response_type") == "ephemeral" else ""
            self.space.messages.append(
                Message(
                    url.channel,
                    self.space.stamp(),
                    BOT_USER,
                    body["text"],
                    body["blocks"],
                    only_for=only_for,
                )
            )
        return web.Response(text="ok")

    async def _happened(self) -> None:
        async with self.changed:
            self.changed.notify_all()


async def _arguments(request: web.Request) -> Json:
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        found |= await request.json()
    elif request.can_read_body:
        found |= dict(await request.post())
    return found


async def _broken(fault: Fault, request: web.Request) -> web.StreamResponse:
    if fault.held:
        await fault.held.wait()
    if fault.lost:
        assert request.transport
        request.transport.abort()
        raise asyncio.CancelledError
    if fault.body is not None:
        return web.Response(status=fault.status, text=fault.body, content_type="application/json")
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
    throttled = fault.retry_after is not None and fault.status == 200
    status = 429 if throttled else fault.status
    code = fault.error or ("ratelimited" if status == 429 else "")
    if not code:
        return web.Response(status=status, text="<html>oops</html>", content_type="text/html")
    return web.json_response({"ok": False, "error": code}, status=status, headers=headers)
