"""The fonts of charts: our own and matplotlib's, never the machine's.

So a chart is the same picture everywhere, and a font that somebody installs cannot break any.
matplotlib is imported only inside: it takes a second, and most processes never draw.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

FAMILY = "Genjin Sans"
"""Latin and Chinese, made by docs/fonts/subset.py; its licence is OFL.txt."""
FILE = Path(__file__).with_name("GenjinSans-Regular.otf")
_FALLBACK = "DejaVu Sans"
"""Comes with matplotlib; covers other alphabets."""


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """The font families, in order: a character missing in one is taken from the next.

    After the first call matplotlib knows no others, and none of its user's own settings. Raises
    whatever matplotlib does when our font is missing or broken.
    """
    import matplotlib as mpl
    from matplotlib.font_manager import fontManager

    mpl.rcdefaults()
    shipped = Path(mpl.get_data_path())
    fontManager.ttflist = [
        font for font in fontManager.ttflist if Path(font.fname).is_relative_to(shipped)
    ]
    fontManager.addfont(FILE)
    return FAMILY, _FALLBACK


def shown(text: str) -> str:
    """The text without characters that no font has, such as emoji, which would be an empty box."""
    drawable = _characters()
    return "".join(character for character in text if ord(character) in drawable).strip()


def labels(texts: Sequence[str]) -> tuple[str, ...]:
    """The texts as they can be shown, all distinct: otherwise they become numbers from 1 in
    order."""
    left = tuple(map(shown, texts))
    if all(left) and len(set(left)) == len(set(texts)):
        return left
    return tuple(str(place) for place, _ in enumerate(texts, 1))


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    """The code points that at least one of the fonts has."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return frozenset[int]().union(
        *(get_font(findfont(FontProperties(family=name))).get_charmap() for name in families())
    )
