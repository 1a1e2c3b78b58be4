"""Client addresses: whose address counts for rate limits and whose for local access."""

from typing import Any, cast

import pytest
import structlog
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from bot.addresses import (
    ClientAddress,
    block_of,
    client_of,
    is_forwarded,
    is_loopback,
    parse_networks,
    peer_of,
)


class TestIsLoopback:
    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "localhost",
         "LocalHost"],
    )  # fmt: skip
    def test_this_machine(self, host: str) -> None:
        assert is_loopback(host)

    @pytest.mark.parametrize(
        "host",
        ["", "0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1%lo", "::2", "127.1",
         "127.0.0.1.example", "localhost.example", "testclient", "unix:", "[::1]", "127.0.0.01"],
    )  # fmt: skip
    def test_any_other(self, host: str) -> None:
        assert not is_loopback(host)


class TestBlockOf:
    @pytest.mark.parametrize(
        ("host", "block"),
        [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("fe80::1%eth0", "fe80::/64"),
            ("unknown", "unknown"),
            ("", ""),
        ],
    )
    def test_is_what_one_visitor_has(self, host: str, block: str) -> None:
        assert block_of(host) == block


class TestIsForwarded:
    @pytest.mark.parametrize(
        "name", ["X-Forwarded-For", "x-forwarded-ssl", "Forwarded", "VIA", "X-Real-IP"]
    )
    def test_by_what_proxies_add(self, name: str) -> None:
        assert is_forwarded(Headers({"accept": "*/*", name: ""}))

    def test_not_by_what_browsers_send(self) -> None:
        sent = {"host": "127.0.0.1", "origin": "http://127.0.0.1", "connection": "close"}
        assert not is_forwarded(Headers(sent))


async def seen(peer: str | None, trusted: tuple[str, ...], *forwarded: str) -> tuple[str, str, str]:
    """The client, the peer and the scheme that a route sees."""
    found: list[tuple[str, str, str]] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        found.append((client_of(scope), peer_of(scope), scope["scheme"]))

    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    headers.append((b"x-forwarded-proto", b"https"))
    client = (peer, 1) if peer is not None else None
    scope = {"type": "http", "scheme": "http", "headers": headers, "client": client}
    never: Any = None
    await ClientAddress(app, parse_networks(",".join(trusted)))(scope, never, never)
    return found[0]


class TestClientAddress:
    async def test_is_the_peers_unless_a_proxy_is_trusted(self) -> None:
        assert await seen("127.0.0.1", (), "203.0.113.7") == ("127.0.0.1", "127.0.0.1", "http")
        trusted = ("10.0.0.0/8",)
        assert (await seen("192.0.2.7", trusted, "203.0.113.7"))[0] == "192.0.2.7"

    @pytest.mark.parametrize("peer", ["10.1.2.3", "::ffff:10.1.2.3"])
    async def test_is_what_a_trusted_proxy_names(self, peer: str) -> None:
        found = await seen(peer, ("10.0.0.0/8",), "203.0.113.7")
        assert found == ("203.0.113.7", "10.1.2.3", "https")

    async def test_is_the_last_that_no_proxy_of_ours_is(self) -> None:
        trusted = ("10.0.0.0/8",)
        forged = "127.0.0.1, 203.0.113.7, 10.9.9.9"
        assert (await seen("10.1.2.3", trusted, forged))[0] == "203.0.113.7"
        assert (await seen("10.1.2.3", trusted, "127.0.0.1", "203.0.113.7"))[0] == "203.0.113.7"

    async def test_never_changes_the_peer(self) -> None:
        for trusted in ((), ("0.0.0.0/0", "::/0")):
            for peer in ("192.0.2.7", "2001:db8::7"):
                assert (await seen(peer, trusted, "127.0.0.1"))[1] == peer

    @pytest.mark.parametrize(
        ("peer", "trusted", "lines"),
        [
            ("127.0.0.1", (), 1),
            ("10.1.2.3", ("127.0.0.1",), 1),
            ("10.1.2.3", ("10.0.0.0/8",), 0),
            ("8.8.8.8", (), 0),  # anybody may write the header
        ],
    )
    async def test_a_proxy_nearby_that_is_not_trusted_is_told_of_once(
        self, peer: str, trusted: tuple[str, ...], lines: int
    ) -> None:
        async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
            """Nothing is answered."""

        layer, never = ClientAddress(app, parse_networks(",".join(trusted))), cast("Any", None)
        with structlog.testing.capture_logs() as logged:
            for _ in range(3):
                headers = [(b"x-forwarded-for", b"203.0.113.7")]
                scope = {"type": "http", "scheme": "http", "headers": headers, "client": (peer, 1)}
                await layer(scope, never, never)
        assert [line["event"] for line in logged] == ["http.proxy_not_trusted"] * lines

    async def test_there_may_be_none(self) -> None:
        assert await seen(None, ("10.0.0.0/8",), "127.0.0.1") == ("", "", "http")
