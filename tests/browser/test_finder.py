"""Ctrl+K, the whole page by keyboard alone, and notifications of what arrives out of sight."""

import re

import pytest
from playwright.async_api import Page, expect

from bot.platforms import Address
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Option, Section
from tests.browser.conftest import Enter
from tests.conversations.browser import BrowserUser
from tests.platforms.web.company import Office

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SALES = Address("web", "channel", "sales")
FOUND = Reply(
    options=(
        Option("lead:LX007", "LX007 · Sample Clinic"),
        Option("person:Casey Sample", "Casey Sample · Sales rep"),
    )
)
_HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
_FAKE = """() => {
  window.told = [];
  window.Notification = class extends EventTarget {
    static permission = "default";
    static asked = 0;
    static async requestPermission() {
      this.asked += 1;
      return (this.permission = "granted");
    }
    constructor(title, options) {
      super();
      window.told.push(`${title}: ${options.body}`);
      window.last = this;
    }
    close() {}
  };
}"""


@pytest.fixture
def found(office: Office) -> Office:
    office.script.instead["finder.options"] = FOUND
    return office


async def find(user: BrowserUser, typed: str) -> None:
    await user.page.keyboard.press("Control+k")
    await user.page.keyboard.type(typed)
    await expect(user.page.get_by_role("option", name=re.compile("Sample Clinic"))).to_be_visible()


class TestFinder:
    async def test_goes_to_a_lead_from_anywhere(self, enter: Enter, found: Office) -> None:
        robin = await enter("robin")
        await robin.go_to("sales")
        await find(robin, "clinic")
        await robin.page.keyboard.press("Enter")
        await robin.settled()
        await expect(robin.page.get_by_role("heading", level=1)).to_have_text("Genjin")
        assert found.script.asked[-1].action == "lead.open"
        assert found.script.asked[-1].text == "LX007"
        await expect(robin.page.locator("dialog")).to_have_count(0)

    async def test_goes_to_a_person_a_command_and_a_channel(
        self, enter: Enter, found: Office
    ) -> None:
        robin = await enter("robin")
        await find(robin, "cs")
        await robin.page.get_by_role("option", name=re.compile("Casey")).click()
        await robin.settled()
        assert (found.script.asked[-1].action, found.script.asked[-1].text) == (
            "people.open",
            "Casey Sample",
        )
        await find(robin, "pipe")
        await robin.page.keyboard.press("Enter")
        await robin.settled()
        assert found.script.asked[-1].action == "board.open"
        await find(robin, "sales")
        await robin.page.get_by_role("option", name=re.compile("conversation")).click()
        await robin.settled()
        await expect(robin.page.get_by_role("heading", level=1)).to_have_text("sales")

    async def test_offers_only_what_the_role_may_do(self, enter: Enter, found: Office) -> None:
        robin = await enter("robin")
        await find(robin, "playbook")
        offered = robin.page.get_by_role("option", name=re.compile("command"))
        await expect(offered).to_have_count(0)

    async def test_is_left_by_escape_and_fits_a_phone(self, enter: Enter, found: Office) -> None:
        robin = await enter("robin", phone=True)
        await robin.page.get_by_role("button", name="Go to…").click()
        await expect(robin.page.get_by_role("option", name=re.compile("Clinic"))).to_be_visible()
        box = await robin.page.locator("dialog.finder").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 375
        await robin.page.keyboard.press("Escape")
        await expect(robin.page.locator("dialog")).to_have_count(0)


async def focus(page: Page) -> dict[str, str]:
    seen: dict[str, str] = await page.evaluate(
        """() => {
          const one = document.activeElement;
          const box = one.getBoundingClientRect();
          const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
          const drawn = [one, one.closest(".box")].filter(Boolean)
            .some((node) => getComputedStyle(node).outlineStyle !== "none" || getComputedStyle(node).boxShadow !== "none");
          const framed = drawn || one.closest(".composer-box") !== null;
          return { tag: one.tagName, words: one.getAttribute("aria-label") ?? one.textContent,
            seen: String(inside), drawn: String(framed), id: one.id + one.className };
        }"""  # noqa: E501
    )
    return seen


class TestKeyboard:
    async def test_walks_the_whole_page_and_never_loses_the_focus(
        self, enter: Enter, office: Office
    ) -> None:
        robin = await enter("robin")
        buttons = tuple(Button("lead.accept", f"Do {n}", str(n)) for n in range(3))
        sections = tuple(Section(f"Part {n}", ("x\n" * 15,), buttons=buttons) for n in range(3))
        await office.platform.post(
            Address("web", "person", "robin"), Card("A card", sections=sections), locale="en"
        )
        await expect(robin.page.get_by_role("article")).to_have_count(1)
        await robin.page.locator(".skip").focus()
        stops = []
        for _ in range(40):
            await robin.page.keyboard.press("Tab")
            at = await focus(robin.page)
            if at["tag"] == "BODY":
                break
            assert (at["seen"], at["drawn"]) == ("true", "true"), at
            stops.append(at["words"])
        assert sum(words.startswith("Do ") for words in stops) == 9
        assert stops[-1] == "Send"

    async def test_walks_a_form_with_every_field_in_view(self, enter: Enter) -> None:
        robin = await enter("robin", phone=True)
        await robin.type("/lead")
        fields: set[str] = set()
        for _ in range(25):
            await robin.page.keyboard.press("Tab")
            at = await focus(robin.page)
            if at["tag"] == "BODY":
                continue
            assert (at["seen"], at["drawn"]) == ("true", "true"), at
            fields.add(at["id"])
        assert await robin.page.evaluate("document.querySelector('dialog').scrollTop") == 0
        assert len(fields) >= 8


class TestNotifications:
    async def test_are_offered_to_who_missed_something_and_then_sent(
        self, enter: Enter, office: Office
    ) -> None:
        robin = await enter("robin")
        await robin.page.evaluate(_FAKE)
        offer = robin.page.get_by_role("region", name="Something came in while you were away")
        await office.platform.post(SALES, Card("In sight"), locale="en")
        await expect(robin.page.locator("[data-conversation=sales] .dot")).to_be_visible()
        await expect(offer).to_be_hidden()
        await robin.page.evaluate(_HIDE, True)
        await office.platform.post(SALES, Card("Out of sight"), locale="en")
        await robin.page.wait_for_function("() => document.title.startsWith('●')")
        await robin.page.evaluate(_HIDE, False)
        await expect(offer).to_be_visible()
        assert await robin.page.evaluate("Notification.asked") == 0
        await offer.get_by_role("button", name="Notify me").click()
        await expect(offer).to_be_hidden()
        await robin.page.evaluate(_HIDE, True)
        await office.platform.post(SALES, Card("Third"), locale="en")
        await robin.page.wait_for_function("() => window.told.length > 0")
        assert await robin.page.evaluate("window.told") == ["Genjin: Genjin: Third"]
        await robin.page.evaluate("window.last.dispatchEvent(new Event('click'))")
        await expect(robin.page.get_by_role("heading", level=1)).to_have_text("sales")
        await robin.page.evaluate(_HIDE, False)

    async def test_are_never_offered_again_once_refused(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        await robin.page.evaluate(_FAKE)
        offer = robin.page.get_by_role("region", name="Something came in while you were away")
        for title in ("One", "Two"):
            await robin.page.evaluate(_HIDE, True)
            await office.platform.post(Address("web", "person", "robin"), Card(title), locale="en")
            await expect(robin.page.get_by_role("heading", name=title)).to_be_visible()
            await robin.page.evaluate(_HIDE, False)
            if title == "One":
                await offer.get_by_role("button", name="Not now").click()
        await expect(offer).to_be_hidden()
        assert await robin.page.evaluate("Notification.asked") == 0
