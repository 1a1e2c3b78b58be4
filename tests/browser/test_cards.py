"""Cards on the page: live updates, safe rendering, and readable charts."""

import re

import pytest
from playwright.async_api import expect

from bot.platforms import Address
from handlers.core.ui import Button, Card, Chart, Confirm, Section, Series
from tests.browser.conftest import PHONE, Enter
from tests.platforms.web.company import Office
from tests.platforms.web.script import lead_card, reminder_card
from tests.platforms.web.words import words

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ROBIN = Address("web", "person", "robin")


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


class TestMore:
    async def test_is_a_menu_for_keyboard_and_screen_reader(
        self, enter: Enter, office: Office
    ) -> None:
        more = (Button("lead.open", "Edit", "LX024"), Button("lead.open", "Objections", "LX024"))
        card = Card("LX024", buttons=(Button("lead.open", "Log", "LX024", "primary"),), more=more)
        await office.platform.post(ROBIN, card, locale="en")
        robin = await enter("robin")
        keys, button = robin.page.keyboard, robin.page.get_by_role("button", name="More")
        await expect(robin.page.get_by_role("menuitem")).to_have_count(0)
        await button.focus()
        await keys.press("Enter")
        await expect(button).to_have_attribute("aria-expanded", "true")
        await expect(robin.page.get_by_role("menuitem", name="Edit")).to_be_focused()
        await keys.press("ArrowDown")
        await expect(robin.page.get_by_role("menuitem", name="Objections")).to_be_focused()
        await keys.press("Escape")
        await expect(robin.page.get_by_role("menu", name="More")).to_be_hidden()
        await expect(button).to_be_focused()
        await keys.press("ArrowDown")
        await keys.press("Enter")
        await robin.settled()
        assert office.script.asked[-1].action == "lead.open"

    async def test_stays_in_view_on_a_phone(self, enter: Enter, office: Office) -> None:
        more = tuple(Button("lead.open", f"Something to do, number {n}", "1") for n in range(8))
        first = (Button("lead.open", "A button as wide as that", "1"),)
        await office.platform.post(ROBIN, Card("LX024", buttons=first, more=more), locale="en")
        robin = await enter("robin", phone=True)
        await robin.page.get_by_role("button", name="More").click()
        box = await robin.page.get_by_role("menu").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["viewport"]["width"]

    async def test_asks_before_what_asks_first(self, enter: Enter, office: Office) -> None:
        sure = Confirm("Sure?", "It goes.", "Yes", "No")
        drop = Button("lead.open", "Drop", "1", "danger", sure)
        card = Card("LX024", buttons=(Button("lead.open", "Log", "1"),), more=(drop,))
        await office.platform.post(ROBIN, card, locale="en")
        robin = await enter("robin")
        await robin.page.get_by_role("button", name="More").click()
        await robin.page.get_by_role("menuitem", name="Drop").click()
        question = robin.page.get_by_role("alertdialog", name="Sure?")
        await expect(question).to_be_visible()
        await robin.page.keyboard.press("Escape")
        await expect(question).to_have_count(0)
        await expect(robin.page.get_by_role("button", name="More")).to_be_focused()


class TestSeldomWanted:
    async def test_is_folded_behind_its_heading(self, enter: Enter, office: Office) -> None:
        why = Section("How the score came about", ("Budget +2",), folded=True)
        await office.platform.post(ROBIN, Card("LX024", sections=(why,)), locale="en")
        robin = await enter("robin")
        points = robin.page.get_by_text("Budget +2")
        await expect(points).to_be_hidden()
        await robin.page.get_by_text("How the score came about").click()
        await expect(points).to_be_visible()


class TestChart:
    @pytest.mark.parametrize("locale", ["en", "zh_CN"])
    async def test_names_every_stage_in_full_on_a_phone(
        self, enter: Enter, office: Office, locale: str
    ) -> None:
        names = ("线索获取", "线索筛选", "需求挖掘", "方案呈现", "商务谈判")
        chart = Chart("bar", "t", names, (Series("s", (1, 2, 3, 4, 5)),), "all")
        await office.platform.post(ROBIN, Card("c", chart=chart), locale=locale)
        robin = await enter("robin", locale=locale, phone=True)
        drawn = await robin.page.locator(".category").all_text_contents()
        assert tuple(drawn) == names

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
        ticks = await chart.locator(".tick").all_text_contents()
        assert ticks == ["0", "5", "10", "15"]
        await morgan.page.get_by_text("Show the figures").click()
        table = morgan.page.get_by_role("table").first
        await expect(table.get_by_role("row").nth(1)).to_have_text(re.compile("Captured.*15.*11"))

    @pytest.mark.parametrize(
        ("counts", "drawn"),
        [
            ((1, 0), ["0", "1"]),
            ((2, 1), ["0", "1", "2"]),
            # Four even steps would be of 2.5.
            ((10, 3), ["0", "5", "10"]),
            ((0, 0), ["0", "1"]),
        ],
    )
    async def test_of_things_counts_in_whole_ones(
        self, enter: Enter, office: Office, counts: tuple[int, int], drawn: list[str]
    ) -> None:
        few = Chart("bar", "Open", ("A", "B"), (Series("now", counts),), "two and one")
        await office.platform.post(ROBIN, Card("Few", chart=few), locale="en")
        robin = await enter("robin")
        ticks = robin.page.get_by_role("img", name="two and one").locator(".tick")
        assert await ticks.all_text_contents() == drawn

    async def test_that_cannot_be_drawn_leaves_the_words(
        self, enter: Enter, office: Office
    ) -> None:
        robin = await enter("robin")
        await robin.page.evaluate(
            "() => { Intl.NumberFormat = function () { throw new Error('no charts') } }"
        )
        chart = Chart("bar", "Open", ("A", "B"), (Series("now", (2, 1)),), "two and one")
        await office.platform.post(
            ROBIN, Card("Few", body="Since Monday", chart=chart), locale="en"
        )
        card = robin.page.get_by_role("article").filter(has_text="Since Monday")
        await expect(card).to_contain_text("two and one")
        assert any("no charts" in problem for problem in robin.problems)
        robin.problems.clear()

    async def test_draws_what_is_no_number_as_nothing(self, enter: Enter, office: Office) -> None:
        values = (float("nan"), float("inf"), 3.0)
        chart = Chart("bar", "Odd", ("A", "B", "C"), (Series("now", values),), "only C")
        await office.platform.post(ROBIN, Card("Odd ones", chart=chart), locale="en")
        robin = await enter("robin")
        ticks = robin.page.get_by_role("img", name="only C").locator(".tick")
        assert await ticks.all_text_contents() == ["0", "1", "2", "3"]
