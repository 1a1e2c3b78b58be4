"""Typing on the page: command completion, and lines that are never lost."""

import re

import pytest
from playwright.async_api import expect

from handlers.core.commands import COMMANDS
from tests.browser.conftest import Enter
from tests.platforms.web.company import Office

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


class TestAutocomplete:
    async def test_narrows_down_and_completes(self, enter: Enter) -> None:
        robin = await enter("robin")
        composer = robin.page.locator("#composer")
        options = robin.page.get_by_role("listbox").get_by_role("option")
        await composer.press_sequentially("/")
        await expect(options).to_have_count(len(COMMANDS))
        await composer.press_sequentially("s")
        await expect(options).to_have_text([re.compile("/stage"), re.compile("/sync")])
        await expect(composer).to_have_attribute("aria-expanded", "true")
        await composer.press("ArrowDown")
        await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        await composer.press("Enter")
        await expect(composer).to_have_value("/sync ")
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
        robin = await enter("robin", own_clock=True)
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
