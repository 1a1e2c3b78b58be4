"""A library answer on every platform.

It is written, approved and used against an objection, and the lead is discussed.
"""

import pytest

from sales.playbook import Playbook
from tests.conversations.stages import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

LEAD = {"customer": "A科技有限公司", "source": "ads", "need": "需要客户管理工具", "owner": "keep"}


class TestAnAnswer:
    async def test_from_the_library_to_the_customer(self, stage: Stage) -> None:
        stage.world.rules(Playbook())
        await write_and_approve(stage)
        await use_it(stage)
        await talk(stage)


async def write_and_approve(stage: Stage) -> None:
    robin = stage.people["robin"]
    await robin.type("/library")
    label = stage.say("button.add_item", kind=stage.say("itemkind.answer"))
    await robin.press(label)
    await robin.submit({"title": "价格太贵了", "text": "跟什么比？", "objection": "price"})
    await stage.newest("robin", stage.say("library.proposed"))
    await stage.world.settle()
    asked = stage.say("library.please_decide", title="价格太贵了")
    await stage.newest("max", asked)
    await stage.people["max"].press(stage.say("button.approve"), within=asked)
    await stage.world.settle()
    await stage.newest("robin", stage.say("library.your_approved", title="价格太贵了"))


async def use_it(stage: Stage) -> None:
    robin = stage.people["robin"]
    await robin.type("/lead")
    await robin.submit(LEAD)
    await robin.type("/objection LX001 比别家贵")
    form = await robin.form()
    assert form
    assert form.values["said"] == "比别家贵"
    await robin.submit({"kind": "price"})
    title = stage.say("objection.title", lead="LX001 · A科技有限公司")
    look = stage.say("button.look_answer", title="价格太贵了")
    await stage.newest("robin", "比别家贵", look)
    await robin.press(look, within=title)
    await stage.newest("robin", "跟什么比？")
    await robin.press(stage.say("button.take_answer"), within="价格太贵了")
    await stage.newest("robin", stage.say("objection.answer_is", words="跟什么比？"))
    await robin.press(stage.say("button.customer_accepts"), within=title)
    await stage.newest("robin", stage.say("objectionstate.accepted"))


async def talk(stage: Stage) -> None:
    robin = stage.people["robin"]
    await robin.type("/lead LX001")
    await stage.press_behind_more("robin", stage.say("button.talk"), within="LX001")
    title = stage.say("talk.title", lead="LX001 · A科技有限公司")
    await stage.newest("robin", title)
    await robin.press(stage.say("button.say"), within=title)
    await robin.submit({"text": "五月能交付吗"})
    await stage.travel(3, 1, 10, 10)
    news = stage.say("talk.news", lead="LX001 · A科技有限公司")
    assert "五月能交付吗" in (await stage.newest("max", news)).text
