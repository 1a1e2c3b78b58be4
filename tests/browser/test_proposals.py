"""A proposal's page in a real browser: who reads it is noticed, who only loads it is not."""

import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from bot.server import WebServer, web_app
from sales.intake import LocalText
from sales.playbook import Playbook, Proposals
from storage.database.encryption import Fields
from storage.database.engine import open_database
from storage.database.keyring import new_key, parse_keyring
from storage.database.schema import migrate
from tests.browser.conftest import PHONE
from tests.browser.test_intake_form import nothing
from tests.handlers.proposals.drafted import compose, path_of, press, send, stock
from tests.office import SHANGHAI, Office, open_office

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
SHOTS = os.environ.get("GENJIN_TESTS_SHOTS", "")
PERSON = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)
RULES = Playbook(
    proposals=Proposals(seller=LocalText(en="Sample Seller Ltd", zh="样例科技"), seen_seconds=1)
)
LONG = "<script>alert(1)</script> " + "a_very_long_word_" * 9


@dataclass
class Shop:
    """An office whose proposals are read at ``url``."""

    office: Office
    url: str
    browser: Browser
    problems: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def open(self, path: str, **how: Any) -> Page:
        context = await self.browser.new_context(**{"user_agent": PERSON} | how)
        page = await context.new_page()
        page.on("console", lambda said: self.problems.append(said.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", lambda asked: self._seen(asked.url))
        await page.clock.install()
        await page.goto(self.url + path)
        return page

    async def told_nothing(self, page: Page) -> None:
        """However long it stays open, the page tells nothing."""
        self.asked.clear()
        await page.clock.fast_forward(60_000)
        await page.request.get(f"{self.url}/p/assets/seen.js")
        assert not [url for url in self.asked if url.endswith("/seen")]
        assert self.visits() == []

    def _seen(self, url: str) -> None:
        self.asked.append(url)
        if not url.startswith(self.url):
            self.problems.append(f"asked {url}")

    def visits(self) -> list[dict[str, Any]]:
        return self.office.rows("proposal_visit")

    async def noticed(self, page: Page, count: int) -> float:
        """Seconds until so many visits are kept."""
        began = time.monotonic()
        while len(self.visits()) < count:
            assert time.monotonic() - began < 5, self.visits()
            await page.wait_for_timeout(20)
        return time.monotonic() - began


@pytest_asyncio.fixture(loop_scope="session")
async def shop(browser: Browser, tmp_path: Path) -> AsyncIterator[Shop]:
    database = open_database(f"sqlite:///{tmp_path / 'shop.db'}", tmp_path)
    migrate(database)
    fields = Fields(parse_keyring(new_key("test")))
    with open_office(database, fields, FRIDAY, public_url="https://offers.example") as office:
        office.world.rules(RULES)
        office.log_lead("robin", owner="keep", product="advanced")
        stock(office)
        world = office.world
        server = WebServer(
            web_app(world.routes, world.health, world.registry), "127.0.0.1", 0, nothing
        )
        async with server.serving():
            shop = Shop(office, server.address, browser)
            yield shop
            for context in browser.contexts:
                if any(page.url.startswith(shop.url) for page in context.pages):
                    await context.close()
    database.dispose()


async def read(page: Page) -> None:
    await page.mouse.move(200, 200)
    await page.mouse.wheel(0, 300)


class TestOpening:
    async def test_a_reader_is_noticed_and_the_owner_hears(self, shop: Shop) -> None:
        path = send(shop.office)
        page = await shop.open(path)
        shop.office.world.clock.advance(5)
        await read(page)
        await page.clock.fast_forward(1500)
        assert await shop.noticed(page, 1) < 2
        await shop.office.settle()
        [card] = [c for c in shop.office.inbox("robin") if "LX001" in c.title]
        assert card.title == shop.office.say("signal.hot_title", lead="LX001 · Acme Sample Ltd")
        assert shop.office.lead().hot_since is not None
        shop.office.world.clock.advance(120)
        await page.close(run_before_unload=True)
        assert shop.problems == []

    async def test_loading_alone_even_for_long_counts_nothing(self, shop: Shop) -> None:
        page = await shop.open(send(shop.office))
        shop.office.world.clock.advance(60)
        await page.evaluate(
            "window.scrollTo(0, 500); dispatchEvent(new PointerEvent('pointermove'))"
        )
        await shop.told_nothing(page)

    async def test_a_machine_that_moves_the_mouse_says_who_it_is(self, shop: Shop) -> None:
        page = await shop.open(send(shop.office), user_agent=f"{PERSON} HeadlessChrome/131.0")
        shop.office.world.clock.advance(60)
        async with page.expect_response("**/seen") as answer:
            await read(page)
            await page.clock.fast_forward(1500)
        assert (await answer.value).status == 204
        assert shop.visits() == []

    async def test_without_scripts_pointing_at_it_is_enough(self, shop: Shop) -> None:
        page = await shop.open(send(shop.office), java_script_enabled=False)
        shop.office.world.clock.advance(5)
        assert shop.visits() == []
        await page.mouse.move(300, 200)
        await page.mouse.move(300, 500)
        await shop.noticed(page, 1)
        assert shop.problems == []

    async def test_colleagues_count_for_nothing_after_a_preview(self, shop: Shop) -> None:
        preview = press(shop.office, compose(shop.office), "proposal.preview").card
        assert preview
        page = await shop.open(path_of(preview))
        assert shop.office.say("reader.preview") in await page.inner_text(".notice")
        await page.goto(shop.url + send(shop.office))
        shop.office.world.clock.advance(60)
        await read(page)
        await shop.told_nothing(page)


class TestLooks:
    @pytest.mark.parametrize("locale", ["en", "zh_CN"])
    async def test_fits_a_phone_a_desk_and_paper(self, shop: Shop, locale: str) -> None:
        path = send(
            shop.office,
            language=locale,
            discount="5",
            own_solutions=f"{LONG} → an answer",
            own_modules="Import: 8,000 / 1.2万\nTraining: - / 3000",
        )
        for name, how in (("desk", {}), ("dark", {"color_scheme": "dark"}), ("phone", PHONE)):
            page = await shop.open(path, **how)
            width = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert width[0] <= width[1], (name, width)
            if SHOTS:
                await page.screenshot(path=f"{SHOTS}/{locale}-{name}.png", full_page=True)
        page = await shop.open(path)
        if SHOTS:
            await page.pdf(path=f"{SHOTS}/{locale}.pdf", prefer_css_page_size=True)
        assert await page.locator("script").count() == 1
        assert shop.problems == []
