"""Reads HTTP from one connection: what counts as a request, and how long each part may take.

Uvicorn's protocol over httptools, with what it lacks: deadlines for headers, bodies and reading,
bounds on headers, and refusal of what proxies and servers understand differently. Knows nothing of
routes.
"""

import asyncio
import logging
from enum import Enum, auto
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.http_connections import ConnectionLimits, Occupancy, Refusals, SlotHolder

_ERRORS_ALONE: Final = logging.getLogger("uvicorn.error.http")
_ERRORS_ALONE.setLevel(logging.ERROR)
_PIECE: Final = 16_384
_UNDIGESTED: Final = 65_536
"""Bytes of all headers of one request, or of whatever else stands between pieces of a body."""
_HEADERS: Final = 100
_AHEAD: Final = 100
"""Requests that wait for the answer to an earlier one of the same connection."""
_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_FRAMING: Final = {b"content-length", b"transfer-encoding"}


class RequestReader(HttpToolsProtocol):
    """Uvicorn's protocol, as strict as a server should be that may stand alone.

    What outsiders send that is not HTTP gets a response and is counted but, however often it comes,
    does not log a line each time. httptools parses requests ahead of the answer to an earlier one:
    ``cycle`` is the newest, ``answering`` the one whose turn it is (None before the first).
    """

    refusals: Refusals

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.logger = _ERRORS_ALONE
        self.answering: Any = None
        self._undigested = 0
        self._is_head = False
        self._repeats_head = False
        self._deaf = False

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        rest: bytes | None = data
        try:
            while rest is not None and not self._deaf:
                rest = self._feed(rest)
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
            return
        self._undigested += len(data)
        if self._undigested > _UNDIGESTED:
            self.send_400_response("Too large.")

    def drop(self) -> None:
        """End the connection without another word."""
        self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        # Uvicorn tells the newest request only, and would have a stream go on for ever.
        if self.answering is not None and not self.answering.response_complete:
            self.answering.disconnected = True
            self.answering.message_event.set()
        self.pipeline.clear()
        super().connection_lost(error)

    def on_message_begin(self) -> None:
        if not self._repeats_head:
            self._is_head = True
            super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self._repeats_head:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._is_head:  # Trailers come later, and nobody reads them.
            if len(self.headers) >= _HEADERS:
                raise ValueError("too many headers")
            super().on_header(name, value.rstrip(b" \t"))

    def on_headers_complete(self) -> None:
        if self._repeats_head:
            return
        self._is_head, self._undigested = False, 0
        self._check_head()
        if len(self.pipeline) >= _AHEAD:
            self.refusals.note("too_far_ahead")
            self.drop()
            raise ValueError("too far ahead")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._undigested = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._undigested = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self.refusals.note("no_http")
        if self.transport.is_closing():
            return
        self._deaf = True
        answering = self.answering
        if answering is None or answering.response_complete:
            super().send_400_response(msg)
        elif answering is not self.cycle or not answering.more_body:
            # A later request is the unreadable one: this one still gets its answer, as the last.
            answering.keep_alive = False
            self.pipeline.clear()
        else:
            # The code that handles the request must not respond a second time.
            answering.disconnected = True
            answering.message_event.set()
            if answering.response_started:
                self.drop()
            else:
                super().send_400_response(msg)

    def _feed(self, data: bytes) -> bytes | None:
        """Parse ``data``; gives what is left of it after a request to upgrade.

        Such a request is answered as if it had not asked (RFC 9110, 7.8), but the parser stops
        after its headers, as if the rest were in another protocol, and would take its body for
        nothing. A new parser, told the framing again, reads on.
        """
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as stopped:
            self.parser = httptools.HttpRequestParser(self)
            framing = [b"%b: %b\r\n" % header for header in self.headers if header[0] in _FRAMING]
            self.cycle.more_body = True
            self._repeats_head = True
            try:
                self.parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % b"".join(framing))
            finally:
                self._repeats_head = False
            return data[stopped.args[0] :]
        return None

    def _check_head(self) -> None:
        """Raise ValueError for what another server on the way may read as something else.

        llhttp refuses most of that itself: two lengths, a length beside chunks, bare line feeds,
        folded headers.
        """
        version = self.parser.get_http_version()
        if version not in ("1.0", "1.1"):
            raise ValueError("another version")
        if not self.url.startswith(b"/"):
            raise ValueError("not a path")
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (version == "1.1" and not hosts):
            raise ValueError("not one host")
        codings = [value.lower() for name, value in self.headers if name == b"transfer-encoding"]
        if codings and (codings != [b"chunked"] or version == "1.0"):
            raise ValueError("another transfer encoding")

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self.answering = cycle
        super()._start_asgi_task(cycle, app)


class Phase(Enum):
    """What a connection waits for."""

    HEAD = auto()
    BODY = auto()
    ANSWER = auto()
    IDLE = auto()


class HttpProtocol(RequestReader, SlotHolder):
    """A connection with deadlines, in its slot."""

    limits: ConnectionLimits
    occupancy: Occupancy
    block: str

    def occupy(
        self, limits: ConnectionLimits, occupancy: Occupancy, refusals: Refusals, block: str
    ) -> None:
        """Called once, before the connection is made."""
        self.limits, self.occupancy, self.refusals = limits, occupancy, refusals
        self.block = block
        self._phase: Phase | None = None
        self._began = 0.0
        self._received = 0
        self._timer: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._is_in = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type] # As uvicorn declares it.
        self._enter(Phase.HEAD)

    def data_received(self, data: bytes) -> None:
        """Pass data on in pieces, since the header limit is only checked between two of them."""
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            self._received += len(piece)
            super().data_received(piece)
            self._watch(heard=True)
            if self._phase is Phase.ANSWER and self._received > _PIECE:
                # Pipelined requests wait unread for this one's response, but only up to a limit.
                self.refusals.note("too_far_ahead")
                self.drop()
            if self.transport.is_closing():
                return

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch(heard=False)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = self.loop.call_later(self.limits.stall, self._end, "reads_nothing")

    def resume_writing(self) -> None:
        super().resume_writing()
        self._forget_stall()

    def connection_lost(self, error: Exception | None) -> None:
        self.leave()
        super().connection_lost(error)

    def drop(self) -> None:
        """Make room for somebody else."""
        self.leave()
        super().drop()

    def shutdown(self) -> None:
        """Finish the response under way, without waiting for anything else: the process ends."""
        if self._phase is Phase.BODY:
            self.drop()
        else:
            super().shutdown()

    def _watch(self, *, heard: bool) -> None:
        """Update what the connection waits for; a deadline runs from when that began."""
        if self.answering is None:
            phase = Phase.HEAD
        elif self.answering.response_complete:
            # After a response comes the next request, or the rest of an unwanted body.
            phase = Phase.HEAD if heard or self._phase is Phase.HEAD else Phase.IDLE
        else:
            phase = Phase.BODY if self.answering.more_body else Phase.ANSWER
        if phase is not self._phase and self._is_in:
            self._enter(phase)

    def _enter(self, phase: Phase) -> None:
        self._phase, self._began, self._received = phase, self.loop.time(), 0
        self._forget_deadline()
        if phase is Phase.ANSWER:
            self.occupancy.works(self.block, self)
            return
        self.occupancy.waits(self.block, self)
        seconds = {Phase.HEAD: self.limits.head, Phase.BODY: self.limits.body}.get(phase)
        if seconds is not None:  # Uvicorn ends idle connections.
            self._timer = self.loop.call_later(seconds, self._on_deadline)

    def _on_deadline(self) -> None:
        """End the connection, unless a body has earned more time.

        It earns time by what arrived, and while we paused reading.
        """
        self._timer = None
        if self._phase is Phase.BODY:
            earned = self.limits.body + self._received / self.limits.body_rate
            left = self._began + earned - self.loop.time()
            if self.flow.read_paused:
                left = max(left, self.limits.body)
            if left > 0:
                self._timer = self.loop.call_later(left, self._on_deadline)
                return
        self._end("slow_body" if self._phase is Phase.BODY else "slow_headers")

    def _end(self, reason: str) -> None:
        self.refusals.note(reason)
        started = self.answering is not None and self.answering.response_started
        if reason == "reads_nothing" or (self._phase is Phase.BODY and started):
            self.drop()
            return
        if self._received:
            self.transport.write(_TOO_SLOW)
        self.leave()
        self.transport.close()

    def leave(self) -> None:
        """Release the slot; calling it more than once is harmless."""
        if self._is_in:
            self._is_in = False
            self._forget_deadline()
            self._forget_stall()
            self.occupancy.works(self.block, self)
            self.occupancy.leave(self.block)

    def _forget_deadline(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _forget_stall(self) -> None:
        if self._stalled:
            self._stalled.cancel()
            self._stalled = None
