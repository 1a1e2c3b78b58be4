"""Live updates: who receives what, and how a broken connection is resumed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.platforms import Address
from bot.platforms.web.messages import MOST_STREAMS
from handlers.core.ui import Card
from tests.conversations.web import WebUser, loopback_client
from tests.platforms.web.company import Office, engine_at, open_office, transcripts_on

ROBIN = Address("web", "person", "robin")
CASEY = Address("web", "person", "casey")
SALES = Address("web", "channel", "sales")


@dataclass
class Ear:
    """An open event stream. ``next`` gives the next event; comments are skipped."""

    lines: AsyncIterator[str]

    async def next(self) -> tuple[str, int, dict[str, Any]]:
        event: dict[str, str] = {}
        while True:
            line = await asyncio.wait_for(anext(self.lines), 5)
            if line.startswith(":") or not line:
                if "data" in event:
                    return event["event"], int(event["id"]), json.loads(event["data"])
                continue
            name, _, value = line.partition(": ")
            event[name] = value

    async def comment(self) -> str:
        while True:
            line = await asyncio.wait_for(anext(self.lines), 5)
            if line.startswith(":"):
                return line


@asynccontextmanager
async def listening(office: Office, persona: str, **headers: str) -> AsyncIterator[Ear]:
    query = {"persona": persona, "locale": "en", "after": "0"}
    async with (
        loopback_client(base_url=office.url) as client,
        client.stream("GET", "/api/events", params=query, headers=headers) as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        yield Ear(stream.aiter_lines())


async def post(office: Office, to: Address, title: str) -> str:
    return await office.platform.post(to, Card(title), locale="en")


class TestStream:
    async def test_brings_a_message_with_the_time_in_the_companys_zone(
        self, office: Office
    ) -> None:
        async with listening(office, "robin") as ear:
            await post(office, ROBIN, "Hi")
            kind, revision, message = await ear.next()
        assert (kind, revision) == ("message", 1)
        assert message["body"]["title"] == "Hi"
        assert (message["clock"], message["day"]) == ("14:05", "Nov 23, Mon")

    async def test_brings_an_edit_of_the_same_message(self, office: Office) -> None:
        async with listening(office, "robin") as ear:
            ref = await post(office, ROBIN, "Hi")
            await ear.next()
            office.clock.pass_time(minutes=5)
            await office.platform.edit(ROBIN, ref, Card("Done"), locale="en")
            _, revision, message = await ear.next()
        assert (revision, str(message["id"])) == (2, ref)
        assert (message["body"]["title"], message["edited"]) == ("Done", "14:10")

    async def test_takes_up_where_it_broke(self, office: Office) -> None:
        for title in ("one", "two", "three"):
            await post(office, ROBIN, title)
        async with listening(office, "robin", **{"Last-Event-ID": "1"}) as ear:
            titles = [(await ear.next())[2]["body"]["title"] for _ in range(2)]
        assert titles == ["two", "three"]

    async def test_brings_more_than_a_batch(self, office: Office) -> None:
        for n in range(205):
            await office.transcript.append("dm:robin", "genjin", {"n": n}, at=office.clock())
        async with listening(office, "robin") as ear:
            seen = [(await ear.next())[2]["body"]["n"] for _ in range(205)]
        assert seen == list(range(205))

    async def test_says_only_that_somebody_else_was_written_to(self, office: Office) -> None:
        async with listening(office, "robin") as ear:
            ref = await post(office, CASEY, "For Casey only")
            event = await ear.next()
        assert event == ("elsewhere", 1, {"persona": "casey", "id": int(ref)})

    async def test_keeps_private_answers_private(self, office: Office) -> None:
        async with (
            listening(office, "casey") as ear,
            WebUser(office.url, "robin", conversation="sales") as robin,
        ):
            await robin.type("/genjin")
            typed, hidden = await ear.next(), await ear.next()
        assert typed[2]["body"] == {"kind": "line", "text": "/genjin"}
        assert hidden == ("position", 2, {})

    async def test_brings_what_another_process_wrote(self, office: Office, tmp_path: Path) -> None:
        elsewhere = transcripts_on(engine_at(tmp_path / "web.db"))
        async with listening(office, "robin") as ear:
            await elsewhere.append("sales", "genjin", {"kind": "x"}, at=office.clock())
            kind, _, message = await ear.next()
        assert (kind, message["body"]) == ("message", {"kind": "x"})

    async def test_gives_a_sign_when_all_is_calm(self, office: Office) -> None:
        async with listening(office, "robin") as ear:
            assert await ear.comment() == ": still here"

    async def test_ends_when_the_platform_stops(self, tmp_path: Path) -> None:
        async with open_office(tmp_path) as office, listening(office, "robin") as ear:
            stopping = asyncio.ensure_future(office.platform.stop())
            lines = [line async for line in ear.lines]
            await stopping
        assert all(not line.startswith("event") for line in lines)

    async def test_refuses_a_resume_point_that_is_none(self, office: Office) -> None:
        async with loopback_client(base_url=office.url) as client:
            answer = await client.get(
                "/api/events", params={"persona": "robin"}, headers={"Last-Event-ID": "x; drop"}
            )
        assert answer.status_code == httpx.codes.BAD_REQUEST


class TestManyStreams:
    async def test_are_only_so_many_and_one_that_ends_makes_room(self, office: Office) -> None:
        query = {"persona": "robin"}
        async with AsyncExitStack() as held, loopback_client(base_url=office.url) as late:
            ears = [
                await held.enter_async_context(listening(office, "robin"))
                for _ in range(MOST_STREAMS - 1)
            ]
            async with listening(office, "casey") as last:
                await last.comment()
                assert all([await ear.comment() for ear in ears])
                refused = await late.get("/api/events", params=query)
                assert refused.status_code == 503
                assert refused.headers["retry-after"]
            async with asyncio.timeout(20):
                while refused.status_code == 503:
                    async with late.stream("GET", "/api/events", params=query) as refused:
                        pass

    async def test_asked_for_without_a_body_ends_at_once(self, office: Office) -> None:
        async with loopback_client(base_url=office.url) as client:
            answer = await client.head("/api/events", params={"persona": "robin"})
        assert answer.headers["content-type"].startswith("text/event-stream")
