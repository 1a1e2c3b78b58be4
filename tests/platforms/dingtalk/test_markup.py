"""Typed text stays text: it never becomes a link, picture, heading or dtmd address."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.platforms.dingtalk.links import link
from bot.platforms.dingtalk.markup import CHARACTERS, NEWLINE, escape, inline, split
from tests.conversations.dingtalk_reading import LINK

_MARKUP = st.text(alphabet="[]()!*_#>-+=`~<>\\ \n\t1.ab中:/|&;", max_size=60)


@pytest.mark.parametrize(
    "typed",
    [
        "[press](dtmd://dingtalkclient/sendMessage?content=x)",
        "![x](http://a.example/x.png)",
        "<a href='http://a.example'>x</a>",
        "# big",
        "  ## big",
        "> quote",
        ">quote",
        "- item",
        "1. item",
        "**bold**",
        "_soft_",
        "a\n---",
        "a\n===",
        "`code`",
        "    code",
        "~~gone~~",
        "[a]: http://b.example",
        "dtmd://dingtalkclient/sendMessage?content=x",
        "DTMD : //x",
    ],
)
def test_markup_that_was_typed_is_not_markup(typed: str) -> None:
    _holds_only_text(escape(typed))


@given(_MARKUP)
@example("*a\n*b")
@example("\\**x**")
def test_no_typed_text_becomes_markup(typed: str) -> None:
    _holds_only_text(escape(typed))


def _holds_only_text(escaped: str) -> None:
    kinds = {token.type for token in _tokens(escaped)}
    assert kinds <= {
        "paragraph_open",
        "paragraph_close",
        "inline",
        "text",
        "softbreak",
        "hardbreak",
    }, (escaped, kinds)
    assert not re.search(r"dtmd\s*:", escaped, re.IGNORECASE)


def _tokens(text: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("strikethrough").parse(text):
        yield token
        yield from token.children or ()


@pytest.mark.parametrize(
    "kept",
    [
        "A科技有限公司",
        "zoe_sample@a.example",
        "12.5万",
        "2026-12-01 14:30",
        "C++ & C#",
        "a > b",
        "第一,第二;third: x",
        "https://a.example/p?q=1",
    ],
)
def test_plain_words_stay_as_they_are(kept: str) -> None:
    assert escape(kept) == kept


def test_masked_phones_in_one_line_keep_their_stars() -> None:
    assert escape("138****5678 和 139****1111").count("＊") == 8


def test_lines_stay_lines_and_inline_has_none() -> None:
    assert escape("a\nb") == f"a{NEWLINE}b"
    assert inline(" a\n b ") == "a b"


def test_a_link_cannot_be_broken_out_of() -> None:
    text = link(inline("x](http://evil.example)["), "a) [b](http://evil.example)")
    links = [token for token in _tokens(text) if token.type == "link_open"]
    assert len(links) == 1
    assert str(links[0].attrs["href"]).startswith("dtmd://dingtalkclient/sendMessage?content=")
    assert "evil" not in str(links[0].attrs["href"]).split("content=")[0]


class TestSplit:
    @given(st.text(alphabet="ab中# \n", max_size=400), st.integers(5, 60))
    def test_loses_nothing_and_every_part_fits(self, text: str, most: int) -> None:
        parts = split(text, lambda part: len(part) <= most)
        assert all(len(part) <= most for part in parts)
        assert "".join("".join(parts).split()) == "".join(text.split())

    def test_cuts_at_line_ends(self) -> None:
        parts = split("\n".join(["x" * 1000] * 5), lambda _: True)
        assert [len(part) for part in parts] == [3002, 2001]
        assert all(len(part) <= CHARACTERS for part in parts)

    def test_a_heading_stays_with_what_is_below_it(self) -> None:
        text = f"{'x' * 3000}\n\n#### Stages\n\n{'y' * 1000}"
        assert split(text, lambda _: True) == ["x" * 3000, f"#### Stages\n\n{'y' * 1000}"]

    @given(
        st.lists(st.tuples(st.integers(0, 900), st.integers(0, 9), st.integers(1, 40)), max_size=12)
    )
    @settings(max_examples=60, deadline=None)
    def test_no_button_is_cut_and_a_sections_buttons_stay_together(
        self, sections: list[tuple[int, int, int]]
    ) -> None:
        """As a card of rules, a list or the library has: headings, lines, and rows of links."""
        blocks, rows = [], []
        for place, (length, buttons, label) in enumerate(sections):
            row = " ｜ ".join(
                link("规" * label, f"{'规' * label} #{place}{n}") for n in range(buttons)
            )
            blocks += [f"#### 规则 {place}", "字 " * length, row]
            rows += [row] if len(row) <= CHARACTERS else []
        text = "\n\n".join(filter(None, blocks))
        parts = split(text, lambda _: True)
        assert all(len(part) <= CHARACTERS for part in parts)
        assert sum(len(LINK.findall(part)) for part in parts) == len(LINK.findall(text))
        for row in filter(None, rows):
            assert any(row in part for part in parts)

    def test_a_row_of_too_many_buttons_is_cut_between_them(self) -> None:
        row = " ｜ ".join(link(f"规则 {n}", f"打开规则 {n}") for n in range(80))
        parts = split(row, lambda part: len(part.encode()) < 2_000)
        assert len(parts) > 2
        assert sum(len(LINK.findall(part)) for part in parts) == 80
