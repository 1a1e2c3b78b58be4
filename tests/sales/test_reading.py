"""Parsing what people type: amounts, contacts, days, and a follow-up in one line."""

import re
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.amounts import NotAnAmount, parse_amount, parse_budget
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.duplicates import same_customer
from sales.leads import lead_number, mask_email, mask_phone, parse_lead_number
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
