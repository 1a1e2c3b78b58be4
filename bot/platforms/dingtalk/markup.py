"""DingTalk's markdown: keeps typed text from becoming markup, and splits long text.

What people typed is neutralised with full-width look-alikes, because DingTalk's clients do not
agree on backslashes. Pure.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

NEWLINE = "  \n"
CHARACTERS = 3_500
"""A longer message is cut off by some clients."""

_LOOKALIKES = str.maketrans(
    {
        "[": "［",
        "]": "］",
        "<": "＜",
        "`": "｀",
        "*": "＊",
        "\\": "＼",
    }
)
_LINE_START = re.compile(r"^(?:>+|#+|[+-](?=\s|$)|\d{1,9}[.)](?=\s|$))")
_RULE = re.compile(r"(?m)^[ \t]*([-=_])(?:[ \t]*\1)*[ \t]*$")
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
_SCHEME = re.compile(r"\b(dtmd|dingtalk|javascript|file)(\s*):(?=\s*/|\S)", re.IGNORECASE)
_SECTION, _PARAGRAPH, _LINE = (
    re.compile(r"\n\n(?=#)"), re.compile(r"\n\n"), re.compile(r"\n")
)  # fmt: skip
_LEVELS = (_SECTION, _PARAGRAPH, _LINE)
_LINK = re.compile(r"!?\[[^\]\n]{0,200}\]\([^)\s]{1,2500}\)")
_LONGEST_LINK = 2_800
_WIDE = str.maketrans("#>+-=_.)", "＃＞＋－＝＿．）")


def escape(text: str) -> str:
    """Typed text shown literally: no link, picture, heading, list, rule, or dtmd address.

    Words, e-mail addresses, masked phone numbers and line breaks stay readable.
    """
    text = text.replace("\r\n", "\n").translate(_LOOKALIKES).replace("~~", "～～")
    text = _SCHEME.sub(r"\1\2：", text)
    text = _RULE.sub(_widened, text)
    text = _EDGE_UNDERSCORE.sub(_widened, text)
    return NEWLINE.join(_plain_line(line) for line in text.split("\n"))


def inline(text: str) -> str:
    """Typed text for the middle of a line: escaped, without line breaks."""
    return escape(" ".join(text.split()))


def _widened(match: re.Match[str]) -> str:
    return match[0].translate(_WIDE)


def _plain_line(line: str) -> str:
    # An indent of four would be a code block.
    return _LINE_START.sub(_widened, line.strip())


def joined(*blocks: str) -> str:
    """The blocks that are not empty, as paragraphs of one text."""
    return "\n\n".join(block for block in blocks if block)


def split(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Cut ``text`` into parts of ≤ 3,500 characters that all ``fits`` accept.

    Sections stay whole where they can, then paragraphs (the buttons of a section are one), then
    lines. A line that is too long on its own is cut between its links, then between words, or
    anywhere when it has none; never inside a link.
    """
    parts = _packed(_pieces(text, _LEVELS, fits), fits)
    return [part.strip("\n") for part in parts if part.strip()]


def _pieces(text: str, levels: Sequence[re.Pattern[str]], fits: Callable[[str], bool]) -> list[str]:
    """The largest pieces of a text that fit, in order; together they are the text."""
    if _small(text, fits):
        return [text]
    if not levels:
        return _cut_line(text, fits)
    starts = [0, *(match.end() for match in levels[0].finditer(text)), len(text)]
    pieces = [text[start:end] for start, end in pairwise(starts) if end > start]
    if len(pieces) == 1:
        return _pieces(text, levels[1:], fits)
    small = [_pieces(piece, levels[1:], fits) for piece in pieces]
    return [part for place in small for part in _packed(place, fits)]


def _packed(pieces: Iterable[str], fits: Callable[[str], bool]) -> list[str]:
    """As few parts as possible, each of whole pieces. A heading goes with what is below it."""
    parts: list[str] = []
    current = ""
    for piece in pieces:
        if current and not _small(current + piece, fits):
            whole, current = _before_heading(current)
            parts.append(whole)
        if current and not _small(current + piece, fits):
            parts.append(current)
            current = ""
        current += piece
    return [*parts, current] if current else parts


def _before_heading(text: str) -> tuple[str, str]:
    """The text without the heading that it ends with, and that heading; often empty."""
    start = text.rstrip().rfind("\n") + 1
    return (text[:start], text[start:]) if start and text.startswith("#", start) else (text, "")


def _small(text: str, fits: Callable[[str], bool]) -> bool:
    return len(text) <= CHARACTERS and fits(text)


def _cut_line(line: str, fits: Callable[[str], bool]) -> list[str]:
    """A line in pieces that fit."""
    pieces = []
    while line and not _small(line, fits):
        end = _longest_start(line, fits)
        pieces.append(line[:end])
        line = line[end:]
    return [*pieces, line] if line else pieces


def _longest_start(text: str, fits: Callable[[str], bool]) -> int:
    """Where to cut a line that is too long on its own; at least one character is taken."""
    low, high = 1, min(len(text), CHARACTERS)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle]) else (low, middle - 1)
    for link in _LINK.finditer(text, 0, low + _LONGEST_LINK):
        if 0 < link.start() < low < link.end():
            return link.start()
        if link.start() >= low:
            break
    space = text.rfind(" ", low // 2, low)
    return space + 1 if space > 0 else low
