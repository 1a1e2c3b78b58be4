"""The public form in a real browser: on a desktop, on a phone, in another site's frame."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from bot.server import WebServer, web_app
from sales.intake import Intake, PublicForm
from sales.playbook import Playbook
from storage.database.encryption import Fields
from storage.database.engine import open_database
from storage.database.keyring import new_key, parse_keyring
from storage.database.schema import migrate
from tests.browser.conftest import PHONE
from tests.office import SHANGHAI, Office, open_office

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
SHOTS = os.environ.get("GENJIN_TESTS_SHOTS", "")
"""A directory to keep pictures of the pages in, for eyes to look at."""

_FOCUSED = "(one => one.name || one.type || one.href)(document.activeElement)"


@dataclass
class Public:
    """An office with its form open to the world, and a site that embeds it."""

    office: Office
    url: str
    embedder: str
    browser: Browser
    problems: list[str] = field(default_factory=list)

    async def open(self, path: str = "/form/website", **how: Any) -> Page:
        context = await self.browser.new_context(**how)
        page = await context.new_page()
        page.on("console", lambda said: self.problems.append(said.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", lambda asked: self._seen(asked.url))
        await page.goto(path if path.startswith("http") else self.url + path)
        return page

    def _seen(self, url: str) -> None:
        if not url.startswith((self.url, self.embedder)):
            self.problems.append(f"asked {url}")


async def nothing() -> None:
    """A server with nothing to end before it closes."""


@pytest_asyncio.fixture(loop_scope="session")
async def public(browser: Browser, tmp_path: Path) -> AsyncIterator[Public]:
    database = open_database(f"sqlite:///{tmp_path / 'public.db'}", tmp_path)
    migrate(database)
    with open_office(database, Fields(parse_keyring(new_key("test"))), FRIDAY) as office:
        world = office.world
        frames: list[str] = []

        async def embedding(_request: Request) -> HTMLResponse:
            return HTMLResponse(f'<h1>A site</h1><iframe src="{frames[0]}" title="form"></iframe>')

        site = Starlette(routes=[Route("/", embedding), Route("/favicon.ico", embedding)])
        app = web_app(world.routes, world.health, world.registry)
        ours = WebServer(app, "127.0.0.1", 0, nothing)
        theirs = WebServer(site, "127.0.0.1", 0, nothing)
        async with ours.serving(), theirs.serving():
            shown = PublicForm(
                fields=(
                    "customer",
                    "contact",
                    "title",
                    "phone",
                    "email",
                    "product",
                    "timeframe",
                    "need",
                ),
                privacy_url="https://acme.example/privacy",
            )
            embedded = PublicForm(embed_on=(theirs.address,))
            world.rules(Playbook(intake=Intake(forms={"website": shown, "partner": embedded})))
            frames.append(f"{ours.address}/form/partner?lang=en")
            public = Public(office, ours.address, theirs.address, browser)
            yield public
            for context in browser.contexts:
                if any(
                    page.url.startswith((public.url, public.embedder)) for page in context.pages
                ):
                    await context.close()
    database.dispose()


def said(problems: list[str]) -> list[str]:
    """What the console complained of, but for the answers that were meant to be refusals."""
    return [problem for problem in problems if "status of 4" not in problem]


class TestForm:
    @pytest.mark.parametrize(("locale", "phone"), [("en-GB", False), ("zh-CN", True)])
    async def test_a_mistake_is_mended_and_the_lead_arrives(
        self, public: Public, locale: str, phone: bool
    ) -> None:
        say = public.office.world.languages(locale).text
        page = await public.open(
            "/form/website?detail=fair", locale=locale, **(PHONE if phone else {})
        )
        await self._shoot(page, f"{locale}-fresh")
        await page.get_by_label(say("visitor.field_phone")).fill("12")
        await page.get_by_label(say("visitor.field_need")).fill("Two words\nin two lines")
        await page.get_by_label(say("visitor.field_product")).select_option("advanced")
        public.office.world.clock.advance(10)
        await page.get_by_role("button", name=say("visitor.send")).click()
        await expect(page.get_by_role("alert")).to_have_text(say("visitor.wrong", n=2))
        customer = page.get_by_label(say("visitor.field_customer"))
        await expect(customer).to_be_focused()
        await expect(customer).to_have_accessible_description(
            say("visitor.problem_customer_missing")
        )
        await expect(page.get_by_label(say("visitor.field_product"))).to_have_value("advanced")
        await self._assert_fits(page)
        await self._shoot(page, f"{locale}-wrong")
        await customer.fill("Cedar Sample Ltd")
        await page.get_by_label(say("visitor.field_phone")).fill("136 1234 5678")
        await customer.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text(say("visitor.thanks_title"))
        await self._assert_fits(page)
        await self._shoot(page, f"{locale}-thanks")
        lead = public.office.lead()
        assert (lead.customer, lead.need) == ("Cedar Sample Ltd", "Two words\nin two lines")
        assert await page.context.cookies() == []
        assert said(public.problems) == []

    async def test_the_keyboard_goes_through_it_and_misses_the_trap(self, public: Public) -> None:
        page = await public.open("/form/website?lang=en")
        order = []
        for _ in range(12):
            await page.keyboard.press("Tab")
            order.append(await page.evaluate(_FOCUSED))
        assert order[:8] == [
            "customer", "contact", "title", "phone", "email", "product", "timeframe", "need",
        ]  # fmt: skip
        assert "homepage" not in order
        assert order[8:11] == ["submit", "https://acme.example/privacy", "switch"]

    async def test_switching_the_language_keeps_the_words(self, public: Public) -> None:
        page = await public.open("/form/website?lang=en")
        await page.get_by_label("Company").fill("Cedar Sample Ltd")
        await page.get_by_role("button", name="中文").click()
        await expect(page.get_by_label("公司名称")).to_have_value("Cedar Sample Ltd")
        await expect(page.get_by_role("alert")).to_have_count(0)
        assert public.office.leads() == []

    async def test_works_in_a_frame_of_a_named_site(self, public: Public) -> None:
        page = await public.open(public.embedder)
        frame = page.frame_locator("iframe")
        await frame.get_by_label("Company").fill("Framed Sample Ltd")
        await frame.get_by_label("E-mail").fill("f@framed.example")
        public.office.world.clock.advance(10)
        await frame.get_by_role("button", name="Send").click()
        await expect(frame.get_by_role("heading", level=1)).to_have_text("Thank you!")
        assert public.office.lead().source == "partner"
        assert said(public.problems) == []

    async def test_another_site_may_not_frame_it(self, public: Public) -> None:
        page = await public.open(public.embedder)
        await page.evaluate(
            "url => { document.querySelector('iframe').src = url }", f"{public.url}/form/website"
        )
        await expect(page.frame_locator("iframe").get_by_label("Company")).to_have_count(0)
        async with page.expect_console_message(lambda told: "frame" in told.text.lower()):
            await page.evaluate(
                "url => { document.querySelector('iframe').src = url }",
                f"{public.url}/form/website?again",
            )

    @staticmethod
    async def _assert_fits(page: Page) -> None:
        assert page.viewport_size
        wide: int = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= page.viewport_size["width"]

    @staticmethod
    async def _shoot(page: Page, name: str) -> None:
        if SHOTS:
            await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
