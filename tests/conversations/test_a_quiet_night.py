"""A quiet night on every platform: notices wait for the morning.

A target is set, two leads come at night and wait for the morning, on Friday the departments meet.
"""

from datetime import datetime, timedelta

import pytest

from sales.playbook import Playbook, PoolMember, RoutingRule
from tests.conversations.stages import SHANGHAI, Stage
from tests.conversations.test_a_tech import A_TECH

pytestmark = pytest.mark.asyncio(loop_scope="session")

THURSDAY = datetime(2024, 3, 7, 21, 30, tzinfo=SHANGHAI)
TO_ROBIN = RoutingRule(name="all", pool=(PoolMember(person="Robin Sample"),))


@pytest.fixture
def begins() -> datetime:
    return THURSDAY


class TestAQuietNight:
    async def test_from_the_target_to_the_sync(self, stage: Stage) -> None:
        stage.world.rules(Playbook(routing=(TO_ROBIN,)))
        await set_the_target(stage)
        await two_leads_at_night(stage)
        await choose_other_hours(stage)
        await sync_on_friday(stage)


async def set_the_target(stage: Stage) -> None:
    boss = stage.people["max"]
    await boss.type("/target")
    await boss.press(stage.say("button.set_target", name="East"))
    await boss.submit({"revenue": "plenty", "customers": "50"})
    form = await boss.form()
    assert form
    assert set(form.errors) == {"revenue"}
    await boss.submit({"revenue": "80万"})
    assert await boss.form() is None
    shown = await stage.newest("max", stage.say("measure.revenue"))
    assert "80万" in shown.text or "800,000" in shown.text


async def two_leads_at_night(stage: Stage) -> None:
    """Nothing is heard of them until eight; then one message opens each."""
    boss, rep = stage.people["max"], stage.people["robin"]
    # Robin has done nothing for so long that they sleep.
    stage.world.clock.advance(timedelta(minutes=30))
    for customer in ("A科技有限公司", "B示例学校"):
        await boss.type("/lead")
        await boss.submit(A_TECH | {"customer": customer})
        assert await boss.form() is None
        await stage.world.settle()
    assert not [m for m in await rep.messages() if "LX00" in m.text]
    await stage.travel(3, 8, 8)
    kept = await stage.newest("robin", stage.say("quiet.title", n=2))
    assert kept.text.index("A科技") < kept.text.index("B示例")
    await rep.press(stage.say("button.open_notice", number=2))
    await stage.world.settle()
    opened = await stage.newest("robin", "B示例学校", stage.say("button.accept"))
    assert "A科技" not in opened.text


async def choose_other_hours(stage: Stage) -> None:
    rep = stage.people["robin"]
    await rep.press(stage.say("button.my_notices"))
    await rep.submit({"quiet": "at night"})
    form = await rep.form()
    assert form
    assert set(form.errors) == {"quiet"}
    await rep.submit({"quiet": "22-7"})
    assert await rep.form() is None


async def sync_on_friday(stage: Stage) -> None:
    await stage.type_in_channel("/genjin")
    await stage.press_in_channel(stage.say(stage.bind))
    await stage.world.settle()
    before = len(await stage.read_channel())
    await stage.travel(3, 8, 14)
    posted = await stage.posted_since(before)
    assert stage.say("sync.nothing") in "\n".join(message.text for message in posted)
