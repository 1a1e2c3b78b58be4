"""Tables of leads: headings that sort, rows that open, and a phone on which they fit."""

import pytest
from playwright.async_api import expect

from bot.platforms import Address
from handlers.core.ui import Button, Card, Section, SortedBy, Table
from tests.browser.conftest import Enter
from tests.platforms.web.company import Office

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ROBIN = Address("web", "person", "robin")
ROWS = (
    ("LX001", "Alder Sample Software", "Discovery", "Overdue, Nov 27 · send the case", "¥200,000"),
    ("LX002", "Birch Sample School", "Proposal", "Nov 29 · arrange a demo", "¥1,000"),
)
LIST = Card(
    "My leads",
    sections=(
        Section(
            table=Table(
                ("No.", "Customer", "Stage", "Next step", "Amount"),
                ROWS,
                caption="open leads",
                numbers=frozenset({4}),
                opens=tuple(Button("lead.show", row[0], row[0]) for row in ROWS),
                sorts=(
                    None,
                    Button("lead_list.page", "Sort: by customer", "sort=customer"),
                    None,
                    None,
                    Button("lead_list.page", "Sort: largest value first", "sort=value"),
                ),
                sorted_by=SortedBy(4, descending=True),
                emphasized=frozenset({(0, 3)}),
            )
        ),
    ),
)


class TestTables:
    async def test_say_what_they_are_to_those_who_do_not_see_them(
        self, enter: Enter, office: Office
    ) -> None:
        robin = await enter("robin")
        await office.platform.post(ROBIN, LIST, locale="en")
        table = robin.page.get_by_role("table", name="open leads")
        await expect(table.get_by_role("columnheader")).to_have_count(5)
        by_value = table.get_by_role("columnheader", name="Amount")
        await expect(by_value).to_have_attribute("aria-sort", "descending")
        await expect(table.get_by_role("rowheader").first).to_have_text("LX001")
        await expect(table.locator(".emphasized")).to_have_text("Overdue, Nov 27 · send the case")
        edges = await table.locator("td.number").evaluate_all(
            "(cells) => cells.map((cell) => getComputedStyle(cell).textAlign)"
        )
        assert set(edges) == {"end"}

    async def test_a_heading_sorts_and_a_row_opens(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        await office.platform.post(ROBIN, LIST, locale="en")
        await robin.page.get_by_role("button", name="Customer").click()
        await robin.settled()
        asked = office.script.asked[-1]
        assert (asked.action, asked.state["value"]) == ("lead_list.page", "sort=customer")
        await robin.page.get_by_text("Birch Sample School").click()
        await robin.settled()
        asked = office.script.asked[-1]
        assert (asked.action, asked.state["value"]) == ("lead.show", "LX002")
        await robin.page.get_by_role("button", name="LX001", exact=True).press("Enter")
        await robin.settled()
        assert office.script.asked[-1].state["value"] == "LX001"

    async def test_fit_on_a_phone_with_each_cell_named(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin", phone=True)
        await office.platform.post(ROBIN, LIST, locale="en")
        row = robin.page.get_by_role("row").filter(has_text="Alder")
        await expect(row).to_be_visible()
        wide = await robin.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide == 0
        label = await row.get_by_text("¥200,000").evaluate(
            "(cell) => getComputedStyle(cell, '::before').content"
        )
        assert label == '"Amount"'
        button = await row.get_by_role("button").bounding_box()
        assert button
        assert button["height"] >= 40
