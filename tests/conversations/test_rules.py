"""A rule is changed in chat, tried on the past and put in force, on every platform."""

from dataclasses import replace

import pytest

from sales.people import Role
from tests.conversations.stages import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_rule_is_changed_tried_and_put_in_force(stage: Stage) -> None:
    """Max, for this story an admin, asks less time of the first call."""
    make_admin(stage)
    boss = stage.people["max"]
    await boss.type("/playbook")
    await boss.press(stage.say("rules.playbook.clocks"), within=stage.say("rules.title"))
    high = stage.say("button.rules_open", part=stage.say("rules.clocks.high"))
    await boss.press(high, within=stage.say("rules.playbook.clocks"))
    await boss.press(stage.say("button.rules_change"), within=stage.say("rules.clocks.high"))
    await boss.submit({"within": "soon"})
    form = await boss.form()
    assert form
    assert "480" in form.errors["within"]
    await boss.submit({"within": "240"})
    changed = f"{stage.say('rules.hours', n=8)} → {stage.say('rules.hours', n=4)}"
    await stage.newest("max", changed)
    await boss.press(stage.say("button.rules_try", n=30), within=changed)
    await stage.newest("max", stage.say("trial.same"))
    await boss.press(stage.say("button.rules_apply"), within=stage.say("trial.same"))
    await boss.submit({"why": "客户等太久"})
    await stage.newest("max", stage.say("rules.applied", version=1))
    with stage.world.new_uow(read_only=True) as uow:
        assert uow.playbooks.current().clocks.high.within == 240
        assert uow.playbooks.versions()[0].why == "客户等太久"


def make_admin(stage: Stage) -> None:
    with stage.world.new_uow() as uow:
        [person] = [one for one in uow.people.everyone() if one.name == "Max Manager"]
        uow.people.save(replace(person, role=Role.ADMIN))
        uow.commit()
