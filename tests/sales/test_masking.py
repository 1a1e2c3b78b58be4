"""Contacts in text: what looks like one is masked, and what is plainly another number stays."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.contacts import HIDDEN, holds_contact, mask_contacts, parse_email, without_contacts

SEVEN_DIGITS = re.compile(r"(?:\d[\s().·/_–—-]{0,3}){7}")
ADDRESS = re.compile(r"(?:[^\W_]|[.'+-])@\w")
SEPARATORS = st.sampled_from(["", " ", "-", "–", ".", "·", " - ", "/", "\u00a0", "\u200b", "_"])
WORDS = st.sampled_from(["call ", "电话", "Tel:", "请联系", "(", "“", "，", "\n", "or ", "→"])
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
NUMERALS = str.maketrans("0123456789", "零一二三四五六七八九")


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A phone as people write one: groups of digits with something between them."""
    digits = draw(st.text("0123456789", min_size=7, max_size=15))
    separator = draw(SEPARATORS)
    cuts = sorted(draw(st.sets(st.integers(1, len(digits) - 1), max_size=4)))
    groups = [digits[a:b] for a, b in zip([0, *cuts], [*cuts, len(digits)], strict=True)]
    text = draw(st.sampled_from(["", "+", "(", "（"])) + separator.join(groups)
    return text.translate(draw(st.sampled_from([{}, FULL_WIDTH])))


@st.composite
def addresses(draw: st.DrawFn) -> str:
    name = draw(st.text("abcxyz019._%+'-", min_size=1, max_size=20))
    name = draw(st.sampled_from("abz0")) + name + draw(st.sampled_from("abz0"))
    domain = draw(st.sampled_from(["larch.example", "a.co", "163.com", "mail-host", "例子.公司"]))
    return f"{name}{draw(st.sampled_from('@＠'))}{domain}"


def is_harmless(text: str) -> bool:
    """A run of digits that happens to be a day, or a span of years or months."""
    return bool(re.search(r"(?:19|20)\d\d *[-–—/.]|[-/.](?:19|20)\d\d", text))


class TestNumbers:
    @given(WORDS, numbers(), WORDS)
    def test_seven_digits_are_masked_however_they_are_written(
        self, before: str, number: str, after: str
    ) -> None:
        typed = f"{before}{number}{after}"
        masked = mask_contacts(typed)
        assert is_harmless(
            number.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
        ) or (not SEVEN_DIGITS.search(masked.replace("\u200b", "")))
        assert mask_contacts(masked) == masked

    @given(st.text("0123456789", min_size=7, max_size=12))
    def test_chinese_numerals_are_digits(self, digits: str) -> None:
        assert mask_contacts(f"电话{digits.translate(NUMERALS)}。") == "电话****。"

    @pytest.mark.parametrize(
        ("typed", "masked"),
        [
            ("call 0571-88889999-802 now", "call **** now"),
            ("0571-88889999 转 802", "****9999"),
            ("138 1234 5678", "138****5678"),
            ("+86 (0)138-1234-5678", "****5678"),
            ("１３８１２３４５６７８", "138****5678"),
            ("+44 20 7946 0018", "+44****0018"),
            ("LX001 13812345678", "LX001 138****5678"),
            ("13812345678/13912345678", "****5678/****5678"),
            ("周五 2026-11-28 15:00 打 13812345678", "周五 2026-11-28 15:00 打 138****5678"),
            ("QQ 12345678", "QQ ****"),
            ("WeChat:a13812345678", "WeChat:a138****5678"),
            ("1 3 8 1 2 3 4 5 6 7 8", "138****5678"),
            ("12500000", "****"),
        ],
    )
    def test_are_masked(self, typed: str, masked: str) -> None:
        assert mask_contacts(typed) == masked

    @pytest.mark.parametrize(
        "text",
        [
            "2026-11-28",
            "2026-11-28 10:30 – 2026-12-03 18:00",
            "28.11.2026",
            "11/28/2026 09:00-12:00",
            "周五 2026-11-28",
            "2026年11月28日10点30分",
            "2026-11-27T10:00:00Z",
            "2019-2024",
            "¥1,200,000",
            "1,200,000",
            "12500000元",
            "1250.5万",
            "150000-200000元",
            "预算1200000左右",
            "USD 1200000 to 1500000",
            "LX001, LX002, LX1234567",
            "rows 12, 15, 130, 2000, 3145",
            "v2.1.0",
            "50% 12.5%",
            "请@王丽跟进",
            "@robin, lunch @ 12",
        ],
    )
    def test_what_is_harmless_stays(self, text: str) -> None:
        assert mask_contacts(text) == text
        assert not holds_contact(text)

    @given(st.integers(0, 9_999_999_999), st.sampled_from(["¥{}", "{}元", "{}万", "RMB {}"]))
    def test_amounts_with_a_mark_stay(self, amount: int, written: str) -> None:
        for text in (written.format(amount), written.format(f"{amount:,}")):
            assert mask_contacts(f"合计{text}。") == f"合计{text}。"

    @given(st.dates(), st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y"]))
    def test_days_of_this_and_the_last_century_stay(self, day: object, pattern: str) -> None:
        text = f"{day:{pattern}}"
        assert mask_contacts(text) == text or not re.search(r"(?<!\d)(?:19|20)\d\d", text)


class TestAddresses:
    @given(WORDS, addresses(), st.sampled_from(["", " now", "。", ", ok", "\n"]))
    def test_no_address_is_left(self, before: str, address: str, after: str) -> None:
        masked = mask_contacts(f"{before}{address}{after}")
        assert not ADDRESS.search(masked.replace("＠", "@"))
        assert mask_contacts(masked) == masked
        assert "@" not in without_contacts(f"{before}{address}{after}").replace("＠", "@")

    @pytest.mark.parametrize(
        ("typed", "masked"),
        [
            ("siobhan.o'brien@larch.example", "s***@larch.example"),
            ("邮箱是a@b.example，请回", "邮箱是a***@b.example，请回"),
            ("用户@例子.公司", "用***@例子.公司"),
            ("a@b", "a***@b"),
            ("siobhan @ larch.example", "s*** @ larch.example"),
            ("13812345678@163.com", "1***@163.com"),
        ],
    )
    def test_are_masked(self, typed: str, masked: str) -> None:
        assert mask_contacts(typed) == masked

    def test_an_apostrophe_is_read(self) -> None:
        assert parse_email("siobhan.o'brien@obrien.example") == "siobhan.o'brien@obrien.example"

    def test_what_is_masked_already_is_hidden_too(self) -> None:
        assert without_contacts("138****5678, z***@a.com") == f"{HIDDEN}, {HIDDEN}"
