"""Connections held open and requests sent byte by byte.

They keep nobody else out, and fill no log. Real sockets; deadlines so short that nothing here waits
for long.
"""

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.http_connections import (
    ConnectionLimits,
    Listener,
    Occupancy,
    Refusals,
    raise_descriptor_limit,
    room_below,
)
from bot.server import WebServer, web_app

PATIENT = ConnectionLimits(head=60, body=60, idle=60, stall=60)
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
HALF_A_BODY = b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\nabc"


async def hello(_request: Request) -> Response:
    return PlainTextResponse("hello")


async def read(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def headers(request: Request) -> Response:
    await request.body()
    return PlainTextResponse(str(request.headers))


async def unread(_request: Request) -> Response:
    return PlainTextResponse("not read", 413)


async def stream(_request: Request) -> Response:
    async def beats() -> AsyncIterator[str]:
        while True:
            yield ": still here\n\n"
            await asyncio.sleep(0.02)

    return StreamingResponse(beats(), media_type="text/event-stream")


async def flood(_request: Request) -> Response:
    async def much() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536
            await asyncio.sleep(0)

    return StreamingResponse(much())


ROUTES = [
    Route("/", hello),
    Route("/read", read, methods=["POST"]),
    Route("/unread", unread, methods=["POST"]),
    Route("/headers", headers, methods=["POST"]),
    Route("/stream", stream),
    Route("/flood", flood),
]


class Edge:
    """A server and the people outside of it."""

    def __init__(self, server: WebServer) -> None:
        self.server = server
        self.host, port = server.address.removeprefix("http://").rsplit(":", 1)
        self.port = int(port)
        self._open: list[asyncio.StreamWriter] = []

    async def connect(self, sent: bytes = b"", source: str = "127.0.0.1") -> "Line":
        reader, writer = await asyncio.open_connection(self.host, self.port, local_addr=(source, 0))
        self._open.append(writer)
        line = Line(reader, writer)
        line.send(sent)
        return line

    async def ask(self, source: str = "127.0.0.1") -> int:
        """A person's request, on a line of its own; gives the status."""
        return await (await self.connect(GET, source)).status()

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not done():  # noqa: ASYNC110 - what it waits for is no event
                await asyncio.sleep(0.01)

    def hang_up(self) -> None:
        for writer in self._open:
            writer.transport.abort()


class Line:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self._writer.write(data)

    async def status(self) -> int:
        """Of the next answer; 0 when the line ends without one. Reads its body, too."""
        async with asyncio.timeout(20):
            try:
                head = await self._reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return 0
            length = next(
                (int(one[15:]) for one in head.lower().split(b"\r\n")
                 if one.startswith(b"content-length:")), 0,
            )  # fmt: skip
            await self._reader.readexactly(length)
        return int(head.split(b" ")[1])

    async def answer(self) -> bytes:
        """The body of the next answer."""
        async with asyncio.timeout(20):
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            return await self._reader.readexactly(length)

    async def line(self) -> bytes:
        async with asyncio.timeout(20):
            return await self._reader.readline()

    async def ended(self) -> bool:
        """Waits for the end of the line; whatever comes before is passed over."""
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionError):
                while await self._reader.read(65_536):
                    pass
        return True

    def is_open(self) -> bool:
        return not self._reader.at_eof()


@asynccontextmanager
async def edge(limits: ConnectionLimits, host: str = "127.0.0.1") -> AsyncIterator[Edge]:
    async def nothing() -> None:
        """Streams here end when their readers hang up."""

    app = web_app(ROUTES, lambda: {"ok": True, "serves": True}, CollectorRegistry())
    server = WebServer(app, host, 0, nothing, limits)
    async with server.serving():
        outside = Edge(server)
        try:
            yield outside
        finally:
            outside.hang_up()


class Logged(logging.Handler):
    """All lines of warnings and worse, ours and the libraries'."""

    def __init__(self, ours: list[Any]) -> None:
        super().__init__(logging.WARNING)
        self.ours = ours
        self.theirs: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.theirs.append(self.format(record))

    def __len__(self) -> int:
        return len(self.ours) + len(self.theirs)


@pytest.fixture
def logged() -> Iterator[Logged]:
    with structlog.testing.capture_logs() as ours:
        keep = Logged(ours)
        logging.getLogger().addHandler(keep)
        yield keep
        logging.getLogger().removeHandler(keep)
        assert "Traceback" not in "".join(keep.theirs)


class TestAThousandLines:
    @pytest.mark.parametrize(
        "sent", [b"", HALF_A_HEAD, HALF_A_BODY], ids=["silent", "head", "body"]
    )
    async def test_held_from_one_address_keep_no_person_out(
        self, logged: Logged, sent: bytes
    ) -> None:
        async with edge(PATIENT) as outside:
            for _ in range(20):
                await asyncio.gather(*(outside.connect(sent) for _ in range(50)))
                assert await outside.ask() == 200
                assert await outside.ask("127.0.0.2") == 200
            assert outside.server.held <= PATIENT.each + 20
        assert len(logged) <= 1

    async def test_held_from_many_addresses_keep_no_person_out(self, logged: Logged) -> None:
        limits = ConnectionLimits(head=60, body=60, idle=60, each=20, total=60)
        async with edge(limits) as outside:
            sources = [f"127.0.1.{n}" for n in range(1, 51)]
            for source in sources:
                await asyncio.gather(*(outside.connect(HALF_A_HEAD, source) for _ in range(20)))
            assert len(outside.server.connections) <= limits.total
            for source in ("127.0.0.2", sources[0]):
                assert await outside.ask(source) == 200
        assert len(logged) <= 2

    async def test_are_let_go_and_leave_no_descriptor_behind(self, logged: Logged) -> None:
        limits = ConnectionLimits(head=0.2, body=0.2, idle=0.2)
        async with edge(limits) as outside:
            for sent in (b"", HALF_A_HEAD, HALF_A_BODY) * 20:
                await asyncio.gather(*(outside.connect(sent) for _ in range(17)))
            await outside.until(lambda: not outside.server.connections)
            assert outside.server.held == 0
            assert await outside.ask() == 200
        assert len(logged) <= 1

    async def test_that_are_answered_are_the_only_ones_to_be_refused(self) -> None:
        limits = ConnectionLimits(each=3, total=5)
        async with edge(limits) as outside:
            streams = [
                await outside.connect(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n") for _ in "abc"
            ]
            for one in streams:
                assert b"200" in await one.line()
            assert await outside.ask() == 503
            assert await outside.ask("127.0.0.2") == 200
            assert all(one.is_open() for one in streams)

    async def test_of_a_trusted_proxy_are_many_people(self) -> None:
        limits = ConnectionLimits(each=3, total=50, trusted=("127.0.0.1/32",))
        async with edge(limits) as outside:
            lines = [await outside.connect(HALF_A_HEAD) for _ in range(20)]
            assert await outside.ask() == 200
            assert all(line.is_open() for line in lines)


class TestDeadlines:
    async def test_headers_drop_by_drop_are_not_waited_for(self) -> None:
        async with edge(ConnectionLimits(head=0.2)) as outside:
            line = await outside.connect(HALF_A_HEAD)
            status = asyncio.create_task(line.status())
            while not status.done():
                line.send(b"a")
                await asyncio.sleep(0.02)
            assert await status == 408
            assert await line.ended()

    @pytest.mark.parametrize(
        ("head", "piece"),
        [
            (b"Content-Length: 60000\r\n\r\n", b"a"),
            (b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
            (b"Transfer-Encoding: chunked\r\n\r\n1;", b"a"),
            (b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"a: b\r\n"),
        ],
        ids=["length", "chunks", "extension", "trailers"],
    )
    async def test_a_body_drop_by_drop_is_not_waited_for(
        self, logged: Logged, head: bytes, piece: bytes
    ) -> None:
        async with edge(ConnectionLimits(body=0.2)) as outside:
            line = await outside.connect(b"POST /read HTTP/1.1\r\nHost: x\r\n" + head)
            status = asyncio.create_task(line.status())
            while not status.done():
                line.send(piece)
                await asyncio.sleep(0.02)
            assert await status == 408
            assert await line.ended()
        assert len(logged) == 1

    async def test_a_body_that_keeps_coming_is_taken(self) -> None:
        async with edge(ConnectionLimits(body=0.4, body_rate=1_000)) as outside:
            head = b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n"
            line = await outside.connect(head)
            for _ in range(10):
                line.send(b"a" * 2_000)
                await asyncio.sleep(0.06)
            assert await line.status() == 200

    async def test_the_rest_of_an_answered_body_is_not_waited_for(self) -> None:
        async with edge(ConnectionLimits(head=0.2, body=0.2)) as outside:
            line = await outside.connect(HALF_A_BODY.replace(b"/read", b"/unread"))
            assert await line.status() == 413
            ended = asyncio.create_task(line.ended())
            while not ended.done():
                line.send(b"a")
                await asyncio.sleep(0.02)

    async def test_an_idle_line_ends_and_a_busy_one_does_not(self) -> None:
        async with edge(ConnectionLimits(idle=1, head=1)) as outside:
            line = await outside.connect()
            for _ in range(6):
                line.send(GET)
                assert await line.status() == 200
                await asyncio.sleep(0.2)
            assert await line.ended()

    async def test_a_stream_outlives_them(self) -> None:
        async with edge(ConnectionLimits(head=0.1, body=0.1, idle=0.1, stall=0.1)) as outside:
            line = await outside.connect(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            for _ in range(60):
                assert await line.line()

    async def test_a_reader_who_takes_nothing_is_let_go(self, logged: Logged) -> None:
        async with edge(ConnectionLimits(stall=0.2)) as outside:
            client = socket.create_connection((outside.host, outside.port))
            client.sendall(b"GET /flood HTTP/1.1\r\nHost: x\r\n\r\n")
            await outside.until(lambda: bool(outside.server.connections))
            await outside.until(lambda: not outside.server.connections)
            client.close()
        assert len(logged) == 1


class TestNoHttp:
    @pytest.mark.parametrize(
        "sent",
        [
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000,
            b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 20_000 + b"\r\n",
            b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
            b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nX: \0\r\n\r\n",
            b"\0" * 70_000,
        ],
        ids=range(15),
    )
    async def test_is_answered_and_never_a_line_each(self, logged: Logged, sent: bytes) -> None:
        async with edge(PATIENT) as outside:
            for _ in range(5):
                line = await outside.connect(sent)
                assert await line.status() in (0, 400, 404)
                assert await line.ended()
            assert await outside.ask() == 200
        assert len(logged) <= 1

    @pytest.mark.parametrize("path", [b"/stream", b"/read"])
    async def test_after_a_request_has_begun_is_no_traceback(
        self, logged: Logged, path: bytes
    ) -> None:
        async with edge(PATIENT) as outside:
            method = b"POST" if path == b"/read" else b"GET"
            line = await outside.connect(
                method + b" " + path + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            if path == b"/stream":
                assert b"200" in await line.line()
            line.send(b"zz\r\n")
            assert await line.ended()
            await outside.until(lambda: not outside.server.connections)
        assert len(logged) <= 1

    async def test_far_ahead_of_the_answer_is_not_kept(self, logged: Logged) -> None:
        async with edge(PATIENT) as outside:
            line = await outside.connect(GET * 50)
            for _ in range(50):
                assert await line.status() == 200
            line = await outside.connect(GET + b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000)
            assert await line.ended()
        assert len(logged) == 1

    async def test_a_client_that_goes_away_is_not_reported(self, logged: Logged) -> None:
        async with edge(PATIENT) as outside:
            for _ in range(20):
                line = await outside.connect(HALF_A_BODY)
                await outside.until(lambda: bool(outside.server.connections))
                line._writer.transport.abort()
            await outside.until(lambda: not outside.server.connections)
        assert len(logged) == 0

    async def test_an_upgrade_is_passed_over(self, logged: Logged) -> None:
        async with edge(PATIENT) as outside:
            upgrade = b"Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            for _ in range(3):
                line = await outside.connect(GET[:-2] + upgrade + b"\r\n")
                assert await line.status() == 200
        assert len(logged) == 0


POST = b"POST /read HTTP/1.1\r\nHost: x\r\n"
CHUNKS = POST + b"Transfer-Encoding: chunked\r\n\r\n"


class TestOneReading:
    """What a proxy on the way may read in another way is refused, or read in the strictest way."""

    @pytest.mark.parametrize(
        "sent",
        [
            POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
            POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
            POST + b"Content-Length: 3, 3\r\n\r\nabc",
            POST + b"Content-Length: +3\r\n\r\nabc",
            POST + b"Content-Length: 0x3\r\n\r\nabc",
            POST + b"Content-Length:\r\n\r\nabc",
            POST + b"Content-Length : 3\r\n\r\nabc",
            POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            POST + b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
            POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            CHUNKS + b"+1\r\na\r\n0\r\n\r\n",
            CHUNKS + b"0x1\r\na\r\n0\r\n\r\n",
            CHUNKS + b"1\na\n0\n\n",
            CHUNKS + b"1;a\nb\r\na\r\n0\r\n\r\n",
            CHUNKS + b"f" * 17 + b"\r\na\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\nHost: x\n\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
            b"GET / HTTP/0.9\r\nHost: x\r\n\r\n",
            b"GET /\r\n\r\n",
            b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
            b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
            b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 101 + b"\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 90_000 + b"\r\n\r\n",
        ],
    )
    async def test_refuses_the_request_and_what_follows_it(
        self, logged: Logged, sent: bytes
    ) -> None:
        async with edge(PATIENT) as outside:
            line = await outside.connect(sent + GET)
            assert await line.status() == 400
            assert await line.ended()
        assert len(logged) == 1

    async def test_takes_no_trailer_for_a_header(self) -> None:
        async with edge(PATIENT) as outside:
            sent = CHUNKS.replace(b"/read", b"/headers") + b"1\r\na\r\n0\r\nX-Late: y\r\n\r\n"
            line = await outside.connect(sent)
            assert b"late" not in await line.answer()

    @pytest.mark.parametrize("sent", [b"0\r\nX: ", b"1;x=", b"0\r\n"])
    async def test_keeps_no_endless_trailer_or_extension(self, logged: Logged, sent: bytes) -> None:
        more = b"X: a\r\n" if sent.endswith(b"\n") else b"aaaaaa"
        async with edge(PATIENT) as outside:
            line = await outside.connect(CHUNKS + sent)
            line.send(more * 30_000)
            assert await line.status() in (0, 400)
            assert await line.ended()
        assert len(logged) == 1

    @pytest.mark.parametrize("piece", [10_000, 7])
    async def test_reads_the_body_of_a_request_that_asks_to_upgrade(self, piece: int) -> None:
        """Java's client asks for HTTP/2 in this way with its first request, whatever that is."""
        asks = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"
        body = b"Content-Length: 3\r\n\r\nabc"
        chunks = b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        sent = POST + asks + body + POST + asks + chunks + GET[:-2] + asks + b"\r\n" + POST + body
        async with edge(PATIENT) as outside:
            line = await outside.connect()
            for start in range(0, len(sent), piece):
                line.send(sent[start : start + piece])
                await asyncio.sleep(0)
            assert [await line.answer() for _ in range(4)] == [b"3", b"3", b"hello", b"3"]

    async def test_answers_before_it_refuses_what_comes_after(self, logged: Logged) -> None:
        async with edge(PATIENT) as outside:
            line = await outside.connect(GET + GET + b"GET / HTTP/9\r\n\r\n")
            assert await line.answer() == b"hello"
            assert await line.ended()
        assert len(logged) == 1

    async def test_ends_a_stream_whose_reader_left_with_more_requests_waiting(self) -> None:
        async with edge(PATIENT) as outside:
            line = await outside.connect(GET.replace(b"/ ", b"/stream ") + GET)
            assert b"200" in await line.line()
            line._writer.transport.abort()
            await outside.until(lambda: not outside.server.requests)


class Exhausted(socket.socket):
    """A machine that has no descriptors left for a while."""

    left = 3

    def accept(self) -> Any:
        if self.left:
            self.left -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


class TestDescriptors:
    async def test_when_there_are_none_one_line_says_so_and_it_goes_on(
        self, logged: Logged
    ) -> None:
        refusals = Refusals()
        occupancy = Occupancy(10, 10, (), refusals)
        answered = asyncio.Event()

        class Taken(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                answered.set()
                transport.close()

        listening = Exhausted()
        listening.bind(("127.0.0.1", 0))
        listener = Listener(listening, occupancy, refusals, lambda _: Taken(), pause=0.01)  # type: ignore[arg-type,return-value]
        listener.start(10)
        client = socket.create_connection(listening.getsockname())
        async with asyncio.timeout(20):
            await answered.wait()
        listener.close()
        listening.close()
        client.close()
        refusals.close()
        assert [(line["event"], line["no_descriptors"]) for line in logged.ours] == [
            ("http.connections_refused", 1)
        ]

    def test_as_many_as_may_be_are_used_and_some_are_left(self) -> None:
        assert raise_descriptor_limit() >= 256
        assert room_below(65_536) == 65_280
        assert room_below(1_024) == 768
        assert room_below(256) == 128
        assert room_below(1) == 1
