"""Works out which address a request comes from: the socket's peer or a proxy's client.

The peer and the client that a trusted proxy names are kept apart. Rate limits count by client;
whether somebody is at this machine is decided by the peer alone, which no header can change.
"""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeAlias

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

log = structlog.get_logger(__name__)
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_PEER: Final = "genjin.peer"
_FORWARDED: Final = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "x-original-host",
     "x-host", "true-client-ip", "cf-connecting-ip", "fastly-client-ip"}
)  # fmt: skip


@lru_cache(maxsize=1024)
def parse_address(host: str) -> Address | None:
    """Parse an address; None if it is not one. An IPv4 address written as IPv6 becomes IPv4."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def is_loopback(host: str) -> bool:
    """Whether a host to listen on, or a peer, is this machine and nothing else."""
    address = parse_address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def block_of(host: str) -> str:
    """The block that counts as one visitor: an IPv4 address, or the /64 of an IPv6 household."""
    address = parse_address(host)
    if address is None:
        return host
    if address.version == 6:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return str(address)


def parse_networks(text: str) -> tuple[str, ...]:
    """Parse addresses and networks separated by commas; raises ValueError for anything else."""
    parts = filter(None, (part.strip() for part in text.split(",")))
    return tuple(str(ipaddress.ip_network(part, strict=False)) for part in parts)


def peer_of(scope: Scope) -> str:
    """The other end of the socket; "" when there is none."""
    client = scope.get("client")
    return str(scope.get(_PEER, client[0] if client else ""))


def client_of(scope: Scope) -> str:
    """The visitor as named by trusted proxies, else the peer; "" if there is neither."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def is_forwarded(headers: Headers) -> bool:
    """Whether the headers say that something between the client and us forwarded the request."""
    return any(name in _FORWARDED or name.startswith("x-forwarded") for name in headers)


class ClientAddress:
    """Sets the client and the scheme that a trusted proxy names; ``peer_of`` still gives the peer.
    ``trusted`` are networks as ``parse_networks`` gives them."""

    def __init__(self, app: ASGIApp, trusted: Sequence[str] = ()) -> None:
        # uvicorn declares its own types, of the same shape.
        self._trusted = [ipaddress.ip_network(network) for network in trusted]
        self._warned = False
        self._app: ASGIApp = ProxyHeadersMiddleware(app, list(trusted)) if trusted else app  # type: ignore[arg-type,assignment]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if client := scope.get("client"):
            host = str(parse_address(client[0]) or client[0])
            scope[_PEER], scope["client"] = host, (host, client[1])
            self._warn(host, Headers(scope=scope))
        await self._app(scope, receive, send)

    def _warn(self, host: str, headers: Headers) -> None:
        """Warn once that a nearby proxy is not trusted: all its visitors share one rate limit."""
        address = None if self._warned else parse_address(host)
        if address is None or not address.is_private or not is_forwarded(headers):
            return
        if not any(address in network for network in self._trusted):
            self._warned = True
            log.warning("http.proxy_not_trusted", peer=host, setting="GENJIN_TRUSTED_PROXIES")
