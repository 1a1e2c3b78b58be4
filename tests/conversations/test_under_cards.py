"""Lines typed under a lead's card, on every platform.

A remark, turned into a follow-up, and a follow-up and a stage without a number.
"""

from typing import Any

import pytest
from sqlalchemy import select

from sales.playbook import Playbook, PoolMember, RoutingRule
from storage import tables
from tests.conversations.stages import Stage
from tests.conversations.test_a_tech import A_TECH

pytestmark = pytest.mark.asyncio(loop_scope="session")


class TestUnderTheCard:
    async def test_a_remark_a_follow_up_and_a_stage(self, stage: Stage) -> None:
        robin, boss = stage.people["robin"], stage.people["max"]
        rule = RoutingRule(name="IT", pool=(PoolMember(person="Robin Sample"),))
        stage.world.rules(Playbook(routing=(rule,)))
        await boss.type("/lead")
        await boss.submit(A_TECH)
        await stage.world.settle()
        await stage.newest("robin", "LX001")
        await robin.answer("他们五月要上线，电话 138 1234 5678", within="LX001")
        line = stage.say("talk.noted", lead="LX001", names="Max Manager")
        line = stage.say("talk.noted_masked", line=line)
        noted = await stage.newest("robin", line, stage.say("button.instead"))
        assert "138 1234" not in noted.text
        assert _remarks(stage) == ["他们五月要上线，电话 138****5678"]

        await robin.press(stage.say("button.instead"), within=line)
        form = await robin.form()
        assert form
        shown = str(form.values["summary"]).replace("＊", "*")  # as DingTalk's markdown has it
        assert shown == "他们五月要上线，电话 138****5678"
        await robin.submit({"method": "call"})
        assert _remarks(stage) == []
        assert len(_rows(stage, "followup")) == 1

        await robin.answer("跟进 电话 需要同行案例 下周五发方案", within="LX001")
        logged = stage.say("followup.logged", lead="LX001 · A科技有限公司")
        await stage.newest("robin", logged)
        assert len(_rows(stage, "followup")) == 2

        await robin.answer("stage", within="LX001")
        form = await robin.form()
        assert form
        assert "lead" not in form.fields


def _rows(stage: Stage, table: str) -> list[dict[str, Any]]:
    with stage.world.database.read() as connection:
        return [
            dict(row)
            for row in connection.execute(select(tables.metadata.tables[table])).mappings()
        ]


def _remarks(stage: Stage) -> list[str]:
    return [row["text"] for row in _rows(stage, "remark")]
