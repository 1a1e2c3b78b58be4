"""The look of the page: on a phone, in light and dark."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from bot.platforms import Address
from tests.browser.conftest import PHONE, Enter
from tests.conversations.browser import BrowserUser
from tests.platforms.web.company import Office
from tests.platforms.web.script import digest_card, lead_card, reminder_card
from tests.platforms.web.words import words

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ROBIN = Address("web", "person", "robin")


class TestPhone:
    @pytest.mark.parametrize("locale", ["en", "zh_CN"])
    async def test_never_scrolls_sideways(self, enter: Enter, office: Office, locale: str) -> None:
        say = words(locale)
        await office.platform.post(ROBIN, digest_card(say), locale=locale)
        robin = await enter("robin", locale=locale, tour=True, phone=True)
        await self._assert_fits(robin)
        await robin.type("/lead LX024")
        await self._assert_fits(robin)
        await robin.type("/lead")
        await self._assert_fits(robin)
        box = await robin.dialog.bounding_box()
        assert box is not None
        assert box["width"] == PHONE["viewport"]["width"]

    @staticmethod
    async def _assert_fits(user: BrowserUser) -> None:
        wide: dict[str, Any] = await user.page.evaluate(
            """() => ({
              page: document.documentElement.scrollWidth,
              log: document.querySelector("[role=log]").scrollWidth,
            })"""
        )
        assert max(wide.values()) <= PHONE["viewport"]["width"]

    async def test_opens_the_sidebar_as_a_drawer(self, enter: Enter) -> None:
        robin = await enter("robin", phone=True)
        menu = robin.page.get_by_role("button", name="Open the conversations")
        sales = robin.page.get_by_role("button", name=re.compile("sales"))
        await expect(sales).to_be_hidden()
        await menu.click()
        await expect(robin.page.get_by_role("navigation").locator("[aria-current]")).to_be_focused()
        await robin.page.keyboard.press("Escape")
        await expect(sales).to_be_hidden()
        await expect(menu).to_be_focused()
        await menu.click()
        await sales.click()
        await expect(robin.page.get_by_role("heading", level=1)).to_have_text("sales")
        await expect(sales).to_be_hidden()


class TestColours:
    async def test_follow_the_system_and_the_toggle(self, enter: Enter) -> None:
        robin = await enter("robin", color_scheme="dark")
        ground = "getComputedStyle(document.body).backgroundColor"
        dark = await robin.page.evaluate(ground)
        toggle = robin.page.get_by_role("button", name=re.compile("Colours"))
        await expect(toggle).to_have_accessible_name("Colours: like this computer")
        await toggle.click()
        light = await robin.page.evaluate(ground)
        assert dark != light
        await robin.page.reload()
        await robin.settled()
        assert await robin.page.evaluate(ground) == light
        await toggle.click()
        assert await robin.page.evaluate(ground) == dark

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    async def test_are_readable(self, enter: Enter, office: Office, scheme: str) -> None:
        say = words("en")
        for card in (lead_card(say, "LX024"), digest_card(say), reminder_card(say)):
            await office.platform.post(ROBIN, card, locale="en")
        robin = await enter("robin", color_scheme=scheme, tour=True)
        assert await robin.page.evaluate(_POOR_CONTRAST) == []
        await robin.type("/lead")
        await robin.submit({"customer": "A", "source": "fair", "phone": "abc"})
        assert await robin.page.evaluate(_POOR_CONTRAST) == []


# WCAG AA: 4.5 to 1 for text, measured on the colours as they are painted.
_POOR_CONTRAST = """() => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const paint = (layers) => {
    pen.clearRect(0, 0, 1, 1);
    for (const layer of layers) { pen.fillStyle = layer; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => rgb.map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const poor = [];
  const top = document.querySelector("dialog[open]") ?? document.body;
  for (const node of top.querySelectorAll("*")) {
    const words = [...node.childNodes].filter((one) => one.nodeType === 3 && one.data.trim());
    if (!words.length || !node.checkVisibility() || node.closest("svg, .hidden, option")) continue;
    const grounds = [];
    for (let at = node; at; at = at.parentElement) {
      grounds.unshift(getComputedStyle(at).backgroundColor);
    }
    const style = getComputedStyle(node);
    const [a, b] = [light(paint([...grounds, style.color])), light(paint(grounds))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${node.className}: ${node.textContent} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""
