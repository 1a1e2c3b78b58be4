"""Commands, buttons and plain messages, from the websocket to the person's screen."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.platforms import Address
from bot.platforms.dingtalk.incoming import Turns
from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.core.ui import (
    Button,
    Card,
    Chart,
    Confirm,
    Fact,
    Form,
    Row,
    Section,
    Series,
    Text,
)
from tests.conversations.dingtalk_reading import links_of
from tests.platforms.dingtalk.conftest import NOW, Office


class TestCommands:
    async def test_accepts_a_command_with_and_without_slash_and_in_chinese(
        self, office: Office
    ) -> None:
        user = office.user()
        async with office.running():
            for line in ("/lead LX001", "lead LX001", "录线索 LX001", " ／线索LX001 "):
                await user.type(line)
        assert [(one.action, one.text) for one in office.script.done] == [
            ("lead.open", "LX001")
        ] * 4
        assert len({one.id for one in office.script.done}) == 4

    async def test_tells_who_asks_and_where(self, office: Office) -> None:
        office.user("u7", "Kim Sample")
        async with office.running():
            frame = await office.server.write("u7", "/pipeline", isAdmin=True)
            await office.gateway.ack_of(frame)
        (request,) = office.script.done
        assert request.id == "dingtalk:msg-1"
        assert (request.sender.platform, request.sender.id) == ("dingtalk", "u7")
        assert (request.sender.name, request.sender.is_owner) == ("Kim Sample", True)
        assert (request.conversation.id, request.conversation.private) == ("u7", True)

    async def test_only_a_plain_yes_makes_an_administrator(self, office: Office) -> None:
        office.user("u7", "Kim Sample")
        async with office.running():
            for told in (True, False, None, "true", 1):
                frame = await office.server.write("u7", "/pipeline", isAdmin=told)
                await office.gateway.ack_of(frame)
        owners = [one.sender.is_owner for one in office.script.done]
        assert owners == [True, False, False, False, False]

    async def test_people_of_another_organisation_are_outside(self, office: Office) -> None:
        office.user("u7", "Kim Sample")
        async with office.running():
            frame = await office.server.write(
                "u7", "帮助", group="cidG", senderCorpId="dingother", isAdmin=True
            )
            await office.gateway.ack_of(frame)
            frame = await office.server.write("u7", "帮助", chatbotCorpId=None)
            await office.gateway.ack_of(frame)
        assert len(office.script.done) == 1
        assert [entry.author for entry in office.server.world.chat("cidG")] == ["u7", "bot"]

    @pytest.mark.parametrize("may", [True, False])
    async def test_departments_by_id_and_name(self, office: Office, may: bool) -> None:
        user = office.user("u7", "Kim Sample")
        office.server.directory["Kim Sample"] = {"dept_id_list": [881, 882]}
        office.server.departments = {"881": "销售部", "882": "市场部"} if may else {}
        async with office.running() as platform:
            await user.type("帮助")
            await user.type("帮助")
            assert platform.health().problem == ""
        named = {"销售部", "市场部"} if may else set()
        assert [one.sender.departments for one in office.script.done] == [
            {"881", "882"} | named
        ] * 2
        assert len(office.server.world.named("department")) == 2

    async def test_looks_a_missing_name_up(self, office: Office) -> None:
        office.user("u7", "Kim Sample")
        async with office.running():
            await office.gateway.ack_of(await office.server.write("u7", "帮助", senderNick=None))
        assert office.script.done[0].sender.name == "Kim Sample"

    async def test_the_directory_vouches_for_phone_and_address(self, office: Office) -> None:
        user = office.user("u7", "Kim Sample")
        details = {"mobile": "13912345678", "state_code": "86", "org_email": "kim@sample.example"}
        office.server.directory["Kim Sample"] = details
        async with office.running():
            await user.type("帮助")
            await user.type("帮助")
        senders = [one.sender for one in office.script.done]
        known = [(one.phone, one.email) for one in senders]
        assert known == [("+8613912345678", "kim@sample.example")] * 2
        assert len(office.server.world.named("get")) == 1

    async def test_a_directory_that_refuses_is_not_asked_for_every_message(
        self, office: Office
    ) -> None:
        async with office.running():
            for _ in range(3):
                frame = await office.server.write("stranger", "帮助", senderNick="Kim")
                await office.gateway.ack_of(frame)
        assert [one.sender.name for one in office.script.done] == ["Kim"] * 3
        assert len(office.server.world.named("get")) == 1

    async def test_passes_other_words_on_as_a_question(self, office: Office) -> None:
        user = office.user()
        async with office.running():
            await user.type("how are you")
        assert [(one.action, one.text) for one in office.script.done] == [
            ("help.unknown", "how are you")
        ]

    async def test_strips_the_mention_in_a_group_only(self, office: Office) -> None:
        user = office.user()
        async with office.running():
            frame = await office.server.write("u1", "@genjin /lead A", group="cidG")
            await office.gateway.ack_of(frame)
            await user.type("@someone hello")
        first, second = office.script.done
        assert (first.action, first.text, first.conversation.id) == ("lead.open", "A", "cidG")
        assert (first.conversation.private, first.conversation.title) == (False, "Sample group")
        assert second.text == "@someone hello"

    async def test_keeps_the_names_of_colleagues(self, office: Office) -> None:
        office.user()
        lines = ("@genjin @Robin 说太贵", " @Robin 说太贵", "@genjin 录线索 @Robin 说太贵")
        async with office.running():
            for line in lines:
                frame = await office.server.write("u1", line, group="cidG")
                await office.gateway.ack_of(frame)
        assert [one.text for one in office.script.done] == ["@Robin 说太贵"] * 3

    async def test_reads_rich_text_and_speech(self, office: Office) -> None:
        office.user()
        async with office.running():
            rich: dict[str, Any] = {
                "msgtype": "richText",
                "text": None,
                "content": {
                    "richText": [
                        {"text": "/lead "},
                        {"text": "A"},
                        {"type": "picture", "downloadCode": "x"},
                    ]
                },
            }
            await office.gateway.ack_of(await office.server.write("u1", "", **rich))
            speech: dict[str, Any] = {
                "msgtype": "audio",
                "text": None,
                "content": {"recognition": "帮助"},
            }
            await office.gateway.ack_of(await office.server.write("u1", "", **speech))
        assert [one.action for one in office.script.done] == ["lead.open", "help.open"]

    async def test_answers_a_picture_kindly(self, office: Office) -> None:
        user = office.user()
        async with office.running():
            picture: dict[str, Any] = {
                "msgtype": "picture",
                "text": None,
                "content": {"downloadCode": "x"},
            }
            await office.gateway.ack_of(await office.server.write("u1", "", **picture))
        assert office.script.asked == []
        assert "我只看得懂文字" in (await user.messages())[-1].text

    async def test_explains_to_somebody_without_a_staff_id(self, office: Office) -> None:
        async with office.running():
            frame = await office.server.write("stranger", "/lead", senderStaffId=None)
            await office.gateway.ack_of(frame)
        assert office.script.asked == []
        assert "发布" in office.world.chat("stranger")[-1].text


class TestDelivery:
    async def test_a_message_sent_twice_has_one_effect_and_one_answer(self, office: Office) -> None:
        office.user()
        async with office.running():
            for _ in range(10):
                frame = await office.server.write("u1", "/lead", msgId="same")
                await office.gateway.ack_of(frame)
        assert len(office.script.asked) == 1
        assert len([one for one in office.world.chat("u1") if one.author == "bot"]) == 1

    async def test_is_not_acknowledged_before_it_is_committed(self, office: Office) -> None:
        office.user()
        gate = asyncio.Event()

        async def slow(_: Request) -> Reply:
            await gate.wait()
            return Reply(toast="done")

        office.script.replies["lead.open"] = slow
        async with office.running():
            frame = await office.server.write("u1", "/lead")
            await office.world.until(lambda: office.gateway.unacked)
            assert await office.gateway.ping()  # the loop is free meanwhile
            assert frame in office.gateway.unacked
            gate.set()
            await office.gateway.ack_of(frame)

    async def test_a_failed_message_comes_again_and_is_done_once(
        self, office: Office, capsys: pytest.CaptureFixture[str]
    ) -> None:
        user = office.user()
        failures, failed = [RuntimeError("database is away")], asyncio.Event()

        def shaky(_: Request) -> Reply:
            failed.set()
            if failures:
                raise failures.pop()
            return Reply(toast="saved")

        office.script.replies["lead.open"] = shaky
        async with office.running():
            frame = await office.server.write("u1", "/lead")
            await failed.wait()
            await office.gateway.ping()
            assert frame in office.gateway.unacked
            await office.gateway.redeliver()
            await office.gateway.ack_of(frame)
        assert "database is away" in capsys.readouterr().err
        assert [one.text for one in await user.messages()] == ["saved"]

    async def test_one_person_is_served_in_order_and_does_not_hold_up_others(
        self, office: Office
    ) -> None:
        office.user("u1")
        other = office.user("u2", "Kim Sample")
        gate = asyncio.Event()

        async def wait_for_gate(request: Request) -> Reply:
            if request.text == "first":
                await gate.wait()
            return Reply(toast=request.text)

        office.script.replies["lead.open"] = wait_for_gate
        async with office.running():
            frames = [
                await office.server.write("u1", f"/lead {word}")
                for word in ("first", "second", "third")
            ]
            await other.type("/lead mine")
            gate.set()
            for frame in frames:
                await office.gateway.ack_of(frame)
        assert [one.text for one in office.world.chat("u1") if one.author == "bot"] == [
            "first",
            "second",
            "third",
        ]
        assert office.script.done[0].text == "mine"


class TestAnswers:
    async def test_uses_the_webhook_while_it_serves(self, office: Office) -> None:
        user = office.user()
        async with office.running():
            await user.type("/lead")
        assert [one.via for one in office.world.chat("u1") if one.author == "bot"] == ["webhook"]

    async def test_says_toast_and_card_in_one_message(self, office: Office) -> None:
        user = office.user()
        office.script.replies["lead.open"] = Reply(toast="归你了", update=Card("LX001"))
        async with office.running():
            await user.type("/lead")
        assert [one.text for one in await user.messages()] == ["归你了\n\nLX001"]

    @pytest.mark.parametrize(
        ("status", "body", "text"),
        [
            (500, {"errcode": 0}, None),
            (500, {}, "<html>oops</html>"),
            (502, {}, ""),
            (404, {"errcode": 0}, None),
            (302, {}, ""),
            (200, {"errcode": 310000, "errmsg": "keywords not in content"}, None),
            (200, {"errcode": -1}, None),
            (200, {}, None),
            (200, {}, "<html>sign in</html>"),
            (200, {}, ""),
            (200, {}, "ok"),
        ],
    )
    async def test_a_webhook_that_does_not_say_that_it_took_an_answer_did_not(
        self, office: Office, status: int, body: dict[str, Any], text: str | None
    ) -> None:
        user = office.user()
        office.world.fail_next("webhook", status, body, text=text)
        async with office.running():
            await user.type("/lead")
        assert [one.via for one in office.world.chat("u1") if one.author == "bot"] == ["batchSend"]

    async def test_falls_back_when_the_webhook_is_gone(self, office: Office) -> None:
        user = office.user()
        office.server.webhooks_expired = True
        async with office.running():
            await user.type("/lead")
        assert [one.via for one in office.world.chat("u1") if one.author == "bot"] == ["batchSend"]

    async def test_does_not_try_a_webhook_whose_time_is_over_or_that_is_not_dingtalks(
        self, office: Office
    ) -> None:
        office.user()
        past = int((NOW - timedelta(minutes=1)).timestamp() * 1000)
        async with office.running():
            await office.gateway.ack_of(
                await office.server.write("u1", "/lead", sessionWebhookExpiredTime=past)
            )
            await office.gateway.ack_of(
                await office.server.write("u1", "/lead", sessionWebhook="http://elsewhere.test/x")
            )
        assert office.world.named("webhook") == []
        assert len(office.world.named("batchSend")) == 2

    async def test_answers_a_group_in_private_and_says_so_once(self, office: Office) -> None:
        office.user()
        office.script.replies["board.open"] = Reply(card=Card("Secret board"))
        async with office.running():
            for _ in range(2):
                frame = await office.server.write("u1", "/pipeline", group="cidG")
                await office.gateway.ack_of(frame)
        private = [one.text for one in office.world.chat("u1")]
        public = [one.text for one in office.world.chat("cidG") if one.author == "bot"]
        assert private == ["### Secret board"] * 2
        assert len(public) == 1
        assert "单聊" in public[0]

    async def test_says_in_the_group_when_a_person_cannot_be_reached(self, office: Office) -> None:
        async with office.running():
            frame = await office.server.write("ghost", "/pipeline", group="cidG")
            await office.gateway.ack_of(frame)
        assert "没能私聊到你" in office.world.chat("cidG")[-1].text

    async def test_waits_a_little_when_throttled(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user = office.user()
        office.server.webhooks_expired = True
        waited: list[float] = []
        real_sleep = asyncio.sleep

        async def sleep(seconds: float) -> None:
            waited.append(seconds)
            await real_sleep(0)

        async with office.running():
            monkeypatch.setattr("bot.platforms.dingtalk.messages.asyncio.sleep", sleep)
            office.world.fail_next(
                "batchSend", 403, {"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}
            )
            await user.type("/lead")
        assert 1.0 in waited
        assert [one.text for one in await user.messages()] == ["did lead.open"]


class TestButtons:
    def offer(self, **more: Any) -> Card:
        accept = Button("offer.accept", "接受", "41", **more)
        return Card("LX001 A科技", facts=(Fact("来源", "展会"),), buttons=(accept,))

    async def test_a_press_reads_well_and_does_what_it_says(self, office: Office) -> None:
        user = office.user()
        office.script.replies["board.open"] = Reply(card=self.offer())
        async with office.running():
            await user.type("/pipeline")
            (words,) = links_of(office.world.chat("u1")[-1].text).values()
            assert words.startswith("接受 LX001 #")
            await user.press("接受")
        (request,) = office.script.of("offer.accept")
        assert request.state == {"value": "41"}
        assert request.text == ""

    async def test_somebody_elses_button_does_nothing(self, office: Office) -> None:
        user, other = office.user(), office.user("u2", "Kim Sample")
        office.script.replies["board.open"] = Reply(card=self.offer())
        async with office.running():
            await user.type("/pipeline")
            (words,) = links_of(office.world.chat("u1")[-1].text).values()
            await other.type(words)
        assert office.script.of("offer.accept") == []
        assert "发给别人的" in (await other.messages())[-1].text

    async def test_changed_words_do_not_press_a_button(self, office: Office) -> None:
        user = office.user()
        office.script.replies["board.open"] = Reply(card=self.offer())
        async with office.running():
            await user.type("/pipeline")
            (words,) = links_of(office.world.chat("u1")[-1].text).values()
            await user.type("拒绝 LX001 #" + words.split("#")[1])
        assert [one.action for one in office.script.asked] == ["board.open"]

    async def test_asks_before_a_grave_button_acts(self, office: Office) -> None:
        user = office.user()
        confirm = Confirm("真的接受？", "之后由你跟进。", "是的，接受", "先不要")
        office.script.replies["board.open"] = Reply(card=self.offer(confirm=confirm))
        async with office.running():
            await user.type("/pipeline")
            (words,) = links_of(office.world.chat("u1")[-1].text).values()
            await user.type(words)
            asked = office.world.chat("u1")[-1].text
            assert "之后由你跟进。" in asked
            assert office.script.of("offer.accept") == []
            await user.type(links_of(asked)["先不要"])
            assert "没有任何改动" in (await user.messages())[-1].text
            await user.type(links_of(asked)["是的，接受"])
        assert len(office.script.of("offer.accept")) == 1

    async def test_presses_survive_a_restart(self, office: Office) -> None:
        user = office.user()
        office.script.replies["board.open"] = Reply(card=self.offer())
        async with office.running():
            await user.type("/pipeline")
        async with office.running():
            await user.press("接受")
        assert len(office.script.of("offer.accept")) == 1

    async def test_more_buttons_than_letters_are_all_told_apart(self, office: Office) -> None:
        user = office.user()
        buttons = tuple(Button("pick", f"b{number}", str(number)) for number in range(70))
        office.script.replies["board.open"] = Reply(card=Card("many", buttons=buttons))
        async with office.running():
            await user.type("/pipeline")
            for number in (0, 29, 30, 31, 69):
                await user.press(f"b{number}")
        assert [one.state["value"] for one in office.script.of("pick")] == [
            "0",
            "29",
            "30",
            "31",
            "69",
        ]


class TestPictures:
    @pytest.mark.parametrize("typed", [False, True])
    async def test_of_an_answer_come_when_they_are_wanted(
        self, office: Office, *, typed: bool
    ) -> None:
        chart = Chart("bar", "漏斗", ("线索",), (Series("数量", (9,)),), "9 条线索")
        board = Reply(card=Card("我的看板", chart=chart), read_only=True)
        office.script.replies["board.open"] = board
        user = office.user()
        async with office.running():
            await user.type("漏斗")
            (shown,) = await user.messages()
            assert "9 条线索" in shown.text
            assert office.world.named("upload") == []
            await (user.type("看图") if typed else user.press("看图（1张）"))
            _, picture = await user.messages()
        assert picture.has_picture
        assert [one.action for one in office.script.asked] == ["board.open"] * 2
        assert office.world.named("batchSend") == []  # an answer, and no call

    async def test_are_shown_at_once_where_asking_again_might_change_something(
        self, office: Office
    ) -> None:
        chart = Chart("bar", "漏斗", ("线索",), (Series("数量", (9,)),), "9 条线索")
        office.script.replies["board.open"] = Reply(card=Card("我的看板", chart=chart))
        user = office.user()
        async with office.running():
            await user.type("漏斗")
            (shown,) = await user.messages()
        assert shown.has_picture


class TestOneLine:
    CUSTOMER = Text(name="customer", label="客户", required=True, value="A科技")
    FORM = Form("lead.create", "录线索", (CUSTOMER,), "保存", "取消")

    async def test_a_command_that_ends_with_the_word_to_send_is_one_message(
        self, office: Office, template: str
    ) -> None:
        office.script.replies |= {
            "lead.open": Reply(form=self.FORM),
            "lead.create": Reply(card=Card("已保存 LX001")),
        }
        user = office.user()
        async with office.running(card_template_id=template):
            await user.type("录线索 A科技 张伟 提交")
            (said,) = await user.messages()
        assert "已保存 LX001" in said.text
        (opened,) = office.script.of("lead.create")
        assert dict(opened.values) == {"customer": "A科技"}
        assert office.script.asked[0].text == "A科技 张伟"

    async def test_asks_what_is_missing(self, office: Office) -> None:
        empty = replace(self.FORM, fields=(Text(name="customer", label="客户", required=True),))
        office.script.replies["lead.open"] = Reply(form=empty)
        user = office.user()
        async with office.running():
            await user.type("录线索 张伟 提交")
            assert await user.form() is not None
        assert office.script.of("lead.create") == []


class TestGroups:
    async def test_every_button_is_also_a_word(self, office: Office) -> None:
        """Whether a pressed link in a group reaches the robot is not known."""
        rows = tuple(Row(f"LX00{n}", Button("pool.claim", "领取", f"LX00{n}")) for n in range(1, 4))
        card = Card(
            "公海",
            sections=(Section("今天", rows=rows, opens=Button("pool.open", "查看全部3条")),),
            buttons=(Button("board.open", "我的看板", "x"),),
            more=(Button("pool.rules", "规则说明"),),
        )
        user = office.user()
        async with office.running() as platform:
            await platform.post(Address("dingtalk", "channel", "cidG"), card, locale="zh_CN")
            for words in ("领取 LX002", "查看全部3条", "我的看板", "规则说明"):
                await user.type(f"@genjin {words}", channel="cidG")
            await user.type("@genjin 领取", channel="cidG")
        asked = [(one.action, one.state.get("value", "")) for one in office.script.asked]
        assert asked[:4] == [
            ("pool.claim", "LX002"), ("pool.open", ""), ("board.open", "x"), ("pool.rules", ""),
        ]  # fmt: skip
        assert asked[4][0] != "pool.claim" or not asked[4][1]  # which one is not known


class TestTurns:
    async def test_of_one_person_are_taken_one_by_one_on_two_replicas(self, office: Office) -> None:
        order: list[str] = []
        replicas = [Turns(office.memory), Turns(office.memory)]

        async def handle(turns: Turns, name: str) -> None:
            async with turns.of("u1"):
                order.append(f"{name} begins")
                await asyncio.sleep(0.01)
                order.append(f"{name} ends")

        first = asyncio.create_task(handle(replicas[0], "first"))
        await asyncio.sleep(0)
        await asyncio.gather(first, handle(replicas[1], "second"))
        assert order == ["first begins", "first ends", "second begins", "second ends"]
        assert not office.memory.counts

    async def test_are_not_kept_by_a_replica_that_was_killed(self, office: Office) -> None:
        await office.memory.count("dingtalk:turn:u1", keep=timedelta(minutes=1))
        async with Turns(office.memory, patience=0.1).of("u1"):
            pass
        assert not office.memory.counts

    async def test_a_message_that_comes_again_after_a_crash_is_not_told_off(
        self, office: Office
    ) -> None:
        office.script.replies["lead.create"] = Reply(toast="这条我已经收到了", repeated=True)
        office.script.replies["board.open"] = Reply(toast="这条我已经收到了", repeated=True)
        user = office.user()
        async with office.running():
            await user.type("漏斗")
            (said,) = await user.messages()
        assert "已经处理好了" in said.text


class TestWords:
    async def test_a_button_about_several_leads_names_none(self, office: Office) -> None:
        undo = Button("import.undo", "撤销导入", "7")
        cards = (
            Card(
                "导入了 3 条线索",
                facts=(Fact("首条", "LX003"),),
                buttons=(undo,),
                subject="import:7",
            ),
            Card("LX001、LX002、LX003", buttons=(undo,)),
        )
        user = office.user()
        async with office.running():
            for card in cards:
                office.script.replies["board.open"] = Reply(card=card)
                await user.type("漏斗")
                (words,) = links_of(office.world.chat("u1")[-1].text).values()
                assert words.startswith("撤销导入 #")
