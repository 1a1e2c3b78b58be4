"""Work notices to people whom the robot cannot reach, and what DingTalk tells of being read."""

from collections.abc import AsyncIterator

import pytest

from bot.platforms import Address, AddressRefused, Refused, Unchangeable
from bot.platforms.dingtalk import DingTalkPlatform, work_notices
from handlers.core.ui import Button, Card
from tests.doubles.dingtalk.server import AGENT, LEAD_TEMPLATE
from tests.platforms.dingtalk.conftest import Office
from tests.platforms.dingtalk.test_button_cards import DENIED
from tests.platforms.dingtalk.test_post import PERSON

UNSEEN = Address("dingtalk", "person", "u9")
CARD = Card(
    "逾期：LX001",
    body="发送方案",
    buttons=(Button("reminder.done", "完成", "1"),),
    subject="lead:1",
)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_notices, "_RESULT_AFTER", 0.0)


@pytest.fixture
async def platform(office: Office) -> AsyncIterator[DingTalkPlatform]:
    office.user()
    office.server.at_work.add("u9")
    async with office.running(agent_id=str(AGENT), lead_card_template_id=LEAD_TEMPLATE) as running:
        yield running


class TestWorkNotices:
    async def test_is_sent_once_and_says_where_to_act(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        ref = await platform.post(UNSEEN, CARD, locale="zh_CN")
        [notice] = office.world.chat("u9")
        assert (notice.author, notice.kind) == ("app", "work")
        assert notice.text.startswith("### 逾期：LX001\n\n发送方案")
        assert "dtmd" not in notice.text
        assert platform.health().problem == ""
        states = {one.part: one.state for one in await platform.optional_permissions()}
        assert states["work_notice"] == "works"
        with pytest.raises(Unchangeable):
            await platform.edit(UNSEEN, ref, CARD, locale="zh_CN")

    async def test_an_admin_is_told_when_it_lasts_and_when_it_is_over(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        for _ in range(3):
            await platform.post(UNSEEN, CARD, locale="zh_CN")
        health = platform.health()
        assert (health.problem, health.told) == ("health.dingtalk.work_notice", True)
        office.user("u9")
        await platform.post(UNSEEN, CARD, locale="zh_CN")
        assert platform.health().problem == ""

    async def test_whoever_left_gets_none(self, office: Office, platform: DingTalkPlatform) -> None:
        gone = Address("dingtalk", "person", "gone")
        with pytest.raises(AddressRefused, match="invalidStaffIdList"):
            await platform.post(gone, CARD, locale="zh_CN")
        assert office.world.chat("gone") == []

    async def test_a_long_one_is_cut_at_the_end_of_a_line(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        body = "\n".join(f"第{number}行“引号”" for number in range(300))
        await platform.post(UNSEEN, Card("长", body=body), locale="zh_CN")
        *_, last, mark, _, where = office.world.chat("u9")[-1].text.split("\n")
        assert last.startswith("第")
        assert (mark, where[:2]) == ("…", "> ")

    async def test_a_message_that_is_refused_itself_is_no_reason(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        office.world.fail_next("batchSend", 400, {"code": "invalidParameter.msgParam.tooLong"})
        with pytest.raises(Refused):
            await platform.post(PERSON, Card("周报"), locale="zh_CN")
        assert office.world.named("workNotice") == []

    async def test_without_an_agent_id_the_refusal_stands(self, office: Office) -> None:
        office.server.at_work.add("u9")
        async with office.running() as platform:
            with pytest.raises(AddressRefused):
                await platform.post(UNSEEN, CARD, locale="zh_CN")


class TestRead:
    async def test_tells_what_was_read_of_messages_and_asks_nothing_about_cards(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        ref = await platform.post(PERSON, Card("提醒"), locale="zh_CN")
        assert not await platform.was_read(PERSON, ref)
        office.world.read.add(ref)
        assert await platform.was_read(PERSON, ref)
        card = await platform.post(PERSON, CARD, locale="zh_CN")
        assert not await platform.was_read(PERSON, card)
        assert len(office.world.named("readStatus")) == 2

    async def test_is_not_asked_again_at_once_where_that_is_not_permitted(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        ref = await platform.post(PERSON, Card("提醒"), locale="zh_CN")
        office.world.fail_next("readStatus", 403, DENIED)
        for _ in range(2):
            assert not await platform.was_read(PERSON, ref)
        assert len(office.world.named("readStatus")) == 1
        states = {one.part: one.state for one in await platform.optional_permissions()}
        assert states["read_status"] == "lacks"
