"""The reply line under a lead's card in the browser.

Used by keyboard, kept when the card changes, and reached by the address in e-mails.
"""

from dataclasses import replace

import pytest
from playwright.async_api import expect

from bot.platforms import Address, Thread
from handlers.core.ui import Card
from tests.browser.conftest import Enter
from tests.platforms.web.company import Office
from tests.platforms.web.script import lead_card
from tests.platforms.web.words import words

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ROBIN = Address("web", "person", "robin")


def a_card(**changed: str) -> Card:
    return replace(lead_card(words("en"), "LX024", **changed), thread="lead:24")


class TestReplyLine:
    async def test_says_something_under_the_card(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        ref = await office.platform.post(ROBIN, a_card(), locale="en")
        reply = robin.page.get_by_label("Say something about LX024")
        await reply.focus()
        await robin.page.keyboard.type("they want it by May")
        await robin.page.keyboard.press("Enter")
        await robin.settled()
        asked = office.script.asked[-1]
        assert (asked.under, asked.line) == (ref, "they want it by May")
        await expect(reply).to_be_focused()
        await expect(reply).to_have_value("")
        first = robin.page.get_by_role("article").first
        await expect(first.locator(".thread li").first).to_contain_text("they want it by May")

    async def test_loses_nothing_when_the_card_changes_or_the_line_is_down(
        self, enter: Enter, office: Office
    ) -> None:
        robin = await enter("robin")
        ref = await office.platform.post(ROBIN, a_card(), locale="en")
        reply = robin.page.get_by_label("Say something about LX024")
        await reply.fill("half a sen")
        await office.platform.edit(ROBIN, ref, a_card(owner="Robin Sample"), locale="en")
        first = robin.page.get_by_role("article").first
        await expect(first).to_contain_text("Robin Sample")
        await expect(reply).to_have_value("half a sen")
        await expect(reply).to_be_focused()
        later = Card("Something later", thread="lead:24")
        await office.platform.post(ROBIN, later, locale="en", thread=Thread(ref))
        await expect(first).to_contain_text("Later on this (1)")
        await expect(reply).to_be_focused()
        await robin.page.reload()
        await expect(reply).to_have_value("half a sen")
        await robin.page.route("**/api/requests", lambda route: route.abort())
        await reply.press("Enter")
        await expect(reply).to_have_value("half a sen", timeout=15_000)
        robin.problems.clear()

    async def test_stands_under_first_cards_of_leads_only(
        self, enter: Enter, office: Office
    ) -> None:
        robin = await enter("robin")
        ref = await office.platform.post(ROBIN, a_card(), locale="en")
        await office.platform.post(
            ROBIN, Card("Later", thread="lead:24"), locale="en", thread=Thread(ref)
        )
        await office.platform.post(ROBIN, Card("A task"), locale="en")
        await expect(robin.page.get_by_role("article")).to_have_count(3)
        await expect(robin.page.locator(".thread-reply")).to_have_count(1)

    async def test_what_is_no_message_of_ones_own_is_refused(
        self, enter: Enter, office: Office
    ) -> None:
        robin = await enter("robin")
        to_casey = Address("web", "person", "casey")
        ref = await office.platform.post(to_casey, a_card(), locale="en")
        answer = await robin.page.evaluate(
            """async (under) => (await fetch("/api/requests", {
              method: "POST", headers: { "Content-Type": "application/json" },
              body: JSON.stringify({ id: crypto.randomUUID(), kind: "command", persona: "robin",
                conversation: "dm:robin", locale: "en", text: "x", under }) })).status""",
            int(ref),
        )
        assert answer == 404
        assert office.script.asked == []
        robin.problems.clear()


class TestAddress:
    async def test_brings_the_leads_card_into_view(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        await office.platform.post(ROBIN, a_card(), locale="en")
        for n in range(20):
            await office.platform.post(ROBIN, Card(f"News {n}", body="x\n" * 5), locale="en")
        await robin.page.goto("about:blank")
        await robin.page.goto(f"{office.url}/#LX024")
        await robin.settled()
        card = robin.page.get_by_role("article").filter(has_text="LX024")
        await expect(card).to_be_in_viewport()
        assert office.script.asked == []
        assert "#" not in robin.page.url

    async def test_asks_for_a_card_that_is_not_there(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        await robin.page.evaluate("location.hash = '#lx007'")
        await expect(robin.page.get_by_role("article").first).to_contain_text("/lead LX007")
        await robin.settled()
        assert [(one.action, one.text) for one in office.script.asked] == [("lead.open", "LX007")]

    @pytest.mark.parametrize("hash_", ["#", "#LX", "#LX1'><img src=x>", "#LX12345678901"])
    async def test_of_anything_else_is_ignored(
        self, enter: Enter, office: Office, hash_: str
    ) -> None:
        robin = await enter("robin")
        await robin.page.evaluate("(hash) => { location.hash = hash }", hash_)
        await robin.settled()
        assert office.script.asked == []
