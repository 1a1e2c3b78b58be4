"""Forms on the page: errors beside the field, no input lost, and no mouse needed."""

from dataclasses import replace

import pytest
from playwright.async_api import expect

from handlers.core.replies import Reply
from handlers.core.ui import Text
from tests.browser.conftest import Enter
from tests.platforms.web.company import Office
from tests.platforms.web.script import lead_form
from tests.platforms.web.words import words

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

GOOD = {"customer": "Harbor Tech Ltd", "source": "fair", "phone": "13800000000"}


class TestMistakes:
    async def test_stand_beside_their_field_and_take_the_focus(self, enter: Enter) -> None:
        robin = await enter("robin")
        await robin.type("/lead")
        await robin.submit({**GOOD, "phone": "abc", "budget": "much"})
        form = await robin.form()
        assert form is not None
        assert set(form.errors) == {"phone", "budget"}
        assert form.values["customer"] == "Harbor Tech Ltd"
        phone = robin.page.get_by_label("Phone")
        await expect(phone).to_be_focused()
        await expect(phone).to_have_attribute("aria-invalid", "true")
        await expect(phone).to_have_accessible_description(
            "That is not a phone number. Try 13800000000."
        )

    async def test_of_an_empty_required_field_are_told_without_asking(
        self, enter: Enter, office: Office
    ) -> None:
        robin = await enter("robin")
        await robin.type("/lead")
        await robin.submit({})
        form = await robin.form()
        assert form is not None
        assert form.errors["customer"] == "Required: please fill this in."
        assert [one.action for one in office.script.asked] == ["lead.open"]

    async def test_are_told_all_at_once(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        await robin.type("/lead")
        await robin.submit({**GOOD, "customer": "", "phone": "abc"})
        form = await robin.form()
        assert form is not None
        assert set(form.errors) == {"customer", "phone"}
        assert [one.only_check for one in office.script.asked] == [False, True]

    async def test_may_change_the_form_and_keep_what_was_typed(
        self, enter: Enter, office: Office
    ) -> None:
        robin = await enter("robin")
        await robin.type("/lead")
        asked = Text(name="region", label="Region", required=True)
        form = lead_form(words("en"))
        office.script.instead["lead.create"] = Reply(
            form=replace(form, fields=(*form.fields, asked)), errors={"region": "Which region?"}
        )
        await robin.submit(GOOD)
        seen = await robin.form()
        assert seen is not None
        assert seen.errors == {"region": "Which region?"}
        assert seen.values["phone"] == "13800000000"
        await expect(robin.page.get_by_label("Region")).to_be_focused()
        del office.script.instead["lead.create"]
        await robin.submit({"region": "East"})
        assert office.script.saved[0]["region"] == "East"

    async def test_without_a_field_are_told_in_the_form(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        await robin.type("/lead")
        office.script.instead["lead.create"] = Reply(errors={"": "Somebody else saved it."})
        await robin.submit(GOOD)
        await expect(robin.dialog.get_by_role("alert")).to_have_text("Somebody else saved it.")

    async def test_go_away_when_the_field_is_changed(self, enter: Enter) -> None:
        robin = await enter("robin")
        await robin.type("/lead")
        await robin.submit({**GOOD, "phone": "abc"})
        await robin.page.get_by_label("Phone").fill("1")
        form = await robin.form()
        assert form is not None
        assert form.errors == {}


class TestDraft:
    async def test_is_kept_over_a_reload(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        await robin.type("/lead")
        await robin.page.get_by_label("Customer").fill("Half done")
        await robin.page.get_by_label("Training").check(force=True)
        await robin.page.reload()
        await robin.settled()
        form = await robin.form()
        assert form is not None
        assert form.values["customer"] == "Half done"
        assert form.values["products"] == ("crm", "training")
        await robin.submit(GOOD)
        assert office.script.saved[0]["customer"] == "Harbor Tech Ltd"
        await robin.page.reload()
        await robin.settled()
        assert await robin.form() is None

    async def test_is_left_only_after_a_question(self, enter: Enter) -> None:
        robin = await enter("robin")
        await robin.type("/lead")
        await robin.page.get_by_label("Customer").fill("Half done")
        await robin.page.keyboard.press("Escape")
        question = robin.page.get_by_role("alertdialog")
        await expect(question).to_be_visible()
        await expect(question.get_by_role("button", name="Keep editing")).to_be_focused()
        await robin.page.keyboard.press("Escape")
        await expect(robin.page.get_by_label("Customer")).to_have_value("Half done")
        await robin.page.keyboard.press("Escape")
        await robin.page.get_by_role("button", name="Discard").click()
        await expect(robin.dialog).to_have_count(0)
        await expect(robin.page.locator("#composer")).to_be_focused()

    async def test_untouched_closes_at_once(self, enter: Enter) -> None:
        robin = await enter("robin")
        await robin.type("/lead")
        await robin.page.keyboard.press("Escape")
        await expect(robin.dialog).to_have_count(0)

    async def test_survives_a_server_that_does_not_answer(
        self, enter: Enter, office: Office
    ) -> None:
        robin = await enter("robin", own_clock=True)
        await robin.type("/lead")
        await robin.page.route("**/api/requests", lambda route: route.abort())
        await robin.page.get_by_label("Customer").fill("Harbor Tech Ltd")
        await robin.page.get_by_label("Source").select_option("fair")
        await robin.page.get_by_label("Phone").fill("13800000000")
        await robin.page.keyboard.press("Control+Enter")
        problem = robin.dialog.get_by_role("alert")
        for _ in range(20):
            await robin.page.clock.run_for(1000)
            if await problem.is_visible():
                break
        await expect(problem).to_contain_text("Everything you typed is still here")
        await robin.page.unroute("**/api/requests")
        await robin.page.keyboard.press("Control+Enter")
        await expect(robin.dialog).to_have_count(0)
        assert office.script.saved[0]["customer"] == "Harbor Tech Ltd"
        # Chromium reports every request that was cut off; that is what was played here.
        robin.problems.clear()


class TestKeyboard:
    async def test_logs_a_lead_without_a_mouse(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        await expect(robin.page.locator("#composer")).to_be_focused()
        keys = robin.page.keyboard
        await keys.type("/le")
        await keys.press("Tab")
        await keys.press("Enter")
        await expect(robin.page.get_by_label("Customer")).to_be_focused()
        await keys.type("Harbor Tech Ltd")
        await keys.press("Tab")
        await keys.type("Trade")
        await keys.press("Tab")
        await keys.press("Tab")
        await keys.type("13800000000")
        await keys.press("Control+Enter")
        await robin.settled()
        await expect(robin.dialog).to_have_count(0)
        assert office.script.saved[0]["source"] == "fair"
        await expect(robin.page.locator("#composer")).to_be_focused()
        assert "LX024 · Harbor Tech Ltd" in (await robin.messages())[-2].text

    async def test_stays_inside_an_open_form(self, enter: Enter) -> None:
        robin = await enter("robin")
        await robin.type("/lead")
        for _ in range(30):
            await robin.page.keyboard.press("Tab")
            assert await robin.page.evaluate("!document.activeElement.closest('.app')")

    async def test_picks_a_lead_by_typing(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        await robin.type("/followup")
        assert await robin.search("lead", "school") == ["LX002 · Brightway School"]
        await robin.page.keyboard.press("ArrowDown")
        await robin.page.keyboard.press("Enter")
        lead = robin.page.get_by_role("combobox", name="Lead")
        await expect(lead).to_have_value("LX002 · Brightway School")
        await expect(lead).to_have_attribute("aria-expanded", "false")
        await robin.submit({"method": "call", "summary": "Went well"})
        saved = office.script.saved[0]
        assert saved["lead"] == "LX002"
        assert saved["next_at"] == "2026-11-25T15:00"
        assert saved["points"] == ("people",)

    async def test_ends_a_search_before_it_leaves_the_form(self, enter: Enter) -> None:
        robin = await enter("robin", own_clock=True)
        await robin.type("/followup")
        lead = robin.page.get_by_role("combobox", name="Lead")
        await lead.press("x")
        await lead.press("Escape")
        await robin.page.clock.run_for(2000)
        await expect(lead).to_have_attribute("aria-expanded", "false")
        await expect(robin.dialog).to_be_visible()
        await expect(robin.page.get_by_role("alertdialog")).to_have_count(0)


class TestFields:
    async def test_of_every_kind_are_filled_and_read(self, enter: Enter, office: Office) -> None:
        robin = await enter("robin")
        filled: dict[str, str | tuple[str, ...]] = {
            **GOOD,
            "contact": "Robin",
            "email": "a@example.com",
            "budget": "12.5万",
            "buys_on": "2026-12-24",
            "products": ("analytics", "training"),
            "need": "two\nlines",
        }
        await robin.type("/lead")
        await robin.submit(filled)
        assert office.script.saved[0] == filled
        await robin.type("/followup LX007")
        noted: dict[str, str | tuple[str, ...]] = {
            "lead": "LX007",
            "method": "visit",
            "next_at": "2026-12-01T09:30",
            "summary": "Hi",
            "points": ("budget",),
            "support": "Jamie",
            "people": "3",
        }
        await robin.submit(noted)
        assert office.script.saved[1] == {**noted, "support": "4"}

    async def test_count_characters_near_the_limit_and_cut_nothing(self, enter: Enter) -> None:
        robin = await enter("robin")
        await robin.type("/followup")
        summary = robin.page.get_by_label("What was said")
        await summary.fill("x" * 20)
        counter = robin.dialog.locator("[data-field=summary] .counter")
        await expect(counter).to_be_hidden()
        await summary.fill("x" * 50)
        await expect(counter).to_have_text("50 / 40")
        await expect(summary).to_have_value("x" * 50)
