"""The Latin initials of Chinese names, as people type them to find somebody: ``zw`` for 张伟.

GB 2312 sorts its 3,755 commonest characters by pinyin, so the first character of each initial is
all there is to know (GB 2312-80, rows 16 to 55). The rarer characters that follow are sorted by
radical and have no initial here; a surname with a reading of its own, such as 曾, has that of the
character alone.
"""

from bisect import bisect_right
from typing import Final

_FIRST: Final = "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"
_LETTERS: Final = "abcdefghjklmnopqrstwxyz"
_STARTS: Final = tuple(character.encode("gb2312") for character in _FIRST)
_LAST: Final = "座".encode("gb2312")


def initials_of(name: str) -> str:
    """The initials of a name in lower case: of each Chinese character, and of each Latin word."""
    found = []
    before = " "
    for character in name:
        if character.isascii():
            if character.isalnum() and not (before.isascii() and before.isalnum()):
                found.append(character.lower())
        else:
            found.append(_initial(character))
        before = character
    return "".join(found)


def _initial(character: str) -> str:
    code = character.encode("gb2312", "ignore")
    if not _STARTS[0] <= code <= _LAST:
        return ""
    return _LETTERS[bisect_right(_STARTS, code) - 1]
