"""A win is celebrated and announced in the channel; a lost deal is asked about the next morning.

Played on every platform, through its real SDK, as ``test_a_tech`` is.
"""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from sales.people import SYSTEM
from tests.conversations.driver import SeenMessage
from tests.conversations.stages import Stage, sow

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHY = {"en": "Only purchasing knew us", "zh_CN": "只有采购认识我们"}


async def in_channel(stage: Stage, before: int, words: str) -> SeenMessage:
    """The message with these words in the channel, after the first ``before``."""
    for _ in range(200):
        for message in await stage.posted_since(before):
            if words in message.text:
                return message
        await asyncio.sleep(0.02)
    raise AssertionError(f"nothing with {words!r} in the channel")


class TestWins:
    async def test_from_the_form_to_the_channel(self, stage: Stage) -> None:
        sow(stage)
        await stage.type_in_channel("/genjin")
        await stage.press_in_channel(stage.say(stage.bind))
        before = len(await stage.read_channel())
        robin = stage.people["robin"]
        await robin.type("/stage LX001 won 12.5万")
        form = await robin.form()
        assert form
        assert "amount" in form.fields
        await robin.submit({"criteria": ("signed",), "reason": "-"})
        celebrated = stage.say("announce.celebrate", lead="LX001")[:12]
        card = await stage.newest("robin", celebrated, stage.say("button.undo_win"))
        assert stage.say("announce.took") in card.text
        await stage.world.settle()
        posted = await in_channel(stage, before, "🎉")
        assert "Robin Sample" in posted.text
        assert "1381234" not in posted.text


class TestLosses:
    async def test_asked_the_next_morning_and_written_in_one_form(self, stage: Stage) -> None:
        sow(stage)
        with stage.world.new_uow() as uow:
            leads = uow.leads(SYSTEM)
            leads.save(replace(leads.get(1), budget_high=Decimal(200_000)))
            uow.commit()
        robin = stage.people["robin"]
        await robin.type("/stage LX001 lost")
        assert await robin.form()
        await robin.submit({"lost": "price"})
        await stage.travel(3, 4, 9, 31)
        asked = stage.say("loss_review.asked_title", lead="LX001")
        await stage.newest("robin", asked, stage.say("button.write_review"))
        await robin.press(stage.say("button.write_review"), within=asked)
        form = await robin.form()
        assert form
        assert {"learnt", "would_have_helped", "competitor"} <= set(form.fields)
        await robin.submit({"learnt": WHY[stage.locale]})
        await stage.newest("robin", stage.say("loss_review.saved"))
        await stage.people["max"].type("丢单复盘" if stage.locale == "zh_CN" else "/loss reviews")
        month = stage.say("loss_review.month", n=1, waiting=0)
        assert WHY[stage.locale] in (await stage.newest("max", month)).text
