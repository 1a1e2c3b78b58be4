"""Charts of reports in the web chat: drawn, told part by part, and as tables."""

import re

import pytest
from playwright.async_api import expect

from bot.platforms import Address
from handlers.core.language import LOCALES
from handlers.core.ui import Card, Section
from tests.browser.conftest import Enter
from tests.chart_samples import all_samples
from tests.platforms.web.company import Office

ROBIN = Address("web", "person", "robin")

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("locale", LOCALES)
async def test_fit_a_phone(enter: Enter, office: Office, locale: str) -> None:
    charts = all_samples(locale).values()
    sections = tuple(Section(chart=chart) for chart in charts)
    await office.platform.post(ROBIN, Card("Charts", sections=sections), locale=locale)
    robin = await enter("robin", phone=True, locale=locale)
    drawn = robin.page.locator(".scene svg")
    await expect(drawn).to_have_count(6)
    wide = await robin.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 375
    for chart in charts:
        await expect(robin.page.get_by_role("img", name=chart.alt)).to_be_visible()


async def test_tell_each_part_to_mouse_and_keyboard(enter: Enter, office: Office) -> None:
    chart = all_samples("en")["funnel"]
    await office.platform.post(ROBIN, Card("Charts", chart=chart), locale="en")
    robin = await enter("robin")
    readout = robin.page.locator(".readout")
    await robin.page.locator(".point").nth(1).hover()
    await expect(readout).to_have_text("Screened: 121 · Go on 61%")
    picture = robin.page.get_by_role("img", name=chart.alt)
    await picture.focus()
    await robin.page.keyboard.press("End")
    await expect(readout).to_have_text("Won: 9")
    await robin.page.keyboard.press("ArrowUp")
    await expect(readout).to_have_text(re.compile("Negotiation: 22"))
    await robin.page.keyboard.press("Enter")
    await robin.settled()
    asked = office.script.asked[-1]
    assert (asked.action, asked.state["value"]) == ("list.open", "Negotiation")


async def test_are_tables_as_well(enter: Enter, office: Office) -> None:
    chart = all_samples("en")["heat"]
    await office.platform.post(ROBIN, Card("Charts", chart=chart), locale="en")
    robin = await enter("robin")
    await robin.page.get_by_text("Show the figures").click()
    row = robin.page.get_by_role("table").get_by_role("row").nth(1)
    await expect(row).to_have_text(re.compile("Exhibition.*42% n=31.*– n=3"))
