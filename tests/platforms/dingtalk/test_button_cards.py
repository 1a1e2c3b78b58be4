"""Cards with buttons: posted, pressed and redrawn in place, and what happens without them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.platforms import Address, Throttled, Unchangeable
from bot.platforms.dingtalk import DingTalkPlatform
from bot.platforms.dingtalk.render import button_id
from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.core.ui import Button, Card, Confirm, Fact, Section
from tests.doubles.dingtalk.server import LEAD_TEMPLATE
from tests.doubles.dingtalk.world import CardInstance
from tests.platforms.dingtalk.conftest import TEMPLATE, Office
from tests.platforms.dingtalk.samples import SHORT
from tests.platforms.dingtalk.test_post import GROUP, PERSON

ACCEPT = Button("lead.accept", "接受", "LX001", "primary")
LOG = Button("followup.log", "写跟进", "LX001")
CLOSE = Button(
    "lead.close", "关闭", "LX001", "danger", Confirm("关闭 LX001？", "不再提醒。", "关闭", "不")
)
LEAD = Card(
    "LX001 A科技",
    facts=(Fact("阶段", "已收录"),),
    sections=(Section("记录", ("周一 电话",), buttons=(Button("history.open", "全部", "LX001"),)),),
    buttons=(ACCEPT, LOG),
    more=(CLOSE,),
    subject="lead:1",
    whole_lead=True,
)
ACCEPTED = replace(LEAD, facts=(Fact("阶段", "已接受"),), buttons=(LOG,))
DENIED = {
    "code": "Forbidden.AccessDenied.AccessTokenPermissionDenied",
    "accessdenieddetail": {"requiredScopes": ["Card.Instance.Write"]},
}


@pytest.fixture
async def platform(office: Office) -> AsyncIterator[DingTalkPlatform]:
    office.user()
    async with office.running(lead_card_template_id=LEAD_TEMPLATE) as running:
        yield running


@pytest.fixture
async def card(office: Office, platform: DingTalkPlatform) -> CardInstance:
    return office.world.cards[await platform.post(PERSON, LEAD, locale="zh_CN")]


async def press(office: Office, card: CardInstance, label: str, **more: Any) -> Any:
    """Press a button by what is on it; returns the response."""
    response = await office.gateway.ack_of(
        await office.server.press(card, card.buttons[label], **more)
    )
    office.server.redraw(card, response)
    return response


class TestPosting:
    async def test_shows_what_the_card_says_and_its_next_steps(
        self, office: Office, card: CardInstance
    ) -> None:
        assert card.params["title"] == "LX001 A科技"
        assert "**阶段** 已收录" in card.params["content"]
        assert "dtmd" not in card.params["content"]
        assert list(card.buttons) == ["接受", "写跟进", "更多"]
        [call] = office.world.named("createAndDeliver")
        preview = call.body["imRobotOpenSpaceModel"]["notification"]["alertContent"]
        assert preview == "LX001 A科技"
        assert office.world.named("batchSend") == []

    async def test_others_are_markdown_and_so_is_everything_in_a_group(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        await platform.post(PERSON, Card("周报"), locale="zh_CN")
        ref = await platform.post(GROUP, LEAD, locale="zh_CN")
        assert office.world.cards == {}
        with pytest.raises(Unchangeable):
            await platform.edit(GROUP, ref, ACCEPTED, locale="zh_CN")

    async def test_a_change_is_one_call_and_no_change_none(
        self, office: Office, platform: DingTalkPlatform, card: CardInstance
    ) -> None:
        await platform.edit(PERSON, card.track_id, LEAD, locale="zh_CN")
        assert office.world.named("updateCard") == []
        await platform.edit(PERSON, card.track_id, ACCEPTED, locale="zh_CN")
        await platform.edit(PERSON, card.track_id, ACCEPTED, locale="zh_CN")
        assert len(office.world.named("updateCard")) == 1
        assert "已接受" in card.params["content"]
        assert list(card.buttons) == ["写跟进", "更多"]

    async def test_a_change_that_was_throttled_goes_out_later(
        self, office: Office, platform: DingTalkPlatform, card: CardInstance
    ) -> None:
        office.world.fail_next("updateCard", 429)
        with pytest.raises(Throttled):
            await platform.edit(PERSON, card.track_id, ACCEPTED, locale="zh_CN")
        await platform.edit(PERSON, card.track_id, ACCEPTED, locale="zh_CN")
        assert "已接受" in card.params["content"]


class TestPressing:
    async def test_redraws_the_card_without_a_message(
        self, office: Office, platform: DingTalkPlatform, card: CardInstance
    ) -> None:
        office.script.replies["lead.accept"] = Reply(update=ACCEPTED, toast="已接受")
        response = await press(office, card, "接受")
        assert "userPrivateData" not in response
        assert card.params["note"] == "> 已接受"
        assert list(card.buttons) == ["写跟进", "更多"]
        (request,) = office.script.of("lead.accept")
        assert (request.state, request.conversation.private) == ({"value": "LX001"}, True)
        assert [one.kind for one in office.world.chat("u1")] == ["card"]
        # The redraw that follows from the change says the same, and keeps what was said.
        await platform.edit(PERSON, card.track_id, ACCEPTED, locale="zh_CN")
        assert office.world.named("updateCard") == []
        assert card.params["note"] == "> 已接受"

    async def test_more_opens_the_rest_and_a_question_is_asked_on_the_card(
        self, office: Office, card: CardInstance
    ) -> None:
        await press(office, card, "更多")
        assert list(card.buttons) == ["接受", "写跟进", "全部", "关闭"]
        await press(office, card, "关闭")
        assert card.params["note"].startswith("❓ **关闭 LX001？**")
        await press(office, card, "不")
        assert (card.params["note"], "接受" in card.buttons) == ("", True)
        assert office.script.of("lead.close") == []
        await press(office, card, "更多")
        await press(office, card, "关闭")
        await press(office, card, "关闭")
        assert len(office.script.of("lead.close")) == 1

    async def test_a_confirmation_of_the_lead_is_written_on_it_with_its_buttons(
        self, office: Office, card: CardInstance
    ) -> None:
        undo = Button("followup.undo", "撤销", "9")
        done = Card("已记录", buttons=(undo,), confirms="lead:1")
        office.script.replies["followup.log"] = Reply(card=done)
        await press(office, card, "写跟进")
        assert card.params["note"] == "> 已记录"
        await press(office, card, "撤销")
        assert len(office.script.of("followup.undo")) == 1

    async def test_a_form_opens_and_what_was_wrong_is_said(
        self, office: Office, card: CardInstance
    ) -> None:
        office.script.replies |= {
            "followup.log": Reply(form=SHORT),
            "lead.accept": Reply(errors={"": "已经被别人接了"}),
        }
        await press(office, card, "写跟进")
        assert await office.user().form() is not None
        await press(office, card, "接受")
        assert "已经被别人接了" in card.params["note"]

    async def test_a_press_delivered_twice_is_one_request(
        self, office: Office, card: CardInstance
    ) -> None:
        frame = await office.server.press(card, card.buttons["接受"])
        sent = office.gateway.unacked[frame]
        await office.gateway.ack_of(frame)
        office.gateway.unacked[frame] = sent
        await office.gateway.redeliver()
        await office.world.until(lambda: len(office.script.asked) == 2)
        assert len(office.script.of("lead.accept")) == 1

    async def test_a_button_that_is_gone_does_nothing_and_says_so(
        self, office: Office, platform: DingTalkPlatform, card: CardInstance
    ) -> None:
        accept = card.buttons["接受"]
        await platform.edit(PERSON, card.track_id, ACCEPTED, locale="zh_CN")
        office.server.redraw(
            card, await office.gateway.ack_of(await office.server.press(card, accept))
        )
        assert "刚更新过" in card.params["note"]
        assert office.script.asked == []

    async def test_nobody_else_presses_it_and_no_action_is_made_up(
        self, office: Office, card: CardInstance
    ) -> None:
        assert await press(office, card, "接受", person="u2") is None
        made_up = button_id(Button("people.remove", "", "7"))
        await office.gateway.ack_of(await office.server.press(card, made_up))
        assert office.script.asked == []

    async def test_a_forgotten_card_loses_its_buttons(
        self, office: Office, card: CardInstance
    ) -> None:
        office.memory.rows.clear()
        await press(office, card, "接受")
        assert card.buttons == {}
        await office.world.until(lambda: "已失效" in office.world.chat("u1")[-1].text)

    async def test_a_slow_answer_is_drawn_afterwards(
        self, office: Office, card: CardInstance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.platforms.dingtalk.adapter._CARD_PATIENCE", 0.0)
        gate = asyncio.Event()

        async def slow(_: Request) -> Reply:
            await gate.wait()
            return Reply(update=ACCEPTED)

        office.script.replies["lead.accept"] = slow
        assert await press(office, card, "接受") is None
        gate.set()
        await office.world.until(lambda: "已接受" in card.params["content"])


class TestAnswers:
    async def test_a_lead_that_was_asked_for_is_a_card_that_can_be_quoted(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        office.script.replies["lead.open"] = Reply(card=LEAD)
        user = office.user()
        await user.type("/lead LX001")
        assert [one.kind for one in office.world.chat("u1")] == ["text", "card"]
        await user.answer("五月上线", within="LX001 A科技")
        assert office.script.asked[-1].under in office.world.cards

    async def test_an_act_that_was_typed_redraws_the_card_above_it(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        office.script.replies |= {
            "lead.open": Reply(card=LEAD),
            "stage.open": Reply(update=ACCEPTED, toast="已推进"),
        }
        user = office.user()
        await user.type("/lead LX001")
        await user.type("推进 LX001 方案")
        (card,) = office.world.cards.values()
        assert "已接受" in card.params["content"]
        assert office.world.chat("u1")[-1].text == "已推进"

    async def test_what_a_form_did_is_written_on_the_card_and_nowhere_else(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        undo = Button("followup.undo", "撤销", "9")
        done = Card("已记录：LX001", body="电话", buttons=(undo,), confirms="lead:1")
        office.script.replies |= {
            "lead.open": Reply(card=LEAD),
            "followup.log": Reply(form=SHORT),
            "lead.create": Reply(card=done),
        }
        await platform.stop()
        both = {"lead_card_template_id": LEAD_TEMPLATE, "card_template_id": TEMPLATE}
        async with office.running(**both):
            user = office.user()
            await user.type("/lead LX001")
            await user.press("写跟进")
            await user.submit({"customer": "C公司"})
            (card,) = (one for one in office.world.cards.values() if not one.is_form)
            await office.world.until(lambda: card.params["note"] == "> 已记录：LX001")
            assert "撤销" in card.buttons
        assert [one.kind for one in office.world.chat("u1")] == ["text", "card", "card"]


class TestRefused:
    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (403, DENIED),
            (400, {"code": "param.error", "message": "card template not exist"}),
            (200, {"success": True, "result": {"deliverResults": [{"success": False}]}}),
        ],
    )
    async def test_the_card_goes_out_as_markdown_and_so_do_the_next(
        self, office: Office, platform: DingTalkPlatform, status: int, body: dict[str, Any]
    ) -> None:
        office.world.fail_next("createAndDeliver", status, body)
        for _ in range(2):
            ref = await platform.post(PERSON, LEAD, locale="zh_CN")
            with pytest.raises(Unchangeable):
                await platform.edit(PERSON, ref, ACCEPTED, locale="zh_CN")
        assert [one.kind for one in office.world.chat("u1")] == ["markdown", "markdown"]
        assert "dtmd" in office.world.chat("u1")[0].text
        assert len(office.world.named("createAndDeliver")) == 1
        health = platform.health()
        assert (health.problem, health.ok) == ("health.dingtalk.button_card", True)
        assert [part for part, _ in office.told] == ["button_card"]
        states = {one.part: one.state for one in await platform.optional_permissions()}
        assert states["button_card"] == "lacks"

    async def test_a_restarted_process_still_knows(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        office.world.fail_next("createAndDeliver", 403, DENIED)
        await platform.post(PERSON, LEAD, locale="zh_CN")
        await platform.stop()
        async with office.running(lead_card_template_id=LEAD_TEMPLATE) as again:
            await again.post(PERSON, LEAD, locale="zh_CN")
            assert again.health().detail == "Card.Instance.Write"
        assert len(office.world.named("createAndDeliver")) == 1

    async def test_a_person_out_of_reach_says_nothing_about_cards(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        with pytest.raises(Exception, match="invalidStaffIdList"):
            await platform.post(Address("dingtalk", "person", "gone"), LEAD, locale="zh_CN")
        assert platform.health().problem == ""
        await platform.post(PERSON, LEAD, locale="zh_CN")
        assert [one.kind for one in office.world.chat("u1")] == ["card"]

    async def test_a_permission_that_was_taken_away_stops_no_other_message(
        self, office: Office, platform: DingTalkPlatform, card: CardInstance
    ) -> None:
        office.world.fail_next("updateCard", 403, DENIED)
        with pytest.raises(Unchangeable):
            await platform.edit(PERSON, card.track_id, ACCEPTED, locale="zh_CN")
        assert platform.health().problem == "health.dingtalk.button_card"
        await platform.post(PERSON, LEAD, locale="zh_CN")
        assert office.world.chat("u1")[-1].kind == "markdown"

    async def test_an_answer_is_there_at_once(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        office.script.replies["lead.open"] = Reply(card=LEAD)
        office.world.fail_next("createAndDeliver", 500)
        await office.user().type("/lead LX001")
        assert [one.kind for one in office.world.chat("u1")] == ["text", "markdown"]
