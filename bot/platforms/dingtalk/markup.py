"""DingTalk's markdown: keeps typed text from becoming markup, and splits long text.

What people typed is neutralised with full-width look-alikes, because DingTalk's clients do not
agree on backslashes. Pure.
"""

import re
from collections.abc import Callable

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
    """Cut ``text`` at line ends into parts of ≤ 3,500 characters that all ``fits`` accept.

    A single line that is too long is cut between words, or anywhere when it has none. A heading
    stays with what is below it.
    """
    parts: list[str] = []
    current = ""
    for line in text.splitlines(keepends=True):
        if current and not _small(current + line, fits):
            whole, current = _before_heading(current)
            parts.append(whole)
        current += line
        while not _small(current, fits):
            end = _longest_start(current, fits)
            parts.append(current[:end])
            current = current[end:]
    parts.append(current)
    return [part.strip("\n") for part in parts if part.strip()]


def _before_heading(text: str) -> tuple[str, str]:
    """The text without the heading that it ends with, and that heading; often empty."""
    start = text.rstrip().rfind("\n") + 1
    return (text[:start], text[start:]) if start and text.startswith("#", start) else (text, "")


def _small(text: str, fits: Callable[[str], bool]) -> bool:
    return len(text) <= CHARACTERS and fits(text)


def _longest_start(text: str, fits: Callable[[str], bool]) -> int:
    """Where to cut a line that is too long on its own; at least one character is taken."""
    low, high = 1, min(len(text), CHARACTERS)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle]) else (low, middle - 1)
    space = text.rfind(" ", low // 2, low)
    return space + 1 if space > 0 else low
