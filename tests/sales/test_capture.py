"""Messages of customers, parsed as leads."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.amounts import parse_budget
from sales.capture import Captured, read_message
from sales.contacts import parse_email, parse_phone
from sales.job_titles import authority_of
from sales.lead_lines import name_before_need
from sales.leads import Authority

MESSAGES = [
    (
        (
            "你好，我是A科技有限公司的张样例，采购经理，想了解客户管理工具，"
            "预算15-20万，电话13812345678，邮箱zhang@a-tech.example"
        ),
        Captured(
            customer="A科技有限公司",
            contact="张样例",
            title="采购经理",
            phones=("+8613812345678",),
            emails=("zhang@a-tech.example",),
            budget="15-20万",
        ),
    ),
    (
        (
            "公司：甲示例学校\n联系人：李样例\n职位：校长\n电话：010-6552 9988\n预算：8-10万\n"
            "需求：提升招生效率"
        ),
        Captured(
            customer="甲示例学校",
            contact="李样例",
            title="校长",
            phones=("+861065529988",),
            budget="8-10万",
            need="提升招生效率",
        ),
    ),
    (
        (
            "Hello, this is Robin Example from Blue Harbour Trading Ltd. We need a CRM, "
            "our budget is about $50k. +44 20 7946 0018 or Robin@blueharbour.example. "
            "I'm the purchasing manager."
        ),
        Captured(
            customer="Blue Harbour Trading Ltd.",
            contact="Robin Example",
            title="purchasing manager",
            phones=("+442079460018",),
            emails=("robin@blueharbour.example",),
            budget="$50k",
        ),
    ),
    (
        "Company: Sample School\nName: Kim Sample\nkim@school.example\nBudget: 80,000",
        Captured(
            customer="Sample School",
            contact="Kim Sample",
            emails=("kim@school.example",),
            budget="80,000",
        ),
    ),
    ("王总 138 1234 5678 想看演示", Captured(contact="王总", phones=("+8613812345678",))),
    ("hi, are you there?", Captured()),
    ("我们公司想看看，贵公司多少钱", Captured()),
    ("", Captured()),
]


class TestReadMessage:
    @pytest.mark.parametrize(("message", "expected"), MESSAGES)
    def test_finds_what_stands_there(self, message: str, expected: Captured) -> None:
        found = read_message(message)
        for name in ("customer", "contact", "title", "phones", "emails", "budget"):
            assert getattr(found, name) == getattr(expected, name), name
        assert found.names_somebody is expected.names_somebody
        if expected.need:
            assert found.need == expected.need

    @pytest.mark.parametrize("message", [message for message, _ in MESSAGES])
    def test_contacts_never_stay_in_the_need(self, message: str) -> None:
        found = read_message(message)
        digits = "".join(char for char in found.need if char.isdigit())
        assert not any(phone[-8:] in digits for phone in found.phones)
        assert not any(email in found.need.lower() for email in found.emails)

    @given(st.text(max_size=400))
    def test_anything_at_all(self, message: str) -> None:
        found = read_message(message)
        assert all(parse_phone(phone) == phone for phone in found.phones)
        assert all(parse_email(email) == email for email in found.emails)
        if found.budget:
            parse_budget(found.budget)
        assert not any(phone in found.need for phone in found.phones)

    @given(
        st.text(max_size=40),
        st.sampled_from(["13812345678", "+44 20 7946 0018", "010-6552 9988"]),
        st.text(max_size=40),
    )
    def test_a_number_among_words(self, before: str, number: str, after: str) -> None:
        found = read_message(f"{before}，电话：{number}。{after}")
        assert parse_phone(number) in found.phones

    @pytest.mark.parametrize(
        "piece",
        [
            "A b ",
            "公司",
            "的王",
            "13812345678 ",
            "a@b.example ",
            "预算 1-",
            "Co. ",
            "总",
            "\n客户：",
        ],
    )
    def test_long_ones_take_no_time(self, piece: str) -> None:
        began = time.process_time()
        read_message(piece * 10_000)
        assert time.process_time() - began < 3.0


class TestTitles:
    @pytest.mark.parametrize(
        ("message", "contact", "title", "authority"),
        [
            ("王丽（采购总监）想要报价", "王丽", "采购总监", Authority.MANAGER),
            ("客户方王丽（采购总监）", "王丽", "采购总监", Authority.MANAGER),
            ("联系张小明(校长)", "张小明", "校长", Authority.DECIDER),
            ("Kim Example (Purchasing Director)", "Kim Example", "Purchasing Director",
             Authority.MANAGER),
            ("王丽（产品经理）", "王丽", "产品经理", Authority.UNKNOWN),
        ],
    )  # fmt: skip
    def test_a_title_behind_a_name(
        self, message: str, contact: str, title: str, authority: Authority
    ) -> None:
        found = read_message(message)
        assert (found.contact, found.title) == (contact, title)
        assert authority_of(found.title) is authority


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("王总 13812345678 做五金加工的 想要ERP", "王总"),
        ("华康医疗 想要CRM", "华康医疗"),
        ("3M中国 想要报价", "3M中国"),
        ("a@b.example 想要CRM", ""),
        ("微信号 lu_2024 想要试用", ""),
        ("恒信机械 微信 zhao_8899 想要试用", "恒信机械"),
    ],
)
def test_who_is_named_before_the_need_without_their_contacts(text: str, name: str) -> None:
    assert name_before_need(text) == name


@pytest.mark.parametrize(
    ("text", "budget", "doubtful"),
    [
        ("客户：云栖测试公司\n预算：十几万\n需求：考勤系统", "十几万", ()),
        ("预算大概10来万，这个月底前要定，微信chen_88", "10来万", ()),
        ("Budget: nearly 10k per year\nName: Kim Sample", "nearly 10k per year", ()),
        ("预算2万/月 13812345678", "2万/月", ()),
        ("临江建材 彭总 13812345678 要做进销存，十来万吧", "十来万", ()),
        ("Call me: 07700 900123", "", ("07700 900123",)),
        ("预算20万美元 13812345678", "20万美元", ()),
        ("预算HK$30万左右 13812345678", "HK$30万", ()),
        ("Our budget is CHF 30k, kim@sample.example", "CHF 30k", ()),
        ("预算：五六位数\n电话：12345", "五六位数", ("12345",)),
        ("customer: Zephyr; phone: 555-0100; need: time tracking", "", ("555-0100",)),
        ("我们有10多万用户，13812345678", "", ()),
        ("预算：待定\n客户：样例公司", "", ()),
    ],
)
def test_budgets_and_phones_that_leave_a_question_are_kept(
    text: str, budget: str, doubtful: tuple[str, ...]
) -> None:
    read = read_message(text)
    assert (read.budget, read.doubtful) == (budget, doubtful)


def test_the_title_between_a_company_and_a_name() -> None:
    read = read_message("您好，我是博远教育的招生主任陈晓，想了解下你们的系统")
    assert (read.customer, read.contact, read.title) == ("博远教育", "陈晓", "招生主任")


def test_a_wechat_id_that_names_itself() -> None:
    assert read_message("线索：加我问价格 wxid_abc12345").wechat == "wxid_abc12345"


def test_contacts_alone_are_no_need() -> None:
    assert read_message("13800001111").need == ""


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("source: website", "website"),
        ("来源：网站", "website"),
        ("来源：官网", "website"),
        ("渠道：百度推广", "ads"),
        ("Source: Google", "ads"),
        ("来源：渠道伙伴", "partner"),
        ("来源：朋友推荐", "referral"),
        ("source: events", "exhibition"),
        ("老刘介绍的，临江建材", "referral"),
        ("来源：不清楚", ""),
        ("我们想重做网站", ""),
    ],
)
def test_a_labelled_source_may_be_one_word(said: str, source: str) -> None:
    assert read_message(f"{said}\n13800001111").source == source


def test_a_wechat_id_that_is_the_mobile() -> None:
    assert read_message("电话：138 0000 4321\n微信：同手机").wechat == "13800004321"
