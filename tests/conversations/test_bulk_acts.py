"""A manager gives several leads of a list to somebody else at once, and takes it back.

Played on every platform, as ``test_a_tech`` is.
"""

import pytest

from sales.playbook import Playbook, PoolMember, Quiet, RoutingRule
from tests.conversations.stages import Stage
from tests.conversations.test_a_tech import A_TECH

pytestmark = pytest.mark.asyncio(loop_scope="session")
NAMES = ("海港示例", "云山示例", "星河示例")


class TestSeveralAtOnce:
    async def test_given_to_another_and_taken_back(self, stage: Stage) -> None:
        rule = RoutingRule(name="IT", pool=(PoolMember(person="Robin Sample"),))
        stage.world.rules(Playbook(routing=(rule,), quiet=Quiet(batch_seconds=0)))
        boss, robin = stage.people["max"], stage.people["robin"]
        for name in NAMES:
            await boss.type("/lead")
            await boss.submit(A_TECH | {"customer": name, "phone": "", "email": ""})
            await stage.world.settle()
        for number in (1, 2, 3):
            await robin.type(f"/followup LX00{number} 微信 想要同行案例")
        await boss.type("/leads")
        await stage.newest("max", NAMES[0], stage.say("list.several"))
        await boss.press(stage.say("list.several"))
        form = await boss.form()
        assert form is not None
        assert len(form.choices["leads"]) == len(NAMES)
        await boss.submit({"kind": "person", "leads": ("LX001", "LX003")})
        form = await boss.form()
        assert form is not None
        await boss.submit({"person": id_of(stage, "Dana Example")})
        shown = await stage.newest("max", stage.say("bulk.preview_title", n=2))
        assert NAMES[0] in shown.text or "Dana Example" in shown.text
        await boss.press(stage.say("bulk.confirm", n=2))
        await stage.world.settle()
        await stage.newest("max", stage.say("bulk.done_title", n=2), stage.say("bulk.undo"))
        told = await stage.newest("dana", stage.say("bulk.told_given", name="Max Manager", n=2))
        assert NAMES[2] in told.text
        assert NAMES[1] not in told.text
        await boss.press(stage.say("bulk.undo"))
        await stage.world.settle()
        await stage.newest("max", stage.say("bulk.undone_title", n=2))
        await stage.newest("robin", stage.say("bulk.told_undone", name="Max Manager", n=2))


def id_of(stage: Stage, name: str) -> str:
    with stage.world.new_uow(read_only=True) as uow:
        return next(str(one.id) for one in uow.people.everyone() if one.name == name)
