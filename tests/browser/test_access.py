"""The link with the token, in a real browser: it opens the chat from wherever it was clicked."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.server import WebServer
from tests.conversations.browser import PATIENCE_MS
from tests.platforms.web.test_access import TOKEN, Chat, chat_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
LINK = f"/?token={TOKEN}"


@pytest_asyncio.fixture(loop_scope="session")
async def chat(tmp_path: Path) -> Chat:
    return chat_in(tmp_path, token=TOKEN)


@pytest_asyncio.fixture(loop_scope="session")
async def address(chat: Chat) -> AsyncIterator[str]:
    server = WebServer(chat.app, "127.0.0.1", 0, chat.platform.stop)
    await chat.platform.start()
    async with server.serving():
        yield server.address


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere(address: str) -> AsyncIterator[str]:
    """A page of another site, a mail for example, with both links."""

    async def mail(_request: Request) -> Response:
        return HTMLResponse(f"<a href='{address}{LINK}'>link</a> <a href='{address}/'>chat</a>")

    async def nothing() -> None:
        """It has no streams."""

    server = WebServer(Starlette(routes=[Route("/", mail)]), "127.0.0.1", 0, nothing)
    async with server.serving():
        yield server.address.replace("127.0.0.1", "localhost")


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    yield await context.new_page()
    await context.close()


async def is_in(page: Page) -> None:
    await page.get_by_text("Robin Sample").first.wait_for(state="attached")


class TestTheLink:
    async def test_opens_the_chat_and_is_gone_from_the_address(
        self, page: Page, address: str
    ) -> None:
        await page.goto(address + LINK)
        await is_in(page)
        assert page.url == f"{address}/"
        assert TOKEN not in await page.evaluate("document.cookie + document.referrer")
        await page.reload()
        await is_in(page)

    async def test_opens_the_chat_from_another_site(self, page: Page, elsewhere: str) -> None:
        await page.goto(elsewhere)
        await page.get_by_role("link", name="link").click()
        await is_in(page)
        assert TOKEN not in page.url

    async def test_need_not_be_opened_twice(self, page: Page, address: str, elsewhere: str) -> None:
        """A strict cookie is not sent along with another site's link, but with our own."""
        await page.goto(address + LINK)
        await is_in(page)
        await page.goto(elsewhere)
        await page.get_by_role("link", name="chat").click()
        await page.get_by_role("link", name="Open the chat").click()
        await is_in(page)

    async def test_is_asked_for_where_it_is_not_known(self, page: Page, address: str) -> None:
        await page.goto(address)
        await page.get_by_role("heading", name="This chat opens with a link").wait_for()
        styled = await page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth")
        assert styled == "640px"

    async def test_that_was_replaced_leads_to_the_page_that_says_so(
        self, page: Page, address: str
    ) -> None:
        await page.goto(address + LINK)
        await is_in(page)
        await page.context.clear_cookies()
        read = "import('/static/js/api.js').then((api) => api.read('setup', {}))"
        await page.evaluate(f"{read}.catch(() => null)")
        await page.get_by_role("heading", name="This chat opens with a link").wait_for()
