"""Text from outside, cleaned."""

import sys

import pytest

from handlers.core.text import clean


class TestClean:
    def test_what_is_unfit_goes_and_all_else_stays(self) -> None:
        """Every character there is, by itself."""
        gone = {one for one in map(chr, range(sys.maxunicode + 1)) if clean(one) != one}
        assert {clean(one) for one in gone} == {""}
        assert gone > {"\0", "\r", "\x7f", "\x85", "\u200b", "\u202e", "\u2066", "\ufeff", "\ud800"}
        assert not gone & {"\n", "\t", " ", "\xa0", "\u3000", "\u200d", "。", "é", "😀"}
        assert not any(one.isprintable() for one in gone)

    @pytest.mark.parametrize(
        ("text", "cleaned"),
        [("A科技\0 电话\u202e", "A科技 电话"), ("a\r\nb", "a\nb"), ("a\n\n\n\nb", "a\n\nb")],
    )
    def test_inside_a_text(self, text: str, cleaned: str) -> None:
        assert clean(text) == cleaned
