"""From where the web chat can be reached: the socket's peer counts, never what a header says."""

import re
import socket
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry

from bot.addresses import is_loopback
from bot.platforms.web import WebPlatform
from bot.platforms.web.access import COOKIE, MOST_WRONG, WINDOW, Access, stored_token
from bot.public_web.pages import assets
from bot.server import WebServer, web_app
from tests.clock import MovableClock
from tests.conversations.web import loopback_client
from tests.platforms.memory import KeptMemory
from tests.platforms.web.company import CHANNELS, engine_at, language, personas, transcripts_on
from tests.platforms.web.script import Script

PATHS = [
    "/",
    "/static/js/main.js",
    "/favicon.ico",
    "/api/setup",
    "/api/conversations?persona=alex",
    "/api/messages?persona=alex&conversation=dm:alex",
    "/api/events?persona=alex",
    "/api/files/x?persona=alex",
]
HERE = ("127.0.0.1", 4711)
ELSEWHERE = ("192.0.2.7", 4711)
TOKEN = "a-token-of-the-tests-" + "x" * 16
FORWARDED = [
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-Host": "genjin.example"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded": "for=127.0.0.1"},
    {"Forwarded": "for=127.0.0.1"},
    {"X-Real-IP": "127.0.0.1"},
    {"X-Client-IP": "127.0.0.1"},
    {"CF-Connecting-IP": "127.0.0.1"},
    {"Via": "1.1 proxy"},
]


class Chat:
    """The web chat's application, asked from any address one likes."""

    def __init__(
        self, folder: Path, access: Access | None, clock: MovableClock, trusted: tuple[str, ...]
    ) -> None:
        self.script = Script()
        self.clock = clock
        self.platform = WebPlatform(
            self.script,
            transcripts_on(engine_at(folder / "web.db")),
            personas,
            clock.now,
            language,
            memory=KeptMemory(),
            channels=CHANNELS,
            access=access,
        )
        routes = [*self.platform.routes(), assets()]
        self.app = web_app(
            routes, lambda: {"ok": True, "serves": True}, CollectorRegistry(), trusted
        )

    @asynccontextmanager
    async def browser(
        self, client: tuple[str, int] | None = HERE, url: str = "http://127.0.0.1:8700"
    ) -> AsyncIterator[httpx.AsyncClient]:
        # httpx is typed for a client that is there.
        transport = httpx.ASGITransport(self.app, client=client)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=url) as browser:
            yield browser

    async def get(
        self,
        path: str = "/api/setup",
        *,
        client: tuple[str, int] | None = HERE,
        headers: Mapping[str, str] | None = None,
        url: str = "http://127.0.0.1:8700",
    ) -> httpx.Response:
        async with self.browser(client, url) as browser:
            return await browser.get(path, headers=headers)


def chat_in(
    folder: Path, *, token: str = "", trusted: tuple[str, ...] = (), site: str = ""
) -> Chat:
    clock = MovableClock(datetime(2026, 11, 23, 6, 5, tzinfo=UTC))
    access = Access(token, lambda text: f"sealed:{text[-4:]}:{len(text)}", clock.now, (site,))
    return Chat(folder, access if token else None, clock, trusted)


@pytest.fixture
def chat(tmp_path: Path) -> Chat:
    return chat_in(tmp_path)


@pytest.fixture
def guarded(tmp_path: Path) -> Chat:
    return chat_in(tmp_path, token=TOKEN)


class TestWithoutAToken:
    @pytest.mark.parametrize(
        "host",
        ["192.0.2.7", "10.0.0.1", "2001:db8::7", "fe80::1%eth0", "::ffff:192.0.2.7", "0.0.0.0", ""],
    )
    @pytest.mark.parametrize("path", PATHS)
    async def test_another_machine_gets_nothing_by_a_forged_host(
        self, chat: Chat, host: str, path: str
    ) -> None:
        for claimed in ("127.0.0.1", "localhost", "[::1]", "127.0.0.1:8700"):
            answer = await chat.get(path, client=(host, 4711), headers={"Host": claimed})
            assert answer.status_code == 403
            assert "Sample" not in answer.text

    async def test_a_peer_that_is_not_known_gets_nothing(self, chat: Chat) -> None:
        assert (await chat.get(client=None)).status_code == 403

    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
    async def test_this_machine_is_served(self, chat: Chat, host: str) -> None:
        assert (await chat.get(client=(host, 4711))).status_code == 200

    @pytest.mark.parametrize("headers", FORWARDED, ids=lambda headers: next(iter(headers)))
    async def test_what_a_proxy_passed_on_is_refused(
        self, chat: Chat, headers: Mapping[str, str]
    ) -> None:
        assert (await chat.get(headers=headers)).status_code == 403

    async def test_a_trusted_proxy_opens_nothing(self, tmp_path: Path) -> None:
        chat = chat_in(tmp_path, trusted=("127.0.0.1/32", "192.0.2.0/24"))
        for client in (HERE, ELSEWHERE):
            answer = await chat.get(client=client, headers={"X-Forwarded-For": "127.0.0.1"})
            assert answer.status_code == 403

    async def test_another_machine_cannot_post_either(self, chat: Chat) -> None:
        async with chat.browser(ELSEWHERE) as browser:
            answer = await browser.post(
                "/api/requests", json={}, headers={"Origin": "http://127.0.0.1:8700"}
            )
        assert answer.status_code == 403
        assert chat.script.asked == []

    async def test_two_hosts_are_refused(self, chat: Chat) -> None:
        async with chat.browser() as browser:
            hosts = [("Host", "127.0.0.1"), ("Host", "evil.example")]
            assert (await browser.get("/api/setup", headers=hosts)).status_code == 400

    @pytest.mark.parametrize(
        ("locale", "words"),
        [("zh-CN", "只能在运行跟进的电脑上"), ("en", "the computer it runs on")],
    )
    async def test_a_person_reads_why(self, chat: Chat, locale: str, words: str) -> None:
        answer = await chat.get("/", client=ELSEWHERE, headers={"Accept-Language": locale})
        assert answer.status_code == 403
        assert words in answer.text

    async def test_a_token_in_the_address_is_nothing(self, chat: Chat) -> None:
        answer = await chat.get("/?token=x", client=ELSEWHERE)
        assert answer.status_code == 403
        assert COOKIE not in answer.headers.get("set-cookie", "")


class TestWithAToken:
    @pytest.mark.parametrize("client", [HERE, ELSEWHERE])
    @pytest.mark.parametrize("path", PATHS)
    async def test_nobody_gets_in_without_it(
        self, guarded: Chat, client: tuple[str, int], path: str
    ) -> None:
        answer = await guarded.get(path, client=client)
        assert answer.status_code == 403
        assert "Sample" not in answer.text

    async def test_the_link_opens_the_chat_and_leaves_the_address(self, guarded: Chat) -> None:
        async with guarded.browser(ELSEWHERE, "http://192.0.2.1:8700") as browser:
            entered = await browser.get("/", params={"token": TOKEN})
            assert entered.status_code == 200
            assert entered.headers["refresh"] == "0; url=/"
            assert entered.headers["cache-control"] == "no-store"
            assert entered.headers["referrer-policy"] == "no-referrer"
            assert TOKEN not in entered.text
            for path in PATHS[:6]:
                assert (await browser.get(path)).status_code == 200

    async def test_the_cookie_is_kept_from_scripts_and_other_sites(self, guarded: Chat) -> None:
        for url, proxied, secure in (
            ("http://192.0.2.1:8700", {}, False),
            ("https://192.0.2.1", {}, True),
            ("http://192.0.2.1:8700", {"X-Forwarded-Proto": "https"}, True),
        ):
            entered = await guarded.get(
                f"/?token={TOKEN}", client=ELSEWHERE, headers=proxied, url=url
            )
            cookie = entered.headers["set-cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=strict" in cookie
            assert "Path=/" in cookie
            assert ("Secure" in cookie) is secure
            assert TOKEN not in cookie

    @pytest.mark.parametrize("cookie", ["", TOKEN, "sealed:", "é"])
    async def test_a_made_up_cookie_opens_nothing(self, guarded: Chat, cookie: str) -> None:
        headers = {b"Cookie": f"{COOKIE}={cookie}".encode()}
        async with guarded.browser() as browser:
            assert (await browser.get("/api/setup", headers=headers)).status_code == 403

    @pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], f"{TOKEN}x", "é", "\0", "x" * 9000])
    async def test_a_wrong_token_sets_no_cookie(self, guarded: Chat, token: str) -> None:
        async with guarded.browser(ELSEWHERE) as browser:
            answer = await browser.get("/", params={"token": token})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers

    async def test_wrong_tokens_are_limited_for_each_address(self, guarded: Chat) -> None:
        async with guarded.browser(ELSEWHERE) as browser:
            for _ in range(MOST_WRONG):
                assert (await browser.get("/?token=wrong")).status_code == 403
            limited = await browser.get("/", params={"token": TOKEN})
            assert limited.status_code == 429
            assert 0 < int(limited.headers["retry-after"]) <= WINDOW.total_seconds()
            assert (await guarded.get(f"/?token={TOKEN}", client=HERE)).status_code == 200
            guarded.clock.advance(WINDOW)
            assert (await browser.get("/", params={"token": TOKEN})).status_code == 200

    async def test_a_household_has_many_ipv6_addresses_and_one_count(self, guarded: Chat) -> None:
        for n in range(MOST_WRONG):
            await guarded.get("/?token=wrong", client=(f"2001:db8::{n:x}", 1))
        answer = await guarded.get(f"/?token={TOKEN}", client=("2001:db8::ffff:1", 1))
        assert answer.status_code == 429

    async def test_people_who_are_in_are_not_limited(self, guarded: Chat) -> None:
        async with guarded.browser(ELSEWHERE) as browser:
            await browser.get("/", params={"token": TOKEN})
            for _ in range(MOST_WRONG + 1):
                await guarded.get("/?token=wrong", client=ELSEWHERE)
            assert (await browser.get("/api/setup")).status_code == 200

    @pytest.mark.parametrize(
        ("origin", "host", "status"),
        [
            ("http://192.0.2.1:8700", "192.0.2.1:8700", 400),
            ("https://genjin.example", "genjin.example", 400),
            ("https://genjin.example", "127.0.0.1:8700", 400),  # a proxy that rewrites Host
            ("https://evil.example", "127.0.0.1:8700", 403),
            ("null", "127.0.0.1:8700", 403),
            ("", "", 403),
        ],
    )
    async def test_posts_come_from_its_own_page(
        self, tmp_path: Path, origin: str, host: str, status: int
    ) -> None:
        chat = chat_in(tmp_path, token=TOKEN, site="https://genjin.example/")
        async with chat.browser(ELSEWHERE) as browser:
            await browser.get("/", params={"token": TOKEN})
            headers = {"Origin": origin, "Host": host}
            answer = await browser.post("/api/requests", json={}, headers=headers)
        assert answer.status_code == status  # 400: it was read, and found empty

    @pytest.mark.parametrize(
        ("locale", "words"), [("zh-CN", "请用链接打开"), ("en", "opens with a link")]
    )
    async def test_a_person_without_it_reads_what_to_do(
        self, guarded: Chat, locale: str, words: str
    ) -> None:
        answer = await guarded.get("/", client=ELSEWHERE, headers={"Accept-Language": locale})
        assert words in answer.text
        assert not re.search(r"<script|style=", answer.text)
        assert answer.headers["content-security-policy"]


def other_address() -> str:
    """An address of this machine that is not loopback; "" when it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return ""


class TestOverTheNetwork:
    """Real sockets: one address of this machine that is loopback, and one that is not."""

    @asynccontextmanager
    async def serving(self, chat: Chat) -> AsyncIterator[int]:
        if not (address := other_address()) or is_loopback(address):
            pytest.skip("this machine has no address but loopback")
        server = WebServer(chat.app, "0.0.0.0", 0, chat.platform.stop)
        await chat.platform.start()
        async with server.serving():
            yield int(server.address.rpartition(":")[2])

    async def test_a_forged_host_gives_nothing_away(self, chat: Chat) -> None:
        async with self.serving(chat) as port, loopback_client() as browser:
            for host in ("127.0.0.1", f"localhost:{port}", "[::1]"):
                for path in PATHS:
                    url = f"http://{other_address()}:{port}{path}"
                    answer = await browser.get(url, headers={"Host": host})
                    assert answer.status_code == 403
                    assert "Sample" not in answer.text
            here = f"http://127.0.0.1:{port}/api/setup"
            assert (await browser.get(here)).status_code == 200
            assert (await browser.get(here, headers={"Via": "1.1 x"})).status_code == 403

    async def test_the_link_opens_everything_with_live_updates(self, guarded: Chat) -> None:
        async with self.serving(guarded) as port, loopback_client() as browser:
            url = f"http://{other_address()}:{port}"
            assert (await browser.get(f"{url}/api/events?persona=alex")).status_code == 403
            assert (await browser.get(f"{url}/?token={TOKEN}")).status_code == 200
            async with browser.stream("GET", f"{url}/api/events?persona=alex") as stream:
                assert stream.status_code == 200
                assert (await anext(stream.aiter_lines())).startswith("retry")
            wish = {
                "id": str(uuid.uuid4()), "kind": "command", "persona": "alex",
                "conversation": "dm:alex", "text": "/help",
            }  # fmt: skip
            sent = await browser.post(f"{url}/api/requests", json=wish, headers={"Origin": url})
            assert sent.status_code == 200
        assert len(guarded.script.asked) == 1


class TestStoredToken:
    def test_is_the_same_after_a_restart_and_its_owners_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "data" / "web.token"
        token = stored_token(path)
        assert len(token) == 32
        assert stored_token(path) == token
        assert path.stat().st_mode & 0o777 == 0o600
        assert list(path.parent.iterdir()) == [path]

    def test_is_made_anew_when_the_file_was_emptied(self, tmp_path: Path) -> None:
        path = tmp_path / "web.token"
        path.write_text("\n")
        assert len(stored_token(path)) == 32

    def test_is_for_this_run_where_nothing_can_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        assert len(stored_token(tmp_path / "file" / "web.token")) == 32
