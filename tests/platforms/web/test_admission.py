"""Who may use the web chat, and what every response carries."""

import json
import uuid
from typing import Any

import httpx
import pytest

from bot.platforms.web.access import MAX_WISH
from tests.conversations.web import loopback_client
from tests.platforms.web.company import Office

PATHS = ["/", "/static/js/main.js", "/static/css/base.css", "/api/setup", "/api/conversations"]


def wish(**changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "kind": "command",
        "persona": "robin",
        "conversation": "dm:robin",
        "text": "/lead LX001",
        **changes,
    }


async def post(office: Office, content: Any, **headers: str) -> httpx.Response:
    sent = {"Origin": office.url, "Content-Type": "application/json"} | headers
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    async with loopback_client() as client:
        return await client.post(f"{office.url}/api/requests", content=body, headers=sent)


class TestEveryAnswer:
    @pytest.mark.parametrize("path", PATHS)
    async def test_carries_the_security_headers(self, office: Office, path: str) -> None:
        async with loopback_client(base_url=office.url) as client:
            headers = (await client.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"

    async def test_of_a_refusal_carries_them_too(self, office: Office) -> None:
        refused = await post(office, wish(), Origin="http://evil.example")
        assert refused.headers["content-security-policy"]

    async def test_has_no_script_of_its_own_in_the_page(self, office: Office) -> None:
        async with loopback_client(base_url=office.url) as client:
            page = (await client.get("/")).text
        assert "<style" not in page
        assert all("src=" in tag for tag in page.split("<script")[1:])
        assert "http" not in page.replace("</", "")


class TestHost:
    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "localhost:8000"])
    async def test_of_this_machine_is_served(self, office: Office, host: str) -> None:
        async with loopback_client(base_url=office.url) as client:
            answer = await client.get("/api/setup", headers={"Host": host})
        assert answer.status_code == httpx.codes.OK

    @pytest.mark.parametrize(
        "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.0.2.7"]
    )
    @pytest.mark.parametrize("path", ["/", "/api/setup", "/api/events", "/static/js/main.js"])
    async def test_of_a_rebound_name_is_refused(self, office: Office, host: str, path: str) -> None:
        async with loopback_client(base_url=office.url) as client:
            answer = await client.get(path, headers={"Host": host})
        assert answer.status_code == httpx.codes.BAD_REQUEST

    async def test_is_checked_for_posts_from_its_own_origin(self, office: Office) -> None:
        refused = await post(office, wish(), Host="evil.example", Origin="http://evil.example")
        assert refused.status_code == httpx.codes.BAD_REQUEST
        assert office.script.asked == []


class TestPost:
    @pytest.mark.parametrize(
        "origin", ["http://evil.example", "null", "", "http://localhost", "https://127.0.0.1"]
    )
    async def test_from_another_origin_is_refused(self, office: Office, origin: str) -> None:
        refused = await post(office, wish(), Origin=origin)
        assert refused.status_code == httpx.codes.FORBIDDEN
        assert office.script.asked == []

    async def test_without_an_origin_is_refused(self, office: Office) -> None:
        async with loopback_client() as client:
            refused = await client.post(f"{office.url}/api/requests", json=wish())
        assert refused.status_code == httpx.codes.FORBIDDEN

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
    async def test_that_is_not_json_is_refused(self, office: Office, kind: str) -> None:
        refused = await post(office, wish(), **{"Content-Type": kind})
        assert refused.status_code == httpx.codes.UNSUPPORTED_MEDIA_TYPE

    async def test_over_the_size_limit_is_refused_unread(self, office: Office) -> None:
        refused = await post(office, b"x" * (MAX_WISH + 1))
        assert refused.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE

    @pytest.mark.parametrize(
        "broken",
        [
            b"",
            b"{",
            b"[]",
            wish(kind="drop"),
            wish(text=""),
            wish(text="x" * 5000),
            wish(id="not-a-uuid"),
            wish(extra=1),
            wish(kind="submit", action="lead.create", values={"a": 1}),
            wish(kind="press", action="__class__", message=1),
        ],
    )
    async def test_that_is_malformed_is_refused(self, office: Office, broken: Any) -> None:
        refused = await post(office, broken)
        assert refused.status_code == httpx.codes.BAD_REQUEST
        assert refused.json() == {"error": "malformed"}
        assert office.script.asked == []

    @pytest.mark.parametrize(
        "elsewhere",
        [
            {"persona": "nobody"},
            {"conversation": "dm:casey"},
            {"conversation": "managers"},
            {"conversation": "no-such"},
        ],
    )
    async def test_to_where_the_persona_is_not_is_refused(
        self, office: Office, elsewhere: dict[str, str]
    ) -> None:
        refused = await post(office, wish(**elsewhere))
        assert refused.status_code == httpx.codes.NOT_FOUND
        assert office.script.asked == []
        assert await office.transcript.revision() == 0


class TestReading:
    @pytest.mark.parametrize("before", ["-1", "x", "9" * 40, "1.5", "１"])
    async def test_refuses_a_number_that_is_none(self, office: Office, before: str) -> None:
        query = {"persona": "robin", "conversation": "dm:robin", "before": before}
        async with loopback_client(base_url=office.url) as client:
            answer = await client.get("/api/messages", params=query)
        assert answer.status_code == httpx.codes.BAD_REQUEST

    async def test_has_an_icon_for_documents_that_name_none(self, office: Office) -> None:
        async with loopback_client() as client:
            answer = await client.get(f"{office.url}/favicon.ico")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")

    async def test_leaves_no_way_out_of_the_static_folder(self, office: Office) -> None:
        async with loopback_client(base_url=office.url) as client:
            answer = await client.get("/static/..%2fadapter.py")
        assert answer.status_code == httpx.codes.NOT_FOUND
