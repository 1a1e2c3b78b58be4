"""The A科技 story of the process description, from the lead to the third follow-up.

Played on every platform through its real SDK, in a browser, and on both databases.
"""

import asyncio

import pytest

from sales.playbook import Playbook, PoolMember, RoutingRule
from tests.conversations.driver import SeenMessage
from tests.conversations.stages import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

A_TITLE = "LX001 · A科技有限公司"
A_TECH = {
    "customer": "A科技有限公司",
    "source": "ads",
    "source_detail": "SEM",
    "contact": "张样例",
    "title": "采购经理",
    "need": "需要客户管理工具",
    "industry": "it",
    "region": "east",
    "authority": "manager",
    "clarity": "clear",
    "timeframe": "month",
}


@pytest.mark.every_way
class TestTheATechStory:
    async def test_from_the_lead_to_the_digest(self, stage: Stage) -> None:
        rule = RoutingRule(
            name="华东 × IT",
            region=("east",),
            industry=("it",),
            pool=(PoolMember(person="Robin Sample"), PoolMember(person="Dana Example", weight=0)),
        )
        stage.world.rules(Playbook(routing=(rule,)))
        await bind_the_channel(stage)
        await log_the_lead(stage)
        await accept_it(stage)
        await first_call(stage)
        await digest_on_monday(stage)
        await second_mail_in_one_line(stage)
        await third_demo_is_forgotten(stage)


async def bind_the_channel(stage: Stage) -> None:
    await stage.type_in_channel("/genjin")
    await stage.press_in_channel(stage.say(stage.bind))
    await stage.world.settle()
    assert stage.world.bound_channels() == 1


async def log_the_lead(stage: Stage) -> None:
    """A slip in the form is shown beside its field and nothing typed is lost."""
    boss = stage.people["max"]
    await boss.type("/lead")
    form = await boss.form()
    assert form
    assert form.title == stage.say("lead.new_title")
    await boss.submit(A_TECH | {"phone": "12", "budget": "plenty"})
    form = await boss.form()
    assert form
    assert set(form.errors) == {"phone", "budget"}
    assert "12" in form.errors["phone"]
    assert form.values["customer"] == "A科技有限公司"
    await boss.submit({"phone": "138 1234 5678", "budget": "15-20万"})
    assert await boss.form() is None
    handed = await stage.newest("max", "LX001")
    assert "Robin Sample" in handed.text
    await stage.world.settle()


async def accept_it(stage: Stage) -> None:
    """The rep's card says what is known, how the score came about, and why it is theirs."""
    card = await stage.newest("robin", "A科技有限公司")
    for expected in ("LX001", "华东 × IT", "138****5678", stage.say("score.got", got=3)):
        assert expected in card.text
    assert "13812345678" not in card.text
    rep = stage.people["robin"]
    await rep.press(stage.say("button.accept"), within="LX001")
    await stage.world.settle()
    if stage.edits:
        card = next(m for m in await rep.messages() if m.ref == card.ref)
        assert stage.say("button.accept") not in card.buttons
    await stage.newest("robin", "LX001 · A科技", button=stage.say("button.log"))


async def first_call(stage: Stage) -> None:
    """03-02: a call; the customer wants a case; to be sent by 03-03."""
    await stage.travel(3, 2, 10)
    rep = stage.people["robin"]
    await rep.type("/followup")
    assert any("A科技" in label for label in await rep.search("lead", "科技"))
    await rep.submit(
        {
            "lead": "LX001",
            "method": "call",
            "summary": "需要同行业案例",
            "next_step": "发送案例和方案",
        }
    )
    form = await rep.form()
    assert form
    assert set(form.errors) == {"next_on"}
    await rep.submit({"next_on": "2024-03-03"})
    assert await rep.form() is None
    await stage.newest("robin", stage.say("followup.logged", lead=A_TITLE))
    # Nearer than 24 hours: the reminder comes when the step is due.
    await stage.travel(3, 3, 9)
    [reminder] = await reminders(stage, 1)
    assert "发送案例和方案" in reminder.text
    await rep.press(stage.say("button.in_an_hour"), within="A科技")
    await stage.travel(3, 3, 10, 1)
    await reminders(stage, 2)
    await rep.press(stage.say("button.done"), within="A科技")
    await stage.newest("robin", stage.say("reminder.settled", lead=A_TITLE))


async def digest_on_monday(stage: Stage) -> None:
    """03-04, Monday 14:00: the week's digest, once."""
    before = await stage.read_channel()
    await stage.travel(3, 4, 13, 59)
    assert len(await stage.read_channel()) == len(before)
    await stage.travel(3, 4, 14)
    posted = await stage.posted_since(len(before))
    text = "\n".join(message.text for message in posted)
    assert stage.say("digest.won_none") in text
    await stage.travel(3, 4, 17)
    assert len(await stage.read_channel()) == len(before) + len(posted)


async def second_mail_in_one_line(stage: Stage) -> None:
    """03-04: an e-mail in one line; the demo on 03-06; reminded 24 hours before."""
    rep = stage.people["robin"]
    await rep.type("/followup LX001 邮件 感兴趣，想看演示 3月6日产品经理安排演示")
    logged = await stage.newest("robin", "产品经理安排演示")
    assert stage.say("method.email") in logged.text
    assert stage.say("button.correct") in logged.buttons
    await stage.travel(3, 5, 8, 59)
    before = await reminders(stage)
    await stage.travel(3, 5, 9)
    await reminders(stage, len(before) + 1)
    await rep.press(stage.say("button.other_date"), within="A科技")
    await rep.submit({"next_on": "2024-03-05"})
    await rep.type("/pipeline")
    board = await stage.newest("robin", stage.say("board.today", n=1))
    assert "LX001" in board.text


async def reminders(stage: Stage, count: int = 0) -> list[SeenMessage]:
    """The reminders that stand in the rep's DM, once there are so many."""
    seen: list[SeenMessage] = []
    for _ in range(200):
        seen = [m for m in await stage.people["robin"].messages() if _reminds(m, stage)]
        if len(seen) >= count:
            break
        await asyncio.sleep(0.02)
    assert len(seen) == (count or len(seen))
    return seen


def _reminds(message: SeenMessage, stage: Stage) -> bool:
    title = stage.say("reminder.title", when="|", lead=A_TITLE).split("|")
    return all(part in message.text for part in title)


async def third_demo_is_forgotten(stage: Stage) -> None:
    """03-05: the demo went well; nobody asks for the outcome by 03-08, so it escalates."""
    rep = stage.people["robin"]
    await rep.press(
        stage.say("button.log"),
        within=stage.say("reminder.title", when="|", lead=A_TITLE).split("|")[1],
    )
    await rep.submit(
        {
            "method": "demo",
            "summary": "满意，需内部讨论",
            "next_step": "询问讨论结果",
            "next_on": "2024-03-08",
        }
    )
    assert await rep.form() is None
    # A Friday's step is overdue when Friday is over, which is told on the next working day.
    await stage.travel(3, 11, 9)
    overdue = stage.say("reminder.overdue", lead=A_TITLE)
    assert "询问讨论结果" in (await stage.newest("robin", overdue)).text
    assert not [m for m in await stage.people["max"].messages() if overdue in m.text]
    await stage.travel(3, 11, 18)
    escalated = await stage.newest("max", overdue)
    assert "Robin Sample" in escalated.text
    # The second digest compares two weeks in a chart.
    assert any(message.has_picture for message in await stage.read_channel())
