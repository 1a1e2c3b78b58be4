"""Limits the HTTP connections of one client address and of all together.

So clients that hold connections open keep nobody else out. How long one of them may take is the
business of ``bot/http_protocol.py``. Knows nothing of routes.
"""

import asyncio
import contextlib
import errno
import socket
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Final, Protocol

import structlog

from bot.addresses import block_of, parse_address

try:
    import resource
except ImportError:  # pragma: no cover - Windows has no such limit
    resource = None  # type: ignore[assignment]

log = structlog.get_logger(__name__)
_MOST_DESCRIPTORS: Final = 65_536
_RESERVE: Final = 256
"""Descriptors left to the database, the platforms, files and a batch of fresh connections."""
_BATCH: Final = 64
_OUT_OF_RESOURCES: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_BUSY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """Connection limits, with times in seconds.

    ``head`` is for all headers of a request, ``idle`` between two requests. A body gets ``body``
    and one more second for each ``body_rate`` bytes received. ``stall`` is how long a response may
    wait for a client that reads none of it.

    ``each`` and ``total`` limit connections, by address (IPv6: by /64) and overall; ``trusted``
    networks count only towards the total, since many people come from there.
    """

    head: float = 10.0
    body: float = 20.0
    body_rate: float = 4_000.0
    idle: float = 5.0
    stall: float = 30.0
    each: int = 200
    total: int = 2_000
    trusted: tuple[str, ...] = ()
    pause: float = 0.5
    """How long no connection is accepted when the machine has no descriptors left."""


def raise_descriptor_limit() -> int:
    """Raise the file descriptor limit to what this machine allows; returns the number."""
    if resource is None:
        return _MOST_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return _MOST_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (ValueError, OSError):  # macOS reports a higher limit than it allows.
        return soft
    return most


def room_below(descriptors: int) -> int:
    """The number of connections that fit within this many descriptors."""
    return max(descriptors - _RESERVE, descriptors // 2, 1)


class Refusals:
    """Logs a line when connections are first refused, then one a minute while it goes on.

    Each line has the count and the reasons.
    """

    def __init__(self, every: float = 60.0) -> None:
        self._every = every
        self._counts: dict[str, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def note(self, reason: str) -> None:
        self._counts[reason] = self._counts.get(reason, 0) + 1
        if self._timer is None:
            self._log_refused()

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _log_refused(self) -> None:
        self._timer = None
        if self._counts:
            log.warning("http.connections_refused", **self._counts)
            self._counts.clear()
            self._timer = asyncio.get_running_loop().call_later(self._every, self._log_refused)


class Droppable(Protocol):
    """A connection that may be dropped to make room."""

    def drop(self) -> None: ...


class SlotHolder(asyncio.Protocol):
    """A connection that holds a slot."""

    def leave(self) -> None:
        """Release the slot; calling it more than once is harmless."""
        raise NotImplementedError


@dataclass(slots=True)
class _Block:
    """The connections of one address.

    ``waiting`` are those waiting for the client to send something, oldest first.
    """

    count: int = 0
    waiting: "OrderedDict[Droppable, None]" = field(default_factory=OrderedDict)


class Occupancy:
    """Tracks who holds how many connections.

    A new connection replaces the one that has waited longest for its client, so that people are
    served while somebody holds connections open.
    """

    def __init__(self, each: int, total: int, trusted: Iterable[str], refusals: Refusals) -> None:
        self._each = each
        self._total = total
        self._trusted = [ip_network(network) for network in trusted]
        self._refusals = refusals
        self._blocks: dict[str, _Block] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def enter(self, host: str) -> str | None:
        """Take a slot; returns the block it counts for, or None if none is available."""
        name = block_of(host)
        block = self._blocks.get(name)
        if block and block.count >= self._each and not self._is_trusted(host):
            if not self._make_room(block, "too_many_of_one_address"):
                return None
        elif self._count >= self._total and not self._make_room_anywhere():
            return None
        self._blocks.setdefault(name, _Block()).count += 1
        self._count += 1
        return name

    def leave(self, name: str) -> None:
        self._count -= 1
        block = self._blocks[name]
        block.count -= 1
        if not block.count:
            del self._blocks[name]

    def waits(self, name: str, connection: Droppable) -> None:
        """Mark a connection as waiting: the client has to send something first."""
        self._blocks[name].waiting[connection] = None
        self._blocks[name].waiting.move_to_end(connection)

    def works(self, name: str, connection: Droppable) -> None:
        """Mark a connection as busy with a request, or gone."""
        self._blocks[name].waiting.pop(connection, None)

    def free(self, places: int) -> None:
        """Drop ``places`` waiting connections, because the machine has run out of resources."""
        for _ in range(places):
            if not self._make_room_anywhere():
                return

    def _make_room_anywhere(self) -> bool:
        crowded = max(self._blocks, key=lambda name: len(self._blocks[name].waiting), default="")
        if not crowded:
            return False
        return self._make_room(self._blocks[crowded], "too_many")

    def _make_room(self, block: _Block, reason: str) -> bool:
        self._refusals.note(reason)
        if not block.waiting:
            return False
        # Released at once, although its end is only reported later.
        next(iter(block.waiting)).drop()
        return True

    def _is_trusted(self, host: str) -> bool:
        address = parse_address(host)
        return address is not None and any(address in network for network in self._trusted)


class Listener:
    """Accepts connections.

    Unlike asyncio's own it counts before it accepts, and when there are no descriptors left it logs
    one line, and waits. ``make`` creates a connection's protocol.
    """

    def __init__(
        self,
        listener: socket.socket,
        occupancy: Occupancy,
        refusals: Refusals,
        make: Callable[[str], "SlotHolder"],
        pause: float,
    ) -> None:
        self._socket = listener
        self._occupancy = occupancy
        self._refusals = refusals
        self._make = make
        self._pause = pause
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._opening: set[asyncio.Task[None]] = set()

    def start(self, backlog: int) -> None:
        self._socket.setblocking(False)
        self._socket.listen(backlog)
        self._listen()

    def close(self) -> None:
        """Stop listening; part of what uvicorn expects of a server."""
        if self._timer:
            self._timer.cancel()
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)

    async def wait_closed(self) -> None:
        """Part of what uvicorn expects of a server; it waits for the connections itself."""
        await asyncio.gather(*self._opening, return_exceptions=True)

    def _listen(self) -> None:
        self._timer = None
        self._loop.add_reader(self._socket, self._accept)

    def _accept(self) -> None:
        for _ in range(_BATCH):
            try:
                accepted, address = self._socket.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionAbortedError:
                continue
            except OSError as error:
                self._wait(error)
                return
            self._take(accepted, str(address[0]))

    def _wait(self, error: OSError) -> None:
        """Pause: resources the machine has run out of do not come back by retrying at once."""
        exhausted = error.errno in _OUT_OF_RESOURCES
        self._refusals.note("no_descriptors" if exhausted else f"errno_{error.errno}")
        self._occupancy.free(_BATCH)
        self._loop.remove_reader(self._socket)
        self._timer = self._loop.call_later(self._pause, self._listen)

    def _take(self, accepted: socket.socket, host: str) -> None:
        block = self._occupancy.enter(host)
        if block is None:
            accepted.setblocking(False)
            with contextlib.suppress(OSError):
                accepted.send(_BUSY)
            accepted.close()
            return
        task = self._loop.create_task(self._open(accepted, block))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open(self, accepted: socket.socket, block: str) -> None:
        protocol = self._make(block)
        try:
            _end_when_dead(accepted)
            await self._loop.connect_accepted_socket(lambda: protocol, accepted)
        except OSError:  # The client was already gone.
            accepted.close()
            protocol.leave()


def _end_when_dead(accepted: socket.socket) -> None:
    """Enable keep-alive probes.

    A closed laptop sends no goodbye: its connection ends after a minute instead of hours.
    """
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", 60),
        ("TCP_KEEPINTVL", 15),
        ("TCP_KEEPCNT", 4),
        ("TCP_USER_TIMEOUT", 60_000),
    ):
        if option := getattr(socket, name, None):
            with contextlib.suppress(OSError):
                accepted.setsockopt(socket.IPPROTO_TCP, option, value)
