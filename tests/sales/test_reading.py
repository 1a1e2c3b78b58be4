"""Parsing what people type: amounts, contacts, days, and a follow-up in one line."""

import re
from collections import Counter
from contextlib import suppress
from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.amounts import NotAnAmount, parse_amount, parse_budget
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.days import NotADay, find_day, parse_day
from sales.duplicates import same_customer
from sales.followups import Method
from sales.leads import lead_number, mask_email, mask_phone, parse_lead_number
from sales.quick_followup import parse_line
from sales.quotes import NotADiscount, parse_discount

MONDAY = date(2026, 11, 23)


def in_hanzi(amount: int) -> str:
    """Up to 9,999,999 in words, without the short forms."""
    if amount >= 10_000:
        high, low = divmod(amount, 10_000)
        between = "零" if low and low < 1_000 else ""
        return in_hanzi(high) + "万" + (between + in_hanzi(low) if low else "")
    said, gap = "", False
    for unit, sign in ((1_000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, amount = divmod(amount, unit)
        if digit:
            said += ("零" if gap and said else "") + "零一二三四五六七八九"[digit] + sign
        gap = not digit
    return said


class TestAmounts:
    @pytest.mark.parametrize(
        ("text", "low", "high"),
        [
            ("15-20万", 150_000, 200_000),
            ("15万到20万", 150_000, 200_000),
            ("8–10万", 80_000, 100_000),
            ("20万~15万", 150_000, 200_000),
            ("12.5万", 125_000, 125_000),
            ("¥125,000", 125_000, 125_000),
            ("5000-8000元", 5_000, 8_000),
            ("20w", 200_000, 200_000),
            ("8k - 12k", 8_000, 12_000),
            ("1.2m", 1_200_000, 1_200_000),
            ("1.5 million", 1_500_000, 1_500_000),
            ("20 thousand to 30 thousand", 20_000, 30_000),
            ("十五万到二十万", 150_000, 200_000),
            ("十五到二十万", 150_000, 200_000),
            ("六万八", 68_000, 68_000),
            ("6万8", 68_000, 68_000),
            ("六万零八百", 60_800, 60_800),
            ("三千", 3_000, 3_000),
            ("一百二十万", 1_200_000, 1_200_000),
            ("1亿2千万", 120_000_000, 120_000_000),
            ("15万8千元", 158_000, 158_000),
            ("RMB 8,000", 8_000, 8_000),
        ],
    )
    def test_reads_budgets_as_people_write_them(self, text: str, low: int, high: int) -> None:
        assert parse_budget(text) == (Decimal(low), Decimal(high))

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "abc",
            "-5",
            "1e9",
            "15-",
            "１２万x",
            "1000亿",
            "NaN",
            "1,00",
            "万",
            "一五",
            "15 20",
            "1-2-3",
            "0 5",
            "1.5 million 2",
            "元",
        ],
    )
    def test_refuses_what_is_no_amount(self, text: str) -> None:
        with pytest.raises(NotAnAmount):
            parse_budget(text)

    @given(st.integers(min_value=0, max_value=10**10))
    def test_reads_every_whole_amount_with_separators(self, amount: int) -> None:
        assert parse_amount(f"{amount:,}") == amount

    @given(st.integers(min_value=1, max_value=9_999_999))
    def test_reads_every_amount_in_words(self, amount: int) -> None:
        assert parse_amount(in_hanzi(amount)) == amount

    @pytest.mark.parametrize(("text", "of"), [("15", 150_000), ("15万", 150_000), ("15元", 15)])
    def test_a_bare_number_counts_in_the_unit_of_its_column(self, text: str, of: int) -> None:
        assert parse_amount(text, 10_000) == of
        assert parse_budget("15-20", 10_000) == (Decimal(150_000), Decimal(200_000))

    @pytest.mark.parametrize(
        ("text", "percent"),
        [("八折", 20), ("九五折", 5), ("95折", 5), ("9.5折", 5), ("8折", 20), ("5%", 5), ("5", 5)],
    )
    def test_reads_discounts_as_people_say_them(self, text: str, percent: int) -> None:
        assert parse_discount(text) == percent

    @given(st.text(alphabet="一二两三四五六七八九十百千万亿零点0123456789.,折%k w", max_size=12))
    def test_anything_alike_is_read_or_refused(self, text: str) -> None:
        with suppress(NotAnAmount):
            low, high = parse_budget(text)
            assert 0 <= low <= high
        with suppress(NotADiscount):
            assert 0 <= parse_discount(text) < 100

    @given(st.text(max_size=40))
    def test_anything_is_an_amount_or_refused(self, text: str) -> None:
        try:
            low, high = parse_budget(text)
        except NotAnAmount:
            return
        assert 0 <= low <= high


class TestContacts:
    @pytest.mark.parametrize(
        ("text", "e164"),
        [
            ("138 1234 5678", "+8613812345678"),
            ("+86-138-1234-5678", "+8613812345678"),
            ("010-6552 9988", "+861065529988"),
            ("+44 20 7946 0018", "+442079460018"),
            ("电话：13812345678", "+8613812345678"),
            ("0571-8888 9999 转 802", "+8657188889999;ext=802"),
            ("0571-88889999转802", "+8657188889999;ext=802"),
            ("0571-88889999 ext. 802", "+8657188889999;ext=802"),
            ("+8657188889999;ext=802", "+8657188889999;ext=802"),
            ("+1 212 555 0123 x12", "+12125550123;ext=12"),
        ],
    )
    def test_reads_phones(self, text: str, e164: str) -> None:
        assert parse_phone(text) == e164

    @given(st.sampled_from(["0571-8888{:04}", "138 0000 {:04}"]), st.integers(0, 9999),
           st.integers(0, 9999999))  # fmt: skip
    def test_keeps_any_extension_and_shows_none(self, base: str, last: int, ext: int) -> None:
        phone = parse_phone(f"{base.format(last)} 转 {ext}")
        assert phone.endswith(f"{last:04};ext={ext}")
        assert parse_phone(phone) == phone
        assert mask_phone(phone) == mask_phone(phone.partition(";")[0])

    @given(st.text(alphabet="0123456789+-() 转x#ext.abc", max_size=24))
    def test_anything_is_a_phone_or_refused(self, text: str) -> None:
        with suppress(NotAPhone):
            phone = parse_phone(text)
            assert parse_phone(phone) == phone
            assert len(re.sub(r"\D", "", mask_phone(phone))) <= 7

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "123",
            "12345678901234567890",
            "call me",
            "+86 138",
            "abc13800001234",
            "13800001234abc",
            "转 802",
        ],
    )
    def test_refuses_phones(self, text: str) -> None:
        with pytest.raises(NotAPhone):
            parse_phone(text)

    @pytest.mark.parametrize(
        ("typed", "address"),
        [
            (" Zoe.Sample＠Example.COM ", "zoe.sample@example.com"),
            ("siobhan.o'brien@larch.example", "siobhan.o'brien@larch.example"),
            ("Siobhan.O’Brien@larch.example", "siobhan.o'brien@larch.example"),
            ("zoe+crm@larch.example", "zoe+crm@larch.example"),
            ("zoe@larch.example.", "zoe@larch.example"),
            ("zoe@larch.example；", "zoe@larch.example"),
            ("<zoe@larch.example>", "zoe@larch.example"),
            ('"Sample, Zoe" <Zoe@larch.example>', "zoe@larch.example"),
            ("mailto:zoe@larch.example", "zoe@larch.example"),
            ("<mailto:zoe@larch.example?subject=Hi>", "zoe@larch.example"),
            ("zoe @ larch.example", "zoe@larch.example"),
            ("zoe﹫larch．example", "zoe@larch.example"),
            ("ｚｏｅ＠ｌａｒｃｈ．ｅｘａｍｐｌｅ", "zoe@larch.example"),
            ("\u200bzoe@larch.example\u200b", "zoe@larch.example"),
            ("info@bücher.example", "info@bücher.example"),
            ("info@xn--bcher-kva.example", "info@bücher.example"),
            ("用户@例子.公司", "用户@例子.公司"),
            ("12345678@qq.com", "12345678@qq.com"),
            ("a_b-c@x-y.co.uk", "a_b-c@x-y.co.uk"),
        ],
    )
    def test_reads_e_mails_in_one_form(self, typed: str, address: str) -> None:
        assert parse_email(typed) == address
        assert parse_email(address) == address

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "a",
            "a@b",
            "a b@c.de",
            "a@b..de",
            "a..b@c.de",
            ".a@b.de",
            "a.@b.de",
            "a@b.de,c@d.ef",
            "a@-b.de",
            "a@b_c.de@d.ef",
            "@b.de",
            "a@1.2",
        ],
    )
    def test_refuses_e_mails(self, text: str) -> None:
        with pytest.raises(NotAnEmail):
            parse_email(text)

    def test_masks_so_that_nobody_can_be_called(self) -> None:
        assert mask_phone("+8613812345678") == "138****5678"
        assert mask_phone("+8612345") == "****"
        assert mask_phone("") == ""
        assert mask_phone("+8657188889999") == "****9999"
        assert mask_phone("+8657188889999;ext=802") == "****9999"
        assert mask_phone("+442079460018") == "+44****0018"
        assert mask_email("zoe@a.com") == "z***@a.com"
        assert mask_email("") == ""


class TestDays:
    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("2026-12-01", date(2026, 12, 1)),
            ("2026年12月1日", date(2026, 12, 1)),
            ("11月27日", date(2026, 11, 27)),
            ("3/5", date(2027, 3, 5)),
            ("2/29", date(2028, 2, 29)),
            ("今天", MONDAY),
            ("明天", date(2026, 11, 24)),
            ("大后天", date(2026, 11, 26)),
            ("周五", date(2026, 11, 27)),
            ("下周五", date(2026, 12, 4)),
            ("下下周一", date(2026, 12, 7)),
            ("三天后", date(2026, 11, 26)),
            ("两周后", date(2026, 12, 7)),
            ("1个月后", date(2026, 12, 23)),
            ("tomorrow", date(2026, 11, 24)),
            ("next friday", date(2026, 12, 4)),
            ("Friday", date(2026, 11, 27)),
            ("in 2 weeks", date(2026, 12, 7)),
            ("in a month", date(2026, 12, 23)),
        ],
    )
    def test_reads_days_as_people_say_them(self, text: str, day: date) -> None:
        assert parse_day(text, MONDAY) == day

    @pytest.mark.parametrize(
        "text", ["", "soon", "2026-02-30", "13/45", "下周", "fried", "0000-00-00"]
    )
    def test_refuses_what_is_no_day(self, text: str) -> None:
        with pytest.raises(NotADay):
            parse_day(text, MONDAY)

    def test_a_month_after_the_31st_is_the_last_day(self) -> None:
        assert parse_day("1个月后", date(2026, 1, 31)) == date(2026, 2, 28)

    def test_finds_a_day_inside_a_text(self) -> None:
        found = find_day("send it on friday, please", MONDAY)
        assert found == (date(2026, 11, 27), (8, 17))

    @given(st.text(max_size=60), st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
    def test_never_breaks_on_any_text(self, text: str, today: date) -> None:
        found = find_day(text, today)
        assert found is None or text[slice(*found[1])]


class TestOneLine:
    @pytest.mark.parametrize(
        ("line", "method", "summary", "step", "day"),
        [
            ("电话 需要同行案例 下周五发方案", Method.CALL, "需要同行案例",
             "发方案", date(2026, 12, 4)),
            ("call wants a case, send proposal by friday", Method.CALL, "wants a case",
             "send proposal", date(2026, 11, 27)),
            ("微信 已发资料", Method.WECHAT, "已发资料", "", None),
            ("demo liked it. tomorrow ask for the decision", Method.DEMO, "liked it",
             "ask for the decision", date(2026, 11, 24)),
            ("call fine 12/3 write to them", Method.CALL, "fine", "write to them",
             date(2026, 12, 3)),
            ("just a note", None, "just a note", "", None),
            ("邮件 12月1日前回复报价", Method.EMAIL, "", "回复报价", date(2026, 12, 1)),
            ("电话沟通很顺利，3天后约演示", Method.CALL, "电话沟通很顺利",
             "约演示", date(2026, 11, 26)),
        ],
    )  # fmt: skip
    def test_understands(
        self, line: str, method: Method | None, summary: str, step: str, day: date | None
    ) -> None:
        said = parse_line(line, MONDAY)
        assert (said.method, said.summary, said.next_step, said.next_on) == (
            method,
            summary,
            step,
            day,
        )

    @pytest.mark.parametrize(
        ("line", "summary", "step", "day", "at"),
        [
            ("明天下午三点再去", "", "再去", date(2026, 11, 24), time(15)),
            ("微信 聊得不错，下周二上午10点电话确认", "聊得不错", "电话确认",
             date(2026, 12, 1), time(10)),
            ("send proposal next friday at 3pm", "", "send proposal", date(2026, 12, 4), time(15)),
            ("visit tomorrow 10:30", "", "visit", date(2026, 11, 24), time(10, 30)),
            ("电话 有兴趣，明天晚上8点半再聊", "有兴趣", "再聊", date(2026, 11, 24), time(20, 30)),
            ("call likes it, 3pm tomorrow show them", "likes it", "show them",
             date(2026, 11, 24), time(15)),
            ("12月1日（周二）下午两点演示", "", "演示", date(2026, 12, 1), time(14)),
            ("电话 约了明天下午去拜访", "", "约了去拜访", date(2026, 11, 24), time(14)),
            ("电话 提了三点建议，明天回复", "提了三点建议", "回复", date(2026, 11, 24), None),
            ("电话 好的，明天发合同 10点", "好的", "发合同", date(2026, 11, 24), time(10)),
        ],
    )  # fmt: skip
    def test_understands_the_time_of_day(
        self, line: str, summary: str, step: str, day: date, at: time | None
    ) -> None:
        said = parse_line(line, MONDAY)
        assert (said.summary, said.next_step, said.next_on, said.next_time) == (
            summary, step, day, at,
        )  # fmt: skip

    @pytest.mark.parametrize(
        "line",
        [
            "10月8日寄了合同",
            "上周五打了电话",
            "昨天见过面",
            "今天去了客户那里",
            "they came by last friday",
            "预算8-10万",
        ],
    )
    def test_a_past_deed_is_no_step(self, line: str) -> None:
        said = parse_line(line, MONDAY)
        assert (said.summary, said.next_step, said.next_on) == (line, "", None)

    def test_at_the_turn_of_the_year_a_day_of_january_is_ahead(self) -> None:
        assert parse_line("1月5日发方案", MONDAY).next_on == date(2027, 1, 5)

    def test_what_was_done_today_does_not_hide_what_is_planned(self) -> None:
        said = parse_line("今天去了客户那里，下周五发方案", MONDAY)
        assert (said.summary, said.next_step) == ("今天去了客户那里", "发方案")

    @given(st.text(max_size=80))
    def test_never_fails_and_doubles_nothing(self, line: str) -> None:
        said = parse_line(line, MONDAY)
        assert not letters(said.summary + said.next_step) - letters(line)

    @given(
        st.sampled_from(["电话", "微信", "call", "email", ""]),
        st.sampled_from(["需要同行案例", "客户很满意", "wants a case", "likes it a lot"]),
        st.sampled_from(["，", ", ", "。", " "]),
        st.sampled_from(
            ["明天", "明天下午三点", "下周二上午10点", "12月1日前", "tomorrow ", "by friday ",
             "next friday at 3pm ", "3pm tomorrow ", "in 2 weeks "]
        ),
        st.sampled_from(["发方案", "再去一次", "电话确认", "send proposal", "ring again"]),
    )  # fmt: skip
    def test_loses_nothing_that_was_typed(
        self, method: str, said: str, stop: str, when: str, step: str
    ) -> None:
        found = parse_line(f"{method} {said}{stop}{when}{step}", MONDAY)
        assert (found.summary, found.next_step) == (said, step)
        assert found.next_on is not None

    @given(st.text(alphabet="电话确认明天下周二三点半上午10:30pmat ,，发方案了", max_size=30))
    def test_without_a_day_all_of_it_is_what_was_said(self, line: str) -> None:
        found = parse_line(f"x{line}", MONDAY)
        if found.next_on is None:
            assert letters(found.summary) == letters(f"x{line}")


def letters(text: str) -> Counter[str]:
    return Counter(one for one in text if one.isalnum())


class TestLeadNumbers:
    @pytest.mark.parametrize("text", ["LX001", "lx1", " LX-001 ", "Lx0001"])
    def test_reads_numbers_as_typed(self, text: str) -> None:
        assert parse_lead_number(text) == 1

    @pytest.mark.parametrize("text", ["", "LX", "1", "LX1a", "LX" + "9" * 10])
    def test_refuses_others(self, text: str) -> None:
        assert parse_lead_number(text) is None

    @given(st.integers(min_value=1, max_value=10**9 - 1))
    def test_every_number_reads_back(self, lead_id: int) -> None:
        assert parse_lead_number(lead_number(lead_id)) == lead_id


class TestSameCustomer:
    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("甲示例科技有限公司", "甲示例", True),
            ("Alder Sample Software Ltd.", "alder sample software", True),
            ("甲示例科技有限公司", "乙样本集团", False),
            ("有限公司", "有限公司", True),
            ("上海甲示例科技有限公司", "甲示例（集团）", True),
            ("A科技有限公司", "A公司", True),
            ("甲公司", "甲乙公司", False),
            ("Sample Branch 1", "Sample Branch 2", False),
        ],
    )
    def test_legal_forms_do_not_count(self, one: str, other: str, same: bool) -> None:
        assert same_customer(one, other) is same
