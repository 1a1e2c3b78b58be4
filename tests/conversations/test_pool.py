"""The public pool in short: released, searched, claimed; then its new owner leaves and it goes on.

Played on every platform, as ``test_a_tech`` is.
"""

import pytest

from sales.playbook import Playbook, PoolMember, RoutingRule
from tests.conversations.stages import Stage
from tests.conversations.test_a_tech import A_TECH

pytestmark = pytest.mark.asyncio(loop_scope="session")


class TestThePool:
    async def test_given_up_claimed_and_handed_over(self, stage: Stage) -> None:
        rule = RoutingRule(name="IT", pool=(PoolMember(person="Robin Sample"),))
        stage.world.rules(Playbook(routing=(rule,)))
        boss, robin, dana = (stage.people[name] for name in ("max", "robin", "dana"))
        await boss.type("/lead")
        await boss.submit(A_TECH | {"phone": "138 1234 5678"})
        await stage.world.settle()
        await stage.press_behind_more("robin", stage.say("button.to_pool"), within="LX001")
        await robin.submit({"reason": "busy"})
        await stage.world.settle()
        await dana.type("/pool")
        card = await stage.newest("dana", "A科技", stage.say("button.claim", lead="LX001"))
        assert "138" not in card.text
        await dana.press(stage.say("button.claim", lead="LX001"), within="LX001")
        await stage.world.settle()
        await stage.newest("dana", stage.say("why.claimed"))
        await robin.type("/pool")
        await stage.newest("robin", stage.say("pool.title", n=0))
        await hand_over(stage)


async def hand_over(stage: Stage) -> None:
    """Dana is away for long: her lead goes back to Robin, who hears so once."""
    dana, boss = stage.people["dana"], stage.people["max"]
    await dana.type("/people")
    await dana.press(stage.say("button.away"))
    await dana.submit({"back_on": "2024-06-03"})
    await boss.type("/people")
    label = stage.say("button.hand_over_all", name="Dana Example")
    await stage.newest("max", "Dana Example", label)
    await boss.press(label)
    await boss.submit({"rule": "rules"})
    shown = await stage.newest("max", "A科技", stage.say("leaver.submit"))
    assert "Robin Sample" in shown.text
    await boss.press(stage.say("leaver.submit"))
    await stage.world.settle()
    brief = await stage.newest("robin", stage.say("leaver.brief_title", name="Dana Example", n=1))
    assert "A科技" in brief.text
