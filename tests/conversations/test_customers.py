"""A customer writes to two colleagues: the second asks the first for access, on every platform."""

import pytest

from sales.playbook import Playbook, PoolMember, RoutingRule
from tests.conversations.stages import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

TO_ROBIN = RoutingRule(name="all", pool=(PoolMember(person="Robin Sample"),))
SAID = "你好，我是A科技有限公司的张样例，采购经理，预算15-20万，电话13812345678"
SAID_AGAIN = "I am Robin Other, please call 13812345678 about the second site"


class TestOneCustomerAndTwoColleagues:
    async def test_from_the_message_to_working_together(self, stage: Stage) -> None:
        stage.world.rules(Playbook(routing=(TO_ROBIN,)))
        await make_a_lead_of_the_message(stage)
        await ask_for_access(stage)
        await share(stage)


async def make_a_lead_of_the_message(stage: Stage) -> None:
    boss = stage.people["max"]
    await boss.make_lead_of(SAID)
    form = await boss.form()
    assert form
    assert form.values["customer"] == "A科技有限公司"
    assert form.values["contact"] == "张样例"
    assert "13812345678" not in str(form.values["need"])
    await boss.submit({"source": "ads", "need": "需要客户管理工具"})
    assert await boss.form() is None
    await stage.world.settle()
    assert "138****5678" in (await stage.newest("robin", "A科技有限公司")).text


async def ask_for_access(stage: Stage) -> None:
    """Who asks is told that somebody cares for the customer, and nothing else."""
    rep = stage.people["dana"]
    await rep.make_lead_of(SAID_AGAIN)
    cared_for = stage.say("duplicate.cared_for")
    seen = await stage.newest("dana", cared_for)
    assert await rep.form() is None
    assert not any(word in seen.text for word in ("LX001", "A科技", "Robin Sample"))
    await rep.press(stage.say("button.ask_access"), within=cared_for)
    await rep.submit({"why": "客户打给我了"})
    await stage.newest("dana", stage.say("access.asked"))
    await stage.world.settle()


async def share(stage: Stage) -> None:
    asked = await stage.newest("robin", "客户打给我了")
    assert "Dana Example" in asked.text
    await stage.people["robin"].press(stage.say("button.share"), within="客户打给我了")
    await stage.world.settle()
    lead = "LX001 · A科技有限公司"
    title = stage.say("access.shared_title", lead=lead)
    await stage.newest("dana", title)
    await stage.people["dana"].press(stage.say("button.open"), within=title)
    assert "138****5678" in (await stage.newest("dana", stage.say("lead.shared"))).text
