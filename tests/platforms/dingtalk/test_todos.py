"""Overdue items in people's to-do lists, and what happens if the app may not write there."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.platforms import Refused, Throttled
from bot.platforms.dingtalk import DingTalkPlatform
from handlers.core.ui import Card, Fact, Todo
from tests.platforms.dingtalk.conftest import Office
from tests.platforms.dingtalk.test_post import GROUP, PERSON

DUE = datetime(2026, 11, 20, 1, tzinfo=UTC)
CARD = Card("逾期：LX001", body="发送方案", subject="followup:1", todo=Todo(DUE))
DONE = replace(CARD, todo=None)
DENIED = {
    "code": "Forbidden.AccessDenied.AccessTokenPermissionDenied",
    "accessdenieddetail": {"requiredScopes": ["Todo.Todo.Write"]},
}


@pytest.fixture
async def platform(office: Office) -> AsyncIterator[DingTalkPlatform]:
    office.user()
    async with office.running() as running:
        yield running


class TestTodos:
    async def test_stands_beside_the_message_until_it_is_done(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        ref = await platform.post(PERSON, CARD, locale="zh_CN")
        [message] = office.world.chat("u1")
        assert "逾期：LX001" in message.text
        [todo] = office.world.todos.values()
        assert (todo["subject"], todo["description"]) == ("逾期：LX001", "发送方案")
        assert (todo["union"], todo["dueTime"]) == ("union/u1", int(DUE.timestamp() * 1000))
        await platform.edit(PERSON, ref, replace(CARD, body="still open"), locale="zh_CN")
        assert not todo["done"]
        await platform.edit(PERSON, ref, DONE, locale="zh_CN")
        assert todo["done"]

    async def test_once_closed_it_is_not_asked_about_again(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        ref = await platform.post(PERSON, CARD, locale="zh_CN")
        await platform.edit(PERSON, ref, DONE, locale="zh_CN")
        with pytest.raises(Refused):
            await platform.edit(PERSON, ref, DONE, locale="zh_CN")
        assert len(office.world.named("finishTodo")) == 1

    async def test_closing_waits_when_dingtalk_is_busy(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        ref = await platform.post(PERSON, CARD, locale="zh_CN")
        code = {"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}
        office.world.fail_next("finishTodo", 403, code)
        with pytest.raises(Throttled):
            await platform.edit(PERSON, ref, DONE, locale="zh_CN")
        await platform.edit(PERSON, ref, DONE, locale="zh_CN")
        assert [todo["done"] for todo in office.world.todos.values()] == [True]

    async def test_is_one_however_many_messages_are_about_it(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        first = await platform.post(PERSON, CARD, locale="zh_CN")
        await platform.post(PERSON, replace(CARD, title="逾期"), locale="zh_CN")
        assert len(office.world.named("addTodo")) == len(office.world.named("get")) == 1
        await platform.edit(PERSON, first, DONE, locale="zh_CN")
        assert [todo["done"] for todo in office.world.todos.values()] == [True]

    async def test_moves_with_the_step(self, office: Office, platform: DingTalkPlatform) -> None:
        ref = await platform.post(PERSON, CARD, locale="zh_CN")
        later = replace(CARD, todo=Todo(DUE.replace(day=24)))
        for _ in range(2):
            await platform.edit(PERSON, ref, later, locale="zh_CN")
        [todo] = office.world.todos.values()
        assert todo["dueTime"] == int(DUE.replace(day=24).timestamp() * 1000)
        assert len(office.world.named("finishTodo")) == 1, "moved once"

    async def test_is_renamed_with_the_step(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        ref = await platform.post(PERSON, CARD, locale="zh_CN")
        renamed = replace(CARD, title="逾期：[已删除]", body="[已删除]")
        for _ in range(2):
            await platform.edit(PERSON, ref, renamed, locale="zh_CN")
        [todo] = office.world.todos.values()
        assert (todo["subject"], todo["description"]) == ("逾期：[已删除]", "[已删除]")
        assert len(office.world.named("finishTodo")) == 1

    async def test_says_what_to_do_and_opens_the_lead(self, office: Office) -> None:
        office.user()
        todo = Todo(DUE, "A科技：发送方案", "LX001")
        card = replace(CARD, body="", facts=(Fact("下一步", "发送方案"),), todo=todo)
        async with office.running(chat_url="https://chat.example/") as platform:
            await platform.post(PERSON, card, locale="zh_CN")
        [made] = office.world.todos.values()
        assert made["subject"] == "A科技：发送方案"
        assert made["description"] == "下一步：发送方案\nhttps://chat.example/#LX001"
        opened = "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fchat.example%2F%23LX001"
        assert made["detailUrl"]["pcUrl"] == f"{opened}&pc_slide=true"

    async def test_spares_the_last_calls_of_the_month(self, office: Office) -> None:
        office.user()
        async with office.running(monthly_calls=3) as platform:
            for _ in range(4):
                await platform.post(PERSON, replace(CARD, subject=""), locale="zh_CN")
        assert len(office.world.chat("u1")) == 4
        assert len(office.world.named("addTodo")) == 1

    async def test_others_and_groups_get_none(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        await platform.post(PERSON, DONE, locale="zh_CN")
        await platform.post(GROUP, CARD, locale="zh_CN")
        assert office.world.todos == {}
        assert office.world.named("get") == office.world.named("addTodo") == []


class TestWithoutThePermission:
    async def test_the_message_is_there_and_the_doctor_says_what_is_missing(
        self, office: Office, platform: DingTalkPlatform
    ) -> None:
        office.world.fail_next("addTodo", 403, DENIED)
        ref = await platform.post(PERSON, CARD, locale="zh_CN")
        assert [one.ref for one in office.world.chat("u1")] == [ref]
        health = platform.health()
        assert (health.ok, health.problem) == (True, "health.dingtalk.todo")
        assert health.detail == "Todo.Todo.Write"
        await platform.post(PERSON, CARD, locale="zh_CN")
        assert len(office.world.named("addTodo")) == 1, "not asked again for a day"
        with pytest.raises(Refused):
            await platform.edit(PERSON, ref, DONE, locale="zh_CN")

    async def test_a_new_process_remembers(self, office: Office) -> None:
        office.user()
        office.world.fail_next("addTodo", 403, DENIED)
        async with office.running() as platform:
            await platform.post(PERSON, CARD, locale="zh_CN")
        async with office.running() as platform:
            # A stream that is still connecting is graver, and would be all that is said.
            platform._conditions.clear("stream")
            assert platform.health().problem == "health.dingtalk.todo"

    @pytest.mark.parametrize("status", [400, 429, 500, 503])
    async def test_no_failure_costs_or_repeats_the_message(
        self, office: Office, platform: DingTalkPlatform, status: int
    ) -> None:
        office.world.fail_next("addTodo", status, {"code": "param.error"})
        await platform.post(PERSON, CARD, locale="zh_CN")
        assert len(office.world.chat("u1")) == 1
        assert platform.health().ok

    async def test_switched_off_nothing_is_asked(self, office: Office) -> None:
        office.user()
        async with office.running(todos=False) as platform:
            await platform.post(PERSON, CARD, locale="zh_CN")
        assert office.world.named("addTodo") == []
