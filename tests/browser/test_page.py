"""The page as people see it: languages, people, colours, a phone, and live cards."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from bot.platforms import Address
from handlers.ui import Card
from tests.browser.conftest import Enter
from tests.conversations.browser import BrowserUser
from tests.platforms.web.company import Office
from tests.platforms.web.script import digest_card, lead_card, reminder_card
from tests.platforms.web.words import words

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = {"viewport": {"width": 375, "height": 720}, "has_touch": True, "is_mobile": True}
ROBIN = Address("web", "person", "robin")
# Names of people, of the other language, and of keys stay as they are.
ALLOWED_LATIN = re.compile(r"(Robin|Casey|Morgan|Alex) Sample|English|Ctrl|Enter|Tab|[A-Z]{2}")


class TestAutocomplete:
    async def test_narrows_down_and_completes(self, enter: Enter) -> None:
        robin = await enter("robin")
        composer = robin.page.locator("#composer")
        options = robin.page.get_by_role("listbox").get_by_role("option")
        await composer.press_sequentially("/")
        await expect(options).to_have_count(5)
        await composer.press_sequentially("p")
        await expect(options).to_have_text([re.compile("/pipeline"), re.compile("/people")])
        await expect(composer).to_have_attribute("aria-expanded", "true")
        await composer.press("ArrowDown")
        await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        await composer.press("Enter")
        await expect(composer).to_have_value("/people ")
        await expect(composer).to_have_attribute("aria-expanded", "false")

    async def test_knows_chinese_names_without_a_slash(self, enter: Enter) -> None:
        robin = await enter("robin", locale="zh_CN")
        composer = robin.page.locator("#composer")
        await composer.press_sequentially("录")
        await composer.press("Tab")
        await expect(composer).to_have_value("/录线索 ")

    async def test_leaves_ordinary_words_alone(self, enter: Enter) -> None:
        robin = await enter("robin")
        await robin.page.locator("#composer").press_sequentially("lead")
        await expect(robin.page.get_by_role("listbox")).to_have_count(0)

    async def test_is_closed_by_escape_and_keeps_the_text(self, enter: Enter) -> None:
        robin = await enter("robin")
        composer = robin.page.locator("#composer")
        await composer.press_sequentially("/le")
        await composer.press("Escape")
        await expect(composer).to_have_attribute("aria-expanded", "false")
        await expect(composer).to_have_value("/le")


class TestComposer:
    async def test_keeps_a_half_typed_line_over_a_reload(self, enter: Enter) -> None:
        robin = await enter("robin")
        await robin.page.locator("#composer").press_sequentially("/lead Har")
        await robin.page.reload()
        await robin.settled()
        await expect(robin.page.locator("#composer")).to_have_value("/lead Har")

    async def test_brings_back_what_was_typed_before(self, enter: Enter) -> None:
        robin = await enter("robin")
        await robin.type("/lead LX001")
        await robin.page.locator("#composer").press("ArrowUp")
        await expect(robin.page.locator("#composer")).to_have_value("/lead LX001")

    async def test_gives_the_line_back_when_nobody_answers(self, enter: Enter) -> None:
        robin = await enter("robin")
        await robin.page.clock.install()
        await robin.page.route("**/api/requests", lambda route: route.abort())
        await robin.page.locator("#composer").fill("/lead LX001")
        await robin.page.locator("#composer").press("Enter")
        told = robin.page.get_by_role("status").filter(has_text="did not answer")
        for _ in range(20):
            await robin.page.clock.run_for(1000)
            if await told.count():
                break
        await expect(told).to_be_visible()
        await expect(robin.page.locator("#composer")).to_have_value("/lead LX001")
        robin.problems.clear()


class TestWelcome:
    async def test_offers_what_to_type_first(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        await expect(robin.page.get_by_role("heading", level=2).first).to_be_visible()
        await robin.page.get_by_role("button", name="/followup").click()
        await robin.settled()
        assert [one.action for one in office.script.asked] == ["followup.open"]
        form = await robin.form()
        assert form is not None
        assert form.title == "Follow-up"


class TestTour:
    async def test_leads_from_a_lead_to_the_manager_by_keyboard(self, enter: Enter) -> None:
        robin = await enter("robin", tour=True)
        tour = robin.page.get_by_role("region", name="Tour")
        await expect(tour).to_contain_text("Log a lead")
        await tour.get_by_role("button", name="Try /lead").press("Enter")
        await robin.settled()
        await robin.submit({"customer": "A", "source": "fair", "phone": "138"})
        await expect(tour).to_contain_text("Step 2 of 4")
        await robin.press("Accept")
        await expect(tour).to_contain_text("Write a follow-up")
        await tour.get_by_role("button", name="Next").press("Enter")
        await tour.get_by_role("button", name="Switch to Morgan Sample").press("Enter")
        await expect(robin.page.get_by_role("heading", level=1)).to_have_text("managers")
        await tour.get_by_role("button", name="Done").press("Enter")
        await expect(tour).to_be_hidden()
        await robin.page.reload()
        await robin.settled()
        await expect(tour).to_be_hidden()

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


class TestLiveCard:
    async def test_is_redrawn_in_place(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        say = words("en")
        ref = await office.platform.post(ROBIN, lead_card(say, "LX024"), locale="en")
        await office.platform.post(ROBIN, reminder_card(say), locale="en")
        first = robin.page.get_by_role("article").first
        await first.get_by_role("button", name="Accept").focus()
        changed = lead_card(say, "LX024", owner="Robin Sample")
        await office.platform.edit(ROBIN, ref, changed, locale="en")
        await expect(first).to_contain_text("Robin Sample")
        await expect(first).to_contain_text("updated 14:05")
        await expect(first).to_have_class(re.compile("changed"))
        await expect(first.get_by_role("button", name="Accept")).to_be_focused()
        await expect(robin.page.get_by_role("article")).to_have_count(2)

    async def test_asks_before_a_dangerous_button(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        await robin.type("/lead LX024")
        await robin.page.get_by_role("button", name="Decline").click()
        question = robin.page.get_by_role("alertdialog", name="Decline this lead?")
        await expect(question).to_be_visible()
        await question.get_by_role("button", name="Cancel").click()
        await expect(question).to_have_count(0)
        assert office.script.asked[-1].action == "lead.open"
        await robin.press("Decline")
        assert (await robin.messages())[-1].text == "Passed on to the next colleague."

    async def test_is_read_out(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        await office.platform.post(ROBIN, lead_card(words("en"), "LX024"), locale="en")
        spoken = robin.page.locator("[aria-live=polite]").filter(has_text="LX024")
        await expect(spoken).to_have_text("Genjin: LX024 is offered to you")

    async def test_comes_after_a_broken_line(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        await robin.page.context.set_offline(True)
        await office.platform.post(ROBIN, Card("While you were away"), locale="en")
        await robin.page.context.set_offline(False)
        await expect(robin.page.get_by_role("article")).to_contain_text("While you were away")
        robin.problems.clear()

    async def test_shows_hostile_text_as_text(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        hostile = "<img src=x onerror=\"document.title='hit'\"><b>bold</b>"
        await office.platform.post(ROBIN, Card(hostile, body=hostile), locale="en")
        await expect(robin.page.get_by_role("article").get_by_text(hostile)).to_have_count(2)
        assert await robin.page.locator("article img, article b").count() == 0


class TestChart:
    async def test_is_drawn_and_told_in_figures(self, enter: Enter) -> None:
        morgan = await enter("morgan")
        await morgan.type("/pipeline")
        card = (await morgan.messages())[-1]
        assert card.has_picture
        chart = morgan.page.get_by_role("img", name=re.compile("15 captured"))
        assert await chart.locator("rect").count() == 10
        heights: list[float] = await chart.locator("rect").evaluate_all(
            "(bars) => bars.slice(0, 5).map((bar) => bar.getBBox().height)"
        )
        assert heights == sorted(heights, reverse=True)
        assert heights[0] / heights[4] == pytest.approx(15 / 2, rel=0.02)
        await morgan.page.get_by_text("Show the figures").click()
        table = morgan.page.get_by_role("table").first
        await expect(table.get_by_role("row").nth(1)).to_have_text(re.compile("Captured.*15.*11"))


class TestPhone:
    @pytest.mark.parametrize("locale", ["en", "zh_CN"])
    async def test_never_scrolls_sideways(
        self, enter: Enter, office: Office, locale: str
    ) -> None:
        say = words(locale)
        await office.platform.post(ROBIN, digest_card(say), locale=locale)
        robin = await enter("robin", locale=locale, tour=True, **PHONE)
        await self._assert_fits(robin)
        await robin.type("/lead LX024")
        await self._assert_fits(robin)
        await robin.type("/lead")
        await self._assert_fits(robin)
        box = await robin.dialog.bounding_box()
        assert box is not None
        assert box["width"] == PHONE["viewport"]["width"]  # type: ignore[index]

    @staticmethod
    async def _assert_fits(user: BrowserUser) -> None:
        wide: dict[str, Any] = await user.page.evaluate(
            """() => ({
              page: document.documentElement.scrollWidth,
              log: document.querySelector("[role=log]").scrollWidth,
            })"""
        )
        assert max(wide.values()) <= 375  # noqa: PLR2004 - the phone's width

    async def test_opens_the_sidebar_as_a_drawer(self, enter: Enter) -> None:
        robin = await enter("robin", **PHONE)
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
    for (let at = node; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
    const style = getComputedStyle(node);
    const [a, b] = [light(paint([...grounds, style.color])), light(paint(grounds))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${node.className || node.tagName}: ${node.textContent} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""
