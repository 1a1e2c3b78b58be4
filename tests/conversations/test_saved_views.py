"""A rep saves a list and has it every morning; a leader posts the team's to the channel.

Played on every platform, as ``test_a_tech`` is.
"""

import asyncio
from datetime import date

import pytest

from tests.conversations.stages import Stage, sow
from tests.conversations.test_lists import titled

pytestmark = pytest.mark.asyncio(loop_scope="session")


MONDAY = date(2024, 3, 4)
LINES = {
    "en": "every monday 9:30 no next step to the channel",
    "zh_CN": "每周一9:30 没有下一步 发到群里",
}


class TestSavedViews:
    async def test_saved_opened_and_posted_in_the_morning(self, stage: Stage) -> None:
        sow(stage)
        robin = stage.people["robin"]
        await robin.type("/leads")
        await stage.newest("robin", titled(stage, 8), stage.say("list.save"))
        await robin.press(stage.say("list.save"), within=titled(stage, 8))
        await robin.submit({"name": "138 1234 5678"})
        form = await robin.form()
        assert form
        assert form.errors == {"name": stage.say("problem.view_name_contact")}
        await robin.submit({"name": "Round"})
        await stage.newest("robin", stage.say("view.is_own"), stage.say("button.post_view"))
        await robin.press(stage.say("button.post_view"), within="Round")
        await robin.submit({"weekdays": ("mon",), "at": "9:30"})
        first = stage.say("view.first_post", at=stage.language.day(MONDAY) + " 09:30")
        await stage.newest("robin", first, stage.say("button.stop_posting"))
        await robin.type("/leads round")
        await stage.newest("robin", f"Round · {stage.say('list.title_mine')}")
        await stage.travel(3, 4, 9, 31)
        why = stage.say("view.why_own", times="", team="").split(":")[0].split("：")[0]
        posted = await stage.newest("robin", why, stage.say("button.open_list"))
        assert "Sample 01 Works" in posted.text or "Sample 08 Works" in posted.text
        assert "1381234" not in posted.text

    async def test_the_teams_list_in_the_channel(self, stage: Stage) -> None:
        sow(stage)
        await stage.type_in_channel("/genjin")
        await stage.press_in_channel(stage.say(stage.bind))
        before = len(await stage.read_channel())
        boss = stage.people["max"]
        await boss.type(LINES[stage.locale])
        form = await boss.form()
        assert form
        assert {"channel", "weekdays", "at", "when_empty"} <= set(form.fields)
        await boss.submit({})
        first = stage.say("view.first_post", at=stage.language.day(MONDAY) + " 09:30")
        await stage.newest("max", first)
        await stage.travel(3, 4, 9, 31)
        shown = await in_channel(stage, before, stage.say("view.builtin_no_step"))
        assert "Works" in shown


async def in_channel(stage: Stage, before: int, words: str) -> str:
    """The message with these words in the channel, after the first ``before``."""
    for _ in range(200):
        for message in await stage.posted_since(before):
            if words in message.text:
                return message.text
        await asyncio.sleep(0.02)  # a page is notified over its event stream
    raise AssertionError(f"nothing with {words!r} in the channel")
