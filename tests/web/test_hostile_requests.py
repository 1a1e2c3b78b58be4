"""Hostile requests to every route: always a response, never a 500.

Nor a traceback, or a page for somebody else. Over real sockets, since half of it is no valid HTTP.
"""

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
import structlog
from starlette.routing import BaseRoute, Mount, Route

from bot.http_connections import ConnectionLimits
from bot.server import WebServer, web_app
from sales.playbook import Playbook
from tests.furnished import Offices
from tests.office import Office
from tests.web.conftest import FRIDAY
from tests.web.outside import RULES, SECRET

SETTINGS: dict[str, Any] = {
    "intake_secret": SECRET,
    "esign_app_secret": "x" * 32,
    "slack_bot_token": "xoxb-none",
    "slack_signing_secret": "0" * 32,
    "slack_api_url": "http://127.0.0.1:9/api/",
    "genjin_web_chat": "on",
}
SEGMENTS = [
    b"website", b"x", b"%00", b"%0a%0d", b"%ff%fe", b"..%2f..%2fetc%2fpasswd", b"%2e%2e", b"..",
    b"%c3%28", b"%F0%9F%92%A9", b"%ED%A0%80", b"a" * 9_000, b"%25%30%30", b"'%20or%201=1--",
    b"{0.__class__}", b"%24%7Bjndi:x%7D", b";", b"C:%5cwindows", b"con", b"x%0d%0aSet-Cookie:a",
]  # fmt: skip
HEADERS = [
    b"Content-Type: application/json\r\nOrigin: http://127.0.0.1",
    b"Content-Type: application/x-www-form-urlencoded",
    b"Content-Type: application/json\r\nContent-Type: text/html",
    b"Content-Type: multipart/form-data; boundary=x",
    b"Content-Type: \xff\xfe; charset=utf-7",
    b"Content-Encoding: gzip\r\nContent-Type: application/json",
    b"Accept-Language: \xff\xfe, zh;q=9999, en;q=nan, *;q=",
    b"Cookie: \xff=\xfe; genjin_chat=\xff; genjin_colleague=\xff.\xfe; =;;;",
    b"X-Slack-Request-Timestamp: abc\r\nX-Slack-Signature: v0=0",
    b"X-Slack-Request-Timestamp: 1709258400\r\nX-Slack-Signature: \xff",
    b"X-Slack-Request-Timestamp: 9999999999999999999999\r\nX-Slack-Signature: v0=0",
    b"X-Genjin-Timestamp: \xb2\r\nX-Genjin-Signature: \xff\r\nX-Genjin-Event-Id: \xff",
    b"X-Genjin-Timestamp: 1709258400\r\nX-Genjin-Signature: sha256=\xe9",
    b"X-Tsign-Open-Signature: \xff\r\nX-Tsign-Open-Timestamp: \xff",
    b"Origin: \xff\r\nReferer: \xff",
    b"X-Forwarded-For: \xff, , 127.0.0.1, [::1, :::",
    b"Range: bytes=9999999999-, -1, 0-0,0-0\r\nIf-Range: x",
    b"If-Modified-Since: yesterday\r\nIf-None-Match: W/\xff",
    b"Last-Event-ID: -1\r\nAccept: text/event-stream",
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x",
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x",
    b"Expect: 100-continue",
    b"X-HTTP-Method-Override: DELETE",
    b"X-Slack-Bolt-Lazy-Only: 1\r\nX-Slack-Bolt-Lazy-Function-Name: x",
]
DEEP = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
BODIES = [
    b"", b"{", b"[]", b"null", b'{"a": NaN}', b'"\\ud800"', DEEP, b"\xff\xfe", b"\0" * 100,
    b"payload=", b"payload=%ff", b"payload=[1]", b"payload=%7B%22type%22:1%7D", b"ssl_check=1",
    b"ssl_check=1&payload=[", b"a=" + b"&a=" * 500, b"%00=%00", b"customer=%00&ticket=%ff",
    gzip.compress(b"0" * 10_000_000), b'{"type": ' + b"9" * 5_000 + b"}", b"x" * 900_000,
]  # fmt: skip
CHUNKED = b"Transfer-Encoding: chunked"
LENGTHS = [b"Content-Length: 99999999999", CHUNKED, b"Content-Length: 5\r\n" + CHUNKED]
PARAMETERS = (b"persona", b"conversation", b"lang", b"locale", b"before", b"after", b"token",
              b"detail")  # fmt: skip
ASKED_FOR = (b"/static", b"/form-assets", b"/p/assets", b"/metrics", b"/health", b"/favicon.ico")
AT_ONCE = 16
METHODS = [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"PATCH", b"CONNECT",
           b"FOO", b"get"]  # fmt: skip


class Street:
    """A stranger before the process' doors."""

    def __init__(self, server: WebServer, paths: list[bytes]) -> None:
        self.port = int(server.address.rpartition(":")[2])
        self.paths = paths

    async def send(self, request: bytes) -> int:
        """The status of the answer; 0 when the line ends without one."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        async with asyncio.timeout(20):
            try:
                writer.write(request)
                line = await reader.readline()
            except ConnectionError:
                line = b""
            finally:
                writer.transport.abort()
        return int(line.split()[1]) if line else 0

    async def ask(self, sent: "Sent") -> int:
        method, path, headers, body = sent
        length = f"Content-Length: {len(body)}\r\n".encode()
        headers = headers + b"\r\n" if headers else b""
        head = method + b" " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers
        return await self.send(head + length + b"\r\n" + body)

    async def ask_all(self, sent: "list[Sent]") -> "dict[Sent, int]":
        """Every one is answered, and none with an error of ours. (503 is no error: a platform
        that is not there says so.)"""
        statuses: dict[Sent, int] = {}
        for start in range(0, len(sent), AT_ONCE):
            some = sent[start : start + AT_ONCE]
            answers = await asyncio.gather(*(self.ask(one) for one in some))
            statuses |= dict(zip(some, answers, strict=True))
        assert {one[:3]: status for one, status in statuses.items() if status in (0, 500)} == {}
        return statuses

    def filled(self, segment: bytes = b"website") -> list[bytes]:
        """Every path, with the same in every place where a stranger may write what they like."""
        return [
            b"/".join(segment if b"{" in part else part for part in path.split(b"/"))
            for path in self.paths
        ]

    def posts(self) -> list[bytes]:
        """The paths that take a body."""
        return [path for path in self.filled() if not path.startswith(ASKED_FOR)]


def paths_of(routes: list[BaseRoute]) -> list[bytes]:
    """Every address, with braces where a stranger may write what they like."""
    found = []
    for route in routes:
        if isinstance(route, Route):
            found.append(route.path.encode())
        elif isinstance(route, Mount):
            found.append(route.path.encode() + b"/{file}")
    return found


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, **SETTINGS) as office:
        office.world.rules(Playbook(intake=RULES))
        yield office


@pytest_asyncio.fixture
async def street(office: Office) -> AsyncIterator[Street]:
    world = office.world
    app = web_app(world.routes, world.health, world.registry)
    limits = ConnectionLimits(head=60, body=60)

    async def nothing() -> None:
        """The streams end with their lines."""

    server = WebServer(app, "127.0.0.1", 0, nothing, limits)
    paths = paths_of(app.routes)
    assert len(paths) > 20, paths
    with structlog.testing.capture_logs() as ours:
        async with server.serving():
            yield Street(server, paths)
    assert [line for line in ours if line["log_level"] == "error"] == []


@pytest.fixture(autouse=True)
def no_errors(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    wrong = [r for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert [(r.getMessage(), r.exc_info) for r in wrong] == []


Sent = tuple[bytes, bytes, bytes, bytes]
"""Method, path, headers and body."""


@pytest.mark.slow
class TestEveryRoute:
    async def test_takes_every_method(self, street: Street) -> None:
        sent = [(method, path, b"", b"") for path in street.filled() for method in METHODS]
        statuses = await street.ask_all(sent)
        assert {statuses[one] for one in sent if one[0] == b"FOO"} <= {400, 403, 404, 405}

    async def test_takes_every_path(self, street: Street) -> None:
        sent: list[Sent] = []
        for segment in SEGMENTS:
            paths = [*street.filled(segment), *(path + b"/" + segment for path in street.filled())]
            query = b"&".join(name + b"=" + segment for name in (segment, *PARAMETERS))
            paths += [path + b"?" + query for path in street.filled()]
            sent += [(b"GET", path, b"", b"") for path in paths if len(path) < 12_000]
        await street.ask_all(sent)

    @pytest.mark.parametrize("database_kind", ["sqlite"])
    async def test_takes_every_header(self, street: Street) -> None:
        await street.ask_all(
            [
                (method, path, headers, b"{}")
                for path in street.filled()
                for headers in HEADERS
                for method in (b"GET", b"POST")
            ]
        )

    async def test_takes_every_body(self, street: Street) -> None:
        posts = [path for path in street.posts() for _ in HEADERS[:2]]
        for body in BODIES:
            await street.ask_all(
                [(b"POST", path, HEADERS[n % 2], body) for n, path in enumerate(posts)]
            )

    @pytest.mark.parametrize("database_kind", ["sqlite"])
    async def test_takes_no_body_without_end(self, street: Street) -> None:
        """Of a told length that is a lie, of none at all, and of both kinds at once."""
        piece = b"ffff\r\n" + b"a" * 65_535 + b"\r\n"
        for path in street.filled():
            head = b"POST " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            for told in LENGTHS:
                head_only = head + HEADERS[0] + b"\r\n" + told + b"\r\n\r\n"
                pieces = 250 if path == b"/api/requests" else 20  # It takes files.
                status = await street.send(head_only + piece * pieces)
                assert 400 <= status < 500, (path, told, status)

    @pytest.mark.parametrize("database_kind", ["sqlite"])
    async def test_is_closed_to_a_client_that_leaves(self, street: Street) -> None:
        for path in street.filled():
            _, writer = await asyncio.open_connection("127.0.0.1", street.port)
            head = b"POST " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            writer.write(head + HEADERS[0] + b"\r\nContent-Length: 999\r\n\r\n{")
            await asyncio.sleep(0)
            writer.transport.abort()
        assert await street.ask((b"GET", b"/form-assets/form.css", b"", b"")) == 200
