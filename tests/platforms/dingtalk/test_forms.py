"""Forms from opening to effect, as card and as guided chat: the same story for both."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.platforms.dingtalk.forms.guided import Wrong, answer, begin, is_answered_whole, read_answer
from bot.platforms.dingtalk.forms.questions import question
from bot.platforms.dingtalk.markup import CHARACTERS
from handlers.core.language import Language
from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.core.ui import Card, Choice, Form, LeadPick, MultiChoice, Option, Text, fold
from tests.conversations.dingtalk import DingTalkUser
from tests.doubles.dingtalk.world import CardInstance
from tests.platforms.dingtalk.conftest import TEMPLATE, Office
from tests.platforms.dingtalk.samples import ANSWERS, EVERYTHING, LEADS, SHORT


class TestBothWays:
    async def test_every_kind_of_field_arrives_as_the_product_wants_it(
        self, office: Office, template: str
    ) -> None:
        user = office.user()
        office.script.replies["lead.open"] = Reply(form=EVERYTHING)
        async with office.running(card_template_id=template):
            await user.type("/lead")
            form = await user.form()
            assert form is not None
            assert (form.title, form.fields["customer"]) == ("全部字段", "客户")
            assert form.values["owner"] in {"7", ("7",)}
            assert "电话" in form.choices["method"]
            await user.submit(ANSWERS)
            assert await user.form() is None
        (request,) = office.script.of("all.save")
        assert dict(request.values) == ANSWERS
        assert request.state == {"secret": "state-stays-here"}
        assert request.conversation.private

    async def test_empty_optional_fields_arrive_empty(self, office: Office, template: str) -> None:
        user = office.user()
        office.script.replies["lead.open"] = Reply(form=EVERYTHING)
        async with office.running(card_template_id=template):
            await user.type("/lead")
            await user.submit({"customer": "C公司", "method": "phone"})
        (request,) = office.script.of("all.save")
        assert request.values["topics"] == ()
        assert request.values["phone"] == ""
        assert request.values["owner"] == "7"

    async def test_errors_keep_what_was_typed_and_the_corrected_form_goes_through(
        self, office: Office, template: str
    ) -> None:
        user = office.user()

        def check(request: Request) -> Reply:
            if request.values["phone"] == "12":
                return Reply(errors={"phone": "不是电话号码"})
            return Reply(card=Card("已录入 C公司"))

        office.script.replies |= {"lead.open": Reply(form=SHORT), "lead.create": check}
        async with office.running(card_template_id=template):
            await user.type("/lead")
            await user.submit({"customer": "C公司", "phone": "12"})
            form = await user.form()
            assert form is not None
            assert form.errors == {"phone": "不是电话号码"}
            assert form.values["customer"] == "C公司"
            await user.submit({"phone": "13800138000"})
            assert await user.form() is None
            assert any("已录入 C公司" in one.text for one in await user.messages())
        (request,) = office.script.of("lead.create")
        assert dict(request.values) == {
            "customer": "C公司",
            "phone": "13800138000",
            "method": "phone",
        }
        first, second = [one.id for one in office.script.asked if one.action == "lead.create"]
        assert first != second

    async def test_a_required_field_is_insisted_on(self, office: Office, template: str) -> None:
        user = office.user()
        office.script.replies["lead.open"] = Reply(form=SHORT)
        async with office.running(card_template_id=template):
            await user.type("/lead")
            await user.submit({"phone": "13800138000"})
            form = await user.form()
            assert form is not None
            assert "customer" in form.errors
            assert form.values["phone"] == "13800138000"
            assert office.script.of("lead.create") == []
            await user.submit({"customer": "C公司"})
        assert len(office.script.of("lead.create")) == 1

    async def test_an_open_form_survives_a_restart(self, office: Office, template: str) -> None:
        user = office.user()
        office.script.replies["lead.open"] = Reply(form=SHORT)
        async with office.running(card_template_id=template):
            await user.type("/lead")
        async with office.running(card_template_id=template):
            await user.submit({"customer": "C公司"})
        assert office.script.of("lead.create")[0].values["customer"] == "C公司"

    async def test_a_form_can_open_the_next(self, office: Office, template: str) -> None:
        user = office.user()
        step = Text(name="step", label="下一步做什么")
        after = Form("lead.next", "下一步", (step,), "好", "取消")
        office.script.replies |= {"lead.open": Reply(form=SHORT), "lead.create": Reply(form=after)}
        async with office.running(card_template_id=template):
            await user.type("/lead")
            await user.submit({"customer": "C公司"})
            form = await user.form()
            assert form is not None
            assert form.title == "下一步"
            await user.submit({"step": "发方案"})
        assert office.script.of("lead.next")[0].values == {"step": "发方案"}

    async def test_a_lead_beyond_the_list_is_reached_by_searching(
        self, office: Office, template: str
    ) -> None:
        user = office.user()
        form = Form(
            "followup.create",
            "写跟进",
            (LeadPick(name="lead", label="线索", options=LEADS, required=True),),
            "保存",
            "取消",
        )
        found = (Option("LX077", "LX077 Z工厂"), Option("LX078", "LX078 Z学校"))

        def search(request: Request) -> Reply:
            return Reply(options=tuple(one for one in found if request.text in one.label))

        office.script.replies |= {"followup.open": Reply(form=form), "lead.options": search}
        async with office.running(card_template_id=template):
            await user.type("/followup")
            assert await user.search("lead", "Z") == ["LX077 Z工厂", "LX078 Z学校"]
            await user.submit({"lead": "LX078"})
        assert office.script.of("followup.create")[0].values == {"lead": "LX078"}

    async def test_opens_in_private_when_asked_in_a_group(
        self, office: Office, template: str
    ) -> None:
        user = office.user()
        office.script.replies["lead.open"] = Reply(form=SHORT)
        async with office.running(card_template_id=template):
            await office.gateway.ack_of(await office.server.write("u1", "/lead", group="cidG"))
            assert await user.form() is not None
            await user.submit({"customer": "C公司"})
        assert len(office.script.of("lead.create")) == 1


class TestCards:
    @pytest.fixture
    async def card(self, office: Office) -> AsyncIterator[CardInstance]:
        office.user()
        office.script.replies |= {
            "lead.open": Reply(form=SHORT),
            "lead.create": Reply(toast="已保存 LX009"),
        }
        async with office.running(card_template_id=TEMPLATE):
            await office.user().type("/lead")
            yield next(iter(office.world.cards.values()))

    async def send(
        self, office: Office, card: CardInstance, answers: dict[str, Any], **more: Any
    ) -> dict[str, Any]:
        frame = await office.server.submit(card, answers, **more)
        response: dict[str, Any] = await office.gateway.ack_of(frame)
        return response

    async def test_is_answered_disabled_with_what_was_sent(
        self, office: Office, card: CardInstance
    ) -> None:
        response = await self.send(office, card, {"customer": "C公司"})
        params = response["userPrivateData"]["cardParamMap"]
        assert response["cardUpdateOptions"] == {
            "updateCardDataByKey": True,
            "updatePrivateDataByKey": True,
        }
        assert (params["form_status"], params["form_btn_text"]) == ("disabled", "已提交")
        assert "title" not in params  # a public variable
        fields = {one["name"]: one for one in json.loads(params["form"])["fields"]}
        assert fields["customer"]["defaultValue"] == "C公司"
        assert fields["__note"]["defaultValue"] == "已保存 LX009"
        assert [one.kind for one in office.world.chat("u1")] == ["text", "card"]  # no more noise

    async def test_redelivered_ten_times_it_has_one_effect_and_one_answer(
        self, office: Office, card: CardInstance
    ) -> None:
        answers = [await self.send(office, card, {"customer": "C公司"}) for _ in range(10)]
        assert answers == [answers[0]] * 10
        assert len(office.script.of("lead.create")) == 1

    async def test_a_crash_before_the_claim_still_ends_in_one_effect(
        self, office: Office, card: CardInstance
    ) -> None:
        row = dict(office.memory.rows)
        await self.send(office, card, {"customer": "C公司"})
        office.memory.rows = row  # as if the process had died after the commit
        response = await self.send(office, card, {"customer": "C公司"})
        assert response["userPrivateData"]["cardParamMap"]["form_status"] == "disabled"
        assert len(office.script.of("lead.create")) == 1

    async def test_refuses_everybody_but_its_owner(
        self, office: Office, card: CardInstance
    ) -> None:
        assert await self.send(office, card, {"customer": "X"}, person="u2") is None
        assert office.script.of("lead.create") == []
        await self.send(office, card, {"customer": "C公司"})
        assert await self.send(office, card, {}, person="u2") is None

    async def test_believes_no_field_it_did_not_draw(
        self, office: Office, card: CardInstance
    ) -> None:
        await self.send(office, card, {"customer": "C公司", "owner": "99", "__note": "x"})
        assert set(office.script.of("lead.create")[0].values) == {"customer", "phone", "method"}

    async def test_a_forgotten_card_says_that_it_is_too_old(
        self, office: Office, card: CardInstance
    ) -> None:
        office.memory.rows.clear()
        response = await self.send(office, card, {"customer": "C公司"})
        assert response["userPrivateData"]["cardParamMap"]["form_btn_text"].startswith("已过期")

    async def test_reads_the_older_name_of_the_content(
        self, office: Office, card: CardInstance
    ) -> None:
        content = {"cardPrivateData": {"params": {"form": {"customer": "C公司"}}}}
        await self.send(office, card, {}, content=None, value=json.dumps(content))
        assert office.script.of("lead.create")[0].values["customer"] == "C公司"

    async def test_answers_in_time_when_the_product_is_slow(
        self, office: Office, card: CardInstance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.platforms.dingtalk.adapter._CARD_PATIENCE", 0.01)
        gate = asyncio.Event()

        async def slow(_: Request) -> Reply:
            await gate.wait()
            return Reply(toast="已保存")

        office.script.replies["lead.create"] = slow
        response = await self.send(office, card, {"customer": "C公司"})
        params = response["userPrivateData"]["cardParamMap"]
        assert params == {"form_status": "disabled", "form_btn_text": "正在保存…"}
        gate.set()
        await office.world.until(lambda: card.params["form_btn_text"] == "已提交")
        assert len(office.script.of("lead.create")) == 1

    async def test_folded_fields_come_when_they_are_wanted(self, office: Office) -> None:
        rare = Text(name="region", label="区域", value="华东", folded=True)
        form = replace(SHORT, fields=(*SHORT.fields, rare))
        office.script.replies["lead.open"] = Reply(form=form)
        user = office.user()
        async with office.running(card_template_id=TEMPLATE):
            await user.type("/lead")
            card = next(iter(office.world.cards.values()))
            names = ["customer", "phone", "method", "__more"]
            assert [one["name"] for one in card.fields] == names
            assert "区域" in card.fields[-1]["label"]
            await user.submit({"customer": "C公司"})
            assert office.script.of("lead.create")[0].values["region"] == "华东"
            await user.type("/lead")
            await user.submit({"customer": "D公司", "region": "华北"})
        _, second = office.script.of("lead.create")
        assert second.values["customer"] == "D公司"
        assert second.values["region"] == "华北"
        assert "__more" not in second.values

    async def test_an_error_in_a_folded_field_shows_it(self, office: Office) -> None:
        rare = Text(name="region", label="区域", folded=True)
        office.script.replies |= {
            "lead.open": Reply(form=replace(SHORT, fields=(*SHORT.fields, rare))),
            "lead.create": Reply(errors={"region": "请填区域"}),
        }
        user = office.user()
        async with office.running(card_template_id=TEMPLATE):
            await user.type("/lead")
            await user.submit({"customer": "C公司"})
            form = await user.form()
            assert form is not None
            assert form.errors == {"region": "请填区域"}
            assert form.values["customer"] == "C公司"

    async def test_a_second_press_opens_no_second_card(self, office: Office) -> None:
        office.script.replies["lead.open"] = Reply(form=SHORT)
        user = office.user()
        async with office.running(card_template_id=TEMPLATE):
            await user.type("/lead")
            await user.type("/lead")
            assert len(office.world.cards) == 1
            assert "就在上面" in (await user.messages())[-1].text
            await user.submit({"customer": "C公司"})
            await user.type("/lead")
        assert len(office.world.cards) == 2

    async def test_no_hidden_state_travels_to_the_client(self, office: Office) -> None:
        user = office.user()
        office.script.replies["lead.open"] = Reply(form=EVERYTHING)
        async with office.running(card_template_id=TEMPLATE):
            await user.type("/lead")
        assert "state-stays-here" not in str(office.world.calls)

    @pytest.mark.parametrize("trouble", ["undelivered", "scope", "broken"])
    async def test_a_form_goes_on_in_chat_when_its_card_fails(
        self, office: Office, trouble: str
    ) -> None:
        user = office.user()
        office.script.replies["lead.open"] = Reply(form=SHORT)
        answers: dict[str, tuple[int, dict[str, Any]]] = {
            "undelivered": (
                200,
                {
                    "success": True,
                    "result": {
                        "deliverResults": [
                            {"success": False, "errorMsg": "card template not exist"}
                        ]
                    },
                },
            ),
            "scope": (
                403,
                {
                    "code": "Forbidden.AccessDenied.AccessTokenPermissionDenied",
                    "accessdenieddetail": {"requiredScopes": ["Card.Instance.Write"]},
                },
            ),
            "broken": (500, {}),
        }
        async with office.running(card_template_id=TEMPLATE) as platform:
            office.world.fail_next("createAndDeliver", *answers[trouble])
            await user.type("/lead")
            health = platform.health()
            await user.submit({"customer": "C公司"})
        assert len(office.script.of("lead.create")) == 1
        detail = {"scope": "Card.Instance.Write", "refused": "robot removed"}.get(trouble, "")
        assert health.problem == ("health.dingtalk.card" if trouble != "broken" else "")
        assert detail in health.detail
        assert not [key for key in office.memory.rows if key.startswith("dingtalk:form:")]


class TestFilledIn:
    """A form in which nothing required is missing is shown at once, to be sent or changed."""

    FULL = replace(
        SHORT,
        action="lead.update",
        fields=(
            Text(name="customer", label="客户名称", required=True, value="A公司"),
            *SHORT.fields[1:],
        ),
    )

    @pytest.fixture
    async def user(self, office: Office) -> AsyncIterator[DingTalkUser]:
        office.script.replies |= {
            "lead.edit": Reply(form=self.FULL),
            "help.unknown": Reply(card=Card("没有找到")),
        }
        async with office.running():
            yield office.user()

    def saved(self, office: Office) -> list[dict[str, Any]]:
        return [dict(one.values) for one in office.script.of("lead.update")]

    @pytest.mark.parametrize(
        ("line", "answers"),
        [
            ("13800138000", {"phone": "13800138000"}),
            ("电话 13800138000", {"phone": "13800138000"}),
            ("电话改成13800138000", {"phone": "13800138000"}),
            ("修改 电话 13800138000", {"phone": "13800138000"}),
            ("把客户名称改为B公司", {"customer": "B公司"}),
            ("客户名称：B公司\n电话：13800138000", {"customer": "B公司", "phone": "13800138000"}),
        ],
    )
    async def test_one_line_changes_it(
        self, office: Office, user: DingTalkUser, line: str, answers: dict[str, str]
    ) -> None:
        await user.type("修改 LX001")
        shown = (await user.messages())[-1].text
        assert "A公司" in shown
        assert "请核对" in shown
        await user.type(f"{line} 提交")
        [saved] = self.saved(office)
        assert saved == {"customer": "A公司", "phone": "", "method": "phone"} | answers
        assert len(await user.messages()) == 2

    async def test_it_is_corrected_with_the_command(
        self, office: Office, user: DingTalkUser
    ) -> None:
        await user.type("修改LX001 电话 13800138000 提交")
        assert [one["phone"] for one in self.saved(office)] == ["13800138000"]
        await user.type("编辑 LX001 电话改成13900139000")
        assert "13900139000" in (await user.messages())[-1].text
        await user.type("提交")
        assert [one["phone"] for one in self.saved(office)] == ["13800138000", "13900139000"]
        await user.type("修改 LX001 乱七八糟 提交")
        shown = (await user.messages())[-1].text
        assert "乱七八糟" in shown
        assert "请核对" in shown

    async def test_it_is_corrected_from_a_group_in_private(
        self, office: Office, user: DingTalkUser
    ) -> None:
        await user.type("修改 LX001 电话 13800138000 提交", channel="g1")
        shown = (await user.messages())[-1].text
        assert "13800138000" in shown
        assert "没看出" not in shown
        await user.type("提交")
        assert [one["phone"] for one in self.saved(office)] == ["13800138000"]

    async def test_something_else_is_answered_and_it_stays_open(
        self, office: Office, user: DingTalkUser
    ) -> None:
        await user.type("修改 LX001")
        await user.type("排行榜")
        assert office.script.of("help.unknown")
        assert "还开着" in (await user.messages())[-1].text
        await user.type("提交")
        assert len(self.saved(office)) == 1

    async def test_with_none_open_its_words_say_so(
        self, office: Office, user: DingTalkUser
    ) -> None:
        await user.type("取消")
        assert "没有打开的表单" in (await user.messages())[-1].text


class TestGuided:
    @pytest.fixture
    async def user(self, office: Office) -> AsyncIterator[DingTalkUser]:
        office.script.replies |= {
            "lead.open": Reply(form=SHORT),
            "board.open": Reply(card=Card("我的看板")),
        }
        async with office.running():
            user = office.user()
            await user.type("/lead")
            yield user

    async def last(self, user: DingTalkUser) -> str:
        return (await user.messages())[-1].text

    async def test_shows_all_fields_and_asks_the_required_first(self, user: DingTalkUser) -> None:
        text = await self.last(user)
        assert "客户名称 (必填)" in text
        assert "电话 —" in text
        assert "方式 电话" in text
        assert "1/2" in text

    async def test_takes_several_answers_at_once(self, office: Office, user: DingTalkUser) -> None:
        await user.type("客户名称：C公司\n电话: 13800138000\n方式：2")
        await user.type("提交")
        assert dict(office.script.of("lead.create")[0].values) == {
            "customer": "C公司",
            "phone": "13800138000",
            "method": "visit",
        }

    async def test_a_command_in_the_middle_keeps_the_form(
        self, office: Office, user: DingTalkUser
    ) -> None:
        await user.type("C公司")
        await user.type("/pipeline")
        assert "我的看板" in await self.last(user)  # in one message, since each one counts
        assert "还开着" in await self.last(user)
        await user.press("继续")
        assert "2/2" in await self.last(user)
        await user.type("提交")
        assert office.script.of("lead.create")[0].values["customer"] == "C公司"

    async def test_opened_twice_it_goes_on_where_it_was(
        self, office: Office, user: DingTalkUser
    ) -> None:
        await user.type("C公司")
        await user.type("/lead")
        assert "2/2" in await self.last(user)
        assert "已暂停" not in await self.last(user)
        await user.type("提交")
        assert office.script.of("lead.create")[0].values["customer"] == "C公司"
        assert await user.form() is None

    async def test_a_command_word_may_have_been_the_answer(
        self, office: Office, user: DingTalkUser
    ) -> None:
        await user.type("跟进")
        assert office.script.of("followup.open")
        await user.press("刚才那句是「客户名称」的答案")
        await user.type("提交")
        assert office.script.of("lead.create")[0].values["customer"] == "跟进"

    async def test_a_sentence_that_begins_like_a_command_is_an_answer(
        self, office: Office, user: DingTalkUser
    ) -> None:
        await user.type("lead time is short")
        await user.type("提交")
        assert office.script.of("lead.create")[0].values["customer"] == "lead time is short"
        assert len(office.script.of("lead.open")) == 0

    @pytest.mark.parametrize(
        ("line", "action", "text"),
        [
            ("跟进，LX001，电话聊了报价", "followup.open", "LX001 电话聊了报价"),
            ("跟进LX001电话，要案例", "followup.open", "LX001 电话，要案例"),
            ("、待办", "task.list", ""),
            ("看一下漏斗", "board.open", ""),
            ("推进 LX001 成交 12万", "stage.open", "LX001 成交 12万"),
            ("跟进 华康医疗 电话聊了", "followup.open", "华康医疗 电话聊了"),
            ("录线索\n客户：D公司", "lead.open", "客户：D公司"),
            ("我的线索", "lead_list.open", ""),
        ],
    )
    async def test_a_known_command_wins_and_the_form_waits(
        self, office: Office, user: DingTalkUser, line: str, action: str, text: str
    ) -> None:
        office.script.replies |= {
            "lead_list.open": Reply(card=Card("我的线索")),
            action: Reply(toast="好"),
        }
        await user.type(line)
        assert office.script.of(action)[-1].text == text
        assert "还开着" in await self.last(user)
        await user.type("C公司")
        await user.type("提交")
        assert office.script.of("lead.create")[0].values["customer"] == "C公司"

    @pytest.mark.parametrize(
        "line",
        ["线索科技有限公司", "跟进情况怎么样", "方案 周五发", "需求，主要是客户管理", "团队 50人"],
    )
    async def test_words_that_begin_like_a_command_are_an_answer(
        self, office: Office, user: DingTalkUser, line: str
    ) -> None:
        await user.type(line)
        await user.type("提交")
        assert office.script.of("lead.create")[0].values["customer"] == line

    @pytest.mark.parametrize("line", ["成交 LX001 12万", "LX001电话多少", "查看联系方式 LX001"])
    async def test_a_lead_that_is_no_option_is_asked_about(
        self, office: Office, user: DingTalkUser, line: str
    ) -> None:
        office.script.replies["help.unknown"] = Reply(card=Card("LX001"))
        await user.type("C公司")
        await user.type("跳过")
        await user.type("修改 方式")
        await user.type(line)
        assert office.script.of("help.unknown")[-1].text == line
        assert "还开着" in await self.last(user)

    async def test_of_a_command_that_opens_another_form_says_that_it_waits(
        self, office: Office, user: DingTalkUser
    ) -> None:
        office.script.replies["stage.open"] = Reply(form=replace(SHORT, title="推进"))
        await user.type("C公司")
        await user.type("推进 LX001")
        assert any("已暂停" in message.text for message in await user.messages())
        await user.type("取消")
        assert "2/3" in await self.last(user) or "还开着" in await self.last(user)

    async def test_a_whole_command_is_no_choice(self, office: Office, user: DingTalkUser) -> None:
        await user.type("C公司")
        await user.type("跳过")
        await user.type("跟进 LX001 电话 需要同行案例")
        assert office.script.of("followup.open")[0].text == "LX001 电话 需要同行案例"
        assert "答案" not in await self.last(user)
        await user.type("跟进")
        assert len(office.script.of("followup.open")) == 2

    async def test_a_choice_named_like_a_command_is_chosen(
        self, office: Office, user: DingTalkUser
    ) -> None:
        choice = Choice(name="what", label="要什么", options=(Option("h", "帮助"),), required=True)
        office.script.replies["people.open"] = Reply(form=Form("x", "问", (choice,), "好", "取消"))
        await user.type("/people")
        await user.type("帮助")
        assert office.script.of("x")[0].values == {"what": "h"}

    async def test_goes_back_and_clears_and_changes(
        self, office: Office, user: DingTalkUser
    ) -> None:
        await user.type("C公司")
        await user.type("123")
        await user.type("返回")
        assert "2/2" in await self.last(user)
        await user.type("清空")
        await user.type("保留")
        assert "请核对" in await self.last(user)
        await user.press("客户名称")
        await user.type("D公司")
        await user.press("提交")
        assert dict(office.script.of("lead.create")[0].values) == {
            "customer": "D公司",
            "phone": "",
            "method": "phone",
        }

    async def test_cancel_can_be_undone(self, office: Office, user: DingTalkUser) -> None:
        await user.type("C公司")
        await user.type("取消")
        assert await user.form() is None
        await user.type("恢复")
        await user.type("提交")
        assert office.script.of("lead.create")[0].values["customer"] == "C公司"

    async def test_an_answer_sent_twice_answers_one_question(
        self, office: Office, user: DingTalkUser
    ) -> None:
        for _ in range(3):
            frame = await office.server.write("u1", "C公司", msgId="same-answer")
            await office.gateway.ack_of(frame)
            # as if another replica handled the redelivery
            office.memory.rows.pop("dingtalk:handled:same-answer")
        await user.type("提交")
        assert dict(office.script.of("lead.create")[0].values) == {
            "customer": "C公司",
            "phone": "",
            "method": "phone",
        }

    async def test_submit_pressed_twice_is_one_wish(
        self, office: Office, user: DingTalkUser
    ) -> None:
        await user.type("C公司")
        kept = dict(office.memory.rows)
        await user.type("提交")
        office.memory.rows = kept  # as another replica saw it a moment ago
        await user.type("提交")
        assert len(office.script.of("lead.create")) == 1

    async def test_a_second_form_comes_on_top_of_the_first(
        self, office: Office, user: DingTalkUser
    ) -> None:
        other = Form("people.add", "加同事", (Text(name="name", label="姓名"),), "加", "取消")
        office.script.replies["people.open"] = Reply(form=other)
        await user.type("C公司")
        await user.type("/people")
        await user.type("Kim Sample")
        assert "录线索" in await self.last(user)
        await user.type("提交")
        assert office.script.of("people.add")[0].values == {"name": "Kim Sample"}
        assert office.script.of("lead.create")[0].values["customer"] == "C公司"

    async def test_an_unknown_choice_is_explained_and_the_question_stays(
        self, user: DingTalkUser
    ) -> None:
        await user.type("C公司")
        await user.type("修改 方式")
        await user.type("飞鸽")
        text = await self.last(user)
        assert "选项里没有「飞鸽」" in text
        assert "2/3" in text

    async def test_speaks_the_language_of_the_form(
        self, office: Office, user: DingTalkUser
    ) -> None:
        form = Form("x.save", "New lead", (Text(name="a", label="Customer"),), "Save", "Cancel")
        office.script.replies["people.open"] = Reply(form=form)
        await user.type("/people")
        assert "Just type your answer." in await self.last(user)

    async def test_refused_without_a_field_it_says_why_and_can_be_sent_again(
        self, office: Office, user: DingTalkUser
    ) -> None:
        office.script.replies["lead.create"] = Reply(errors={"": "客户已存在"})
        await user.type("C公司")
        await user.type("提交")
        assert "客户已存在" in await self.last(user)
        office.script.replies["lead.create"] = Reply(toast="好了")
        await user.type("提交")
        assert "好了" in await self.last(user)


class TestSeveralAtOnce:
    FIELD = MultiChoice(
        name="leads",
        label="线索",
        options=tuple(
            Option(f"LX{number:03d}", f"LX{number:03d} · 客户") for number in range(1, 8)
        ),
    )

    @pytest.mark.parametrize(
        ("typed", "places"),
        [
            ("1 3", (1, 3)),
            ("1,3-5", (1, 3, 4, 5)),
            ("1、3～4；7", (1, 3, 4, 7)),
            ("2至3", (2, 3)),
            ("7-7", (7,)),
            ("3-4 4 3", (3, 4)),
            ("LX002，5-6", (2, 5, 6)),
            ("1、3到5", (1, 3, 4, 5)),
            ("１，３－５", (1, 3, 4, 5)),
            ("１、３～５", (1, 3, 4, 5)),
            ("3 到 5", (3, 4, 5)),
            ("1 3 - 5", (1, 3, 4, 5)),
            ("1和3", (1, 3)),
            ("1 and 3 to 5", (1, 3, 4, 5)),
            ("LX002 · 客户, LX004 · 客户", (2, 4)),
        ],
    )
    def test_places_and_what_is_between_them(self, typed: str, places: tuple[int, ...]) -> None:
        wanted = tuple(f"LX{place:03d}" for place in places)
        assert read_answer(self.FIELD, typed, self.FIELD.options) == wanted

    @pytest.mark.parametrize("word", ["全选", "全部", "所有", "all", "All"])
    def test_every_option(self, word: str) -> None:
        filling = begin(Form("a.b", "T", (self.FIELD,), "S", "C"), "f", "zh_CN")
        taken, _ = answer(filling, word)
        assert taken.answers["leads"] == tuple(option.value for option in self.FIELD.options)

    def test_all_is_an_answer_where_nothing_is_ticked(self) -> None:
        filling = begin(Form("a.b", "T", (Text(name="t", label="L"),), "S", "C"), "f", "zh_CN")
        for typed in ("全部", "所有", "更多", "more"):
            assert answer(filling, typed)[0].answers["t"] == typed

    @pytest.mark.parametrize("locale", ["en", "zh_CN"])
    def test_many_options_come_page_by_page_in_short_messages(self, locale: str) -> None:
        options = tuple(
            Option(f"LX{n:03}", f"LX{n:03} · {'长名示例' * 14} · 线索获取") for n in range(1, 101)
        )
        field = MultiChoice(name="leads", label="线索", options=options)
        filling = begin(Form("a.b", "T", (field,), "S", "C"), "f", locale)
        language = Language(locale, ZoneInfo("Asia/Shanghai"))
        for page in range(6):
            shown = question(filling, language)
            assert len(shown) < CHARACTERS
            first = page % 5 * 20 + 1
            assert f"LX{first:03}" in shown
            assert f"LX{first + 20:03} ·" not in shown
            filling, _ = answer(filling, "更多")
        ticked, _ = answer(filling, "LX099")
        assert ticked.answers["leads"] == ("LX099",)
        several, _ = answer(filling, "1,98-100")
        assert several.answers["leads"] == ("LX001", "LX098", "LX099", "LX100")
        assert several.page == 0

    @pytest.mark.parametrize("typed", ["5-3", "0-2", "6-8", "1-", "-2", "1-2-3", "99999-99999", ""])
    def test_what_means_nothing_is_asked_again(self, typed: str) -> None:
        assert isinstance(read_answer(self.FIELD, typed, self.FIELD.options), Wrong)


class TestOneField:
    """There is nothing to look through before it is sent."""

    FORM = Form(
        action="offer.pass",
        title="不接",
        fields=(
            Choice(name="reason", label="原因", required=True, options=(Option("busy", "忙"),)),
        ),
        submit="提交",
        cancel="取消",
    )

    async def test_is_sent_by_its_answer(self, office: Office) -> None:
        office.script.replies["lead.open"] = Reply(form=self.FORM)
        office.script.replies["offer.pass"] = Reply(toast="好的")
        user = office.user()
        async with office.running(card_template_id=""):
            await user.type("/lead")
            await user.type("忙")
            assert await user.form() is None
        assert dict(office.script.of("offer.pass")[0].values) == {"reason": "busy"}

    def test_what_was_not_understood_is_asked_again(self) -> None:
        filling = begin(self.FORM, "1", "zh_CN")
        answered, _ = answer(filling, "不知道")
        assert not is_answered_whole(filling.question, answered)

    def test_folded_fields_are_asked_only_when_wanted(self) -> None:
        form = Form("lead.create", "录线索", fold((*SHORT.fields,), "phone"), "保存", "取消")
        filling = begin(form, "1", "zh_CN")
        assert filling.todo == ("customer",)  # the method is filled in, and shown
        changed, _ = answer(filling, "修改 电话")
        assert changed.todo[0] == "phone"
        assert "1/1" in question(filling, Language("zh_CN", ZoneInfo("Asia/Shanghai")))
