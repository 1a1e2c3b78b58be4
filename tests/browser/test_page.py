"""Navigation on the page: the tour, people, channels and languages."""

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from bot.platforms import Address
from handlers.core.replies import Reply
from handlers.core.ui import Card
from tests.browser.conftest import Enter
from tests.conversations.browser import BrowserUser
from tests.platforms.web.company import Office

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SALES = Address("web", "channel", "sales")
# Names of people, of the other language, and of keys stay as they are.
ALLOWED_LATIN = re.compile(r"(Robin|Casey|Morgan|Alex) Sample|English|Ctrl|Enter|Tab|[A-Z]{2}")


class TestTour:
    async def test_leads_a_rep_to_what_the_manager_asks_by_keyboard(
        self, enter: Enter, office: Office
    ) -> None:
        robin = await enter("robin", tour=True)
        tour = robin.page.get_by_role("region", name="Tour")
        await expect(tour).to_contain_text("Log a lead")
        await tour.get_by_role("button", name="Try /lead").press("Enter")
        await robin.settled()
        await robin.submit({"customer": "A", "source": "fair", "phone": "138"})
        await expect(tour).to_contain_text("Step 2 of 4")
        await expect(tour).to_contain_text("Write a follow-up")
        await tour.get_by_role("button", name="Next").press("Enter")
        await tour.get_by_role("button", name="Try /pipeline").press("Enter")
        await expect(tour).to_contain_text("Step 4 of 4")
        office.script.instead["report.open"] = Reply(card=Card("A report"))
        await tour.get_by_role("button", name="Go on as Morgan Sample: /report").press("Enter")
        await expect(robin.page.get_by_role("heading", name="A report")).to_be_visible()
        assert office.script.asked[-1].sender.id == "morgan"
        await tour.get_by_role("button", name="Done").press("Enter")
        await expect(tour).to_be_hidden()
        await robin.page.reload()
        await robin.settled()
        await expect(tour).to_be_hidden()

    @pytest.mark.parametrize(
        ("persona", "first"), [("morgan", "See your team"), ("alex", "Check your team")]
    )
    async def test_fits_the_role(self, enter: Enter, persona: str, first: str) -> None:
        user = await enter(persona, tour=True)
        await expect(user.page.get_by_role("region", name="Tour")).to_contain_text(first)

    async def test_is_closed_by_escape_and_opened_again(self, enter: Enter) -> None:
        robin = await enter("robin", tour=True)
        tour = robin.page.get_by_role("region", name="Tour")
        await tour.get_by_role("button", name="Next").press("Escape")
        await expect(tour).to_be_hidden()
        await expect(robin.page.locator("#composer")).to_be_focused()
        await robin.page.get_by_role("button", name="Show the tour").click()
        await expect(tour).to_be_visible()


class TestPeople:
    async def test_are_switched_by_keyboard(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        switch = robin.page.get_by_role("button", name=re.compile("You are playing"))
        await switch.press("Enter")
        await robin.page.keyboard.press("ArrowDown")
        await robin.page.keyboard.press("ArrowDown")
        await robin.page.keyboard.press("Enter")
        await expect(robin.page.get_by_role("navigation")).to_contain_text("managers")
        await expect(switch).to_contain_text("Sales manager")
        await robin.type("/pipeline")
        assert office.script.asked[-1].sender.id == "morgan"

    async def test_with_news_are_marked(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        switch = robin.page.get_by_role("button", name=re.compile("You are playing"))
        await expect(switch.locator(".dot")).to_have_count(0)
        await office.platform.post(Address("web", "person", "casey"), Card("Hi"), locale="en")
        await expect(switch.locator(".dot")).to_be_visible()
        await switch.click()
        casey = robin.page.get_by_role("menuitemradio", name=re.compile("Casey"))
        await expect(casey).to_contain_text("unread")
        await casey.click()
        await expect(robin.page.get_by_role("article")).to_contain_text("Hi")
        await expect(switch.locator(".dot")).to_have_count(0)

    async def test_can_be_chosen_while_news_come_in(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        await robin.page.get_by_role("button", name=re.compile("You are playing")).click()
        await office.platform.post(SALES, Card("News"), locale="en")
        sales = robin.page.get_by_role("button", name=re.compile("sales"))
        await expect(sales).to_contain_text("unread")
        await robin.page.get_by_role("menuitemradio", name=re.compile("Casey")).click()
        await expect(robin.page.get_by_role("navigation")).not_to_contain_text("managers")
        await expect(robin.page.locator("#composer")).to_have_accessible_name(
            re.compile("Casey Sample")
        )


class TestChannels:
    async def test_are_marked_until_read(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        sales = robin.page.get_by_role("button", name=re.compile("sales"))
        await expect(sales).not_to_contain_text("unread")
        await office.platform.post(Address("web", "channel", "sales"), Card("News"), locale="en")
        await expect(sales).to_contain_text("unread")
        await expect(robin.page).to_have_title(re.compile("●"))
        await sales.click()
        await expect(robin.page.get_by_role("article")).to_contain_text("News")
        await expect(sales).not_to_contain_text("unread")

    async def test_mark_an_answer_for_one_pair_of_eyes(self, enter: Enter) -> None:
        robin, casey = await enter("robin"), await enter("casey")
        for user in (robin, casey):
            await user.page.get_by_role("button", name=re.compile("sales")).click()
            await user.settled()
        await robin.type("/genjin")
        mine = robin.page.get_by_role("article").last
        await expect(mine).to_contain_text("Only visible to you")
        await expect(casey.page.get_by_role("article")).to_have_count(1)
        await expect(casey.page.get_by_role("article")).to_contain_text("Robin Sample")

    async def test_stay_as_they_are_when_the_server_is_away(self, enter: Enter) -> None:
        robin = await enter("robin")
        await robin.page.route("**/api/messages*", lambda route: route.abort())
        await robin.page.get_by_role("button", name=re.compile("sales")).click()
        told = robin.page.get_by_role("status").filter(has_text="Is it still running?")
        await expect(told).to_be_visible()
        await expect(robin.page.get_by_role("heading", level=1)).to_have_text("Genjin")
        await robin.page.unroute("**/api/messages*")
        await robin.page.get_by_role("button", name=re.compile("sales")).click()
        await expect(robin.page.get_by_role("heading", level=1)).to_have_text("sales")
        robin.problems.clear()

    async def test_are_busy_until_they_are_open(self, enter: Enter) -> None:
        robin = await enter("robin")
        may_come = asyncio.Event()

        async def late(route: Route) -> None:
            await may_come.wait()
            await route.continue_()

        await robin.page.route("**/api/messages*", late)
        await robin.page.get_by_role("button", name=re.compile("sales")).click()
        log = robin.page.get_by_role("log")
        await expect(log).to_have_attribute("aria-busy", "true")
        may_come.set()
        await expect(log).to_have_attribute("aria-busy", "false")
        await expect(robin.page.get_by_role("heading", level=1)).to_have_text("sales")

    async def test_lose_nothing_that_comes_while_they_open(
        self, enter: Enter, office: Office
    ) -> None:
        robin = await enter("robin")
        heard = asyncio.Event()

        async def late(route: Route) -> None:
            loaded = await route.fetch()
            await office.platform.post(SALES, Card("Just now"), locale="en")
            await expect(sales).to_contain_text("unread")
            heard.set()
            await route.fulfill(response=loaded)

        sales = robin.page.get_by_role("button", name=re.compile("sales"))
        await robin.page.route("**/api/messages*", late)
        await sales.click()
        await expect(robin.page.get_by_role("article")).to_contain_text("Just now")
        assert heard.is_set()


class TestLanguage:
    async def test_is_switched_without_english_left_over(
        self, enter: Enter, office: Office
    ) -> None:
        morgan = await enter("morgan", tour=True)
        await morgan.page.get_by_role("button", name="中文").click()
        await expect(morgan.page.get_by_role("heading", level=1)).to_have_text("跟进")
        assert await morgan.page.get_attribute("html", "lang") == "zh-CN"
        await self._assert_chinese(morgan)
        await morgan.page.locator("#composer").press_sequentially("/录线索")
        await morgan.page.locator("#composer").press("Enter")
        await expect(morgan.dialog).to_be_visible()
        await self._assert_chinese(morgan)
        assert office.script.asked[0].sender.locale == "zh_CN"

    @staticmethod
    async def _assert_chinese(user: BrowserUser) -> None:
        labels: list[str] = await user.page.evaluate(
            """() => [document.body.innerText, document.title, ...[...document.querySelectorAll(
              "[aria-label], [title], [placeholder]")].flatMap((one) => [
                one.getAttribute("aria-label"), one.getAttribute("title"), one.placeholder])]"""
        )
        words_left = ALLOWED_LATIN.sub("", " ".join(text for text in labels if text))
        assert re.findall(r"[A-Za-z]{2,}", words_left) == []

    async def test_is_remembered(self, enter: Enter) -> None:
        robin = await enter("robin")
        await robin.page.get_by_role("button", name="中文").click()
        await expect(robin.page.get_by_role("button", name="发送")).to_be_visible()
        await robin.page.reload()
        await expect(robin.page.get_by_role("button", name="发送")).to_be_visible()
