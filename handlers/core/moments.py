"""Moments within a text that people in several timezones read.

Where a platform can show each reader their own time, a moment in a text is marked with its instant.
The marks are private-use characters and letters, which nothing else in a text looks at.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

_DIGITS: Final = str.maketrans("0123456789", "abcdefghij")
_LETTERS: Final = str.maketrans("abcdefghij", "0123456789")
_MARKED: Final = re.compile("\ue000([a-j]{1,11})\ue001([^\ue000-\ue002]{0,200})\ue002")
_SIGNS: Final = re.compile("\ue000[a-j]{0,11}\ue001?|[\ue000-\ue002]")


def marked(at: datetime, words: str) -> str:
    """The ``words`` for the instant, marked with it."""
    seconds = str(int(at.timestamp())).translate(_DIGITS)
    return f"\ue000{seconds}\ue001{words}\ue002"


def is_marked(text: str) -> bool:
    return "\ue000" in text


def unmarked(text: str) -> str:
    """The text with the words of its moments alone."""
    return _SIGNS.sub("", text) if is_marked(text) else text


def parts(text: str) -> Iterator[tuple[str, datetime | None]]:
    """The text in parts: words between moments, and the words of each moment with its instant."""
    end = 0
    for match in _MARKED.finditer(text):
        if match.start() > end:
            yield unmarked(text[end : match.start()]), None
        seconds = int(match[1].translate(_LETTERS))
        yield match[2], datetime.fromtimestamp(seconds, UTC)
        end = match.end()
    if end < len(text):
        yield unmarked(text[end:]), None
