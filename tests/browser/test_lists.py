"""Lines with buttons of their own, bars that open what they count, and where the answers go."""

import pytest
from playwright.async_api import expect

from bot.platforms import Address
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Chart, Form, Row, Section, Series, Text
from tests.browser.conftest import Enter
from tests.platforms.web.company import Office

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ROBIN = Address("web", "person", "robin")
BOARD = Card(
    "My day",
    sections=(
        Section(
            "Overdue (12)",
            rows=tuple(
                Row(f"LX{n:03} · Sample {n}", Button("lead.open", f"Open LX{n:03}", f"LX{n:03}"))
                for n in (2, 7)
            ),
            opens=Button("lead_list.show", "All 12", "step=behind"),
        ),
    ),
    chart=Chart(
        "bar",
        "Open leads by stage",
        ("New", "Proposal"),
        (Series("Leads", (3, 9)),),
        "New 3, proposal 9",
        tuple(Button("lead_list.show", f"{one} leads", one) for one in ("New", "Proposal")),
    ),
    chart_below=True,
)


class TestLists:
    async def test_a_line_and_a_bar_open_what_they_say(self, enter: Enter, office: Office) -> None:
        shown = Reply(card=Card("A list"))
        office.script.instead |= {"lead_list.show": shown, "lead.open": shown}
        robin = await enter("robin")
        await office.platform.post(ROBIN, BOARD, locale="en")
        await robin.page.get_by_text("LX007 · Sample 7").click()
        await robin.settled()
        assert office.script.asked[-1].state == {"value": "LX007"}
        await robin.page.locator("svg .column-press").nth(1).click()
        await robin.settled()
        assert office.script.asked[-1].state == {"value": "Proposal"}
        await robin.page.get_by_role("button", name="All 12").press("Enter")
        await robin.settled()
        assert office.script.asked[-1].state == {"value": "step=behind"}

    async def test_the_answer_stands_beside_what_was_pressed(
        self, enter: Enter, office: Office
    ) -> None:
        office.script.instead["lead_list.show"] = Reply(card=Card("A list"))
        robin = await enter("robin")
        await office.platform.post(ROBIN, BOARD, locale="en")
        for n in range(9):
            await office.platform.post(
                ROBIN, Card(f"Something else {n}", body="x\n" * 9), locale="en"
            )
        titles = robin.page.locator("article h3")
        await expect(titles).to_have_count(10)
        await robin.page.get_by_role("button", name="All 12").click()
        await expect(titles.nth(1)).to_have_text("A list")
        await expect(titles.nth(1)).to_be_in_viewport()
        await robin.page.reload()
        await expect(titles.nth(1)).to_have_text("A list")
        await robin.page.get_by_role("button", name="Proposal leads").click()
        await expect(titles.nth(2)).to_have_text("A list")
        board = robin.page.locator("article .card").first
        below = board.locator(".answers article h3")
        await expect(below).to_have_count(2)
        shown = await board.inner_text()
        assert shown.index("A list") < shown.index("Open leads by stage")

    async def test_a_form_is_answered_beside_the_button_that_opened_it(
        self, enter: Enter, office: Office
    ) -> None:
        form = Form("a.save", "Why?", (Text(name="why", label="Why"),), "Show", "Cancel")
        office.script.instead |= {"a.ask": Reply(form=form), "a.save": Reply(card=Card("A phone"))}
        robin = await enter("robin")
        asks = Button("a.ask", "Show phone", "LX001")
        fold = Section("Contact", buttons=(asks,), folded=True)
        await office.platform.post(
            ROBIN, Card("A lead", sections=(fold, Section("Need", ("x\n" * 40,)))), locale="en"
        )
        await robin.page.get_by_text("Contact").click()
        await robin.press("Show phone")
        await robin.submit({"why": "to call"})
        answer = robin.page.locator("details .answers h3")
        await expect(answer).to_be_in_viewport()
        await robin.page.reload()
        await expect(answer).to_be_visible()

    async def test_an_answer_outlives_its_button(self, enter: Enter, office: Office) -> None:
        office.script.instead["lead.open"] = Reply(card=Card("A lead"))
        robin = await enter("robin")
        posted = await office.platform.post(ROBIN, BOARD, locale="en")
        await robin.page.get_by_role("button", name="Open LX007").click()
        await robin.settled()
        await expect(robin.page.locator(".answers h3")).to_have_text("A lead")
        await office.platform.edit(ROBIN, posted, Card("My day", body="Nothing to do"), locale="en")
        await expect(robin.page.locator(".answers")).to_have_count(0)
        await expect(robin.page.locator("article h3").last).to_have_text("A lead")

    async def test_a_channel_opens_at_the_beginning_of_its_newest_message(
        self, enter: Enter, office: Office
    ) -> None:
        robin = await enter("robin")
        sales = Address("web", "channel", "sales")
        for title in ("Last week", "This week"):
            await office.platform.post(sales, Card(title, body="x\n" * 90), locale="en")
        await robin.go_to("sales")
        await expect(robin.page.locator("article h3").last).to_be_in_viewport()

    async def test_fits_a_phone(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin", phone=True)
        await office.platform.post(ROBIN, BOARD, locale="en")
        card = robin.page.locator(".card")
        await expect(card).to_be_visible()
        box = await card.bounding_box()
        assert box
        assert box["x"] + box["width"] <= 375
        assert await card.evaluate("one => one.scrollWidth <= one.clientWidth")
