"""Cards and forms as DingTalk receives them."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from bot.platforms.dingtalk.forms.guided import Word, begin
from bot.platforms.dingtalk.forms.questions import opening, question, summary
from bot.platforms.dingtalk.forms.storage import form_from_json, form_to_json, prefilled, refilled
from bot.platforms.dingtalk.render import card_buttons, card_markdown, field_type, form_params
from bot.platforms.dingtalk.requests import submitted
from handlers.core.ui import Button, Card, Chart, Fact, Link, Row, Section, Series, Table
from tests.platforms.dingtalk.conftest import new_language
from tests.platforms.dingtalk.samples import ANSWERS, EVERYTHING, SHORT

ZH, EN = new_language("zh_CN"), new_language("en")
PRESS = Button("lead.open", "打开", "LX001")
FULL = Card(
    "LX001 [A科技](http://evil.example)",
    facts=(Fact("来源", "展会"), Fact("电话", "138****5678")),
    body="# 不是标题\n第二行",
    sections=(
        Section(
            "今天",
            ("09:00 电话", "14:00 面谈"),
            Table(("编号", "阶段", "金额"), (("LX001", "方案", "12万"), ("LX002", "", ""))),
            (PRESS,),
        ),
    ),
    chart=Chart("bar", "t", ("a",), (Series("s", (1,)),), "成交 2 条"),
    links=(Link("给客户的链接", "https://a.example/p/1"),),
    buttons=(Button("lead.take", "领取", "1"), Button("lead.leave", "放弃", "1", "danger")),
    footnote="因为你负责华东",
    tone="warning",
    more=(Button("lead.edit", "编辑", "1"), Button("remark.open", "沟通", "1")),
)


class TestRowsThatOpen:
    def test_each_is_a_paragraph_with_a_link(self) -> None:
        opens = tuple(
            Button("lead.show", f"打开 {number}", number) for number in ("LX001", "LX002")
        )
        table = Table(
            ("编号", "客户", "下一步", "金额"),
            (("LX001", "[A]科技", "已逾期", "12万"), ("LX002", "B贸易", "", "3万")),
            opens=opens,
            emphasized=frozenset({(0, 2)}),
        )
        card = Card("x", sections=(Section(table=table),))
        assert card_buttons(card) == [*opens]
        drawn = unquote(card_markdown(card, {one: f"{one.label} #abcd2" for one in opens}, ZH))
        link = "(dtmd://dingtalkclient/sendMessage?content=打开 LX001 #abcd2)"
        first, second = drawn.split("\n\n")[1:]
        assert first == f"[LX001]{link} **［A］科技**  \n下一步 **已逾期** · 金额 12万"
        assert second.endswith("**B贸易**  \n金额 3万")


class TestCard:
    def test_a_title_with_a_sign_of_its_own_gets_no_second_mark(self) -> None:
        assert card_markdown(Card("🎉 喜报", tone="good"), {}, ZH) == "### 🎉 喜报"
        assert card_markdown(Card("已完成", tone="good"), {}, ZH) == "### ✅ 已完成"

    def drawn(self) -> str:
        words = {one: f"{one.label} #abcd2" for one in card_buttons(FULL)}
        return card_markdown(FULL, words, ZH)

    def test_shows_everything_in_reading_order(self) -> None:
        text = self.drawn()
        parts = [
            "### ⚠️ LX001",
            "**来源** 展会",
            "第二行",
            "#### 今天",
            "09:00 电话",
            "- **LX001** · 阶段 方案 · 金额 12万",
            "- **LX002**",
            "[打开](dtmd://",
            "> 成交 2 条",
            "**给客户的链接** [https://a.example/p/1](https://a.example/p/1)",
            "[领取](dtmd://",
            "[放弃](dtmd://",
            "更多：[编辑](dtmd://",
            " · [沟通](dtmd://",
            "> 因为你负责华东",
        ]
        places = [text.index(part) for part in parts]
        assert places == sorted(places)

    def test_links_only_where_a_button_is(self) -> None:
        assert len(re.findall(r"\]\(", self.drawn())) == 6
        assert "＃ 不是标题" in self.drawn()

    def test_every_row_and_every_bar_has_its_link(self) -> None:
        every, row = (
            Button("lead_list.show", "全部 12 条", "q"),
            Button("lead.show", "打开", "LX001"),
        )
        stage = Button("lead_list.show", "方案 2 条", "s")
        chart = Chart("bar", "各阶段", ("方案",), (Series("s", (2,)),), "方案 2", opens=(stage,))
        part = Section("逾期（12）", rows=(Row("LX001 · A科技 [x](y)", row),), opens=every)
        card = Card("看板", sections=(part,), chart=chart)
        words = {one: f"{one.label} #abcd2" for one in card_buttons(card)}
        text = card_markdown(card, words, ZH)
        assert "> 方案 2" not in text
        parts = [
            "#### 逾期",
            "LX001 · A科技",
            "[打开](",
            "[全部 12 条](",
            "#### 各阶段",
            "[方案 2 条](",
        ]
        places = [text.index(part) for part in parts]
        assert places == sorted(places)
        assert len(re.findall(r"\]\(", text)) == 3

    def test_puts_no_link_into_a_list(self) -> None:
        assert not re.search(r"(?m)^(-|\d+\.) .*\]\(", self.drawn())


class TestFormCard:
    def fields(self, **more: Any) -> dict[str, dict[str, Any]]:
        params = form_params(EVERYTHING, prefilled(EVERYTHING), ZH, **more)
        return {one["name"]: one for one in json.loads(params["form"])["fields"]}

    def test_maps_every_kind(self) -> None:
        assert [field_type(one) for one in EVERYTHING.fields] == [
            "TEXT",
            "TEXT_AREA",
            "TEXT",
            "TEXT",
            "TEXT",
            "TEXT",
            "DATE",
            "DATETIME",
            "SELECT",
            "MULTI_SELECT",
            "MULTI_CHECKBOX_GROUP",
            "SELECT",
            "SELECT",
        ]

    def test_all_variables_are_strings(self) -> None:
        params = form_params(EVERYTHING, {}, ZH)
        assert set(params) == {"title", "form", "form_status", "form_btn_text"}
        assert all(isinstance(value, str) for value in params.values())
        assert (params["form_status"], params["form_btn_text"]) == ("normal", "保存")

    def test_prefills_as_the_component_wants_it(self) -> None:
        fields = {
            one["name"]: one
            for one in json.loads(form_params(EVERYTHING, ANSWERS, ZH)["form"])["fields"]
        }
        assert fields["method"]["defaultValue"] == {"index": 1, "value": "visit"}
        assert fields["topics"]["defaultValue"] == {"index": [0, 2], "value": ["phone", "wechat"]}
        assert fields["moment"]["defaultValue"] == "2026-12-01 14:30"
        assert fields["day"]["defaultValue"] == "2026-12-01"

    def test_requires_and_hints(self) -> None:
        fields = self.fields()
        assert fields["customer"]["required"]
        assert fields["customer"]["requiredMsg"] == "必填项，请填写。"
        assert fields["customer"]["placeholder"] == "公司全称"
        assert "defaultValue" not in fields["phone"]
        assert fields["__note"] == {
            "name": "__note",
            "label": "说明",
            "type": "TEXT_AREA",
            "readOnly": True,
            "defaultValue": "填一次，处处可用。",
        }

    def test_offers_a_way_to_leads_that_are_not_listed(self) -> None:
        fields = self.fields()
        assert fields["lead__other"]["type"] == "TEXT"
        assert not fields["lead"]["required"]

    def test_says_what_is_wrong_beside_the_field_and_on_top(self) -> None:
        fields = self.fields(errors={"phone": "不是电话"})
        assert fields["phone"]["label"] == "电话 ⚠️ 不是电话"
        assert "1" in fields["__note"]["defaultValue"]

    @pytest.mark.parametrize(
        ("name", "raw", "value"),
        [
            ("method", {"index": 1, "value": "visit"}, "visit"),
            ("method", "visit", "visit"),
            ("method", ["visit"], "visit"),
            ("topics", {"index": [0], "value": ["phone"]}, ("phone",)),
            ("criteria", ["need"], ("need",)),
            ("criteria", [{"index": 0, "value": "budget"}], ("budget",)),
            ("criteria", "need", ("need",)),
            ("moment", "2026-12-01 14:30:00", "2026-12-01T14:30"),
            ("seats", 12, "12"),
            ("customer", "  C公司 ", "C公司"),
            ("topics", None, ()),
            ("day", None, ""),
        ],
    )
    def test_reads_what_clients_send(self, name: str, raw: Any, value: object) -> None:
        assert submitted(EVERYTHING, {name: raw})[name] == value

    @pytest.mark.parametrize("raw", [None, [], "x", 7, {"other": 1}])
    def test_reads_nonsense_as_empty(self, raw: Any) -> None:
        assert set(submitted(EVERYTHING, raw).values()) == {"", ()}


class TestQuestions:
    def test_every_kind_is_asked_in_both_languages(self) -> None:
        for language in (ZH, EN):
            filling = begin(EVERYTHING, "f", language.locale)
            assert opening(filling, language).startswith("📝 **全部字段**")
            for _ in filling.todo:
                text = question(filling, language)
                assert filling.question is not None
                assert f"**{filling.question.label}** (" in text
                filling = replace(
                    filling, todo=filling.todo[1:], asked=(*filling.asked, filling.todo[0])
                )
            assert "dtmd://" in summary(filling, language)

    def test_the_words_it_offers_are_words_it_understands(self) -> None:
        for language in (ZH, EN):
            for word in Word:
                if word in {Word.RESTORE, Word.SKIP}:
                    continue
                assert language.text(f"dingtalk.word.{word.name.lower()}") in word.value
            assert language.text("dingtalk.word.skip") in Word.SKIP.value
            assert language.text("dingtalk.word.keep") in Word.SKIP.value

    def test_texts_are_the_same_in_both_languages(self) -> None:
        texts = Path(__file__).parents[3] / "handlers" / "texts"
        keys = [
            re.findall(r'msgid "(.+)"', (texts / locale / "dingtalk.po").read_text())
            for locale in ("en", "zh_CN")
        ]
        assert keys[0] == keys[1]
        assert len(set(keys[0])) == len(keys[0])
        for key in keys[0]:
            placeholders = [
                sorted(re.findall(r"\{(\w+)\}", language.text(key))) for language in (ZH, EN)
            ]
            assert placeholders[0] == placeholders[1], key


class TestStored:
    def test_a_form_comes_back_as_it_was(self) -> None:
        for form in (EVERYTHING, SHORT, refilled(EVERYTHING, ANSWERS)):
            assert form_from_json(json.loads(json.dumps(form_to_json(form)))) == form
