"""A file of leads, from the form to the undo, on every platform as people do it there."""

import pytest

from tests.conversations.driver import SentFile
from tests.conversations.stages import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIST = SentFile(
    "客户名单.csv",
    "公司,联系人,手机\n甲示例科技,王样本,13800001111\n乙示例,李样本,12\n,无名,\n".encode("gb18030"),
)


async def test_from_the_form_to_the_undo(stage: Stage) -> None:
    await import_and_undo(stage)
    await drop_a_file_and_leave_it(stage)


async def import_and_undo(stage: Stage) -> None:
    robin, say = stage.people["robin"], stage.say
    await robin.type("/import")
    await robin.submit({}, LIST)
    await stage.world.settle()
    checked = say("import.card_checked", name=LIST.name)
    card = await stage.newest("robin", checked, say("import.start", n=2))
    assert "GB18030" in card.text
    assert "138****1111" in card.text
    await robin.press(say("import.get_errors"), within=checked)
    await stage.newest("robin", say("import.errors_name", name="客户名单"))
    await robin.press(say("import.start", n=2), within=checked)
    await stage.world.settle()
    done = say("import.card_imported", name=LIST.name)
    await stage.newest("robin", done, say("import.undo"))
    await robin.press(say("import.undo"), within=done)
    await stage.world.settle()
    undone = await stage.newest("robin", say("import.card_undone", name=LIST.name))
    assert say("import.removed", n=2) in undone.text


async def drop_a_file_and_leave_it(stage: Stage) -> None:
    robin = stage.people["robin"]
    again = SentFile("again.csv", LIST.content)
    await robin.send(again)
    await stage.world.settle()
    checked = stage.say("import.card_checked", name=again.name)
    await stage.newest("robin", checked, stage.say("import.drop"))
    await robin.press(stage.say("import.drop"), within=checked)
    await stage.newest("robin", stage.say("import.dropped", name=again.name))
