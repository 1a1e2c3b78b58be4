"""What of a text may stand in clear for searches to look into: all but what may be a phone or an
e-mail. Wider than a mask on purpose, since nobody reads it. Takes time in proportion to the text.
"""

import re
from typing import Final

_AT: Final = re.compile("[@＠]")
_LONGEST: Final = 254
"""Characters of an e-mail to each side of its at sign."""
_DIGIT: Final = "[\\d零〇○幺一二三四五六七八九]"
_NUMBER: Final = re.compile(f"{_DIGIT}(?:[\\W_]{{0,4}}{_DIGIT}){{6,}}")
_EDGES: Final = frozenset(' \t\r\n<>()[]{},;:，；：。、（）《》“”"|')


def search_words(*texts: str) -> str:
    """The texts, a line each, without numbers of seven digits and more, in whatever digits and
    however they are set apart, and without everything that hangs on an at sign."""
    return "\n".join(_NUMBER.sub(" ", _without_addresses(text)) for text in texts)


def _without_addresses(text: str) -> str:
    left, parts = 0, []
    for at in _AT.finditer(text):
        if at.start() < left:
            continue
        start = _reach(text, at.start() - 1, -1, max(left, at.start() - _LONGEST) - 1)
        end = _reach(text, at.end(), 1, min(len(text), at.end() + _LONGEST))
        parts.append(text[left : start + 1])
        left = end
    return " ".join([*parts, text[left:]]) if parts else text


def _reach(text: str, place: int, step: int, limit: int) -> int:
    """Where the run that begins at a place ends: of ASCII when it begins with that, since Chinese
    words stand beside an address without a blank, else of all but blanks and marks."""
    if place == limit or place >= len(text):
        return place
    ascii_only = text[place].isascii()
    while place != limit and text[place] not in _EDGES:
        if ascii_only and not text[place].isascii():
            break
        place += step
    return place
