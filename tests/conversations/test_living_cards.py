"""A lead has one living card in a conversation, whoever asked for it and however often."""

import pytest

from tests.conversations.browser import BrowserUser
from tests.conversations.stages import Stage
from tests.conversations.test_a_tech import A_TECH

pytestmark = pytest.mark.asyncio(loop_scope="session")


class TestOneLeadOneCard:
    async def test_an_answered_card_lives_and_moves_down(self, stage: Stage) -> None:
        robin = stage.people["robin"]
        await robin.type("/lead")
        await robin.submit(A_TECH | {"owner": "keep"})
        await stage.world.settle()
        if not stage.edits:
            pytest.skip("an answered message of DingTalk has no reference")

        await robin.answer("他们五月要上线", within="LX001")
        noted = stage.say("talk.noted", lead="LX001", names="Max Manager")
        await stage.newest("robin", noted)

        await robin.type("/followup LX001 电话 需要同行案例 2099-05-04发方案")
        await stage.world.settle()
        await stage.newest("robin", stage.say("lead.history"))
        cards = [one for one in await robin.messages() if stage.say("lead.history") in one.text]
        assert ["需要同行案例" in one.text for one in cards] == [True]

        await robin.type("/lead LX001")
        await stage.world.settle()
        moved = stage.say("lead.card_moved", lead="LX001")
        await stage.newest("robin", moved)
        messages = await robin.messages()
        cards = [one for one in messages if stage.say("lead.history") in one.text]
        assert [one.ref for one in cards] == [messages[-1].ref]
        assert len([one for one in messages if moved in one.text]) == 1
        if isinstance(robin, BrowserUser):
            logged = stage.say("followup.logged", lead="LX001 · A科技有限公司")
            assert not [one for one in messages if logged in one.text]
