"""What a customer writes on a proposal's page: it reaches the owner at once, machines' does not."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from bot.public_web.limits import REPLIES, CallLimits
from bot.public_web.logo import Logo, read_logo
from bot.public_web.proposals import ProposalPages, ProposalViewer
from bot.server import web_app
from handlers.proposals.customer_page import Closed, Page, ProposalReader
from sales.intake import LocalText
from sales.playbook import Playbook, Proposals
from storage.erasure.removal import remove_contact
from tests.furnished import Offices
from tests.handlers.proposals.drafted import SITE, compose, path_of, press, send
from tests.office import Office, words_of
from tests.platforms.memory import KeptMemory
from tests.web.test_proposals import FRIDAY, PERSON, a_stocked_library

SELLER = Playbook(proposals=Proposals(seller=LocalText(en="Sample Seller Ltd", zh="样例科技")))


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=a_stocked_library, public_url=SITE) as office:
        yield office


class Customer:
    """Somebody with a link, in a browser without scripts."""

    def __init__(self, http: httpx.AsyncClient, office: Office) -> None:
        self.http, self.office = http, office
        self.headers = {"User-Agent": PERSON, "Sec-Fetch-Site": "same-origin"}
        self.path = self.ticket = ""

    async def open(self, path: str) -> httpx.Response:
        page = await self.http.get(path, headers={"User-Agent": PERSON})
        found = re.search(r'name="ticket" value="([^"]+)"', page.text)
        self.path, self.ticket = path, found[1] if found else ""
        return page

    async def write(
        self, kind: str, *, after: float = 9, headers: Mapping[str, str] | None = None, **typed: str
    ) -> httpx.Response:
        self.office.world.clock.advance(after)
        given = {"kind": kind, "ticket": self.ticket, "homepage": ""} | typed
        sent = self.headers | dict(headers or {})
        return await self.http.post(f"{self.path}/reply", data=given, headers=sent)


@pytest_asyncio.fixture
async def customer(office: Office) -> AsyncIterator[Customer]:
    world = office.world
    app = web_app(world.routes, world.health, world.registry)
    transport = httpx.ASGITransport(app, raise_app_exceptions=True, client=("203.0.113.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as http:
        yield Customer(http, office)


def replies(office: Office) -> list[dict[str, object]]:
    return office.rows("proposal_reply")


def told(office: Office) -> list[tuple[int, str]]:
    return [
        (row["person_id"], row["state"])
        for row in office.rows("message")
        if row["kind"] == "proposal_answered"
    ]


class TestQuestion:
    async def test_reaches_the_owner_and_the_lead(self, office: Office, customer: Customer) -> None:
        await customer.open(send(office))
        said = "Can we start <b>in May</b>? Call 13912345678"
        answer = await customer.write("question", words=said, name="Kim Invented")
        assert answer.status_code == 303
        page = await customer.open(customer.path + "?sent=question")
        assert office.say("reader.reply_sent_question", sender="Robin Sample") in page.text
        assert [person for person, _ in told(office)] == [office.people["robin"].id]
        assert b"May" not in office.sealed("proposal_reply", "words")[0]
        lead = office.ask("robin", "lead.show", pressed="LX001").card
        assert lead
        assert "Can we start" in words_of(lead)
        proposal = office.ask("robin", "proposal.show", pressed="1").card
        assert proposal
        assert "Kim Invented" in words_of(proposal)
        assert "13912345678" not in words_of(proposal)

    async def test_counts_once_however_often_it_is_sent(
        self, office: Office, customer: Customer
    ) -> None:
        await customer.open(send(office))
        for _ in range(3):
            assert (await customer.write("question", words="May?")).status_code == 303
        assert len(replies(office)) == len(told(office)) == 1
        assert len(office.rows("proposal_visit")) == 1

    @pytest.mark.parametrize(
        ("typed", "problem"),
        [({"words": "  "}, "reply_empty"), ({"words": "x" * 1501}, "reply_long"),
         ({"words": "May?", "name": "K" * 61}, "reply_long")],
    )  # fmt: skip
    async def test_what_is_wrong_stays_in_the_form(
        self, office: Office, customer: Customer, typed: dict[str, Any], problem: str
    ) -> None:
        await customer.open(send(office))
        answer = await customer.write("question", **typed)
        assert answer.status_code == 422
        n = 61 if "name" in typed else 1501
        says = office.say(f"problem.{problem}", n=n, most=60 if "name" in typed else 1500)
        assert says in unescape(answer.text)
        assert typed["words"].strip() in answer.text
        assert not replies(office)

    async def test_is_escaped_where_it_comes_back(self, office: Office, customer: Customer) -> None:
        await customer.open(send(office))
        answer = await customer.write("question", words="</textarea><script>x()</script>" * 99)
        assert "<script>x()" not in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]


class TestAcceptance:
    async def test_names_the_edition_and_is_shown_to_who_comes_back(
        self, office: Office, customer: Customer
    ) -> None:
        await customer.open(send(office))
        refused = await customer.write("accepted")
        assert office.say("problem.reply_edition") in refused.text
        assert (await customer.write("accepted", edition="advanced")).status_code == 303
        page = await customer.open(customer.path)
        assert "Accepted on" in page.text
        assert office.say("reader.reply_accept_now") not in page.text
        await customer.write("accepted", edition="basic")
        assert [row["edition"] for row in replies(office)] == ["advanced"]
        lead = office.ask("robin", "lead.show", pressed="LX001").card
        assert lead
        assert "¥55,000.49" in words_of(lead)

    async def test_an_offer_that_has_ended_cannot_be_accepted(
        self, office: Office, customer: Customer
    ) -> None:
        path = send(office, valid_until="2024-03-04")
        office.world.clock.advance(timedelta(days=6).total_seconds())
        page = await customer.open(path)
        assert office.say("reader.reply_accept_now") not in page.text
        refused = await customer.write("accepted", edition="basic")
        assert refused.status_code == 422
        assert (await customer.write("question", words="A new one?")).status_code == 303


class TestMachines:
    async def test_write_nothing(self, office: Office, customer: Customer) -> None:
        await customer.open(send(office))
        tries: tuple[tuple[int, dict[str, Any]], ...] = (
            (422, {"homepage": "https://spam.example"}),
            (422, {"after": 0.1}),
            (409, {"ticket": "1.2.3"}),
            (403, {"headers": {"Sec-Fetch-Site": "cross-site"}}),
            (403, {"headers": {"Origin": "https://elsewhere.example"}}),
        )
        for status, how in tries:
            office.world.clock.advance(3_601)
            await customer.open(customer.path)
            answer = await customer.write("question", words="Cheap pills", **how)
            assert answer.status_code == status, how
            assert "Cheap pills" in answer.text
        assert (await customer.write("anything")).status_code == 400
        assert not replies(office)

    async def test_are_stopped_after_a_few(self, office: Office, customer: Customer) -> None:
        path = send(office)
        for number in range(REPLIES + 2):
            await customer.open(path)
            answer = await customer.write("question", words=f"No. {number}")
        assert answer.status_code == 429
        assert f"No. {REPLIES + 1}" in answer.text
        assert len(replies(office)) == REPLIES

    async def test_a_preview_or_a_withdrawn_one_takes_nothing(
        self, office: Office, customer: Customer
    ) -> None:
        card = compose(office)
        looked = press(office, card, "proposal.preview").card
        assert looked
        page = await customer.open(path_of(looked))
        assert office.say("reader.reply_closed") in page.text
        assert (await customer.write("question", words="May?")).status_code == 409
        customer.http.cookies.clear()
        given = press(office, card, "proposal.send").card
        assert given
        path = path_of(given)
        await customer.open(path)
        sent = office.ask("robin", "proposal.show", pressed="1").card
        assert sent
        press(office, sent, "proposal.revoke")
        assert (await customer.write("question", words="May?")).status_code == 410
        assert not replies(office)


class TestSender:
    async def test_is_there_with_a_phone_that_calls(
        self, office: Office, customer: Customer
    ) -> None:
        with office.world.new_uow() as uow:
            uow.contacts.save(office.people["robin"].id, "+8613800001111", "")
            uow.commit()
        office.world.rules(SELLER)
        page = await customer.open(send(office))
        assert 'href="tel:+8613800001111"' in page.text
        assert "+86 138 0000 1111" in page.text
        assert "Sample Seller Ltd" in page.text


class TestErasure:
    async def test_removes_names_and_words(self, office: Office, customer: Customer) -> None:
        await customer.open(send(office))
        await customer.write("question", words="May?", name="Kim")
        await customer.write("accepted", edition="basic", name="Kim", words="From May")
        with office.world.database.writer.begin() as connection:
            remove_contact(connection, office.world.fields, [1], office.world.clock.now())
        left = [(row["kind"], row["name"], row["words"]) for row in replies(office)]
        assert left == [("question", "", ""), ("accepted", "", "")]


class TestLogo:
    @pytest.mark.parametrize(
        ("content", "problem"),
        [(b"<svg onload='x()'/>", "is no PNG"), (b"\xff\xd8\xff" + bytes(600_000), "larger"),
         (b"", "is no PNG"), (None, "cannot be read")],
    )  # fmt: skip
    def test_only_a_small_picture_is_taken(
        self, tmp_path: Path, content: bytes | None, problem: str
    ) -> None:
        path = tmp_path / "logo.png"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ValueError, match=problem):
            read_logo(path)

    def test_its_first_bytes_say_what_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "logo.gif"
        path.write_bytes(b"RIFF\0\0\0\0WEBPVP8 ")
        assert read_logo(path).media_type == "image/webp"

    async def test_stands_at_the_top_of_the_page(self, office: Office) -> None:
        async def page(_token: str) -> Page | Closed:
            return shown

        async def nothing(*_: object) -> None:
            return None

        path, world = send(office), office.world
        reader = ProposalReader(world.new_uow, world.contexts)
        shown = reader.page(path.removeprefix("/p/"))
        assert isinstance(shown, Page)
        desk = ProposalViewer(
            page=page, seen=nothing, reply=nothing, limits=CallLimits(KeptMemory()),
            languages=world.languages, now=world.clock.now, secure=True,
            logo=Logo(b"picture", "image/png"),
        )  # fmt: skip
        app = Starlette(routes=ProposalPages(desk, lambda text: text).routes())
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=SITE) as http:
            assert 'src="/p/logo"' in (await http.get(path)).text
            logo = await http.get("/p/logo")
        assert (logo.content, logo.headers["content-type"]) == (b"picture", "image/png")
        assert logo.headers["x-content-type-options"] == "nosniff"
