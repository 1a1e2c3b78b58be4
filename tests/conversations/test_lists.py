"""A rep lists the own leads, turns a page, opens one, and filters the list in a form.

Played on every platform, as ``test_a_tech`` is.
"""

from datetime import timedelta

import pytest

from sales.leads import Lead
from sales.people import SYSTEM
from tests.conversations.stages import FRIDAY, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")
LEADS = 8
"""More than DingTalk shows at once, and less than a page elsewhere."""


def sow(stage: Stage) -> None:
    """Leads of Robin's, each a day older than the one before; every fourth is from the north."""
    with stage.world.new_uow() as uow:
        [robin] = [person for person in uow.people.everyone() if person.name == "Robin Sample"]
        for number in range(LEADS):
            uow.leads(SYSTEM).add(
                Lead(
                    source="ads",
                    customer=f"Sample {number + 1:02} Works",
                    region="east" if number % 4 else "north",
                    phone=f"+861381234560{number}",
                    owner_id=robin.id,
                    team_id=robin.team_id,
                    created_at=FRIDAY - timedelta(days=number),
                    stage_since=FRIDAY,
                    created_by=robin.id,
                )
            )
        uow.commit()


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
