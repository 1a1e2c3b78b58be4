"""The page of a proposal over HTTP: who holds the link reads, nobody else; machines count for
nothing."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import cycle, product
from typing import Any

import httpx
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.server import web_app
from handlers.proposals.customer_page import Page
from tests.databases import Kind
from tests.furnished import Offices
from tests.handlers.proposals.drafted import SITE, compose, path_of, press, send, stock
from tests.office import SHANGHAI, Office
from tests.pages import without_tokens
from tests.pairs import KINDS
from tests.web.outside import away

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
PERSON = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile"
PEOPLE = (
    PERSON,
    f"{PERSON} MicroMessenger/8.0.54(0x18003626) NetType/WIFI Language/zh_CN",
    f"{PERSON} AliApp(DingTalk/7.6.31) com.laiwang.DingTalk Channel/201200",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
)
MACHINES = (
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Twitterbot/1.0",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0",
    "TelegramBot (like TwitterBot)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0)",
    "Mozilla/5.0 (compatible; DingTalkBot-LinkService/1.0)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0)",
    "Mozilla/5.0 (compatible; bingbot/2.0)",
    "Mozilla/5.0 (Windows NT 6.1) SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 AppleWebKit/537.36 HeadlessChrome/131.0.0.0 Safari/537.36",
    "BarracudaCentral urlscan", "Mimecast URL scanner", "Proofpoint urldefense",
    "curl/8.5.0", "Wget/1.21", "python-requests/2.32", "Go-http-client/2.0", "okhttp/4.12",
    "Java/17.0.2", "node", "", " ",
)  # fmt: skip
AHEAD = {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}


class Reader:
    """Somebody with a link, in a browser without cookies of its own."""

    def __init__(self, http: httpx.AsyncClient, office: Office, agent: str = PERSON) -> None:
        self.http = http
        self.office = office
        self.headers = {"User-Agent": agent, "Sec-Fetch-Site": "same-origin"}
        self.ticket = ""
        self.path = ""

    async def open(self, path: str) -> httpx.Response:
        page = await self.http.get(path, headers={"User-Agent": self.headers["User-Agent"]})
        found = re.search(r'data-ticket="([^"]+)"', page.text)
        self.path, self.ticket = path, found[1] if found else ""
        return page

    async def tell(self, seconds: object = 5, after: float = 5, **headers: str) -> httpx.Response:
        self.office.world.clock.advance(after)
        said = {"ticket": self.ticket, "seconds": str(seconds)}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(f"{self.path}/seen", data=said, headers=self.headers | named)

    async def touch(self, **headers: str) -> httpx.Response:
        url = f"{self.path}/{self.ticket}/1.gif"
        return await self.http.get(url, headers=self.headers | headers)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=a_stocked_library, public_url=SITE) as office:
        yield office


def a_stocked_library(office: Office) -> None:
    office.log_lead("robin", owner="keep", product="advanced", timeframe="later")
    stock(office)


@pytest_asyncio.fixture
async def http(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    world = office.world
    app = web_app(world.routes, world.health, world.registry)
    transport = httpx.ASGITransport(app, raise_app_exceptions=True, client=("203.0.113.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        yield client


@pytest.fixture
def reader(http: httpx.AsyncClient, office: Office) -> Reader:
    return Reader(http, office)


class TestPage:
    async def test_shows_everything_to_who_holds_the_link(
        self, office: Office, reader: Reader
    ) -> None:
        page = await reader.open(send(office, discount="10"))
        assert page.status_code == 200
        for words in ("Acme Sample Ltd", "Robin Sample", "Pipeline", "¥45,000.50", "¥27,000",
                      "Our recommendation", "28 % more customers"):  # fmt: skip
            assert words in page.text, words
        for secret in ("138", "zhang", "Zhang", "15-20", "wants a customer tool"):
            assert secret not in without_tokens(page.text), secret

    async def test_is_private_and_strict(self, office: Office, reader: Reader) -> None:
        page = await reader.open(send(office))
        headers = page.headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; connect-src 'self'")
        assert "unsafe" not in policy
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-robots-tag"] == "noindex"
        assert headers["cache-control"] == "no-store"
        assert "set-cookie" not in headers
        assert 'name="robots" content="noindex' in page.text

    async def test_all_words_are_escaped(self, office: Office, reader: Reader) -> None:
        evil = "\"><script>alert('x')</script><img src=x onerror=alert(1)>{{7*7}}"
        path = send(
            office,
            own_solutions=f"{evil} → {evil}",
            own_modules=f"{evil[:70].replace(':', '')}: 1 / 2",
            opening=evil,
            terms=evil,
        )
        office.change_lead(1, lambda lead: replace(lead, customer=evil))
        text = (await reader.open(path)).text
        assert text.count("<script") == 1
        assert "<img" not in text
        assert "{{7*7}}" in text

    async def test_speaks_the_language_that_was_chosen(
        self, office: Office, reader: Reader
    ) -> None:
        page = await reader.open(send(office, language="zh_CN"))
        assert 'lang="zh-CN"' in page.text
        assert "合作方案" in page.text
        assert "销售漏斗" in page.text


class TestLinks:
    async def test_a_guess_finds_nothing(self, office: Office, http: httpx.AsyncClient) -> None:
        path = send(office)
        guesses = ["/p/" + "0" * 32, path[:-1], path + "0", path.upper(), "/p/%00", "/p/..%2e"]
        for guess in guesses:
            page = await http.get(guess)
            assert page.status_code == 404, guess
            assert "Acme" not in page.text

    async def test_taken_back_it_says_whom_to_ask(self, office: Office, reader: Reader) -> None:
        path = send(office, language="zh_CN")
        await reader.open(path)
        card = office.ask("robin", "proposal.open", text="LX001").card
        assert card
        press(office, card, "proposal.revoke")
        page = await reader.http.get(path, headers={"Accept-Language": "en"})
        assert page.status_code == 410
        assert office.world.languages("zh_CN").text("reader.closed") in page.text
        assert "Acme" not in page.text
        await reader.tell()
        assert office.rows("proposal_visit") == []

    async def test_a_link_ends(self, office: Office, reader: Reader) -> None:
        path = send(office)
        office.world.clock.advance(60 * 86_400 - 60)
        assert (await reader.open(path)).status_code == 200
        assert office.say("reader.over") in (await reader.open(path)).text
        office.world.clock.advance(61)
        assert (await reader.open(path)).status_code == 410

    async def test_an_old_link_leads_to_the_newest(self, office: Office, reader: Reader) -> None:
        old = send(office)
        office.world.clock.advance(86_400)
        send(office, discount="20")
        page = await reader.open(old)
        assert "Discount 20%" in page.text
        assert office.say("reader.newer", day="March 2, 2024") in page.text
        await reader.tell()
        assert office.rows("proposal_visit")[0]["proposal_id"] == 2
        card = office.ask("robin", "proposal.open", text="LX001").card
        assert card
        press(office, card, "proposal.revoke")
        assert (await reader.open(old)).status_code == 410

    async def test_a_draft_is_seen_by_colleagues_only(self, office: Office, reader: Reader) -> None:
        preview = press(office, compose(office), "proposal.preview").card
        assert preview
        page = await reader.open(path_of(preview))
        assert office.say("reader.preview") in page.text
        assert "<script" not in page.text
        cookie = page.headers["set-cookie"]
        for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/p"):
            assert part in cookie
        office.world.clock.advance(86_401)
        assert (await reader.open(path_of(preview))).status_code == 410

    async def test_without_a_database_it_asks_to_come_again(
        self, office: Office, reader: Reader, database_kind: Kind
    ) -> None:
        path = send(office)
        await reader.open(path)
        if database_kind == "sqlite":
            with away(office.world.database):
                page = await reader.http.get(path)
                assert page.status_code == 503
                assert page.headers["retry-after"]
                assert (await reader.tell()).status_code == 204


class TestOpening:
    @pytest.mark.parametrize("agent", PEOPLE)
    async def test_a_person_is_noticed_and_the_owner_hears_once(
        self, office: Office, http: httpx.AsyncClient, agent: str
    ) -> None:
        reader = Reader(http, office, agent)
        path = send(office)
        for number in range(3):
            await reader.open(path)
            for _ in range(4):
                assert (await reader.tell(seconds=60 * (number + 1))).status_code == 204
            office.world.clock.advance(3600)
        assert office.lead().hot_since is not None
        await office.settle()
        title = office.say("signal.hot_title", lead="LX001 · Acme Sample Ltd")
        assert [card.title for card in office.inbox("robin")].count(title) == 1
        card = office.ask("robin", "lead.show", pressed="LX001").card
        seconds = sum(row["seconds"] for row in office.rows("proposal_visit"))
        spent = office.language.time_spent(seconds)
        opened = office.say("proposal.opened", n=3, at="Mar 1, Fri 12:00", duration=spent)
        assert opened in repr(card), card
        assert len(office.rows("signal")) == 3

    async def test_seconds_are_believed_only_as_long_as_the_page_was_open(
        self, office: Office, reader: Reader
    ) -> None:
        await reader.open(send(office))
        await reader.tell(seconds=999_999)
        assert office.rows("proposal_visit")[0]["seconds"] == 5
        for seconds in ("-1", "x", "٣", "9" * 40, ""):
            await reader.tell(seconds=seconds)
        assert office.rows("proposal_visit")[0]["seconds"] == 5

    async def test_loaded_again_soon_it_is_the_same_opening(
        self, office: Office, reader: Reader
    ) -> None:
        path = send(office)
        for _ in range(3):
            await reader.open(path)
            await reader.tell()
        assert len(office.rows("proposal_visit")) == 3
        assert len(office.rows("signal")) == 1

    async def test_without_scripts_a_touch_tells(self, office: Office, reader: Reader) -> None:
        page = await reader.open(send(office))
        assert f"{reader.ticket}/touch.css" in page.text
        rules = await reader.http.get(f"{reader.path}/{reader.ticket}/touch.css")
        assert ":hover" in rules.text
        assert office.rows("proposal_visit") == []
        office.world.clock.advance(5)
        dot = await reader.touch()
        assert dot.headers["content-type"] == "image/gif"
        assert len(office.rows("proposal_visit")) == 1
        forged = await reader.http.get(f"{reader.path}/1.{'0' * 32}.x/touch.css")
        assert forged.text == ""


class TestMachines:
    @pytest.mark.parametrize(
        ("agent", "database_kind"), zip(MACHINES, cycle(KINDS)), indirect=["database_kind"]
    )
    async def test_links_that_machines_load_and_follow_count_nothing(
        self, office: Office, http: httpx.AsyncClient, agent: str
    ) -> None:
        reader = Reader(http, office, agent)
        path = send(office)
        await http.head(path, headers=reader.headers)
        page = await reader.open(path)
        office.world.clock.advance(30)
        for address in re.findall(r'(?:href|src)="(/[^"]+)"', page.text):
            await http.get(address, headers=reader.headers)
        # Even one that runs the page's script and moves the mouse.
        assert (await reader.tell()).status_code == 204
        await reader.touch()
        assert office.rows("proposal_visit") == []
        assert office.lead().hot_since is None

    @pytest.mark.parametrize(
        "headers", [*AHEAD, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]
    )
    async def test_nor_what_is_loaded_ahead_or_told_by_another_site(
        self, office: Office, reader: Reader, headers: dict[str, Any]
    ) -> None:
        await reader.open(send(office))
        await reader.tell(**headers)
        office.world.clock.advance(5)
        await reader.touch(**headers)
        assert office.rows("proposal_visit") == []

    async def test_a_word_at_once_of_another_page_or_of_yesterday_is_not_believed(
        self, office: Office, reader: Reader
    ) -> None:
        first = send(office)
        await reader.open(first)
        await reader.tell(after=0.5)
        ticket = reader.ticket
        reader.path = send(office)
        await reader.tell()
        reader.path = first
        for forged in ("", "x", ticket[:-1], ticket.replace("a", "b"), "1." + ticket, "9" * 3000):
            reader.ticket = forged
            await reader.tell(after=2)
        reader.ticket = ticket
        await reader.tell(after=86_400)
        assert office.rows("proposal_visit") == []

    async def test_a_flood_is_cut_off(self, office: Office, reader: Reader) -> None:
        path = send(office)
        await reader.open(path)
        office.world.clock.advance(5)
        for _ in range(70):
            await reader.open(path)
            reader.office.world.clock.advance(0)
            await reader.touch()
        assert len(office.rows("proposal_visit")) <= 60
        body = b"ticket=" + b"x" * 5000
        refused = await reader.http.post(f"{path}/seen", content=body, headers=reader.headers)
        assert refused.status_code == 400

    async def test_colleagues_count_nothing_in_their_browser(
        self, office: Office, http: httpx.AsyncClient
    ) -> None:
        preview = press(office, compose(office), "proposal.preview").card
        assert preview
        reader = Reader(http, office)
        await reader.open(path_of(preview))
        page = await reader.open(send(office))
        assert reader.ticket == ""
        assert page.status_code == 200
        http.cookies.clear()
        await reader.open(reader.path)
        http.cookies.set("genjin_colleague", "made.up", path="/p")
        await reader.tell()
        assert len(office.rows("proposal_visit")) == 1


class TestTrouble:
    async def test_a_defect_shows_the_number_that_is_logged(
        self, office: Office, reader: Reader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = send(office)

        def broken(_token: str) -> Page:
            raise AssertionError("a defect")

        with monkeypatch.context() as patch, capture_logs() as logged:
            patch.setattr(office.world.reading_room, "page", broken)
            page = await reader.open(path)
        assert page.status_code == 500
        [incident] = [line["incident"] for line in logged if "incident" in line]
        assert incident in page.text
        assert "a defect" not in page.text
        assert (await reader.open(path)).status_code == 200

    async def test_so_does_a_page_that_cannot_be_drawn(
        self, office: Office, reader: Reader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = send(office)
        with monkeypatch.context() as patch, capture_logs() as logged:
            patch.setattr("bot.public_web.proposals.draw_proposal", lambda *_, **__: 1 / 0)
            page = await reader.open(path)
        assert page.status_code == 500
        [incident] = [line["incident"] for line in logged if "incident" in line]
        assert incident in page.text


class TestTogether:
    @pytest.mark.every_way
    async def test_eight_readers_at_once_make_the_lead_hot_once(
        self, office: Office, http: httpx.AsyncClient
    ) -> None:
        path = send(office)
        readers = [Reader(http, office) for _ in range(8)]
        for one in readers:
            await one.open(path)
        office.world.clock.advance(5)
        asked = [one.tell(after=0) for one, _ in product(readers, range(2))]
        assert {answer.status_code for answer in await asyncio.gather(*asked)} == {204}
        assert len(office.rows("proposal_visit")) == 8
        assert len(office.rows("signal")) == 1
        notices = [row for row in office.rows("message") if row["kind"] == "customer_signalled"]
        assert len(notices) == 1
