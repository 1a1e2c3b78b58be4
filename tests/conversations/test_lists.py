"""A rep lists the own leads, turns a page, opens one, and filters the list in a form.

Played on every platform, as ``test_a_tech`` is.
"""

import pytest

from tests.conversations.stages import LEADS, Stage, sow

pytestmark = pytest.mark.asyncio(loop_scope="session")


class TestLists:
    async def test_listed_opened_and_filtered(self, stage: Stage) -> None:
        sow(stage)
        robin = stage.people["robin"]
        await robin.type("/leads")
        title = titled(stage, LEADS)
        shown = await stage.newest("robin", title)
        assert "1381234" not in shown.text
        if stage.say("button.next_page") in shown.buttons:
            # The newest leads come first where nothing is planned.
            assert "Sample 08" in shown.text
            assert "Sample 01" not in shown.text
            await robin.press(stage.say("button.next_page"), within=title)
        shown = await stage.newest("robin", "Sample 01 Works")
        assert title in shown.text
        await robin.press("LX001", within=title)
        await stage.newest("robin", "Sample 01 Works", stage.say("button.log"))
        await robin.press(stage.say("button.filter"), within=title)
        form = await robin.form()
        assert form
        # The sums are folded, and all that is rare where a card shows no fold.
        assert {"stages", "steps", "sort"} <= set(form.fields)
        await robin.submit({"regions": ("north",)})
        shown = await stage.newest("robin", titled(stage, 2))
        assert "Sample 05 Works" in shown.text
        assert "Sample 02 Works" not in shown.text
        chinese = stage.locale == "zh_CN"
        await robin.type("我的线索 华东 没有下一步" if chinese else "leads east, no next step")
        await stage.newest("robin", titled(stage, 6))


def titled(stage: Stage, count: int) -> str:
    words = stage.say("list.count", n=count, number=str(count))
    return f"{stage.say('list.title_mine')} · {words}"
