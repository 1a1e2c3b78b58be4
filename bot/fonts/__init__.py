"""The fonts of charts, which we ship: never the machine's.

So a chart is the same picture everywhere, and a font that somebody installs cannot break any.
"""

import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path

FAMILY = "Genjin Sans"
"""Latin and Chinese, made by docs/fonts/subset.py; its licence is OFL.txt."""
FILE = Path(__file__).with_name("GenjinSans-Regular.otf")
FALLBACK = Path(__file__).with_name("DejaVuSans.ttf")
"""Other alphabets; its licence is DejaVu.txt."""


def files() -> tuple[Path, ...]:
    """The fonts, in order: a character missing in one is taken from the next."""
    return FILE, FALLBACK


def runs(text: str) -> list[tuple[str, str]]:
    """The text in pieces that one font can write, each with the font's path.

    Characters that no font has are left out.
    """
    return [
        (str(path), "".join(character for _, character in piece))
        for path, piece in groupby(_placed(text), key=lambda one: one[0])
    ]


def shown(text: str) -> str:
    """The text without characters that no font has, such as emoji, which would be an empty box."""
    return "".join(character for _, character in _placed(text)).strip()


def labels(texts: Sequence[str]) -> tuple[str, ...]:
    """The texts as they can be shown, all distinct: otherwise they become numbers from 1 in
    order."""
    left = tuple(map(shown, texts))
    if all(left) and len(set(left)) == len(set(texts)):
        return left
    return tuple(str(place) for place, _ in enumerate(texts, 1))


def _placed(text: str) -> Iterator[tuple[Path, str]]:
    """The characters that can be written, each with its font."""
    for character in text:
        font = next((path for path in files() if ord(character) in characters(path)), None)
        if font is not None:
            yield font, character


@lru_cache(maxsize=4)
def characters(path: Path) -> frozenset[int]:
    """The code points of a font, from its table ``cmap`` as OpenType defines formats 4 and 12.

    Raises ``OSError``, ``struct.error`` or ``ValueError`` when the font is missing or broken.
    """
    font = path.read_bytes()
    (tables,) = struct.unpack_from(">H", font, 4)
    for at in range(12, 12 + 16 * tables, 16):
        tag, _, begin, _ = struct.unpack_from(">4sIII", font, at)
        if tag == b"cmap":
            return frozenset(_code_points(font, begin))
    raise ValueError(f"{path.name} has no cmap")


def _code_points(font: bytes, cmap: int) -> Iterator[int]:
    (subtables,) = struct.unpack_from(">H", font, cmap + 2)
    for at in range(cmap + 4, cmap + 4 + 8 * subtables, 8):
        _, _, offset = struct.unpack_from(">HHI", font, at)
        (layout,) = struct.unpack_from(">H", font, cmap + offset)
        if layout == 4:
            yield from _format_4(font, cmap + offset)
        elif layout == 12:
            yield from _format_12(font, cmap + offset)


def _format_4(font: bytes, begin: int) -> Iterator[int]:
    """Segments of characters below 65,536; a glyph of 0 is none."""
    (doubled,) = struct.unpack_from(">H", font, begin + 6)
    count, ends = doubled // 2, begin + 14
    starts = ends + doubled + 2
    offsets = starts + 2 * doubled
    for segment in range(count):
        (end,) = struct.unpack_from(">H", font, ends + 2 * segment)
        (start,) = struct.unpack_from(">H", font, starts + 2 * segment)
        place = offsets + 2 * segment
        (offset,) = struct.unpack_from(">H", font, place)
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = place + offset + 2 * (code - start)
            if offset == 0 or struct.unpack_from(">H", font, glyph)[0]:
                yield code


def _format_12(font: bytes, begin: int) -> Iterator[int]:
    """Groups of characters of any plane."""
    (groups,) = struct.unpack_from(">I", font, begin + 12)
    rows = font[begin + 16 : begin + 16 + 12 * groups]
    for start, end, _ in struct.iter_unpack(">III", rows):
        yield from range(start, end + 1)
