"""Several answers in one message of a guided form, in any order; prose stays whole."""

import pytest

from bot.platforms.dingtalk.forms.guided import Filling, Outcome, Step, answer, begin
from bot.platforms.dingtalk.forms.questions import question
from handlers.core.requests import Value
from handlers.core.ui import (
    Checklist,
    Choice,
    Date,
    Email,
    Form,
    LongText,
    Money,
    Option,
    Phone,
    Text,
)
from tests.platforms.dingtalk.conftest import new_language
from tests.platforms.dingtalk.samples import LEADS, METHODS

SOURCES = (Option("ads", "线上广告"), Option("fair", "展会"), Option("web", "官网咨询"))
REGIONS = (Option("east", "华东"), Option("north", "华北"))
LEAD = Form(
    "lead.create",
    "录线索",
    (
        Text(name="customer", label="客户", required=True),
        Choice(name="source", label="来源", options=SOURCES, required=True),
        Text(name="contact", label="联系人"),
        Phone(name="phone", label="电话"),
        LongText(name="need", label="客户需求"),
        Money(name="budget", label="预算"),
        Email(name="email", label="邮箱", folded=True),
        Choice(name="region", label="区域", options=REGIONS, folded=True),
    ),
    "保存",
    "取消",
)
FOLLOWUP = Form(
    "followup.create",
    "写跟进",
    (
        Choice(name="lead", label="线索", options=LEADS, required=True, value="LX001"),
        Choice(name="method", label="方式", options=METHODS, required=True, value="phone"),
        LongText(name="summary", label="沟通内容", required=True),
        LongText(name="next_step", label="下一步"),
        Date(name="next_on", label="完成日期"),
    ),
    "保存",
    "取消",
)
ZHANG = {"customer": "A科技", "contact": "张伟", "phone": "13800001111", "need": "询价"}


def told(form: Form, text: str) -> tuple[dict[str, Value], Filling, Outcome]:
    """The answers that a message adds."""
    before = begin(form, "1", "zh_CN")
    after, outcome = answer(before, text)
    added = {n: v for n, v in after.answers.items() if v and v != before.answers[n]}
    return added, after, outcome


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("张伟 13800001111 A科技 询价", ZHANG),
        ("A科技 询价 张伟 13800001111", ZHANG),
        ("询价，13800001111，张伟，A科技", ZHANG),
        ("A科技、张伟、138 0000 1111、询价", ZHANG | {"phone": "138 0000 1111"}),
        ("A科技 展会 张伟 15-20万", {"customer": "A科技", "source": "fair", "contact": "张伟",
                                 "budget": "15-20万"}),
        ("广告 A科技", {"customer": "A科技", "source": "ads"}),
        ("李总 010-88886666", {"contact": "李总", "phone": "010-88886666"}),
        ("华东 A科技", {"customer": "A科技", "region": "east"}),
        ("zoe@a.example A科技", {"customer": "A科技", "email": "zoe@a.example"}),
        ("Northwind Ltd, Zoe, zoe@a.example", {"customer": "Northwind Ltd", "need": "Zoe",
                                               "email": "zoe@a.example"}),
        ("Zoe Example, Northwind Ltd, +44 20 7946 0958, needs a CRM",
         {"customer": "Northwind Ltd", "contact": "Zoe Example", "phone": "+44 20 7946 0958",
          "need": "needs a CRM"}),
        ("13800001111", {"phone": "13800001111"}),
        ("客户：A科技 联系人：张伟，电话：13800001111",
         {"customer": "A科技", "contact": "张伟", "phone": "13800001111"}),
        ("客户：A科技\n来源：展会", {"customer": "A科技", "source": "fair"}),
    ],
)  # fmt: skip
def test_each_part_goes_to_its_field(text: str, expected: dict[str, str]) -> None:
    assert told(LEAD, text)[0] == expected


@pytest.mark.parametrize(
    "text", ["A科技", "A 科技 集团", "东方 明珠", "Example and Sons", "第一 实验 小学"]
)
def test_one_answer_stays_one(text: str) -> None:
    assert told(LEAD, text)[0] == {"customer": text}


@pytest.mark.parametrize(
    "text", ["对方说 13800001111 打这个", "今天谈了 15万 的预算", "电话", "明天 再 联系 展会"]
)
def test_prose_is_not_taken_apart(text: str) -> None:
    assert told(FOLLOWUP, text)[0] == {"summary": text}


def test_an_option_may_stand_before_prose() -> None:
    assert told(FOLLOWUP, "微信 对方要 案例")[0] == {"method": "wechat", "summary": "对方要 案例"}


@pytest.mark.parametrize(
    "text",
    [
        "张伟 13800001111 A科技 询价 展会 提交",
        "客户：A科技，来源：展会，提交",
        "A科技 展会\n提交",
        "A科技，展会，/提交",
    ],
)
def test_the_word_to_send_may_come_along(text: str) -> None:
    assert told(LEAD, text)[2] is Step.SUBMIT


def test_is_not_sent_while_something_required_is_missing() -> None:
    added, filling, outcome = told(LEAD, "张伟 A科技 提交")
    assert outcome is Step.ASK
    assert filling.todo[0] == "source"
    assert added == {"customer": "A科技", "contact": "张伟"}


def test_what_cannot_be_placed_is_asked_about() -> None:
    form = Form("x", "短表", LEAD.fields[:1] + LEAD.fields[3:4], "保存", "取消")
    _, filling, outcome = told(form, "A科技 13800001111 老地方 门口 提交")
    assert filling.answers["customer"] == "A科技"
    assert filling.unplaced == "老地方 门口"
    assert outcome is Step.ASK
    text = question(filling, new_language("zh_CN"))
    assert "老地方 门口" in text
    assert "dtmd" in text


def test_words_under_boxes_go_where_there_is_room_for_words() -> None:
    ticks = Checklist(name="met", label="满足哪些条件？", options=METHODS, value=("phone",))
    form = Form("s", "推进", (ticks, LongText(name="note", label="备注")), "保存", "取消")
    added, _, outcome = told(form, "客户催得急 提交")
    assert (added, outcome) == ({"note": "客户催得急"}, Step.SUBMIT)
    assert told(form, "微信")[0] == {"met": ("phone", "wechat")}
    assert told(form, "9")[1].wrong is not None


def test_the_next_message_says_what_was_read_and_all_that_is_missing() -> None:
    _, filling, _ = told(LEAD, "张伟 13800001111 A科技 询价")
    text = question(filling, new_language("zh_CN"))
    for word in ("记下了", "张伟", "13800001111", "询价", "来源", "一起写", "预算"):
        assert word in text


def test_a_typed_answer_is_not_replaced_by_a_guess() -> None:
    filling, _ = answer(begin(LEAD, "1", "zh_CN"), "联系人：王芳")
    after, _ = answer(filling, "张伟 13800001111 A科技")
    assert after.answers["contact"] == "王芳"
    assert "张伟" in str(after.answers) + after.unplaced
