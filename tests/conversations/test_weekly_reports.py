"""A rep's week from the message on Monday to the team's digest in the channel.

Played on every platform, through its real SDK, as ``test_a_tech`` is.
"""

import pytest

from tests.conversations.stages import Stage, sow
from tests.conversations.test_wins_and_losses import in_channel

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIRST = {"en": "Call the Works on 138 1234 5678", "zh_CN": "给样例厂打电话 138 1234 5678"}
THEN = {"en": "Show the Works a demo", "zh_CN": "给样例厂做演示"}


class TestAWeek:
    async def test_written_corrected_and_read_in_the_digest(self, stage: Stage) -> None:
        sow(stage)
        await stage.type_in_channel("/genjin")
        await stage.press_in_channel(stage.say(stage.bind))
        before = len(await stage.read_channel())
        await stage.travel(3, 4, 9, 1)
        robin = stage.people["robin"]
        asked = await stage.newest("robin", stage.say("weekly.wrong_number"))
        write = next(
            label
            for label in (stage.say("button.edit_focus"), stage.say("button.write_focus"))
            if label in asked.buttons
        )
        await robin.press(write)
        await robin.submit({"focus": FIRST[stage.locale]})
        correct = stage.say("button.correct_report")
        saved = await stage.newest("robin", stage.say("weekly.focus"), correct)
        assert "1234 5678" not in saved.text
        await robin.press(correct)
        await robin.submit({"focus": THEN[stage.locale]})
        await stage.newest("robin", THEN[stage.locale], correct)
        await stage.travel(3, 4, 14, 1)
        digest = await in_channel(stage, before, stage.say("digest.focus"))
        assert THEN[stage.locale] in digest.text
        assert FIRST[stage.locale][:8] not in digest.text
