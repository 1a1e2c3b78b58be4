"""The fonts that pictures are written in, and words that stay readable without them.

matplotlib is imported only inside: it takes a second, and most processes never draw.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

_CJK = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Heiti SC",
    "STHeiti",
    "SimHei",
    "Noto Sans CJK JP",
    "Noto Serif CJK SC",
    "Droid Sans Fallback",
    "Arial Unicode MS",
)
"""Fonts with Chinese characters, the most readable on a small screen first."""

_ALWAYS = "DejaVu Sans"
"""Comes with matplotlib."""

_DAY = re.compile(r"(\d+)月(\d+)日")


def cjk_font() -> str | None:
    """An installed font with Chinese characters; None when there is none."""
    return _found(_installed()) or _found(_installed_since())


def families() -> list[str]:
    """The fonts to write in: what one lacks is taken from the next."""
    font = cjk_font()
    return [font, _ALWAYS] if font else [_ALWAYS]


def readable(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels as the installed fonts can show them, no two alike.

    A label with characters that would be empty boxes keeps what can be shown (``2/5`` of
    ``2月5日``); with nothing left, or twice the same, labels become numbers from 1 in order.
    """
    shown = tuple(_shown(label) for label in labels)
    if all(shown) and len(set(shown)) == len(set(labels)):
        return shown
    return tuple(str(place) for place, _ in enumerate(labels, 1))


def title(text: str) -> str:
    """The text when the installed fonts can show all of it, else nothing."""
    return text if _shown(text) == text else ""


def _shown(label: str) -> str:
    known = _characters(tuple(families()))
    if all(ord(character) in known for character in label):
        return label
    dated = _DAY.sub(r"\1/\2", label)
    return "".join(one for one in dated if ord(one) in known).strip()


def _found(names: set[str]) -> str | None:
    return next((name for name in _CJK if name in names), None)


def _installed() -> set[str]:
    from matplotlib.font_manager import fontManager

    return {font.name for font in fontManager.ttflist}


def _installed_since() -> set[str]:
    """Fonts that came after matplotlib made its list, which it keeps between runs."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    listed = {font.fname for font in fontManager.ttflist}
    for path in findSystemFonts():
        if path not in listed:
            fontManager.addfont(path)
    return _installed()


@lru_cache(maxsize=4)
def _characters(names: tuple[str, ...]) -> frozenset[int]:
    """The code points that one of the fonts has."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    known: set[int] = set()
    for name in names:
        known |= get_font(findfont(FontProperties(family=name))).get_charmap().keys()
    return frozenset(known)
