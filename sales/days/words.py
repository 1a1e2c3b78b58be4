"""Characters and numbers in words, as people type them: ``２``, ``週``, ``二十``, ``a couple of``.

Knows no day.
"""

import re
from collections.abc import Mapping
from typing import Final

_TRADITIONAL = "週後點禮個號兩內間這過幾節國慶聖誕農曆當開歲結束務隨時鐘體勞動陽臘剛稍儘盡們"
_SIMPLIFIED = "周后点礼个号两内间这过几节国庆圣诞农历当开岁结束务随时钟体劳动阳腊刚稍尽尽们"
_SAME_PLACE: Final[Mapping[int, str]] = {
    **{0xFEE0 + code: chr(code) for code in range(0x21, 0x7F)},
    **{ord(one): other for one, other in zip(_TRADITIONAL, _SIMPLIFIED, strict=True)},
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u202f\u3000"), " "),
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
    **dict.fromkeys(map(ord, "’‘ʼ`"), "'"),
}

_HAN_DIGITS: Final = {
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "仨": 3, "四": 4, "五": 5,
    "六": 6, "七": 7, "八": 8, "九": 9,
}  # fmt: skip
_HAN = "零〇一二两俩三仨四五六七八九十廿卅百"
NUMBER_ZH: Final = rf"(?:\d{{1,3}}|[{_HAN}]{{1,5}})"
"""A whole number; what stands before it must not be a part of it, see ``NO_NUMBER_ZH``."""
NO_NUMBER_ZH: Final = rf"(?<![\d.{_HAN}几多数半第])"
_UNITS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_IN_WORDS: Final = {
    **{word: number for number, word in enumerate(_UNITS, 1)},
    **{word: number * 10 for number, word in enumerate(_TENS, 2)},
    "a": 1, "an": 1, "couple": 2,
}  # fmt: skip
NUMBER_EN: Final = (
    r"(?:\d{1,3}|(?:a\s)?couple(?:\sof)?"
    rf"|(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_UNITS[:9])})\b)?|{'|'.join(_UNITS[::-1])}|an?)"
)
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
ORDINALS_EN: Final = {
    **{word: number for number, word in enumerate(_ORDINALS, 1)},
    **{f"twenty-{word}": 20 + number for number, word in enumerate(_ORDINALS[:9], 1)},
    "thirtieth": 30, "thirty-first": 31,
}  # fmt: skip


def fold(text: str) -> str:
    """The text with full-width, traditional and typographic characters as their plain ones.

    Every character keeps its place, so that what is found has the same span in ``text``.
    """
    return text.translate(_SAME_PLACE)


def number_zh(text: str) -> int | None:
    """``12``, ``十二``, ``二十``, ``一百二十``, ``二〇二六``; None for other words."""
    if text.isdigit():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    if not any(unit in text for unit in "十百"):
        # Digit by digit: 二〇二六. Two alone are no number, but about so many: 两三.
        if len(text) in (2, 3) and "零" not in text and "〇" not in text:
            return None
        return int("".join(str(_HAN_DIGITS[one]) for one in text)) if text else None
    return _in_tens(text)


def about_zh(text: str) -> int | None:
    """The larger of two neighbouring numbers: ``两三`` is up to three."""
    if len(text) == 2 and all(one in _HAN_DIGITS for one in text):
        low, high = (_HAN_DIGITS[one] for one in text)
        return high if 0 < low < high <= low + 2 else None
    return None


def _in_tens(text: str) -> int | None:
    match = re.fullmatch(r"(?:(.)百)?零?(?:(.)?(十))?(.)?", text)
    if match is None or any(one and one not in _HAN_DIGITS for one in match.group(1, 2, 4)):
        return None
    hundreds, tens, ten, units = match.groups()
    return (
        100 * _HAN_DIGITS.get(hundreds or "", 0)
        + 10 * (_HAN_DIGITS[tens] if tens else bool(ten))
        + _HAN_DIGITS.get(units or "", 0)
    )


def number_en(text: str) -> int | None:
    """``12``, ``twelve``, ``twenty-one``, ``a``, ``a couple of``; None for other words."""
    if text.isdigit():
        return int(text)
    words = re.split(r"[ -]", text.lower().removeprefix("a couple").strip() or "couple")
    if words in (["of"], ["couple", "of"]):
        return 2
    numbers = [_IN_WORDS.get(word) for word in words]
    return None if None in numbers else sum(number or 0 for number in numbers)
