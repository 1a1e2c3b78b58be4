"""Makes the font of the charts anew: the part of Noto Sans CJK SC that business Chinese needs.

``make font`` on Debian, with the package fonts-noto-cjk installed; on another system::

    .venv/bin/python -m docs.fonts.subset /path/to/NotoSansCJK-Regular.ttc

The same source gives the same bytes. Why it is shipped: docs/decisions/0014-charts.md.
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

from bot.fonts import FAMILY, FILE

SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
LETTERS = (range(0x20, 0x250), range(0x2000, 0x2070), range(0x20A0, 0x20D0), range(0x2100, 0x2700))
"""Latin, punctuation, currencies, and arrows, signs and shapes, as far as the source has them."""
UNUSED = ["GSUB", "GPOS", "BASE", "VORG", "vhea", "vmtx"]
"""Vertical writing, ligatures and variants: a chart has none."""
NAMES = {1: FAMILY, 3: f"{FAMILY};subset", 4: FAMILY, 6: FILE.stem}
"""A changed font has its own names, and never stands for an installed one."""
COPYRIGHT, STYLE, VERSION, LICENSE, LICENSE_URL = 0, 2, 5, 13, 14


def gbk() -> set[int]:
    """GBK: GB 2312 with the rarer characters of names (喆, 堃, 镕) and the traditional ones."""
    pairs = (bytes((high, low)) for high in range(0x81, 0xFF) for low in range(0x40, 0xFF))
    return {ord(one) for pair in pairs for one in pair.decode("gbk", errors="ignore")}


def simplified_chinese(path: Path) -> TTFont:
    """The font of the collection whose characters look as they are written in China."""
    fonts = TTCollection(path).fonts
    return next(font for font in fonts if font["name"].getDebugName(1) == "Noto Sans CJK SC")


def subset(font: TTFont) -> None:
    options = Options()
    options.layout_features, options.hinting = [], False
    options.drop_tables += UNUSED
    options.name_IDs, options.notdef_outline = ["*"], True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=gbk().union(*LETTERS))
    subsetter.subset(font)


def rename(font: TTFont) -> None:
    kept = {COPYRIGHT, STYLE, VERSION, LICENSE, LICENSE_URL, *NAMES}
    table = font["name"]
    table.names = [one for one in table.names if one.nameID in kept and one.langID == 0x409]
    for name in table.names:
        name.string = NAMES.get(name.nameID, str(name))
    top = font["CFF "].cff
    top.fontNames = [FILE.stem]
    top.topDictIndex[0].FullName = top.topDictIndex[0].FamilyName = FAMILY


def main() -> None:
    font = simplified_chinese(Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE)
    font.recalcTimestamp = False
    subset(font)
    rename(font)
    font.save(FILE)
    print(f"{FILE}: {font['maxp'].numGlyphs} glyphs, {FILE.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
